"""The letters of R20: which one an account gets, which variables it can insert, which it must, its words at first."""

from collections.abc import Mapping
from functools import cache

from shared.config import TEMPLATES
from shared.models.accounts import AccountKind
from shared.models.letters import LetterKind, LetterPart
from shared.notifications.content.notice import Text
from shared.notifications.letters.markup import TextRefused, check, cleaned, variables_in

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

KEYS_BLOCK = "cadre_identifiants"
DEADLINE_BLOCK = "cadre_date_limite"
HEAD_BLOCK = {"coordonnees": "nom, adresse, téléphone et adresse e-mail de l'établissement"}
BODY_BLOCKS = {KEYS_BLOCK: "cadre avec l'identifiant, le mot de passe, l'adresse et le carré à photographier"}
GUARDIAN_BLOCKS = {"liste_enfants": "liste des enfants, un par ligne"}
DEADLINE_BLOCKS = {DEADLINE_BLOCK: "cadre avec la date limite d'activation"}
CLOSING_BLOCKS = {"signature": "signature du chef d'établissement"}

_WITH_PASSWORD = {Text.NEW_ACCOUNT, Text.NEW_PASSWORD}
_WITH_DEADLINE = {Text.NEW_ACCOUNT, Text.ACTIVATION_REMINDER}


def name_of(kind: AccountKind, text: Text) -> str:
    """The name of a letter, that of its file and, for those that can be edited, of its `LetterKind`.

    One letter cannot be edited, because the procedure has none: the reminder to a student being activated.
    """
    return f"{kind.value}_{text.value}"


def kind_of(letter: LetterKind) -> tuple[AccountKind, Text]:
    """Whom a letter is for, and what it says."""
    kind, text = letter.value.split("_", 1)
    return AccountKind(kind), Text(text)


def inline_variables(letter: LetterKind) -> Mapping[str, str]:
    """The variables that can be inserted in a sentence, with what they stand for."""
    kind, text = kind_of(letter)
    return (
        COMMON
        | (GUARDIANS if kind is AccountKind.GUARDIAN else STUDENTS)
        | (PASSWORD if text in _WITH_PASSWORD else {})
        | (DEADLINE if text in _WITH_DEADLINE else {})
    )


def block_variables(letter: LetterKind, part: LetterPart) -> Mapping[str, str]:
    """The variables that make a paragraph by themselves, with what they stand for."""
    if part is LetterPart.HEADER:
        return HEAD_BLOCK
    kind, text = kind_of(letter)
    return (
        BODY_BLOCKS
        | (GUARDIAN_BLOCKS if kind is AccountKind.GUARDIAN else {})
        | (DEADLINE_BLOCKS if text in _WITH_DEADLINE else {})
        | CLOSING_BLOCKS
    )


def checked_text(letter: LetterKind, part: LetterPart, typed: str) -> str:
    """What was typed, cleaned, when it can be this part of this letter.

    Raises:
        TextRefused: a variable that this letter has not, or one that it needs is missing.
    """
    content = cleaned(typed)
    check(content, inline_variables(letter), block_variables(letter, part))
    if part is LetterPart.BODY:
        _require_what_is_needed(letter, set(variables_in(content)))
    return content


def _require_what_is_needed(letter: LetterKind, used: set[str]) -> None:
    _, text = kind_of(letter)
    keys = {"identifiant", *(PASSWORD if text in _WITH_PASSWORD else ())}
    addressed = used & {"adresse_portail", "adresse_ent"}
    if KEYS_BLOCK not in used and not (keys <= used and addressed):
        named = " et ".join(f"{{{{ {name} }}}}" for name in sorted(keys))
        raise TextRefused(
            f"Il manque de quoi se connecter : insérez {{{{ {KEYS_BLOCK} }}}} seul entre deux lignes vides, "
            f"ou bien {named} avec {{{{ adresse_portail }}}} ou {{{{ adresse_ent }}}}."
        )
    if text in _WITH_DEADLINE and not used & {DEADLINE_BLOCK, *DEADLINE}:
        raise TextRefused(
            f"Il manque la date limite : insérez {{{{ {DEADLINE_BLOCK} }}}} seul entre deux lignes vides, "
            f"ou {{{{ date_limite }}}} dans une phrase."
        )


@cache
def delivered_text(name: str, part: LetterPart) -> str:
    """The words delivered with the software, for the letter of that name."""
    file = TEXTS / ("header.txt" if part is LetterPart.HEADER else f"{name}.txt")
    return cleaned(file.read_text(encoding="utf-8"))
