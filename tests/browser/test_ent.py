"""A parent with two children enters LemonLDAP::NG, as an ENT, by the portal, and leaves from either side (R35)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from parent_portal import create_app
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.establishments.ent_links import add_ent_link
from shared.journal import SYSTEM
from shared.models.accounts import AccountSession
from shared.models.teleservices import EstablishmentSettings, LetterType
from shared.provider.ent.keys import ENT_KEYS
from shared.provider.ent.registering import ENTS, connect_ent
from tests.browser.conftest import DESK, PHONE, complaints_heard, open_page
from tests.browser.serving import served
from tests.conftest import skip_or_fail
from tests.factories import PASSWORD, make_account, make_division, make_establishment, make_guardian, make_student
from tests.patience import wait_until
from tests.ports import free_port
from tests.sign_on.lemonldap import Lemonldap, is_installed, running_ent

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings that name the address where the portal answers."""
    return settings.model_copy(update={"public_portal_url": f"http://localhost:{free_port()}"})


@dataclass
class Connected:
    """An ENT and a portal that know each other."""

    lemonldap: Lemonldap
    portal: str
    folder: Path
    vectors: list[str]

    def sessions(self) -> list[dict[str, object]]:
        """What the ENT keeps of those who are logged in there."""
        kept = [path for path in (self.folder / "global").iterdir() if path.is_file()]
        return [json.loads(path.read_text()) for path in kept]


@pytest.fixture
def family(database: Database, sealer: Sealer) -> tuple[int, list[str]]:
    """Marie Payet, her two children in two schools, which chose one ENT; the number of its link, and the vectors."""
    with database.writing() as session:
        link = add_ent_link(Act(session, SYSTEM, clock.now()), "METICE", "https://metice.example.org/")
        ENT_KEYS.ensure(session, sealer, clock.now())
        fiches, vectors = [], []
        for uai, name, child in (("9740001H", "Collège des Filaos", "Léa"), ("9740002J", "Lycée", "Tom")):
            school = make_establishment(session, uai, name)
            session.add(
                EstablishmentSettings(
                    establishment_id=school.id, letter_type=LetterType.MIXED, ent_link_id=link.id, welcome_message=""
                )
            )
            student = make_student(session, school, make_division(session, school), first_name=child)
            fiches.append(make_guardian(session, school, student, last_name="D'ÉGLANTINE & CIE"))
            vectors.append(f"2|D'ÉGLANTINE & CIE|Marie|{student.siecle_id}|{uai}")
        make_account(session, "m.payet", *fiches)
        return link.id, vectors


@pytest.fixture
def connected(
    tmp_path: Path, own: Settings, database: Database, sealer: Sealer, family: tuple[int, list[str]]
) -> Iterator[Connected]:
    if not is_installed():
        skip_or_fail("no LemonLDAP::NG on this machine (apt install liblemonldap-ng-portal-perl)")
    link_id, vectors = family
    folder = tmp_path / "ent"
    with served(create_app(own, database), int(own.public_portal_url.rpartition(":")[2])) as portal:
        with urlopen(f"{portal}/ent/metadonnees") as published:
            ours = published.read().decode()
        with running_ent(folder, free_port(), ours) as lemonldap:
            # What its operator hands over is what it says of itself.
            with urlopen(f"{lemonldap.issuer}/saml/metadata") as theirs, database.writing() as session:
                service = connect_ent(Act(session, SYSTEM, clock.now()), link_id, theirs.read(), sealer)
                ENTS.turn(Act(session, SYSTEM, clock.now()), service, service.version, opens=True)
            yield Connected(lemonldap, own.public_portal_url, folder, vectors)


def enter(page: Page, connected: Connected) -> None:
    page.goto(connected.lemonldap.issuer)
    page.get_by_label("Identifiant").fill("m.payet")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", name="Entrer dans l'ENT")).to_be_visible()
    expect(page.get_by_text("Léa PAYET")).to_be_visible()
    expect(page.get_by_text("Tom PAYET")).to_be_visible()
    page.get_by_role("button", name="Accepter et continuer").click()


def test_a_parent_enters_the_ent_which_is_told_of_each_child(browser: Browser, connected: Connected) -> None:
    page = open_page(browser, DESK)
    refused = complaints_heard(page)
    enter(page, connected)
    page.wait_for_url(f"{connected.lemonldap.issuer}/**")
    expect(page.get_by_text(connected.vectors[0])).to_be_visible()
    [session] = connected.sessions()
    assert sorted(str(session["FrEduVecteur"]).split("; ")) == sorted(connected.vectors)
    assert [one for one in refused if "localhost" in one and "ent" in one] == []
    page.context.close()


def test_without_scripts_it_goes_by_a_button(browser: Browser, connected: Connected) -> None:
    page = open_page(browser, PHONE, java_script_enabled=False)
    enter(page, connected)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url(f"{connected.lemonldap.issuer}/**")
    assert len(connected.sessions()) == 1
    page.context.close()


def sessions_of(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(AccountSession)).all())


def test_a_logout_from_the_ent_ends_the_session_of_the_portal(
    browser: Browser, connected: Connected, database: Database
) -> None:
    page = open_page(browser, DESK)
    enter(page, connected)
    page.wait_for_url(f"{connected.lemonldap.issuer}/**")
    page.goto(f"{connected.lemonldap.issuer}/?logout=1")
    wait_until(lambda: not sessions_of(database), "the session of the portal is over")
    page.wait_for_url(f"{connected.lemonldap.issuer}/**")
    assert connected.sessions() == []
    page.goto(f"{connected.portal}/")
    expect(page.get_by_label("Identifiant")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_logout_from_the_portal_ends_the_session_of_the_ent(
    browser: Browser, connected: Connected, database: Database, scripts: bool
) -> None:
    page = open_page(browser, DESK, java_script_enabled=scripts)
    enter(page, connected)
    if not scripts:
        page.get_by_role("button", name="Continuer").click()
    page.wait_for_url(f"{connected.lemonldap.issuer}/**")
    page.goto(f"{connected.portal}/")
    page.get_by_role("button", name="Se déconnecter").first.click()
    expect(page.get_by_text("Vous êtes déconnecté")).to_be_visible()
    expect(page.get_by_text("non confirmée")).to_have_count(0)
    assert sessions_of(database) == 0
    assert connected.sessions() == []
    page.goto(connected.lemonldap.issuer)
    expect(page.get_by_label("Identifiant")).to_be_visible()
    page.context.close()
