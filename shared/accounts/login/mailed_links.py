"""Links sent by mail: good once, until they expire, unless a newer one replaced them (R5, R7)."""

import enum
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.languages import to_translate
from shared.models.accounts import Account, LinkPurpose, MailedLink
from shared.proofs.signatures import is_signature, number_and_proof, numbered, signature

LIFETIMES = {
    LinkPurpose.ACTIVATION: timedelta(hours=72),
    LinkPurpose.PASSWORD_RESET: timedelta(hours=2),
    LinkPurpose.EMAIL_CHANGE: timedelta(hours=72),
}

PATHS = {
    LinkPurpose.ACTIVATION: "activation",
    LinkPurpose.PASSWORD_RESET: "nouveau-mot-de-passe",
    LinkPurpose.EMAIL_CHANGE: "nouvelle-adresse",
}
"""Where the portal answers to each link."""


class LinkRefusal(enum.StrEnum):
    """Why a link opens nothing; said to whoever holds it."""

    UNKNOWN = to_translate("Ce lien n'est pas valable. Vérifiez que vous l'avez copié en entier.")
    EXPIRED = to_translate("Ce lien n'est plus valable : il est trop ancien.")
    USED = to_translate("Ce lien a déjà servi, ou un lien plus récent l'a remplacé.")


class LinkRefused(Exception):
    """The link, sent for `purpose`, opens nothing; `reason` is safe to show.

    `account_id` is of the account that a link of ours was sent to, be it used or expired; none for any other.
    """

    def __init__(self, reason: LinkRefusal, purpose: LinkPurpose, account_id: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.purpose = purpose
        self.account_id = account_id


def create_link(session: Session, account: Account, purpose: LinkPurpose, email: str, now: datetime) -> MailedLink:
    """A new link for `account`, sent to `email`; the earlier ones of the same purpose no longer open anything."""
    withdraw_links(session, account, purpose, now)
    link = MailedLink(
        account_id=account.id,
        purpose=purpose,
        nonce=secrets.token_hex(16),
        email=email,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    session.add(link)
    session.flush()
    return link


def withdraw_links(session: Session, account: Account, purpose: LinkPurpose | None, now: datetime) -> None:
    """Make the links of `account` open nothing any more: those of `purpose`, or all of them."""
    unused = update(MailedLink).where(MailedLink.account_id == account.id, MailedLink.used_at.is_(None))
    if purpose is not None:
        unused = unused.where(MailedLink.purpose == purpose)
    session.execute(unused.values(used_at=now))


def link_address(settings: Settings, link: MailedLink) -> str:
    """The address that the mail carries; only `SECRET_KEY` and the row together give it."""
    return f"{settings.public_portal_url}/{PATHS[link.purpose]}/{numbered(link.id, _signature(settings, link))}"


def find_link(session: Session, settings: Settings, purpose: LinkPurpose, token: str, now: datetime) -> MailedLink:
    """The link that `token`, the last part of its address, stands for. Looking changes nothing (R5).

    Raises:
        LinkRefused: unknown, expired, used or replaced.
    """
    link = find_sent_link(session, settings, purpose, token)
    if link.used_at is not None:
        raise LinkRefused(LinkRefusal.USED, purpose, link.account_id)
    refuse_expired(link, now)
    return link


def refuse_expired(link: MailedLink, now: datetime) -> None:
    """Raise `LinkRefused` for a link that is too old."""
    if link.expires_at <= now:
        raise LinkRefused(LinkRefusal.EXPIRED, link.purpose, link.account_id)


def find_sent_link(session: Session, settings: Settings, purpose: LinkPurpose, token: str) -> MailedLink:
    """The same, be it used or expired.

    Raises:
        LinkRefused: unknown.
    """
    number, proof = number_and_proof(token)
    link = None if number is None else session.get(MailedLink, number)
    if link is None or link.purpose != purpose or not is_signature(proof, _signature(settings, link)):
        raise LinkRefused(LinkRefusal.UNKNOWN, purpose)
    return link


def use_link(session: Session, link: MailedLink, now: datetime) -> Account:
    """Use `link` up, and lock its account.

    Raises:
        LinkRefused: somebody used it in between.
    """
    locked = select(Account).where(Account.id == link.account_id).with_for_update()
    account = session.scalars(locked, execution_options={"populate_existing": True}).one()
    used = session.execute(
        update(MailedLink)
        .where(MailedLink.id == link.id, MailedLink.used_at.is_(None))
        .values(used_at=now)
        .returning(MailedLink.id)
    ).first()
    if used is None:
        raise LinkRefused(LinkRefusal.USED, link.purpose, link.account_id)
    return account


def _signature(settings: Settings, link: MailedLink) -> str:
    return signature(settings, "mailed-link", link.id, link.purpose.value, link.nonce)
