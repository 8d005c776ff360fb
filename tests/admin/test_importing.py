"""« Base élèves → Importer »: upload, look, confirm or abandon (R28, R29)."""

import io
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shared import clock
from shared.models.imports.uploads import SchoolImport
from shared.models.school import Student
from shared.siecle.uploads.work import due_uploads, work_on_upload
from tests.admin.browser import words
from tests.siecle.written import SchoolFiles, guardian, link, placement, student

IMPORTS = "/base/imports/"


@pytest.fixture
def files(tmp_path, school_a):
    """One student and one guardian that the school did not have."""
    return SchoolFiles(
        tmp_path / "siecle",
        uai=school_a.uai,
        students=[student(900_001)],
        placements=[placement(900_001, "6 A")],
        guardians=[guardian(900_011)],
        links=[link(900_001, 900_011)],
    )


@pytest.fixture
def work(database, settings):
    """The worker, once."""

    def work():
        for upload_id in due_uploads(database, clock.now()):
            work_on_upload(database, settings, upload_id)

    return work


def send(browser, *paths):
    chosen = [(io.BytesIO(path.read_bytes()), path.name) for path in paths]
    return browser.post(IMPORTS, {"fichiers": chosen})


def students(database, school):
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Student.establishment_id == school.id))


def test_the_files_are_checked_then_imported_once_confirmed(head, database, files, work, school_a):
    before = students(database, school_a)
    page = send(head, *files.both()).location
    assert "En attente de vérification" in words(head.get(page))

    work()
    checked = words(head.get(page))
    assert "Voici ce qui changerait" in checked
    assert "Élèves 1 1 0 2" in checked
    assert students(database, school_a) == before

    assert head.post(page + "confirmer").location == page
    work()
    assert "Import terminé" in words(head.get(page))
    assert students(database, school_a) == before + 1
    assert "Importé" in words(head.get(IMPORTS))
    assert "Base élèves importée" in words(head.get("/journal/"))


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("03-mixed-encoding", ("adresse 2", "LIGNE1_ADRESSE contient des caractères de Windows-1252", "L’EGLISE")),
        ("04-optional-date", ("élève 1", "DATE_ENTREE n'a pas été repris", "élève 3", "DATE_NAISS n'a pas été repris")),
        ("08-country-lost", ("Élèves 2 2 0",)),
        ("21-mel-point-virgule", ("responsable 105", "MEL contient plusieurs adresses")),
        ("01-usage-placeholder", ("responsable 101", "« HOARAU - Marie » contient autre chose qu'un nom")),
        (
            "07-comment-on-letter",
            ("« HOARAU (DECEDE) Jean » contient autre chose qu'un nom, qui n'est montré à aucune",),
        ),
        ("12-ine-twice", ("lignes 2 et 3", "les élèves 1 et 2 sont un seul élève, Léo HOARAU")),
        ("18-morale-sans-prenom", ("« CONSEIL DEPARTEMENTAL » n'a pas de prénom : c'est un organisme",)),
    ],
)
def test_half_good_files_are_taken_in_and_what_is_left_out_is_shown(head, work, case, said):
    folder = Path(__file__).parents[1] / "siecle" / "cases" / case
    page = send(head, folder / "e.xml", folder / "r.xml").location
    work()
    shown = words(head.get(page))
    assert [sentence for sentence in said if sentence not in shown] == []
    assert "Voici ce qui changerait" in shown
    assert "n'ont pas pu être" not in shown


def test_an_abandoned_import_changes_nothing_and_leaves_no_file(head, database, settings, files, work, school_a):
    before = students(database, school_a)
    page = send(head, *files.both()).location
    work()

    assert head.post(page + "abandonner").location == IMPORTS
    assert head.post(page + "confirmer").status_code == 409
    work()

    assert students(database, school_a) == before
    assert list((settings.var_dir / "imports").iterdir()) == []


def test_a_refused_file_shows_its_sentence(head, files, work, tmp_path):
    wrong = tmp_path / "notes.txt"
    wrong.write_text("bonjour")
    page = send(head, wrong).location
    work()

    assert "n'est ni un fichier XML ni un zip" in words(head.get(page))


def test_the_files_of_another_school_are_refused(head, work, tmp_path, school_b):
    page = send(head, *SchoolFiles(tmp_path / "autre", uai=school_b.uai).both()).location
    work()

    assert "est celui de l'établissement 9740002B, pas de 9740001A" in words(head.get(page))


def test_no_file_at_all_is_told_at_once(head):
    response = head.post(IMPORTS, {"fichiers": (io.BytesIO(b""), "")})

    assert response.status_code == 422
    assert "Aucun fichier" in words(response)


def test_what_a_file_says_is_shown_as_text(head, files, work):
    page = send(
        head,
        files.changed(students=[student(1, NOM_DE_FAMILLE="<script>alert(1)</script>")]).students_file(),
    ).location
    work()

    assert "<script>alert" not in head.get(page).text


def test_the_page_asks_again_by_itself_while_the_worker_is_busy(head, files, work):
    page = send(head, *files.both()).location

    assert "data-poll" in head.get(page).text
    work()
    assert "data-poll" not in head.get(page).text


def test_an_upload_is_let_in_where_other_forms_are_refused(head, database, tmp_path):
    big = tmp_path / "gros.xml"
    big.write_bytes(b"<x>" + b" " * 700_000)

    assert send(head, big).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(SchoolImport).order_by(SchoolImport.id.desc())).first().file_names == ["gros.xml"]


def test_repeated_remarks_are_counted_and_shown_ten_at_a_time(head, files, work):
    wrong = [student(key, NOM_DE_FAMILLE="-", PRENOM="-") for key in range(1, 121)]
    page = send(head, files.changed(students=[student(500), *wrong]).students_file()).location
    work()

    shown = head.get(page)
    assert "Enregistrements laissés de côté (120)" in words(shown)
    assert "… et 110 autres" in words(shown)
    assert shown.text.count("aucun nom ne se lit") == 11

    every = page + "errors/1/"
    assert head.get(every).text.count("<li>ElevesAvecAdresses.xml") == 100
    assert head.get(every, apres=100).text.count("<li>ElevesAvecAdresses.xml") == 20
    assert head.get(page + "errors/2/").status_code == 404
    assert head.get(page + "warnings/0/").status_code == 404


@pytest.mark.parametrize(
    "name", ["\U00020000" * 300 + ".xml", "\u202elmx.eleves", "a\x00b.xml", "../../a.xml", "x" * 5000]
)
def test_a_file_of_whatever_name_is_taken(head, files, work, name):
    content = io.BytesIO(files.students_file().read_bytes())
    page = head.post(IMPORTS, {"fichiers": (content, name)}).location
    work()

    assert "Voici ce qui changerait" in words(head.get(page))


def test_a_file_too_big_of_whatever_name_is_refused(head, monkeypatch):
    monkeypatch.setattr("shared.siecle.uploads.files.UPLOADED_BYTES", 10)
    refused = head.post(IMPORTS, {"fichiers": (io.BytesIO(b"x" * 100), "\u202e" * 300 + ".xml")})

    assert refused.status_code == 422
    assert "est trop gros" in words(refused)


def test_a_key_that_changed_hands_is_told_before_and_after_and_on_the_first_page(head, work):
    folder = Path(__file__).parents[1] / "siecle" / "cases" / "14-key-reuse"
    for names, said in ((("e.xml", "r.xml"), 0), (("e2.xml", "r2.xml"), 2)):
        page = send(head, *(folder / name for name in names)).location
        work()
        assert words(head.get(page)).count("Ce sont deux personnes") == said
        head.post(page + "confirmer", {"accepter": "oui", "pertes": "oui"})
        work()
        assert words(head.get(page)).count("Ce sont deux personnes") == said
    # The school of this test knew other people under one of these keys.
    assert "3 numéros de SIECLE donnés à d'autres personnes" in words(head.get("/"))
