"""A provider that the académie opened, and the browsers that come in by it: what tests of sign-on share."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin_app.installation import EXTENSION
from admin_app.ui.sign_on import REFUSALS
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.establishments.codes.uai import uai_of
from shared.models.access.identity_providers import IdentityProvider, ProvidedRole, ProviderKind
from shared.models.school import Establishment
from shared.models.staff import StaffRoleKind, StaffSession
from shared.sign_on.providers import Description
from shared.sign_on.refusals import Refusal
from tests.admin.browser import Browser, sent_to, words
from tests.factories import PASSWORD, make_establishment
from tests.sign_on.provider import CLIENT, SECRET, Provider, answering

UAI, OTHER = uai_of(9740001), uai_of(9740002)
BACK = "/connexion/par/retour"
HEAD = {"FrEduRneResp": f"{UAI}$UAJ$PU$N$T3$CLG$340", "FrEduFonctAdm": "DIR", "given_name": "Élise", "sub": "p-1"}


def delegation(begins: str = "01/09/2020", ends: str = "31/12/9999", application: str = "teleservices") -> str:
    return f"{application}|/x|{begins}|{ends}|chef|FrEduRneResp={OTHER}$UAJ$PU$N$T3$LYC$300|srv|module"


def kept_out(
    answer: TestResponse, caplog: pytest.LogCaptureFixture, database: Database, refusal: Refusal, reason: str = ""
) -> None:
    """A sentence for the person, a reason in the log without anything that was sent, and no session."""
    assert answer.status_code == 422, answer.text
    assert " ".join(REFUSALS[refusal].split()) in words(answer)
    assert re.search(rf"sign-on refused from \S+: {refusal.value}.*{re.escape(reason)}", caplog.text), caplog.text
    for sent in (UAI, OTHER, "p-1", "Élise"):
        assert sent not in caplog.text
    assert sessions(database) == 0


_OF_HEAD = HEAD["FrEduRneResp"]
NOTHING_GIVEN = {
    "a wrong check letter": {"FrEduRneResp": _OF_HEAD.replace(UAI, f"{UAI[:-1]}A"), "FrEduFonctAdm": "DIR"},
    "no head": {"FrEduRneResp": _OF_HEAD, "FrEduFonctAdm": "ENS"},
    "works there only": {"FrEduFonctAdm": "DIR", "FrEduRne": _OF_HEAD, "rne": UAI},
    "a delegation of something else": {"FrEduResDel": delegation(application="autre")},
    "a delegation that holds the name": {"FrEduResDel": delegation(application="teleservices2")},
    "a delegation with a wrong check letter": {"FrEduResDel": delegation().replace(OTHER, f"{OTHER[:-1]}A")},
    "dates swapped": {"FrEduResDel": delegation("31/12/2999", "01/09/2020")},
    "an attribute of a hundred kilobytes": {"FrEduFonctAdm": "DIR", "FrEduRneResp": ",".join([_OF_HEAD] * 3000)},
}
"""What says less than a function: the person is known there, and nothing opens here."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with answering() as provider:
        yield provider


@dataclass
class Door:
    """A provider that the académie opened, seen from a browser."""

    app: Flask
    id: int
    provider: Provider

    def leave(self, browser: Browser) -> TestResponse:
        """Press its button on the login page."""
        return browser.post(f"/connexion/par/{self.id}", on="/connexion/")

    def come_in(self, browser: Browser | None = None, **changes: str) -> tuple[Browser, TestResponse]:
        """The whole way there and back."""
        browser = browser or Browser(self.app)
        back = self.provider.answer(sent_to(self.leave(browser)), **changes)
        return browser, browser.get(BACK, **back)


@pytest.fixture
def door(app: Flask, database: Database, sealer: Sealer, provider: Provider) -> Door:
    wanted = Description(ProviderKind.OIDC, "le portail", provider.issuer, CLIENT, SECRET, academy_groups=("DSI",))
    with database.writing() as session:
        make_establishment(session, UAI)
        make_establishment(session, OTHER, "Lycée des Flamboyants")
        row = IdentityProvider(**wanted.as_values(sealer), is_open=True, position=1, created_at=clock.now())
        session.add(row)
        session.flush()
        number = row.id
    provider.userinfo = HEAD
    # The provider of an earlier test may have had the same port, and another key.
    app.extensions[EXTENSION].discovery.forget(provider.issuer)
    return Door(app, number, provider)


def join(browser: Browser, door: Door, password: str = PASSWORD) -> TestResponse:
    """Ask to come in by the provider as well from now on."""
    return browser.post(f"/mes-connexions/relier/{door.id}", {"password": password})


def roles(database: Database) -> list[tuple[StaffRoleKind, str | None]]:
    with database.reading() as session:
        rows = session.execute(select(ProvidedRole.kind, Establishment.uai).outerjoin(Establishment))
        return sorted((kind, uai) for kind, uai in rows)


def sessions(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(StaffSession)).all())


def logout_token(provider: Provider, **changes: object) -> str:
    now = int(time.time())
    own = {
        "iss": provider.issuer,
        "aud": CLIENT,
        "iat": now,
        "exp": now + 120,
        "jti": f"j-{time.monotonic_ns()}",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": "s-1",
    }
    claims = {name: value for name, value in (own | changes).items() if value is not None}
    return provider.signed(claims)


def end(door: Door, token: str) -> int:
    return door.app.test_client().post(f"/connexion/fin/{door.id}", data={"logout_token": token}).status_code
