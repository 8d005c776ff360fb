"""The mail of a notification: identifier, initial password or reminder, what to do, until when (R15)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.sealing import Sealer
from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.models.notifications import Campaign, Notification
from shared.notifications.delivery import DeliveryFailed
from shared.notifications.mail import OutgoingMail
from shared.notifications.mail_texts import write_mail
from shared.notifications.message_ids import message_id
from shared.notifications.notices import Child, Notice, read_notices
from shared.notifications.schools import School, schools

NAMED_CHILDREN = 8


def compose_notice_mail(
    session: Session, settings: Settings, sealer: Sealer, notification_id: int, today: date
) -> OutgoingMail:
    """The mail of one row of `Notification`. `today` is the local day from which the three months run (R9).

    Raises:
        DeliveryFailed: there is nothing to say, or not for now (`read_notices`).
    """
    notice = read_notices(session, [notification_id], sealer, today)[notification_id]
    if isinstance(notice, DeliveryFailed):
        raise notice
    school = schools(session, [notice.establishment_id])[notice.establishment_id]
    created_at = session.scalars(
        select(Campaign.created_at)
        .join(Notification, Notification.campaign_id == Campaign.id)
        .where(Notification.id == notification_id)
    ).one()
    text = write_mail(notice.text.value, **mail_values(notice, school, settings))
    return OutgoingMail(
        recipient=notice.recipient or "",
        subject=text.subject,
        text=text.text,
        html=text.html,
        sender_name=school.name,
        message_id=message_id(settings, "notification", notice.id, created_at),
        reply_to=school.contact,
    )


def mail_values(notice: Notice, school: School, settings: Settings) -> dict[str, object]:
    """What the templates of the notification's mails show."""
    return {
        "notice": notice,
        "school": school,
        "portal": settings.public_portal_url,
        "for_student": notice.kind is AccountKind.STUDENT,
        "children": in_one_phrase(notice.children),
    }


def in_one_phrase(children: tuple[Child, ...]) -> str:
    """`Léa PAYET (6A), Tom PAYET et Zoé PAYET`."""
    names = [f"{child.name} ({child.division})" if child.division else child.name for child in children]
    if len(names) > NAMED_CHILDREN:
        names = [*names[:NAMED_CHILDREN], f"{len(names) - NAMED_CHILDREN} autres enfants"]
    return " et ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "votre enfant"
