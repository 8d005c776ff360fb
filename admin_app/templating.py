"""What every template of the back office finds: who works where, and how to write dates and words."""

from datetime import date, datetime
from typing import Any

import flask
from flask import Flask, g
from flask_admin import Admin

from admin_app.access import SCHOOL_FIELD, is_of_academy
from admin_app.installation import installation
from admin_app.offering import offers
from admin_app.ui import labels
from admin_app.ui.journal.details import details_in_words
from admin_app.ui.journal.events import event_words, subject_words
from admin_app.ui.populations import OF_GUARDIANS, OF_STUDENTS
from admin_app.visitors import visitor
from shared import clock
from shared.languages import FRENCH, language_or_french
from shared.models.notifications import Channel
from shared.notifications.channels.registry import CHANNELS
from shared.notifications.content.addresses import postal_lines
from shared.notifications.sms.costs import euros, price
from shared.notifications.words import reason_words
from shared.persons import civilities
from shared.settings.legal import Conformity

ACCESSIBILITY = {
    Conformity.TOTAL: "Accessibilité : totalement conforme",
    Conformity.PARTIAL: "Accessibilité : partiellement conforme",
    Conformity.NONE: "Accessibilité : non conforme",
}


def prepare_templates(app: Flask, back_office: Admin) -> None:
    """Give the templates their filters, their words and the menu."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        day=day,
        instant=instant,
        count=labels.count,
        number=labels.number,
        euros=euros,
        price=price,
        postal_lines=postal_lines,
        word=labels.word,
        reason_words=reason_words,
        event_words=event_words,
        subject_words=subject_words,
        civility=civility,
        spoken=language_name,
        details_in_words=details_in_words,
    )
    app.jinja_env.globals.update(
        back_office=back_office,
        is_of_academy=is_of_academy,
        guardians=OF_GUARDIANS,
        students=OF_STUDENTS,
        words=labels,
        channels=CHANNELS,
        told=told,
        legal_pages=legal_pages,
        sends_sms=lambda: offers(Channel.SMS),
    )
    app.context_processor(who_works_where)


def who_works_where() -> dict[str, Any]:
    """What the head of every page tells: the visitor, the access, the school that was chosen."""
    known, access = visitor(), g.get("access")
    return {
        "staff": known.staff if known else None,
        "access": access,
        "school": access.establishment if access else None,
        "only_one_school": flask.session.get("only_one", False),
        "SCHOOL_FIELD": SCHOOL_FIELD,
    }


LEGAL_PAGES = (("donnees", "Données personnelles"), ("mentions", "Mentions légales"))


def legal_pages() -> list[tuple[str, str]]:
    """The pages of the portal that the law asks for, which are about both applications: their addresses and names."""
    settings = installation().settings
    pages = (("accessibilite", ACCESSIBILITY[settings.conformity]), *LEGAL_PAGES)
    return [(f"{settings.public_portal_url}/{path}", label) for path, label in pages]


def told(sentence: str | None, id: str = "probleme") -> dict[str, str]:
    """The attributes of a field that the sentence shown at `id` is about; none without a sentence."""
    return {"aria-invalid": "true", "aria-describedby": id} if sentence else {}


def civility(written: str | None) -> str:
    """« Madame » or « Monsieur », and a blank; nothing where there is none."""
    word = civilities.spoken(written)
    return f"{word} " if word else ""


def language_name(code: str | None) -> str:
    """What French calls the language of a holder: `arabe`; French itself while none was chosen."""
    return str(FRENCH.locale.languages[language_or_french(code).code])


def day(value: date | None) -> str:
    """`12/09/2026`; an instant is told by the clocks of the académie."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = clock.local(value, installation().settings.time_zone)
    return value.strftime("%d/%m/%Y")


def instant(value: datetime | None) -> str:
    """`12/09/2026 à 14 h 05`, by the clocks of the académie."""
    if value is None:
        return ""
    local = clock.local(value, installation().settings.time_zone)
    return f"{local:%d/%m/%Y} à {local.hour}\u00a0h\u00a0{local:%M}"
