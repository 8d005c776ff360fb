"""Notifications on coupons: eight a page, cut out by the school and given to the children in class."""

from shared.models.notifications import Channel, DeliveryState
from shared.notifications.channels.channel import Addresses, ChannelType, ChannelWords, Counted, Known, Reach

IN_CLASS = "par l'élève, en classe"


def _reach(_person: Addresses, _known: Known) -> Reach:
    """Whoever is notified has a child present in the school: no address is needed."""
    return Reach()


COUPON = ChannelType(
    channel=Channel.COUPON,
    code="coupons",
    reach=_reach,
    address_of=lambda _person: IN_CLASS,
    # As letters are printed, and by the same worker.
    bell="print_letters",
    carrier="shared.notifications.letters.worker:Printer.print_due",
    delivered=DeliveryState.PRINTED,
    words=ChannelWords(
        name="Coupon remis en classe",
        for_holders="coupon remis en classe",
        by="Par un coupon en PDF, à imprimer et à remettre",
        unknown_address="aucun élève présent",
        noun=Counted("coupon", "coupons"),
        leaves=Counted(
            "sera préparé en PDF, à imprimer, à découper et à remettre en classe",
            "seront préparés en PDF, huit par page et division par division, à découper et à remettre en classe",
        ),
        done=Counted("coupon préparé", "coupons préparés"),
        waiting=Counted("coupon en préparation", "coupons en préparation"),
        refused=Counted("coupon impossible", "coupons impossibles"),
        headings=("Coupons", "Coupons préparés", "Coupons en attente", "Coupons en échec"),
        awaited="de l'impression",
        away="L'impression est arrêtée",
    ),
    keeps_files=True,
)
