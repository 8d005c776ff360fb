"""« Journal »: what staff did in the establishment (R27)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import Need, school_id
from admin_app.installation import installation, session
from admin_app.page import Page, expose
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.event_details import details_in_words
from admin_app.ui.events import EVENTS, event_words, subject_words
from admin_app.ui.print_mode import page_rows
from shared import clock
from shared.accounts.ties.powers import Power
from shared.exports.journal import journal_sheet
from shared.journal import PAGE, JournalFilters, events_of_establishment
from shared.models.journal import Action, JournalEvent
from shared.web.headers import row_number, typed_day

OF_EACH_ACCOUNT = (
    Action.ACCOUNT_GENERATED,
    Action.ACCOUNT_KEPT,
    Action.ACCOUNT_NOTIFIED,
    Action.ACCOUNT_EXPIRED,
    Action.TIE_PROPOSED,
)
"""Written once for each account when many change at once; what was asked for has its own event."""
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Asked:
    """What narrows the journal, as typed."""

    action: str
    actor: str
    subject: str
    since: date | None
    until: date | None
    everything: bool
    """Also the events written once for each account."""

    @property
    def fields(self) -> dict[str, str]:
        """As the links to other pages carry it."""
        values = {
            "quoi": self.action,
            "qui": self.actor,
            "sur": self.subject,
            "du": self.since.isoformat() if self.since else "",
            "au": self.until.isoformat() if self.until else "",
            "tout": "1" if self.everything else "",
        }
        return {name: value for name, value in values.items() if value}

    def filters(self, time_zone: str) -> JournalFilters:
        """What the journal is asked: one kind of events, or those on one account, are never left out."""
        shows_all = self.everything or self.action or self.subject
        return JournalFilters(
            without=() if shows_all else OF_EACH_ACCOUNT,
            action=self.action or None,
            actor=self.actor,
            subject=self.subject,
            since=clock.start_of_day(self.since, time_zone) if self.since else None,
            until=clock.start_of_day(self.until + timedelta(days=1), time_zone) if self.until else None,
        )


class JournalPage(Page):
    """The events of the establishment, for its head."""

    name, path, place, need = "Journal", "/journal", "journal", Need.HEAD

    powers: ClassVar = {
        "index": frozenset({Power.SEE_HISTORY}),
        "export": frozenset({Power.SEE_HISTORY}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Newest first, by pages."""
        asked, before, rows = _asked(), request.args.get("avant", None, row_number), page_rows(PAGE)
        found = events_of_establishment(session(), school_id(), _filters(asked), before_id=before, limit=rows + 1)
        return self.render(
            "admin/journal.html",
            events=found[:rows],
            asked=asked,
            query=urlencode(asked.fields),
            actions=sorted(EVENTS.items(), key=lambda event: event[1]),
            is_first=before is None,
            next_key=found[rows - 1].id if len(found) > rows else None,
        )

    @expose("/", methods=("POST",))
    def export(self) -> ResponseReturnValue:
        """The events asked for, as a file."""
        school, filters = school_id(), _filters(_asked())
        return download(
            "journal",
            "Journal",
            wanted_format(request.form.get("format")),
            lambda reading: journal_sheet(reading, school, filters, _in_words),
        )


def _asked() -> Asked:
    given = request.values
    action = given.get("quoi", "")
    return Asked(
        action=action if action in EVENTS else "",
        actor=given.get("qui", "").strip()[:LONGEST_SEARCH],
        subject=given.get("sur", "").strip()[:LONGEST_SEARCH],
        since=given.get("du", None, typed_day),
        until=given.get("au", None, typed_day),
        everything="tout" in given,
    )


def _filters(asked: Asked) -> JournalFilters:
    return asked.filters(installation().settings.time_zone)


def _in_words(event: JournalEvent) -> tuple[str, str, str]:
    return event_words(event.action), subject_words(event.subject), details_in_words(event.details)
