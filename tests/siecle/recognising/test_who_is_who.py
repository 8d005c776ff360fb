"""R31: a key of SIECLE that is given to somebody else, and a person who gets another key; accounts follow persons."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.models.accounts import Account
from shared.models.imports.identity import IdentityChange, IdentityChangeKind
from shared.models.journal import JournalEvent
from shared.models.school import Guardian, Guardianship, Student
from shared.siecle.report import ImportReport
from tests.factories import make_account
from tests.siecle.conftest import Dump, Import
from tests.siecle.written import SchoolFiles, guardian, link, placement, student

LEO = {
    "NOM_DE_FAMILLE": "HOARAU",
    "PRENOM": "Léo",
    "DATE_NAISS": "01/01/2012",
    "CODE_SEXE": "1",
    "INE_RNIE": "000000001AA",
}
MAX = {
    "NOM_DE_FAMILLE": "TECHER",
    "PRENOM": "Max",
    "DATE_NAISS": "12/03/2013",
    "CODE_SEXE": "1",
    "INE_RNIE": "000000002AA",
}
ZOE = {
    "NOM_DE_FAMILLE": "PAYET",
    "PRENOM": "Zoé",
    "DATE_NAISS": "05/06/2014",
    "CODE_SEXE": "2",
    "INE_RNIE": "000000009ZZ",
}
MARIE = {"NOM_DE_FAMILLE": "HOARAU", "PRENOM": "Marie", "LC_CIVILITE": "MME", "MEL": "marie@exemple.fr"}
IDA = {"NOM_DE_FAMILLE": "TECHER", "PRENOM": "Ida", "LC_CIVILITE": "MME", "MEL": None}
JEAN = {"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Jean", "LC_CIVILITE": "M.", "MEL": "jean@exemple.fr"}
AFTERWARDS = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
FATHER = {"CODE_PARENTE": "20"}


@pytest.fixture
def import_time() -> datetime:
    return AFTERWARDS


@pytest.fixture
def september(tmp_path: Path) -> SchoolFiles:
    return SchoolFiles(
        tmp_path / "september",
        stamp="02/09/2026 07:11:46",
        students=[student(1, **LEO), student(2, **MAX)],
        placements=[placement(1, "6A"), placement(2, "6A")],
        guardians=[guardian(101, **MARIE), guardian(102, **IDA)],
        links=[link(1, 101), link(2, 102)],
        addresses=[],
    )


@pytest.fixture
def october(september: SchoolFiles) -> SchoolFiles:
    """ELEVE 1 and PERSONNE 101 are others."""
    return september.changed(
        folder=september.folder.with_name("october"),
        stamp="01/10/2026 08:00:00",
        students=[student(1, **ZOE), student(2, **MAX)],
        guardians=[guardian(101, **JEAN), guardian(102, **IDA)],
        links=[link(1, 101, **FATHER), link(2, 102)],
    )


def give_accounts(database: Database) -> None:
    """Each fiche that has none gets one, named after whom it is of now."""
    with database.writing() as session:
        for model in (Guardian, Student):
            for fiche in session.scalars(select(model).where(model.account_id.is_(None))):
                make_account(session, f"{fiche.first_name}.{fiche.family_name}".lower(), fiche)


def holders(database: Database) -> dict[str, list[tuple[str, str, bool]]]:
    """For each account: the fiches that hold it, their key, and whether they are there."""
    with database.reading() as session:
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for model in (Guardian, Student):
            rows = session.execute(select(Account.identifier, model).join(model, model.account_id == Account.id))
            for identifier, fiche in rows:
                found.setdefault(identifier, []).append((fiche.full_name, fiche.shown_key, fiche.gone_at is None))
        return found


def families(database: Database) -> set[tuple[str, str]]:
    """Whose child is whose, of those who are there."""
    with database.reading() as session:
        rows = session.execute(
            select(Guardian, Student)
            .join(Guardianship, Guardianship.guardian_id == Guardian.id)
            .join(Student, Student.id == Guardianship.student_id)
            .where(Guardianship.gone_at.is_(None), Guardian.gone_at.is_(None), Student.gone_at.is_(None))
        )
        return {(parent.full_name, child.full_name) for parent, child in rows}


def said(report: ImportReport, *words: str) -> list[str]:
    return [one for one in report.findings.warnings.kept if all(word in one for word in words)]


def test_a_key_given_to_somebody_else_takes_nothing_of_the_first_person_along(
    database: Database, run_import: Import, september: SchoolFiles, october: SchoolFiles
) -> None:
    run_import(september.both())
    give_accounts(database)
    report = run_import(october.both())
    assert holders(database) == {
        "marie.hoarau": [("Marie HOARAU", "101", False)],
        "ida.techer": [("Ida TECHER", "102", True)],
        "léo.hoarau": [("Léo HOARAU", "1", False)],
        "max.techer": [("Max TECHER", "2", True)],
    }
    assert families(database) == {("Jean PAYET", "Zoé PAYET"), ("Ida TECHER", "Max TECHER")}
    assert (report.students.created, report.students.gone) == (1, 1)
    assert (report.guardians.created, report.guardians.gone) == (1, 1)
    assert said(report, "La fiche 101 était Marie HOARAU, elle est maintenant Jean PAYET", "garde son compte")
    assert said(report, "L'élève 1 était Léo HOARAU, c'est maintenant Zoé PAYET", "INE différents")


def test_what_was_one_and_is_now_two_is_noted_for_the_journal_and_for_whoever_looks(
    database: Database, run_import: Import, september: SchoolFiles, october: SchoolFiles
) -> None:
    run_import(september.both())
    give_accounts(database)
    run_import(october.both(), now=AFTERWARDS + timedelta(days=1))
    with database.reading() as session:
        changes = list(session.scalars(select(IdentityChange).order_by(IdentityChange.siecle_id)))
        assert [(change.kind, change.siecle_id, change.seen_at) for change in changes] == [
            (IdentityChangeKind.NOW_ANOTHER, "1", None),
            (IdentityChangeKind.NOW_ANOTHER, "101", None),
        ]
        leo, marie = changes
        assert leo.former_student is not None
        assert leo.present_student is not None
        assert (leo.former_student.first_name, leo.present_student.first_name) == ("Léo", "Zoé")
        assert marie.account is not None
        assert marie.account.identifier == "marie.hoarau"
        assert marie.reasons == [
            "noms et prénoms différents",
            "civilités différentes",
            "aucun enfant en commun",
            "adresses électroniques différentes",
        ]
        events = session.scalars(select(JournalEvent).where(JournalEvent.action == "identity_now_another"))
        assert {(event.subject, event.account_id) for event in events} == {
            ("Léo HOARAU", leo.account_id),
            ("Marie HOARAU", marie.account_id),
        }


def test_a_dry_run_says_it_all_and_changes_nothing(
    run_import: Import, dump: Dump, september: SchoolFiles, october: SchoolFiles
) -> None:
    run_import(september.both())
    before = dump()
    report = run_import(october.both(), dry_run=True)
    assert said(report, "Marie HOARAU", "Jean PAYET")
    assert said(report, "Léo HOARAU", "Zoé PAYET")
    assert dump() == before


def test_the_same_files_again_find_nothing_new(
    database: Database, run_import: Import, dump: Dump, september: SchoolFiles, october: SchoolFiles
) -> None:
    run_import(september.both())
    run_import(october.both())
    before = {name: rows for name, rows in dump().items() if name not in {"journal_event", "last_export"}}
    report = run_import(october.both())
    assert all(one["created"] == one["updated"] == one["gone"] == 0 for one in report.counts.values())
    assert not said(report, "était")
    after = dump()
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("order", [("students", "guardians"), ("guardians", "students")])
def test_files_given_one_after_the_other_end_alike(
    database: Database, run_import: Import, september: SchoolFiles, october: SchoolFiles, order: tuple[str, str]
) -> None:
    run_import(september.both())
    give_accounts(database)
    for name in order:
        run_import([getattr(october, f"{name}_file")()])
    assert holders(database)["marie.hoarau"] == [("Marie HOARAU", "101", False)]
    assert holders(database)["léo.hoarau"] == [("Léo HOARAU", "1", False)]
    assert families(database) == {("Jean PAYET", "Zoé PAYET"), ("Ida TECHER", "Max TECHER")}


def test_whoever_comes_back_under_the_same_key_finds_the_account_again(
    database: Database, run_import: Import, september: SchoolFiles, october: SchoolFiles
) -> None:
    run_import(september.both())
    give_accounts(database)
    run_import(october.both())
    give_accounts(database)
    report = run_import(september.both(), accept_older=True)
    assert holders(database) == {
        "marie.hoarau": [("Marie HOARAU", "101", True)],
        "ida.techer": [("Ida TECHER", "102", True)],
        "léo.hoarau": [("Léo HOARAU", "1", True)],
        "max.techer": [("Max TECHER", "2", True)],
        "jean.payet": [("Jean PAYET", "101", False)],
        "zoé.payet": [("Zoé PAYET", "1", False)],
    }
    assert families(database) == {("Marie HOARAU", "Léo HOARAU"), ("Ida TECHER", "Max TECHER")}
    assert said(report, "La fiche 101 est Marie HOARAU", "sa fiche et son compte la suivent")


def test_whoever_comes_back_under_another_key_finds_the_account_again(
    database: Database, run_import: Import, september: SchoolFiles, october: SchoolFiles
) -> None:
    run_import(september.both())
    give_accounts(database)
    run_import(october.both())
    back = october.changed(
        students=[*october.students, student(205, **LEO)],
        guardians=[*october.guardians, guardian(305, **MARIE)],
        links=[*october.links, link(205, 305)],
    )
    run_import(back.both())
    assert holders(database)["marie.hoarau"] == [("Marie HOARAU", "305", True)]
    assert holders(database)["léo.hoarau"] == [("Léo HOARAU", "205", True)]
    assert ("Marie HOARAU", "Léo HOARAU") in families(database)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (MARIE, MARIE | {"NOM_USAGE": "PAYET"}),
        (MARIE, MARIE | {"NOM_DE_FAMILLE": "PAYET"}),
        (MARIE, MARIE | {"PRENOM": "Anne", "MEL": "autre@exemple.fr"}),
        (MARIE, MARIE | {"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Anne"}),
        (MARIE, {"NOM_DE_FAMILLE": "HOARAU", "PRENOM": "Marie-Anne", "LC_CIVILITE": None, "MEL": None}),
    ],
)
def test_a_guardian_whose_name_was_corrected_keeps_fiche_and_account(
    database: Database, run_import: Import, september: SchoolFiles, old: dict[str, Any], new: dict[str, Any]
) -> None:
    run_import(september.both())
    give_accounts(database)
    report = run_import(september.changed(guardians=[guardian(101, **new), guardian(102, **IDA)]).both())
    assert (report.guardians.created, report.guardians.gone, report.guardians.updated) == (0, 0, 1)
    (holder,) = holders(database)["marie.hoarau"]
    assert holder[1:] == ("101", True)
    assert not said(report, "était")


@pytest.mark.parametrize(
    "new",
    [
        LEO | {"NOM_DE_FAMILLE": "PAYET"},
        LEO | {"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Lionel", "DATE_NAISS": "02/01/2012"},
        LEO | {"PRENOM": "Lionel", "INE_RNIE": None},
        LEO | {"DATE_NAISS": "10/01/2012", "INE_RNIE": "000000003AA"},
    ],
)
def test_a_student_who_was_corrected_keeps_fiche_and_account(
    database: Database, run_import: Import, september: SchoolFiles, new: dict[str, Any]
) -> None:
    run_import(september.both())
    give_accounts(database)
    report = run_import(september.changed(students=[student(1, **new), student(2, **MAX)]).both())
    assert (report.students.created, report.students.gone, report.students.updated) == (0, 0, 1)
    assert [key for _, key, _ in holders(database)["léo.hoarau"]] == ["1"]


def test_a_key_given_to_a_brother_and_the_mothers_to_the_father_takes_no_account_along(
    database: Database, run_import: Import, september: SchoolFiles
) -> None:
    run_import(september.both())
    give_accounts(database)
    brother = {"NOM_DE_FAMILLE": "HOARAU", "PRENOM": "Tom", "DATE_NAISS": "03/03/2015", "CODE_SEXE": "1"}
    father = MARIE | {"PRENOM": "Paul", "LC_CIVILITE": "M."}
    run_import(
        september.changed(
            students=[student(1, **brother), student(2, **MAX)],
            guardians=[guardian(101, **father), guardian(102, **IDA)],
            links=[link(1, 101, **FATHER), link(2, 102)],
        ).both()
    )
    assert holders(database)["marie.hoarau"] == [("Marie HOARAU", "101", False)]
    assert holders(database)["léo.hoarau"] == [("Léo HOARAU", "1", False)]


PEOPLE = [
    ("HOARAU", "Léo", "01/01/2012", "Marie"),
    ("TECHER", "Max", "12/03/2013", "Ida"),
    ("PAYET", "Zoé", "05/06/2014", "Anne"),
    ("PAYET", "Lou", "05/06/2014", "Anne"),
    ("GRONDIN", "Ana", "07/08/2013", "Marie"),
    ("GRONDIN", "Eva", "09/10/2013", "Marie"),
]
"""Twins with mothers of one name among them, and two mothers called Marie GRONDIN."""


def whole_school(folder: Path, student_keys: list[int], guardian_keys: list[int], **changes: Any) -> SchoolFiles:
    keyed = list(zip(PEOPLE, student_keys, guardian_keys, strict=True))
    return SchoolFiles(
        folder,
        students=[
            student(key, NOM_DE_FAMILLE=name, PRENOM=first, DATE_NAISS=born, INE_RNIE=f"10000000{rank}AA")
            for rank, ((name, first, born, _), key, _) in enumerate(keyed)
        ],
        placements=[],
        guardians=[guardian(key, NOM_DE_FAMILLE=name, PRENOM=mother, MEL=None) for (name, *_, mother), _, key in keyed],
        links=[link(child, parent) for _, child, parent in keyed],
        addresses=[],
        **changes,
    )


def whose_accounts(database: Database) -> dict[str, set[str]]:
    """The children whom each guardian's account shows, by the identifier, and the student of each student's account."""
    with database.reading() as session:
        held = session.execute(
            select(Account.identifier, Student.first_name)
            .join(Guardian, Guardian.account_id == Account.id)
            .join(Guardianship, Guardianship.guardian_id == Guardian.id)
            .join(Student, Student.id == Guardianship.student_id)
            .where(Guardianship.gone_at.is_(None), Guardian.gone_at.is_(None), Student.gone_at.is_(None))
        )
        own = session.execute(
            select(Account.identifier, Student.first_name).join(Student, Student.account_id == Account.id)
        )
        found: dict[str, set[str]] = {}
        for identifier, child in [*held, *own]:
            found.setdefault(identifier, set()).add(child)
        return found


def name_accounts(database: Database) -> None:
    """An account for each fiche, named after the child."""
    with database.writing() as session:
        for child in session.scalars(select(Student)):
            make_account(session, f"student.{child.first_name.lower()}", child)
        links = session.scalars(select(Guardianship)).all()
        for one in links:
            make_account(
                session, f"mother.{one.student.first_name.lower()}", session.get_one(Guardian, one.guardian_id)
            )


EVERYBODY = {f"{who}.{first.lower()}": {first} for who in ("mother", "student") for _, first, _, _ in PEOPLE}
SHUFFLED = [3, 1, 4, 2, 6, 5]


@pytest.mark.parametrize(
    ("student_keys", "guardian_keys"),
    [
        ([1, 2, 3, 4, 5, 6], [102, 103, 101, 104, 106, 105]),
        (SHUFFLED, [101, 102, 103, 104, 105, 106]),
        (SHUFFLED, [104, 106, 101, 103, 105, 102]),
        ([1, 2, 3, 14, 15, 16], [101, 102, 103, 104, 105, 106]),
        ([11, 12, 13, 14, 15, 16], [201, 202, 203, 204, 205, 206]),
        ([4, 5, 6, 7, 8, 9], [104, 105, 106, 107, 108, 109]),
        ([1, 2, 4, 3, 5, 6], [101, 102, 103, 104, 106, 105]),
    ],
)
def test_accounts_follow_persons_through_keys_that_were_shuffled_or_renumbered(
    database: Database, run_import: Import, tmp_path: Path, student_keys: list[int], guardian_keys: list[int]
) -> None:
    run_import(whole_school(tmp_path / "one", [1, 2, 3, 4, 5, 6], [101, 102, 103, 104, 105, 106]).both())
    name_accounts(database)
    report = run_import(whole_school(tmp_path / "other", student_keys, guardian_keys).both())
    assert whose_accounts(database) == EVERYBODY
    assert (report.students.created, report.guardians.created) == (0, 0)
    assert (report.students.gone, report.guardians.gone) == (0, 0)
    assert not said(report, "Ce sont deux personnes")


@pytest.mark.parametrize("order", [("students", "guardians"), ("guardians", "students")])
def test_so_they_do_when_the_files_come_one_after_the_other(
    database: Database, run_import: Import, tmp_path: Path, order: tuple[str, str]
) -> None:
    run_import(whole_school(tmp_path / "one", [1, 2, 3, 4, 5, 6], [101, 102, 103, 104, 105, 106]).both())
    name_accounts(database)
    later = whole_school(tmp_path / "other", SHUFFLED, [101, 102, 103, 104, 105, 106], stamp="01/11/2025 08:00:00")
    for name in order:
        run_import([getattr(later, f"{name}_file")()])
    assert whose_accounts(database) == EVERYBODY


@pytest.mark.parametrize("together", [True, False])
def test_a_link_that_was_of_a_key_only_does_not_tell_later_who_a_guardian_is(
    database: Database, run_import: Import, september: SchoolFiles, together: bool
) -> None:
    """The guardians' file of October knew key 1 as Zoé, the school base still as Léo."""
    run_import(september.both())
    give_accounts(database)
    of_zoe = {**MARIE, "NOM_DE_FAMILLE": "PAYET", "MEL": "marie.payet@exemple.fr"}
    october = september.changed(
        stamp="01/10/2026 08:00:00",
        students=[student(1, **ZOE), student(2, **MAX)],
        guardians=[guardian(103, **of_zoe), guardian(102, **IDA)],
        links=[link(1, 103), link(2, 102)],
    )
    run_import([october.guardians_file()])
    run_import(october.both() if together else [october.students_file()])
    give_accounts(database)
    later = october.changed(
        stamp="02/10/2026 08:00:00",
        students=[student(11, **LEO), student(2, **MAX)],
        guardians=[guardian(103, **MARIE), guardian(102, **IDA)],
        links=[link(11, 103), link(2, 102)],
    )
    run_import(later.both())
    assert holders(database)["marie.hoarau"] == [("Marie HOARAU", "103", True)]
    assert holders(database)["marie.payet"] == [("Marie PAYET", "103", False)]
    assert families(database) == {("Marie HOARAU", "Léo HOARAU"), ("Ida TECHER", "Max TECHER")}


@pytest.mark.parametrize(
    ("students_of", "holder"),
    [("01/10/2026", ("Anne GRONDIN", "103", True)), ("02/10/2026", ("Anne PAYET", "103", False))],
    ids=["same-day", "later-day"],
)
def test_a_link_that_waited_for_a_students_file_of_a_later_day_does_not_tell_later_who_a_guardian_is(
    database: Database, run_import: Import, september: SchoolFiles, students_of: str, holder: tuple[str, str, bool]
) -> None:
    def anne(name: str, number: int) -> dict[str, Any]:
        contacts = {"MEL": f"anne.{number}@exemple.fr", "TEL_PORTABLE": f"069233000{number}"}
        return {"NOM_DE_FAMILLE": name, "PRENOM": "Anne", "LC_CIVILITE": "MME", **contacts}

    def with_anne(stamp: str, name: str, number: int) -> SchoolFiles:
        return september.changed(
            stamp=stamp,
            students=[*september.students, student(9, **ZOE)],
            guardians=[*september.guardians, guardian(103, **anne(name, number))],
            links=[*september.links, link(9, 103)],
        )

    run_import(september.both())
    run_import([with_anne("01/10/2026 08:00:00", "PAYET", 1).guardians_file()])
    run_import([with_anne(f"{students_of} 08:00:00", "PAYET", 1).students_file()])
    give_accounts(database)
    run_import(with_anne("03/10/2026 08:00:00", "GRONDIN", 2).both())
    assert holders(database)["anne.payet"] == [holder]


def test_twins_whose_ine_were_swapped_keep_their_accounts(
    database: Database, run_import: Import, tmp_path: Path
) -> None:
    keys = [1, 2, 3, 4, 5, 6], [101, 102, 103, 104, 105, 106]
    one = whole_school(tmp_path / "one", *keys)
    run_import(one.both())
    name_accounts(database)
    swapped = [*one.students]
    swapped[2] = one.students[2].replace("100000002AA", "100000003AA")
    swapped[3] = one.students[3].replace("100000003AA", "100000002AA")
    report = run_import(one.changed(students=swapped).both())
    assert report.students.updated == 2
    assert whose_accounts(database) == EVERYBODY


HE = {"NOM_DE_FAMILLE": "HOARAU", "PRENOM": "Dominique", "LC_CIVILITE": "M.", "TEL_PORTABLE": "0692000000"}
SHE = {**HE, "LC_CIVILITE": "MME"}


@pytest.mark.parametrize("emails", [("il@exemple.fr", "elle@exemple.fr"), (None, None)])
def test_spouses_of_one_name_whose_keys_were_swapped_keep_their_accounts(
    database: Database, run_import: Import, september: SchoolFiles, emails: tuple[str | None, str | None]
) -> None:
    def spouses(his: int, hers: int, stamp: str) -> list[Path]:
        files = september.changed(
            stamp=stamp,
            guardians=[guardian(his, **HE, MEL=emails[0]), guardian(hers, **SHE, MEL=emails[1]), guardian(103, **IDA)],
            links=[link(1, his, **FATHER), link(1, hers, 2), link(2, 103)],
        )
        return files.both()

    run_import(spouses(101, 102, "02/09/2026 08:00:00"))
    with database.writing() as session:
        for fiche in session.scalars(select(Guardian).where(Guardian.first_name == "Dominique")):
            make_account(session, fiche.civility.lower().strip("."), fiche)
    run_import(spouses(102, 101, "01/10/2026 08:00:00"))
    with database.reading() as session:
        held = select(Account.identifier, Guardian.civility).join(Guardian, Guardian.account_id == Account.id)
        assert set(session.execute(held).all()) == {("m", "M."), ("mme", "MME")}


def test_the_key_of_one_spouse_given_to_the_other_who_was_not_known_takes_no_account_along(
    database: Database, run_import: Import, september: SchoolFiles
) -> None:
    she, he = guardian(101, **SHE, MEL="elle@exemple.fr"), guardian(101, **HE, MEL="il@exemple.fr")
    run_import(september.changed(guardians=[she, guardian(102, **IDA)]).both())
    give_accounts(database)
    later = september.changed(guardians=[he, guardian(102, **IDA)], stamp="01/10/2026 08:00:00")
    report = run_import([later.guardians_file()])
    assert said(report, "La fiche 101 était Dominique HOARAU", "civilités différentes")
    assert holders(database)["dominique.hoarau"] == [("Dominique HOARAU", "101", False)]


def test_the_key_of_an_educator_given_to_the_next_one_of_the_same_child_takes_no_account_along(
    database: Database, run_import: Import, september: SchoolFiles
) -> None:
    former = {"NOM_DE_FAMILLE": "RIVIERE", "PRENOM": "Paul", "LC_CIVILITE": "M.", "MEL": "paul@exemple.fr"}
    present = {"NOM_DE_FAMILLE": "MUSSARD", "PRENOM": "Jean", "LC_CIVILITE": "M.", "MEL": "jean@exemple.fr"}
    run_import(september.changed(guardians=[guardian(101, **former), guardian(102, **IDA)]).both())
    give_accounts(database)
    educators = [guardian(101, **present), guardian(102, **IDA)]
    later = september.changed(guardians=educators, stamp="01/10/2026 08:00:00")
    report = run_import([later.guardians_file()])
    assert said(report, "La fiche 101 était Paul RIVIERE", "noms et prénoms différents")
    assert holders(database)["paul.riviere"] == [("Paul RIVIERE", "101", False)]


def test_a_civility_that_was_corrected_changes_nobody(
    database: Database, run_import: Import, september: SchoolFiles
) -> None:
    run_import(september.both())
    give_accounts(database)
    corrected = [guardian(101, **{**MARIE, "LC_CIVILITE": "M."}), guardian(102, **{**IDA, "LC_CIVILITE": "M."})]
    report = run_import(september.changed(guardians=corrected, stamp="01/10/2026 08:00:00").both())
    assert not said(report, "Ce sont deux personnes")
    assert holders(database)["ida.techer"] == [("Ida TECHER", "102", True)]


def test_a_twin_without_ine_who_gets_the_key_of_the_other_gets_no_account_of_the_other(
    database: Database, run_import: Import, september: SchoolFiles
) -> None:
    """Both bear another last name by then, so that a birthday is all that a key and its fiche have in common."""
    twins = {"DATE_NAISS": "01/01/2012", "CODE_SEXE": "1", "INE_RNIE": None}
    named = [("Léo", 1), ("Lou", 2)]
    first = [student(key, **twins, NOM_DE_FAMILLE="HOARAU", PRENOM=name) for name, key in named]
    run_import(september.changed(students=first, links=[link(1, 101), link(2, 101)]).both())
    give_accounts(database)
    changed = [
        student(2, **twins, NOM_DE_FAMILLE="BOYER", PRENOM="Léo"),
        student(6, **twins, NOM_DE_FAMILLE="BOYER", PRENOM="Lou"),
    ]
    later = september.changed(
        students=changed, links=[link(2, 101), link(6, 101)], placements=[], stamp="01/10/2026 08:00:00"
    )
    run_import(later.both())
    assert holders(database)["lou.hoarau"] == [("Lou HOARAU", "2", False)]
    assert holders(database)["léo.hoarau"] == [("Léo HOARAU", "1", False)]


def test_of_two_fiches_that_could_be_meant_none_is_taken(
    database: Database, run_import: Import, september: SchoolFiles
) -> None:
    """A father and a son of one name and one telephone: a new record with these says not which of them it is."""
    phone = {"TEL_PERSONNEL": "0262000001", "MEL": None}
    two = september.changed(
        guardians=[guardian(101, **(JEAN | phone)), guardian(102, **(JEAN | phone))],
        links=[link(1, 101, **FATHER), link(2, 102, **FATHER)],
    )
    run_import(two.both())
    with database.writing() as session:
        for key in ("101", "102"):
            fiche = session.scalars(select(Guardian).where(Guardian.siecle_id == key)).one()
            make_account(session, f"jean.{key}", fiche)
    report = run_import(
        two.changed(guardians=[guardian(201, **(JEAN | phone))], links=[link(1, 201), link(2, 201)]).both()
    )
    assert (report.guardians.created, report.guardians.gone) == (1, 2)


def test_a_record_that_cannot_be_read_leaves_its_fiche_to_its_person(
    database: Database, run_import: Import, september: SchoolFiles
) -> None:
    run_import(september.both())
    give_accounts(database)
    unreadable = september.changed(guardians=[guardian(101, NOM_DE_FAMILLE=None, PRENOM=None), guardian(205, **MARIE)])
    run_import(unreadable.both())
    assert holders(database)["marie.hoarau"] == [("Marie HOARAU", "101", True)]
