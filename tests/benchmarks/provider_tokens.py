"""Tokens that the portal issues in a second, beside Authlib's own example of a provider, on one core, in one run (R35).

Both exchange codes by PKCE for an ID token signed by RS256 and an access token, on SQLite; the example keeps codes and
tokens as they are, and knows neither schools nor consents. Codes are made beforehand; only exchanges are timed.
"""

import base64
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.sqla_oauth2 import (
    OAuth2AuthorizationCodeMixin,
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_query_client_func,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask
from joserfc.jwk import RSAKey
from sqlalchemy import Integer, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

from parent_portal import create_app
from shared import clock, schema
from shared.accounts.credentials.sealing import Sealer
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.journal import SYSTEM
from shared.limits.browsers import OF_ACCOUNTS
from shared.models.access.openid import Shared
from shared.models.accounts import Account
from shared.models.teleservices import Teleservice
from shared.provider.clients import CLIENTS, Registration, register_client
from shared.provider.consents import agree, standing
from shared.provider.doors import children_there
from shared.provider.logins import enter
from shared.provider.passes import Proof, Wanted, issue_code
from tests.factories import make_account, make_division, make_establishment, make_guardian, make_student
from tests.provider.service import BACK, CHALLENGE, VERIFIER

CODES = 150
ROUNDS = 5
DATA = frozenset({Shared.NAMES, Shared.CHILDREN})

Exchange = Callable[[str], None]


def exchanging(app: Flask, path: str, client_id: str, secret: str) -> Exchange:
    """What brings a code to a token endpoint, as a téléservice does."""
    client = app.test_client()

    def exchange(code: str) -> None:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": client_id,
            "client_secret": secret,
        }
        answer = client.post(path, data=fields)
        assert answer.status_code == 200, answer.text

    return exchange


def ours(folder: Path, settings: Settings) -> tuple[Exchange, Callable[[], list[str]]]:
    """The portal, a family that agreed, and what makes codes for it."""
    database, sealer = Database(f"sqlite:///{folder / 'ours.db'}"), Sealer(settings.initial_password_keys)
    schema.upgrade(database.engine)
    now = clock.now()
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session)
        lea = make_student(session, school, make_division(session, school))
        account = make_account(session, "m.payet", make_guardian(session, school, lea))
        number = session.scalars(select(Teleservice.id).where(Teleservice.code == "fiche-renseignements")).one()
        registration = Registration((BACK,), data=DATA)
        client, secret = register_client(Act(session, SYSTEM, now), number, registration, sealer)
        CLIENTS.turn(Act(session, SYSTEM, now), client, client.version, opens=True)
        token = OF_ACCOUNTS.open(session, account.id, now, "", "")
        client_id, account_id = client.client_id, account.id
        caller = Caller(session, now, "", token=token)
        agree(caller, account, client, DATA, children_there(session, client, account, now.date()))

    def codes() -> list[str]:
        with database.writing() as session:
            at, holder = clock.now(), session.get_one(Account, account_id)
            service = session.merge(client)
            consent = standing(session, holder, service)
            assert consent is not None
            login = enter(Caller(session, at, "", token=token), service, holder, consent)
            wanted, proof = Wanted(BACK, DATA, CHALLENGE, "nonce"), Proof(at, "pwd")
            return [issue_code(session, login, wanted, proof, at) for _ in range(CODES)]

    return exchanging(create_app(settings, database), "/openid/jeton", client_id, secret), codes


class _Base(DeclarativeBase):
    pass


class _Client(_Base, OAuth2ClientMixin):
    __tablename__ = "client"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)


class _Code(_Base, OAuth2AuthorizationCodeMixin):
    __tablename__ = "code"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(Integer)


class _Token(_Base, OAuth2TokenMixin):
    __tablename__ = "token"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(Integer)


class _User:
    id = 1

    def get_user_id(self) -> int:
        return self.id


def example(folder: Path) -> tuple[Exchange, Callable[[], list[str]]]:
    """Authlib's example of an OpenID provider (`example-oidc-server`), with PKCE and one key read once."""
    engine = create_engine(f"sqlite:///{folder / 'example.db'}")
    _Base.metadata.create_all(engine)
    session = scoped_session(sessionmaker(engine))
    key = RSAKey.generate_key(2048, {"kid": "un"})

    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)

        def query_authorization_code(self, code: str, client: _Client) -> _Code | None:
            return session.scalars(select(_Code).filter_by(code=code, client_id=client.client_id)).first()

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            session.delete(authorization_code)
            session.commit()

        def authenticate_user(self, authorization_code: _Code) -> _User:
            return _User()

    class IdToken(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def resolve_client_private_key(self, client: _Client) -> RSAKey:
            return key

        def get_client_claims(self, client: _Client) -> dict[str, Any]:
            return {"iss": "https://example.org", "aud": client.client_id}

        def generate_user_info(self, user: _User, scope: str) -> UserInfo:
            return UserInfo(sub="1", name="Marie")

    app = Flask("example")
    server = AuthorizationServer(app, create_query_client_func(session, _Client), _saving(session))
    server.register_grant(CodeGrant, [CodeChallenge(required=True), IdToken()])
    app.add_url_rule("/token", view_func=server.create_token_response, methods=["POST"], endpoint="token")
    app.teardown_request(lambda _error: session.remove())
    client = _Client(client_id="c", client_secret="s")
    client.set_client_metadata(
        {
            "redirect_uris": [BACK],
            "scope": "openid profile",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_post",
        }
    )
    session.add(client)
    session.commit()

    def codes() -> list[str]:
        made = [secrets.token_urlsafe(32) for _ in range(CODES)]
        for code in made:
            session.add(
                _Code(
                    code=code,
                    client_id="c",
                    redirect_uri=BACK,
                    scope="openid profile",
                    nonce="nonce",
                    user_id=1,
                    code_challenge=CHALLENGE,
                    code_challenge_method="S256",
                )
            )
        session.commit()
        return made

    return exchanging(app, "/token", "c", "s"), codes


def _saving(session: "scoped_session[Session]") -> Callable[..., None]:
    return create_save_token_func(session, _Token)  # type: ignore[no-any-return]


def a_second(exchange: Exchange, codes: list[str]) -> float:
    """Exchanges in a second of processor."""
    began = time.process_time()
    for code in codes:
        exchange(code)
    return len(codes) / (time.process_time() - began)


def run() -> None:
    """Print both, and the ratio, in turns so that what else the machine does weighs on both."""
    # Authlib speaks http on machines of developers only.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    with tempfile.TemporaryDirectory() as name:
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        settings = Settings(var_dir=Path(name), secret_key=secrets.token_urlsafe(32), initial_password_key=key)
        portal, bare = ours(Path(name), settings), example(Path(name))
        pairs = [(a_second(portal[0], portal[1]()), a_second(bare[0], bare[1]())) for _ in range(ROUNDS)]
    ratios = sorted(one / other for one, other in pairs)
    best = [max(one) for one in zip(*pairs, strict=True)]
    print(f"tokens a second of processor: {best[0]:.0f}, Authlib's example {best[1]:.0f}")
    print(f"ratio {ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f}), at least 0.7 is wanted")
