"""The desk that the current request comes to: the establishment chosen, whoever is logged in, now."""

from admin_app.access import school_id
from admin_app.installation import session, today
from admin_app.visitors import actor
from shared import clock
from shared.acting.desk import Desk


def desk(establishment_id: int | None = None) -> Desk:
    """The desk, at this instant; its transaction is that of the request. The académie names the establishment."""
    now = clock.now()
    return Desk(session(), school_id() if establishment_id is None else establishment_id, actor(), now, today(now))
