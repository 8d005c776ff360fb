"""Where a rule leaves a mail to be sent: a row written with the change that causes it, found later by the worker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from shared.models.accounts import Account, MailedLink
from shared.models.notifications import (
    AccountMail,
    AccountMailKind,
    DeliveryState,
    DuplicatesMail,
    StaffMail,
    StaffMailKind,
)
from shared.models.staff import Staff


@dataclass(frozen=True)
class AccountMessage:
    """What one mail of the portal says; `details` are plain words for its template, never a secret.

    `MERGED` needs `kept` and `absorbed` (two identifiers); `EMAIL_CHANGE_ASKED` and `EMAIL_CHANGED` need `email` (the
    new address); `ERASURE_COMING` needs `due_on` (a day in ISO 8601) and `reason`; `CHANGED_BY_STAFF` needs `school`
    (its name), `change` (the action of the journal) and `identifier` (of before), and `email_forgotten` when the
    address it leaves to is not that of the account any more; `SELF_ACTIVATION` needs `language`.
    """

    kind: AccountMailKind
    link: MailedLink | None = None
    """What its reader may open; the address is computed when the mail is composed."""
    details: Mapping[str, str] = field(default_factory=dict)


def queue_account_mail(
    session: Session, message: AccountMessage, account: Account, recipient: str, now: datetime
) -> AccountMail:
    """Ask for one mail of the portal; it leaves only if the caller's transaction is committed."""
    session.flush()
    mail = AccountMail(
        kind=message.kind,
        account_id=account.id,
        link_id=message.link.id if message.link else None,
        recipient=recipient,
        details=dict(message.details),
        created_at=now,
        delivery=DeliveryState.TO_SEND,
        next_attempt_at=now,
    )
    session.add(mail)
    return mail


def queue_staff_mail(session: Session, kind: StaffMailKind, staff: Staff, recipient: str, now: datetime) -> None:
    """Ask for one mail to `staff` about the own access; what it says is read when it is composed."""
    session.add(
        StaffMail(
            kind=kind,
            staff_id=staff.id,
            recipient=recipient,
            created_at=now,
            delivery=DeliveryState.TO_SEND,
            next_attempt_at=now,
        )
    )


def queue_duplicates_mails(
    session: Session, establishment_id: int, announcement: str, recipients: Iterable[str], now: datetime
) -> None:
    """Ask for a mail to each of `recipients` about the pairs of one `announcement`, and about nothing else."""
    session.add_all(
        DuplicatesMail(
            establishment_id=establishment_id,
            announcement=announcement,
            recipient=recipient,
            created_at=now,
            delivery=DeliveryState.TO_SEND,
            next_attempt_at=now,
        )
        for recipient in recipients
    )
