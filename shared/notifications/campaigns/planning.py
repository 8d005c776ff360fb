"""What a notification will do, told before anything leaves (R15, R16): decisions first, rows afterwards."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from shared.accounts.directory.holds import held_accounts
from shared.accounts.state_policy import POLICIES
from shared.models.accounts import Account, AccountKind
from shared.models.notifications import WAITING, Campaign, Channel, FailingAddress, Mode, Notification
from shared.models.reasons import Reason
from shared.models.school import Guardian, Student
from shared.notifications.campaigns.selection import Criteria, chosen_accounts, in_order, require_divisions
from shared.notifications.channels.channel import Addresses
from shared.notifications.channels.registry import CHANNELS, reached
from shared.notifications.content.addresses import mail_address


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

    def of(self, channel: Channel) -> int:
        """How many notifications would leave by one channel."""
        return sum(one.channel is channel and not one.skipped for one in self.decisions)

    @property
    def leaving(self) -> int:
        """How many notifications would leave."""
        return sum(not one.skipped for one in self.decisions)

    @property
    def by_code(self) -> dict[str, int]:
        """How many would leave by each channel, as the journal and the commands tell it: `mails`, `letters`."""
        return {one.code: self.of(channel) for channel, one in CHANNELS.items()}

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


def plan(session: Session, establishment_id: int, criteria: Criteria, mode: Mode, today: date) -> Plan:
    """What notifying `criteria` by `mode` would do, changing nothing. `today` is the local day.

    Raises:
        UnknownDivision: a division of the criteria is not one of the establishment.
    """
    require_divisions(session, establishment_id, criteria)
    rows = session.execute(_addresses(establishment_id, criteria, today))
    failing = frozenset(session.scalars(select(FailingAddress.email)))
    waiting = _waiting(session, establishment_id)
    held = held_accounts(session, [establishment_id], today)
    by_account = {account_id: reason for (_, account_id), reason in held.items()}
    return Plan([decide(row, mode, failing, waiting, by_account) for row in rows])


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
    failing: Collection[str] = (),
    waiting: Collection[tuple[int | None, Channel]] = (),
    held: Mapping[int, Reason] = MappingProxyType({}),
) -> Decision:
    """By which channel one account is notified, or why by none (R15).

    `failing` are the addresses that mails come back from; `waiting` are the accounts that other campaigns are about to
    notify, each with the channel; `held`, those that nothing is notified to before staff decide, each with the reason.
    """
    address = mail_address(row.typed_email, row.email_verified_at, row.email)
    one, reach = reached(Addresses(address, row), mode, failing)
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
    owner: Any = aliased(Guardian if criteria.kind is AccountKind.GUARDIAN else Student)
    owner_id = chosen.c.guardian_id if criteria.kind is AccountKind.GUARDIAN else chosen.c.student_id
    address = [
        getattr(owner, name)
        for name in (
            "email",
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
            *address,
        )
        .join(Account, Account.id == chosen.c.account_id)
        .join(owner, owner.id == owner_id)
        .order_by(*in_order(chosen))
    )
