"""Remarks that staff write where a name was due: their words, and what they say of the person. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from shared.models.school import Hold

# `?` stands for a letter that SIECLE lost; an apostrophe is no edge: « D'ECEDE » is a name.
_START, _END = r"(?<![\w'’ʼ])", r"(?![\w'’ʼ])"
_LOST = "[e?]"
_DEAD = (
    rf"{_START}(?:d{_LOST}cc?{_LOST}d{_LOST}+[rs]?|dc{_LOST}?d{_LOST}*s?|d\.\s?c\.\s?d\.?|d{_LOST}c{_LOST}s){_END}"
    r"|[†✝✞]|\+\s*$"
)
_NOT = (
    rf"{_START}(?:ne\s+(?:pas|plus)|n'habite\s+(?:pas|plus)|n'est\s+plus\s+responsable|npai|interdi(?:te?|ction)"
    rf"|(?:pas|plus|aucun|sans)\s+(?:de\s+|d')?(?:contact|courrier|autorite|droits?|notification|communication)s?"
    rf"|dech(?:ue?s?|eance)\s+(?:de|du|des)|retrait\s+d[eu]\s+\S+|ordonnance\s+d\S+|mesure\s+d'eloignement){_END}"
)
_PLACED = (
    rf"{_START}plac(?:e|\?|ee|e\?|es|ees|ement)\s+(?:a\s+|en\s+|par\s+|chez\s+|aupres\s+de\s+|sous\s+)?(?:l'|la\s+|le\s+)?"
    rf"(?:ase|pjj|juge|mecs|udaf|foyer|famille|institution){_END}"
)
_OTHER = (
    rf"{_START}(?:garde\s+(?:alternee|partagee|exclusive)|a\s+(?:supprimer|verifier|corriger|completer|modifier|fusionner"
    rf"|renseigner)){_END}"
)
_SINCE = r"(?:\s*(?:(?:le|en|depuis|au|a|suite|dans)\b|\d).*)?"
# What has no end of its own takes the rest of the line with it.
_BESIDE_A_NAME = re.compile(
    rf"(?:{_DEAD}){_SINCE}|(?:{_PLACED}){_SINCE}|(?:{_NOT}|{_OTHER}).*"
    rf"|{_START}(?:aesh|avs|ulis|segpa|upe2a|mdph|mecs|pjj|itep|pps|ppre){_END}"
)

_SAYS_DEAD = re.compile(rf"{_DEAD}|{_START}(?:morte?|feue?|defunte?|disparue?){_END}")
_SAYS_NOT = re.compile(
    rf"{_NOT}|{_START}(?:npc|stop|confidentiel(?:le)?|adresse\s+(?:fausse|secrete|inconnue|cachee)|eloignement"
    rf"|autorite\s+parentale|violen\w+){_END}"
)
_SOMEBODY_ELSE = re.compile(
    rf"{_START}(?:pere|mere|papa|maman|parents?|tuteur|tutrice|freres?|s(?:oe|œ)urs?|grands?|oncle|tante|beau|belle){_END}"
)

_NO_NAME = re.compile(
    r"(\w)\1{2,}|x+|nc|nr|n\s*[./]\s*[acr]\.?|s\s*[./]\s*o\.?|mme|mlle|mr|nsp|idem|neant|anonyme|aucune?|inconnue?s?"
    r"|(?:nom |prenom )?(?:inconnue?"
    rf"|non (?:renseign|connu|communiqu|precis|saisi|declar|indiqu|fourni|defini){_LOST}*)"
    r"|(?:pas de|sans) (?:nom|prenom)(?: .*)?"
)
"""What schools type where they know no name."""
_OF_A_REMARK = re.compile(
    r"monsieur|madame|mademoiselle|mr?|mme|mlle|veu(?:f|ve)|divorce\w*|separe\w*|mari|femme|epou(?:x|se)|conjointe?"
    r"|compagn(?:on|e)|concubine?|ex|fils|filles?|enfants?|famille|nee?|n\?e?|resp(?:onsable)?|legale?|majeure?|mineure?"
    r"|jum(?:eau|elle)s?|ainee?|cadette?|voir|cf|mail|tel(?:ephone)?|garde|placee?|accueil|foyer|ase|suivie?|dossier"
    r"|doublon|attention|urgent|chez|oui|non"
)
"""Words that tell a remark from a name when nothing but brackets was typed."""


def plain(text: str) -> str:
    """The text without capitals and accents, letter for letter: what stands at a place stands there still."""
    if text.isascii():
        return text.lower()
    bare = (unicodedata.normalize("NFD", character)[0].lower() for character in text)
    return "".join(letter if len(letter) == 1 else letter[0] for letter in bare)


def remark_in(text: str) -> tuple[int, int] | None:
    """Where the first remark stands in a text that is in no brackets; none in a plain name."""
    found = _BESIDE_A_NAME.search(plain(text))
    return found.span() if found else None


@lru_cache(maxsize=16_384)
def is_placeholder(text: str) -> bool:
    """Whether a text is what schools type where they know no name: « INCONNU », « XXX », « NON RENSEIGNE »."""
    return _NO_NAME.fullmatch(plain(text)) is not None


def is_remark(words: str) -> bool:
    """Whether what stands in brackets by itself is a remark, rather than a name somebody put in brackets."""
    text = plain(words)
    if remark_in(words) or _SAYS_DEAD.search(text) or _SAYS_NOT.search(text) or _SOMEBODY_ELSE.search(text):
        return True
    return any(_OF_A_REMARK.fullmatch(word) for word in re.findall(r"[\w?]+", text))


def hold_said(remarks: Iterable[str], *, of_student: bool) -> Hold | None:
    """Why nobody should be written to, as these remarks say; none when they say no such thing.

    « (père décédé) » on the fiche of a student speaks of somebody else.
    """
    texts = [plain(remark) for remark in remarks]
    if any(_SAYS_DEAD.search(text) and not (of_student and _SOMEBODY_ELSE.search(text)) for text in texts):
        return Hold.DECEASED
    return Hold.DO_NOT_WRITE if any(_SAYS_NOT.search(text) for text in texts) else None
