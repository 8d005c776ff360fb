"""Codes and tokens: a code is good once and soon, a token for some minutes, and both while the session lasts (R35)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from shared.accounts.state_policy import USED
from shared.models.access.openid import OpenidClient, OpenidConsent, OpenidLogin, OpenidPass, Shared
from shared.models.accounts import Account, AccountSession
from shared.models.teleservices import Teleservice
from shared.proofs.secrets import drawn, hashed

CODE_LASTS = timedelta(minutes=1)
TOKEN_LASTS = timedelta(minutes=10)
LONGEST = 200
"""Characters of a code or of a token: longer ones are none of ours."""


@dataclass(frozen=True)
class Proof:
    """How and when the holder proved who they are: `way` is `pwd`, or `pop` with a passkey."""

    at: datetime
    way: str


@dataclass(frozen=True)
class Wanted:
    """What a téléservice asked, as far as its code remembers it."""

    return_address: str
    data: frozenset[Shared]
    challenge: str
    nonce: str | None


@dataclass(frozen=True)
class Held:
    """What somebody who holds a code or a token may know: of whom, for which téléservice, and what."""

    entry: OpenidPass
    login: OpenidLogin
    client: OpenidClient
    account: Account
    consent: OpenidConsent

    @property
    def data(self) -> frozenset[Shared]:
        """What was asked, agreed to, and may still be given."""
        return frozenset(map(Shared, self.entry.data)) & set(self.consent.data) & set(self.client.data)


def issue_code(session: Session, login: OpenidLogin, wanted: Wanted, proof: Proof, now: datetime) -> str:
    """A code that only the téléservice of `login` can exchange."""
    code = drawn()
    session.add(
        OpenidPass(
            openid_login_id=login.id,
            code_hash=hashed(code),
            return_address=wanted.return_address,
            data=sorted(wanted.data),
            challenge=wanted.challenge,
            nonce=wanted.nonce,
            proved_at=proof.at,
            way=proof.way,
            code_until=now + CODE_LASTS,
        )
    )
    session.flush()
    return code


def use_code(session: Session, client: OpenidClient, code: str, now: datetime) -> Held | None:
    """What `code` stands for, which is used from now on; nothing if it is not, or is no more, one of `client`.

    The second time, whoever came first may have been a thief: the token given before dies. The caller commits all the
    same.
    """
    if not 0 < len(code) <= LONGEST:
        return None
    own = OpenidPass.openid_login_id.in_(select(OpenidLogin.id).where(OpenidLogin.openid_client_id == client.id))
    named = update(OpenidPass).where(OpenidPass.code_hash == hashed(code), own)
    used = named.where(OpenidPass.used_at.is_(None), OpenidPass.code_until > now).values(used_at=now)
    number = session.scalar(used.returning(OpenidPass.id).execution_options(synchronize_session=False))
    if number is None:
        session.execute(named.values(token_hash=None).execution_options(synchronize_session=False))
        return None
    return _held(session, _alive(now).where(OpenidPass.id == number))


def give_token(session: Session, held: Held, token: str, now: datetime) -> None:
    """Let `token` open, for some minutes, what its code stood for."""
    held.entry.token_hash, held.entry.token_until = hashed(token), now + TOKEN_LASTS
    session.flush()


def opened_by(session: Session, token: str, now: datetime) -> Held | None:
    """What `token` opens; nothing once it is over, or once the session, the account, the consent or the client is."""
    if not 0 < len(token) <= LONGEST:
        return None
    return _held(session, _alive(now).where(OpenidPass.token_hash == hashed(token), OpenidPass.token_until > now))


def _alive(now: datetime) -> Select[OpenidPass, OpenidLogin, OpenidClient, Account, OpenidConsent]:
    """Passes whose session goes on, of an account in use, for an open téléservice that is still given something."""
    return (
        select(OpenidPass, OpenidLogin, OpenidClient, Account, OpenidConsent)
        .join(OpenidLogin, OpenidLogin.id == OpenidPass.openid_login_id)
        .join(OpenidClient, OpenidClient.id == OpenidLogin.openid_client_id)
        .join(Teleservice, Teleservice.id == OpenidClient.teleservice_id)
        .join(Account, Account.id == OpenidLogin.account_id)
        .join(AccountSession, AccountSession.token_hash == OpenidLogin.session_hash)
        .join(
            OpenidConsent,
            (OpenidConsent.account_id == Account.id) & (OpenidConsent.openid_client_id == OpenidClient.id),
        )
        .where(
            AccountSession.expires_at > now,
            Account.state.in_(USED),
            Account.must_change_password.is_(False),
            OpenidConsent.withdrawn_at.is_(None),
            OpenidClient.is_open,
            Teleservice.retired_at.is_(None),
        )
    )


def _held(
    session: Session, found: Select[OpenidPass, OpenidLogin, OpenidClient, Account, OpenidConsent]
) -> Held | None:
    row = session.execute(found).one_or_none()
    return None if row is None else Held(*row)
