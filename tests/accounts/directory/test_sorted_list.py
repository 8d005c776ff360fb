"""R19: the list of accounts, in the order that staff ask for."""

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.listing import Filters
from shared.accounts.directory.sorted_list import Asked, Sort, sorted_accounts
from shared.accounts.populations import GUARDIANS, Register
from shared.models.accounts import Account, AccountState
from shared.models.school import Establishment, Guardian
from shared.rows.sorted_paging import Place
from tests.factories import TODAY, make_account, make_establishment, make_guardian, make_student

ROWS = (
    ("AUBRY", "z.aubry", AccountState.ACTIVE, "zoe@exemple.fr", None),
    ("BEGUE", "b.begue", AccountState.NOT_NOTIFIED, None, "Begue@exemple.fr"),
    ("HOARAU", "m.hoarau", AccountState.ACTIVE, "marie@exemple.fr", None),
    ("HOARAU", "a.hoarau", AccountState.NOTIFIED, None, "anne@exemple.fr"),
    ("PAYET", "p.payet", AccountState.NOT_NOTIFIED, None, None),
)
"""Last name, identifier, state, address of the account, address of the school base."""


@pytest.fixture
def school(session: Session, sealer: Sealer) -> Establishment:
    """Five accounts, and a neighbour school with one."""
    school = make_establishment(session)
    for name, identifier, state, email, of_base in ROWS:
        guardian = make_guardian(session, school, make_student(session, school), last_name=name, email=of_base)
        make_account(session, identifier, guardian, email=email, state=state, sealer=sealer)
    neighbour = make_establishment(session, "9740002B")
    make_account(session, "a.aaaaa", make_guardian(session, neighbour, make_student(session, neighbour)))
    session.flush()
    return school


def register_of(session: Session, school: Establishment) -> Register:
    return Register(session, school.id, GUARDIANS, TODAY)


def walked(session: Session, school: Establishment, sort: Sort, *, descending: bool, size: int) -> list[str]:
    """The identifiers of every page, one after the other; each page leads back to the one before."""
    found, place = [], Place()
    while True:
        asked = Asked(sort, descending, place, size)
        page = sorted_accounts(register_of(session, school), Filters(), asked)
        identifiers = [entry.account.identifier for entry in page.rows]
        if found:
            back = Asked(sort, descending, Place(before=page.previous), size)
            before = sorted_accounts(register_of(session, school), Filters(), back)
            assert [entry.account.identifier for entry in before.rows] == found[-size:]
        found += identifiers
        if page.next is None:
            return found
        place = Place(after=page.next)


@pytest.mark.parametrize("size", [1, 2, 50])
@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        (Sort.NAME, False, ["z.aubry", "b.begue", "m.hoarau", "a.hoarau", "p.payet"]),
        (Sort.NAME, True, ["p.payet", "a.hoarau", "m.hoarau", "b.begue", "z.aubry"]),
        (Sort.IDENTIFIER, False, ["a.hoarau", "b.begue", "m.hoarau", "p.payet", "z.aubry"]),
        (Sort.IDENTIFIER, True, ["z.aubry", "p.payet", "m.hoarau", "b.begue", "a.hoarau"]),
        (Sort.STATE, False, ["b.begue", "p.payet", "a.hoarau", "z.aubry", "m.hoarau"]),
        (Sort.STATE, True, ["m.hoarau", "z.aubry", "a.hoarau", "p.payet", "b.begue"]),
        (Sort.EMAIL, False, ["a.hoarau", "b.begue", "m.hoarau", "z.aubry", "p.payet"]),
        (Sort.EMAIL, True, ["z.aubry", "m.hoarau", "b.begue", "a.hoarau", "p.payet"]),
    ],
)
def test_each_order_is_walked_page_by_page_without_gap_or_repeat(
    session: Session, school: Establishment, sort: Sort, descending: bool, expected: list[str], size: int
) -> None:
    assert walked(session, school, sort, descending=descending, size=size) == expected


@pytest.mark.parametrize("sort", Sort)
def test_a_page_asks_the_same_number_of_queries_whatever_it_holds(
    session: Session, school: Establishment, sort: Sort
) -> None:
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    for size in (1, 50):
        sorted_accounts(register_of(session, school), Filters(), Asked(sort, size=size))
    assert len(statements) == 2 * 3


@pytest.mark.parametrize("sort", Sort)
def test_a_row_of_another_school_is_no_place(session: Session, school: Establishment, sort: Sort) -> None:
    of_neighbour = select(Guardian.id).join(Account, Account.id == Guardian.account_id)
    stranger = session.scalars(of_neighbour.where(Account.identifier == "a.aaaaa")).one()
    pages = [
        sorted_accounts(register_of(session, school), Filters(), Asked(sort, place=place))
        for place in (Place(), Place(after=stranger), Place(before=stranger), Place(after=2**31 - 1))
    ]
    assert [[entry.account.identifier for entry in page.rows] for page in pages[1:]] == [
        [entry.account.identifier for entry in pages[0].rows]
    ] * 3
    assert len(pages[0].rows) == len(ROWS)


def test_only_the_accounts_that_were_ticked_are_kept(session: Session, school: Establishment) -> None:
    ticked = session.scalars(select(Account.id).where(Account.identifier.in_(["b.begue", "a.aaaaa"]))).all()
    page = sorted_accounts(register_of(session, school), Filters(account_ids=frozenset(ticked)), Asked())
    assert [entry.account.identifier for entry in page.rows] == ["b.begue"]
