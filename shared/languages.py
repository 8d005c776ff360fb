"""The languages families read: which there are, and where the words of each are found."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).parent / "translations"
"""One folder for each language but French, in which every sentence is written first."""


@dataclass(frozen=True)
class Language:
    """A language; `code` names its catalogue, `name` is written in itself."""

    code: str
    name: str
    tag: str = ""
    """What browsers, screen readers and the writing of dates call it, where that says more than `code`."""
    direction: Literal["ltr", "rtl"] = "ltr"
    """The value of `dir` in a page. Written here: Babel would load ten megabytes to tell."""

    @property
    def html(self) -> str:
        """The value of `lang` in a page."""
        return self.tag or self.code

    @property
    def locale(self) -> Locale:
        """The way it writes dates and numbers."""
        return Locale.parse(self.html, sep="-")


FRENCH = Language("fr", "Français")
LANGUAGES = (
    FRENCH,
    Language("en", "English", tag="en-GB"),
    Language("es", "Español"),
    Language("pt", "Português", tag="pt-PT"),
    Language("ar", "العربية", direction="rtl"),
    Language("tr", "Türkçe"),
    Language("ro", "Română"),
    Language("zh", "中文", tag="zh-Hans"),
    Language("mg", "Malagasy"),
)
_BY_CODE = {language.code: language for language in LANGUAGES}


def known_language(code: str | None) -> Language | None:
    """The language called `code`; nothing for a code that names none."""
    return _BY_CODE.get(code or "")


def language_or_french(code: str | None) -> Language:
    """The language called `code`, else French."""
    return _BY_CODE.get(code or "", FRENCH)


@cache
def translations(language: Language) -> NullTranslations:
    """The catalogue of `language`; the one of French says everything as it is written."""
    if language is FRENCH:
        return NullTranslations()
    return Translations.load(str(CATALOGUES), [language.code])


def to_translate(sentence: str) -> str:
    """`sentence`, unchanged: a mark for the extraction of what is said to families outside a page or a mail."""
    return sentence
