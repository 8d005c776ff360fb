"""Every bad file gets a sentence that says what is wrong, and changes nothing (R28)."""

import codecs
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.models.school import Guardian, NameFlag, Student
from shared.siecle.files import opening, streaming
from shared.siecle.report import ImportRefused
from tests.siecle.conftest import Dump, Import
from tests.siecle.written import (
    SchoolFiles,
    block,
    document,
    element,
    guardian,
    link,
    student,
    written,
    zipped,
)

ZEROS = 10 * 1024**3
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE BEE_ELEVES [<!ENTITY l0 "lol">{LAUGHS}]>'
EXTERNAL = '<!DOCTYPE BEE_ELEVES [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'

MakeFile = Callable[[SchoolFiles], Path]

# What is refused while a file is read never gets as far as the database: one of them is enough.
while_reading = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def refused(run_import: Import, dump: Dump, school: SchoolFiles) -> Callable[..., str]:
    """Import into a school that has people, see it refused and nothing changed; returns the message."""
    run_import(school.both())
    before = dump()

    def refuse(*paths: Path, **options: object) -> str:
        with pytest.raises(ImportRefused) as refusal:
            run_import(list(paths), **options)
        assert dump() == before
        return str(refusal.value)

    return refuse


def _xml(text: str | bytes, encoding: str = "iso-8859-15") -> MakeFile:
    return lambda school: written(school.folder / "bad.xml", text, encoding)


def _changed_students(change: Callable[[str], str]) -> MakeFile:
    return lambda school: written(school.folder / "bad.xml", change(school.students_text()))


def _zip(**members: str) -> MakeFile:
    return lambda school: zipped(
        school.folder / "bad.zip", {name.replace("__", "."): text for name, text in members.items()}
    )


def _zip_climbing_out(school: SchoolFiles) -> Path:
    return zipped(school.folder / "bad.zip", {"../../ElevesAvecAdresses.xml": school.students_text()})


def _encrypted_zip(school: SchoolFiles) -> Path:
    path = zipped(school.folder / "bad.zip", {"a.xml": school.students_text()})
    content = bytearray(path.read_bytes())
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + flags] |= 1
    return written(path, bytes(content))


def _truncated_zip(school: SchoolFiles) -> Path:
    path = zipped(school.folder / "bad.zip", {"a.xml": school.students_text()})
    return written(path, path.read_bytes()[:-40])


def _damaged_zip(school: SchoolFiles) -> Path:
    path = zipped(school.folder / "bad.zip", {"a.xml": school.students_text() * 20})
    content = bytearray(path.read_bytes())
    content[120:140] = bytes(20)
    return written(path, bytes(content))


def _wrongly_declared(text: str, declared: str, real: str) -> MakeFile:
    content = document("BEE_ELEVES", block("ELEVES", [student(PRENOM=text)]), encoding=declared)
    return _xml(content, real)


@while_reading
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_xml("Bonjour"), r"« bad.xml » n'est ni un fichier XML ni un zip"),
        (_xml(""), r"est vide"),
        (_xml(b"\xff\xfe" + "<BEE_ELEVES/>".encode("utf-16-le")), r"UTF-16"),
        (_changed_students(lambda text: text[: len(text) // 2]), r"s'arrête avant la fin, à la ligne \d+"),
        (_changed_students(lambda text: text.replace("</ELEVE>", "</ELEVEE>")), r"correct à partir de la ligne \d+"),
        (_xml("<?xml version='1.0'?><html><body/></html>"), r"n'est pas un export attendu de SIECLE .*html"),
        (_xml("<!doctype html>\n<html><body>Session expirée</body></html>"), r"page web \(html\).*Reconnectez-vous"),
        (_xml("<?xml version='1.0'?><!-- only a comment -->"), r"n'est pas un fichier XML"),
        (_zip(readme__txt="bonjour"), r"ne contient aucun fichier XML"),
        (_zip(), r"ne contient aucun fichier XML"),
        (_zip_climbing_out, r"nom de fichier dangereux .*\.\./"),
        (_encrypted_zip, r"mot de passe"),
        (_truncated_zip, r"abîmé ou incomplet"),
        (_damaged_zip, r"abîmé ou incomplet"),
        (_xml(document("BEE_ELEVES", before_root=BOMB)), r"DOCTYPE"),
        (_xml(document("BEE_ELEVES", before_root=EXTERNAL)), r"DOCTYPE"),
        (_xml(document("BEE_ELEVES", before_root="<!DOCTYPE BEE_ELEVES SYSTEM 'bee.dtd'>")), r"DOCTYPE"),
        (
            _changed_students(lambda text: text.replace("PAYET", "&secret;")),
            r"à la ligne 11, un « & » .*entité inconnue",
        ),
        (_changed_students(lambda text: text.replace("PAYET", "PAYET & FILS")), r"à la ligne 11, un « & »"),
        (_changed_students(lambda text: text.replace("PAYET", "PAYET&FILS")), r"à la ligne 11, un « & »"),
        (_changed_students(lambda text: text.replace("PAYET", "PA\x00YET")), r"correct à partir de la ligne \d+"),
        (_changed_students(lambda text: text.replace("PAYET", "PA&#0;YET")), r"correct à partir de la ligne \d+"),
        (_wrongly_declared("L\x8fa\x90" * 20, "ISO-8859-15", "latin-1"), r"ISO-8859-15 mais contient des octets"),
        (_wrongly_declared("L\x8fa\x90" * 20, "UTF-8", "latin-1"), r"UTF-8 mais contient des octets"),
        (_wrongly_declared("Léa", "EBCDIC-FR", "iso-8859-15"), r"EBCDIC-FR"),
        (_xml(document("BEE_ELEVES", block("ELEVES", []))), r"ne contient aucun élève"),
        (_xml(document("BEE_ELEVES")), r"ne contient aucun élève"),
        (_xml(document("BEE_RESPONSABLES", block("PERSONNES", []))), r"ne contient aucun responsable"),
        (_xml(document("BEE_RESPONSABLES", block("PERSONNES", [guardian()]))), r"aucun lien"),
        (_xml(document("BEE_ELEVES", block("ELEVES", [student()]), uai="LYCEE")), r"LYCEE.*pas un UAI"),
        (_xml(document("BEE_ELEVES", block("ELEVES", [student()]), stamp="31/02/2025 08:00:00")), r"HORODATAGE"),
        (
            _xml(document("BEE_ELEVES", block("ELEVES", [student()]), stamp="14/09/2025 08:00:00")),
            r"14/09/2025 .*avant",
        ),
    ],
)
def test_a_bad_file_is_refused(refused: Callable[..., str], school: SchoolFiles, make: MakeFile, says: str) -> None:
    assert re.search(says.replace("« ", "«\u00a0").replace(" »", "\u00a0»"), refused(make(school)), re.DOTALL)


def test_ten_gigabytes_of_zeros_are_refused_without_being_expanded(
    refused: Callable[..., str], school: SchoolFiles
) -> None:
    path = school.folder / "bad.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.xml", "w", force_zip64=True) as member,
    ):
        member.write(b"<BEE_ELEVES>")
        for _ in range(64):
            member.write(bytes(1024**2))
    assert "démesuré" in refused(path)
    # The same with the size that a real bomb tells: only the directory of the zip is read.
    content = path.read_bytes()
    told = (64 * 1024**2 + len(b"<BEE_ELEVES>")).to_bytes(4, "little")
    assert content.count(told) >= 1
    assert "démesuré" in refused(written(path, content.replace(told, (2**32 - 2).to_bytes(4, "little"))))


def test_a_zip_that_lies_about_its_size_is_refused(
    refused: Callable[..., str], school: SchoolFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "EXPANDED_BYTES", 100_000)
    big = school.changed(students=[student(key) for key in range(1, 1000)])
    assert "démesuré" in refused(big.students_file("bad.xml"))


def test_an_enormous_record_is_refused(
    refused: Callable[..., str], school: SchoolFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "RECORD_BYTES", 100_000)
    many_children = {f"CHAMP_{number}": "x" * 100 for number in range(5_000)}
    assert "enregistrement démesuré" in refused(school.changed(students=[student(**many_children)]).students_file())


def test_a_file_that_breaks_after_many_records_changes_nothing(
    refused: Callable[..., str], school: SchoolFiles
) -> None:
    text = school.changed(students=[student(key, PRENOM="Autre") for key in range(1, 2_000)]).students_text()
    assert "ligne" in refused(written(school.folder / "bad.xml", text.replace("</BEE_ELEVES>", "</BEE>")))


def test_a_file_of_another_school_is_refused(refused: Callable[..., str], school: SchoolFiles) -> None:
    other = school.changed(uai="9740002B").students_file("other.xml")
    message = refused(other, uai="9740001A")
    assert "9740002B" in message
    assert "9740001A" in message
    assert "pas un UAI" in refused(school.students_file(), uai="9740001")


def test_files_of_two_schools_are_refused_together(refused: Callable[..., str], school: SchoolFiles) -> None:
    message = refused(school.students_file(), school.changed(uai="9740002B").guardians_file("other.xml"))
    assert "9740001A" in message
    assert "9740002B" in message


def test_two_files_of_one_kind_are_refused(refused: Callable[..., str], school: SchoolFiles) -> None:
    assert "même nature" in refused(school.students_file(), school.students_file("ElevesSansAdresses.xml"))


def test_files_that_cannot_be_opened_are_named(refused: Callable[..., str], school: SchoolFiles) -> None:
    assert "absent.xml" in refused(school.folder / "absent.xml")
    assert "dossier" in refused(school.folder)
    assert "Aucun fichier" in refused()


def test_a_school_that_no_file_names_must_be_told(refused: Callable[..., str], school: SchoolFiles) -> None:
    text = document("BEE_ELEVES", block("ELEVES", [student()]), uai=None)
    assert "précisez son UAI" in refused(written(school.folder / "bad.xml", text))


def test_an_older_file_is_imported_once_confirmed(run_import: Import, school: SchoolFiles) -> None:
    run_import(school.both())
    older = school.changed(stamp="01/09/2025 07:00:00", students=[student(PRENOM="Léo")])
    report = run_import(older.both(), accept_older=True)
    assert report.students.updated == 1
    assert len(report.older) == 2


@while_reading
@pytest.mark.parametrize(
    ("declared", "real", "written_name"),
    [
        ("ISO-8859-15", "utf-8", "Noël"),
        ("latin9", "iso-8859-15", "Cœur"),
        ("ISO-8859-1", "windows-1252", "Cœur"),
        ("ISO-8859-1", "iso-8859-15", "Cœur"),
        ("windows-1252", "windows-1252", "Cœur"),
        ("windows-1252", "iso-8859-15", "Cœur"),
        ("UTF-8", "iso-8859-15", "Cœur"),
        ("UTF-8", "windows-1252", "D’Arc"),
        ("ISO-8859-15", "utf-8-sig", "Cœur"),
        ("UTF-8", "utf-8-sig", "Cœur"),
    ],
)
def test_a_wrongly_declared_encoding_that_the_bytes_prove_is_read_rightly(
    database: Database, run_import: Import, school: SchoolFiles, declared: str, real: str, written_name: str
) -> None:
    report = run_import([_wrongly_declared(written_name, declared, real)(school)])
    with database.reading() as session:
        assert session.scalars(select(Student.first_name)).one() == written_name
    warned = any("vérifiez" in text and "UAI" not in text for text in report.findings.warnings.kept)
    assert warned == (codecs.lookup(declared).name != codecs.lookup(real.removesuffix("-sig")).name)


BAD_STUDENTS = {
    "no name": (student(NOM_DE_FAMILLE=None, PRENOM=None), "NOM_DE_FAMILLE"),
    "names that are none": (student(NOM_DE_FAMILLE="-", PRENOM="X", NOM_USAGE="INCONNU"), "aucun nom ne se lit"),
    "empty names": (student(NOM_DE_FAMILLE="", PRENOM=""), "sont vides"),
    "a name of digits": (student(NOM_DE_FAMILLE="12345", PRENOM="2"), "aucun nom ne se lit"),
    "only markup for a name": (student(NOM_DE_FAMILLE="<script>alert(1)</script>", PRENOM="-"), "aucun nom ne se lit"),
}


@while_reading
@pytest.mark.parametrize(("record", "says"), BAD_STUDENTS.values(), ids=BAD_STUDENTS)
def test_a_bad_student_is_reported_with_its_line_and_left_as_it_was(
    database: Database, run_import: Import, dump: Dump, school: SchoolFiles, record: str, says: str
) -> None:
    run_import(school.changed(students=[student(1), student(2)]).both())
    before = dump()["student"]
    report = run_import(school.changed(students=[record, student(2)]).both())
    assert report.findings.errors.count == 1
    assert says in report.findings.errors.kept[0]
    assert re.search(r"^ElevesAvecAdresses.xml, ligne \d+, élève 1\u00a0: ", report.findings.errors.kept[0])
    assert dump()["student"] == before
    assert report.students.gone == 0


def test_the_other_records_of_a_file_with_a_bad_one_are_imported(run_import: Import, school: SchoolFiles) -> None:
    report = run_import(school.changed(students=[student(2, NOM_DE_FAMILLE="-", PRENOM="-"), student(1)]).both())
    assert (report.students.read, report.students.created, report.findings.errors.count) == (2, 1, 1)


def test_a_student_without_key_is_an_error(run_import: Import, school: SchoolFiles) -> None:
    report = run_import(school.changed(students=[student(1), student(attributes={})]).both())
    assert (report.students.created, report.findings.errors.count) == (1, 1)


def test_a_second_record_with_the_same_key_is_an_error(
    database: Database, run_import: Import, dump: Dump, school: SchoolFiles
) -> None:
    run_import(school.both())
    before = dump()["student"]
    report = run_import(school.changed(students=[student(1), student(1, PRENOM="Zoé")]).both())
    assert report.findings.errors.count == 1
    assert re.search(r"ligne \d+, élève 1\u00a0: déjà lu à la ligne \d+", report.findings.errors.kept[0])
    assert dump()["student"] == before


@pytest.mark.parametrize(
    ("tie", "says"),
    [
        (link(999, 11), "l'élève 999 n'est dans aucun fichier"),
        (link(1, 888), "le responsable 888 n'est dans aucun fichier"),
        (link(1, ""), "PERSONNE_ID manque"),
    ],
)
def test_a_bad_link_is_reported_and_changes_nothing(
    run_import: Import, dump: Dump, school: SchoolFiles, tie: str, says: str
) -> None:
    two = school.changed(guardians=[guardian(11), guardian(12)], links=[link(1, 11), link(1, 12, 2)])
    run_import(two.both())
    before = dump()["guardianship"]
    good = [link(1, 12, 2)] if "888" not in tie and "999" not in tie and "ID manque" not in says else two.links
    report = run_import(two.changed(links=[*good, tie]).both())
    assert report.findings.errors.count == 1
    assert says in report.findings.errors.kept[0]
    assert re.search(r"ligne \d+", report.findings.errors.kept[0])
    assert dump()["guardianship"] == before


def test_a_bad_guardian_stays_as_it_was_with_its_links(run_import: Import, dump: Dump, school: SchoolFiles) -> None:
    run_import(school.both())
    before = dump()
    report = run_import(school.changed(guardians=[guardian(NOM_DE_FAMILLE="?", PRENOM="."), guardian(12)]).both())
    assert (report.findings.errors.count, report.guardians.created, report.guardians.gone) == (1, 1, 0)
    assert dump()["guardianship"] == before["guardianship"]
    assert set(before["guardian"]) <= set(dump()["guardian"])


@while_reading
@pytest.mark.parametrize(
    "email", ["aucun", "a@b", "x@y..fr", "a b@c.fr", "a;b@c.fr", "a@b.co m", "é@c.fr", "a" * 300 + "@c.fr"]
)
def test_an_email_that_is_none_is_dropped_with_a_warning(
    database: Database, run_import: Import, school: SchoolFiles, email: str
) -> None:
    report = run_import(school.changed(guardians=[guardian(MEL=email)]).both())
    assert report.findings.errors.count == 0
    assert any("n'en est pas une" in warning for warning in report.findings.warnings.kept)
    with database.reading() as session:
        assert session.scalars(select(Guardian.email)).one() is None


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("NO?L", NameFlag.LOST_CHARACTER),
        ("DUPONT (frère de)", NameFlag.COMMENT),
        ("DUPONT 2", NameFlag.DIGITS),
    ],
)
def test_a_name_to_correct_is_kept_flagged_and_warned_of(
    database: Database, run_import: Import, school: SchoolFiles, name: str, flag: NameFlag
) -> None:
    report = run_import(school.changed(guardians=[guardian(NOM_DE_FAMILLE=name)]).both())
    with database.reading() as session:
        parent = session.scalars(select(Guardian)).one()
    assert (parent.family_name, parent.name_flag) == (name.partition(" (")[0], flag)
    assert any("nom à corriger" in warning for warning in report.findings.warnings.kept)


@pytest.mark.parametrize("name", ["A" * 400, "<script>x</script>"])
def test_a_usage_name_that_cannot_be_one_is_left_out_with_a_warning(
    database: Database, run_import: Import, school: SchoolFiles, name: str
) -> None:
    report = run_import(school.changed(students=[student(NOM_USAGE=name)]).both())
    with database.reading() as session:
        child = session.scalars(select(Student)).one()
    assert (child.family_name, child.usage_name, report.findings.errors.count) == ("PAYET", None, 0)
    assert any("NOM_USAGE" in warning and "n'a pas été repris" in warning for warning in report.findings.warnings.kept)


def test_optional_texts_that_are_too_long_are_dropped_with_a_warning(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    report = run_import(school.changed(guardians=[guardian(TEL_PORTABLE="0692" * 20)]).both())
    assert any("TEL_PORTABLE" in warning for warning in report.findings.warnings.kept)
    with database.reading() as session:
        assert session.scalars(select(Guardian.mobile_phone)).one() is None


def test_unknown_elements_are_passed_over(run_import: Import, school: SchoolFiles) -> None:
    child = student(CHAMP_NOUVEAU={"DEDANS": "x"})
    text = school.changed(students=[child, element("INCONNU", {"A": 1})]).students_text()
    text = text.replace("<DONNEES>", "<DONNEES><NOUVEAU><ELEVE ELEVE_ID='5'/></NOUVEAU>")
    report = run_import([written(school.folder / "new.xml", text)])
    # One of what was passed over, one of the letter of the UAI of these tests.
    assert (report.students.read, report.findings.errors.count, report.findings.warnings.count) == (1, 0, 2)


def test_a_uai_whose_letter_does_not_go_with_its_digits_is_taken_and_told_of(
    run_import: Import, school: SchoolFiles
) -> None:
    report = run_import(school.changed(uai="9740001A").both())
    [sentence] = [one for one in report.findings.warnings.kept if "UAI" in one]
    assert "9740001H" in sentence
    assert report.students.created > 0
