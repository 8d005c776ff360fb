"""« Académie → Comptes dans deux établissements »: whom the support may advise to merge their accounts (R8)."""

from typing import ClassVar

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.pair_keys import FIRST_PAGE, pair_key
from admin_app.ui.print_mode import page_rows
from shared.accounts.ties.powers import Power


class TwoSchoolsPage(Page):
    """Read only: the parent alone merges."""

    name, path, place = "Comptes dans deux établissements", "/academie/deux-comptes", "two_schools"
    need = Need.ACADEMY
    menu_category = "Académie"

    powers: ClassVar = {
        "index": frozenset({Power.SEE_EVERY_TIE}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Guardians of one student in two schools who are likely one person, with two accounts."""
        # What compares fiches is loaded for whoever looks at this page, and for nobody else.
        from shared.duplicates.pairs.cross_school import PAGE, accounts_in_two_schools

        after, rows = pair_key(request.args.get("apres", "")), page_rows(PAGE)
        found = accounts_in_two_schools(session(), after=after, limit=rows + 1)
        shown = found[:rows]
        return self.render(
            "admin/two_schools.html",
            found=shown,
            is_first=after == FIRST_PAGE,
            next_key="-".join(map(str, shown[-1].key)) if len(found) > rows else None,
        )
