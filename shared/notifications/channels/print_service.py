"""Notifications on paper by a printing service: letters in a folder that it takes them from (R36)."""

from shared.models.notifications import Channel, DeliveryState
from shared.notifications.channels.channel import ChannelType, ChannelWords, Counted
from shared.notifications.channels.paper import reach_at_home
from shared.notifications.content.addresses import postal_lines

PRINT_SERVICE = ChannelType(
    channel=Channel.PRINT_SERVICE,
    code="print_service",
    reach=reach_at_home,
    address_of=lambda person: ", ".join(postal_lines(person.postal)),
    bell="hand_to_print_service",
    carrier="shared.notifications.print_service.worker:PrintService.hand_over_due",
    delivered=DeliveryState.SENT,
    words=ChannelWords(
        name="Courrier par prestataire",
        for_holders="lettre",
        by="Par le prestataire d'impression",
        unknown_address="aucune adresse postale connue",
        noun=Counted("courrier par prestataire", "courriers par prestataire"),
        leaves=Counted(
            "sera remis au prestataire, qui l'imprime et le poste",
            "seront remis au prestataire, qui les imprime et les poste",
        ),
        done=Counted("courrier remis au prestataire", "courriers remis au prestataire"),
        waiting=Counted("courrier à remettre au prestataire", "courriers à remettre au prestataire"),
        refused=Counted("courrier refusé par le prestataire", "courriers refusés par le prestataire"),
        headings=(
            "Par le prestataire",
            "Remis au prestataire",
            "À remettre au prestataire",
            "Refusés par le prestataire",
        ),
        awaited="du dossier du prestataire",
        away="Le dossier du prestataire ne prend plus rien",
    ),
    writes_to_homes=True,
    is_offered=lambda settings: settings.print_service_dir is not None,
)
