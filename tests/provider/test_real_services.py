"""Téléservices made with libraries of others know a family by the portal: npm's openid-client, and Authlib (R35)."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.serving import make_server

from parent_portal import create_app
from parent_portal.installation import EXTENSION
from shared.config import Settings
from shared.database import Database
from tests.applications import lent
from tests.conftest import skip_or_fail
from tests.factories import PASSWORD
from tests.portal.browser import Browser
from tests.ports import free_port
from tests.provider.service import AFTER, BACK, Service, agree, said, where

NODE = Path(__file__).parent / "node"
SECONDS = 60


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture
def settings(settings: Settings, port: int) -> Settings:
    return settings.model_copy(update={"public_portal_url": f"http://localhost:{port}"})


@pytest.fixture
def portal(settings: Settings, database: Database, port: int) -> Iterator[Flask]:
    """The portal, which programs of others reach as well."""
    with lent(create_app, EXTENSION, settings, database) as app:
        server = make_server("localhost", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield app
        server.shutdown()
        thread.join(SECONDS)
        server.server_close()


def bring(browser: Browser, address: str) -> str:
    """A family that was sent to `address` logs in if it must, agrees if it must; where it is sent back to."""
    parts = urlsplit(address)
    answer = browser.get(f"{parts.path}?{parts.query}")
    if answer.status_code == 303 and answer.headers["Location"] == "/connexion":
        browser.log_in("m.payet", PASSWORD)
        answer = browser.get("/openid/suite")
    return where(answer) or where(agree(browser, answer))


@dataclass
class Strict:
    """The téléservice of `teleservice.mjs`."""

    process: "subprocess.Popen[str]"

    def do(self, does: str, **how: object) -> Any:
        answer = self.ask(does, **how)
        assert "failed" not in answer, answer
        return answer["done"]

    def ask(self, does: str, **how: object) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"does": does, **how}) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


@pytest.fixture
def strict(service: Service, port: int) -> Iterator[Strict]:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "openid-client").is_dir():
        skip_or_fail("no openid-client on this machine (npm ci in tests/provider/node)")
    command = [str(node), "teleservice.mjs", f"http://localhost:{port}", service.client_id, service.secret, BACK]
    with subprocess.Popen(command, cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Strict(process)
        process.kill()


@pytest.mark.slow
def test_openid_client_finds_the_portal_and_knows_a_family(portal: Flask, strict: Strict) -> None:
    metadata = strict.do("discover")
    assert metadata["userinfo_endpoint"].endswith("/openid/personne")
    browser = Browser(portal)
    known = strict.do("finish", came=bring(browser, strict.do("begin")))
    assert known["claims"]["sub"] == known["person"]["sub"]
    assert [child["prenom"] for child in known["person"]["enfants"]] == ["Léa", "Tom"]
    fresh = strict.do("finish", came=bring(browser, strict.do("begin", more={"max_age": "600"})))
    assert fresh["claims"]["auth_time"]
    silent = bring(browser, strict.do("begin", more={"prompt": "none"}))
    assert strict.do("finish", came=silent)["claims"]["sub"] == known["claims"]["sub"]
    end = urlsplit(strict.do("end", idToken=known["idToken"], after=AFTER))
    assert where(browser.get(f"{end.path}?{end.query}")) == AFTER
    assert strict.ask("finish", came=bring(browser, strict.do("begin", more={"prompt": "none"})))["failed"]


@pytest.mark.slow
def test_openid_client_refuses_an_answer_of_somebody_else(portal: Flask, strict: Strict) -> None:
    strict.do("discover")
    browser = Browser(portal)
    came = bring(browser, strict.do("begin"))
    assert strict.ask("finish", came=came.replace("iss=", "iss=https%3A%2F%2Fvoleur.example%2F"))["failed"]
    strict.do("begin")
    assert strict.ask("finish", came=came)["failed"]


@pytest.mark.slow
def test_authlib_as_a_teleservice_knows_a_family(portal: Flask, service: Service, port: int) -> None:
    issuer = f"http://localhost:{port}"
    with OAuth2Session(
        service.client_id,
        service.secret,
        scope="openid profile email enfants",
        redirect_uri=BACK,
        code_challenge_method="S256",
    ) as client:
        metadata = client.get(f"{issuer}/.well-known/openid-configuration", withhold_token=True).json()
        verifier = "v" * 64
        address, state = client.create_authorization_url(
            metadata["authorization_endpoint"], nonce="une-fois", code_verifier=verifier
        )
        came = bring(Browser(portal), address)
        assert said(came)["state"] == state
        tokens = client.fetch_token(metadata["token_endpoint"], authorization_response=came, code_verifier=verifier)
        keys = KeySet.import_key_set(client.get(metadata["jwks_uri"], withhold_token=True).json())
        claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": service.client_id},
            nonce={"essential": True, "value": "une-fois"},
        ).validate(claims)
        person = client.get(metadata["userinfo_endpoint"]).json()
    assert person["sub"] == claims["sub"]
    assert person["family_name"] == "PAYET"
