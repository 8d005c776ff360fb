"""The mails to members of staff about their own access: an address to confirm, a browser not seen before."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.models.notifications import StaffMail, StaffMailKind
from shared.models.reasons import Reason
from shared.models.staff import Staff, StaffEmailChange
from shared.notifications.content.sender import SERVICE_NAME, School
from shared.notifications.mail.message_ids import STAFF_MAIL, message_id
from shared.notifications.mail.rendering import write_mail
from shared.notifications.mail.smtp import OutgoingMail
from shared.notifications.outbox.leases import NotDeliverable
from shared.staff.own_email import LINK_LASTS, link_address


def compose_staff_mail(session: Session, settings: Settings, mail_id: int) -> OutgoingMail:
    """The mail of one row of `StaffMail`; the address of its link is computed here and kept nowhere.

    Raises:
        NotDeliverable: the address to confirm was confirmed, replaced or given up since.
    """
    mail, staff, asked = session.execute(
        select(StaffMail, Staff, StaffEmailChange)
        .join(Staff, Staff.id == StaffMail.staff_id)
        .outerjoin(StaffEmailChange, StaffEmailChange.staff_id == Staff.id)
        .where(StaffMail.id == mail_id)
    ).one()
    zone = ZoneInfo(settings.time_zone)
    values: dict[str, object] = {
        "login": staff.login,
        "back_office": settings.public_admin_url,
        "caused_at": mail.created_at.astimezone(zone),
    }
    if mail.kind is StaffMailKind.CONFIRM_EMAIL:
        if asked is None or (asked.email, asked.asked_at) != (mail.recipient, mail.created_at):
            raise NotDeliverable(Reason.LINK_USED_SINCE)
        values["link"] = link_address(settings, asked)
        values["expires_at"] = (asked.asked_at + LINK_LASTS).astimezone(zone)
    words = write_mail(f"staff_{mail.kind.value}", recipient=staff.name, school=School(SERVICE_NAME), **values)
    return OutgoingMail(
        recipient=mail.recipient,
        words=words,
        sender_name=SERVICE_NAME,
        message_id=message_id(settings, STAFF_MAIL, mail.id, mail.created_at),
        recipient_name=staff.name,
    )
