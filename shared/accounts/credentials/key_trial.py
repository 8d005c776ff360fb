"""Whether `INITIAL_PASSWORD_KEY` still opens what it sealed: asked at start and where an operator looks."""

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.models.accounts import Account
from shared.models.staff import Staff

NEWEST = 500
"""How many of the newest rows are looked through for something sealed: the cost does not grow with the table."""
ROWS: tuple[tuple[InstrumentedAttribute[int], InstrumentedAttribute[bytes | None]], ...] = (
    (Account.id, Account.initial_password),
    (Staff.id, Staff.factor_secret),
)


def key_opens(session: Session, sealer: Sealer) -> bool:
    """Whether the newest initial password and the newest second factor open; true where nothing is sealed."""
    return all(_opens(session, sealer, number, sealed) for number, sealed in ROWS)


def require_key(session: Session, sealer: Sealer) -> None:
    """Go on only with a key that opens.

    Raises:
        SealBroken: it does not; the message says what to do.
    """
    if not key_opens(session, sealer):
        raise SealBroken


def _opens(
    session: Session,
    sealer: Sealer,
    number: InstrumentedAttribute[int],
    sealed: InstrumentedAttribute[bytes | None],
) -> bool:
    newest = select(sealed.label("sealed"), number.label("number")).order_by(number.desc()).limit(NEWEST).subquery()
    last = select(newest.c.sealed).where(newest.c.sealed.is_not(None)).order_by(newest.c.number.desc()).limit(1)
    found = session.scalar(last)
    try:
        return found is None or bool(sealer.open(found))
    except SealBroken:
        return False
