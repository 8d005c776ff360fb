"""The mails that the portal sends by itself, composed from their rows: activation, forgotten password, merge…"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.login.mailed_links import link_address
from shared.accounts.without_letter.links import link_address as self_activation_address
from shared.accounts.without_letter.links import open_links_of
from shared.config import Settings
from shared.languages import language_or_french
from shared.models.accounts import Account, MailedLink
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.reasons import Reason
from shared.notifications.content.sender import SERVICE_NAME, School, school_of_account
from shared.notifications.mail.addressees import holder_of
from shared.notifications.mail.message_ids import ACCOUNT_MAIL, message_id
from shared.notifications.mail.rendering import write_mail
from shared.notifications.mail.smtp import OutgoingMail
from shared.notifications.outbox.leases import NotDeliverable


def compose_account_mail(session: Session, settings: Settings, mail_id: int) -> OutgoingMail:
    """The mail of one row of `AccountMail`; the address of its link is computed here and kept nowhere.

    Raises:
        NotDeliverable: the link was used or replaced since, so that the mail would only mislead.
    """
    mail, account, link = session.execute(
        select(AccountMail, Account, MailedLink)
        .join(Account, Account.id == AccountMail.account_id)
        .outerjoin(MailedLink, MailedLink.id == AccountMail.link_id)
        .where(AccountMail.id == mail_id)
    ).one()
    school, holder = school_of_account(session, account.id), holder_of(session, account.id)
    # Of an account never used, the language is that of the page on which somebody asked.
    language = language_or_french(account.language or mail.details.get("language"))
    values = _values(settings, school, mail, account, link)
    if mail.kind is AccountMailKind.SELF_ACTIVATION:
        values["persons"], values["expires_at"] = persons, _ = _persons(session, settings, mail)
        holder = holder if len(persons) == 1 else None
    words = write_mail(mail.kind.value, language, recipient=holder.greeted(language) if holder else None, **values)
    return OutgoingMail(
        recipient=mail.recipient,
        words=words,
        sender_name=school.name if school.name == SERVICE_NAME else f"{SERVICE_NAME} – {school.name}",
        message_id=message_id(settings, ACCOUNT_MAIL, mail.id, mail.created_at),
        reply_to=school.contact,
        recipient_name=holder.name if holder else None,
    )


def _values(
    settings: Settings, school: School, mail: AccountMail, account: Account, link: MailedLink | None
) -> dict[str, object]:
    """What the template of the mail shows."""
    zone = ZoneInfo(settings.time_zone)
    values: dict[str, object] = {
        "school": school,
        "portal": settings.public_portal_url,
        "identifier": account.identifier,
        "caused_at": mail.created_at.astimezone(zone),
        "details": mail.details,
    }
    if "due_on" in mail.details:
        values["due_on"] = date.fromisoformat(mail.details["due_on"])
    if link is None:
        return values
    if link.used_at is not None:
        raise NotDeliverable(Reason.LINK_USED_SINCE)
    return values | {"link": link_address(settings, link), "expires_at": link.expires_at.astimezone(zone)}


def _persons(session: Session, settings: Settings, mail: AccountMail) -> tuple[list[tuple[str, str]], datetime]:
    """Everybody whom an address of the school base is of, each with the own link: they may share the mailbox."""
    links = open_links_of(session, mail.recipient, mail.created_at)
    if not links:
        raise NotDeliverable(Reason.LINK_USED_SINCE)
    holders = [holder_of(session, account.id) for _, account in links]
    persons = [
        (
            f"{holder.name} ({account.identifier})" if holder else account.identifier,
            self_activation_address(settings, link),
        )
        for holder, (link, account) in zip(holders, links, strict=True)
    ]
    zone = ZoneInfo(settings.time_zone)
    return persons, min(link.expires_at for link, _ in links).astimezone(zone)
