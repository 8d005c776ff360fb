"""R33 over three years, night after night: who is erased, when, after which mail; and who never is."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from shared.config import Settings
from shared.database import Database
from shared.models.accounts import Account, AccountErasure, Identifier
from shared.models.journal import Action, JournalEvent
from shared.models.notifications import WAITING, AccountMail, AccountMailKind, DeliveryState
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.retention.night import keep_no_longer, what_comes
from tests.factories import NOW, TODAY, link, make_account, make_establishment, make_guardian, make_student
from tests.statements import sent

NIGHTS_APART = 5
YEARS = timedelta(days=3 * 365)


@dataclass
class Nights:
    """The nights of one installation, and on which day each account, fiche and mail was first seen or missed."""

    database: Database
    settings: Settings
    mails_leave: bool = True
    day: date = TODAY
    erased: dict[str, date] = field(default_factory=dict)
    mailed: dict[str, date] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return NOW + (self.day - TODAY)

    def until(self, last: date) -> None:
        while self.day < last:
            self.day += timedelta(days=NIGHTS_APART)
            before = self._there()
            keep_no_longer(self.database, self.settings, self.now, self.day)
            self.erased |= dict.fromkeys(before - self._there(), self.day)
            with self.database.writing() as session:
                found = session.execute(
                    select(Account.identifier)
                    .join(AccountMail, AccountMail.account_id == Account.id)
                    .where(AccountMail.kind == AccountMailKind.ERASURE_COMING, AccountMail.delivery.in_(WAITING))
                )
                self.mailed |= dict.fromkeys(found.scalars(), self.day)
                if self.mails_leave:
                    session.execute(update(AccountMail).values(delivery=DeliveryState.SENT, next_attempt_at=None))

    def after(self, **ago: int) -> None:
        self.until(TODAY + timedelta(**ago))

    def _there(self) -> set[str]:
        with self.database.reading() as session:
            names = [session.scalars(select(Account.identifier)).all()]
            names += [session.scalars(select(fiche.first_name)).all() for fiche in (Student, Guardian)]
            return {name for some in names for name in some}


@pytest.fixture
def nights(database: Database, settings: Settings) -> Nights:
    return Nights(database, settings)


@pytest.fixture
def school(database: Database) -> int:
    with database.writing() as session:
        return make_establishment(session).id


def make_family(
    database: Database, school: int, name: str, *children: str, last_login_at: datetime = NOW, has_mail: bool = True
) -> None:
    """A guardian `name` of these children, with an active account `m.name` whose address is verified."""
    with database.writing() as session:
        establishment = session.get_one(Establishment, school)
        guardian = make_guardian(session, establishment, first_name=name, siecle_id=f"g{name}")
        for child in children:
            link(session, make_student(session, establishment, first_name=child, siecle_id=f"s{child}"), guardian)
        account = make_account(session, f"m.{name.lower()}", guardian, last_login_at=last_login_at)
        if not has_mail:
            account.email = account.email_verified_at = None


def leaves(database: Database, child: str, day: date) -> None:
    with database.writing() as session:
        session.execute(update(Student).where(Student.first_name == child).values(left_on=day))


def comes_in(database: Database, identifier: str, at: datetime) -> None:
    with database.writing() as session:
        session.execute(update(Account).where(Account.identifier == identifier).values(last_login_at=at))


def within(seen: date, day: date) -> bool:
    """On that day, or in the first night after it."""
    return day <= seen <= day + timedelta(days=NIGHTS_APART)


def test_three_years_of_one_school(database: Database, school: int, nights: Nights) -> None:
    make_family(database, school, "Regular", "Alice")
    make_family(database, school, "Leaver", "Bruno", last_login_at=NOW + timedelta(days=80))
    make_family(database, school, "Silent", "Chloe")
    make_family(database, school, "Warned", "David")
    make_family(database, school, "Elder", "Emma", "Fanny")
    make_family(database, school, "Nomail", "Gaston", has_mail=False)
    left = TODAY + timedelta(days=90)
    leaves(database, "Bruno", left)
    leaves(database, "Emma", left)
    for day in range(170, 1090, 170):
        nights.after(days=day)
        # The one who is warned comes in once it was, and then as the others do.
        for regular in ("m.regular", "m.elder", *(["m.warned"] if day >= 340 else [])):
            comes_in(database, regular, nights.now)
    nights.until(TODAY + YEARS)

    gone = left + timedelta(days=92)
    assert within(nights.erased.pop("Bruno"), gone)
    assert within(nights.erased.pop("Leaver"), gone)
    assert within(nights.mailed.pop("m.leaver"), gone)
    assert within(nights.erased.pop("m.leaver"), gone + timedelta(days=30))
    # One child of two left: that fiche goes, the guardian stays for the other one.
    assert within(nights.erased.pop("Emma"), gone)
    year = TODAY + timedelta(days=365)
    for identifier in ("m.silent", "m.nomail"):
        assert within(nights.erased.pop(identifier), year)
    assert within(nights.mailed.pop("m.silent"), year - timedelta(days=30))
    # Told, and came in: kept to the end.
    assert within(nights.mailed.pop("m.warned"), year - timedelta(days=30))
    assert (nights.erased, nights.mailed) == ({}, {})


def test_identifiers_stay_given_and_the_journal_tells_of_nobody(
    database: Database, school: int, nights: Nights
) -> None:
    make_family(database, school, "Leaver", "Bruno")
    leaves(database, "Bruno", TODAY)
    nights.after(days=200)
    with database.reading() as session:
        assert session.scalars(select(Identifier.value)).all() == ["m.leaver"]
        told = session.scalars(select(JournalEvent).where(JournalEvent.action == Action.RECORDS_ERASED)).all()
    assert sorted((tuple(one.details.items()), one.establishment_id) for one in told) == [
        ((("accounts", 1),), None),
        ((("guardians", 1),), school),
        ((("students", 1),), school),
    ]
    assert {(one.subject, one.account_id) for one in told} == {("", None)}


def test_nothing_is_erased_before_its_mail_has_left(database: Database, school: int, nights: Nights) -> None:
    make_family(database, school, "Silent", "Chloe")
    nights.mails_leave = False
    nights.after(days=420)
    assert "m.silent" in nights.mailed
    assert nights.erased == {}
    nights.mails_leave = True
    nights.after(days=430)
    assert list(nights.erased) == ["m.silent"]


def test_an_installation_that_slept_tells_before_it_erases(database: Database, school: int, nights: Nights) -> None:
    make_family(database, school, "Silent", "Chloe")
    nights.day = TODAY + timedelta(days=800)
    nights.after(days=820)
    assert nights.erased == {}
    nights.after(days=840)
    assert list(nights.erased) == ["m.silent"]


def test_periods_can_be_lengthened(database: Database, school: int, nights: Nights) -> None:
    make_family(database, school, "Silent", "Chloe")
    make_family(database, school, "Leaver", "Bruno")
    leaves(database, "Bruno", TODAY)
    nights.settings = nights.settings.model_copy(update={"retention_fiche_months": 12, "retention_account_days": 730})
    nights.after(days=360)
    assert nights.erased == {}
    nights.after(days=740)
    assert set(nights.erased) == {"Bruno", "Leaver", "m.leaver", "m.silent"}


def test_a_child_that_came_back_keeps_its_family(database: Database, school: int, nights: Nights) -> None:
    make_family(database, school, "Leaver", "Bruno")
    leaves(database, "Bruno", TODAY)
    nights.after(days=80)
    with database.writing() as session:
        session.execute(update(Student).values(left_on=None))
    nights.after(days=300)
    assert nights.erased == {}


def test_an_import_that_no_longer_holds_a_fiche_counts_as_leaving(
    database: Database, school: int, nights: Nights
) -> None:
    make_family(database, school, "Leaver", "Bruno")
    with database.writing() as session:
        for table in (Student, Guardian, Guardianship):
            session.execute(update(table).values(gone_at=NOW))
    nights.after(days=85)
    assert nights.erased == {}
    nights.after(days=100)
    assert set(nights.erased) == {"Bruno", "Leaver"}


def test_what_comes_is_listed_and_nothing_is_changed(database: Database, school: int, nights: Nights) -> None:
    make_family(database, school, "Silent", "Chloe")
    make_family(database, school, "Leaver", "Bruno")
    leaves(database, "Bruno", TODAY)
    nights.after(days=80)
    with database.reading() as session:
        coming = what_comes(session, nights.settings, nights.day)
    assert [(one.students, one.guardians, one.students_soon, one.guardians_soon) for one in coming.fiches] == [
        (0, 0, 1, 1)
    ]
    assert coming.accounts == []
    nights.after(days=340)
    with database.reading() as session:
        coming = what_comes(session, nights.settings, nights.day)
        assert [(one.identifier, one.is_announced) for one in coming.accounts] == [("m.silent", True)]
        assert session.scalar(select(func.count()).select_from(AccountErasure)) == 1


@pytest.mark.runs_on("sqlite")
def test_the_statements_of_a_night_do_not_grow_with_what_there_is(
    database: Database, school: int, nights: Nights
) -> None:
    counts = []
    for families in (1, 8):
        for number in range(families):
            make_family(database, school, f"F{families}n{number}", f"C{families}n{number}")
        with database.writing() as session:
            session.execute(update(Student).values(left_on=nights.day - timedelta(days=200)))
        counts.append(statements(database, nights))
    assert counts[0] == counts[1]


def statements(database: Database, nights: Nights) -> int:
    with sent(database) as seen:
        keep_no_longer(database, nights.settings, nights.now, nights.day)
    return len(seen)
