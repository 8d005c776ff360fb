"""Imports that would hurt, in the back office: said in red, behind a tick for just that, then on « Accueil » (R32)."""

import csv
import html
import io
import re

import openpyxl
import pytest
from sqlalchemy import select

from shared import clock
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.journal import COMMAND
from shared.models.imports.changes import ImportRun
from shared.models.imports.uploads import SchoolImport
from shared.models.journal import JournalEvent
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from shared.siecle.uploads.work import due_uploads, work_on_upload
from tests.admin.browser import Browser, words
from tests.admin.conftest import School
from tests.factories import at_desk, make_establishment, make_staff
from tests.siecle.big_school import big_school, name_of

IMPORTS = "/base/imports/"
HISTORY = "/base/mouvements/"
STAYING = range(1, 21)


@pytest.fixture
def head(app, database, tmp_path) -> Browser:
    """The head of a school of thirty families."""
    with database.writing() as session:
        make_staff(session, "chef", make_establishment(session))
    apply(database, big_school(tmp_path / "whole").both())
    browser = Browser(app)
    assert browser.log_in("chef").status_code == 303
    return browser


def apply(database, paths, **options):
    chosen = {"accept_older": True, "now": clock.now(), "actor": COMMAND}
    return import_files(database, paths, Asked(**(chosen | options)))


@pytest.fixture
def work(database, settings):
    """The worker, once."""

    def work():
        for upload_id in due_uploads(database, clock.now()):
            work_on_upload(database, settings, upload_id)

    return work


def send(browser, paths, work):
    chosen = [(io.BytesIO(path.read_bytes()), path.name) for path in paths]
    page = browser.post(IMPORTS, {"fichiers": chosen}).location
    work()
    return page


def tick(page):
    """What the box to tick sends, and its words."""
    found = re.search(r'name="pertes" value="(\w+)" required>\s*<label[^>]*>(.*?)</label>', page.text, re.DOTALL)
    assert found is not None
    return found[1], html.unescape(found[2])


def test_what_would_be_lost_is_said_in_red_behind_a_tick_that_names_it(head, database, work, tmp_path):
    page = send(head, big_school(tmp_path / "partial", STAYING).both(), work)
    shown = head.get(page)

    assert "10 élèves ne sont plus là (33 % des 30 élèves connus)" in words(shown)
    assert f"Tom {name_of(21)} (6A)" in words(shown)
    assert 'class="notice notice-error losses"' in shown.text
    mark, label = tick(shown)
    assert "10 élèves ne sont plus là ; 10 responsables ne sont plus là" in label.replace("\u00a0", " ")

    for sent in ({}, {"pertes": ""}, {"pertes": "oui"}):
        assert head.post(page + "confirmer", sent).status_code == 409
    assert head.post(page + "confirmer", {"pertes": mark}).status_code == 303
    work()
    assert "Import terminé" in words(head.get(page))
    assert "10 élèves qui partent" in words(head.get(page))
    assert "pertes acceptées" in words(head.get("/journal/"))


def test_a_form_made_for_other_losses_is_refused(head, database, work, tmp_path):
    page = send(head, big_school(tmp_path / "partial", STAYING).both(), work)
    other = send(head, big_school(tmp_path / "other", range(1, 19)).both(), work)
    mark, _ = tick(head.get(other))

    refused = head.post(page + "confirmer", {"pertes": mark})
    assert refused.status_code == 409
    assert "a changé entre-temps" in words(refused)


def test_what_was_confirmed_is_asked_again_when_the_base_changed_meanwhile(head, database, work, tmp_path):
    page = send(head, big_school(tmp_path / "partial", STAYING).both(), work)
    mark, _ = tick(head.get(page))
    apply(database, big_school(tmp_path / "more", range(1, 51)).both())
    assert head.post(page + "confirmer", {"pertes": mark}).status_code == 303
    work()

    again = head.get(page)
    assert "La base a changé depuis" in words(again)
    assert "30 élèves ne sont plus là (60 % des 50 élèves connus)" in words(again)
    assert tick(again)[0] != mark
    head.post(page + "confirmer", {"pertes": tick(again)[0]})
    work()
    assert "Import terminé" in words(head.get(page))


def test_an_import_confirmed_before_it_lost_anything_is_asked_about(head, database, work, tmp_path):
    page = send(head, big_school(tmp_path / "same").both(), work)
    apply(database, big_school(tmp_path / "more", range(1, 51)).both())
    assert head.post(page + "confirmer").status_code == 303
    work()
    assert "20 élèves ne sont plus là" in words(head.get(page))


def test_everybody_whom_a_check_found_is_listed_by_name(head, database, work, tmp_path):
    page = send(head, big_school(tmp_path / "many", [*STAYING, *range(100, 250)]).both(), work)
    shown = head.get(page)
    assert "150 élèves qui arrivent" in words(shown)
    first = re.search(r'href="([^"]+/personnes/1/)"', shown.text)[1]

    assert head.get(first).text.count("<li>Léa HOARAU") == 10
    assert head.get(first, apres=100).text.count("<li>") - head.get(first, apres=200).text.count("<li>") == 50
    assert head.get(page + "personnes/99/").status_code == 404
    assert head.post(page + "abandonner").status_code == 303
    with database.reading() as session:
        assert session.scalars(select(SchoolImport.report)).all() == [None]


def test_accueil_speaks_of_the_losses_until_somebody_clicks(head, database, tmp_path):
    assert "ce qui était connu" not in words(head.get("/"))
    run_id = apply(database, big_school(tmp_path / "partial", STAYING).both(), accept_losses=True).run_id
    home = words(head.get("/"))
    assert "1 import a fait perdre ce qui était connu : regarder" in home

    page = f"{HISTORY}{run_id}/"
    assert page in head.get(HISTORY, a_voir=1).text
    assert "10 responsables ne sont plus là" in words(head.get(page))
    assert head.post(f"{page}vu/").location == page
    assert head.post(f"{page}vu/").location == page
    assert "ce qui était connu" not in words(head.get("/"))
    assert "Vu le" in words(head.get(page))
    assert "Aucun import n'est à regarder" in words(head.get(HISTORY, a_voir=1))
    with database.reading() as session:
        assert list(session.scalars(select(JournalEvent.action))).count("import_losses_seen") == 1


def test_each_import_of_the_history_lists_whom_it_changed(head, database, tmp_path):
    files = big_school(tmp_path / "next", range(4, 124))
    files.placements[0] = files.placements[0].replace("5B", "4C")
    run_id = apply(database, files.both()).run_id
    page = f"{HISTORY}{run_id}/"

    shown = words(head.get(HISTORY))
    assert "93 élèves qui arrivent" in shown
    assert "3 élèves qui partent" in shown
    assert "ligne de commande" in shown
    moved = words(head.get(page, voir="student-moved"))
    assert f"{name_of(4)} Ana 4 5B 4C" in moved
    assert f"{name_of(1)} Tom 1 6A" in words(head.get(page, voir="student-left"))
    arrived = head.get(page, voir="student-arrived")
    assert arrived.text.count('<th scope="row"') == 50
    after = html.unescape(re.search(r'rel="next" href="([^"]+)"', arrived.text)[1])
    assert head.get(after).text.count('<th scope="row"') == 43

    rows = list(csv.reader(io.StringIO(head.post(page, {"format": "csv"}).data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + 93 + 3 + 1 + 93 + 3
    assert ["Élève", "Changement de division", "4", name_of(4), "Ana", "5B", "4C"] in rows
    book = openpyxl.load_workbook(io.BytesIO(head.post(page, {"format": "xlsx"}).data))
    assert [[str(value or "") for value in row] for row in book.active.values] == rows


def test_the_imports_of_another_school_are_not_found(head, app, database, tmp_path):
    with database.writing() as session:
        make_staff(session, "chef2", make_establishment(session, "9740002B", "Collège Autre"))
    with database.reading() as session:
        run_id = session.scalars(select(ImportRun.id)).one()
    stranger = Browser(app)
    stranger.log_in("chef2")

    assert stranger.get(f"{HISTORY}{run_id}/").status_code == 404
    assert stranger.post(f"{HISTORY}{run_id}/").status_code == 404
    assert stranger.post(f"{HISTORY}{run_id}/vu/").status_code == 404
    assert "HOARAU" not in stranger.get(HISTORY).text


def test_students_without_a_legal_guardian_are_listed_and_exported(head, database, sealer, tmp_path):
    files = big_school(tmp_path / "some", linked=range(4, 31))
    files.links.append(files.links[0].replace("<ELEVE_ID>4<", "<ELEVE_ID>1<").replace("RESP_LEGAL>1", "RESP_LEGAL>0"))
    apply(database, files.both())
    with database.writing() as session:
        school = session.scalars(select(ImportRun.establishment_id).limit(1)).one()
        now = clock.now()
        generate_accounts(at_desk(session, school, now=now, actor=COMMAND, today=now.date()), GUARDIANS, sealer)

    assert "3 élèves présents sans représentant légal" in words(head.get("/"))
    assert "3 élèves présents sans représentant légal" in words(head.get("/responsables/generer/"))
    page = "/responsables/eleves-sans-responsable/"
    assert f"{name_of(1)} Tom 1 6A Marie {name_of(4)}" in words(head.get(page))
    rows = list(csv.reader(io.StringIO(head.post(page).data.decode("utf-8-sig")), delimiter=";"))
    assert [row[2:] for row in rows[1:]] == [
        [name_of(1), "Tom", "6A", f"Marie {name_of(4)}"],
        [name_of(2), "Zoé", "5B", ""],
        [name_of(3), "Noé", "6A", ""],
    ]
    book = openpyxl.load_workbook(io.BytesIO(head.post(page, {"format": "xlsx"}).data))
    assert len(list(book.active.values)) == 4


def test_a_delegate_for_imports_sees_the_losses_and_no_list_of_guardians(delegate, school_a: School):
    browser = delegate("imports")
    assert browser.get(HISTORY).status_code == 200
    assert browser.get("/responsables/eleves-sans-responsable/").status_code == 403
