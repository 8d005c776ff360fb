"""A family known in one establishment, and what another one says of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import Generated, generate_accounts
from shared.accounts.populations import GUARDIANS, Population
from shared.models.access.ties import AccountTie
from shared.models.accounts import Account, AccountState
from shared.models.school import Establishment, Guardian, Student
from tests.factories import TODAY, at_desk, make_account, make_establishment, make_guardian, make_student

INE = "0123456789A"


@dataclass
class Family:
    """Marie PAYET, mother of Léa, who has an account in `here`; `there` says that it knows both."""

    here: Establishment
    there: Establishment
    child: Student
    mother: Guardian
    account: Account
    claimed_child: Student
    claimed: Guardian


def make_family(session: Session, number: int = 1, **child: Any) -> Family:
    """`child` are columns of the student in the establishment where the family is known."""
    here = make_establishment(session, f"974{2 * number:04d}A", "Collège des Filaos")
    there = make_establishment(session, f"974{2 * number + 1:04d}B", "Lycée des Vacoas")
    ine = f"{number:010d}B" if number > 1 else INE
    lea = make_student(session, here, ine=ine, **child)
    mother = make_guardian(session, here, lea)
    account = make_account(session, f"m.payet{number}", mother, email=f"marie{number}@example.org")
    claimed_child = make_student(session, there, ine=ine)
    claimed = make_guardian(session, there, claimed_child)
    return Family(here, there, lea, mother, account, claimed_child, claimed)


def generate(
    session: Session,
    sealer: Sealer,
    establishment: Establishment,
    population: Population = GUARDIANS,
    today: date = TODAY,
) -> Generated:
    done = generate_accounts(at_desk(session, establishment.id, today=today), population, sealer)
    session.expire_all()
    return done


def tie_of(session: Session, account: Account, establishment: Establishment) -> AccountTie | None:
    ties = select(AccountTie).where(
        AccountTie.account_id == account.id, AccountTie.establishment_id == establishment.id
    )
    return session.scalars(ties, execution_options={"populate_existing": True}).one_or_none()


__all__ = ["INE", "AccountState", "Family", "generate", "make_family", "tie_of"]
