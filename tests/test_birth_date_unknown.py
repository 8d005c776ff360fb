"""A child whose birth date nobody can read is everywhere as another one is, and nowhere with a date (R32)."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from admin_app import create_app as create_admin
from admin_app.installation import EXTENSION as ADMIN
from parent_portal import create_app as create_portal
from parent_portal.installation import EXTENSION as PORTAL
from shared.config import Settings
from shared.database import Database
from shared.models.school import Establishment, Guardian, Guardianship, Student
from tests.admin.browser import Browser as Office
from tests.admin.browser import words
from tests.applications import lent
from tests.cli.conftest import Command, environment, run  # noqa: F401 - fixtures
from tests.cli.schools import identifiers, imported
from tests.cli.test_names_in_files import letters
from tests.factories import PASSWORD, make_account, make_staff
from tests.portal.browser import Browser as Family
from tests.siecle.written import UAI

CASE = Path(__file__).parent / "siecle" / "cases" / "04-optional-date"
WRONG_DATES = ("None", "00/00/0000", "1900", "1970", "nan")


@pytest.fixture
def child(run: Command, database: Database) -> str:  # noqa: F811
    """The name of the child; the mother, and the child, have accounts that they use."""
    report = imported(run, [CASE / "e.xml", CASE / "r.xml"])
    assert (report["errors"], report["students"]["created"]) == ([], 4)
    with database.writing() as session:
        student = session.scalars(select(Student).where(Student.siecle_id == "3")).one()
        assert student.birth_date is None
        link = select(Guardian).join(Guardianship).where(Guardianship.student_id == student.id)
        make_account(session, "mere.sansdate", session.scalars(link).one())
        make_account(session, "enfant.sansdate", student)
        make_staff(session, "chef", session.scalars(select(Establishment)).one())
        name = student.full_name
    assert len(identifiers(run)) == 4
    assert len(identifiers(run, UAI, "--students")) == 4
    return name


@pytest.fixture
def portal(settings: Settings, database: Database) -> Iterator[Flask]:
    with lent(create_portal, PORTAL, settings, database) as portal:
        yield portal


@pytest.fixture
def head(settings: Settings, database: Database, child: str) -> Iterator[Office]:
    with lent(create_admin, ADMIN, settings, database) as app:
        office = Office(app)
        assert office.log_in("chef").status_code == 303
        yield office


def wrong_dates(text: str) -> list[str]:
    return [wrong for wrong in WRONG_DATES if wrong in text]


@pytest.mark.parametrize("identifier", ["mere.sansdate", "enfant.sansdate"])
def test_the_portal_shows_the_child_and_its_data(portal: Flask, child: str, identifier: str) -> None:
    family = Family(portal)
    assert family.log_in(identifier, PASSWORD).status_code == 303
    for path in ("/", "/compte/mes-donnees"):
        page = family.get(path)
        assert page.status_code == 200
        assert [name for name in child.split() if name not in page.text] == []
        assert wrong_dates(page.text) == []
    file = family.post("/compte/mes-donnees")
    assert file.status_code == 200
    assert [name for name in child.split() if name not in file.text] == []
    assert wrong_dates(file.text) == []


def test_letters_name_the_child(run: Command, child: str, tmp_path: Path) -> None:  # noqa: F811
    told, text = letters(run, tmp_path)
    assert told["letters"] == 3
    assert told["skipped"] == []
    assert wrong_dates(text) == []
    students = run("accounts", "--uai", UAI, "--students", "--json").json["accounts"]
    assert [child.partition(" ")[0] in str(one) for one in students].count(True) >= 1


@pytest.mark.parametrize("area", ["responsables", "eleves"])
def test_the_office_lists_counts_and_exports_the_child(head: Office, database: Database, child: str, area: str) -> None:
    with database.reading() as session:
        model = Student if area == "eleves" else Guardian
        fiche = session.scalars(select(model.id).where(model.account_id.is_not(None)).order_by(model.id)).all()
    for path in (
        "/",
        "/statistiques/",
        f"/{area}/comptes/",
        f"/{area}/notifier/",
        *(f"/{area}/compte/{one}/" for one in fiche),
    ):
        page = head.get(path)
        assert page.status_code == 200, path
        assert [wrong for wrong in ("None", "00/00/0000") if wrong in words(page)] == [], path
    assert child.partition(" ")[0] in words(head.get(f"/{area}/comptes/"))
    for name in ("comptes", "ent", *(["fiches"] if area == "responsables" else [])):
        text = head.post(f"/{area}/exports/", {"fichier": name, "format": "csv"}).data.decode("utf-8-sig")
        assert child.rpartition(" ")[2] in text, name
        assert "None" not in text
        book = openpyxl.load_workbook(
            io.BytesIO(head.post(f"/{area}/exports/", {"fichier": name, "format": "xlsx"}).data)
        )
        cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell is not None]
        assert any(child.rpartition(" ")[2] in cell for cell in cells), name
