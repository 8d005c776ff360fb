"""Notifications by e-mail."""

from collections.abc import Collection

from shared.models.notifications import Channel, DeliveryState
from shared.models.reasons import Reason
from shared.notifications.channels.channel import Addresses, ChannelType, ChannelWords, Counted, Reach
from shared.notifications.outbox.outages import standing_outage


def _reach(person: Addresses, failing: Collection[str]) -> Reach:
    if not person.mail:
        return Reach(why_not=Reason.NO_MAIL_ADDRESS)
    if person.mail.lower() in failing:
        # What came back would come back: as if there were no address.
        return Reach(why_not=Reason.FAILING_ADDRESS)
    return Reach(person.mail)


MAIL = ChannelType(
    channel=Channel.MAIL,
    code="mails",
    reach=_reach,
    address_of=lambda person: person.mail or "",
    bell="send_mails",
    carrier="shared.notifications.mail.worker:Postman.send_due",
    delivered=DeliveryState.SENT,
    words=ChannelWords(
        name="Courriel",
        for_holders="e-mail",
        by="Par courriel",
        unknown_address="aucune adresse électronique connue",
        noun=Counted("courriel", "courriels"),
        leaves=Counted("partira", "partiront"),
        done=Counted("courriel parti", "courriels partis"),
        waiting=Counted("courriel à envoyer", "courriels à envoyer"),
        refused=Counted("adresse refusée", "adresses refusées"),
        headings=("Courriels", "Courriels partis", "Courriels en attente", "Courriels refusés"),
    ),
    names_recipients=True,
    per_minute=lambda settings: settings.mail_per_minute,
    outage=standing_outage,
)
