"""R19: the list, the search and the card of one establishment."""

import re

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.listing import FicheNotFound, Filters, card_of, count_accounts, page_of_accounts
from shared.accounts.populations import GUARDIANS, STUDENTS, Register
from shared.models.accounts import AccountState
from shared.models.school import Establishment, NameFlag
from tests.factories import TODAY, make_account, make_division, make_establishment, make_guardian, make_student


@pytest.fixture
def school(session: Session, sealer: Sealer) -> Establishment:
    """Three families in two divisions, and a neighbour school with the same names."""
    school = make_establishment(session)
    sixth, fifth = make_division(session, school, "6A"), make_division(session, school, "5B")
    lea = make_student(session, school, sixth, "PAYET", "Léa")
    tom = make_student(session, school, fifth, "HOARAU", "Tom")
    make_account(
        session, "m.payet", make_guardian(session, school, lea), state=AccountState.NOT_NOTIFIED, sealer=sealer
    )
    make_account(session, "p.hoarau", make_guardian(session, school, tom, last_name="HOARAU", first_name="Paul"))
    velou = make_guardian(session, school, tom, last_name="VÉLOU", first_name="Anne", name_flag=NameFlag.COMMENT)
    make_account(session, "a.velou", velou)
    neighbour = make_establishment(session, "9740002B")
    make_account(session, "m.payet1", make_guardian(session, neighbour, make_student(session, neighbour)))
    return school


def found(session: Session, school: Establishment, **filters: object) -> list[str]:
    page = page_of_accounts(Register(session, school.id, GUARDIANS, TODAY), Filters(**filters))  # type: ignore[arg-type]
    return [entry.account.identifier for entry in page]


@pytest.mark.parametrize(
    ("search", "identifiers"),
    [
        ("", ["p.hoarau", "m.payet", "a.velou"]),
        ("pay", ["m.payet"]),
        ("PAYET M", ["m.payet"]),
        ("velou", ["a.velou"]),
        ("Vélou", ["a.velou"]),
        ("m.pay", ["m.payet"]),
        ("hoarau tom", ["p.hoarau", "a.velou"]),
        ("zzz", []),
        ("%", []),
        ("_ayet", ["m.payet"]),
        ("marie payet", ["m.payet"]),
    ],
)
def test_the_search_takes_parts_of_names_identifiers_and_students(
    session: Session, school: Establishment, search: str, identifiers: list[str]
) -> None:
    assert found(session, school, search=search) == identifiers


def test_filters_narrow_the_list(session: Session, school: Establishment) -> None:
    assert found(session, school, state=AccountState.NOT_NOTIFIED) == ["m.payet"]
    assert found(session, school, division="5B") == ["p.hoarau", "a.velou"]
    assert found(session, school, flagged=True) == ["a.velou"]
    assert found(session, school, expires_soon=True) == []


def test_pages_follow_each_other_without_gap_or_repeat(session: Session, school: Establishment) -> None:
    seen, after = [], ""
    while page := page_of_accounts(Register(session, school.id, GUARDIANS, TODAY), Filters(), after=after, limit=1):
        seen += [entry.account.identifier for entry in page]
        after = page[-1].key
    assert seen == ["p.hoarau", "m.payet", "a.velou"]


def test_a_page_asks_the_same_number_of_queries_whatever_it_holds(session: Session, school: Establishment) -> None:
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page_of_accounts(Register(session, school.id, GUARDIANS, TODAY), Filters(), limit=1)
    one = len(statements)
    page_of_accounts(Register(session, school.id, GUARDIANS, TODAY), Filters(), limit=50)
    assert len(statements) == 2 * one == 4


def test_the_card_of_another_establishment_is_not_found(session: Session, school: Establishment) -> None:
    mine = page_of_accounts(Register(session, school.id, GUARDIANS, TODAY), Filters())[0]
    assert card_of(session, school.id, GUARDIANS, mine.fiche.id, TODAY).account.identifier == "p.hoarau"
    other = make_establishment(session, "9740003C")
    for establishment_id, population in ((other.id, GUARDIANS), (school.id, STUDENTS)):
        with pytest.raises(FicheNotFound):
            card_of(session, establishment_id, population, mine.fiche.id, TODAY)


def test_accounts_are_counted_by_state(session: Session, school: Establishment) -> None:
    counts = count_accounts(session, school.id, GUARDIANS, TODAY).by_state
    assert {state: count for state, count in counts.items() if count} == {
        AccountState.NOT_NOTIFIED: 1,
        AccountState.ACTIVE: 2,
    }


def test_the_list_and_the_search_read_an_index(session: Session, school: Establishment) -> None:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        # Three rows are read faster without any index; what matters is that one could serve.
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_sort = off"))
    plans: list[str] = []

    def explain(connection, cursor, statement, parameters, *_rest):  # type: ignore[no-untyped-def]
        if statement.startswith("SELECT guardian.id"):
            prefix = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
            plan = connection.connection.cursor()
            plan.execute(prefix + statement, parameters)
            plans.append(" ".join(str(column) for row in plan.fetchall() for column in row))

    event.listen(session.connection(), "before_cursor_execute", explain)
    found(session, school)
    found(session, school, search="pay")
    assert len(plans) == 2
    assert "ix_guardian_establishment_id_name_key_id" in plans[0]
    for plan in plans:
        # Of the school alone, whichever of them it is.
        assert re.search(r"(ix|uq)_guardian_establishment_id_", plan)
        assert "SCAN guardian" not in plan
        assert "Seq Scan" not in plan
