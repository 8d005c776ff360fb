"""What a notification will do, told before anything leaves (R15, R16): decisions first, rows afterwards."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, null, select
from sqlalchemy.orm import Session, aliased

from shared.accounts.directory.holds import held_accounts
from shared.accounts.state_policy import POLICIES
from shared.models.accounts import Account, AccountKind
from shared.models.notifications import WAITING, Campaign, Channel, Mode, Notification
from shared.models.reasons import Reason
from shared.models.school import Guardian, Student
from shared.notifications.campaigns.selection import Criteria, chosen_accounts, in_order, require_divisions
from shared.notifications.channels.channel import NOTHING_KNOWN, Known
from shared.notifications.channels.known_addresses import addresses_of, known_addresses
from shared.notifications.channels.registry import CHANNELS, NOTHING_MORE, Offer, reached

ALWAYS_TOLD = frozenset(one.channel for one in NOTHING_MORE.channels)


@dataclass(frozen=True)
class Decision:
    """What is done for one account: a channel, or the reason why it is skipped.

    The owner is the guardian if there is one, else the student; a guardian's row also keeps the student it is listed
    under.
    """

    account_id: int | None
    identifier: str
    """Of the account; of a reminder, which has none to tell, the name of the person."""
    guardian_id: int | None
    student_id: int | None
    channel: Channel
    recipient: str | None
    skipped: Reason | None
    tie_id: int | None = None
    """What a reminder is about, in place of an account (R4)."""


@dataclass(frozen=True)
class Skipped:
    """An account that nothing is sent to, and why."""

    account_id: int | None
    identifier: str
    reason: Reason


@dataclass(frozen=True)
class Plan:
    """What would happen: shown for confirmation, and carried out by `launch`."""

    decisions: Sequence[Decision]
    prices: Mapping[Channel, int] = field(default_factory=dict)
    """What one costs, in ten-thousandths of a euro, by the channels that cost something."""

    def cost(self, channel: Channel) -> int:
        """What would leave by one channel costs, in ten-thousandths of a euro."""
        return self.prices.get(channel, 0) * self.of(channel)

    def of(self, channel: Channel) -> int:
        """How many notifications would leave by one channel."""
        return sum(one.channel is channel and not one.skipped for one in self.decisions)

    @property
    def leaving(self) -> int:
        """How many notifications would leave."""
        return sum(not one.skipped for one in self.decisions)

    @property
    def by_code(self) -> dict[str, int]:
        """How many would leave by each channel, as the journal and the commands tell it: `mails`, `letters`.

        A channel that an installation need not have is named where it has some.
        """
        return {
            one.code: self.of(channel)
            for channel, one in CHANNELS.items()
            if channel in ALWAYS_TOLD or self.of(channel)
        }

    @property
    def selected(self) -> int:
        """How many accounts the criteria select, those skipped included."""
        return len(self.decisions)

    @property
    def skipped(self) -> list[Skipped]:
        """The accounts nothing would be sent to, with the reason."""
        return [Skipped(one.account_id, one.identifier, one.skipped) for one in self.decisions if one.skipped]

    @property
    def skipped_by_reason(self) -> dict[Reason, int]:
        """How many accounts are skipped for each reason."""
        return dict(Counter(one.skipped for one in self.decisions if one.skipped))


def plan(
    session: Session,
    establishment_id: int,
    criteria: Criteria,
    mode: Mode,
    today: date,
    offer: Offer = NOTHING_MORE,
) -> Plan:
    """What notifying `criteria` by `mode` would do, changing nothing. `today` is the local day.

    `offer` is what the installation notifies by.

    Raises:
        ModeNotOffered: it does not notify so.
        UnknownDivision: a division of the criteria is not one of the establishment.
    """
    offer.require(mode)
    require_divisions(session, establishment_id, criteria)
    rows = session.execute(_addresses(establishment_id, criteria, today))
    known = known_addresses(session, establishment_id, mode, offer)
    waiting = _waiting(session, establishment_id)
    held = held_accounts(session, [establishment_id], today)
    by_account = {account_id: reason for (_, account_id), reason in held.items()}
    return Plan([decide(row, mode, known, waiting, by_account) for row in rows], offer.prices)


def _waiting(session: Session, establishment_id: int) -> frozenset[tuple[int | None, Channel]]:
    """Whom campaigns under way are about to notify, and how: nobody is sent the same thing twice (R18)."""
    rows = session.execute(
        select(Notification.account_id, Notification.channel)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .where(
            Notification.establishment_id == establishment_id,
            Campaign.establishment_id == establishment_id,
            Campaign.finished_at.is_(None),
            Campaign.cancelled_at.is_(None),
            Notification.delivery.in_(WAITING),
        )
    )
    return frozenset((account_id, channel) for account_id, channel in rows)


def decide(
    row: Row[Any],
    mode: Mode,
    known: Known = NOTHING_KNOWN,
    waiting: Collection[tuple[int | None, Channel]] = (),
    held: Mapping[int, Reason] = MappingProxyType({}),
) -> Decision:
    """By which channel one account is notified, or why by none (R15).

    `known` is what is known of addresses; `waiting` are the accounts that other campaigns are about to
    notify, each with the channel; `held`, those that nothing is notified to before staff decide, each with the reason.
    """
    one, reach = reached(addresses_of(row, row.typed_email, row.email_verified_at), mode, known)
    is_waiting = (row.account_id, one.channel) in waiting
    return Decision(
        account_id=row.account_id,
        identifier=row.identifier,
        guardian_id=row.guardian_id,
        student_id=row.student_id,
        channel=one.channel,
        recipient=reach.recipient,
        skipped=(
            POLICIES[row.state].why_unsent
            or held.get(row.account_id)
            or reach.why_not
            or (Reason.ALREADY_WAITING if is_waiting else None)
        ),
    )


def _addresses(establishment_id: int, criteria: Criteria, today: date) -> Any:  # noqa: ANN401 - a Select of many columns
    chosen = chosen_accounts(establishment_id, criteria, today).subquery()
    is_guardian = criteria.kind is AccountKind.GUARDIAN
    owner: Any = aliased(Guardian if is_guardian else Student)
    owner_id = chosen.c.guardian_id if is_guardian else chosen.c.student_id
    address = [
        getattr(owner, name)
        for name in (
            *("email", "mobile_phone", "first_name"),
            *(f"address_line{number}" for number in range(1, 5)),
            "po_box",
            "postal_code",
            "city",
            "country",
        )
    ]
    return (
        select(
            chosen.c.account_id,
            chosen.c.guardian_id,
            chosen.c.student_id,
            Account.identifier,
            Account.state,
            Account.email.label("typed_email"),
            Account.email_verified_at,
            # The file of students says nothing of SMS.
            (owner.accepts_sms if is_guardian else null()).label("accepts_sms"),
            *address,
        )
        .join(Account, Account.id == chosen.c.account_id)
        .join(owner, owner.id == owner_id)
        .order_by(*in_order(chosen))
    )
