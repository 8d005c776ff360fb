"""The letters of R20: which variables each can insert, which it must, its words at first."""

import html
from collections.abc import Mapping
from functools import cache

from shared.config import TEMPLATES
from shared.french import with_signs
from shared.models.accounts import AccountKind
from shared.models.letters import LetterKind, LetterPart
from shared.notifications.content.coupon_words import (
    BESIDE_CODE_MM,
    MOST_STEP_LINES,
    SMALL_POINTS,
    plain_words,
    wording_of,
)
from shared.notifications.content.texts import type_of
from shared.notifications.letters.address_window import wrap
from shared.notifications.letters.markup import TextRefused, check, cleaned, variables_in
from shared.notifications.letters.texts.printable import BODY_MM, HEADER_MM, refuse_unprintable

LETTERS = TEMPLATES / "letters"
TEXTS = LETTERS / "texts"

COMMON = {
    "appel": "« Madame », « Monsieur », ou « Bonjour » pour un élève",
    "nom": "prénom et nom du destinataire",
    "identifiant": "identifiant du compte",
    "etablissement": "nom de l'établissement",
    "ville": "ville de l'établissement",
    "telephone": "téléphone de l'établissement",
    "courriel": "adresse e-mail de l'établissement",
    "chef_etablissement": "nom du chef d'établissement",
    "date": "date du courrier",
    "adresse_portail": "adresse du portail des téléservices",
    "nom_ent": "nom de l'ENT",
    "adresse_ent": "adresse de l'ENT",
}
GUARDIANS = {"enfants": "prénoms, noms et classes des enfants, dans une phrase"}
STUDENTS = {"division": "classe de l'élève"}
PASSWORD = {"mot_de_passe": "mot de passe provisoire"}
DEADLINE = {"date_limite": "dernier jour pour activer le compte"}

ROOM_MM = {LetterPart.HEADER: HEADER_MM, LetterPart.BODY: BODY_MM, LetterPart.COUPON: BESIDE_CODE_MM}

KEYS_BLOCK = "cadre_identifiants"
DEADLINE_BLOCK = "cadre_date_limite"
HEAD_BLOCK = {"coordonnees": "nom, adresse, téléphone et adresse e-mail de l'établissement"}
BODY_BLOCKS = {KEYS_BLOCK: "cadre avec l'identifiant, le mot de passe, l'adresse et le carré à photographier"}
GUARDIAN_BLOCKS = {"liste_enfants": "liste des enfants, un par ligne"}
DEADLINE_BLOCKS = {DEADLINE_BLOCK: "cadre avec la date limite d'activation"}
CLOSING_BLOCKS = {"signature": "signature du chef d'établissement"}


def inline_variables(letter: LetterKind, part: LetterPart = LetterPart.BODY) -> Mapping[str, str]:
    """The variables that can be inserted in a sentence, with what they stand for."""
    if part is LetterPart.COUPON:
        return {}
    of = type_of(letter)
    return (
        COMMON
        | (GUARDIANS if of.kind is AccountKind.GUARDIAN else STUDENTS)
        | (PASSWORD if of.shows.shows_password else {})
        | (DEADLINE if of.shows.has_deadline else {})
    )


def block_variables(letter: LetterKind, part: LetterPart) -> Mapping[str, str]:
    """The variables that make a paragraph by themselves, with what they stand for."""
    if part is LetterPart.HEADER:
        return HEAD_BLOCK
    if part is LetterPart.COUPON:
        return {}
    of = type_of(letter)
    return (
        BODY_BLOCKS
        | (GUARDIAN_BLOCKS if of.kind is AccountKind.GUARDIAN else {})
        | (DEADLINE_BLOCKS if of.shows.has_deadline else {})
        | CLOSING_BLOCKS
    )


def checked_text(letter: LetterKind, part: LetterPart, typed: str) -> str:
    """What was typed, cleaned, when it can be this part of this letter.

    Raises:
        TextRefused: a variable that this letter has not, or one that it needs is missing, or what no paper would show.
    """
    content = cleaned(typed)
    check(content, inline_variables(letter, part), block_variables(letter, part))
    refuse_unprintable(content, ROOM_MM[part])
    if part is LetterPart.COUPON:
        return _words_of_coupon(content)
    if part is LetterPart.BODY:
        _require_what_is_needed(letter, set(variables_in(content)))
    return content


def _words_of_coupon(content: str) -> str:
    """Plain words, that have their place between the identifier and the addresses.

    Raises:
        TextRefused: there are none, or too many.
    """
    words = plain_words(content)
    if not words:
        raise TextRefused("Écrivez ce que la famille doit faire : le coupon ne dirait rien.")
    lines = wrap(with_signs(words), BESIDE_CODE_MM, SMALL_POINTS)
    if len(lines) > MOST_STEP_LINES:
        raise TextRefused(
            f"Ce texte fait {len(lines)} lignes, et le coupon n'a de place que pour {MOST_STEP_LINES} : "
            "raccourcissez-le."
        )
    return cleaned(html.escape(words, quote=False))


def _require_what_is_needed(letter: LetterKind, used: set[str]) -> None:
    of = type_of(letter)
    keys = {"identifiant", *(PASSWORD if of.shows.shows_password else ())}
    addressed = used & {"adresse_portail", "adresse_ent"}
    if KEYS_BLOCK not in used and not (keys <= used and addressed):
        named = " et ".join(f"{{{{ {name} }}}}" for name in sorted(keys))
        raise TextRefused(
            f"Il manque de quoi se connecter : insérez {{{{ {KEYS_BLOCK} }}}} seul entre deux lignes vides, "
            f"ou bien {named} avec {{{{ adresse_portail }}}} ou {{{{ adresse_ent }}}}."
        )
    if of.shows.has_deadline and not used & {DEADLINE_BLOCK, *DEADLINE}:
        raise TextRefused(
            f"Il manque la date limite : insérez {{{{ {DEADLINE_BLOCK} }}}} seul entre deux lignes vides, "
            f"ou {{{{ date_limite }}}} dans une phrase."
        )


@cache
def delivered_text(name: str, part: LetterPart) -> str:
    """The words delivered with the software, for the letter of that name."""
    if part is LetterPart.COUPON:
        return cleaned(html.escape(wording_of(type_of(LetterKind(name)).text).steps, quote=False))
    file = TEXTS / ("header.txt" if part is LetterPart.HEADER else f"{name}.txt")
    return cleaned(file.read_text(encoding="utf-8"))
