"""Staff come in by LemonLDAP::NG with a real browser, which stops forms that lead to another site (R34)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from admin_app import create_app
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.establishments.codes.uai import uai_of
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.sign_on.providers import Description
from shared.sign_on.saml.party import Party, metadata_of
from tests.browser.conftest import DESK, complaints_heard, open_page
from tests.browser.long_named_school import complaints_about
from tests.browser.serving import served
from tests.conftest import skip_or_fail
from tests.factories import make_establishment
from tests.ports import free_port
from tests.sign_on.lemonldap import CLIENT, SECRET, Lemonldap, is_installed, running
from tests.sign_on.saml_provider import key_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

UAI = uai_of(9740001)


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings that name the address where the back office answers."""
    return settings.model_copy(update={"public_admin_url": f"http://127.0.0.1:{free_port()}"})


@pytest.fixture
def lemonldap(tmp_path: Path, own: Settings) -> Iterator[Lemonldap]:
    if not is_installed():
        skip_or_fail("no LemonLDAP::NG on this machine (apt install liblemonldap-ng-portal-perl)")
    ours = f"{own.public_admin_url}/connexion/par/saml/1"
    known = metadata_of(Party(ours, f"{ours}/retour", key_of("teleservices"))).decode()
    with running(tmp_path, UAI, f"{own.public_admin_url}/connexion/par/retour", known) as server:
        yield server


def open_door(database: Database, sealer: Sealer, kind: ProviderKind, lemonldap: Lemonldap) -> None:
    address = lemonldap.address_of(kind)
    wanted = Description(kind, "le portail", address, CLIENT, SECRET, scope="openid profile email fredu")
    if kind is ProviderKind.SAML:
        wanted = replace(wanted, client_id=address, secret=key_of("teleservices"))
    with database.writing() as session:
        make_establishment(session, UAI)
        session.add(
            IdentityProvider(id=1, **wanted.as_values(sealer), is_open=True, position=1, created_at=clock.now())
        )


def log_in_there(page: Page, login: str) -> None:
    page.locator("input[name=user]").fill(login)
    page.locator("input[name=password]").fill(login)
    page.locator("button[type=submit]").first.click()


@pytest.mark.parametrize("kind", [ProviderKind.OIDC, ProviderKind.CAS, ProviderKind.SAML])
def test_a_head_comes_in_from_the_button_to_the_first_page(
    browser: Browser, own: Settings, database: Database, sealer: Sealer, lemonldap: Lemonldap, kind: ProviderKind
) -> None:
    open_door(database, sealer, kind, lemonldap)
    desk = open_page(browser, DESK)
    with served(create_app(own, database), int(own.public_admin_url.rpartition(":")[2])) as admin:
        desk.goto(f"{admin}/connexion/")
        refused = complaints_heard(desk)
        desk.get_by_role("button", name="Se connecter par le portail").click()
        desk.wait_for_url(f"{lemonldap.issuer}/**")
        log_in_there(desk, "dwho")
        expect(desk.get_by_role("heading", name="Accueil")).to_be_visible()
        assert desk.url == f"{admin}/"
        assert refused == []
        desk.get_by_role("button", name="Déconnexion").click()
        expect(desk.get_by_text("Vous êtes déconnecté")).to_be_visible()
        if kind is not ProviderKind.SAML:
            assert complaints_about(desk, "/deconnexion") == []
            desk.get_by_role("link", name="Fermer aussi ma session par le portail").click()
            desk.wait_for_url(f"{admin}/connexion/**" if kind is ProviderKind.OIDC else f"{lemonldap.issuer}/**")
            # It asks for the password again.
            desk.goto(f"{admin}/connexion/")
            desk.get_by_role("button", name="Se connecter par le portail").click()
            expect(desk.locator("input[name=password]")).to_be_visible()
        desk.context.close()


def test_without_refreshing_by_itself_the_page_has_a_link(
    browser: Browser, own: Settings, database: Database, sealer: Sealer, lemonldap: Lemonldap
) -> None:
    open_door(database, sealer, ProviderKind.CAS, lemonldap)
    desk = open_page(browser, DESK)
    with served(create_app(own, database), int(own.public_admin_url.rpartition(":")[2])) as admin:
        desk.route("**/connexion/par/*", lambda route: _without_refresh(route))
        desk.goto(f"{admin}/connexion/")
        desk.get_by_role("button", name="Se connecter par le portail").click()
        assert complaints_about(desk, "/connexion/par") == []
        desk.get_by_role("link", name="Continuer").click()
        desk.wait_for_url(f"{lemonldap.issuer}/**")
        desk.context.close()


def test_without_scripts_the_answer_comes_by_a_button(
    browser: Browser, own: Settings, database: Database, sealer: Sealer, lemonldap: Lemonldap
) -> None:
    open_door(database, sealer, ProviderKind.SAML, lemonldap)
    desk = open_page(browser, DESK, java_script_enabled=False)
    with served(create_app(own, database), int(own.public_admin_url.rpartition(":")[2])) as admin:
        desk.goto(f"{admin}/connexion/")
        desk.get_by_role("button", name="Se connecter par le portail").click()
        log_in_there(desk, "dwho")
        desk.locator("#form input[type=submit]").click()
        desk.get_by_role("button", name="Continuer").click()
        expect(desk.get_by_role("heading", name="Accueil")).to_be_visible()
        desk.context.close()


def _without_refresh(route) -> None:  # type: ignore[no-untyped-def]
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('http-equiv="refresh"', 'name="nothing"'))
