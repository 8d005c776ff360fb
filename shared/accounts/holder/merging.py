"""Merging the accounts of one parent (R8)."""

import enum
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, literal, or_, select, update
from sqlalchemy.orm import Session

from shared.accounts.login.passkeys import remove_every_passkey
from shared.accounts.login.password_login import Candidate
from shared.accounts.login.shutting_out import shut_out
from shared.accounts.state_policy import Opens, Step, advance, what_opens
from shared.accounts.ties.uniting import part_ties, unite_ties
from shared.accounts.trail import act_of, note, note_in_every_school
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.languages import to_translate
from shared.limits.throttling import take_back
from shared.models.accounts import Account, AccountKind, AccountMerge, MergedFiche
from shared.models.journal import Action
from shared.models.notifications import AccountMailKind
from shared.models.school import Guardian
from shared.outbox import AccountMessage, queue_account_mail

TIME_TO_UNDO = timedelta(days=30)


class MergeRefusal(enum.StrEnum):
    """Why two accounts cannot be merged; said to the parent. Whoever has no password learns nothing of the account."""

    WRONG_CREDENTIALS = to_translate("L'identifiant ou le mot de passe de l'autre compte n'est pas le bon.")
    SAME_ACCOUNT = to_translate("C'est le compte dans lequel vous êtes déjà. Tapez l'identifiant de l'autre compte.")
    NOT_ACTIVE = to_translate(
        "L'autre compte n'est pas encore activé. Connectez-vous d'abord avec lui, activez-le par le lien reçu par "
        "e-mail, puis revenez ici."
    )
    ALREADY_MERGED = to_translate("Ces deux comptes sont déjà réunis.")
    OTHER_NAMES = to_translate(
        "Les deux comptes ne portent pas le même nom et le même prénom : chaque parent garde le sien. "
        "Si c'est une erreur, demandez à l'établissement de corriger votre nom."
    )


class MergeRefused(Exception):
    """The two accounts cannot be merged; `reason` is safe to show to the parent."""

    def __init__(self, reason: MergeRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class MergeToUndo:
    """A merge, the identifier of the account absorbed, and until when it can be undone."""

    merge: AccountMerge
    absorbed: str
    until: datetime


class MergeNotUndone(Exception):
    """The merge is older than 30 days, was undone before, or a later one must be undone first."""


def merge_with_credentials(
    caller: Caller, current: Account, other: Candidate, *, accepted: bool, keep_other: bool
) -> Account:
    """Merge the account a parent is logged in to with another one, whose password was `accepted`.

    Returns the account kept: the other one when `keep_other`.

    Raises:
        MergeRefused: see `MergeRefusal`; a wrong password is the same as no such account.
    """
    if not accepted or other.account_id is None:
        raise MergeRefused(MergeRefusal.WRONG_CREDENTIALS)
    if not other.still_opens(caller.session.get(Account, other.account_id, populate_existing=True)):
        raise MergeRefused(MergeRefusal.WRONG_CREDENTIALS)
    take_back(caller.session, other.attempt)
    kept_id, absorbed_id = (other.account_id, current.id) if keep_other else (current.id, other.account_id)
    return merge_accounts(act_of(caller, current), kept_id, absorbed_id)


def merge_accounts(act: Act, kept_id: int, absorbed_id: int) -> Account:
    """Move every fiche of one account to the other and retire its identifier; returns the account kept.

    Both rows are locked in the order of their numbers, so that two merges at once in opposite directions cannot both
    happen.

    Raises:
        MergeRefused: same account, not both active, already merged, or names that differ.
    """
    if kept_id == absorbed_id:
        raise MergeRefused(MergeRefusal.SAME_ACCOUNT)
    accounts = _lock_in_order(act.session, kept_id, absorbed_id)
    kept, absorbed = accounts[kept_id], accounts[absorbed_id]
    _refuse_unless_mergeable(act.session, kept, absorbed)
    merge = AccountMerge(kept_id=kept.id, absorbed_id=absorbed.id, merged_at=act.now)
    act.session.add(merge)
    advance(absorbed, Step.BE_ABSORBED)
    absorbed.merged_into_id = kept.id
    kept.language = kept.language or absorbed.language
    act.session.flush()
    unite_ties(act, merge)
    fiches = select(literal(merge.id), Guardian.id).where(Guardian.account_id == absorbed.id)
    act.session.execute(insert(MergedFiche).from_select(["merge_id", "guardian_id"], fiches))
    act.session.execute(update(Guardian).where(Guardian.account_id == absorbed.id).values(account_id=kept.id))
    shut_out(act.session, absorbed, act.now)
    # Not moved: whoever could add one to this account did not for that reason hold the other.
    remove_every_passkey(act, absorbed)
    _tell_both_addresses(act.session, kept, absorbed, act.now)
    note(act, Action.ACCOUNTS_MERGED, kept)
    note(act, Action.ACCOUNT_ABSORBED, absorbed)
    return kept


def merges_to_undo(session: Session, account: Account, establishment_id: int, now: datetime) -> list[MergeToUndo]:
    """The merges into `account` that can still be undone, and that moved a fiche of this establishment."""
    of_school = (
        select(MergedFiche.merge_id)
        .join(Guardian, Guardian.id == MergedFiche.guardian_id)
        .where(Guardian.establishment_id == establishment_id, MergedFiche.was_proposed.is_(False))
    )
    standing = (
        select(AccountMerge, Account.identifier)
        .join(Account, Account.id == AccountMerge.absorbed_id)
        .where(
            AccountMerge.kept_id == account.id,
            AccountMerge.undone_at.is_(None),
            AccountMerge.merged_at >= now - TIME_TO_UNDO,
            AccountMerge.id.in_(of_school),
        )
        .order_by(AccountMerge.id.desc())
    )
    return [
        MergeToUndo(merge, absorbed, merge.merged_at + TIME_TO_UNDO) for merge, absorbed in session.execute(standing)
    ]


def undo_merge(act: Act, merge: AccountMerge, *, by: int | None = None) -> Account:
    """Give its fiches back to the account absorbed, within 30 days; returns that account.

    `by` is the establishment that `actor` acts for; each of those of either account reads it in its journal.

    Raises:
        MergeNotUndone: too old, undone before, or the account kept was merged itself since.
    """
    accounts = _lock_in_order(act.session, merge.kept_id, merge.absorbed_id)
    kept, absorbed = accounts[merge.kept_id], accounts[merge.absorbed_id]
    act.session.refresh(merge)
    too_late = merge.undone_at is not None or act.now - merge.merged_at > TIME_TO_UNDO
    if too_late or absorbed.merged_into_id != kept.id or kept.merged_into_id is not None:
        raise MergeNotUndone
    part_ties(act.session, merge, act.now)
    advance(absorbed, Step.LEAVE_MERGE)
    absorbed.merged_into_id = None
    merge.undone_at = act.now
    shut_out(act.session, kept, act.now)
    note_in_every_school(act, Action.MERGE_UNDONE, kept, by=by)
    note_in_every_school(act, Action.MERGE_UNDONE, absorbed, by=by)
    return absorbed


def names_agree(session: Session, first: Account, second: Account) -> bool:
    """Whether a fiche of each bears the same name: first name and usage or family name, without accents or case."""
    return not _name_keys(session, first).isdisjoint(_name_keys(session, second))


def _name_keys(session: Session, account: Account) -> Set[str]:
    keys = select(Guardian.name_key, Guardian.birth_name_key).where(Guardian.account_id == account.id)
    return {key for row in session.execute(keys) for key in row}


def _refuse_unless_mergeable(session: Session, kept: Account, absorbed: Account) -> None:
    if any(account.merged_into_id is not None for account in (kept, absorbed)):
        raise MergeRefused(MergeRefusal.ALREADY_MERGED)
    guardians = kept.kind is AccountKind.GUARDIAN is absorbed.kind
    if any(what_opens(account) is not Opens.PORTAL for account in (kept, absorbed)):
        raise MergeRefused(MergeRefusal.NOT_ACTIVE)
    if not guardians or not names_agree(session, kept, absorbed):
        raise MergeRefused(MergeRefusal.OTHER_NAMES)


def _lock_in_order(session: Session, *ids: int) -> dict[int, Account]:
    locked = select(Account).where(or_(*(Account.id == id_ for id_ in ids))).order_by(Account.id).with_for_update()
    accounts = session.scalars(locked, execution_options={"populate_existing": True}).all()
    return {account.id: account for account in accounts}


def _tell_both_addresses(session: Session, kept: Account, absorbed: Account, now: datetime) -> None:
    details = {"kept": kept.identifier, "absorbed": absorbed.identifier}
    for email in sorted({account.email for account in (kept, absorbed) if account.email}):
        queue_account_mail(session, AccountMessage(AccountMailKind.MERGED, details=details), kept, email, now)
