"""What one notification says, read from the tables for mails and letters alike: who, which account, until when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.accounts.directory.holds import held_accounts
from shared.accounts.directory.states import expiry_date
from shared.accounts.state_policy import POLICIES
from shared.accounts.ties.powers import Power, Role, allows
from shared.models.access.ties import AccountTie
from shared.models.accounts import Account, AccountKind
from shared.models.notifications import Notification, Text
from shared.models.reasons import Reason
from shared.models.school import Division, Guardian, Guardianship, Student
from shared.models.sending.staged import CampaignStage
from shared.notifications.content.addresses import postal_lines
from shared.notifications.content.reminder import Reminder, read_reminders
from shared.notifications.content.texts import TYPES
from shared.notifications.outbox.leases import DeliveryFailed, NotDeliverable, TemporaryFailure
from shared.persons.civilities import addressed, spoken
from shared.persons.presence import present


@dataclass(frozen=True)
class Child:
    """A student of the establishment, as a letter to the guardian names it."""

    name: str
    division: str | None


@dataclass(frozen=True)
class Notice:
    """One notification, ready to be written out; the initial password is in clear, in memory only (R3)."""

    id: int
    account_id: int | None
    """None of a reminder of an account elsewhere."""
    establishment_id: int
    recipient: str | None
    position: int
    text: Text
    kind: AccountKind
    civility: str | None
    """« Monsieur » or « Madame »."""
    name: str
    address: tuple[str, ...]
    identifier: str
    initial_password: str | None = field(repr=False)
    children: tuple[Child, ...]
    deadline: date | None
    """The day from which the account is erased (R9); none for a used account."""
    carried_by: Child = Child("", None)
    """The student under whom it is listed: who brings home what is given out in class."""

    @property
    def addressee(self) -> str:
        """Whom it is for, as an envelope names them: « Madame Marie HOARAU »."""
        return addressed(self.civility, self.name)

    @property
    def for_student(self) -> bool:
        """Whether it is written to a student, about the own account."""
        return self.kind is AccountKind.STUDENT


def read_notices(
    session: Session, notification_ids: Sequence[int], sealer: Sealer | None, today: date
) -> dict[int, Notice | DeliveryFailed]:
    """What each notification says, or why it says nothing. `today` is the day it is notified.

    Four queries, however many there are. An account erased, disabled or merged since is not deliverable, nor is one
    that the school base says not to write to; an initial password that no key opens fails for now, since the key may
    come back. Without `sealer`, none is opened: what is written says none.
    """
    reminders = read_reminders(session, notification_ids, today)
    rows = session.execute(
        select(
            *(Notification, Account, Guardian, Student, Division.code),
            AccountTie.state.label("tie"),
            CampaignStage.id.label("stage_id"),
        )
        .outerjoin(Account, Account.id == Notification.account_id)
        .outerjoin(
            AccountTie,
            and_(
                AccountTie.account_id == Notification.account_id,
                AccountTie.establishment_id == Notification.establishment_id,
            ),
        )
        .outerjoin(CampaignStage, CampaignStage.campaign_id == Notification.campaign_id)
        .outerjoin(Guardian, Guardian.id == Notification.guardian_id)
        .outerjoin(Student, Student.id == Notification.student_id)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(Notification.id.in_(notification_ids), Notification.id.not_in(reminders))
    ).all()
    children = _children_of_accounts(session, [row.Notification for row in rows], today)
    held = held_accounts(session, {row.Notification.establishment_id for row in rows}, today)
    notices = {row.Notification.id: _held(row, held) or _notice(row, children, sealer, today) for row in rows}
    return notices | {number: _reminder(reminder) for number, reminder in reminders.items()}


def _held(row: Row[*tuple[Any, ...]], held: Mapping[tuple[int, int], Reason]) -> NotDeliverable | None:
    """What an import said since the campaign was launched."""
    reason = held.get((row.Notification.establishment_id, row.Notification.account_id))
    return NotDeliverable(reason) if reason else None


def _reminder(reminder: Reminder) -> Notice | DeliveryFailed:
    if reminder.refusal is not None:
        return NotDeliverable(reminder.refusal)
    owner = reminder.owner
    children = tuple(Child(name, division) for name, division in reminder.children)
    return Notice(
        **_addressed_to(reminder.notification, owner),
        account_id=None,
        text=Text.EXISTING_ACCOUNT,
        kind=AccountKind.GUARDIAN if isinstance(owner, Guardian) else AccountKind.STUDENT,
        identifier="",
        initial_password=None,
        children=children,
        deadline=None,
        carried_by=next(iter(children), Child("", None)),
    )


def _notice(
    row: Row[*tuple[Any, ...]], children: dict[tuple[int, int], list[Child]], sealer: Sealer | None, today: date
) -> Notice | DeliveryFailed:
    notification: Notification = row.Notification
    account: Account | None = row.Account
    if account is None:
        return NotDeliverable(Reason.ERASED_SINCE)
    policy = POLICIES[account.state]
    if policy.why_unsent_since is not None:
        return NotDeliverable(policy.why_unsent_since)
    if row.stage_id is not None and not policy.expires:
        # Steps are for those who have not activated it.
        return NotDeliverable(Reason.ACTIVATED_SINCE)
    if not allows(Power.NOTIFY, row.tie, Role.HEAD):
        return NotDeliverable(Reason.TIE_UNCONFIRMED)
    text = policy.text_for(account)
    try:
        initial_password = _initial_password(account, text, sealer)
    except SealBroken as broken:
        return TemporaryFailure(str(broken))
    return Notice(
        **_addressed_to(notification, row.Guardian or row.Student),
        account_id=account.id,
        text=text,
        kind=account.kind,
        identifier=account.identifier,
        initial_password=initial_password,
        children=tuple(_own(row) or children[account.id, notification.establishment_id]),
        deadline=expiry_date(today) if TYPES[text].has_deadline else None,
        carried_by=Child(row.Student.full_name, row.code) if row.Student else Child("", None),
    )


def _initial_password(account: Account, text: Text, sealer: Sealer | None) -> str | None:
    sealed = account.initial_password if TYPES[text].shows_password else None
    return sealer.open(sealed) if sealed and sealer else None


def _own(row: Row[*tuple[Any, ...]]) -> list[Child]:
    """The student whose own account it is; none of a guardian."""
    return [] if row.Guardian else [Child(row.Student.full_name, row.code)]


def _addressed_to(notification: Notification, owner: Guardian | Student) -> dict[str, Any]:
    """Whom a notice is for, and where it goes: columns of `Notice`."""
    return {
        "id": notification.id,
        "establishment_id": notification.establishment_id,
        "recipient": notification.recipient,
        "position": notification.position,
        "civility": spoken(owner.civility) if isinstance(owner, Guardian) else None,
        "name": owner.full_name,
        "address": tuple(postal_lines(owner)),
    }


def _children_of_accounts(
    session: Session, notifications: Iterable[Notification], today: date
) -> dict[tuple[int, int], list[Child]]:
    wanted = {(one.account_id, one.establishment_id) for one in notifications if one.account_id and one.guardian_id}
    rows = session.execute(
        select(Guardian.account_id, Student.establishment_id, Student, Division.code)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(
            Guardian.account_id.in_({account_id for account_id, _ in wanted}),
            Student.establishment_id.in_({establishment_id for _, establishment_id in wanted}),
            Guardian.gone_at.is_(None),
            Guardianship.gone_at.is_(None),
            Guardianship.legal_rank.is_not(None),
            present(Student, today),
        )
        .distinct()
        .order_by(Student.birth_date.nulls_last(), Student.id)
    )
    children: dict[tuple[int, int], list[Child]] = defaultdict(list)
    for account_id, establishment_id, student, division in rows:
        if account_id is not None:
            children[account_id, establishment_id].append(Child(student.full_name, division))
    return children
