"""The mail that tells the author of a long campaign how it ended."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.clock import local
from shared.config import Settings
from shared.models.notifications import Campaign, CampaignMail
from shared.models.staff import Staff
from shared.notifications.campaigns.summary import by_division, in_words, total
from shared.notifications.content.sender import schools
from shared.notifications.mail.message_ids import CAMPAIGN_MAIL, message_id
from shared.notifications.mail.rendering import write_mail
from shared.notifications.mail.smtp import OutgoingMail


def compose_campaign_mail(session: Session, settings: Settings, mail_id: int) -> OutgoingMail:
    """The mail of one row of `CampaignMail`."""
    mail, campaign, author = session.execute(
        select(CampaignMail, Campaign, Staff.name)
        .join(Campaign, Campaign.id == CampaignMail.campaign_id)
        .outerjoin(Staff, Staff.id == Campaign.staff_id)
        .where(CampaignMail.id == mail_id)
    ).one()
    school = schools(session, [campaign.establishment_id])[campaign.establishment_id]
    words = write_mail(
        "campaign_ended",
        recipient=author,
        school=school,
        title=campaign.title,
        report=in_words(session, campaign.id, total(by_division(session, campaign.id))),
        ended_at=local(campaign.finished_at or mail.created_at, settings.time_zone),
        back_office=settings.public_admin_url,
    )
    return OutgoingMail(
        recipient=mail.recipient,
        words=words,
        sender_name=school.name,
        message_id=message_id(settings, CAMPAIGN_MAIL, mail.id, mail.created_at),
        reply_to=school.contact,
        recipient_name=author,
    )
