"""The mails and letters of an establishment as a sheet, newest first."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from shared.models.accounts import Account, AccountKind
from shared.models.notifications import Campaign, Notification
from shared.models.school import Guardian, Student
from shared.models.staff import Staff
from shared.notifications.criteria import of_school
from shared.notifications.words import reason_words
from shared.rows.paging import newest
from shared.spreadsheets import Sheet, Value

ROWS_AT_ONCE = 500
_HEADER = (
    "Demandée le",
    "Notification",
    "Par",
    "Nom",
    "Prénom",
    "Identifiant",
    "Mode",
    "Destinataire",
    "État",
    "Erreur",
    "Faite le",
)


def notifications_sheet(session: Session, establishment_id: int, kind: AccountKind) -> Sheet:
    """Every mail and letter to accounts of one kind; one query for each page of them."""
    return Sheet(_HEADER, _rows(session, establishment_id, kind))


def _rows(session: Session, establishment_id: int, kind: AccountKind) -> Iterator[list[Value]]:
    fiche: Any = aliased(Guardian if kind is AccountKind.GUARDIAN else Student)
    own = Notification.guardian_id if kind is AccountKind.GUARDIAN else Notification.student_id
    notifications = (
        select(Notification, Campaign, Staff.name, fiche, Account.identifier)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .outerjoin(Staff, Staff.id == Campaign.staff_id)
        .outerjoin(fiche, fiche.id == own)
        .outerjoin(Account, Account.id == Notification.account_id)
        .where(Notification.establishment_id == establishment_id, *of_school(establishment_id, kind))
    )
    before_id: int | None = None
    while page := session.execute(newest(notifications, Notification.id, before_id, ROWS_AT_ONCE)).all():
        for notification, campaign, author, person, identifier in page:
            yield [
                campaign.created_at,
                campaign.title,
                author or "ligne de commande",
                person.last_name if person else None,
                person.first_name if person else None,
                identifier or ("aucun : rappel" if notification.tie_id else "compte effacé"),
                notification.channel,
                notification.recipient,
                notification.delivery,
                reason_words(notification.error) or None,
                notification.settled_at,
            ]
        before_id = page[-1][0].id
