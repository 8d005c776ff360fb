"""The words of the mails: one template each, written out as plain text and as HTML, so that both say the same."""

import re
import textwrap
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from jinja2 import Environment
from markupsafe import Markup

from shared.french import count
from shared.languages import FRENCH, Language
from shared.notifications.content.environments import speaking

LOCALE = "fr_FR"
TEXT_COLUMNS = 72
NO_BREAK = "\N{NO-BREAK SPACE}"

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
        subject=_part(_environment("text", language), name, "subject", values),
        text=_EMPTY_LINES.sub("\n\n", _whole(_environment("text", language), name, "text", values)).strip() + "\n",
        html=_whole(_environment("html", language), name, "html", values),
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


def _whole(environment: Environment, name: str, form: str, values: dict[str, Any]) -> str:
    return environment.get_template(f"{name}.jinja").render(layout=f"layout.{form}", **values)


def _part(environment: Environment, name: str, block: str, values: dict[str, Any]) -> str:
    template = environment.get_template(f"{name}.jinja")
    context = template.new_context({"layout": "layout.text", **values})
    return _BLANKS.sub(" ", "".join(template.blocks[block](context))).strip()


def _flow(text: str | Markup) -> str:
    return textwrap.fill(
        _BLANKS.sub(" ", str(text)).strip(), TEXT_COLUMNS, break_long_words=False, break_on_hyphens=False
    )


@cache
def _environment(form: str, language: Language) -> Environment:
    environment = speaking("mail", language, escapes=form == "html")
    environment.globals.update(parts=f"parts.{form}", language=language)
    environment.filters.update(
        long_date=long_date,
        day=partial(day_in, language=language),
        date_and_time=partial(date_and_time, language=language),
        flow=_flow,
        count=count,
    )
    return environment
