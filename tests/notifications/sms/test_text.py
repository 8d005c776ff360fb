"""A message is one message, in every language of the portal, whatever the school, the account and the address."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from jinja2 import Environment

from shared.config import TEMPLATES
from shared.languages import LANGUAGES, Language, translations
from shared.models.notifications import Text
from shared.models.reasons import Reason
from shared.notifications.outbox.leases import PermanentFailure
from shared.notifications.sms.alphabet import encoded, fits, is_gsm, length, plainly
from shared.notifications.sms.text import Said, write_sms

SMS = Path(TEMPLATES) / "sms"

PORTALS = (
    "https://portail.example.org",
    "https://teleservices.ac-reunion.example.fr",
    "https://un-tres-long-nom-de-portail.des-familles.academie-de-la-reunion.example.org/teleservices",
)
SCHOOLS = ("LP", "Collège Œuvre-d'Été « Ça » – Saint-Denis", "Lycée polyvalent " + "de l'Exemple " * 6)
IDENTIFIERS = ("m.payet", "a" * 43)
ONLY_FRENCH = "%(address)s Code : %(code)s"
"""It fits whatever the language, and there is nothing of it to translate."""
CODE = "k7mqx-2hd9w"
UNTIL = datetime(2026, 9, 8, 12, tzinfo=UTC)


def sentences(text: Text) -> list[str]:
    """What the template of a text says, as catalogues name it."""
    jinja = Environment(extensions=["jinja2.ext.i18n"])
    return [
        message for _, _, message in jinja.extract_translations((SMS / f"{text}.jinja").read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
@pytest.mark.parametrize("text", list(Text))
def test_every_text_is_one_message_in_every_language(language: Language, text: Text) -> None:
    codes = (CODE,) if text is Text.NEW_ACCOUNT else (None,)
    for portal, school, identifier, code in product(PORTALS, SCHOOLS, IDENTIFIERS, codes):
        written = write_sms(Said(text, school, identifier, portal, code, UNTIL), language)
        assert length(written) <= (160 if is_gsm(written) else 70), written
        assert portal.removeprefix("https://") in written
        assert (CODE in written) is (code is not None)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_a_family_reads_its_language_with_the_address_of_an_ordinary_portal(language: Language) -> None:
    said = Said(Text.NEW_ACCOUNT, "Collège", "m.payet", PORTALS[1], CODE, UNTIL)
    written = write_sms(said, language)
    spoken = [plainly(translations(language).gettext(sentence)) for sentence in sentences(Text.NEW_ACCOUNT)]
    assert any(one.partition("%")[2].rpartition(")s")[2] in written for one in spoken)
    if language.code in {"ar", "zh"}:
        assert not is_gsm(written)


@pytest.mark.parametrize("language", LANGUAGES[1:], ids=lambda one: one.code)
def test_every_sentence_is_translated_with_all_that_it_names(language: Language) -> None:
    for sentence in {one for text in Text for one in sentences(text)} - {ONLY_FRENCH}:
        said = translations(language).gettext(sentence)
        assert said != sentence
        names = [part.partition(")")[0] for part in sentence.split("%(")[1:]]
        assert sorted(names) == sorted(part.partition(")")[0] for part in said.split("%(")[1:])


def test_an_address_that_fits_no_message_is_said() -> None:
    with pytest.raises(PermanentFailure) as refused:
        write_sms(Said(Text.NEW_ACCOUNT, "Collège", "m.payet", "https://" + "a" * 160, CODE, UNTIL))
    assert refused.value.reason is Reason.SMS_TOO_LONG


@pytest.mark.parametrize(
    ("text", "signs", "one"),
    [
        ("é" * 160, 160, True),
        ("é" * 161, 161, False),
        ("€" * 80, 160, True),
        ("€" * 81, 162, False),
        ("ê" * 70, 70, True),
        ("ê" * 71, 71, False),
        ("😀" * 35, 70, True),
        ("😀" * 36, 72, False),
    ],
)
def test_signs_are_counted_as_telephones_do(text: str, signs: int, one: bool) -> None:
    assert (length(text), fits(text)) == (signs, one)


def test_what_telephones_do_not_write_is_written_with_what_they_do() -> None:
    assert plainly("L’œuvre «ça» – forêt, ğ ș ã…\u202f!") == 'L\'oeuvre "ca" - foret, g s a... !'
    assert plainly("رمز 代码") == "رمز 代码"


def test_the_alphabet_is_that_of_gsm_03_38() -> None:
    assert encoded("@£é\n Aaà") == bytes([0, 1, 5, 10, 32, 65, 97, 127])
    assert encoded("€[]") == bytes([27, 101, 27, 60, 27, 62])
