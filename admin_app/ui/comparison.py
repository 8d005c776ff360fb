"""Fiches side by side: one row for each part, with what differs and what is proposed, in the words of staff."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.duplicates.fusion.proposal import Candidate, Proposal
from shared.duplicates.standing.records import PARTS
from shared.notifications.content.addresses import postal_lines
from shared.persons.civilities import spoken
from shared.persons.names import fold
from shared.persons.phones import phone_key

LABELS = {
    "names": "Nom et prénom",
    "civility": "Civilité",
    "email": "Courriel",
    "mobile_phone": "Portable",
    "home_phone": "Téléphone",
    "work_phone": "Téléphone professionnel",
    "accepts_sms": "Accepte les SMS",
    "profession": "Code profession",
    "address": "Adresse",
}


_MEANINGS: Mapping[str, Callable[[str], str]] = {
    "mobile_phone": phone_key,
    "home_phone": phone_key,
    "work_phone": phone_key,
    "address": fold,
}


@dataclass(frozen=True)
class Cell:
    """What one fiche says in one part."""

    fiche_id: int
    siecle_id: str
    text: str
    is_chosen: bool
    meaning: str
    """The same for what is the same written otherwise: a telephone with blanks, an address in capitals."""


@dataclass(frozen=True)
class Row:
    """One part of every fiche."""

    name: str
    label: str
    cells: Sequence[Cell]

    @property
    def differs(self) -> bool:
        """Whether the fiches do not all say the same."""
        return len({cell.meaning for cell in self.cells}) > 1

    @property
    def is_empty(self) -> bool:
        """Whether no fiche says anything."""
        return not any(cell.text for cell in self.cells)


def rows_of(proposal: Proposal, columns: Sequence[Candidate], chosen: Mapping[str, int]) -> list[Row]:
    """The parts in which at least one fiche says something; `columns` are the fiches in the order shown."""
    rows = [Row(name, LABELS[name], [_cell(name, one, chosen, proposal) for one in columns]) for name in PARTS]
    return [row for row in rows if not row.is_empty]


def _cell(name: str, candidate: Candidate, chosen: Mapping[str, int], proposal: Proposal) -> Cell:
    guardian = candidate.guardian
    is_chosen = chosen.get(name, proposal.choices[name]) == guardian.id
    text = _text(name, candidate)
    return Cell(guardian.id, guardian.shown_key, text, is_chosen, _MEANINGS.get(name, str)(text))


def _text(name: str, candidate: Candidate) -> str:
    guardian = candidate.guardian
    if name == "names":
        usage = guardian.usage_name
        born = f" (nom de famille : {guardian.family_name})" if usage and usage != guardian.family_name else ""
        note = f" – note : {guardian.staff_note}" if guardian.staff_note else ""
        return f"{guardian.last_name} {guardian.first_name}{born}{note}"
    if name == "civility":
        return spoken(guardian.civility) or ""
    if name == "address":
        return ", ".join(postal_lines(guardian))
    if name == "accepts_sms":
        return {True: "oui", False: "non", None: ""}[guardian.accepts_sms]
    values: Sequence[Any] = candidate.fiche.part(name)
    return str(values[0] or "")
