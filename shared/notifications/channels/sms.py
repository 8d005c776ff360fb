"""Notifications by SMS: one message, with the address of the portal and a code, to those whom SIECLE says accept it."""

from shared.models.accounts import AccountKind
from shared.models.notifications import Channel, DeliveryState
from shared.models.reasons import Reason
from shared.notifications.channels.channel import Addresses, ChannelType, ChannelWords, Counted, Known, Reach
from shared.persons.mobiles import mobile_in, shown

WITHOUT_ADDRESS = (
    Reason.NO_MOBILE_NUMBER,
    Reason.SMS_NOT_ACCEPTED,
    Reason.NOT_A_MOBILE,
    Reason.FOREIGN_NUMBER,
    Reason.UNREADABLE_NUMBER,
    Reason.SHARED_NUMBER,
    Reason.FAILING_NUMBER,
    Reason.SMS_TO_ORGANISATION,
)


def _reach(person: Addresses, known: Known) -> Reach:
    if person.is_organisation:
        return Reach(why_not=Reason.SMS_TO_ORGANISATION)
    if not person.mobile:
        return Reach(why_not=Reason.NO_MOBILE_NUMBER)
    if not person.accepts_sms:
        return Reach(why_not=Reason.SMS_NOT_ACCEPTED)
    number = mobile_in(person.mobile, known.countries)
    if isinstance(number, Reason):
        return Reach(why_not=number)
    if person.mobile in known.shared:
        return Reach(why_not=Reason.SHARED_NUMBER)
    if number in known.failing:
        return Reach(why_not=Reason.FAILING_NUMBER)
    return Reach(number)


SMS = ChannelType(
    channel=Channel.SMS,
    code="sms",
    reach=_reach,
    address_of=lambda person: shown(person.mobile) if person.accepts_sms and not person.is_organisation else "",
    bell="send_sms",
    carrier="shared.notifications.sms.worker:SmsCarrier.send_due",
    delivered=DeliveryState.SENT,
    words=ChannelWords(
        name="SMS",
        for_holders="SMS",
        by="Par SMS",
        unknown_address="aucun numéro de portable qui accepte les SMS",
        noun=Counted("SMS", "SMS"),
        leaves=Counted(
            "partira, avec un code à usage unique et sans mot de passe",
            "partiront, chacun avec un code à usage unique et sans mot de passe",
        ),
        done=Counted("SMS parti", "SMS partis"),
        waiting=Counted("SMS à envoyer", "SMS à envoyer"),
        refused=Counted("numéro refusé", "numéros refusés"),
        headings=("SMS", "SMS partis", "SMS en attente", "SMS refusés"),
        awaited="de la passerelle SMS",
        away="La passerelle SMS ne prend plus rien",
    ),
    names_recipients=True,
    writes_to_numbers=True,
    # The file of students says nothing of SMS.
    kinds=(AccountKind.GUARDIAN,),
    per_minute=lambda settings: settings.sms_per_minute,
    is_offered=lambda settings: settings.sms_driver != "none",
    is_wanted=lambda school: school.sends_sms,
    price=lambda settings: settings.sms_price_units,
    without_address=WITHOUT_ADDRESS,
)
