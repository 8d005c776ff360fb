"""« Exporter »: who takes which file, what is in it, and what never is."""

import csv
import io
import re
import tracemalloc

import openpyxl
import pytest
from sqlalchemy import insert, select

from shared.accounts.directory.listing import Filters
from shared.accounts.populations import GUARDIANS, Register
from shared.clock import now
from shared.exports.accounts import accounts_sheet
from shared.models.accounts import Account, AccountKind, AccountState, Identifier
from shared.models.journal import JournalEvent
from shared.models.school import Division, Establishment, Guardian
from shared.spreadsheets import Spelling, write_csv
from tests.admin.browser import words
from tests.admin.test_queries import add_families
from tests.factories import INITIAL_PASSWORD, NOW, PASSWORD_HASH, TODAY, link, make_student
from tests.statements import sent

EXPORTS = "/responsables/exports/"


def rows_of(response) -> list[list[str]]:
    assert response.status_code == 200, words(response)
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline=""), delimiter=";"))


def export(browser, name: str, **fields) -> list[list[str]]:
    return rows_of(browser.post(EXPORTS, {"fichier": name, "format": "csv", **fields}))


def test_the_page_offers_every_file(head):
    page = words(head.get(EXPORTS))

    for label in ("Comptes", "Comptes pour l'ENT", "Fiches", "Notifications"):
        assert label in page


def test_the_name_of_a_file_is_made_of_our_own_signs(head, database, school_a):
    with database.writing() as session:
        session.get_one(Establishment, school_a.id).name = 'Collège "é"; filename=x.exe'
    answer = head.post(EXPORTS, {"fichier": "comptes", "format": "csv"})

    assert re.fullmatch(
        r"attachment; filename=[a-z-]+-\d{7}[A-Z]-\d{4}-\d\d-\d\d\.csv", answer.headers["Content-Disposition"]
    )
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_accounts_are_exported_with_their_state_and_students(head, school_a):
    header, *rows = export(head, "comptes")
    by_identifier = {row[0]: dict(zip(header, row, strict=True)) for row in rows}

    assert set(by_identifier) == {"m.zarzuela", "p.zarzuela"}
    marie = by_identifier["m.zarzuela"]
    assert (marie["État"], marie["Nom"], marie["Prénom"], marie["Qualité"]) == (
        "Non notifié",
        "Zarzuela",
        "Marie",
        "Légal 1",
    )
    assert marie["Élèves"] == "Léa Zarzuela (6Zar)"
    assert marie["Courriel de la base élèves"] == "marie@zarzuela.fr"


def test_the_ent_gets_the_columns_that_it_imports(head, school_a):
    header, *rows = export(head, "ent")

    assert header == ["Identifiant", "Civilité", "Nom", "Prénom", "Élèves", "Courriel", "État"]
    marie = ["m.zarzuela", "MME", "Zarzuela", "Marie", "Léa Zarzuela (6Zar)", "marie@zarzuela.fr", "Non notifié"]
    assert marie in rows


def test_an_account_that_two_fiches_share_is_one_line_with_the_students_of_both(head, database, school_a):
    with database.writing() as session:
        paul = session.get_one(Guardian, school_a.active_id)
        other = session.scalars(select(Guardian).where(Guardian.account_id == paul.account_id, Guardian.id != paul.id))
        establishment, division = session.get_one(Establishment, school_a.id), session.query(Division).first()
        link(session, make_student(session, establishment, division, "Zarzuela", "Ana"), other.one())

    [row] = [row for row in export(head, "ent") if row[0] == "p.zarzuela"]
    assert "Ana Zarzuela (6Zar)" in row[4]
    assert row[4].count("Tom Zarzuela") == 1


def test_fiches_are_exported_with_and_without_an_account(head, database, school_a):
    header, *rows = export(head, "fiches")

    assert {row[header.index("Prénom")] for row in rows} >= {"Marie", "Paul"}
    assert "Tom Zarzuela (6Zar, Légal 2)" in {row[header.index("Élèves")] for row in rows}


def test_notifications_are_exported_with_what_became_of_them(head, school_a):
    header, *rows = export(head, "notifications")
    failed = next(row for row in rows if row[header.index("État")] == "Échec")

    assert failed[header.index("Erreur")] == "boîte inconnue à Zarzuela"
    assert failed[header.index("Destinataire")].endswith("@zarzuela.fr")


def test_a_list_is_exported_as_it_was_filtered(head, school_a):
    assert [row[0] for row in export(head, "comptes", etat="active")[1:]] == ["p.zarzuela"]
    assert [row[0] for row in export(head, "comptes", q="m.zar")[1:]] == ["m.zarzuela"]
    assert export(head, "comptes", division="9Z")[1:] == []
    page = head.get(EXPORTS, q="m.zar")
    assert 'name="q" value="m.zar"' in page.text


def test_students_have_their_own_files(head, school_a):
    response = head.post("/eleves/exports/", {"fichier": "comptes", "format": "csv"})

    assert [row[0] for row in rows_of(response)[1:]] == ["l.zarzuela"]
    assert head.post("/eleves/exports/", {"fichier": "fiches"}).status_code == 404


def test_a_workbook_holds_the_same_as_the_csv(head, school_a):
    response = head.post(EXPORTS, {"fichier": "ent", "format": "xlsx"})
    [*rows] = openpyxl.load_workbook(io.BytesIO(response.data)).active.values

    assert response.headers["Content-Disposition"].startswith("attachment; filename=ent-responsables-9740001A-")
    assert [[value or "" for value in row] for row in rows] == export(head, "ent")


@pytest.mark.parametrize("name", ["comptes", "ent", "fiches", "notifications"])
def test_no_file_holds_a_password_or_another_school(head, school_a, school_b, name):
    for form in ("csv", "xlsx"):
        response = head.post(EXPORTS, {"fichier": name, "format": form})
        content = response.data
        if form == "xlsx":
            values = openpyxl.load_workbook(io.BytesIO(content)).active.values
            content = repr(list(values)).encode()
        for secret in (INITIAL_PASSWORD, PASSWORD_HASH, "argon2", *school_b.marks):
            assert secret.encode() not in content, (form, secret)


def test_names_that_would_be_computed_are_text(head, database, school_a):
    with database.writing() as session:
        session.get_one(Guardian, school_a.fiche_id).family_name = '=HYPERLINK("http://mal.fr";"clic")'

    for name in ("comptes", "ent", "fiches", "notifications"):
        content = head.post(EXPORTS, {"fichier": name, "format": "csv"}).data.decode("utf-8-sig")
        assert "'=HYPERLINK" in content, name
        assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(content), delimiter=";") for cell in row)
    book = openpyxl.load_workbook(io.BytesIO(head.post(EXPORTS, {"fichier": "ent", "format": "xlsx"}).data))
    assert {cell.data_type for row in book.active.rows for cell in row if "HYPERLINK" in str(cell.value)} == {"s"}


def test_each_export_is_in_the_journal(head, database, school_a):
    export(head, "ent")

    with database.reading() as session:
        event = session.scalars(select(JournalEvent).where(JournalEvent.action == "exported")).one()
    assert (event.actor_name, event.subject, event.establishment_id) == (
        "Chef-A",
        "Comptes pour l'ENT (responsables)",
        school_a.id,
    )
    assert event.details == {"format": "csv", "rows": 2}
    assert "Fichier exporté format : csv, lignes : 2" in words(head.get("/journal/"))


def test_only_who_holds_the_tab_exports(delegate, school_a):
    of_students = delegate("students")

    assert of_students.get(EXPORTS).status_code == 403
    assert of_students.post(EXPORTS, {"fichier": "comptes"}).status_code == 403
    assert of_students.post("/eleves/exports/", {"fichier": "comptes"}).status_code == 200
    assert of_students.post("/statistiques/", {"tableau": "etat"}).status_code == 403
    assert of_students.post("/journal/").status_code == 403


@pytest.mark.parametrize("fields", [{}, {"fichier": "mots-de-passe"}, {"fichier": "../etc/passwd"}])
def test_an_unknown_file_is_not_found(head, fields):
    assert head.post(EXPORTS, fields).status_code == 404


def test_a_format_that_makes_no_sense_is_csv(head):
    assert head.post(EXPORTS, {"fichier": "ent", "format": "exe"}).data.startswith(b"\xef\xbb\xbf")


def test_a_file_takes_as_many_queries_with_300_families_as_with_10(head, database, sealer, school_a):
    def queries() -> list[int]:
        return [_queries_of(head, database, name) for name in ("comptes", "ent", "fiches", "notifications")]

    add_families(database, sealer, school_a, range(10))
    # The first form looks for its token on another page.
    queries()
    few = queries()
    add_families(database, sealer, school_a, range(10, 210))

    assert queries() == few


def _queries_of(head, database, name) -> int:
    with sent(database) as statements:
        export(head, name)
    return len(statements)


def test_the_memory_of_an_export_does_not_grow_with_the_accounts(database, school_a, tmp_path):
    def peak() -> int:
        with database.reading() as session, (tmp_path / "export.csv").open("wb") as file:
            sheet = accounts_sheet(Register(session, school_a.id, GUARDIANS, TODAY), Filters())
            tracemalloc.start()
            rows = write_csv(sheet, file, Spelling(str, "Europe/Paris"))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most, rows

    add_accounts(database, school_a.id, range(1_000))
    peak()
    few, _ = peak()
    add_accounts(database, school_a.id, range(1_000, 4_000))
    many, rows = peak()

    assert rows == 4_000 + len(("m.zarzuela", "p.zarzuela"))
    assert many < few * 1.2 + 100_000


def add_accounts(database, establishment_id, numbers) -> None:
    identifiers = [f"z.export{number}" for number in numbers]
    account = {"kind": AccountKind.GUARDIAN, "state": AccountState.ACTIVE, "password_hash": "x", "created_at": NOW}
    person = {"establishment_id": establishment_id, "family_name": "EXPORT", "first_name": "Zoé"}
    with database.writing() as session:
        session.execute(insert(Identifier), [{"value": one, "given_at": now()} for one in identifiers])
        session.execute(insert(Account), [{**account, "identifier": one} for one in identifiers])
        made = session.execute(select(Account.id, Account.identifier).where(Account.identifier.in_(identifiers))).all()
        session.execute(
            insert(Guardian),
            [
                {
                    **person,
                    "siecle_id": f"E{number}",
                    "name_key": f"export{number:07}",
                    "birth_name_key": "export",
                    "account_id": number,
                }
                for number, _ in made
            ],
        )
