"""Notifications on paper: letters in one PDF for each campaign, that the school prints."""

from shared.models.notifications import Channel, DeliveryState
from shared.models.reasons import Reason
from shared.notifications.channels.channel import Addresses, ChannelType, ChannelWords, Counted, Known, Reach
from shared.notifications.content.addresses import is_reachable_by_post, postal_lines


def reach_at_home(person: Addresses, known: Known) -> Reach:
    """Whether a letter may arrive: there is an address, and none came back from it."""
    if not is_reachable_by_post(person.postal):
        return Reach(why_not=Reason.NO_POSTAL_ADDRESS)
    return Reach(why_not=Reason.RETURNED_LETTER if person.owner in known.returned else None)


PAPER = ChannelType(
    channel=Channel.PAPER,
    code="letters",
    reach=reach_at_home,
    address_of=lambda person: ", ".join(postal_lines(person.postal)),
    bell="print_letters",
    carrier="shared.notifications.letters.worker:Printer.print_due",
    delivered=DeliveryState.PRINTED,
    words=ChannelWords(
        name="Courrier papier",
        for_holders="lettre",
        by="Par un courrier en PDF, à imprimer",
        unknown_address="aucune adresse postale connue",
        noun=Counted("courrier", "courriers"),
        leaves=Counted(
            "sera préparé en PDF, à imprimer et à mettre sous enveloppe à fenêtre",
            "seront préparés en PDF, à imprimer et à mettre sous enveloppe à fenêtre",
        ),
        done=Counted("courrier préparé", "courriers préparés"),
        waiting=Counted("courrier en préparation", "courriers en préparation"),
        refused=Counted("courrier impossible", "courriers impossibles"),
        headings=("Courriers papier", "Courriers préparés", "Courriers en attente", "Courriers en échec"),
        awaited="de l'impression",
        away="L'impression est arrêtée",
    ),
    is_always_told=True,
    writes_to_homes=True,
    keeps_files=True,
)
