"""« Doublons → Par nom et prénom »: the same pairs, looked up as the procedure says (R12)."""

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.pair_keys import FIRST_PAGE, pair_key
from admin_app.ui.print_mode import page_rows
from admin_app.views.school_base.duplicates import PAGE_ROWS
from shared.duplicates.pairs.search import duplicates_by_name
from shared.models.staff import Tab


class DuplicatesByNamePage(Page):
    """The pairs in the order of names, all or those of a name."""

    name, path, place, need = (
        "Doublons par nom et prénom",
        "/base/doublons/par-nom",
        "duplicates_by_name",
        Tab.DUPLICATES,
    )
    menu_category = "Base élèves"
    listed = False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """A search by first letters, and what it finds."""
        letters, after = request.args.get("q", "").strip(), pair_key(request.args.get("apres", ""))
        rows = page_rows(PAGE_ROWS)
        found = duplicates_by_name(session(), school_id(), letters, after=after, limit=rows + 1)
        pairs = found[:rows]
        return self.render(
            "admin/duplicates_by_name.html",
            pairs=pairs,
            letters=letters,
            is_first=after == FIRST_PAGE,
            next_key="-".join(map(str, pairs[-1].key)) if len(found) > rows else None,
        )
