"""How the templates of the portal write dates and devices, in the language of the page."""

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, format_percent, format_time

from parent_portal.installation import installation
from parent_portal.ui.browser_names import browser_name
from parent_portal.ui.held_words import held_in_words
from parent_portal.ui.services import in_language_of_page
from shared import clock


def prepare_templates(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(
        instant=instant,
        day=day,
        share=share,
        browser_name=browser_name,
        held_in_words=held_in_words,
        in_language_of_page=in_language_of_page,
    )
    app.jinja_env.globals.update(sends_sms=sends_sms)


def sends_sms() -> bool:
    """Whether this installation sends SMS: nothing shows of them elsewhere."""
    return installation().settings.sms_driver != "none"


def instant(value: datetime) -> str:
    """`1 septembre 2026, 12:05`, by the clocks of the académie."""
    local = clock.local(value, installation().settings.time_zone)
    return f"{format_date(local, 'long', rebase=False)}, {format_time(local, 'short', rebase=False)}"


def day(value: date) -> str:
    """`1 septembre 2026`."""
    return format_date(value, "long", rebase=False)


def share(hundredths: int) -> str:
    """`75 %`."""
    return format_percent(hundredths / 100)
