"""« Académie → Journal de l'académie »: what is of no establishment, and what its administrators did in some (R27).

Nothing that concerns one account is in it: that is in the journals of the establishments that hold the account.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from markupsafe import Markup
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from admin_app.access import Need
from admin_app.tables.filters import Tick
from admin_app.tables.view import TableView
from admin_app.ui.journal.details import details_in_words
from admin_app.ui.journal.events import event_words, subject_words
from admin_app.views.journal import OF_EVENTS, event_in_words
from shared.models.journal import IN_SCHOOLS, OF_ACADEMY, JournalEvent
from shared.models.staff import StaffRole, StaffRoleKind
from shared.rows.sorted_paging import SortKey

IN_ESTABLISHMENTS = "etablissements"


class AcademyJournalPage(TableView):
    """The events of the académie, for its administrators: newest first."""

    name, path, place, need = "Journal de l'académie", "/academie/journal", "academy_journal", Need.ACADEMY
    menu_category = "Académie"
    heading, file_name, list_template = "Journal de l'académie", "journal-academie", "admin/academy_journal.html"
    empty, nothing_found = "Rien n'a encore été noté.", "Aucun événement ne correspond"
    model = JournalEvent
    column_list = ("at", "action", "subject", "actor_name", "address")
    column_labels: ClassVar = {
        "at": "Date",
        "action": "Événement",
        "subject": "Sur",
        "details": "Détails",
        "actor_name": "Par",
        "address": "Depuis",
        "establishment": "Établissement",
    }
    # By date alone, as the journal of an establishment.
    column_sortable_list: ClassVar = [("at", JournalEvent.id)]
    column_filters: ClassVar = [
        *OF_EVENTS,
        Tick(IN_ESTABLISHMENTS, "Plutôt ce que l'académie a fait dans les établissements"),
    ]
    column_formatters: ClassVar = {
        "action": event_in_words,
        "subject": lambda view, context, event, name: _on_what(event),
        "actor_name": lambda view, context, event, name: event.actor_name or "inconnu",
    }
    column_export_list = ("at", "action", "subject", "details", "actor_name", "address", "establishment")
    column_formatters_export: ClassVar = {
        "action": lambda view, context, event, name: event_words(event.action),
        "subject": lambda view, context, event, name: subject_words(event.subject),
        "details": lambda view, context, event, name: details_in_words(event.details),
        "establishment": lambda view, context, event, name: _school(event),
    }

    def rows(self) -> Select[Any]:
        """The events of no establishment and of no account; or those that administrators caused in establishments."""
        events = super().rows().outerjoin(JournalEvent.establishment)
        events = events.options(contains_eager(JournalEvent.establishment))
        if not self.given().get(IN_ESTABLISHMENTS):
            return events.where(OF_ACADEMY)
        administrators = select(StaffRole.staff_id).where(StaffRole.kind == StaffRoleKind.ACADEMY)
        return events.where(IN_SCHOOLS, JournalEvent.actor_id.in_(administrators))

    def usual_order(self) -> Sequence[SortKey]:
        """Newest first."""
        return (SortKey(JournalEvent.id, descending=True),)


def _on_what(event: JournalEvent) -> str:
    words, school = subject_words(event.subject), _school(event)
    return Markup("{}<br><small>{}</small>").format(words, school) if school else words


def _school(event: JournalEvent) -> str:
    return "" if event.establishment is None else f"{event.establishment.name} ({event.establishment.uai})"
