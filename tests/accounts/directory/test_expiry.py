"""R9: what nobody activated in three months is erased."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.expiry import SOON, expire_accounts, expires_soon
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.directory.states import expiry_date, mark_notified
from shared.accounts.holder.merging import merge_accounts
from shared.accounts.login.mailed_links import create_link
from shared.accounts.login.sessions import open_session
from shared.accounts.populations import GUARDIANS
from shared.acting.desk import Act, Desk
from shared.journal import SYSTEM
from shared.models.accounts import (
    Account,
    AccountMerge,
    AccountSession,
    AccountState,
    Identifier,
    LinkPurpose,
    MailedLink,
)
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.school import Establishment, Guardian
from shared.outbox import AccountMessage, queue_account_mail
from tests.factories import NOW, TODAY, at_desk, make_account, make_establishment, make_guardian, make_student, tie

DUE = expiry_date(TODAY)


@pytest.fixture
def school(session: Session) -> Establishment:
    return make_establishment(session)


@pytest.fixture
def waiting(session: Session, school: Establishment, sealer: Sealer) -> Account:
    """An account that nobody activates, due three months after `TODAY`."""
    guardian = make_guardian(session, school, make_student(session, school))
    return make_account(session, "m.payet", guardian, state=AccountState.NOTIFIED, sealer=sealer)


def expire(session: Session, days_after: int = 0) -> int:
    erased = expire_accounts(Act(session, SYSTEM, NOW + timedelta(days=92)), DUE + timedelta(days=days_after))
    session.expire_all()
    return erased


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_it_is_erased_on_its_day_and_not_the_day_before(session: Session, waiting: Account) -> None:
    assert expire(session, -1) == 0
    assert expire(session) == 1
    assert count(session, Account) == 0
    assert expire(session) == 0


@pytest.mark.parametrize("state", [AccountState.NOT_NOTIFIED, AccountState.NOTIFIED, AccountState.ACTIVATING])
def test_every_state_before_activation_expires(session: Session, sealer: Sealer, state: AccountState) -> None:
    make_account(session, "m.payet", state=state, sealer=sealer)
    assert expire(session) == 1


def test_an_active_account_never_does(session: Session) -> None:
    make_account(session, "m.payet")
    assert expire(session, 3650) == 0


def test_the_fiche_stays_and_nothing_that_hung_on_the_account_does(session: Session, waiting: Account) -> None:
    link = create_link(session, waiting, LinkPurpose.ACTIVATION, "m@example.org", NOW)
    queue_account_mail(session, AccountMessage(AccountMailKind.ACTIVATION, link=link), waiting, "m@example.org", NOW)
    open_session(session, waiting, NOW, "", "")
    session.flush()
    expire(session)
    assert session.scalars(select(Guardian)).one().account_id is None
    assert [count(session, table) for table in (MailedLink, AccountMail, AccountSession)] == [0, 0, 0]


def test_the_identifier_is_never_given_again(
    session: Session, school: Establishment, waiting: Account, sealer: Sealer
) -> None:
    expire(session)
    assert session.scalars(select(Identifier.value)).all() == ["m.payet"]
    generate_accounts(at_desk(session, school.id, today=DUE), GUARDIANS, sealer)
    assert session.scalars(select(Account.identifier)).all() == ["m.payet1"]


def test_another_notification_gives_three_months_more(
    session: Session, school: Establishment, waiting: Account
) -> None:
    mark_notified(Desk(session, SYSTEM, NOW, school.id, TODAY + timedelta(days=60)), [waiting.id], "mail")
    assert expire(session) == 0
    assert session.get_one(Account, waiting.id).expires_on == expiry_date(TODAY + timedelta(days=60))


def test_accounts_absorbed_by_the_one_erased_go_along(session: Session, school: Establishment, sealer: Sealer) -> None:
    kept, second, third = (
        make_account(session, identifier, make_guardian(session, school))
        for identifier in ("m.payet", "m.payet1", "m.payet2")
    )
    merge_accounts(Act(session, SYSTEM, NOW), second.id, third.id)
    merge_accounts(Act(session, SYSTEM, NOW), kept.id, second.id)
    kept.state, kept.expires_on = AccountState.NOTIFIED, DUE
    kept.initial_password = sealer.seal("k7mq-x2hd-9wtb")
    session.flush()
    assert expire(session) == 3
    assert count(session, Account) == count(session, AccountMerge) == 0
    assert set(session.scalars(select(Guardian.account_id))) == {None}
    assert count(session, Identifier) == 3


def test_the_journal_keeps_one_event_for_each_school_concerned(
    session: Session, school: Establishment, waiting: Account
) -> None:
    other = make_establishment(session, "9740002B", "Lycée des Vacoas")
    tie(session, waiting, other.id)
    for _ in range(2):
        make_guardian(session, other).account_id = waiting.id
    session.flush()
    expire(session)
    events = session.scalars(select(JournalEvent).where(JournalEvent.action == "account_expired")).all()
    assert sorted(event.establishment_id or 0 for event in events) == sorted([school.id, other.id])
    assert {event.subject for event in events} == {"m.payet"}


def test_staff_see_it_coming_two_weeks_before(session: Session, waiting: Account) -> None:
    def coming(days_before: int) -> bool:
        soon = select(Account.id).where(expires_soon(DUE - timedelta(days=days_before)))
        return session.scalar(soon) is not None

    assert coming(SOON.days)
    assert not coming(SOON.days + 1)
