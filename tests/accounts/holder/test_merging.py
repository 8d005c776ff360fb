"""R8: merging the accounts of one parent, and undoing it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.holder.merging import (
    TIME_TO_UNDO,
    MergeNotUndone,
    MergeRefusal,
    MergeRefused,
    merge_accounts,
    names_agree,
    undo_merge,
)
from shared.accounts.login.mailed_links import LinkRefused, create_link, use_link
from shared.accounts.login.sessions import account_of, open_session
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.accounts import Account, AccountMerge, AccountState, LinkPurpose
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.school import Establishment, Guardian
from tests.factories import NOW, make_account, make_establishment, make_guardian, make_student

Pair = tuple[Account, Account]


@pytest.fixture
def school(session: Session) -> Establishment:
    return make_establishment(session)


@pytest.fixture
def accounts(session: Session, school: Establishment) -> Pair:
    """Two active accounts of one parent."""
    return (
        make_account(session, "m.payet", make_guardian(session, school)),
        make_account(session, "m.payet1", make_guardian(session, school)),
    )


def merge(session: Session, kept: Account, absorbed: Account) -> AccountMerge:
    merge_accounts(Act(session, SYSTEM, NOW), kept.id, absorbed.id)
    standing = select(AccountMerge).where(AccountMerge.absorbed_id == absorbed.id, AccountMerge.undone_at.is_(None))
    return session.scalars(standing).one()


def refusal(session: Session, kept: Account, absorbed: Account) -> MergeRefusal:
    with pytest.raises(MergeRefused) as refused:
        merge_accounts(Act(session, SYSTEM, NOW), kept.id, absorbed.id)
    return refused.value.reason


def test_the_fiches_move_and_the_identifier_is_retired(session: Session, accounts: Pair) -> None:
    kept, absorbed = accounts
    merge(session, kept, absorbed)
    assert set(session.scalars(select(Guardian.account_id))) == {kept.id}
    assert (absorbed.state, absorbed.merged_into_id) == (AccountState.MERGED, kept.id)
    assert kept.state is AccountState.ACTIVE


def test_nothing_of_the_absorbed_account_opens_any_more(session: Session, accounts: Pair) -> None:
    kept, absorbed = accounts
    token, kept_token = (open_session(session, account, NOW, "", "") for account in (absorbed, kept))
    link = create_link(session, absorbed, LinkPurpose.PASSWORD_RESET, "m@example.org", NOW)
    merge(session, kept, absorbed)
    assert account_of(session, token, NOW) is None
    assert account_of(session, kept_token, NOW) is kept
    with pytest.raises(LinkRefused):
        use_link(session, link, NOW)


def test_each_address_gets_one_mail_that_names_both_identifiers(session: Session, accounts: Pair) -> None:
    kept, absorbed = accounts
    merge(session, kept, absorbed)
    mails = session.scalars(select(AccountMail).order_by(AccountMail.recipient)).all()
    assert [mail.recipient for mail in mails] == ["m.payet1@example.org", "m.payet@example.org"]
    assert all(mail.kind is AccountMailKind.MERGED for mail in mails)
    assert all(mail.details == {"kept": "m.payet", "absorbed": "m.payet1"} for mail in mails)


def test_one_address_for_both_accounts_gets_one_mail(session: Session, accounts: Pair) -> None:
    for account in accounts:
        account.email = "famille@example.org"
    session.flush()
    merge(session, *accounts)
    assert [mail.recipient for mail in session.scalars(select(AccountMail))] == ["famille@example.org"]


def test_both_accounts_remember_it_in_the_journal(session: Session, accounts: Pair) -> None:
    kept, absorbed = accounts
    merge(session, kept, absorbed)
    session.flush()
    events = session.execute(select(JournalEvent.action, JournalEvent.account_id).order_by(JournalEvent.id)).all()
    assert [tuple(event) for event in events] == [("accounts_merged", kept.id), ("account_absorbed", absorbed.id)]


def test_the_same_account_twice_is_refused(session: Session, accounts: Pair) -> None:
    assert refusal(session, accounts[0], accounts[0]) is MergeRefusal.SAME_ACCOUNT


@pytest.mark.parametrize("direction", [1, -1])
def test_merging_twice_is_refused_in_either_direction(session: Session, accounts: Pair, direction: int) -> None:
    merge(session, *accounts)
    assert refusal(session, *accounts[::direction]) is MergeRefusal.ALREADY_MERGED


@pytest.mark.parametrize("direction", [1, -1])
def test_both_accounts_must_be_active(
    session: Session, school: Establishment, accounts: Pair, sealer: Sealer, direction: int
) -> None:
    waiting = make_account(
        session, "m.payet2", make_guardian(session, school), state=AccountState.NOTIFIED, sealer=sealer
    )
    assert refusal(session, *(accounts[0], waiting)[::direction]) is MergeRefusal.NOT_ACTIVE


def test_an_account_whose_password_staff_replaced_is_not_merged(session: Session, accounts: Pair) -> None:
    accounts[1].must_change_password = True
    session.flush()
    assert refusal(session, *accounts) is MergeRefusal.NOT_ACTIVE


def test_spouses_are_not_merged(session: Session, school: Establishment, accounts: Pair) -> None:
    spouse = make_account(session, "p.payet", make_guardian(session, school, first_name="Paul"))
    assert refusal(session, accounts[0], spouse) is MergeRefusal.OTHER_NAMES


def test_a_student_is_not_merged_with_a_parent_of_the_same_name(
    session: Session, school: Establishment, accounts: Pair
) -> None:
    student = make_account(session, "m.payet9", make_student(session, school, first_name="Marie"))
    assert refusal(session, accounts[0], student) is MergeRefusal.OTHER_NAMES


@pytest.mark.parametrize(
    ("names", "agree"),
    [
        ({"last_name": "Payét", "first_name": "MARIE"}, True),
        ({"last_name": "PAYET (mère de Léa)", "first_name": "Marie"}, True),
        ({"last_name": "HOARAU", "usage_name": "PAYET", "first_name": "Marie"}, True),
        ({"last_name": "PAYET", "usage_name": "HOARAU", "first_name": "Marie"}, True),
        ({"last_name": "PAYET", "first_name": "Marie-Ange"}, False),
        ({"last_name": "PAILLET", "first_name": "Marie"}, False),
    ],
)
def test_names_agree_whatever_their_spelling_and_whichever_is_used(
    session: Session, school: Establishment, accounts: Pair, names: dict[str, str], agree: bool
) -> None:
    other = make_account(session, "x.autre", make_guardian(session, school, **names))
    assert names_agree(session, accounts[0], other) is agree


def test_an_undone_merge_gives_back_just_what_it_moved(session: Session, school: Establishment, accounts: Pair) -> None:
    kept, absorbed = accounts
    done = merge(session, kept, absorbed)
    arrived_since = make_guardian(session, school)
    arrived_since.account_id = kept.id
    session.flush()
    assert undo_merge(Act(session, SYSTEM, NOW + TIME_TO_UNDO), done) is absorbed
    session.expire_all()
    assert session.scalars(select(Guardian.account_id).order_by(Guardian.id)).all() == [kept.id, absorbed.id, kept.id]
    assert (absorbed.state, absorbed.merged_into_id) == (AccountState.ACTIVE, None)


def test_a_merge_is_not_undone_after_thirty_days_nor_twice(session: Session, accounts: Pair) -> None:
    done = merge(session, *accounts)
    with pytest.raises(MergeNotUndone):
        undo_merge(Act(session, SYSTEM, NOW + TIME_TO_UNDO + timedelta(seconds=1)), done)
    undo_merge(Act(session, SYSTEM, NOW), done)
    with pytest.raises(MergeNotUndone):
        undo_merge(Act(session, SYSTEM, NOW), done)


def test_a_merge_is_not_undone_before_a_later_one_of_the_account_kept(
    session: Session, school: Establishment, accounts: Pair
) -> None:
    third = make_account(session, "m.payet2", make_guardian(session, school))
    first, second = merge(session, *accounts), merge(session, third, accounts[0])
    with pytest.raises(MergeNotUndone):
        undo_merge(Act(session, SYSTEM, NOW), first)
    undo_merge(Act(session, SYSTEM, NOW), second)
    undo_merge(Act(session, SYSTEM, NOW), first)


def test_what_was_merged_and_undone_can_be_merged_again(session: Session, accounts: Pair) -> None:
    kept, absorbed = accounts
    undo_merge(Act(session, SYSTEM, NOW), merge(session, kept, absorbed))
    merge(session, absorbed, kept)
    assert absorbed.state is AccountState.ACTIVE
    assert kept.merged_into_id == absorbed.id


def snapshot(session: Session) -> tuple[object, ...]:
    session.expire_all()
    accounts = select(Account.id, Account.state, Account.merged_into_id).order_by(Account.id)
    fiches = select(Guardian.id, Guardian.account_id).order_by(Guardian.id)
    return tuple(session.execute(accounts).all()), tuple(session.execute(fiches).all())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fiches=st.lists(st.integers(min_value=1, max_value=3), min_size=2, max_size=5),
    merges=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8),
)
def test_merges_undone_from_the_last_to_the_first_leave_what_was_before(
    database: Database, fiches: list[int], merges: list[tuple[int, int]]
) -> None:
    with Session(database.engine.execution_options(writing=True)) as session:
        school = make_establishment(session)
        accounts = [
            make_account(session, f"m.payet{number}", *(make_guardian(session, school) for _ in range(count)))
            for number, count in enumerate(fiches)
        ]
        before, done = snapshot(session), []
        for kept, absorbed in merges:
            try:
                done.append(merge(session, accounts[kept % len(accounts)], accounts[absorbed % len(accounts)]))
            except MergeRefused:
                continue
        active = session.scalars(select(Account).where(Account.state == AccountState.ACTIVE)).all()
        assert len(active) == len(accounts) - len(done)
        assert set(session.scalars(select(Guardian.account_id))) <= {account.id for account in active}
        for last in reversed(done):
            undo_merge(Act(session, SYSTEM, NOW), last)
        assert snapshot(session) == before
