"""R4, R31, through HTTP: one student in several schools, and two students under one INE."""

import io
from pathlib import Path

import pytest
from sqlalchemy import select

from parent_portal import create_app as create_portal
from parent_portal.installation import EXTENSION as PORTAL_EXTENSION
from shared import clock
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account
from shared.models.school import Guardian, Student
from shared.siecle.uploads.work import due_uploads, work_on_upload
from tests.admin.browser import Browser, words
from tests.applications import lent
from tests.factories import PASSWORD, PASSWORD_HASH, make_establishment, make_staff
from tests.portal.browser import Browser as Family
from tests.siecle.written import SchoolFiles, student

CASE = Path(__file__).parents[1] / "siecle" / "cases" / "13a-ine-other-child-students"
INE = "0123456789A"
UAIS = ("9740001A", "9740002B", "9740003C")
NAMES = ("Collège des Filaos", "Lycée des Vacoas", "Collège des Benjoins")


@pytest.fixture
def heads(app, database):
    """The heads of three schools of which nothing is known yet."""
    with database.writing() as session:
        for number, (uai, name) in enumerate(zip(UAIS, NAMES, strict=True)):
            make_staff(session, f"chef-{number}", make_establishment(session, uai, name))
    browsers = [Browser(app) for _ in UAIS]
    for number, browser in enumerate(browsers):
        assert browser.log_in(f"chef-{number}").status_code == 303
    return browsers


@pytest.fixture
def bring_in(database, settings):
    """Import files in the browser of a head, then generate every account."""

    def work():
        for upload_id in due_uploads(database, clock.now()):
            work_on_upload(database, settings, upload_id)

    def bring_in(head, *paths):
        chosen = [(io.BytesIO(path.read_bytes()), path.name) for path in paths]
        page = head.post("/base/imports/", {"fichiers": chosen}).location
        work()
        head.post(page + "confirmer")
        work()
        said = words(head.get(page))
        assert "Import terminé" in said
        for area in ("responsables", "eleves"):
            assert head.post(f"/{area}/generer/", {"malgre_doublons": "oui"}).status_code == 303
        return said

    return bring_in


@pytest.fixture
def portal(settings, database):
    with lent(create_portal, PORTAL_EXTENSION, settings, database) as portal:
        yield portal


def family_files(folder, uai, ine=INE):
    """Léa PAYET and her mother Marie, as each school writes them."""
    files = SchoolFiles(folder / uai, uai=uai)
    return files.changed(students=[student(INE_RNIE=ine)]).both()


def holders(database, table):
    """Which account each fiche holds, by school, in the order of the schools."""
    with database.reading() as session:
        rows = select(Account.identifier).select_from(table).outerjoin(Account, Account.id == table.account_id)
        return session.scalars(rows.order_by(table.establishment_id)).all()


def states(database):
    with database.reading() as session:
        return session.scalars(select(AccountTie.state).order_by(AccountTie.establishment_id, AccountTie.id)).all()


def test_another_child_under_the_same_ine_gets_an_account_of_its_own(database, heads, bring_in):
    first, second, _ = heads
    bring_in(first, CASE / "e.xml")
    said = bring_in(second, CASE / "e2.xml")

    assert "INE" in said
    assert holders(database, Student) == ["l.hoarau", "z.payet"]
    assert states(database) == [TieState.CONFIRMED] * 2
    found = words(second.get("/eleves/comptes/"))
    assert "z.payet" in found
    assert "hoarau" not in found.casefold()


def test_one_family_of_three_schools_keeps_one_account_where_it_says_yes(database, heads, bring_in, portal, tmp_path):
    """The second school writes the INE in lower case; the third one is refused by the mother."""
    for head, uai, ine in zip(heads, UAIS, (INE, INE.lower(), INE), strict=True):
        bring_in(head, *family_files(tmp_path, uai, ine))

    assert holders(database, Guardian) == ["m.payet", None, None]
    assert holders(database, Student) == ["l.payet", None, None]
    for head in heads[1:]:
        assert "m.payet" not in words(head.get("/responsables/comptes/"))

    with database.writing() as session:
        used = session.scalars(select(Account).where(Account.identifier == "m.payet")).one()
        used.state, used.expires_on, used.email = "active", None, "marie@example.org"
        used.password_hash, used.initial_password, used.email_verified_at = PASSWORD_HASH, None, clock.now()
    marie = Family(portal)
    marie.log_in("m.payet", PASSWORD)
    with database.reading() as session:
        ties = select(AccountTie.id).where(AccountTie.account_id == used.id, AccountTie.state == TieState.PROPOSED)
        second, third = session.scalars(ties.order_by(AccountTie.establishment_id)).all()
    for tie_id, name, answer in ((second, NAMES[1], "yes"), (third, NAMES[2], "no")):
        assert f"L'établissement {name} vous connaît comme responsable de Léa" in words(marie.get("/rattachement"))
        marie.post(f"/rattachement/{tie_id}", answer=answer)
    assert marie.get("/rattachement").headers["Location"] == "/"

    assert holders(database, Guardian) == ["m.payet", "m.payet", None]
    assert "m.payet" in words(heads[1].get("/responsables/comptes/"))
    assert "m.payet" not in words(heads[2].get("/responsables/comptes/"))
    heads[2].post("/responsables/generer/", {"malgre_doublons": "oui"})
    assert holders(database, Guardian) == ["m.payet", "m.payet", "m.payet1"]
