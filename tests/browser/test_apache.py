"""A family enters a téléservice behind Debian's Apache by the portal, and leaves from either side (R35)."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from parent_portal import create_app
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.establishments.services import fill_catalogue, set_open
from shared.journal import SYSTEM
from shared.models.access.openid import OpenidLogin, Shared
from shared.models.accounts import AccountSession
from shared.models.school import Establishment
from shared.models.teleservices import Teleservice
from shared.provider.clients import CLIENTS, register_client
from shared.provider.telling import Teller
from tests.browser.conftest import DESK, complaints_heard, open_page
from tests.browser.serving import served
from tests.conftest import skip_or_fail
from tests.factories import (
    PASSWORD,
    at_desk,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_student,
)
from tests.ports import free_port
from tests.provider.apache import PACKAGES, Behind, program, running, settings_of_docs
from tests.provider.conftest import OPTIONAL

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SERVICE = "Fiche de renseignements"
CHILDREN = ["Léa", "Tom"]


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings that name the address where the portal answers."""
    return settings.model_copy(update={"public_portal_url": f"http://localhost:{free_port()}"})


@dataclass
class Connected:
    """A téléservice behind Apache, and the portal that it knows families by."""

    behind: Behind
    portal: str
    database: Database
    settings: Settings
    teleservice: int

    def told(self) -> int:
        """How many logins of this téléservice the portal may still have to tell it the end of."""
        with self.database.reading() as session:
            return len(session.scalars(select(OpenidLogin.id)).all())

    def sessions(self) -> int:
        """How many sessions of the portal there are."""
        with self.database.reading() as session:
            return len(session.scalars(select(AccountSession)).all())

    def tell(self) -> None:
        """What the worker of the portal does every few seconds."""
        Teller(self.database, self.settings, threading.Event()).tell_due()


@pytest.fixture
def teleservice(database: Database) -> int:
    """Marie Payet has two children in two schools, where this téléservice is open."""
    with database.writing() as session:
        fill_catalogue(session)
        fiches = []
        for uai, name, child in (("9740001A", "Collège", CHILDREN[0]), ("9740002B", "Lycée", CHILDREN[1])):
            school = make_establishment(session, uai, name)
            student = make_student(session, school, make_division(session, school), first_name=child)
            fiches.append(make_guardian(session, school, student))
        make_account(session, "m.payet", *fiches)
        return session.scalars(select(Teleservice.id).where(Teleservice.code == OPTIONAL)).one()


@pytest.fixture
def connected(own: Settings, database: Database, sealer: Sealer, teleservice: int) -> Iterator[Connected]:
    apache = program()
    if apache is None:
        skip_or_fail(f"no Apache with mod_auth_openidc (apt install {PACKAGES})")
    behind = Behind(f"http://localhost:{free_port()}")
    wanted = behind.registration(data=frozenset({Shared.NAMES, Shared.CHILDREN}))
    with database.writing() as session:
        client, secret = register_client(Act(session, SYSTEM, clock.now()), teleservice, wanted, sealer)
        CLIENTS.turn(Act(session, SYSTEM, clock.now()), client, client.version, opens=True)
        client_id = client.client_id
    portal = own.public_portal_url
    with (
        served(create_app(own, database), int(portal.rpartition(":")[2])),
        running(str(apache), behind, settings_of_docs(behind, portal, client_id, secret)),
    ):
        yield Connected(behind, portal, database, own, teleservice)


def log_in(page: Page) -> None:
    page.get_by_label("Identifiant").fill("m.payet")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def enter(page: Page, connected: Connected) -> None:
    """The first time: what will be told is read, and agreed to."""
    page.goto(connected.behind.page)
    log_in(page)
    expect(page.get_by_role("heading", name="Entrer dans un téléservice")).to_be_visible()
    for child in CHILDREN:
        expect(page.get_by_text(f"{child} PAYET")).to_be_visible()
    page.get_by_role("button", name="Accepter et continuer").click()
    page.wait_for_url(connected.behind.page)


def enter_again(page: Page, connected: Connected) -> None:
    page.goto(connected.behind.page)
    log_in(page)
    page.wait_for_url(connected.behind.page)


def is_in(page: Page, connected: Connected) -> bool:
    """Whether Apache has a session of this browser, without one being opened now."""
    answer = page.request.get(connected.behind.page, max_redirects=0)
    assert answer.status in {200, 302}, answer.status
    return answer.status == 200


def forget_apache(page: Page) -> None:
    page.context.clear_cookies(name=re.compile("mod_auth_openidc"))


def test_a_family_enters_agrees_once_and_the_page_behind_knows_it(browser: Browser, connected: Connected) -> None:
    # What a visitor says of itself in a header is not taken for what the portal said.
    page = open_page(browser, DESK, extra_http_headers={"OIDC_CLAIM_sub": "une-autre", "OIDC_userinfo_json": "{}"})
    refused = complaints_heard(page)
    enter(page, connected)
    said = json.loads(page.locator("#said").inner_text())
    assert said.keys() == {"sub", "name", "given_name", "family_name", "enfants"}
    assert [child["prenom"] for child in said["enfants"]] == CHILDREN
    assert [child["uai"] for child in said["enfants"]] == ["9740001A", "9740002B"]
    assert page.locator("#who").inner_text() == page.locator("#sub").inner_text() == said["sub"]
    assert page.locator("#name").inner_text() == said["name"]
    # As docs/sso.md says: the variable of a list of objects is empty.
    assert page.locator("#children").inner_text() == ""
    forget_apache(page)
    assert not is_in(page, connected)
    page.goto(connected.behind.page)
    page.wait_for_url(connected.behind.page)
    assert json.loads(page.locator("#said").inner_text()) == said
    assert refused == []
    page.context.close()


def test_a_program_behind_a_proxy_reads_headers_that_no_visitor_writes(browser: Browser, connected: Connected) -> None:
    forged = {"OIDC_CLAIM_sub": "une-autre", "OIDC_CLAIM_directeur": "oui", "OIDC_userinfo_json": "{}"}
    page = open_page(browser, DESK, extra_http_headers=forged)
    enter(page, connected)
    told = page.request.get(connected.behind.program).json()
    said = json.loads(told["OIDC_userinfo_json"].encode("latin-1"))
    assert [child["prenom"] for child in said["enfants"]] == CHILDREN
    assert told["OIDC_CLAIM_sub"] == said["sub"]
    assert "oidc_claim_directeur" not in {name.lower() for name in told}
    page.context.close()


def shut_everywhere(connected: Connected) -> None:
    with connected.database.writing() as session:
        for school in session.scalars(select(Establishment.id)).all():
            set_open(at_desk(session, school, clock.now()), connected.teleservice, is_open=False)


def test_a_teleservice_that_the_schools_shut_is_not_entered_and_the_parent_reads_why(
    browser: Browser, connected: Connected
) -> None:
    page = open_page(browser, DESK)
    enter(page, connected)
    shut_everywhere(connected)
    # As docs/sso.md says: whoever is there stays until that session ends.
    assert is_in(page, connected)
    forget_apache(page)
    page.goto(connected.behind.page)
    expect(page.get_by_text("n'est ouvert dans aucun établissement de votre compte")).to_be_visible()
    assert page.url.startswith(connected.portal)
    assert not is_in(page, connected)
    page.get_by_role("button", name="Retour au téléservice").click()
    page.wait_for_url(connected.behind.declined)
    expect(page.get_by_role("heading", name="Vous n'êtes pas entré")).to_be_visible()
    assert not is_in(page, connected)
    page.context.close()


def test_who_declines_is_told_so_by_the_teleservice(browser: Browser, connected: Connected) -> None:
    page = open_page(browser, DESK)
    page.goto(connected.behind.page)
    log_in(page)
    page.get_by_role("button", name="Refuser").click()
    page.wait_for_url(connected.behind.declined)
    assert not is_in(page, connected)
    assert connected.told() == 0
    page.context.close()


def test_a_logout_from_the_teleservice_ends_both_sessions(browser: Browser, connected: Connected) -> None:
    page = open_page(browser, DESK)
    enter(page, connected)
    # Nobody is sent elsewhere by a link that somebody else wrote.
    page.goto(f"{connected.behind.back}?logout=https%3A%2F%2Fvoleur.example%2F")
    expect(page.get_by_text("not match the list of allowed redirect URLs")).to_be_visible()
    assert is_in(page, connected)
    assert connected.sessions() == 1
    page.goto(connected.behind.logout)
    page.wait_for_url(connected.behind.goodbye)
    expect(page.get_by_role("heading", name="Au revoir")).to_be_visible()
    assert connected.sessions() == 0
    assert not is_in(page, connected)
    # It is told of a session that it ended already, and is content.
    assert connected.told() == 1
    connected.tell()
    assert connected.told() == 0
    page.goto(connected.behind.page)
    expect(page.get_by_label("Identifiant")).to_be_visible()
    page.context.close()


def log_out_of_the_portal(page: Page, connected: Connected) -> None:
    page.goto(f"{connected.portal}/")
    page.get_by_role("button", name="Se déconnecter").first.click()
    expect(page.get_by_text("Vous êtes déconnecté")).to_be_visible()


def test_what_ends_at_the_portal_ends_behind_apache_and_nothing_else_does(
    browser: Browser, connected: Connected
) -> None:
    page, elsewhere = open_page(browser, DESK), open_page(browser, DESK)
    enter(page, connected)
    enter_again(elsewhere, connected)
    assert connected.told() == 2
    log_out_of_the_portal(page, connected)
    connected.tell()
    assert connected.told() == 1, "Apache took the logout token for what it is"
    assert not is_in(page, connected)
    assert is_in(elsewhere, connected)
    for one in (page, elsewhere):
        one.context.close()


def test_what_is_taken_back_at_the_portal_ends_behind_apache(browser: Browser, connected: Connected) -> None:
    page = open_page(browser, DESK)
    enter(page, connected)
    page.goto(f"{connected.portal}/compte/teleservices")
    expect(page.get_by_text(SERVICE)).to_be_visible()
    page.get_by_role("button", name="Ne plus rien donner").click()
    expect(page.get_by_text("Aucun pour l'instant")).to_be_visible()
    connected.tell()
    assert connected.told() == 0
    assert not is_in(page, connected)
    page.context.close()
