"""Staff come in by the sign-on that French administrations run, as OpenID Connect and as CAS (R34)."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.establishments.codes.uai import uai_of
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.sign_on.providers import Description
from shared.sign_on.saml.party import Party, metadata_of
from tests.admin.browser import Browser, hidden, sent_to, words
from tests.conftest import skip_or_fail
from tests.factories import make_establishment
from tests.sign_on.lemonldap import CLIENT, SECRET, Lemonldap, is_installed, running
from tests.sign_on.saml_provider import key_of

UAI = uai_of(9740001)
BACK = "/connexion/par/retour"
_ADDRESS = f"{Settings.model_fields['public_admin_url'].default}/connexion/par/saml/1"
OURS = Party(_ADDRESS, f"{_ADDRESS}/retour", key_of("teleservices"))
"""What we are for it, as the first provider that was written down."""


@pytest.fixture(scope="module")
def lemonldap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lemonldap]:
    if not is_installed():
        skip_or_fail("no LemonLDAP::NG on this machine (apt install liblemonldap-ng-portal-perl)")
    back = Settings.model_fields["public_admin_url"].default + BACK
    with running(tmp_path_factory.mktemp("lemonldap"), UAI, back, metadata_of(OURS).decode()) as server:
        yield server


@pytest.fixture(params=[ProviderKind.OIDC, ProviderKind.CAS, ProviderKind.SAML])
def door(request: pytest.FixtureRequest, database: Database, sealer: Sealer, lemonldap: Lemonldap) -> int:
    kind: ProviderKind = request.param
    address = lemonldap.address_of(kind)
    wanted = Description(kind, "le portail", address, CLIENT, SECRET, scope="openid profile email fredu")
    if kind is ProviderKind.SAML:
        wanted = replace(wanted, client_id=address, secret=OURS.key)
    with database.writing() as session:
        make_establishment(session, UAI)
        # LemonLDAP::NG knows us as the first one.
        row = IdentityProvider(id=1, **wanted.as_values(sealer), is_open=True, position=1, created_at=clock.now())
        session.add(row)
        session.flush()
        return row.id


def come_in(browser: Browser, door: int, lemonldap: Lemonldap, login: str) -> TestResponse:
    """From the button of our login page, through theirs, and back."""
    left = browser.post(f"/connexion/par/{door}", on="/connexion/")
    if "SAMLRequest=" in sent_to(left):
        return arrive(browser, lemonldap.form_for_us(sent_to(left), login))
    back = urlsplit(lemonldap.log_in(sent_to(left), login))
    assert back.path == BACK
    return browser.get(back.path, **dict(parse_qsl(back.query)))


def arrive(browser: Browser, form: tuple[str, dict[str, str]]) -> TestResponse:
    """The page of LemonLDAP::NG sends a form, and ours sends it on."""
    action, fields = form
    assert action == OURS.consumer
    page = browser.client.post(urlsplit(action).path, data=fields, environ_base=browser.environ)
    sent = {name: hidden(page, name) for name in ("SAMLResponse", "RelayState")}
    return browser.client.post("/connexion/par/saml/1/suite", data=sent, environ_base=browser.environ)


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("login", "opens", "closed"),
    [("dwho", "/personnels/", "/academie/fournisseurs/"), ("rtyler", "/base/doublons/", "/personnels/")],
)
def test_a_head_and_a_delegate_open_what_is_theirs(
    app: Flask, lemonldap: Lemonldap, door: int, login: str, opens: str, closed: str
) -> None:
    browser = Browser(app)
    answer = come_in(browser, door, lemonldap, login)
    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/")
    assert browser.get(opens).status_code == 200
    assert browser.get(closed).status_code == 403


@pytest.mark.slow
def test_somebody_without_a_function_is_told_so(app: Flask, lemonldap: Lemonldap, door: int) -> None:
    browser = Browser(app)
    answer = come_in(browser, door, lemonldap, "msmith")
    assert answer.status_code == 422
    assert "rien ne vous est ouvert" in words(answer)
    assert browser.get("/").location == "/connexion/"


@pytest.mark.slow
def test_a_ticket_or_a_code_is_good_once(app: Flask, lemonldap: Lemonldap, door: int) -> None:
    browser, stranger = Browser(app), Browser(app)
    left = browser.post(f"/connexion/par/{door}", on="/connexion/")
    if "SAMLRequest=" in sent_to(left):
        form = lemonldap.form_for_us(sent_to(left), "dwho")
        assert arrive(browser, form).status_code == 303
        state = dict(parse_qsl(urlsplit(sent_to(stranger.post(f"/connexion/par/{door}", on="/connexion/"))).query))
        again = form[0], form[1] | {"RelayState": state["RelayState"]}
        assert arrive(stranger, again).status_code == 422
        return
    back = dict(parse_qsl(urlsplit(lemonldap.log_in(sent_to(left), "dwho")).query))
    assert browser.get(BACK, **back).status_code == 303
    # Shown again with the question of another browser: the provider itself refuses it.
    again = stranger.post(f"/connexion/par/{door}", on="/connexion/")
    state = dict(parse_qsl(urlsplit(sent_to(again)).query)).get("state") or _state_of_service(sent_to(again))
    assert stranger.get(BACK, **{**back, "state": state}).status_code == 422


def _state_of_service(address: str) -> str:
    service = dict(parse_qsl(urlsplit(address).query))["service"]
    return dict(parse_qsl(urlsplit(service).query))["state"]
