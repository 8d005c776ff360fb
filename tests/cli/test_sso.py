"""`teleservices sso check`: each way in from elsewhere is tried, and the portal that téléservices trust (R34, R35)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from parent_portal import create_app as create_portal
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.establishments.ent_links import add_ent_link
from shared.establishments.services import fill_catalogue
from shared.journal import SYSTEM
from shared.models.access.ents import EntKey
from shared.models.access.identity_providers import ProviderKind
from shared.models.access.openid import OpenidKey
from shared.models.teleservices import EstablishmentSettings, Teleservice
from shared.provider.clients import Registration, register_client
from shared.provider.ent.keys import ENT_KEYS, SIGNS_FOR
from shared.provider.ent.registering import ENTS, connect_ent
from shared.sign_on.saml import plain
from shared.sign_on.saml.party import Party, metadata_of
from shared.watching import sign_on_trials
from tests.browser.serving import served
from tests.cli.conftest import Command
from tests.factories import make_establishment, make_provider
from tests.ports import free_port
from tests.sign_on.provider import Provider, answering
from tests.sign_on.saml_provider import answering as saml_answering
from tests.sign_on.saml_provider import key_of


@pytest.fixture
def provider() -> Iterator[Provider]:
    with answering() as provider:
        yield provider


def write_down(database: Database, address: str, *, is_open: bool) -> None:
    with database.writing() as session:
        make_provider(session, address, kind=ProviderKind.OIDC, client_id="c", is_open=is_open)


def test_without_any_door_there_is_nothing_to_try(run: Command, database: Database) -> None:
    answer = run("sso", "check")
    assert answer.status == 0
    assert "rien à essayer" in answer.out


def test_a_provider_that_answers_with_its_keys_is_good(run: Command, database: Database, provider: Provider) -> None:
    write_down(database, provider.issuer, is_open=True)
    answer = run("sso", "check", "--json")
    assert (answer.status, answer.json["level"]) == (0, "good")
    assert "1 clés de signature" in answer.json["findings"][0]["sentence"]


@pytest.mark.parametrize(("is_open", "status"), [(True, 2), (False, 1)])
def test_one_that_does_not_answer_is_as_bad_as_it_is_offered(
    run: Command, database: Database, is_open: bool, status: int
) -> None:
    write_down(database, f"http://127.0.0.1:{free_port()}", is_open=is_open)
    assert run("sso", "check").status == status


def test_a_portal_in_front_is_good_with_its_secret_only(run: Command, database: Database) -> None:
    with database.writing() as session:
        make_provider(session, "https://portail.example.org", kind=ProviderKind.HEADERS, is_open=True)
    without = run("sso", "check")
    assert (without.status, "FRONT_SECRET" in without.out) == (2, True)
    assert run("sso", "check", FRONT_SECRET="qX7-test-only-secret-of-the-portal-5e2d").status == 0


def test_a_saml_provider_answers_with_its_certificates_under_its_own_name(
    run: Command, database: Database, tmp_path: Path
) -> None:
    with saml_answering(tmp_path) as provider:
        with database.writing() as session:
            make_provider(
                session, provider.entity_id, kind=ProviderKind.SAML, client_id=provider.entity_id, is_open=True
            )
        good = run("sso", "check")
        assert (good.status, "1 certificats de signature" in good.out) == (0, True)
        provider.metadata = provider.metadata.replace("{entity}", "https://ailleurs.example.org")
        other = run("sso", "check")
        assert (other.status, "name another entity" in other.out) == (2, True)


def test_one_that_says_it_is_somebody_else_is_critical(run: Command, database: Database, provider: Provider) -> None:
    provider.metadata = {"issuer": "https://ailleurs.example.org"}
    write_down(database, provider.issuer, is_open=True)
    assert run("sso", "check").status == 2


def test_the_key_of_the_portal_and_its_page_are_tried(run: Command, database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        fill_catalogue(session)
        number = session.scalars(select(Teleservice.id)).first()
        back = Registration(("https://bourses.example.org/retour",))
        register_client(Act(session, SYSTEM, clock.now()), number, back, sealer)
    portal = f"http://127.0.0.1:{free_port()}"
    answer = run("sso", "check", "--json", PUBLIC_PORTAL_URL=portal)
    levels = {one["name"]: one["level"] for one in answer.json["findings"]}
    assert answer.status == 2
    assert levels == {
        "Portail, fournisseur des téléservices, clé": "good",
        "Portail, fournisseur des téléservices, découverte": "critical",
    }
    with database.writing() as session:
        session.scalars(select(OpenidKey)).one().retired_at = clock.now()
    assert "aucune clé ne signe" in run("sso", "check", PUBLIC_PORTAL_URL=portal).out


@pytest.mark.parametrize(("seconds", "level"), [(0, "good"), (45, "warning"), (600, "critical")])
def test_a_clock_that_is_another_is_told(
    database: Database,
    settings: Settings,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    level: str,
) -> None:
    write_down(database, provider.issuer, is_open=True)
    monkeypatch.setattr(sign_on_trials, "now", lambda: clock.now() + timedelta(seconds=seconds))
    (finding,) = sign_on_trials.try_doors(database, settings)
    assert finding.level.name.lower() == level


def connected(database: Database, sealer: Sealer, *, opens: bool = True) -> None:
    with database.writing() as session:
        link = add_ent_link(Act(session, SYSTEM, clock.now()), "METICE", "https://metice.example.org/")
        own = metadata_of(Party("https://metice.example.org", "https://metice.example.org/acs", key_of("an ENT")))
        service = connect_ent(Act(session, SYSTEM, clock.now()), link.id, own, sealer)
        if opens:
            ENTS.turn(Act(session, SYSTEM, clock.now()), service, service.version, opens=True)
            school = make_establishment(session)
            session.add(EstablishmentSettings(establishment_id=school.id, ent_link_id=link.id))


def test_the_portal_as_ents_know_it_and_each_of_them_are_tried(
    run: Command, database: Database, sealer: Sealer, settings: Settings
) -> None:
    connected(database, sealer)
    address = f"http://127.0.0.1:{free_port()}"
    away = run("sso", "check", "--json", PUBLIC_PORTAL_URL=address)
    levels = {one["name"]: one["level"] for one in away.json["findings"]}
    assert levels == {
        "Portail, fournisseur des ENT, signature": "good",
        "Portail, fournisseur des ENT, clé": "good",
        "Portail, fournisseur des ENT, métadonnées": "critical",
        "ENT « METICE »": "good",
    }
    own = settings.model_copy(update={"public_portal_url": address})
    with served(create_portal(own, database), int(address.rpartition(":")[2])):
        good = run("sso", "check", PUBLIC_PORTAL_URL=address)
        assert good.status == 0, good.out
        other = run("sso", "check", PUBLIC_PORTAL_URL=address.replace("127.0.0.1", "localhost"))
        assert (other.status, "PUBLIC_PORTAL_URL" in other.out) == (2, True)


def test_a_key_that_is_gone_a_change_that_comes_and_an_ent_that_nobody_chose_are_told(
    run: Command, database: Database, sealer: Sealer
) -> None:
    connected(database, sealer)
    with database.writing() as session:
        ENT_KEYS.change(session, sealer, clock.now() + SIGNS_FOR + timedelta(minutes=1))
        session.scalars(select(EstablishmentSettings)).one().ent_is_open = False
    said = run("sso", "check").out
    assert "un nouveau certificat signera le" in said
    assert "personne n'y entre" in said
    with database.writing() as session:
        for key in session.scalars(select(EntKey)):
            session.delete(key)
    assert "aucune clé ne signe" in run("sso", "check").out


def test_without_xmlsec1_it_is_said(
    database: Database, sealer: Sealer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(database, sealer, opens=False)
    monkeypatch.setattr(plain.shutil, "which", lambda name: None)
    assert any("apt install xmlsec1" in one.sentence for one in sign_on_trials.try_doors(database, settings))
