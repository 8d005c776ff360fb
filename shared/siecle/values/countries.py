"""The country of an address, from its code or its name, when it is not France. Pure functions."""

from functools import lru_cache

from shared.persons.name_parts import is_name
from shared.persons.names import fold
from shared.siecle.values.country_codes import COUNTRIES

CODE, NAME = "CODE_PAYS", "LL_PAYS"
_FRANCE = "100"
_ABROAD = "99"
_OVERSEAS_CODES = ("97", "98")
"""What the codes of the départements and territories overseas begin with."""

# As `fold` makes them, without the words that link them.
_FRENCH = frozenset(
    {"france", "republique francaise", "france metropolitaine", "metropole", "corse", "guadeloupe", "martinique"}
    | {"guyane", "guyane francaise", "reunion", "ile reunion", "mayotte", "saint pierre miquelon"}
    | {"st pierre miquelon", "saint barthelemy", "st barthelemy", "saint martin", "st martin", "wallis futuna"}
    | {"saint martin partie francaise", "polynesie francaise", "polynesie", "tahiti", "nouvelle caledonie"}
    | {"terres australes antarctiques francaises", "taaf", "dom", "tom", "dom tom", "clipperton"}
)
_LINKING = frozenset({"la", "le", "les", "l", "de", "du", "des", "et", "iles"})


@lru_cache(maxsize=1024)
def country_of(code: str, name: str) -> tuple[str | None, str | None]:
    """The country as it is written on a letter, None for France and what belongs to it; and what is odd, in French.

    A country that either field names is written: a letter that names one too many arrives.
    """
    by_code, is_known = _by_code(code)
    name = name if is_name(name) else ""
    by_name = None if _is_french(name) else name
    if not is_known and by_name is None:
        return None, (
            f"{CODE} vaut «\u00a0{code[:20]}\u00a0», qui n'est le code d'aucun pays connu\u00a0: aucun n'est écrit "
            "sous l'adresse. Corrigez-le dans SIECLE si elle est à l'étranger."
        )
    if (by_code is None) != (by_name is None) and is_known and code and name:
        return by_name or by_code, (
            f"{CODE} et {NAME} ne désignent pas le même pays («\u00a0{code[:20]}\u00a0» et «\u00a0{name[:40]}\u00a0»)"
            f"\u00a0: c'est «\u00a0{by_name or by_code}\u00a0» qui est écrit. Corrigez-le dans SIECLE."
        )
    return by_name or by_code, None


def _by_code(code: str) -> tuple[str | None, bool]:
    """The country of a code, None for France and where there is no code; and whether the code is known."""
    if len(code) == len(_ABROAD + _FRANCE) and code.startswith(_ABROAD):
        code = code.removeprefix(_ABROAD)
    if code in {"", _FRANCE} or code.startswith(_OVERSEAS_CODES):
        return None, True
    return COUNTRIES.get(code), code in COUNTRIES


@lru_cache(maxsize=1024)
def _is_french(name: str) -> bool:
    # What stands in brackets is no comment here: one half of Saint-Martin is French.
    words = [word for word in fold(name.replace("(", " ")).split() if word not in _LINKING]
    return not words or " ".join(words) in _FRENCH
