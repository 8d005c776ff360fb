"""R13: what was treated stays treated, however often the files are imported, and what changes in them still arrives."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from shared.database import Database
from shared.duplicates.fusion.fuse import Wanted, fuse_fiches
from shared.duplicates.fusion.undo import undo_fusion
from shared.duplicates.pairs.queries import count_untreated, referred_duplicates
from shared.duplicates.standing.decisions import not_a_duplicate, told_apart
from shared.duplicates.standing.errors import TreatmentRefused
from shared.duplicates.standing.referrals import refer_duplicates
from shared.journal import COMMAND
from shared.models.fusions import FusedFiche, Fusion, Referral
from shared.models.school import Establishment, Guardian, Guardianship, Student, WaitingLink
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from shared.siecle.report import ImportReport
from tests.duplicates.base import dump
from tests.factories import at_desk, make_account
from tests.siecle.written import SchoolFiles, address, guardian, link, student

NOW = datetime(2025, 9, 15, 10, 0, tzinfo=UTC)
AS_THEY_ARE: dict[str, Any] = {"now": NOW, "today": NOW.date(), "actor": COMMAND}


def run(database: Database, files: SchoolFiles, paths: list[Path] | None = None) -> ImportReport:
    return import_files(database, paths or files.both(), Asked(actor=COMMAND, now=NOW))


def fuse(database: Database, kept: str, *absorbed: str, **choices: str) -> int:
    """Fuse by PERSONNE_ID."""
    with database.writing() as session:
        ids = {one.siecle_id: one.id for one in session.scalars(select(Guardian))}
        wanted = Wanted(
            ids[kept], tuple(ids[one] for one in absorbed), {name: ids[one] for name, one in choices.items()}
        )
        school_id = session.scalars(select(Establishment.id)).one()
        return fuse_fiches(at_desk(session, school_id, **AS_THEY_ARE), wanted).id


def fiche(session: Session, key: str) -> Guardian:
    return session.scalars(select(Guardian).where(Guardian.siecle_id == key)).one()


def links_of(database: Database, key: str) -> dict[str, int | None]:
    with database.reading() as session:
        rows = session.scalars(select(Guardianship).where(Guardianship.guardian_id == fiche(session, key).id))
        return {row.student.siecle_id: row.legal_rank for row in rows if row.gone_at is None}


def counts(report: ImportReport) -> set[tuple[int, int, int]]:
    return {(one["created"], one["updated"], one["gone"]) for one in report.counts.values()}


@pytest.fixture
def school(tmp_path: Path) -> SchoolFiles:
    """A mother twice: with her daughter, and with her son."""
    return SchoolFiles(
        tmp_path / "exports",
        students=[student(1), student(2, PRENOM="Tom")],
        placements=[],
        guardians=[
            guardian(11, MEL="marie@exemple.fr", ADRESSE_ID=21),
            guardian(12, MEL="m.payet@exemple.fr", TEL_PORTABLE="0692000012", ADRESSE_ID=22),
        ],
        links=[link(1, 11), link(2, 12, 2)],
        addresses=[address(21), address(22, LIGNE1_ADRESSE="3 RUE NEUVE")],
    )


def test_the_same_files_bring_nothing_back(database: Database, school: SchoolFiles) -> None:
    run(database, school)
    fuse(database, "11", "12", mobile_phone="12", address="12")
    with database.reading() as session:
        before = dump(session)
        assert fiche(session, "11").address_line1 == "3 RUE NEUVE"
    report = run(database, school)
    assert counts(report) == {(0, 0, 0)}
    with database.reading() as session:
        assert dump(session) == before


def test_what_changes_in_either_fiche_reaches_the_one_kept(database: Database, school: SchoolFiles) -> None:
    run(database, school)
    fuse(database, "11", "12", address="12")
    moved = school.changed(
        guardians=[
            guardian(11, MEL="marie@exemple.fr", ADRESSE_ID=21, TEL_PERSONNEL="0262000011"),
            guardian(12, MEL="neuve@exemple.fr", ADRESSE_ID=22),
        ],
        addresses=[address(21, LIGNE1_ADRESSE="9 RUE DU PORT"), address(22, LIGNE1_ADRESSE="3 RUE NEUVE")],
    )
    run(database, moved)
    with database.reading() as session:
        kept = fiche(session, "11")
        assert (kept.email, kept.home_phone) == ("neuve@exemple.fr", "0262 00 00 11")
        # Staff chose the other address; the school base changed this one since.
        assert kept.address_line1 == "9 RUE DU PORT"
        assert fiche(session, "12").gone_at is not None
    run(database, moved)
    with database.reading() as session:
        assert fiche(session, "11").address_line1 == "9 RUE DU PORT"


def test_links_of_the_absorbed_fiche_go_to_the_one_kept(database: Database, school: SchoolFiles) -> None:
    run(database, school)
    fuse(database, "11", "12")
    assert links_of(database, "11") == {"1": 1, "2": 2}
    arrived = school.changed(
        students=[student(1), student(2, PRENOM="Tom"), student(3, PRENOM="Zoé")],
        links=[link(1, 11, 2), link(1, 12, 1), link(3, 12, 1)],
    )
    run(database, arrived)
    assert links_of(database, "11") == {"1": 1, "3": 1}


def test_a_fiche_that_vanished_from_the_files_leaves_the_one_kept_in_place(
    database: Database, school: SchoolFiles
) -> None:
    run(database, school)
    fuse(database, "11", "12")
    # As when the secretary deletes the fiche kept in SIECLE: the other one still holds the person.
    run(database, school.changed(guardians=[guardian(12, ADRESSE_ID=22)], links=[link(1, 12), link(2, 12, 2)]))
    with database.reading() as session:
        assert (fiche(session, "11").gone_at, fiche(session, "12").gone_at) == (None, NOW)
    assert links_of(database, "11") == {"1": 1, "2": 2}
    run(database, school.changed(guardians=[guardian(13, PRENOM="Paul")], links=[link(1, 13)]))
    with database.reading() as session:
        assert fiche(session, "11").gone_at is not None


def test_links_that_wait_for_their_students_come_to_the_fiche_kept(database: Database, school: SchoolFiles) -> None:
    run(database, school, [school.guardians_file()])
    fuse(database, "11", "12")
    run(database, school, [school.students_file()])
    assert links_of(database, "11") == {"1": 1, "2": 2}
    with database.reading() as session:
        assert session.scalars(select(WaitingLink)).all() == []


def test_two_persons_told_apart_stay_so_whatever_is_imported(database: Database, school: SchoolFiles) -> None:
    run(database, school)
    with database.writing() as session:
        one, other = fiche(session, "11"), fiche(session, "12")
        not_a_duplicate(at_desk(session, one.establishment_id, NOW, COMMAND), [other.id, one.id])
    run(database, school.changed(guardians=[guardian(11), guardian(12)], addresses=[]))
    with database.reading() as session:
        one, other = fiche(session, "11"), fiche(session, "12")
        assert told_apart(session, one.establishment_id, [one.id, other.id]) == {(one.id, other.id)}


def test_what_is_settled_elsewhere_stays_so_and_out_of_the_count_whatever_is_imported(
    database: Database, school: SchoolFiles
) -> None:
    same = {"MEL": "marie@exemple.fr", "TEL_PORTABLE": "0692000011"}
    school = school.changed(guardians=[guardian(key, ADRESSE_ID=21, **same) for key in (11, 12)])
    run(database, school)
    with database.writing() as session:
        fiches = [fiche(session, "11"), fiche(session, "12")]
        for number, one in enumerate(fiches):
            make_account(session, f"m.payet{number}", one)
        school_id, ids = fiches[0].establishment_id, [one.id for one in fiches]
        refer_duplicates(at_desk(session, school_id, **AS_THEY_ARE), ids, Referral.PARENT)
    moved = school.changed(guardians=[guardian(11, ADRESSE_ID=21, **same), guardian(12, ADRESSE_ID=22, **same)])
    for files in (school, moved):
        run(database, files)
        with database.reading() as session:
            assert count_untreated(session, school_id) == 0
            assert [pair.key for pair in referred_duplicates(session, school_id)] == [tuple(ids)]


KEYS = ["11", "12", "13", "14"]
fiches = st.fixed_dictionaries(
    {
        key: st.fixed_dictionaries(
            {"PRENOM": st.sampled_from(["Marie", "Marie-Anne"])},
            optional={
                "MEL": st.sampled_from(["a@exemple.fr", "b@exemple.fr", "c@exemple.fr"]),
                "TEL_PORTABLE": st.sampled_from(["0692000001", "0692000002"]),
                "ADRESSE_ID": st.sampled_from([21, 22]),
            },
        )
        for key in KEYS
    }
)
links = st.dictionaries(
    st.tuples(st.integers(1, 3), st.sampled_from(KEYS)), st.sampled_from([0, 1, 2]), min_size=1, max_size=6
)
present = st.sets(st.sampled_from(KEYS), min_size=2)
states = st.tuples(fiches, links, present)
treatments = st.lists(
    st.tuples(
        st.lists(st.sampled_from(KEYS), min_size=2, max_size=3, unique=True),
        st.dictionaries(st.sampled_from(["names", "email", "mobile_phone", "address"]), st.integers(0, 2)),
    ),
    min_size=1,
    max_size=3,
)


def files(school: SchoolFiles, state: Any) -> SchoolFiles:
    described, linked, there = state
    return school.changed(
        students=[student(number, PRENOM=name) for number, name in ((1, "Léa"), (2, "Tom"), (3, "Zoé"))],
        guardians=[guardian(key, **({"MEL": None} | values)) for key, values in described.items() if key in there],
        links=[link(number, key, rank) for (number, key), rank in linked.items() if key in there]
        or [link(1, sorted(there)[0])],
    )


def treat(session: Session, school_id: int, wanted: Any) -> list[Fusion]:
    ids = {one.siecle_id: one.id for one in session.scalars(select(Guardian))}
    made = []
    for members, choices in wanted:
        if not all(member in ids for member in members):
            continue
        kept, *absorbed = (ids[member] for member in members)
        parts = {name: ids[members[chosen % len(members)]] for name, chosen in choices.items()}
        try:
            made.append(fuse_fiches(at_desk(session, school_id, **AS_THEY_ARE), Wanted(kept, tuple(absorbed), parts)))
        except TreatmentRefused:
            continue
    return made


def absorbed(session: Session, made: list[Fusion]) -> list[Guardian]:
    fused = select(FusedFiche.guardian_id).where(FusedFiche.fusion_id.in_([fusion.id for fusion in made]))
    return list(session.scalars(select(Guardian).where(Guardian.id.in_(fused))))


def by_key(session: Session) -> dict[str, list[Any]]:
    """The school base by its own keys: the numbers of rows, and what is made of them, differ between two trials."""
    numbers = {"id", "establishment_id", "account_id", "student_id", "guardian_id"}
    shown = [column for column in Guardian.__table__.c if column.name not in numbers]
    linked = [column for column in Guardianship.__table__.c if column.name not in numbers]
    released = Guardian.former_siecle_id.is_not(None)
    guardian_key = case((released, "~" + Guardian.former_siecle_id), else_=Guardian.siecle_id)
    links = (
        select(Student.siecle_id, guardian_key.label("guardian"), *linked)
        .join(Guardianship, Guardianship.student_id == Student.id)
        .join(Guardian, Guardian.id == Guardianship.guardian_id)
    )
    return {
        "guardians": sorted((with_former_key(row) for row in session.execute(select(*shown))), key=repr),
        "links": sorted((tuple(row) for row in session.execute(links)), key=repr),
    }


def with_former_key(row: Any) -> tuple[Any, ...]:
    return tuple(
        None if column == "siecle_id" and row.former_siecle_id else getattr(row, column) for column in row._fields
    )


def forget(database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(Establishment))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=states, wanted=treatments, second=states)
def test_imports_and_treatments_commute(
    database: Database, school: SchoolFiles, first: Any, wanted: Any, second: Any
) -> None:
    """The same files change nothing; and other files give, once everything is undone, what they give untreated."""
    forget(database)
    one, other = files(school, first), files(school, second)
    run(database, one)
    with database.writing() as session:
        school_id = session.scalars(select(Establishment.id)).one()
        made = treat(session, school_id, wanted)
        treated = dump(session)
    report = run(database, one)
    assert counts(report) == {(0, 0, 0)}
    with database.reading() as session:
        assert dump(session) == treated
    run(database, other)
    with database.reading() as session:
        hidden = set(session.scalars(select(Guardian.siecle_id).where(Guardian.gone_at.is_not(None))))
        assert {fused.siecle_id for fused in absorbed(session, made)} <= hidden
    with database.writing() as session:
        for fusion in reversed(made):
            undo_fusion(at_desk(session, school_id, **AS_THEY_ARE), fusion.id)
        undone = by_key(session)
    forget(database)
    run(database, one)
    run(database, other)
    with database.reading() as session:
        assert by_key(session) == undone
