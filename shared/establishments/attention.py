"""What an establishment should look at: counts for « Accueil » (R26)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shared.accounts.corrections import Correction, count_to_correct
from shared.accounts.directory import count_by_state, waits_long
from shared.accounts.expiry import expires_soon
from shared.accounts.generation import count_without_account
from shared.accounts.hold_decisions import count_to_decide
from shared.accounts.populations import Population
from shared.accounts.ties.waiting import number_refused_unseen, number_that_wait
from shared.duplicates.detection import count_untreated
from shared.models.accounts import Account, AccountState
from shared.models.school import LastExport


@dataclass(frozen=True)
class AccountsToWatch:
    """The accounts of the guardians, or of the students, of an establishment."""

    by_state: dict[AccountState, int]
    without_account: int
    """Entitled to one, which a generation would give."""
    expiring: int
    """Erased within two weeks unless they are activated (R9)."""
    waiting_long: int
    """« En cours d'activation » for more than a week: the mailed link was never confirmed."""
    flagged: int
    """Fiches whose name needs a correction in the school base, with or without an account."""
    without_email: int
    """Fiches without an address in the school base, with or without an account."""
    waiting: int
    """Fiches whose holder has an account elsewhere, and has not said yet whether the establishment is known (R4)."""
    said_no: int
    """Families that said that it is not, which nobody looked at."""
    held: int
    """Fiches that say not to write to the person, upon which nobody decided."""


@dataclass(frozen=True)
class SchoolBaseToWatch:
    """The school base of an establishment."""

    last_export: LastExport | None
    """The file taken in last."""
    untreated_duplicates: int


def accounts_to_watch(session: Session, establishment_id: int, population: Population, today: date) -> AccountsToWatch:
    """Counts over the accounts of one population; the number of queries does not depend on that of the accounts."""
    fiche = population.fiche
    expires, waits = (case((condition, Account.id)) for condition in (expires_soon(today), waits_long(today)))
    late = select(
        func.count(expires.distinct()),
        func.count(waits.distinct()),
        number_that_wait(establishment_id, population, today),
        number_refused_unseen(establishment_id, population),
    )
    of_school = late.join(fiche, fiche.account_id == Account.id)
    expiring, waiting_long, waiting, said_no = session.execute(
        of_school.where(fiche.establishment_id == establishment_id)
    ).one()
    return AccountsToWatch(
        by_state=count_by_state(session, establishment_id, population),
        without_account=count_without_account(session, establishment_id, population, today),
        expiring=expiring,
        waiting_long=waiting_long,
        flagged=count_to_correct(session, establishment_id, population, Correction.NAME, today),
        without_email=count_to_correct(session, establishment_id, population, Correction.EMAIL, today),
        waiting=waiting,
        said_no=said_no,
        held=count_to_decide(session, establishment_id, population, today),
    )


def school_base_to_watch(session: Session, establishment_id: int) -> SchoolBaseToWatch:
    """When the school base was last brought up to date, and its likely duplicates (R11)."""
    newest = select(LastExport).where(LastExport.establishment_id == establishment_id)
    last = session.scalars(newest.order_by(LastExport.imported_at.desc()).limit(1)).first()
    return SchoolBaseToWatch(last, count_untreated(session, establishment_id))
