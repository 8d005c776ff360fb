"""Generates the accounts of an establishment: twice creates nothing twice, and nobody gets a second one (R1–R4)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, insert, literal, select, update
from sqlalchemy.orm import Session

from shared.accounts.arrivals import accounts_from_elsewhere
from shared.accounts.identifiers import give_identifiers, identifier_base
from shared.accounts.initial_passwords import draw_initial_password
from shared.accounts.populations import Population, without_account
from shared.accounts.sealing import Sealer
from shared.accounts.states import expiry_date
from shared.journal import Actor, record, record_for_accounts
from shared.models.accounts import Account, AccountState
from shared.models.school import Establishment

FICHES_AT_ONCE = 500


@dataclass(frozen=True)
class Generated:
    """What a generation did: accounts created, and accounts that came along from another establishment (R4)."""

    created: int
    kept: int


def generate_accounts(
    session: Session,
    establishment_id: int,
    population: Population,
    sealer: Sealer,
    *,
    now: datetime,
    today: date,
    actor: Actor,
) -> Generated:
    """Give an account to everybody of `population` who is entitled to one and has none.

    `today` is the local day: it tells which students have left, and from when the three months run (R9).
    """
    _wait_for_other_generations(session, establishment_id)
    kept = _keep_accounts(session, establishment_id, population, now, today, actor)
    created = _create_accounts(session, establishment_id, population, sealer, now, today, actor)
    record(
        session,
        "accounts_generated",
        actor,
        now,
        establishment_id=establishment_id,
        subject=population.kind.value,
        details={"created": created, "kept": kept},
    )
    return Generated(created, kept)


def count_without_account(session: Session, establishment_id: int, population: Population, today: date) -> int:
    """How many of `population` a generation would give an account to, created or kept."""
    entitled = without_account(population, establishment_id, today)
    return session.scalar(select(func.count()).select_from(population.fiche).where(entitled)) or 0


def _wait_for_other_generations(session: Session, establishment_id: int) -> None:
    session.execute(select(Establishment.id).where(Establishment.id == establishment_id).with_for_update()).one()


def _keep_accounts(
    session: Session, establishment_id: int, population: Population, now: datetime, today: date, actor: Actor
) -> int:
    fiche = population.fiche
    taken = list(accounts_from_elsewhere(session, establishment_id, population, today).items())
    for start in range(0, len(taken), FICHES_AT_ONCE):
        lot = dict(taken[start : start + FICHES_AT_ONCE])
        session.execute(
            update(fiche).where(fiche.id.in_(lot)).values(account_id=case(lot, value=fiche.id), account_kept=True),
            execution_options={"synchronize_session": False},
        )
        accounts = select(Account.id, Account.identifier, literal(establishment_id)).where(
            Account.id.in_(set(lot.values()))
        )
        record_for_accounts(session, "account_kept", actor, now, accounts)
    return len(taken)


def _create_accounts(
    session: Session,
    establishment_id: int,
    population: Population,
    sealer: Sealer,
    now: datetime,
    today: date,
    actor: Actor,
) -> int:
    fiche = population.fiche
    names = session.execute(
        select(fiche.id, fiche.family_name, fiche.usage_name, fiche.first_name)
        .where(without_account(population, establishment_id, today))
        .order_by(fiche.name_key, fiche.id)
    ).all()
    if not names:
        return 0
    bases = [identifier_base(usage or family, first) for _, family, usage, first in names]
    identifiers = give_identifiers(session, bases, now)
    common = {
        "kind": population.kind,
        "state": AccountState.NOT_NOTIFIED,
        "must_change_password": False,
        "created_at": now,
        "expires_on": expiry_date(today),
    }
    session.execute(
        insert(Account),
        [
            {
                population.origin.key: name.id,
                "identifier": identifier,
                "initial_password": sealer.seal(draw_initial_password()),
                **common,
            }
            for name, identifier in zip(names, identifiers, strict=True)
        ],
    )
    fresh = (fiche.establishment_id == establishment_id, fiche.account_id.is_(None), population.origin == fiche.id)
    accounts = (
        select(Account.id, Account.identifier, fiche.establishment_id)
        .join(fiche, population.origin == fiche.id)
        .where(*fresh)
    )
    record_for_accounts(session, "account_generated", actor, now, accounts)
    session.execute(
        update(fiche).where(*fresh).values(account_id=Account.id), execution_options={"synchronize_session": False}
    )
    return len(names)
