"""R4 and R31, as a law over two schools of one académie, whatever their files say and in whatever order they come.

No account is ever tied to two persons, and no family sees a child that no file of a school tied to its account gives
it. Accounts are generated as they are in truth, the night passes, and families answer what they are asked: that they
know a school that has their children, and no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS as OF_GUARDIANS
from shared.accounts.populations import STUDENTS as OF_STUDENTS
from shared.accounts.ties.departures import confirm_departures, establishments_that_wait
from shared.accounts.ties.questions import Question, answer_question, questions_of
from shared.acting.caller import Caller
from shared.database import Database
from shared.establishments.home import home_of
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account
from shared.models.school import Establishment, Student
from tests.factories import at_desk
from tests.siecle.conftest import Import
from tests.siecle.recognising.histories import (
    STUDENTS,
    Export,
    Given,
    borne_by_several,
    families_of,
    files_in_order,
    forget,
    histories,
    is_complete,
    law,
    records_of,
)

UAIS = ("9740001A", "9740002B")
NOW = datetime(2028, 9, 2, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
POPULATIONS = (OF_GUARDIANS, OF_STUDENTS)


@dataclass(frozen=True)
class Turn:
    """What one school imports next, and whether families log in afterwards."""

    school: int
    number: int
    export: Export
    families_answer: bool


@dataclass(frozen=True)
class Academy:
    """The exports of each school, and the order in which they are imported."""

    histories: tuple[list[Export], list[Export]]
    turns: list[Turn]


@st.composite
def academies(draw: st.DrawFn) -> Academy:
    of_schools = (draw(histories()), draw(histories()))
    waiting = [list(enumerate(history)) for history in of_schools]
    turns = []
    while any(waiting):
        school = draw(st.sampled_from([number for number, left in enumerate(waiting) if left]))
        number, export = waiting[school].pop(0)
        turns.append(Turn(school, number, export, draw(st.booleans())))
    return Academy(of_schools, turns)


@dataclass
class World:
    """The two schools, and what is known of them in truth."""

    database: Database
    sealer: Sealer
    owners: dict[int, str] = field(default_factory=dict)
    """Whom each account was made for."""
    gave: dict[str, Given] = field(default_factory=lambda: {uai: Given() for uai in UAIS})
    families: dict[str, set[tuple[int, int]]] = field(default_factory=lambda: {uai: set() for uai in UAIS})
    """Who was whose guardian, in truth, in any file of each school."""

    def generate(self, uai: str) -> None:
        with self.database.writing() as session:
            school = session.scalars(select(Establishment.id).where(Establishment.uai == uai)).one()
            for population in POPULATIONS:
                generate_accounts(at_desk(session, school), population, self.sealer)
                held = select(population.fiche.account_id, population.fiche.address_line1)
                for account, person in session.execute(held.where(population.fiche.account_id.is_not(None))):
                    self.owners.setdefault(account, person)

    def let_the_night_pass(self) -> None:
        with self.database.writing() as session:
            for school in establishments_that_wait(session):
                confirm_departures(at_desk(session, school, today=TODAY))

    def let_families_answer(self) -> None:
        with self.database.writing() as session:
            for account in session.scalars(select(Account).order_by(Account.id)).all():
                for question in questions_of(session, account, TODAY):
                    known = self._knows(session, self.owners[account.id], question)
                    answer_question(
                        Caller(session, NOW, "192.0.2.1"), account, question.tie_id, known=known, today=TODAY
                    )

    def _knows(self, session: Session, person: str, question: Question) -> bool:
        """What a family answers that only reads first names: yes, where it has children so called in that school."""
        school = session.get_one(Establishment, session.get_one(AccountTie, question.tie_id).establishment_id)
        if person.startswith("S"):
            return any(f"S{child}" == person for _, child in self.gave[school.uai].named)
        own = {STUDENTS[child][1] for parent, child in self.families[school.uai] if f"G{parent}" == person}
        return set(question.children) <= own

    def seen(self, session: Session) -> Iterator[tuple[int, int, str, str]]:
        """The account, the school, whom the account was made for, and a child that its home shows."""
        for account in session.scalars(select(Account)):
            for child in home_of(session, account, TODAY).children:
                student = session.get_one(Student, child.student_id)
                yield account.id, child.establishment_id, self.owners[account.id], str(student.address_line1)

    def require_one_person_each(self) -> None:
        with self.database.reading() as session:
            for population in POPULATIONS:
                held = select(population.fiche.account_id, population.fiche.address_line1)
                for account, person in session.execute(held.where(population.fiche.account_id.is_not(None))):
                    assert self.owners[account] == person, "an account of one person is another's now"

    def require_that_nobody_sees_more(self) -> None:
        with self.database.reading() as session:
            ties = select(AccountTie.account_id, AccountTie.establishment_id)
            confirmed = set(session.execute(ties.where(AccountTie.state == TieState.CONFIRMED)).all())
            uais = dict(session.execute(select(Establishment.id, Establishment.uai)).all())
            for account, school, person, child in self.seen(session):
                assert (account, school) in confirmed, "a school is shown that is none of the account's"
                assert person == child or (person, child) in self.gave[uais[school]].pairs()

    def require_that_families_see_their_children(self, uai: str, export: Export) -> None:
        """Once everybody answered: nobody who was kept out stays so."""
        with self.database.reading() as session:
            school = session.scalars(select(Establishment.id).where(Establishment.uai == uai)).one()
            shown = {
                (person, child) for _, at, person, child in self.seen(session) if at == school and person[0] == "G"
            }
            assert shown == {(f"G{parent}", f"S{child}") for parent, child in families_of(export)}


@pytest.fixture
def import_time() -> datetime:
    """After the last of the files."""
    return NOW


@law(examples=6)
@given(academy=academies())
def test_over_two_schools_no_account_has_two_persons_and_no_family_sees_a_child_of_a_school_it_did_not_confirm(
    database: Database, run_import: Import, sealer: Sealer, tmp_path: Path, academy: Academy
) -> None:
    forget(database)
    world = World(database, sealer)
    for turn in academy.turns:
        uai = UAIS[turn.school]
        files = records_of(
            turn.export, borne_by_several(academy.histories[turn.school]), tmp_path / uai, turn.number, uai
        )
        for name, paths in files_in_order(turn.export, files):
            run_import(paths, accept_older=True)
            world.gave[uai].take(turn.export, name)
            if name != "students":
                world.families[uai] |= set(families_of(turn.export))
            world.require_one_person_each()
            world.generate(uai)
            world.require_one_person_each()
            world.require_that_nobody_sees_more()
        world.let_the_night_pass()
        world.require_one_person_each()
        if turn.families_answer:
            world.let_families_answer()
            world.generate(uai)
            world.require_one_person_each()
        world.require_that_nobody_sees_more()
        if turn.families_answer and is_complete(turn.export):
            world.require_that_families_see_their_children(uai, turn.export)
    with database.reading() as session:
        tied = session.execute(select(AccountTie.account_id, AccountTie.confirmed_by)).all()
    for word in {str(by) for _, by in tied}:
        event(f"a tie confirmed by: {word}")
