"""A tie from its proposal to the answer: what is written, who is told, which fiches hold the account then (R4)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from shared.accounts.populations import Population, population_of
from shared.accounts.ties.arrivals import departed
from shared.accounts.trail import note_in_every_school
from shared.acting.desk import Act, Desk
from shared.database import insert_or
from shared.journal import Actor
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.fusions import Fusion
from shared.models.journal import Action, ActorKind
from shared.models.notifications import AccountMailKind
from shared.models.school import Establishment
from shared.outbox import AccountMessage, queue_account_mail

ROWS_AT_ONCE = 500
A_FAMILY = Actor(ActorKind.ACCOUNT, "la famille")
"""To the establishment that it refuses, the holder has neither identifier nor network address."""
SUBJECT_LENGTH = 200


class TieSettled(Exception):
    """Somebody answered before: nothing was changed."""


def propose_ties(
    session: Session, establishment_id: int, population: Population, taken: Mapping[int, int], now: datetime
) -> None:
    """Tie these fiches to accounts of other establishments, as far as this establishment's files can.

    `taken` are accounts by the number of the fiche. A tie that is there already, confirmed or not, stays as it is.
    """
    in_order = sorted(taken.items())
    for start in range(0, len(in_order), ROWS_AT_ONCE):
        _propose(session, establishment_id, population, dict(in_order[start : start + ROWS_AT_ONCE]), now)


def _propose(
    session: Session, establishment_id: int, population: Population, taken: Mapping[int, int], now: datetime
) -> None:
    accounts = sorted(set(taken.values()))
    common = {"establishment_id": establishment_id, "state": TieState.PROPOSED, "made_at": now}
    session.execute(
        insert_or(session, AccountTie).on_conflict_do_nothing(),
        [{"account_id": account_id, **common} for account_id in accounts],
    )
    of_school = select(AccountTie.account_id, AccountTie.id).where(
        AccountTie.establishment_id == establishment_id, AccountTie.account_id.in_(accounts)
    )
    ties = dict(session.execute(of_school).all())
    fiche_id = population.proposed.key
    named = insert_or(session, ProposedFiche)
    named = named.on_conflict_do_update(
        index_elements=[fiche_id], set_={"tie_id": named.excluded.tie_id, "fusion_id": None}
    )
    session.execute(named, [{fiche_id: fiche, "tie_id": ties[account_id]} for fiche, account_id in taken.items()])


def note_proposals(desk: Desk, population: Population, taken: Collection[int]) -> int:
    """Write in the journal which of these fiches wait for a family's answer; returns how many.

    Under the name of the fiche: the identifier is none of the establishment's business.
    """
    fiche = population.fiche
    name = func.coalesce(fiche.usage_name, fiche.family_name) + " " + fiche.first_name
    waiting = (
        select(AccountTie.account_id, func.substr(name, 1, SUBJECT_LENGTH), AccountTie.establishment_id)
        .join(ProposedFiche, ProposedFiche.tie_id == AccountTie.id)
        .join(fiche, population.proposed == fiche.id)
        .where(
            AccountTie.establishment_id == desk.establishment_id,
            AccountTie.state == TieState.PROPOSED,
            population.proposed.in_(taken),
        )
    )
    desk.record_for_accounts(Action.TIE_PROPOSED, waiting)
    return desk.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def confirm_departed(desk: Desk, population: Population) -> int:
    """Confirm the ties of those whose student is gone from the establishment of before; how many fiches that gives one.

    Also hands accounts over to fiches whose tie was confirmed otherwise.
    """
    gone = sorted(departed(desk.session, desk.establishment_id, population, desk.today))
    for start in range(0, len(gone), ROWS_AT_ONCE):
        desk.session.execute(
            update(AccountTie)
            .where(AccountTie.id.in_(gone[start : start + ROWS_AT_ONCE]), AccountTie.state == TieState.PROPOSED)
            .values(state=TieState.CONFIRMED, confirmed_by=ConfirmedBy.DEPARTURE, settled_at=desk.now),
            execution_options={"synchronize_session": False},
        )
    return hand_over(desk, desk.establishment_id, population)


def hand_over(act: Act, establishment_id: int, population: Population, *, tie_id: int | None = None) -> int:
    """Let the fiches whose tie is confirmed hold the account, those of one tie or all; returns how many."""
    fiche = population.fiche
    ready = (
        AccountTie.id == ProposedFiche.tie_id,
        AccountTie.establishment_id == establishment_id,
        AccountTie.state == TieState.CONFIRMED,
        population.proposed == fiche.id,
        fiche.establishment_id == establishment_id,
        fiche.account_id.is_(None),
        fiche.gone_at.is_(None),
        *([AccountTie.id == tie_id] if tie_id is not None else []),
    )
    accounts = select(Account.id, Account.identifier, AccountTie.establishment_id).where(
        Account.id == AccountTie.account_id, *ready
    )
    act.record_for_accounts(Action.ACCOUNT_KEPT, accounts.distinct())
    handed = act.session.execute(
        update(fiche).where(*ready).values(account_id=AccountTie.account_id, account_kept=True).returning(fiche.id),
        execution_options={"synchronize_session": False},
    )
    count = len(handed.all())
    forget_proposals(act.session, establishment_id, population)
    return count


def forget_proposals(session: Session, establishment_id: int, population: Population) -> None:
    """Forget what was proposed for fiches that hold an account by now, but for what undoing a fusion needs.

    A fiche that absorbed others may hold the account of one of them, and waits again once they are told apart. What was
    refused, and nobody looked at yet, stays: « Accueil » leads to its name.
    """
    fiche = population.fiche
    to_be_told = and_(AccountTie.state == TieState.REFUSED, AccountTie.refusal_seen_at.is_(None))
    of_school = select(AccountTie.id).where(AccountTie.establishment_id == establishment_id, ~to_be_told)
    holds = exists().where(fiche.id == population.proposed, fiche.account_id.is_not(None))
    absorbed = exists().where(Fusion.kept_id == ProposedFiche.guardian_id, Fusion.undone_at.is_(None))
    session.execute(
        delete(ProposedFiche).where(
            ProposedFiche.tie_id.in_(of_school), holds, ~absorbed, ProposedFiche.fusion_id.is_(None)
        ),
        execution_options={"synchronize_session": False},
    )


def confirm_tie(act: Act, tie_id: int, by: ConfirmedBy) -> AccountTie:
    """Make the establishment one of those of the account; the fiches that waited hold it.

    A family that did not say so itself is told by mail, at the address that it confirmed.

    Raises:
        TieSettled: it waits for no answer any more.
    """
    tie = _lock_proposed(act.session, tie_id)
    tie.state, tie.confirmed_by, tie.settled_at = TieState.CONFIRMED, by, act.now
    act.session.flush()
    account = act.session.get_one(Account, tie.account_id)
    hand_over(act, tie.establishment_id, population_of(account), tie_id=tie.id)
    school = act.session.get_one(Establishment, tie.establishment_id)
    details = {"confirmed_by": by.value, "school": school.name}
    note_in_every_school(act, Action.TIE_CONFIRMED, account, details)
    if by is not ConfirmedBy.FAMILY and account.email and account.email_verified_at:
        told = {"school": school.name, "change": Action.TIE_CONFIRMED.value, "identifier": account.identifier}
        queue_account_mail(
            act.session, AccountMessage(AccountMailKind.CHANGED_BY_STAFF, details=told), account, account.email, act.now
        )
    return tie


def refuse_tie(act: Act, tie_id: int) -> AccountTie:
    """Note that the holder does not know this establishment: it is not proposed again, and its fiche gets an account.

    `actor` is who says so to the establishment.

    Raises:
        TieSettled: it waits for no answer any more.
    """
    tie = _lock_proposed(act.session, tie_id)
    tie.state, tie.settled_at = TieState.REFUSED, act.now
    act.record(
        Action.TIE_REFUSED,
        establishment_id=tie.establishment_id,
        account_id=tie.account_id,
        subject=", ".join(_names_of_fiches(act.session, tie)),
    )
    act.session.flush()
    return tie


def _lock_proposed(session: Session, tie_id: int) -> AccountTie:
    locked = select(AccountTie).where(AccountTie.id == tie_id).with_for_update()
    tie = session.scalars(locked, execution_options={"populate_existing": True}).one_or_none()
    if tie is None or tie.state is not TieState.PROPOSED:
        raise TieSettled
    return tie


def _names_of_fiches(session: Session, tie: AccountTie) -> list[str]:
    population = population_of(session.get_one(Account, tie.account_id))
    fiche: Any = population.fiche
    named = select(fiche).join(ProposedFiche, population.proposed == fiche.id).where(ProposedFiche.tie_id == tie.id)
    return list(dict.fromkeys(one.full_name for one in session.scalars(named.order_by(fiche.id))))
