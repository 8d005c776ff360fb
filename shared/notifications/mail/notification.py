"""The mail of a notification: identifier, initial password or reminder, what to do, until when (R15)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.without_letter.inviting import invitations_of
from shared.clock import local, local_date
from shared.config import Settings
from shared.french import agreed, enumerated
from shared.languages import FRENCH
from shared.models.accounts import AccountKind
from shared.models.notifications import Campaign, Notification, Text
from shared.notifications.content.notice import Child, Notice, read_notices
from shared.notifications.content.sender import School, places, schools
from shared.notifications.mail.message_ids import NOTIFICATION, message_id
from shared.notifications.mail.rendering import write_mail
from shared.notifications.mail.smtp import OutgoingMail
from shared.notifications.outbox.leases import DeliveryFailed

NAMED_CHILDREN = 8
INVITATION = "invitation"
"""The mail of a step, in place of that of a new account: it shows no password."""


class NoticeMails:
    """The mails of a lot of rows of `Notification`, read in as many queries however many there are.

    The lot was claimed at `started`: the three months run from that day (R9), and the links of steps were made then.
    """

    def __init__(
        self, session: Session, settings: Settings, sealer: Sealer, notification_ids: Sequence[int], started: datetime
    ) -> None:
        self._settings = settings
        today = local_date(started, settings.time_zone)
        self._notices = read_notices(session, notification_ids, sealer, today)
        written = [notice for notice in self._notices.values() if isinstance(notice, Notice)]
        self._schools = schools(session, {notice.establishment_id for notice in written})
        self._invitations = invitations_of(session, settings, notification_ids, started)
        launched = (
            select(Notification.id, Campaign.created_at)
            .join(Campaign, Campaign.id == Notification.campaign_id)
            .where(Notification.id.in_(notification_ids))
        )
        self._launched_at: dict[int, datetime] = dict(session.execute(launched).all())

    def compose(self, notification_id: int) -> OutgoingMail:
        """The mail of one of the rows.

        Raises:
            DeliveryFailed: there is nothing to say, or not for now (`read_notices`).
        """
        notice = self._notices[notification_id]
        if isinstance(notice, DeliveryFailed):
            raise notice
        school = self._schools[notice.establishment_id]
        values = mail_values(notice, school, self._settings)
        name = notice.text.value
        if notification_id in self._invitations and notice.text is Text.NEW_ACCOUNT:
            name, (values["link"], until) = INVITATION, self._invitations[notification_id]
            values["expires_at"] = local(until, self._settings.time_zone)
        words = write_mail(name, FRENCH, **values)
        return OutgoingMail(
            recipient=notice.recipient or "",
            words=words,
            sender_name=school.name,
            message_id=message_id(self._settings, NOTIFICATION, notice.id, self._launched_at[notice.id]),
            reply_to=school.contact,
            recipient_name=notice.name,
        )


def mail_values(notice: Notice, school: School, settings: Settings) -> dict[str, object]:
    """What the templates of the notification's mails show."""
    told = places(school, settings.public_portal_url)
    return {
        "notice": notice,
        "recipient": notice.addressee,
        "school": school,
        "places": told,
        # The one that the sentences name: the portal, unless families are told of the ENT alone (R21).
        "place": told[0][0],
        "for_student": notice.kind is AccountKind.STUDENT,
        "children": in_one_phrase(notice.children),
    }


def in_one_phrase(children: tuple[Child, ...]) -> str:
    """`Léa PAYET (6A), Tom PAYET et Zoé PAYET`."""
    names = [f"{child.name} ({child.division})" if child.division else child.name for child in children]
    if len(names) > NAMED_CHILDREN:
        others = len(names) - NAMED_CHILDREN
        names = [*names[:NAMED_CHILDREN], f"{others} {agreed(others, 'autre enfant', 'autres enfants')}"]
    return enumerated(names) or "votre enfant"
