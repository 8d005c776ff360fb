"""What an establishment should look at: counts for « Accueil » (R26)."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from shared.accounts.directory.corrections import Correction, lacks
from shared.accounts.directory.hold_decisions import count_to_decide
from shared.accounts.directory.listing import AccountCounts, count_accounts
from shared.accounts.directory.waiting_ties import number_refused_unseen, number_that_wait
from shared.accounts.populations import Population, entitled, lacks_account
from shared.duplicates.pairs.queries import count_untreated
from shared.establishments.wrong_children import number_waiting
from shared.models.school import Establishment, LastExport
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Prepared
from shared.siecle.effects.history import number_to_see
from shared.siecle.effects.unaccompanied import number_without_legal_guardian
from shared.siecle.recognising.seen import number_unseen


@dataclass(frozen=True)
class AccountsToWatch:
    """The accounts of the guardians, or of the students, of an establishment, and what to do about their fiches."""

    counts: AccountCounts
    without_account: int
    """Entitled to one, which a generation would give."""
    flagged: int
    """Fiches whose name needs a correction in the school base, with or without an account."""
    without_email: int
    """Fiches without an address in the school base, with or without an account."""
    returned: int
    """Fiches that still have an address that a letter came back from."""
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
    is_compared: bool
    """Duplicates were looked for among the fiches as they are."""


@dataclass(frozen=True)
class SchoolToSee:
    """What came to a school of its own that somebody should look at."""

    wrong_children: int
    """Children that parents said not to be theirs, to be answered."""
    identity_changes: int
    """Numbers of SIECLE that were given to somebody else."""
    losses: int
    """Imports that lost something."""
    unaccompanied: int
    """Students present without a legal guardian."""


def school_to_see(session: Session, establishment_id: int, today: date) -> SchoolToSee:
    """What nobody looked at or answered yet, in one query."""
    return SchoolToSee(*_to_see().one(session, establishment_id=establishment_id, today=today))


@cache
def _to_see() -> Prepared:
    own = (number(ESTABLISHMENT_ID) for number in (number_waiting, number_unseen, number_to_see))
    return Prepared(select(*own, number_without_legal_guardian(ESTABLISHMENT_ID, TODAY)))


def accounts_to_watch(session: Session, establishment_id: int, population: Population, today: date) -> AccountsToWatch:
    """Counts over the accounts of one population; the number of queries does not depend on that of the accounts."""
    waiting, said_no, flagged, without_email, returned, without_account_yet = _fiches(population).one(
        session, establishment_id=establishment_id, today=today
    )
    return AccountsToWatch(
        counts=count_accounts(session, establishment_id, population, today),
        without_account=without_account_yet,
        flagged=flagged,
        without_email=without_email,
        returned=returned,
        waiting=waiting,
        said_no=said_no,
        held=count_to_decide(session, establishment_id, population, today),
    )


@cache
def _fiches(population: Population) -> Prepared:
    """The fiches that lack something are few: who they are of is looked for once, and of them alone."""
    facts = [lacks(ESTABLISHMENT_ID, population, correction) for correction in Correction]
    facts.append(lacks_account(population, ESTABLISHMENT_ID))
    return Prepared(
        select(
            number_that_wait(ESTABLISHMENT_ID, population, TODAY),
            number_refused_unseen(ESTABLISHMENT_ID, population),
            *(func.count(case((fact, 1))) for fact in facts),
        )
        .select_from(population.fiche)
        .where(*entitled(population, ESTABLISHMENT_ID, TODAY), or_(*facts))
    )


def school_base_to_watch(session: Session, establishment_id: int) -> SchoolBaseToWatch:
    """When the school base was last brought up to date, and its likely duplicates (R11)."""
    newest = select(LastExport).where(LastExport.establishment_id == establishment_id)
    last = session.scalars(newest.order_by(LastExport.imported_at.desc()).limit(1)).first()
    compared_by = session.get_one(Establishment, establishment_id).compared_by
    return SchoolBaseToWatch(last, count_untreated(session, establishment_id), compared_by is not None)
