"""The words of the mails: one template each, written out as plain text and as HTML, so that both say the same."""

import re
import textwrap
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from jinja2 import Environment
from markupsafe import Markup

from shared.french import NO_BREAK, count, page_with_signs, with_signs
from shared.languages import FRENCH, Language
from shared.notifications.content.environments import speaking

LOCALE = "fr_FR"
TEXT_COLUMNS = 72

_BLANKS = re.compile(r"[ \t\r\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class MailText:
    """Subject and body, the body twice, all in `language`."""

    language: Language
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def write_mail(name: str, language: Language = FRENCH, /, **values: Any) -> MailText:  # noqa: ANN401 - what the template of that name shows
    """The mail `name` of `templates/mail` in `language`, with `values`, each of which is escaped in the HTML part.

    Every mail may have a `recipient`, the name that it greets.

    Raises:
        jinja2.UndefinedError: the template shows something that `values` does not hold.
    """
    return MailText(
        language=language,
        subject=_subject(name, language, values),
        text=_EMPTY_LINES.sub("\n\n", _whole(name, "text", language, values)).strip() + "\n",
        html=_whole(name, "html", language, values),
    )


def long_date(day: Any) -> str:  # noqa: ANN401 - a date or a datetime
    """A full French date: `1er décembre 2026`."""
    text = format_date(day, "d MMMM y", locale=LOCALE)
    return re.sub(r"^1 ", "1er ", text).replace(" ", NO_BREAK)


def day_in(day: Any, language: Language = FRENCH) -> str:  # noqa: ANN401 - a date or a datetime
    """A full date in the language of the mail."""
    return long_date(day) if language is FRENCH else format_date(day, "long", locale=language.locale)


def date_and_time(instant: Any, language: Language = FRENCH) -> str:  # noqa: ANN401 - a local datetime
    """A full date with the time, in French: `1er décembre 2026 à 14 h 05`."""
    if language is not FRENCH:
        day = format_date(instant, "long", locale=language.locale)
        return f"{day}, {format_time(instant, 'short', locale=language.locale)}"
    hour = format_datetime(instant, f"H'{NO_BREAK}h{NO_BREAK}'mm", locale=LOCALE)
    return f"{long_date(instant)} à{NO_BREAK}{hour}"


def _whole(name: str, form: str, language: Language, values: dict[str, Any]) -> str:
    template = _environment(form, language).get_template(f"{name}.jinja")
    return _with_signs(template.render(layout=f"layout.{form}", **values), form, language)


def _subject(name: str, language: Language, values: dict[str, Any]) -> str:
    template = _environment("text", language).get_template(f"{name}.jinja")
    context = template.new_context({"layout": "layout.text", **values})
    words = _BLANKS.sub(" ", "".join(template.blocks["subject"](context))).strip()
    return _with_signs(words, "text", language)


def _with_signs(words: str, form: str, language: Language) -> str:
    """Words whose lines break before no sign of French; other languages keep their own habits."""
    if language is not FRENCH:
        return words
    return page_with_signs(words) if form == "html" else with_signs(words)


def _flow(text: str | Markup, language: Language) -> str:
    words = _with_signs(_BLANKS.sub(" ", str(text)).strip(), "text", language)
    return textwrap.fill(words, TEXT_COLUMNS, break_long_words=False, break_on_hyphens=False)


@cache
def _environment(form: str, language: Language) -> Environment:
    environment = speaking("mail", language, escapes=form == "html")
    environment.globals.update(parts=f"parts.{form}", language=language)
    environment.filters.update(
        long_date=long_date,
        day=partial(day_in, language=language),
        date_and_time=partial(date_and_time, language=language),
        flow=partial(_flow, language=language),
        count=count,
    )
    return environment
