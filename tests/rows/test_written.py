"""A statement that was written down gives what the statement gives, and nothing from outside ends its text."""

from datetime import date

import pytest
from sqlalchemy import bindparam, func, literal, select, text
from sqlalchemy.orm import Session

from shared.engines import AUTOCOMMIT
from shared.models.accounts import Account, AccountState
from shared.models.school import Division
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Prepared
from shared.rows.written import write
from tests.factories import TODAY as THIS_DAY
from tests.factories import make_account, make_division, make_establishment, make_guardian, make_student

pytestmark = pytest.mark.both_databases

ENDS_A_TEXT = ("d'Arc", "6A' OR '1'='1", "50 %", "a:b", "\\'; DROP TABLE account; --", "é", ":today")


@pytest.fixture
def school_id(session: Session) -> int:
    """With a division for each of these codes, and one active account."""
    school = make_establishment(session)
    for code in ENDS_A_TEXT:
        make_division(session, school, code[:20])
    guardian = make_guardian(session, school, make_student(session, school))
    make_account(session, "p.nom", guardian, state=AccountState.ACTIVE)
    session.flush()
    return school.id


@pytest.mark.parametrize("code", ENDS_A_TEXT)
def test_a_value_that_could_end_a_text_is_told_and_not_written(session: Session, school_id: int, code: str) -> None:
    of_code = select(Division.code, literal(code)).where(
        Division.establishment_id == ESTABLISHMENT_ID, Division.code.in_([code[:20], "other"])
    )
    assert Prepared(of_code).rows(session, establishment_id=school_id) == [(code[:20], code)]
    assert code not in str(write(of_code, session.get_bind().dialect))


def test_words_of_the_rules_are_written_and_read_as_what_they_are(session: Session, school_id: int) -> None:
    states = (AccountState.ACTIVE, AccountState.NOTIFIED)
    found = select(Account.state, Account.identifier, literal(True)).where(Account.state.in_(states))
    assert "'active'" in str(write(found, session.get_bind().dialect))
    assert Prepared(found).rows(session) == [(AccountState.ACTIVE, "p.nom", True)]


def test_a_list_is_told_however_long_it_is(session: Session, school_id: int) -> None:
    among = Prepared(
        select(func.count()).where(
            Division.establishment_id == ESTABLISHMENT_ID, Division.code.in_(bindparam("codes", expanding=True))
        )
    )
    codes = [code[:20] for code in ENDS_A_TEXT]
    told = [codes, codes[:2], []]
    assert [among.number(session, establishment_id=school_id, codes=each) for each in told] == [len(codes), 2, 0]


def test_columns_of_one_name_stay_apart(session: Session, school_id: int) -> None:
    twice = select(Account.id, Account.state, literal(1).label("id"), literal(TODAY.key).label("state"))
    assert Prepared(twice).one(session)[1:] == (AccountState.ACTIVE, 1, "today")


def test_an_instant_or_a_day_that_never_changes_is_written_too(session: Session, school_id: int) -> None:
    later = select(func.count(Account.id)).where(literal(THIS_DAY) > date(2000, 1, 1), TODAY == THIS_DAY)
    assert Prepared(later).number(session, today=THIS_DAY) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_plans_for_values_again_once_the_page_is_over(session: Session, school_id: int) -> None:
    engine = session.get_bind().engine

    def mode(reading: Session) -> str:
        return reading.execute(text("SHOW plan_cache_mode")).scalar_one()

    reading = engine.execution_options(isolation_level=AUTOCOMMIT)
    with Session(reading) as page:
        Prepared(select(func.count(Account.id))).number(page)
        assert mode(page) == "force_generic_plan"
    with Session(reading) as next_page:
        assert mode(next_page) == "auto"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_page_that_was_answered_stays_so_when_postgresql_goes_away_after_it(session: Session, school_id: int) -> None:
    reading = session.get_bind().engine.execution_options(isolation_level=AUTOCOMMIT)
    with Session(reading) as page:
        Prepared(select(func.count(Account.id))).number(page)
        process = page.execute(text("SELECT pg_backend_pid()")).scalar_one()
        session.execute(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})
    with Session(reading) as next_page:
        assert Prepared(select(func.count(Division.id))).number(next_page) == 0
