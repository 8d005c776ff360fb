"""Staff come in by an identity provider: who it says they are, with what it says of today, and nothing else (R34)."""

import base64
import hmac
import html
import json
import re
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import delete, select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.models.access.identity_providers import IdentityProvider, ProviderKind, StaffIdentity
from shared.models.journal import Action, JournalEvent
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRoleKind, StaffSession
from shared.sign_on.attempts import TIME_TO_COME_BACK
from shared.sign_on.providers import Description
from shared.sign_on.refusals import Refusal
from tests.admin.browser import SECRET as SECRET_OF_TELEPHONE
from tests.admin.browser import Browser, sent_to, words
from tests.admin.sign_on_door import (
    BACK,
    HEAD,
    NOTHING_GIVEN,
    OTHER,
    UAI,
    Door,
    delegation,
    end,
    join,
    kept_out,
    logout_token,
    roles,
    sessions,
)
from tests.factories import make_staff
from tests.sign_on.provider import CLIENT, SECRET, Provider, answering


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
    address = sent_to(door.leave(Browser(door.app)))
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


@pytest.mark.parametrize("value", [delegation(ends="01/01/2021"), delegation(begins="01/01/2999")])
def test_a_delegation_of_another_day_opens_nothing(door: Door, value: str) -> None:
    door.provider.userinfo = {"sub": "p-1", "FrEduResDel": value}
    assert door.come_in()[1].status_code == 422


def test_roles_said_elsewhere_open_nothing_to_a_password(door: Door, database: Database) -> None:
    with database.writing() as session:
        school = session.scalars(select(Establishment).where(Establishment.uai == OTHER)).one()
        make_staff(session, "elise", school, StaffRoleKind.DELEGATE, ("imports",))
    browser = Browser(door.app)
    browser.log_in("elise")
    left = join(browser, door)
    answer = browser.get(BACK, **door.provider.answer(sent_to(left)))
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


def test_the_same_name_at_another_provider_is_somebody_else(door: Door, database: Database, sealer: Sealer) -> None:
    door.come_in()
    wanted = Description(ProviderKind.OIDC, "un autre", "", CLIENT, SECRET)
    with answering() as other:
        other.userinfo = HEAD
        with database.writing() as session:
            values = {**wanted.as_values(sealer), "address": other.issuer}
            row = IdentityProvider(**values, is_open=True, position=2, created_at=clock.now())
            session.add(row)
            session.flush()
            elsewhere = Door(door.app, row.id, other)
        assert elsewhere.come_in()[1].status_code == 303
        # What comes back from the one is no answer of the other, whichever was asked.
        browser = Browser(door.app)
        mixed = other.answer(sent_to(door.leave(browser)))
        assert browser.get(BACK, **mixed).status_code == 422
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
        left = join(browser, door)
        answer = browser.get(BACK, **door.provider.answer(sent_to(left)))
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
    back = door.provider.answer(sent_to(join(browser, door)))
    # The same browser, somebody else by now.
    browser.post("/deconnexion/")
    browser.log_in("marc")
    assert browser.get(BACK, **back).status_code == 422
    with database.reading() as session:
        assert session.scalars(select(StaffIdentity)).all() == []


def test_joining_answers_nobody_whose_session_ended_meanwhile(door: Door, database: Database) -> None:
    with database.writing() as session:
        make_staff(session, "elise", session.scalars(select(Establishment).where(Establishment.uai == UAI)).one())
    browser = Browser(door.app)
    browser.log_in("elise")
    back = door.provider.answer(sent_to(join(browser, door)))
    with database.writing() as session:
        session.execute(delete(StaffSession))
    assert browser.get(BACK, **back).status_code == 422
    with database.reading() as session:
        assert session.scalars(select(StaffIdentity)).all() == []


def test_who_leaves_is_shown_where_the_session_of_the_provider_ends(door: Door, database: Database) -> None:
    door.provider.metadata = {"end_session_endpoint": f"{door.provider.issuer}/fin"}
    browser, _ = door.come_in()
    with database.reading() as session:
        kept = session.scalars(select(StaffSession.provider_token)).one()
    assert b"eyJ" not in (kept or b"")
    page = browser.post("/deconnexion/")
    assert sessions(database) == 0
    found = re.search(r'href="([^"]+)" rel="noreferrer"', page.text)
    assert found is not None
    address = urlsplit(html.unescape(found[1]))
    asked = dict(parse_qsl(address.query))
    assert (address.path, asked["client_id"]) == ("/fin", CLIENT)
    assert asked["id_token_hint"].count(".") == 2
    assert asked["post_logout_redirect_uri"].endswith("/connexion/")
    assert len(asked["state"]) >= 32


def test_who_leaves_a_provider_that_has_no_such_place_is_just_logged_out(door: Door) -> None:
    browser, _ = door.come_in()
    assert browser.post("/deconnexion/").location == "/connexion/"


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
    "no number of a time": {"exp": float("nan")},
    "a time before all times": {"iat": -1e300},
    "no subject": {"sub": None},
    "a subject that is no text": {"sub": 12},
    "a subject without end": {"sub": "x" * 256},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_a_token_that_says_something_else_opens_nothing(
    door: Door, database: Database, caplog: pytest.LogCaptureFixture, claims: dict[str, object]
) -> None:
    door.provider.claims = claims
    kept_out(door.come_in()[1], caplog, database, Refusal.INVALID)


def part(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def signed_by_secret(secret: bytes, claims: dict[str, Any]) -> str:
    """As whoever has only the public key could: no library of ours would sign so."""
    signed = f"{part({'alg': 'HS256', 'kid': 'un'})}.{part(claims)}"
    mark = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).rstrip(b"=")
    return f"{signed}.{mark.decode()}"


def signed_by_own_key(claims: dict[str, Any]) -> str:
    """The header says which key to verify with, and where to find it."""
    own = RSAKey.generate_key(2048, {"kid": "un"})
    header = {"alg": "RS256", "kid": "un", "jwk": own.as_dict(private=False), "jku": "https://ailleurs.example.org/k"}
    return jwt.encode(header, claims, own)


def forged(provider: Provider, how: str) -> None:
    """Every claim is right; what stands for the signature is not."""
    if how == "another key":
        provider.signs_with = RSAKey.generate_key(2048, {"kid": "un"})
    elif how == "an unknown key":
        provider.signs_with, provider.header = RSAKey.generate_key(2048), {"alg": "RS256", "kid": "deux"}
    else:
        provider.forges = {
            "the public key as a secret": lambda said: signed_by_secret(provider.key.as_pem(private=False), said),
            "the secret of the client": lambda said: signed_by_secret(SECRET.encode(), said),
            "no signature": lambda said: f"{part({'alg': 'none'})}.{part(said)}.",
            "a key in its own header": lambda said: signed_by_own_key(said),
            "an empty signature": lambda said: f"{part({'alg': 'RS256', 'kid': 'un'})}.{part(said)}.",
            "something else": lambda said: "pas un jeton",
            "a long one": lambda said: "a." + "b" * 100_000 + ".c",
        }[how]


@pytest.mark.parametrize(
    "how",
    [
        *("another key", "an unknown key", "the public key as a secret", "the secret of the client", "no signature"),
        *("a key in its own header", "an empty signature", "something else", "a long one"),
    ],
)
def test_a_token_that_is_not_signed_by_the_provider_opens_nothing(
    door: Door, database: Database, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    forged(door.provider, how)
    kept_out(door.come_in()[1], caplog, database, Refusal.INVALID, "too long" if how == "a long one" else "signature")


@pytest.mark.parametrize(
    ("changes", "refusal", "reason"),
    [
        ({"state": "x" * 43}, Refusal.NOT_BEGUN, "unknown state"),
        ({"state": ""}, Refusal.NOT_BEGUN, "no state"),
        ({"iss": "https://ailleurs.example.org"}, Refusal.INVALID, "another issuer answers"),
        ({"code": ""}, Refusal.INVALID, "no code"),
        ({"error": "access_denied"}, Refusal.DECLINED, "error"),
        ({"code": "x" * 100_001}, Refusal.INVALID, "no code"),
    ],
)
def test_what_comes_back_otherwise_than_it_was_sent_opens_nothing(
    door: Door,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str],
    refusal: Refusal,
    reason: str,
) -> None:
    kept_out(door.come_in(**changes)[1], caplog, database, refusal, reason)


@pytest.mark.parametrize("said", NOTHING_GIVEN.values(), ids=NOTHING_GIVEN)
def test_what_gives_nothing_opens_nothing_and_is_told(
    door: Door, database: Database, caplog: pytest.LogCaptureFixture, said: dict[str, str]
) -> None:
    door.provider.userinfo = {"sub": "p-1", **said}
    kept_out(door.come_in()[1], caplog, database, Refusal.NO_ROLE)


def test_an_answer_is_good_once_and_in_its_own_browser(door: Door, database: Database) -> None:
    mine, stranger = Browser(door.app), Browser(door.app)
    back = door.provider.answer(sent_to(door.leave(mine)))
    door.leave(stranger)
    assert stranger.get(BACK, **back).status_code == 422
    # It was shown to somebody: nobody comes in with it any more.
    assert mine.get(BACK, **back).status_code == 422
    again = door.provider.answer(sent_to(door.leave(mine)))
    assert mine.get(BACK, **again).status_code == 303
    assert mine.get(BACK, **again).status_code == 422
    assert sessions(database) == 1


def test_an_answer_that_comes_too_late_opens_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(door.app)
    door.provider.claims = {"exp": int(time.time()) + 7200}
    back = door.provider.answer(sent_to(door.leave(browser)))
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
    back = door.provider.answer(sent_to(door.leave(browser)))
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
        {"iat": -1e300},
        {"iat": float("nan")},
        {"exp": int(time.time()) - 3600},
        {"exp": float("nan")},
        {"sub": "\0", "sid": None},
        {"sub": 12},
        {"sid": "\0"},
        {"sid": "x" * 256},
        {"jti": "\ud800"},
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
