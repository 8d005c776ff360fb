"""The mail that tells of new likely duplicates: how many and where to treat them, never whose fiches they are (R14)."""

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.duplicates.pairs.queries import count_untreated
from shared.models.duplicates import DuplicatePair
from shared.models.notifications import DuplicatesMail
from shared.models.reasons import Reason
from shared.notifications.content.sender import schools
from shared.notifications.mail.addressees import staff_at
from shared.notifications.mail.message_ids import DUPLICATES_MAIL, message_id
from shared.notifications.mail.rendering import write_mail
from shared.notifications.mail.smtp import OutgoingMail
from shared.notifications.outbox.leases import NotDeliverable


def compose_duplicates_mail(session: Session, settings: Settings, mail_id: int) -> OutgoingMail:
    """The mail of one row of `DuplicatesMail`.

    Raises:
        NotDeliverable: all that it would tell of was treated since.
    """
    mail = session.get_one(DuplicatesMail, mail_id)
    new = count_untreated(session, mail.establishment_id, _told_by(mail))
    if not new:
        raise NotDeliverable(Reason.DUPLICATES_TREATED_SINCE)
    school = schools(session, [mail.establishment_id])[mail.establishment_id]
    reader = staff_at(session, mail.recipient)
    words = write_mail(
        "duplicates_found",
        recipient=reader.name if reader else None,
        school=school,
        new=new,
        untreated=count_untreated(session, mail.establishment_id),
        address=f"{settings.public_admin_url}/base/doublons/",
    )
    return OutgoingMail(
        recipient=mail.recipient,
        words=words,
        sender_name=school.name,
        message_id=message_id(settings, DUPLICATES_MAIL, mail.id, mail.created_at),
        reply_to=school.contact,
        recipient_name=reader.name if reader else None,
    )


def _told_by(mail: DuplicatesMail) -> ColumnElement[bool]:
    """Whether a pair is one of those that `mail` tells of."""
    if mail.announcement is None:
        # Version 1.0 wrote it: nothing but the instant ties the two.
        return and_(DuplicatePair.announcement.is_(None), DuplicatePair.announced_at == mail.created_at)
    return DuplicatePair.announcement == mail.announcement
