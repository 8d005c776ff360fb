"""What must hold once everybody is gone: what was acknowledged is there, once; each family was told once."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select, update

from shared import clock
from shared.database import Database
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.journal import JournalEvent
from shared.models.notifications import DeliveryState, Notification
from shared.models.school import Establishment, Student
from shared.models.teleservices import UsefulLink
from tests.operating.load import Load
from tests.operating.seed import IMPORTING, TO_NOTIFY
from tests.patience import wait_until
from tests.smtp import Mailbox, address_in


@dataclass(frozen=True)
class Outcome:
    """What was counted."""

    mails: int
    repeated: int
    """Mails received again, under the same Message-ID."""
    links: int
    imports: int


def wait_until_settled(database: Database, mails: int) -> None:
    """Until every mail of the campaigns left, and no import is under way."""

    def waiting() -> tuple[int, int]:
        with database.reading() as session:
            sent = select(func.count()).where(Notification.delivery == DeliveryState.SENT)
            imports = select(func.count()).where(
                SchoolImport.state.in_(
                    [ImportState.UPLOADED, ImportState.CHECKING, ImportState.CONFIRMED, ImportState.IMPORTING]
                )
            )
            return mails - session.scalars(sent).one(), session.scalars(imports).one()

    wait_until(lambda: waiting() == (0, 0), "everything is settled", progress=waiting)


def account_for(
    database: Database, load: Load, mailbox: Mailbox, mails: int, students: int, window: int = 0
) -> Outcome:
    """Check that nothing was lost and nothing done twice, but for `window` mails at most."""
    assert load.campaigns == set(range(load.divisions))
    with database.reading() as session:
        rows = session.scalars(select(Notification)).all()
        assert len({row.account_id for row in rows}) == len(rows) == mails
        told = session.execute(
            select(JournalEvent.account_id, func.count())
            .where(JournalEvent.action == "account_notified")
            .group_by(JournalEvent.account_id)
        )
        assert dict(tuple(one) for one in told) == {row.account_id: 1 for row in rows}
        links = Counter(session.scalars(select(UsefulLink.label)))
        taken_in = session.scalar(
            select(func.count()).select_from(Student).join(Establishment).where(Establishment.uai == IMPORTING)
        )
        states = Counter(session.scalars(select(SchoolImport.state)))
    # Families who came in are told of that too, at other addresses.
    notified = [message for message in mailbox.messages if address_in(message).startswith(TO_NOTIFY)]
    assert {address_in(message) for message in notified} == {row.recipient for row in rows}
    assert len({str(message["Message-ID"]) for message in notified}) == mails
    repeated = len(notified) - mails
    assert repeated <= window
    assert [label for label in load.links if links[label] != 1] == []
    assert [label for label, count in links.items() if count != 1] == []
    assert taken_in == students
    assert states[ImportState.DONE] >= len(load.imports) - 1 > 0
    assert states[ImportState.REFUSED] == 0
    return Outcome(mails, repeated, len(load.links), states[ImportState.DONE])


def let_leases_end(database: Database) -> None:
    """As when their five minutes have passed: nobody who held one lives."""
    with database.writing() as session:
        session.execute(
            update(Notification)
            .where(Notification.delivery == DeliveryState.SENDING)
            .values(next_attempt_at=clock.now())
        )
