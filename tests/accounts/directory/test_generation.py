"""R1, R3, R4: who gets an account, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.initial_passwords import SYMBOLS, as_typed, draw_initial_password
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.accounts.directory.generation import Generated, generate_accounts
from shared.accounts.populations import GUARDIANS, STUDENTS, Population
from shared.database import Database
from shared.models.accounts import Account, AccountState
from shared.models.journal import JournalEvent
from shared.models.school import Establishment, Guardian
from tests.factories import NOW, TODAY, at_desk, link, make_account, make_establishment, make_guardian, make_student


def generate(
    session: Session, sealer: Sealer, establishment: Establishment, population: Population = GUARDIANS
) -> Generated:
    return generate_accounts(at_desk(session, establishment.id), population, sealer)


@pytest.fixture
def school(session: Session) -> Establishment:
    return make_establishment(session)


def test_legal_guardians_of_present_students_get_an_account_and_contacts_get_none(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    student = make_student(session, school)
    mother = make_guardian(session, school, student, first_name="Marie", legal_rank=1)
    father = make_guardian(session, school, student, first_name="Paul", legal_rank=2)
    aunt = make_guardian(session, school, student, first_name="Anne", legal_rank=None)
    assert generate(session, sealer, school) == Generated(created=2, kept=0)
    session.expire_all()
    assert mother.account_id
    assert father.account_id
    assert aunt.account_id is None


@pytest.mark.parametrize("left_on", [TODAY, TODAY - timedelta(days=30)])
def test_a_guardian_whose_only_student_left_gets_none(
    session: Session, sealer: Sealer, school: Establishment, left_on: date
) -> None:
    make_guardian(session, school, make_student(session, school, left_on=left_on))
    make_guardian(session, school, make_student(session, school, gone_at=NOW), first_name="Paul")
    assert generate(session, sealer, school) == Generated(created=0, kept=0)


def test_a_guardian_of_several_children_of_one_school_gets_one_account(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    mother = make_guardian(session, school, make_student(session, school))
    link(session, make_student(session, school, first_name="Tom"), mother, 1)
    assert generate(session, sealer, school).created == 1


def test_generating_twice_creates_nothing_twice(session: Session, sealer: Sealer, school: Establishment) -> None:
    make_guardian(session, school, make_student(session, school))
    generate(session, sealer, school)
    assert generate(session, sealer, school) == Generated(created=0, kept=0)
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_a_new_account_waits_for_its_notification_with_a_password_only_the_key_opens(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    make_guardian(session, school, make_student(session, school))
    generate(session, sealer, school)
    account = session.scalars(select(Account)).one()
    assert account.state is AccountState.NOT_NOTIFIED
    assert account.expires_on == date(2026, 12, 1)
    assert account.initial_password is not None
    assert len(sealer.open(account.initial_password)) == len("k7mq-x2hd-9wtb")
    with pytest.raises(SealBroken):
        Sealer([b"another key of the right length!"]).open(account.initial_password)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old, new = b"0" * 32, b"1" * 32
    sealed = Sealer([old]).seal("k7mq-x2hd-9wtb")
    assert Sealer([new, old]).open(sealed) == "k7mq-x2hd-9wtb"
    assert Sealer([new]).open(Sealer([new, old]).seal("x")) == "x"


def test_initial_passwords_use_symbols_that_cannot_be_confused() -> None:
    drawn = [draw_initial_password() for _ in range(2_000)]
    assert {character for password in drawn for character in password} == {*SYMBOLS.decode(), "-"}
    assert len(set(drawn)) == len(drawn)
    assert as_typed(" K7MQ x2hd–9WTB ") == as_typed("k7mq-x2hd-9wtb")


def make_transfer(session: Session, school: Establishment) -> tuple[Account, Guardian]:
    """A student who was in another school, where the guardian has an account, and is now in `school`."""
    before = make_establishment(session, "9740002B", "École d'avant")
    earlier = make_student(session, before, ine="123456789AB", left_on=TODAY - timedelta(days=60))
    account = make_account(session, "m.payet", make_guardian(session, before, earlier, usage_name="HOARAU"))
    arrived = make_student(session, school, ine="123456789AB")
    return account, make_guardian(session, school, arrived, last_name="Payét")


def test_the_account_of_the_establishment_of_before_is_kept(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    account, guardian = make_transfer(session, school)
    assert generate(session, sealer, school) == Generated(created=0, kept=1)
    session.refresh(guardian)
    assert (guardian.account_id, guardian.account_kept) == (account.id, True)
    assert account.identifier == "m.payet"
    kept = session.scalars(select(JournalEvent).where(JournalEvent.action == "account_kept")).one()
    assert (kept.account_id, kept.subject) == (account.id, "m.payet")


def test_another_guardian_of_the_same_student_does_not_inherit_the_account(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    account, guardian = make_transfer(session, school)
    father = make_guardian(session, school, last_name="PAYET", first_name="Paul")
    link(session, session.get_one(Guardian, guardian.id).guardianships[0].student, father, 2)
    assert generate(session, sealer, school) == Generated(created=1, kept=1)
    session.refresh(father)
    assert father.account_id not in {None, account.id}


def test_students_get_theirs_and_keep_it_from_school_to_school(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    before = make_establishment(session, "9740002B")
    earlier = make_student(session, before, ine="123456789AB", left_on=TODAY - timedelta(days=60))
    make_account(session, "l.payet", earlier)
    make_student(session, school, ine="123456789AB")
    make_student(session, school, first_name="Tom")
    assert generate(session, sealer, school, STUDENTS) == Generated(created=1, kept=1)
    assert generate(session, sealer, school, STUDENTS) == Generated(created=0, kept=0)


def test_generation_is_in_the_journal_without_any_password(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    make_guardian(session, school, make_student(session, school))
    generate(session, sealer, school)
    events = session.scalars(select(JournalEvent).order_by(JournalEvent.id)).all()
    assert [event.action for event in events] == ["account_generated", "accounts_generated"]
    assert events[0].subject == "m.payet"
    assert events[1].details == {"created": 1, "kept": 0}


def test_the_number_of_statements_does_not_grow_with_the_accounts(
    session: Session, sealer: Sealer, school: Establishment
) -> None:
    def statements_to_generate(guardians: int) -> int:
        student = make_student(session, school)
        for number in range(guardians):
            make_guardian(session, school, student, last_name=f"NOM{chr(97 + number)}", first_name="Marie")
        seen: list[str] = []
        connection = session.connection()

        def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(connection, "before_cursor_execute", count)
        generate(session, sealer, school)
        event.remove(connection, "before_cursor_execute", count)
        return len(seen)

    assert statements_to_generate(2) == statements_to_generate(20)


def test_two_generations_at_once_give_each_guardian_one_account(database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        schools = [make_establishment(session, uai) for uai in ("9740001A", "9740002B")]
        for school in schools:
            for _ in range(20):
                make_guardian(session, school, make_student(session, school))

    def run(school: Establishment) -> int:
        with database.writing() as session:
            return generate(session, sealer, school).created

    with ThreadPoolExecutor(max_workers=4) as threads:
        created = list(threads.map(run, schools * 2))
    with database.reading() as session:
        identifiers = session.scalars(select(Account.identifier)).all()
        assert sum(created) == len(identifiers) == len(set(identifiers)) == 40
        assert session.scalar(select(func.count(Guardian.account_id.distinct()))) == 40
