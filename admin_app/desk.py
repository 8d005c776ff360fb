"""What the current request comes to: the desk of the establishment chosen, and its registers; now."""

from admin_app.access import school_id
from admin_app.installation import session, today
from admin_app.visitors import actor
from shared import clock
from shared.accounts.populations import Population, Register
from shared.acting.desk import Act, Desk


def desk(establishment_id: int | None = None) -> Desk:
    """The desk, at this instant; its transaction is that of the request. The académie names the establishment."""
    now = clock.now()
    return Desk(session(), actor(), now, school_id() if establishment_id is None else establishment_id, today(now))


def act() -> Act:
    """An act of whoever is logged in, at this instant; its transaction is that of the request."""
    return Act(session(), actor(), clock.now())


def register(population: Population) -> Register:
    """One population of the establishment chosen, as it is today; its transaction is that of the request."""
    return Register(session(), school_id(), population, today())
