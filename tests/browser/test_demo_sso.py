"""`make demo SSO=1`: the walk that docs/sso.md tells, with the servers that it starts (R34, R35)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.demo.servers import Places
from tests.browser.conftest import DESK, open_page
from tests.browser.installation import RunningInstallation, installed, new_password
from tests.browser.pages.letters import Letter
from tests.browser.pages.portal import MailReader, Portal
from tests.conftest import skip_or_fail
from tests.patience import wait_until
from tests.ports import three_ports
from tests.sign_on.lemonldap import is_installed

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

EMAIL = "parent@exemple.fr"


@dataclass
class Demo:
    """What `demo --sso` made, served."""

    running: RunningInstallation
    places: Places
    uai: str
    parent: Letter
    children: int


@pytest.fixture
def demo(tmp_path: Path, database_url: str) -> Iterator[Demo]:
    if not is_installed():
        skip_or_fail("no LemonLDAP::NG on this machine (apt install liblemonldap-ng-portal-perl)")
    places = Places(three_ports())
    with installed(tmp_path / "var", database_url, None) as running:
        by_one_name(running)
        made = running.command("demo", "--students", "40", "--sso", "--sso-port", str(places.first))
        again = running.command("demo", "--students", "40", "--sso", "--sso-port", "1")
        assert again["parents"] == made["parents"]
        running.more = ["--sso"]
        running.start()
        for address in (places.academy, places.ent, places.service):
            wait_until(lambda address=address: running._answers(f"{address}/"), f"{address} answers")
        [first, *_] = made["parents"]
        letter = Letter(first["identifier"], first["password"])
        yield Demo(running, places, made["schools"][0]["uai"], letter, first["children"])


def by_one_name(running: RunningInstallation) -> None:
    """As the page says."""
    running.admin = running.admin.replace("127.0.0.1", "localhost")
    running.portal = running.portal.replace("127.0.0.1", "localhost")
    running.environment |= {"PUBLIC_ADMIN_URL": running.admin, "PUBLIC_PORTAL_URL": running.portal}


def activate(page: Page, demo: Demo) -> None:
    portal, mails = Portal(page, demo.running.portal), MailReader(page, demo.running.mails)
    portal.first_login(demo.parent, EMAIL, new_password())
    mails.open_newest("[Aa]ctive", EMAIL)
    portal.activate(mails.link())


def test_the_walk_of_the_page_goes_to_its_end(browser: Browser, demo: Demo) -> None:
    head = open_page(browser, DESK)
    head.goto(f"{demo.running.admin}/connexion/")
    head.get_by_role("button", name="Se connecter par le portail académique").click()
    head.wait_for_url(f"{demo.places.academy}/**")
    # With its own styles, so that whoever comes there knows what to write where.
    expect(head.get_by_placeholder("Identifiant")).to_be_visible()
    head.locator("input[name=user]").fill("dwho")
    head.locator("input[name=password]").fill("dwho")
    head.locator("button[type=submit]").first.click()
    expect(head.get_by_role("heading", name="Accueil")).to_be_visible()
    expect(head.get_by_text(demo.uai).first).to_be_visible()
    head.context.close()

    parent = open_page(browser, DESK)
    activate(parent, demo)
    parent.goto(demo.places.ent)
    expect(parent.get_by_role("heading", name="Entrer dans l'ENT")).to_be_visible()
    parent.get_by_role("button", name="Accepter et continuer").click()
    parent.wait_for_url(f"{demo.places.ent}/**")
    expect(parent.get_by_text("2|").first).to_be_visible()
    told = parent.get_by_text("2|").first.inner_text()
    assert told.count(f"|{demo.uai}") == demo.children, told

    parent.goto(demo.places.service)
    parent.get_by_role("link", name="Entrer par le portail des familles").click()
    expect(parent.get_by_role("heading", name="Entrer dans un téléservice")).to_be_visible()
    parent.get_by_role("button", name="Accepter et continuer").click()
    expect(parent.get_by_text("Le portail dit qui vous êtes")).to_be_visible()
    assert parent.locator("main li").count() >= demo.children

    parent.goto(demo.running.portal)
    parent.get_by_role("button", name="Se déconnecter").first.click()
    expect(parent.get_by_text("Vous êtes déconnecté")).to_be_visible()
    parent.goto(demo.places.ent)
    expect(parent.get_by_label("Identifiant")).to_be_visible()
    parent.context.close()
