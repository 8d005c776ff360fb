"""« Gérer le compte responsable / élève »: the list and the search (R19)."""

from dataclasses import replace
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import register
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.populations import Area
from admin_app.ui.print_mode import page_rows
from admin_app.views.notifying.address_fields import read_numbers, write_numbers
from admin_app.views.people.ticked import TICKED, apart, apply_to_all, ticked_entries
from shared.accounts.directory.listing import PAGE, Filters, Presence
from shared.accounts.directory.sorted_list import Asked, Sort, sorted_accounts
from shared.accounts.state_policy import COUNTED
from shared.accounts.ties.powers import Power
from shared.establishments.divisions import division_codes
from shared.models.accounts import AccountState
from shared.rows.sorted_paging import Place
from shared.web.headers import row_number


class AccountsPage(Page):
    """The accounts of the guardians, or of the students, of the establishment."""

    name = "Gérer le compte responsable / élève"

    powers: ClassVar = {
        "index": frozenset({Power.FIND, Power.SEE_IDENTIFIER, Power.SEE_STATE}),
        "act": frozenset({Power.FIND, Power.SEE_IDENTIFIER, *(one.power for one in TICKED)}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/comptes", area.place("accounts"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, by name unless another column is asked for; narrowed by what is searched."""
        filters, asked = read_filters(), _read_order()
        listed = sorted_accounts(register(self.area.population), filters, asked)
        in_address = filters_in_address(filters) | _order_in_address(asked)
        return self.render(
            "admin/accounts.html",
            area=self.area,
            filters=filters,
            in_address=in_address,
            filters_in_address=filters_in_address(filters),
            is_filtered=filters != Filters(),
            asked=asked,
            listed=listed,
            previous_url=self._beside(in_address, "avant", listed.previous),
            next_url=self._beside(in_address, "apres", listed.next),
            ticked_actions=TICKED,
            states=COUNTED,
            divisions=division_codes(session(), school_id()),
        )

    @expose("/cochees", methods=("POST",))
    def act(self) -> ResponseReturnValue:
        """Do something to the accounts that were ticked: elsewhere, or here after a page that names them."""
        action = next((one for one in TICKED if one.code == request.form.get("action")), None)
        if action is None:
            abort(404)
        kept: dict[str, Any] = filters_in_address(read_filters()) | _order_in_address(_read_order())
        back = url_for(f"{self.place}.index", **kept)
        entries = ticked_entries(self.area, action)
        if not entries:
            flash("Cochez au moins un compte, puis recommencez.", "error")
            return redirect(back, 303)
        if action.leads_to is not None:
            numbers = write_numbers([entry.account.id for entry in entries])
            return redirect(
                url_for(f"{self.area.place(action.leads_to)}.index", comptes=numbers, **action.with_it), 303
            )
        possible, others = apart(entries, action)
        if possible and "confirme" in request.form:
            flash(apply_to_all(possible, action), "success")
            return redirect(back, 303)
        return self.render(
            "admin/accounts_action.html",
            area=self.area,
            action=action,
            possible=possible,
            others=others,
            back=back,
            sent_to=url_for(f"{self.place}.act", **kept),
        )

    def _beside(self, in_address: dict[str, Any], side: str, fiche_id: int | None) -> str | None:
        """The address of the page before or after; none where there is none."""
        return url_for(f"{self.place}.index", **{**in_address, side: fiche_id}) if fiche_id is not None else None


def _read_order() -> Asked:
    given = request.values
    place = Place(given.get("apres", None, row_number), given.get("avant", None, row_number))
    return Asked(given.get("tri", Sort.NAME, Sort), given.get("desc") == "1", place, page_rows(PAGE))


def _order_in_address(asked: Asked) -> dict[str, str]:
    """The order as links carry it; nothing for the usual one."""
    sort = {"tri": asked.sort.value} if asked.sort is not Sort.NAME else {}
    return sort | ({"desc": "1"} if asked.descending else {})


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
        account_ids=read_numbers(given.get("comptes", "")),
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
        "comptes": write_numbers(filters.account_ids),
    }
    return {name: value for name, value in values.items() if value}
