"""Civilities, which files write in many ways: one form in the school base, one word for families. Pure functions."""

from functools import lru_cache

from shared.persons.remarks import plain

MAN, WOMAN = "M.", "MME"
"""As LC_CIVILITE writes them."""
_FORMS = {
    **dict.fromkeys(("m", "mr", "monsieur"), MAN),
    **dict.fromkeys(("mme", "mlle", "mle", "madame", "mademoiselle"), WOMAN),
}
_SPOKEN = {MAN: "Monsieur", WOMAN: "Madame"}
_SHORT = {MAN: "M.", WOMAN: "Mme"}


@lru_cache(maxsize=1024)
def civility_in(written: str | None) -> str | None:
    """The civility that is written so; none when it is none, or that of two persons (`M. et MME`)."""
    return _FORMS.get(plain(written or "").strip(" .")) if written else None


def spoken(written: str | None) -> str | None:
    """The word that a letter begins with: « Monsieur » or « Madame », however the civility was written."""
    return _SPOKEN.get(civility_in(written) or "")


def shortened(written: str | None) -> str | None:
    """As it stands before a name in a signature: « M. » or « Mme »."""
    return _SHORT.get(civility_in(written) or "")


def addressed(civility: str | None, name: str) -> str:
    """A person as an envelope names them: « Madame Marie HOARAU »; an organisation, by its name alone."""
    word = spoken(civility)
    return f"{word} {name}" if word else name
