"""Browsers of the portal as téléservices know them: one name for each session and each téléservice (R35)."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.accounts.trail import holder, note
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.database import insert_or
from shared.models.access.openid import OpenidClient, OpenidConsent, OpenidLogin, OpenidPass, Shared
from shared.models.accounts import Account, AccountSession
from shared.models.journal import Action
from shared.proofs.secrets import drawn, hashed


class SessionOver(Exception):
    """The session of the portal ended meanwhile."""


def enter(caller: Caller, client: OpenidClient, account: Account, consent: OpenidConsent) -> OpenidLogin:
    """The name by which `client` knows the browser of `caller`, made the first time, which the journal tells.

    Raises:
        SessionOver: that browser is logged in no more.
    """
    session, now, named = caller.session, caller.now, hashed(caller.token or "")
    ours = select(AccountSession.expires_at).where(AccountSession.token_hash == named)
    until = session.scalar(ours.where(AccountSession.account_id == account.id, AccountSession.expires_at > now))
    if until is None:
        raise SessionOver
    values = {
        "sid": drawn(),
        "openid_client_id": client.id,
        "account_id": account.id,
        "session_hash": named,
        "expires_at": until,
    }
    added = insert_or(session, OpenidLogin).values(values).on_conflict_do_nothing().returning(OpenidLogin.id)
    consent.used_at = now
    if session.scalar(added) is not None:
        details = {
            "service": client.teleservice.label,
            "shared": sorted(consent.data),
            "count": len(consent.students) if Shared.CHILDREN in consent.data else 0,
        }
        note(Act(session, holder(account, caller.address), now), Action.SERVICE_ENTERED, account, details)
    known = select(OpenidLogin).where(OpenidLogin.openid_client_id == client.id, OpenidLogin.session_hash == named)
    return session.scalars(known).one()


def is_of_browser(session: Session, sid: str, token: str) -> bool:
    """Whether a téléservice knows by `sid` the browser that holds `token`."""
    return session.scalar(select(OpenidLogin.session_hash).where(OpenidLogin.sid == sid)) == hashed(token)


def forget_over(session: Session, now: datetime) -> None:
    """For the daily job: what ended by itself is nobody's to be told, and old codes and tokens open nothing."""
    session.execute(delete(OpenidLogin).where(OpenidLogin.expires_at <= now))
    old = OpenidPass.token_until.is_(None) | (OpenidPass.token_until <= now)
    session.execute(delete(OpenidPass).where(OpenidPass.code_until <= now, old))
