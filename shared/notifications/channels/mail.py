"""Notifications by e-mail."""

from shared.models.notifications import (
    AccountMail,
    CampaignMail,
    Channel,
    DeliveryState,
    DuplicatesMail,
    StaffMail,
)
from shared.models.reasons import Reason
from shared.notifications.channels.channel import Addresses, ChannelType, ChannelWords, Counted, Known, Reach


def _reach(person: Addresses, known: Known) -> Reach:
    if not person.mail:
        return Reach(why_not=Reason.NO_MAIL_ADDRESS)
    if person.mail.lower() in known.failing:
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
        awaited="du serveur de courriel",
        away="Le serveur de courriel ne prend plus rien",
    ),
    names_recipients=True,
    is_always_told=True,
    per_minute=lambda settings: settings.mail_per_minute,
    sooner=(AccountMail, StaffMail, CampaignMail, DuplicatesMail),
    without_address=(Reason.NO_MAIL_ADDRESS, Reason.FAILING_ADDRESS),
)
