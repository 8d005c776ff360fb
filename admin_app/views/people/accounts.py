"""« Gérer le compte responsable / élève »: the list and the search (R19)."""

from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.populations import Area
from admin_app.ui.print_mode import page_rows
from shared.accounts.directory.listing import PAGE, Entry, Filters, Presence, page_of_accounts
from shared.accounts.state_policy import COUNTED
from shared.accounts.ties.powers import Power
from shared.establishments.divisions import division_codes
from shared.models.accounts import AccountState


@dataclass(frozen=True)
class Listed:
    """One page of the list, and the keys of the pages around it."""

    entries: list[Entry]
    previous: str | None
    next: str | None


class AccountsPage(Page):
    """The accounts of the guardians, or of the students, of the establishment."""

    name = "Gérer le compte responsable / élève"

    powers: ClassVar = {
        "index": frozenset({Power.FIND, Power.SEE_IDENTIFIER, Power.SEE_STATE}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/comptes", area.place("accounts"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, by name; by first letters, identifier or student when something is searched."""
        filters = read_filters()
        listed = self._listed(filters)
        return self.render(
            "admin/accounts.html",
            area=self.area,
            filters=filters,
            query=urlencode(filters_in_address(filters)),
            filters_in_address=filters_in_address(filters),
            is_filtered=filters != Filters(),
            listed=listed,
            states=COUNTED,
            divisions=division_codes(session(), school_id()),
        )

    def _listed(self, filters: Filters) -> Listed:
        after, before = request.args.get("apres", ""), request.args.get("avant", "")
        rows, population = page_rows(PAGE), self.area.population
        found = page_of_accounts(
            session(), school_id(), population, filters, today(), after=after, before=before, limit=rows + 1
        )
        more = len(found) > rows
        entries = found[-rows:] if before else found[:rows]
        has_previous, has_next = (more, True) if before else (bool(after), more)
        return Listed(
            entries,
            previous=entries[0].key if entries and has_previous else None,
            next=entries[-1].key if entries and has_next else None,
        )


def read_filters() -> Filters:
    """What narrows the list, from the address or from a form."""
    given = request.values
    filters = Filters(
        search=given.get("q", "").strip()[:100],
        state=given.get("etat", None, AccountState),
        division=given.get("division") or None,
        expires_soon="expire" in given,
        flagged="nom" in given,
        waits_long="attend" in given,
        to_notify="a_notifier" in given,
        presence=given.get("presence", None, Presence),
    )
    return filters if filters.state in COUNTED else replace(filters, state=None)


def filters_in_address(filters: Filters) -> dict[str, str]:
    """The filters as the links to other pages carry them."""
    values = {
        "q": filters.search,
        "etat": filters.state.value if filters.state else "",
        "division": filters.division or "",
        "expire": "1" if filters.expires_soon else "",
        "nom": "1" if filters.flagged else "",
        "attend": "1" if filters.waits_long else "",
        "a_notifier": "1" if filters.to_notify else "",
        "presence": filters.presence.value if filters.presence else "",
    }
    return {name: value for name, value in values.items() if value}
