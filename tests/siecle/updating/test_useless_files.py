"""Files of which nothing can be used, and files of which one would be dropped: refused, and no school is made (R32)."""

from pathlib import Path

import pytest

from shared.siecle.report import ImportRefused
from tests.siecle.conftest import Dump, Import
from tests.siecle.written import SchoolFiles, block, document, element, guardian, student, written

UNREADABLE = (
    student(NOM_DE_FAMILLE=None, PRENOM=None),
    student(2, NOM_DE_FAMILLE="<b>x</b>", PRENOM="?"),
)


def structures(*records: str) -> str:
    return document("BEE_STRUCTURES", block("DIVISIONS", records))


def common(**values: object) -> str:
    return document("BEE_COMMUN", element("UAJ", values))


USELESS = {
    "students of whom none can be read": lambda school: school.changed(students=UNREADABLE).students_file(),
    "students without a key": lambda school: school.changed(students=[student(attributes={})]).students_file(),
    "guardians of whom none can be read": lambda school: school.changed(
        guardians=[guardian(NOM_DE_FAMILLE=None, PRENOM=None)], links=[]
    ).guardians_file(),
    "structures without a division": lambda school: written(school.folder / "S.xml", structures()),
    "structures with groups only": lambda school: written(
        school.folder / "S.xml", structures(element("GROUPE", {"CODE_STRUCTURE": "G1"}))
    ),
    "communs that say nothing": lambda school: written(school.folder / "C.xml", common(NUMERO="1")),
    "a nomenclature alone": lambda school: written(
        school.folder / "N.xml", document("BEE_NOMENCLATURES", block("LIENS_PARENTE", []))
    ),
}


@pytest.mark.parametrize("make", USELESS.values(), ids=USELESS)
def test_a_file_of_which_nothing_can_be_used_is_refused_and_creates_no_school(
    run_import: Import, dump: Dump, school: SchoolFiles, make
) -> None:
    empty = dump()

    with pytest.raises(ImportRefused) as refused:
        run_import([make(school)])

    assert ".xml" in str(refused.value)
    assert dump() == empty


@pytest.mark.parametrize("make", list(USELESS.values())[:-1], ids=list(USELESS)[:-1])
def test_it_is_refused_in_a_known_school_too_and_with_good_files_beside_it(
    run_import: Import, dump: Dump, school: SchoolFiles, make
) -> None:
    run_import(school.both())
    before = dump()
    useless: Path = make(school.changed(folder=school.folder / "useless"))
    good = [path for path in school.both() if path.name != useless.name]

    with pytest.raises(ImportRefused):
        run_import([*good, useless])

    assert dump() == before


def test_the_refusal_says_why_the_first_records_could_not_be_read(run_import: Import, school: SchoolFiles) -> None:
    with pytest.raises(ImportRefused, match="NOM_DE_FAMILLE et PRENOM sont vides"):
        run_import([school.changed(students=UNREADABLE).students_file()])


@pytest.mark.parametrize("lacking", ["first", "second", "both"])
def test_two_files_of_one_kind_are_refused_even_when_one_does_not_say_its_school(
    run_import: Import, dump: Dump, school: SchoolFiles, lacking: str
) -> None:
    uai = school.uai
    first = school.changed(uai=None if lacking != "second" else uai).students_file("Premier.xml")
    second = school.changed(uai=None if lacking != "first" else uai).students_file("Second.xml")
    empty = dump()

    with pytest.raises(ImportRefused, match=r"Premier\.xml et Second\.xml"):
        run_import([first, school.guardians_file(), second], uai=uai)

    assert dump() == empty


def test_files_of_two_schools_are_told_so_even_with_one_of_the_same_kind_that_says_none(
    run_import: Import, school: SchoolFiles
) -> None:
    other = school.changed(uai="9740002J").students_file("Autre.xml")
    unsaid = school.changed(uai=None).students_file("Sans.xml")

    with pytest.raises(ImportRefused, match="pas du même établissement"):
        run_import([school.students_file(), unsaid, other])
