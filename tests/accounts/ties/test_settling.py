"""R4: what one establishment's file says gives it no power over an account of another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import Generated
from shared.accounts.directory.waiting_ties import note_refusals_seen
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.accounts.ties.settling import A_FAMILY, TieSettled, confirm_tie, refuse_tie
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account, AccountState
from shared.models.journal import JournalEvent
from shared.models.school import Guardian
from tests.accounts.ties.families import INE, generate, make_family, tie_of
from tests.factories import NOW, TODAY, at_desk, link, make_account, make_establishment, make_guardian, make_student

LAST_MONTH = TODAY - timedelta(days=30)


def test_an_account_is_its_own_schools_from_its_generation_on(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    mother = make_guardian(session, school, make_student(session, school))
    generate(session, sealer, school)
    account = session.get_one(Account, mother.account_id)
    tie = tie_of(session, account, school)
    assert tie is not None
    assert (tie.state, tie.confirmed_by, tie.settled_at) == (TieState.CONFIRMED, ConfirmedBy.GENERATION, NOW)


def test_a_file_alone_gives_no_account_of_another_school_to_a_fiche(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    assert generate(session, sealer, family.there) == Generated(created=0, kept=1, proposed=1)
    assert family.claimed.account_id is None
    tie = tie_of(session, family.account, family.there)
    assert tie is not None
    assert (tie.state, tie.confirmed_by, tie.settled_at) == (TieState.PROPOSED, None, None)
    assert generate(session, sealer, family.there) == Generated(created=0, kept=0)


def test_the_journal_of_the_new_school_names_its_own_fiche_and_nothing_of_the_account(
    session: Session, sealer: Sealer
) -> None:
    family = make_family(session)
    generate(session, sealer, family.there)
    events = session.scalars(select(JournalEvent).where(JournalEvent.establishment_id == family.there.id)).all()
    assert [(event.action, event.subject) for event in events] == [
        ("tie_proposed", "PAYET Marie"),
        ("accounts_generated", "guardian"),
    ]
    assert family.account.identifier not in str([vars(event) for event in events])


@pytest.mark.parametrize("left", [{"left_on": TODAY}, {"gone_at": NOW}])
def test_the_base_of_the_school_before_confirms_when_the_student_is_gone(
    session: Session, sealer: Sealer, left: dict[str, object]
) -> None:
    family = make_family(session, **left)
    assert generate(session, sealer, family.there) == Generated(created=0, kept=1)
    assert (family.claimed.account_id, family.claimed.account_kept) == (family.account.id, True)
    tie = tie_of(session, family.account, family.there)
    assert tie is not None
    assert tie.confirmed_by is ConfirmedBy.DEPARTURE


def test_a_departure_that_comes_later_confirms_at_the_next_generation(session: Session, sealer: Sealer) -> None:
    family = make_family(session, left_on=TODAY + timedelta(days=10))
    generate(session, sealer, family.there)
    assert family.claimed.account_id is None
    assert generate(session, sealer, family.there, today=TODAY + timedelta(days=10)) == Generated(created=0, kept=1)
    assert family.claimed.account_id == family.account.id


def test_a_student_still_present_in_a_third_school_speaks_against(session: Session, sealer: Sealer) -> None:
    """The school where the student is now gave the account no fiche; its names may be others, on purpose."""
    family = make_family(session, left_on=LAST_MONTH)
    third = make_establishment(session, "9740009Z")
    make_student(session, third, ine=INE, first_name="Zoé", last_name="HOARAU")
    assert generate(session, sealer, family.there) == Generated(created=0, kept=1, proposed=1)
    assert family.claimed.account_id is None


def test_one_child_who_left_does_not_speak_for_another_who_did_not(session: Session, sealer: Sealer) -> None:
    family = make_family(session, left_on=LAST_MONTH)
    for school, mother in ((family.here, family.mother), (family.there, family.claimed)):
        link(session, make_student(session, school, first_name="Tom", ine="0123456788B"), mother)
    assert generate(session, sealer, family.there).proposed == 1
    assert family.claimed.account_id is None


@pytest.mark.parametrize(
    "claimed",
    [
        {"birth_date": TODAY - timedelta(days=4000)},
        {"first_name": "Zoé", "family_name": "HOARAU"},
        {"ine": "00000000000"},
        {"ine": None},
    ],
    ids=["another birth date", "other names", "no INE", "none at all"],
)
def test_a_student_who_is_another_one_brings_no_account_along(
    session: Session, sealer: Sealer, claimed: dict[str, object]
) -> None:
    family = make_family(session, left_on=LAST_MONTH)
    for name, value in claimed.items():
        setattr(family.claimed_child, name, value)
    if claimed.get("ine"):
        family.child.ine = family.claimed_child.ine
    session.flush()
    assert generate(session, sealer, family.there) == Generated(created=1, kept=0)
    assert family.claimed.account_id not in {None, family.account.id}
    assert tie_of(session, family.account, family.there) is None


def test_an_account_that_only_a_proposal_leads_to_is_not_proposed_on(session: Session, sealer: Sealer) -> None:
    """A chain of schools that each cite the one before leads nowhere: only a confirmed tie is cited."""
    family = make_family(session)
    generate(session, sealer, family.there)
    family.child.ine = "9876543210Z"
    third = make_establishment(session, "9740009Z")
    make_guardian(session, third, make_student(session, third, ine=INE))
    session.flush()
    assert generate(session, sealer, third) == Generated(created=1, kept=0)


def test_the_same_person_in_three_schools_is_asked_by_each(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    third = make_establishment(session, "9740009Z")
    make_guardian(session, third, make_student(session, third, ine=INE))
    assert [generate(session, sealer, school).proposed for school in (family.there, third)] == [1, 1]
    first, second = (tie_of(session, family.account, school) for school in (family.there, third))
    assert first is not None
    assert second is not None
    confirm_tie(Act(session, SYSTEM, NOW), first.id, ConfirmedBy.FAMILY)
    assert second.state is TieState.PROPOSED


def test_the_family_says_yes_and_its_fiche_holds_the_account(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    generate(session, sealer, family.there)
    tie = tie_of(session, family.account, family.there)
    assert tie is not None
    confirm_tie(Act(session, SYSTEM, NOW), tie.id, ConfirmedBy.FAMILY)
    session.expire_all()
    assert (family.claimed.account_id, family.claimed.account_kept) == (family.account.id, True)
    assert session.scalars(select(ProposedFiche)).all() == []
    told = session.scalars(select(JournalEvent).where(JournalEvent.action == "tie_confirmed")).all()
    assert {event.establishment_id for event in told} == {family.here.id, family.there.id}
    with pytest.raises(TieSettled):
        refuse_tie(Act(session, A_FAMILY, NOW), tie.id)


def test_the_family_says_no_and_another_account_is_made_for_the_fiche(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    generate(session, sealer, family.there)
    tie = tie_of(session, family.account, family.there)
    assert tie is not None
    refuse_tie(Act(session, A_FAMILY, NOW), tie.id)
    told = session.scalars(select(JournalEvent).where(JournalEvent.action == "tie_refused")).one()
    assert (told.establishment_id, told.subject, told.address) == (family.there.id, "Marie PAYET", None)
    assert family.account.identifier not in str(vars(told))
    assert generate(session, sealer, family.there) == Generated(created=1, kept=0)
    assert family.claimed.account_id not in {None, family.account.id}
    # Kept to be named until somebody looked at the answer.
    assert session.scalars(select(ProposedFiche.guardian_id)).all() == [family.claimed.id]
    assert note_refusals_seen(at_desk(session, family.there.id), GUARDIANS, tie.id) == 1
    assert session.scalars(select(ProposedFiche)).all() == []
    with pytest.raises(TieSettled):
        confirm_tie(Act(session, SYSTEM, NOW), tie.id, ConfirmedBy.ACADEMY)


def test_a_no_is_remembered_when_the_fiche_is_made_anew(session: Session, sealer: Sealer) -> None:
    """A delegate who imports the same child under another key is not heard again."""
    family = make_family(session)
    generate(session, sealer, family.there)
    tie = tie_of(session, family.account, family.there)
    assert tie is not None
    refuse_tie(Act(session, A_FAMILY, NOW), tie.id)
    family.claimed.gone_at = NOW
    again = make_guardian(session, family.there, family.claimed_child)
    assert generate(session, sealer, family.there) == Generated(created=1, kept=0)
    assert session.get_one(Guardian, again.id).account_id != family.account.id


def test_students_are_asked_about_their_own_account(session: Session, sealer: Sealer) -> None:
    here, there = make_establishment(session), make_establishment(session, "9740002B")
    account = make_account(session, "l.payet", make_student(session, here, ine=INE))
    claimed = make_student(session, there, ine=INE)
    assert generate(session, sealer, there, STUDENTS) == Generated(created=0, kept=1, proposed=1)
    tie = tie_of(session, account, there)
    assert tie is not None
    confirm_tie(Act(session, SYSTEM, NOW), tie.id, ConfirmedBy.FAMILY)
    session.expire_all()
    assert claimed.account_id == account.id


def test_several_fiches_of_one_person_wait_for_one_answer(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    twice = make_guardian(session, family.there, family.claimed_child, first_name="MARIE")
    assert generate(session, sealer, family.there).proposed == 2
    tie = tie_of(session, family.account, family.there)
    assert tie is not None
    confirm_tie(Act(session, SYSTEM, NOW), tie.id, ConfirmedBy.FAMILY)
    session.expire_all()
    assert {family.claimed.account_id, twice.account_id} == {family.account.id}


def test_of_parents_with_one_name_each_is_asked_about_the_own_account(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    father = make_guardian(session, family.here, family.child, civility="M.")
    of_father = make_account(session, "m.payet.pere", father)
    claimed_father = make_guardian(session, family.there, family.claimed_child, civility="M.")
    assert generate(session, sealer, family.there) == Generated(created=0, kept=2, proposed=2)
    for account, fiche in ((family.account, family.claimed), (of_father, claimed_father)):
        tie = tie_of(session, account, family.there)
        assert tie is not None
        waiting = session.scalars(select(ProposedFiche.guardian_id).where(ProposedFiche.tie_id == tie.id)).all()
        assert waiting == [fiche.id]


def test_an_account_that_is_erased_leaves_its_fiche_free_for_another(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    generate(session, sealer, family.there)
    family.mother.account_id = None
    session.flush()
    session.delete(family.account)
    session.flush()
    assert session.scalars(select(AccountTie)).all() == []
    assert generate(session, sealer, family.there) == Generated(created=1, kept=0)


def test_the_database_itself_keeps_the_account_from_the_fiche(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    generate(session, sealer, family.there)
    family.claimed.account_id = family.account.id
    with pytest.raises(IntegrityError, match="confirmed tie"):
        session.flush()


def test_a_generation_asks_as_many_questions_whatever_the_number_of_arrivals(session: Session, sealer: Sealer) -> None:
    def statements(families: int) -> int:
        here = make_establishment(session, f"97400{families:02d}A")
        there = make_establishment(session, f"97400{families:02d}B")
        for number in range(families):
            ine = f"{families:02d}{number:08d}C"
            left = {"left_on": LAST_MONTH} if number % 2 else {}
            mother = make_guardian(session, here, make_student(session, here, ine=ine, **left))
            make_account(session, f"m.p{families}n{number}", mother)
            make_guardian(session, there, make_student(session, there, ine=ine))
        seen: list[str] = []
        connection = session.connection()

        def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(connection, "before_cursor_execute", count)
        done = generate(session, sealer, there)
        event.remove(connection, "before_cursor_execute", count)
        assert (done.kept, done.proposed) == (families, families - families // 2)
        return len(seen)

    assert statements(2) == statements(20)


def test_of_a_yes_and_a_no_at_once_one_counts(database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        family = make_family(session)
        generate(session, sealer, family.there)
        tie = tie_of(session, family.account, family.there)
        assert tie is not None
        fiche_id, tie_id = family.claimed.id, tie.id

    def answer(known: bool) -> bool:
        with database.writing() as session:
            try:
                if known:
                    confirm_tie(Act(session, SYSTEM, NOW), tie_id, ConfirmedBy.FAMILY)
                else:
                    refuse_tie(Act(session, A_FAMILY, NOW), tie_id)
            except TieSettled:
                return False
            return True

    with ThreadPoolExecutor(max_workers=2) as threads:
        assert sorted(threads.map(answer, (True, False))) == [False, True]
    with database.reading() as session:
        state = session.scalars(select(AccountTie.state).where(AccountTie.id == tie_id)).one()
        holds = session.get_one(Guardian, fiche_id).account_id is not None
        assert holds == (state is TieState.CONFIRMED)


def test_accounts_that_are_closed_are_not_proposed(session: Session, sealer: Sealer) -> None:
    family = make_family(session)
    family.account.disabled_from, family.account.state = AccountState.ACTIVE, AccountState.DISABLED
    session.flush()
    assert generate(session, sealer, family.there) == Generated(created=1, kept=0)
