"""What becomes of the accounts and notifications of fiches that are fused, and of fiches told apart again (R13)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.accounts.directory.states import expiry_date
from shared.accounts.state_policy import Step, may, nearness_to_use
from shared.acting.desk import Desk
from shared.duplicates.fusion.proposed_accounts import let_absorbed_wait_again
from shared.models.accounts import Account, AccountState
from shared.models.fusions import AccountFate, FusedFiche, Fusion
from shared.models.journal import Action
from shared.models.notifications import Notification
from shared.models.school import Guardian


@dataclass(frozen=True)
class Accounts:
    """The accounts of fiches that are about to be fused, locked."""

    by_id: Mapping[int, Account]
    holders: Mapping[int, frozenset[int]]
    """By account, every fiche that holds it, in any establishment."""

    def nearness(self, guardian: Guardian) -> tuple[int, int]:
        """The lower, the nearer the account of a fiche is to be used."""
        account = self.by_id.get(guardian.account_id or 0)
        return nearness_to_use(account.state if account else None), guardian.id


def lock_accounts(session: Session, guardians: Collection[Guardian]) -> Accounts:
    """The accounts of these fiches, locked in the order of their numbers."""
    held = {guardian.account_id for guardian in guardians if guardian.account_id is not None}
    locked = select(Account).where(Account.id.in_(held)).order_by(Account.id).with_for_update()
    rows = session.scalars(locked, execution_options={"populate_existing": True}).all()
    holders: dict[int, set[int]] = {account.id: set() for account in rows}
    pairs = select(Guardian.account_id, Guardian.id).where(Guardian.account_id.in_(held))
    for account_id, guardian_id in session.execute(pairs):
        holders[account_id or 0].add(guardian_id)
    frozen = {account_id: frozenset(ids) for account_id, ids in holders.items()}
    return Accounts({account.id: account for account in rows}, frozen)


def hand_over_accounts(
    desk: Desk, fusion: Fusion, kept: Guardian, absorbed: Sequence[Guardian], accounts: Accounts
) -> list[FusedFiche]:
    """Leave one account to the fiche kept: its own, else the one nearest to be used of those absorbed.

    Another one that nobody activated is disabled rather than erased, so that undoing brings it back as it was: its
    initial password and its links open nothing meanwhile, and it is erased on the day it would have been (R9). One that
    serves fiches elsewhere is left as it is. No absorbed fiche holds an account any more.
    """
    members = {kept.id, *(guardian.id for guardian in absorbed)}
    fused = []
    for guardian in sorted(absorbed, key=accounts.nearness):
        account = accounts.by_id.get(guardian.account_id or 0)
        line = FusedFiche(fusion_id=fusion.id, guardian_id=guardian.id, notification_ids=[])
        if account is not None:
            line.account_id = account.id
            line.account_fate = _fate(kept, account, serves_others=not accounts.holders[account.id] <= members)
            if line.account_fate is AccountFate.MOVED:
                kept.account_id, kept.account_kept = account.id, guardian.account_kept
            elif line.account_fate is AccountFate.DISABLED:
                _disable(desk, account, line)
        fused.append(line)
        guardian.account_id = None
    return fused


def _fate(kept: Guardian, account: Account, *, serves_others: bool) -> AccountFate:
    if kept.account_id is None:
        return AccountFate.MOVED
    if account.id == kept.account_id or serves_others or not may(account, Step.DISABLE_AS_DUPLICATE):
        return AccountFate.DETACHED
    return AccountFate.DISABLED


def _disable(desk: Desk, account: Account, line: FusedFiche) -> None:
    line.account_state, line.account_expires_on = account.state, account.expires_on
    account.disabled_from, account.state, account.expires_on = account.state, AccountState.DISABLED, None
    _note(desk, Action.ACCOUNT_DISABLED, account)


def move_notifications(session: Session, kept_of: Mapping[int, int], fused: Iterable[FusedFiche]) -> None:
    """Let the notifications of the absorbed fiches be those of the fiche kept; each line remembers which they were."""
    lines = {line.guardian_id: line for line in fused}
    found: dict[int, list[int]] = {}
    rows = select(Notification.id, Notification.guardian_id).where(Notification.guardian_id.in_(lines))
    for number, guardian_id in session.execute(rows.order_by(Notification.id)):
        if guardian_id is not None:
            found.setdefault(guardian_id, []).append(number)
    for guardian_id, numbers in found.items():
        lines[guardian_id].notification_ids = numbers
    moved = [{"id": number, "guardian_id": kept_of[one]} for one, numbers in found.items() for number in numbers]
    if moved:
        session.execute(update(Notification), moved)


def give_accounts_back(desk: Desk, fusion: Fusion, fused: Sequence[FusedFiche]) -> None:
    """Give the absorbed fiches their accounts and notifications back, as far as those still exist.

    An account that was erased, or that the holder merged into another one, leads where it leads now.
    """
    ids = [fusion.kept_id, *(line.guardian_id for line in fused)]
    guardians = {one.id: one for one in desk.session.scalars(select(Guardian).where(Guardian.id.in_(ids)))}
    held = [line.account_id for line in fused if line.account_id is not None]
    locked = select(Account).where(Account.id.in_(held)).order_by(Account.id).with_for_update()
    accounts = {one.id: one for one in desk.session.scalars(locked, execution_options={"populate_existing": True})}
    kept = guardians[fusion.kept_id]
    for line in fused:
        account = accounts.get(line.account_id or 0)
        if account is not None:
            _give_back(desk.session, fusion, line, account, kept, guardians[line.guardian_id])
            if line.account_fate is AccountFate.DISABLED:
                _enable(desk, account, line)
    let_absorbed_wait_again(desk, fusion, kept)
    _give_notifications_back(desk.session, fusion, fused)


def _give_back(
    session: Session, fusion: Fusion, line: FusedFiche, account: Account, kept: Guardian, guardian: Guardian
) -> None:
    leads_to = account.merged_into_id or account.id
    if line.account_fate is not AccountFate.MOVED:
        guardian.account_id = leads_to
    elif kept.account_id == leads_to:
        guardian.account_id, kept.account_id, kept.account_kept = leads_to, None, fusion.kept_account_kept


def _enable(desk: Desk, account: Account, line: FusedFiche) -> None:
    if account.state is not AccountState.DISABLED or line.account_state is None:
        return
    until = line.account_expires_on
    account.state, account.disabled_from = line.account_state, None
    account.expires_on = until if until and until > desk.today else expiry_date(desk.today)
    _note(desk, Action.ACCOUNT_ENABLED, account)


def _give_notifications_back(session: Session, fusion: Fusion, fused: Iterable[FusedFiche]) -> None:
    rows = [{"id": number, "guardian_id": line.guardian_id} for line in fused for number in line.notification_ids]
    standing = select(Notification.id).where(
        Notification.id.in_([row["id"] for row in rows]), Notification.guardian_id == fusion.kept_id
    )
    still_there = set(session.scalars(standing))
    moved = [row for row in rows if row["id"] in still_there]
    if moved:
        session.execute(update(Notification), moved)


def _note(desk: Desk, action: Action, account: Account) -> None:
    desk.note(action, account_id=account.id, subject=account.identifier, details={"because": "doublon"})
