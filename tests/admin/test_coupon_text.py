"""What coupons say, looked at in « Visualiser » and written anew, or refused with the room that there is (R20)."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from shared.models.journal import JournalEvent
from shared.models.letters import LetterText
from tests.admin.browser import hidden, words

LETTERS = "/parametrage/courriers/"
OF_COUPON = {"courrier": "guardian_new_account", "partie": "coupon"}
OWN = "Lisez ceci avec votre enfant & connectez-vous le soir même."


def text_of(response):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages).split())


def save(head, typed):
    page = head.get(f"{LETTERS}modifier", **OF_COUPON)
    return head.post(f"{LETTERS}modifier", {**OF_COUPON, "texte": typed, "version": hidden(page, "version")})


def test_a_page_of_eight_is_shown_as_it_would_be_printed(head, school_a):
    assert "Voir le coupon" in words(head.get(LETTERS))
    page = head.get(LETTERS, **OF_COUPON)
    assert "huit fois sur la page" in words(page)
    assert "partie=coupon" in page.text
    shown = text_of(head.get(f"{LETTERS}pdf", **OF_COUPON))
    assert shown.count("c.exemple") == 8
    assert shown.count("Ne donnez celui-ci à personne") == 8
    longest = text_of(head.get(f"{LETTERS}pdf", **OF_COUPON, famille="longue"))
    assert "m" * 20 in longest


def test_a_school_writes_it_anew_and_takes_it_back(head, database, school_a):
    tried = text_of(head.post(f"{LETTERS}essai", {**OF_COUPON, "texte": OWN}))
    assert "le soir même" in tried
    assert save(head, f"<b>{OWN.partition(' & ')[0]}</b> &amp; {OWN.partition(' & ')[2]}").status_code == 303
    with database.reading() as session:
        assert "<b>" not in session.scalars(select(LetterText.content)).one()
    assert "le soir même" in text_of(head.get(f"{LETTERS}pdf", **OF_COUPON))
    # The letter itself says what it said.
    assert "le soir même" not in text_of(head.get(f"{LETTERS}pdf", courrier="guardian_new_account"))
    asked = head.get(f"{LETTERS}reinitialiser", **OF_COUPON)
    assert "Réinitialiser le coupon" in words(asked)
    head.post(f"{LETTERS}reinitialiser", {**OF_COUPON, "version": hidden(asked, "version")})
    assert "le soir même" not in text_of(head.get(f"{LETTERS}pdf", **OF_COUPON))
    with database.reading() as session:
        assert {"letter_changed", "letter_reset"} <= set(session.scalars(select(JournalEvent.action)))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Écrivez ce que la famille doit faire"),
        ("<p></p>", "Écrivez ce que la famille doit faire"),
        ("Beaucoup de mots pour rien. " * 12, "n'a de place que pour 3"),
        ("Votre identifiant est {{ identifiant }}.", "identifiant"),
        ("m" * 60, "plus long que la ligne"),
        ("Regardez \N{SNOWMAN WITHOUT SNOW}\N{EGYPTIAN HIEROGLYPH A001}", "ne peut pas être imprimé"),
    ],
)
def test_what_has_no_place_is_refused_and_nothing_changes(head, database, school_a, typed, sentence):
    answer = save(head, typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    with database.reading() as session:
        assert session.scalars(select(LetterText)).all() == []
