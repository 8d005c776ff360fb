"""R26: what is counted at night of each school is what « Accueil » counts, and what others may be measured by."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import false, select, text
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.academy import AcademyFigures, SchoolFigures
from shared.models.accounts import AccountState
from shared.models.school import Establishment, FileKind, LastExport
from shared.overview.figures import (
    NEVER,
    Rates,
    compare,
    count_school,
    keep_academy_figures,
    keep_figures,
    last_academy_figures,
    not_counted_yet,
)
from shared.worker.daily import run_daily
from tests.duplicates.base import make_pair
from tests.factories import NOW, TODAY, make_account, make_division, make_establishment, make_guardian, make_student

STATES = AccountState
A_YEAR = relativedelta(years=1)
OF_NO_OTHER = select(Establishment.id).where(false())


def filled(session: Session, sealer: Sealer, uai: str, *states: AccountState) -> Establishment:
    """A school with one family for each of these states."""
    school = make_establishment(session, uai)
    division = make_division(session, school)
    for number, state in enumerate(states):
        student = make_student(session, school, division, f"NOM{number}")
        guardian = make_guardian(session, school, student, last_name=f"NOM{number}")
        is_disabled = state is STATES.DISABLED
        made = make_account(
            session, f"{uai.lower()}.{number}", guardian, state=STATES.ACTIVE if is_disabled else state, sealer=sealer
        )
        if is_disabled:
            made.state, made.disabled_from = STATES.DISABLED, STATES.ACTIVE
    session.flush()
    return school


def counted(session: Session, school: Establishment, ago: timedelta | relativedelta = timedelta()) -> SchoolFigures:
    keep_figures(session, count_school(session, school.id, NOW - ago, TODAY - ago))
    session.expire_all()
    return session.scalars(
        select(SchoolFigures).where(SchoolFigures.establishment_id == school.id, SchoolFigures.day == TODAY - ago)
    ).one()


def test_a_school_is_counted_without_those_that_count_no_more(session: Session, sealer: Sealer) -> None:
    states = (STATES.NOT_NOTIFIED, STATES.NOTIFIED, STATES.ACTIVATING, STATES.ACTIVE, STATES.DISABLED)
    school = filled(session, sealer, "9740001A", *states)
    gone = make_student(session, school, left_on=TODAY - timedelta(days=1))
    make_account(session, "partie", make_guardian(session, school, gone))
    twins = [make_guardian(session, school, last_name="DOUBLE") for _ in range(2)]
    make_pair(session, *twins, 0.99)

    figures = counted(session, school)

    assert (figures.accounts, figures.notified, figures.active, figures.rate) == (4, 3, 1, 25)
    assert (figures.duplicates, figures.failures, figures.imported_at) == (1, 0, NEVER)
    session.add(LastExport(establishment_id=school.id, kind=FileKind.STUDENTS, exported_at=NOW, imported_at=NOW))
    session.flush()
    assert counted(session, school).imported_at == NOW


def test_counting_again_on_the_same_day_replaces_and_on_the_next_adds(session: Session, sealer: Sealer) -> None:
    school = filled(session, sealer, "9740001A", STATES.NOT_NOTIFIED)
    counted(session, school, timedelta(days=1))
    counted(session, school)
    school.name = "Collège renommé"
    assert counted(session, school).name == "Collège renommé"

    rows = session.execute(select(SchoolFigures.day, SchoolFigures.is_latest).order_by(SchoolFigures.day)).all()
    assert [tuple(row) for row in rows] == [(TODAY - timedelta(days=1), False), (TODAY, True)]


def test_all_schools_together_are_their_sums_and_the_mean_counts_each_school_once(
    session: Session, sealer: Sealer
) -> None:
    counted(session, filled(session, sealer, "9740001A", STATES.ACTIVE))
    counted(session, filled(session, sealer, "9740002B", *[STATES.NOT_NOTIFIED] * 3, STATES.ACTIVE))
    counted(session, filled(session, sealer, "9740003C"))
    keep_academy_figures(session, NOW, TODAY)
    keep_academy_figures(session, NOW, TODAY)

    together = last_academy_figures(session)
    assert together is not None
    assert (together.schools, together.with_accounts, together.imported) == (3, 2, 0)
    assert (together.accounts, together.notified, together.active) == (5, 2, 2)
    # 100 % and 25 %: 63 once rounded, where the accounts thrown together would say 40.
    assert (together.notified_mean, together.active_mean) == (63, 63)


def test_no_school_reads_the_rate_of_another_in_the_mean(session: Session, sealer: Sealer) -> None:
    """Schools without accounts make no crowd: the third must have some."""
    ours = filled(session, sealer, "9740001A", STATES.ACTIVE)
    for school in (ours, filled(session, sealer, "9740002B", STATES.NOTIFIED), filled(session, sealer, "9740003C")):
        counted(session, school)
    keep_academy_figures(session, NOW, TODAY)
    found = compare(session, ours.id, OF_NO_OTHER)
    assert found is not None
    assert found.mean is None

    counted(session, filled(session, sealer, "9740004D", STATES.NOTIFIED))
    keep_academy_figures(session, NOW, TODAY)
    found = compare(session, ours.id, OF_NO_OTHER)
    assert found is not None
    assert found.mean == Rates(TODAY, 100, 33)


def test_a_head_of_several_schools_reads_the_rate_of_no_other_in_the_mean(session: Session, sealer: Sealer) -> None:
    """With the figures of two of three schools, the mean would tell those of the third."""
    ours, also_ours = (filled(session, sealer, uai, STATES.ACTIVE) for uai in ("9740001A", "9740002B"))
    for school in (ours, also_ours, filled(session, sealer, "9740003C", STATES.NOTIFIED)):
        counted(session, school)
    keep_academy_figures(session, NOW, TODAY)
    both = select(Establishment.id).where(Establishment.id.in_([ours.id, also_ours.id]))
    found = compare(session, ours.id, both)
    assert found is not None
    assert found.mean is None

    counted(session, filled(session, sealer, "9740004D", STATES.NOTIFIED))
    keep_academy_figures(session, NOW, TODAY)
    found = compare(session, ours.id, both)
    assert found is not None
    assert found.mean == Rates(TODAY, 100, 50)


def test_a_school_is_compared_with_itself_on_the_same_day_a_year_before(session: Session, sealer: Sealer) -> None:
    school = filled(session, sealer, "9740001A", STATES.NOT_NOTIFIED, STATES.ACTIVE)
    assert compare(session, school.id, OF_NO_OTHER) is None
    counted(session, school, A_YEAR - relativedelta(days=1))
    counted(session, school, A_YEAR + relativedelta(days=9))
    counted(session, school)
    found = compare(session, school.id, OF_NO_OTHER)
    assert found is not None
    assert (found.now, found.a_year_before) == (Rates(TODAY, 50, 50), None)

    counted(session, school, A_YEAR + relativedelta(days=2))
    counted(session, school)
    found = compare(session, school.id, OF_NO_OTHER)
    assert found is not None
    assert found.a_year_before == Rates(TODAY - A_YEAR - timedelta(days=2), 50, 50)


def test_figures_are_forgotten_after_25_months_but_the_last_of_a_school(session: Session, sealer: Sealer) -> None:
    kept, closed = filled(session, sealer, "9740001A"), filled(session, sealer, "9740002B")
    counted(session, closed, relativedelta(months=27))
    counted(session, kept, relativedelta(months=26))
    counted(session, kept, relativedelta(months=25))
    counted(session, kept)
    keep_academy_figures(session, NOW - relativedelta(months=26), TODAY - relativedelta(months=26))
    keep_academy_figures(session, NOW, TODAY)

    days = session.execute(select(SchoolFigures.establishment_id, SchoolFigures.day).order_by(SchoolFigures.day)).all()
    assert [tuple(row) for row in days] == [
        (closed.id, TODAY - relativedelta(months=27)),
        (kept.id, TODAY - relativedelta(months=25)),
        (kept.id, TODAY),
    ]
    assert session.scalars(select(AcademyFigures.day)).all() == [TODAY]


def test_the_nightly_job_counts_every_school_and_tells_those_made_since(
    database: Database, settings: Settings, sealer: Sealer
) -> None:
    with database.writing() as session:
        schools = [filled(session, sealer, uai, STATES.ACTIVE).id for uai in ("9740001A", "9740002B")]
    with database.reading() as session:
        assert [one.id for one in not_counted_yet(session)] == schools
    run_daily(database, settings, NOW)
    run_daily(database, settings, NOW)
    with database.reading() as session:
        latest = session.scalars(select(SchoolFigures).order_by(SchoolFigures.id)).all()
        assert [(one.establishment_id, one.counted_at, one.active) for one in latest] == [
            (id, NOW, 1) for id in schools
        ]
        assert not_counted_yet(session) == []
    with database.writing() as session:
        new = make_establishment(session, "9740003C").id
    with database.reading() as session:
        assert [one.id for one in not_counted_yet(session)] == [new]


@pytest.mark.parametrize("column", ["uai", "name", "imported_at", "accounts", "rate", "duplicates", "failures"])
def test_each_page_of_the_list_is_read_from_an_index(session: Session, database_url: str, column: str) -> None:
    if database_url.startswith("postgresql"):
        # So few rows would be read without one.
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_sort = off"))
    latest, sorted_by = SchoolFigures.is_latest, getattr(SchoolFigures, column)
    page = select(SchoolFigures.id).where(latest).order_by(sorted_by, SchoolFigures.id).limit(50)
    said = str(page.compile(session.connection(), compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN" if database_url.startswith("postgresql") else "EXPLAIN QUERY PLAN"
    plan = "\n".join(" ".join(map(str, row)) for row in session.execute(text(f"{explain} {said}")))
    assert f"ix_school_figures_{column}" in plan
    assert "TEMP B-TREE" not in plan
