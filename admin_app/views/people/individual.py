"""Notifying one account (R19): a mass notification of one."""

from dataclasses import dataclass

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session, today
from admin_app.offering import offer
from shared import clock
from shared.accounts.populations import Fiche
from shared.models.accounts import Account, AccountKind
from shared.models.notifications import Mode
from shared.models.reasons import HELD, Reason
from shared.notifications.campaigns.launching import launch, launched_with
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.channel import ChannelType
from shared.notifications.channels.known_addresses import addresses_of
from shared.notifications.channels.registry import ModeNotOffered, mode_of
from shared.notifications.words import reason_words


class NothingToSend(Exception):
    """Nothing can be sent to this account; the message says why and what to do."""


@dataclass(frozen=True)
class Way:
    """A way of notifying one account, and where it would arrive."""

    channel: ChannelType
    mode: Mode
    address: str
    is_first: bool
    """Chosen unless staff choose another."""


def ways_to(account: Account, fiche: Fiche) -> list[Way]:
    """The ways of notifying `account`; one that arrives nowhere is shown, and cannot be chosen."""
    addresses = addresses_of(fiche, account.email, account.email_verified_at)
    known = [(one, one.address_of(addresses)) for one in offer().channels_for(account.kind)]
    first = next((one for one, address in known if address), known[-1][0])
    return [Way(one, mode_of(one.channel), address, one is first) for one, address in known]


def notify_one(kind: AccountKind, account: Account, mode: Mode, request_key: str) -> int:
    """Launch a notification of one account of the establishment; returns the number of the campaign.

    `request_key` was drawn when the confirmation was shown: the same one twice makes one campaign.

    Raises:
        NothingToSend: no address, or nobody to write to any more.
    """
    before = launched_with(session(), school_id(), request_key)
    if before is not None:
        return before.id
    now = clock.now()
    criteria = Criteria(kind=kind, account_ids=frozenset({account.id}))
    try:
        planned = plan(session(), school_id(), criteria, mode, today(now), offer())
    except ModeNotOffered as refused:
        raise NothingToSend(str(refused)) from None
    if not planned.selected:
        raise NothingToSend("Plus aucun élève présent n'est lié à ce compte : il n'y a personne à notifier.")
    if planned.skipped:
        raise _why_not(planned.skipped[0].reason)
    campaign = launch(desk(), criteria, mode, request_key=request_key, offer=offer())
    return campaign.id


def _why_not(reason: Reason) -> NothingToSend:
    """What to do about the one reason why nothing is sent."""
    if reason is Reason.ALREADY_WAITING:
        return NothingToSend(
            "Rien de plus ne part : la même chose attend déjà dans une autre notification. "
            "Laissez-la partir, reprenez-la ou annulez-la dans « Notifications faites »."
        )
    said = reason_words(reason)
    if reason in HELD:
        return NothingToSend(f"Rien ne part : {said}. Décidez dans « Fiches retenues », puis recommencez.")
    return NothingToSend(f"Rien ne peut partir : {said}. Choisissez l'autre mode, ou corrigez la base élèves.")
