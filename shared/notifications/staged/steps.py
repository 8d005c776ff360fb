"""The order of channels that staff choose, and the days between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.accounts.state_policy import EXPIRING
from shared.models.accounts import AccountKind
from shared.models.notifications import Channel
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import CHANNELS, ModeNotOffered, Offer, mode_of
from shared.refusals import Refusal

FEWEST_STEPS = 2
MOST_DAYS = 60
USUAL_DAYS = 7


class StepsRefused(Refusal):
    """No such order of channels; the message says what is wrong with it and what to choose."""


@dataclass(frozen=True)
class Steps:
    """One channel after another, `days` apart, for those who have not activated their account by then."""

    channels: tuple[Channel, ...]
    days: int

    def require_possible(self, offer: Offer, kind: AccountKind) -> None:
        """Go on only with an order that makes sense, of channels that this installation has for accounts of `kind`.

        Raises:
            StepsRefused: it makes none.
            ModeNotOffered: one of the channels is not there.
        """
        if len(self.channels) < FEWEST_STEPS:
            raise StepsRefused(
                "Choisissez au moins deux étapes ; pour un seul moyen, choisissez un mode de transmission sans étapes."
            )
        for position, channel in enumerate(self.channels, start=1):
            before = self.channels.index(channel) + 1
            if before < position:
                raise StepsRefused(
                    f"L'étape {position} est la même que l'étape {before} "
                    f"(« {CHANNELS[channel].words.name} ») : chaque moyen ne sert qu'une fois."
                )
            if channel not in {one.channel for one in offer.channels_for(kind)}:
                raise ModeNotOffered(mode_of(channel))
        if not 1 <= self.days <= MOST_DAYS:
            raise StepsRefused(f"Entre deux étapes, donnez un nombre de jours de 1 à {MOST_DAYS}.")

    def day_of(self, position: int, begins: date) -> date:
        """The day of a step, as far as it is known when the first leaves."""
        return begins + timedelta(days=self.days * (position - 1))


def not_yet_active(criteria: Criteria) -> Criteria:
    """The same accounts, but those already used: steps are there to have accounts activated.

    Raises:
        StepsRefused: only used accounts were chosen.
    """
    states = frozenset(EXPIRING) & criteria.states if criteria.states else frozenset(EXPIRING)
    if not states:
        raise StepsRefused(
            "Les étapes s'adressent aux comptes qui ne sont pas encore utilisés : cochez « Non notifié », « Notifié » "
            "ou « En cours d'activation »."
        )
    return replace(criteria, states=states)


def in_words(channels: Sequence[Channel]) -> str:
    """« courriel, puis SMS, puis courrier papier »."""
    names = [CHANNELS[channel].words.name for channel in channels]
    return ", puis ".join(name if name.isupper() else name[:1].lower() + name[1:] for name in names)
