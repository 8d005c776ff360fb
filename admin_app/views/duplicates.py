"""« Base élèves → Doublons »: fiches that are likely one person (R11, R12)."""

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.printing import page_rows
from shared.duplicates.detection import count_untreated, likely_duplicates
from shared.models.staff import Tab

PAGE_ROWS = 50


class DuplicatesPage(Page):
    """The pairs that nobody has treated yet."""

    name, path, place, need = "Doublons responsables", "/base/doublons", "duplicates", Tab.DUPLICATES
    menu_category = "Base élèves"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The pairs, side by side, with the reasons."""
        after, rows = _key(request.args.get("apres", "")), page_rows(PAGE_ROWS)
        found = likely_duplicates(session(), school_id(), after=after, limit=rows + 1)
        pairs = found[:rows]
        return self.render(
            "admin/duplicates.html",
            pairs=pairs,
            untreated=count_untreated(session(), school_id()),
            is_first=after == (0, 0),
            next_key="-".join(map(str, pairs[-1].key)) if len(found) > rows else None,
        )


def _key(text: str) -> tuple[int, int]:
    first, _, second = text.partition("-")
    if not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        return 0, 0
    return int(first[:9]), int(second[:9])
