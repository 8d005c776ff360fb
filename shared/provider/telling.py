"""Telling téléservices that a session of the portal ended (OpenID Connect Back-Channel Logout 1.0)."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event
from urllib.parse import urlsplit

import requests
from joserfc import jwt
from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.access.openid import OpenidClient, OpenidLogin
from shared.models.accounts import Account, AccountSession
from shared.proofs.secrets import drawn
from shared.provider.claims import subject
from shared.provider.keys import ALGORITHM, Keyring
from shared.rows.holding import nothing_is_held
from shared.sign_on.asking.addresses import require_safe
from shared.sign_on.asking.web import bound
from shared.sign_on.refusals import SignOnRefused

log = logging.getLogger(__name__)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
TOKEN_LASTS = timedelta(minutes=2)
AT_ONCE = 50
LEASE = timedelta(minutes=2)
"""How long one worker has before another one tries: longer than a téléservice may take to answer."""
TRIES = 5
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
UNDERSTOOD = {200, 204}


class Teller:
    """Tells each téléservice of each session that ended before its time, until it answers or has had its chances."""

    def __init__(self, database: Database, settings: Settings, stopping: Event) -> None:
        self._database = database
        self._issuer = settings.public_portal_url
        self._sealer = Sealer(settings.initial_password_keys)
        self._keyring = Keyring()
        self._stopping = stopping

    def tell_due(self) -> None:
        """Tell all that is due. An edge: it opens its own transactions, none while a téléservice is asked."""
        while not self._stopping.is_set():
            now = clock.now()
            with self._database.writing() as session:
                due = [(login.id, *self._token(session, login, now)) for login in claim_ended(session, now)]
            if not due:
                return
            for number, address, token in due:
                self._tell(number, address, token)

    def _token(self, session: Session, login: OpenidLogin, now: datetime) -> tuple[str, str]:
        client = session.get_one(OpenidClient, login.openid_client_id)
        account = session.get_one(Account, login.account_id)
        key = self._keyring.signing(session, self._sealer, now)
        said = {
            "iss": self._issuer,
            "aud": client.client_id,
            "sub": subject(client, account, self._sealer),
            "sid": login.sid,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LASTS).timestamp()),
            "jti": drawn(),
            "events": {EVENT: {}},
        }
        header = {"alg": ALGORITHM, "kid": key.name, "typ": TYPE}
        return client.logout_address or "", jwt.encode(header, said, key.private, [ALGORITHM])

    def _tell(self, number: int, address: str, token: str) -> None:
        trouble = _sent(address, token)
        with self._database.writing() as session:
            if trouble is None:
                forget(session, number)
            elif put_off(session, number, clock.now()):
                log.warning("a logout was not told: %s", trouble)
            else:
                log.error("a logout was not told, and will not be: %s", trouble)


def claim_ended(session: Session, now: datetime) -> Sequence[OpenidLogin]:
    """Some of the logins whose session ended before its time, kept for whoever claims them first for a while.

    Those of téléservices that cannot be told are forgotten, and so is what ended by itself.
    """
    over = ~exists().where(AccountSession.token_hash == OpenidLogin.session_hash, AccountSession.expires_at > now)
    told = exists().where(OpenidClient.id == OpenidLogin.openid_client_id, OpenidClient.logout_address.is_not(None))
    gone = delete(OpenidLogin).where(over, or_(OpenidLogin.expires_at <= now, ~told))
    session.execute(gone.execution_options(synchronize_session=False))
    is_due = or_(OpenidLogin.next_attempt_at.is_(None), OpenidLogin.next_attempt_at <= now)
    some = select(OpenidLogin.id).where(over, is_due, nothing_is_held()).order_by(OpenidLogin.id).limit(AT_ONCE)
    claimed = update(OpenidLogin).where(OpenidLogin.id.in_(some), is_due).values(next_attempt_at=now + LEASE)
    return session.scalars(claimed.returning(OpenidLogin).execution_options(synchronize_session=False)).all()


def forget(session: Session, number: int) -> None:
    """A téléservice was told."""
    session.execute(delete(OpenidLogin).where(OpenidLogin.id == number))


def put_off(session: Session, number: int, now: datetime) -> bool:
    """Try later; whether there is a later."""
    login = session.get(OpenidLogin, number, with_for_update=True)
    if login is None:
        return False
    login.attempts += 1
    if login.attempts >= TRIES:
        session.delete(login)
        return False
    login.next_attempt_at = now + WAITS[login.attempts - 1]
    return True


def _sent(address: str, token: str) -> str | None:
    """Send a logout token; what went wrong, without anything of what was answered, or nothing."""
    host = urlsplit(address).hostname
    try:
        require_safe(address)
        with requests.Session() as session:
            bound(session)
            answer = session.post(address, data={"logout_token": token}, allow_redirects=False)
    except (requests.RequestException, SignOnRefused) as error:
        return f"{host}: {type(error).__name__}"
    return None if answer.status_code in UNDERSTOOD else f"{host}: status {answer.status_code}"
