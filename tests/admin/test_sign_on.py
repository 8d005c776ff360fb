"""Staff come in by an identity provider: who it says they are, with what it says of today, and nothing else (R34)."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.establishments.codes.uai import uai_of
from shared.models.access.identity_providers import IdentityProvider, ProvidedRole, ProviderKind, StaffIdentity
from shared.models.journal import Action, JournalEvent
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRoleKind, StaffSession
from shared.sign_on.attempts import TIME_TO_COME_BACK
from shared.sign_on.providers import Description
from tests.admin.browser import SECRET as SECRET_OF_TELEPHONE
from tests.admin.browser import Browser, words
from tests.factories import make_establishment, make_staff
from tests.sign_on.provider import CLIENT, SECRET, Provider, answering

UAI, OTHER = uai_of(9740001), uai_of(9740002)
BACK = "/connexion/par/retour"
HEAD = {"FrEduRneResp": f"{UAI}$UAJ$PU$N$T3$CLG$340", "FrEduFonctAdm": "DIR", "given_name": "Élise", "sub": "p-1"}


def delegation(begins: str = "01/09/2020", ends: str = "31/12/9999", application: str = "teleservices") -> str:
    return f"{application}|/x|{begins}|{ends}|chef|FrEduRneResp={OTHER}$UAJ$PU$N$T3$LYC$300|srv|module"


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
        back = self.provider.answer(self.leave(browser).location, **changes)
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
    return Door(app, number, provider)


def roles(database: Database) -> list[tuple[StaffRoleKind, str | None]]:
    with database.reading() as session:
        rows = session.execute(select(ProvidedRole.kind, Establishment.uai).outerjoin(Establishment))
        return sorted((kind, uai) for kind, uai in rows)


def sessions(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(StaffSession)).all())


def test_a_head_comes_in_without_a_password_and_works_in_the_school(door: Door, database: Database) -> None:
    browser, answer = door.come_in()
    assert answer.status_code == 303
    assert urlsplit(answer.location).path == "/"
    assert "Collège des Filaos" in words(browser.get("/"))
    assert "Élise Tout, et déléguer Sans fin le portail" in words(browser.get("/personnels/"))
    assert roles(database) == [(StaffRoleKind.HEAD, UAI)]
    with database.reading() as session:
        assert session.scalars(select(Staff.name)).all() == ["Élise"]


def test_the_way_there_asks_for_a_code_with_pkce_and_says_nothing_of_us(door: Door) -> None:
    address = door.leave(Browser(door.app)).location
    asked = dict(part.split("=", 1) for part in urlsplit(address).query.split("&"))
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32
    assert "code_verifier" not in asked
    door.provider.userinfo = HEAD
    door.come_in()
    sent = door.provider.tokens_asked[-1]
    assert len(sent["code_verifier"]) >= 43
    assert SECRET not in sent.values()


@pytest.mark.parametrize("userinfo", [{"sub": "p-1", "FrEduFonctAdm": "DIR"}, {**HEAD, "FrEduFonctAdm": "ENS"}])
def test_somebody_without_a_function_is_told_so_and_nothing_is_kept(
    door: Door, database: Database, userinfo: dict[str, str]
) -> None:
    door.provider.userinfo = userinfo
    browser, answer = door.come_in()
    assert answer.status_code == 422
    assert "rien ne vous est ouvert" in words(answer)
    assert browser.get("/").location == "/connexion/"
    with database.reading() as session:
        assert session.scalars(select(Staff)).all() == []


def test_what_is_said_no_longer_is_taken_away_at_the_next_login(door: Door, database: Database) -> None:
    door.come_in()
    door.provider.userinfo = {"sub": "p-1", "FrEduResDel": delegation()}
    browser, answer = door.come_in()
    assert answer.status_code == 303
    assert roles(database) == [(StaffRoleKind.DELEGATE, OTHER)]
    assert browser.get("/personnels/").status_code == 403
    door.provider.userinfo = {"sub": "p-1"}
    assert door.come_in()[1].status_code == 422
    assert roles(database) == []
    with database.reading() as session:
        told = session.scalars(select(JournalEvent.action).order_by(JournalEvent.id)).all()
    assert told.count(Action.PROVIDED_ROLE_TAKEN) == 2


@pytest.mark.parametrize(
    "value", [delegation(application="autre"), delegation(ends="01/01/2021"), delegation(begins="01/01/2999")]
)
def test_a_delegation_of_something_else_or_of_another_day_opens_nothing(door: Door, value: str) -> None:
    door.provider.userinfo = {"sub": "p-1", "FrEduResDel": value}
    assert door.come_in()[1].status_code == 422


def test_roles_said_elsewhere_open_nothing_to_a_password(door: Door, database: Database) -> None:
    with database.writing() as session:
        school = session.scalars(select(Establishment).where(Establishment.uai == OTHER)).one()
        make_staff(session, "elise", school, StaffRoleKind.DELEGATE, ("imports",))
    browser = Browser(door.app)
    browser.log_in("elise")
    left = browser.post(f"/mes-connexions/relier/{door.id}")
    answer = browser.get(BACK, **door.provider.answer(left.location))
    assert answer.location == "/mes-connexions/"
    assert roles(database) == [(StaffRoleKind.HEAD, UAI)]
    with_password = Browser(door.app)
    with_password.log_in("elise")
    assert "Collège des Filaos" not in words(with_password.get("/etablissements/"))
    by_provider, _ = door.come_in()
    assert "Collège des Filaos" in words(by_provider.get("/etablissements/"))
    with database.reading() as session:
        assert len(session.scalars(select(Staff)).all()) == 1


def test_nobody_is_joined_by_an_equal_address_or_name(door: Door, database: Database) -> None:
    with database.writing() as session:
        school = session.scalars(select(Establishment).where(Establishment.uai == UAI)).one()
        make_staff(session, "elise", school, name="Élise", email="elise@example.org")
    door.provider.userinfo = {**HEAD, "email": "elise@example.org", "email_verified": True}
    door.come_in()
    with database.reading() as session:
        assert len(session.scalars(select(Staff)).all()) == 2


def test_one_person_there_is_one_person_here(door: Door, database: Database) -> None:
    with database.writing() as session:
        school = session.scalars(select(Establishment).where(Establishment.uai == UAI)).one()
        for login in ("elise", "marc"):
            make_staff(session, login, school)
    for login, status in (("elise", "/mes-connexions/"), ("marc", None)):
        browser = Browser(door.app)
        browser.log_in(login)
        left = browser.post(f"/mes-connexions/relier/{door.id}")
        answer = browser.get(BACK, **door.provider.answer(left.location))
        assert answer.location == status
    with database.reading() as session:
        assert len(session.scalars(select(StaffIdentity)).all()) == 1


def test_joining_answers_only_whoever_asked_for_it(door: Door, database: Database) -> None:
    with database.writing() as session:
        school = session.scalars(select(Establishment).where(Establishment.uai == UAI)).one()
        for login in ("elise", "marc"):
            make_staff(session, login, school)
    browser = Browser(door.app)
    browser.log_in("elise")
    back = door.provider.answer(browser.post(f"/mes-connexions/relier/{door.id}").location)
    # The same browser, somebody else by now.
    browser.post("/deconnexion/")
    browser.log_in("marc")
    assert browser.get(BACK, **back).status_code == 422
    with database.reading() as session:
        assert session.scalars(select(StaffIdentity)).all() == []


WRONG = {
    "another issuer": {"iss": "https://ailleurs.example.org"},
    "another audience": {"aud": "autre"},
    "several audiences": {"aud": [CLIENT, "autre"]},
    "another party": {"azp": "autre"},
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3600},
    "no end": {"exp": None},
    "from the future": {"iat": int(time.time()) + 36_000},
    "not before long": {"nbf": int(time.time()) + 36_000},
    "times in words": {"exp": "demain"},
    "no subject": {"sub": None},
    "a subject that is no text": {"sub": 12},
    "a subject without end": {"sub": "x" * 256},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_a_token_that_says_something_else_opens_nothing(
    door: Door, database: Database, claims: dict[str, object]
) -> None:
    door.provider.claims = claims
    assert door.come_in()[1].status_code == 422
    assert sessions(database) == 0


def signed_by_secret(secret: bytes) -> str:
    """As whoever has only the public key could: no library of ours would sign so."""
    parts = [json.dumps({"alg": "HS256", "kid": "un"}), json.dumps({"sub": "p-1"})]
    signed = b".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=") for part in parts)
    mark = base64.urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
    return (signed + b"." + mark).decode()


def forged(provider: Provider, how: str) -> None:
    if how == "another key":
        provider.signs_with = RSAKey.generate_key(2048, {"kid": "un"})
    elif how == "an unknown key":
        provider.signs_with, provider.header = RSAKey.generate_key(2048), {"alg": "RS256", "kid": "deux"}
    elif how == "the public key as a secret":
        provider.id_token = signed_by_secret(provider.key.as_pem(private=False))
    elif how == "no signature":
        provider.id_token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwLTEifQ."
    elif how == "something else":
        provider.id_token = "pas un jeton"
    else:
        provider.id_token = "a." + "b" * 100_000 + ".c"


@pytest.mark.parametrize(
    "how",
    ["another key", "an unknown key", "the public key as a secret", "no signature", "something else", "a long one"],
)
def test_a_token_that_is_not_signed_by_the_provider_opens_nothing(door: Door, database: Database, how: str) -> None:
    forged(door.provider, how)
    assert door.come_in()[1].status_code == 422
    assert sessions(database) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "x" * 43},
        {"state": ""},
        {"iss": "https://ailleurs.example.org"},
        {"code": ""},
        {"error": "access_denied"},
        {"code": "x" * 100_001},
    ],
)
def test_what_comes_back_otherwise_than_it_was_sent_opens_nothing(
    door: Door, database: Database, changes: dict[str, str]
) -> None:
    assert door.come_in(**changes)[1].status_code == 422
    assert sessions(database) == 0


def test_an_answer_is_good_once_and_in_its_own_browser(door: Door, database: Database) -> None:
    mine, stranger = Browser(door.app), Browser(door.app)
    back = door.provider.answer(door.leave(mine).location)
    door.leave(stranger)
    assert stranger.get(BACK, **back).status_code == 422
    # It was shown to somebody: nobody comes in with it any more.
    assert mine.get(BACK, **back).status_code == 422
    again = door.provider.answer(door.leave(mine).location)
    assert mine.get(BACK, **again).status_code == 303
    assert mine.get(BACK, **again).status_code == 422
    assert sessions(database) == 1


def test_an_answer_that_comes_too_late_opens_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(door.app)
    back = door.provider.answer(door.leave(browser).location)
    late = clock.now() + TIME_TO_COME_BACK
    monkeypatch.setattr(clock, "now", lambda: late)
    assert browser.get(BACK, **back).status_code == 422


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://ailleurs.example.org"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"authorization_endpoint": None},
        {"jwks_uri": "ftp://x"},
    ],
)
def test_a_provider_that_says_it_is_somebody_else_is_not_asked(door: Door, metadata: dict[str, str | None]) -> None:
    door.provider.metadata = metadata
    answer = door.leave(Browser(door.app))
    assert answer.status_code == 422
    assert "ne répond pas" in words(answer)


def test_keys_that_were_changed_are_read_anew_and_the_others_kept(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.come_in()
    door.come_in()
    assert door.provider.asked.count("/jwks") == 1
    door.provider.key = RSAKey.generate_key(2048, {"kid": "deux", "use": "sig"})
    door.provider.header = {"alg": "RS256", "kid": "deux"}
    ahead = time.monotonic() + 120
    monkeypatch.setattr(time, "monotonic", lambda: ahead)
    assert door.come_in()[1].status_code == 303
    assert door.provider.asked.count("/jwks") == 2


def test_a_signed_userinfo_is_verified_like_the_token(door: Door) -> None:
    door.provider.signs_userinfo = True
    door.provider.userinfo = {**HEAD, "iss": door.provider.issuer, "aud": CLIENT}
    assert door.come_in()[1].status_code == 303
    door.provider.userinfo = {**HEAD, "iss": door.provider.issuer, "aud": "autre"}
    assert door.come_in()[1].status_code == 422


def test_userinfo_of_somebody_else_opens_nothing(door: Door) -> None:
    door.provider.userinfo = {**HEAD, "sub": "p-2"}
    assert door.come_in()[1].status_code == 422


def test_a_closed_login_and_a_shut_provider_open_nothing(door: Door, database: Database) -> None:
    browser, _ = door.come_in()
    with database.writing() as session:
        session.scalars(select(Staff)).one().disabled_at = clock.now()
    assert browser.get("/personnels/").location == "/connexion/"
    assert "fermé" in words(door.come_in()[1])
    back = door.provider.answer(door.leave(browser).location)
    with database.writing() as session:
        session.scalars(select(IdentityProvider)).one().is_open = False
    assert door.leave(Browser(door.app)).status_code == 422
    assert browser.get(BACK, **back).status_code == 422
    assert "Se connecter par" not in words(Browser(door.app).get("/connexion/"))


@pytest.mark.parametrize(("amr", "asked"), [(["pwd"], True), (["pwd", "mfa"], False)])
def test_a_second_factor_is_asked_here_unless_the_provider_saw_it(
    door: Door, database: Database, sealer: Sealer, amr: list[str], asked: bool
) -> None:
    door.come_in()
    with database.writing() as session:
        staff = session.scalars(select(Staff)).one()
        staff.factor_secret, staff.factor_set_at = sealer.seal(SECRET_OF_TELEPHONE), clock.now()
    door.provider.claims = {"amr": amr}
    browser, answer = door.come_in()
    assert (answer.location == "/connexion/code/") is asked
    assert (browser.get("/personnels/").status_code == 200) is not asked


def test_the_groups_of_the_academie_administer_it(door: Door) -> None:
    door.provider.userinfo = {"sub": "p-1", "ctgrps": "DSI"}
    door.provider.claims = {"amr": ["mfa"]}
    browser, _ = door.come_in()
    assert browser.get("/academie/fournisseurs/").status_code == 200
    door.provider.claims = {}
    browser, _ = door.come_in()
    # Nothing opens to them without a second factor, here as anywhere.
    assert browser.get("/academie/fournisseurs/").location == "/double-authentification/"


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


@pytest.mark.parametrize("whose", [{"sid": "s-1"}, {"sid": None, "sub": "p-1"}, {"sub": "p-1"}])
def test_a_session_that_ends_there_ends_here(door: Door, whose: dict[str, str | None]) -> None:
    browser, _ = door.come_in()
    assert end(door, logout_token(door.provider, **whose)) == 200
    assert browser.get("/personnels/").location == "/connexion/"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://ailleurs.example.org"},
        {"aud": "autre"},
        {"events": {}},
        {"events": None},
        {"nonce": "x"},
        {"jti": None},
        {"sid": None},
        {"iat": int(time.time()) - 3600},
        {"exp": int(time.time()) - 3600},
    ],
)
def test_what_is_no_logout_token_ends_nothing(door: Door, changes: dict[str, object]) -> None:
    browser, _ = door.come_in()
    assert end(door, logout_token(door.provider, **changes)) == 400
    assert end(door, "") == 400
    assert browser.get("/personnels/").status_code == 200


def test_a_logout_token_ends_sessions_once(door: Door) -> None:
    token = logout_token(door.provider)
    assert end(door, token) == 200
    browser, _ = door.come_in()
    assert end(door, token) == 400
    assert browser.get("/personnels/").status_code == 200


def test_nothing_of_what_a_provider_says_is_in_the_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.provider.userinfo = {"sub": "p-secret", "family_name": "Bénoni", "email": "b@example.org"}
    door.come_in()
    door.provider.userinfo = {"sub": "p-1", "family_name": "Bénoni", "FrEduResDel": "Bénoni|x"}
    door.come_in()
    for word in ("Bénoni", "p-secret", "b@example.org", "jeton", SECRET):
        assert word not in caplog.text
    assert "no_role" in caplog.text
