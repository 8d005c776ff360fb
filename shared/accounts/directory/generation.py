"""Generates the accounts of an establishment: twice creates nothing twice, and nobody gets a second one (R1–R4)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials.initial_passwords import draw_initial_password
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.identifiers import give_identifiers, identifier_base
from shared.accounts.directory.states import expiry_date
from shared.accounts.populations import Population, without_account
from shared.accounts.ties.arrivals import accounts_from_elsewhere
from shared.accounts.ties.settling import confirm_departed, forget_proposals, note_proposals, propose_ties
from shared.acting.desk import Desk
from shared.models.access.ties import AccountTie, ConfirmedBy, TieState
from shared.models.accounts import Account, AccountState
from shared.models.journal import Action
from shared.models.school import Establishment


@dataclass(frozen=True)
class Generated:
    """What a generation did."""

    created: int
    kept: int
    """Accounts that came along from another establishment (R4)."""
    proposed: int = 0
    """Of those kept, how many wait until the family says that it knows this establishment."""


def generate_accounts(desk: Desk, population: Population, sealer: Sealer) -> Generated:
    """Give an account to everybody of `population` who is entitled to one and has none.

    `today` is the local day: it tells which students have left, and from when the three months run (R9).
    """
    generation = _Generation(desk, population, sealer)
    generation.wait_for_others()
    kept, proposed = generation.keep_accounts()
    generated = Generated(created=generation.create_accounts(), kept=kept, proposed=proposed)
    desk.note(
        Action.ACCOUNTS_GENERATED,
        subject=population.kind.value,
        details={
            "created": generated.created,
            "kept": generated.kept,
            **({"proposed": generated.proposed} if generated.proposed else {}),
        },
    )
    return generated


def count_without_account(session: Session, establishment_id: int, population: Population, today: date) -> int:
    """How many of `population` a generation would give an account to, created or kept."""
    entitled = without_account(population, establishment_id, today)
    return session.scalar(select(func.count()).select_from(population.fiche).where(entitled)) or 0


@dataclass(frozen=True)
class _Generation:
    """One generation, step by step."""

    desk: Desk
    population: Population
    sealer: Sealer

    def wait_for_others(self) -> None:
        """Until no other generation of this establishment is under way."""
        this = select(Establishment.id).where(Establishment.id == self.desk.establishment_id)
        self.desk.session.execute(this.with_for_update()).one()

    def keep_accounts(self) -> tuple[int, int]:
        """Tie the fiches to the accounts that come from elsewhere; how many, and how many of these wait (R4)."""
        taken = accounts_from_elsewhere(self.desk.session, self.desk.establishment_id, self.population, self.desk.today)
        propose_ties(self.desk.session, self.desk.establishment_id, self.population, taken, self.desk.now)
        handed = confirm_departed(self.desk, self.population)
        waiting = note_proposals(self.desk, self.population, taken)
        return handed + waiting, waiting

    def create_accounts(self) -> int:
        """Create those that are still missing, and name each on its fiche."""
        rows = self._new_accounts()
        if not rows:
            return 0
        self.desk.session.execute(insert(Account), rows)
        fiche, origin = self.population.fiche, self.population.origin
        # A fiche that another one absorbed is gone; the account that was generated for it is the other one's now.
        present = (fiche.gone_at.is_(None), fiche.account_id.is_(None))
        fresh = (fiche.establishment_id == self.desk.establishment_id, *present, origin == fiche.id)
        accounts = select(Account.id, Account.identifier, fiche.establishment_id).join(fiche, origin == fiche.id)
        self._tie(fresh)
        self.desk.record_for_accounts(Action.ACCOUNT_GENERATED, accounts.where(*fresh))
        self.desk.session.execute(
            update(fiche).where(*fresh).values(account_id=Account.id),
            execution_options={"synchronize_session": False},
        )
        forget_proposals(self.desk.session, self.desk.establishment_id, self.population)
        return len(rows)

    def _tie(self, fresh: tuple[ColumnElement[bool], ...]) -> None:
        """Tie what was just created to the establishment, whose own it is."""
        fiche, origin = self.population.fiche, self.population.origin
        columns = {
            "state": TieState.CONFIRMED,
            "confirmed_by": ConfirmedBy.GENERATION,
            "made_at": self.desk.now,
            "settled_at": self.desk.now,
        }
        values = [literal(value, AccountTie.__table__.c[name].type) for name, value in columns.items()]
        made = select(Account.id, fiche.establishment_id, *values).join(fiche, origin == fiche.id).where(*fresh)
        self.desk.session.execute(insert(AccountTie).from_select(["account_id", "establishment_id", *columns], made))

    def _new_accounts(self) -> list[dict[str, Any]]:
        fiche = self.population.fiche
        people = self.desk.session.execute(
            select(fiche.id, fiche.family_name, fiche.usage_name, fiche.first_name)
            .where(without_account(self.population, self.desk.establishment_id, self.desk.today))
            .order_by(fiche.name_key, fiche.id)
        ).all()
        bases = [identifier_base(usage or family, first) for _, family, usage, first in people]
        identifiers = give_identifiers(self.desk.session, bases, self.desk.now)
        common = {
            "kind": self.population.kind,
            "state": AccountState.NOT_NOTIFIED,
            "must_change_password": False,
            "created_at": self.desk.now,
            "expires_on": expiry_date(self.desk.today),
        }
        return [
            {
                self.population.origin.key: person.id,
                "identifier": identifier,
                "initial_password": self.sealer.seal(draw_initial_password()),
                **common,
            }
            for person, identifier in zip(people, identifiers, strict=True)
        ]
