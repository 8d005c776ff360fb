"""Which fiche to keep and what to take from the others: proposed to staff, who decide (R13)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.directory.listing import Child, children_of
from shared.accounts.state_policy import nearness_to_use
from shared.duplicates.fusion.fuse import Wanted, refuse_protected
from shared.duplicates.standing.errors import TreatmentRefused
from shared.duplicates.standing.protection import Protection, protections
from shared.duplicates.standing.records import PARTS, Fiche
from shared.duplicates.standing.replay import read_fiches
from shared.models.accounts import Account
from shared.models.school import Guardian

_OF_THE_PERSON = ("names", "civility")


@dataclass(frozen=True)
class Candidate:
    """A fiche, and what is attached to it."""

    guardian: Guardian
    fiche: Fiche
    account: Account | None
    children: Sequence[Child]
    protections: frozenset[Protection]

    @property
    def worth(self) -> tuple[bool, int, int, int]:
        """The lower, the better to be kept: protected, account near to be used, more students, older."""
        state = self.account.state if self.account else None
        return (not self.protections, nearness_to_use(state), -len(self.children), self.guardian.id)


@dataclass(frozen=True)
class Proposal:
    """What is best done with fiches of one person."""

    candidates: Sequence[Candidate]
    """The one to keep first."""
    choices: Mapping[str, int]
    refusal: str | None
    """Why these fiches cannot be fused at all, whichever is kept."""

    @property
    def wanted(self) -> Wanted:
        """The fusion proposed."""
        kept, *absorbed = (candidate.guardian.id for candidate in self.candidates)
        return Wanted(kept, tuple(absorbed), self.choices)


def propose(groups: Sequence[Sequence[Candidate]]) -> list[Proposal]:
    """For each group, the fiche to keep and the source of each part. Pure."""
    return [_propose(group) for group in groups]


def candidates(session: Session, guardians: Sequence[Guardian], today: date) -> dict[int, Candidate]:
    """These fiches with all that is attached to them, in as many queries whatever their number."""
    ids = [guardian.id for guardian in guardians]
    fiches = read_fiches(session, ids)
    children = children_of(session, guardians, today)
    protected = protections(session, ids, today)
    accounts = _accounts_of(session, guardians)
    return {
        one.id: Candidate(
            one,
            fiches[one.id],
            accounts.get(one.account_id or 0),
            children.get(one.id, []),
            protected.get(one.id, frozenset()),
        )
        for one in guardians
    }


def _accounts_of(session: Session, guardians: Collection[Guardian]) -> dict[int, Account]:
    held = {guardian.account_id for guardian in guardians if guardian.account_id is not None}
    return {account.id: account for account in session.scalars(select(Account).where(Account.id.in_(held)))}


def _propose(group: Sequence[Candidate]) -> Proposal:
    ordered = sorted(group, key=lambda candidate: candidate.worth)
    kept = ordered[0]
    choices = {name: _source(name, ordered) for name in PARTS}
    try:
        refuse_protected(
            [candidate.guardian for candidate in ordered],
            kept.guardian.id,
            {candidate.guardian.id: candidate.protections for candidate in ordered},
        )
    except TreatmentRefused as refused:
        return Proposal(ordered, choices, str(refused))
    return Proposal(ordered, choices, None)


def _source(name: str, ordered: Sequence[Candidate]) -> int:
    """Names are those of the fiche kept unless only another's need no correction; the rest, of the one written last."""
    written = [candidate for candidate in ordered if candidate.fiche.has(name)]
    if name == "names":
        written = [candidate for candidate in written if not candidate.fiche.columns["name_flag"]] or written
    if not written or (name in _OF_THE_PERSON and (name == "names" or written[0] is ordered[0])):
        return (written or ordered)[0].guardian.id
    if len({candidate.fiche.part(name) for candidate in written}) == 1:
        return written[0].guardian.id
    return max(candidate.guardian.id for candidate in written)
