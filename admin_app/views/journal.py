"""« Journal »: what staff did in the establishment (R27)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from admin_app.access import Need
from admin_app.page import expose
from admin_app.tables.filters import Day, Matching, OneOf, Tick
from admin_app.tables.view import TableView
from admin_app.ui.downloads import wanted_format
from admin_app.ui.journal.details import details_in_words
from admin_app.ui.journal.events import EVENTS, event_words, subject_words
from shared.accounts.ties.powers import Power
from shared.models.journal import Action, JournalEvent
from shared.rows.folded import says
from shared.rows.sorted_paging import SortKey

OF_EACH_ACCOUNT = (
    Action.ACCOUNT_GENERATED,
    Action.ACCOUNT_KEPT,
    Action.ACCOUNT_NOTIFIED,
    Action.ACCOUNT_EXPIRED,
    Action.TIE_PROPOSED,
)
"""Written once for each account when many change at once; what was asked for has its own event."""
SHOWS_ALL = ("tout", "quoi", "sur")
"""Asked for one kind of events, or for those on one account, the journal leaves none of them out."""


def event_in_words(_view: object, _context: object, event: JournalEvent, _name: str) -> str:
    """What happened, and its details below."""
    details = details_in_words(event.details)
    words = event_words(event.action)
    return Markup("{}<br><small>{}</small>").format(words, details) if details else words


def _events_by_words() -> list[tuple[str, str]]:
    """Every kind of event, in the order of its words."""
    return sorted(EVENTS.items(), key=lambda event: event[1])


OF_EVENTS = (
    OneOf(
        "quoi",
        "Événement",
        _events_by_words,
        lambda value: JournalEvent.action == Action(value),
    ),
    Matching(
        "sur",
        "Sur (identifiant…)",
        lambda text: JournalEvent.subject.istartswith(text, autoescape=True),
        "Premières lettres",
    ),
    Matching("qui", "Par", lambda text: says(JournalEvent.actor_name, text)),
    Day("du", "Du", JournalEvent.at),
    Day("au", "Au", JournalEvent.at, is_last=True),
)
"""What narrows any list of events."""


class JournalPage(TableView):
    """The events of the establishment, for its head: newest first."""

    name, path, place, need = "Journal", "/journal", "journal", Need.HEAD
    heading, file_name = "Journal de l'établissement", "journal"
    empty, nothing_found = "Rien n'a encore été noté.", "Aucun événement ne correspond"
    model, owner = JournalEvent, "establishment_id"
    column_list = ("at", "action", "subject", "actor_name", "address")
    column_labels: ClassVar = {
        "at": "Date",
        "action": "Événement",
        "subject": "Sur",
        "details": "Détails",
        "actor_name": "Par",
        "address": "Depuis",
    }
    # By date alone: events follow each other by number, and another order would sort the whole journal at each page.
    column_sortable_list: ClassVar = [("at", JournalEvent.id)]
    column_filters: ClassVar = [
        *OF_EVENTS,
        Tick("tout", "Aussi une ligne pour chaque compte généré ou notifié"),
    ]
    column_formatters: ClassVar = {
        "action": event_in_words,
        "subject": lambda view, context, event, name: subject_words(event.subject),
        "actor_name": lambda view, context, event, name: event.actor_name or "inconnu",
    }
    column_export_list = ("at", "action", "subject", "details", "actor_name", "address")
    column_formatters_export: ClassVar = {
        "action": lambda view, context, event, name: event_words(event.action),
        "subject": column_formatters["subject"],
        "details": lambda view, context, event, name: details_in_words(event.details),
    }

    powers: ClassVar = {
        "index": frozenset({Power.SEE_HISTORY}),
        "export": frozenset({Power.SEE_HISTORY}),
        "export_form": frozenset({Power.SEE_HISTORY}),
    }

    def rows(self) -> Select[Any]:
        """The events of the establishment: those written once for each account only when they are asked for."""
        events = super().rows()
        if any(self.given().get(name) for name in SHOWS_ALL):
            return events
        return events.where(JournalEvent.action.not_in(OF_EACH_ACCOUNT))

    def given(self) -> MultiDict[str, str]:
        """The address, or the form of `export_form`, which says what it narrows the journal to."""
        return request.values

    def usual_order(self) -> Sequence[SortKey]:
        """Newest first."""
        return (SortKey(JournalEvent.id, descending=True),)

    @expose("/", methods=("POST",))
    def export_form(self) -> ResponseReturnValue:
        """The same file as `export`, for a form that says the format."""
        return self.exported(wanted_format(request.form.get("format")))
