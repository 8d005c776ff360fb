"""The links that are mailed to families without their letter, one for each person of an address (R37)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from shared.accounts.login.mailed_links import LinkRefusal
from shared.accounts.state_policy import Step, may
from shared.config import Settings
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account
from shared.models.school import Guardian
from shared.models.teleservices import EstablishmentSettings
from shared.proofs.signatures import is_signature, number_and_proof, numbered, signature

PATH = "sans-lettre"
"""Where the portal answers to them."""


def lets_come() -> ColumnElement[bool]:
    """Whether the school of a guardian's fiche lets families come without their letter."""
    settings = EstablishmentSettings
    return ~exists().where(settings.establishment_id == Guardian.establishment_id, ~settings.self_activation)


class SelfActivationRefused(Exception):
    """A link opens nothing; `reason` is safe to show."""

    def __init__(self, reason: LinkRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def link_address(settings: Settings, link: SelfActivation) -> str:
    """The address that the mail carries; only `SECRET_KEY` and the row together give it."""
    return f"{settings.public_portal_url}/{PATH}/{numbered(link.id, _signature(settings, link))}"


def find_self_activation(session: Session, settings: Settings, token: str, now: datetime) -> SelfActivation:
    """The link that `token`, the last part of its address, stands for. Looking changes nothing.

    Raises:
        SelfActivationRefused: unknown, expired, or the account was activated, closed, or given anew by staff.
    """
    number, proof = number_and_proof(token)
    link = None if number is None else session.get(SelfActivation, number)
    if link is None or not is_signature(proof, _signature(settings, link)):
        raise SelfActivationRefused(LinkRefusal.UNKNOWN)
    require_open(session, link, session.get_one(Account, link.account_id), now)
    return link


def require_open(session: Session, link: SelfActivation, account: Account, now: datetime) -> None:
    """Raise `SelfActivationRefused` when `link` activates `account` no more, or no school of it allows that."""
    allowed = select(Guardian.id).where(Guardian.account_id == account.id, Guardian.gone_at.is_(None), lets_come())
    if link.used_at is not None or not may(account, Step.ACTIVATE_ALONE) or session.scalar(allowed.limit(1)) is None:
        raise SelfActivationRefused(LinkRefusal.USED)
    if link.expires_at <= now:
        raise SelfActivationRefused(LinkRefusal.EXPIRED)


def open_links_of(session: Session, email: str, mailed_at: datetime) -> Sequence[tuple[SelfActivation, Account]]:
    """The links that the mail of this instant to this address carries, and whose they are; those still good."""
    links = select(SelfActivation, Account).join(Account, Account.id == SelfActivation.account_id)
    links = links.where(
        SelfActivation.email == email, SelfActivation.created_at == mailed_at, SelfActivation.used_at.is_(None)
    )
    rows = session.execute(links.order_by(SelfActivation.id)).all()
    return [(link, account) for link, account in rows if may(account, Step.ACTIVATE_ALONE)]


def forget_old_self_activations(session: Session, now: datetime) -> None:
    """Remove the links that are too old for anything."""
    session.execute(delete(SelfActivation).where(SelfActivation.expires_at <= now))


def _signature(settings: Settings, link: SelfActivation) -> str:
    return signature(settings, "self-activation", link.id, link.account_id, link.nonce)
