"""What the printing service says of each letter, in files called as their lot, or as their lot and more.

A receipt is believed whole or not at all: a line that makes no sense sets the file aside, with a sentence beside it.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.models.notifications import DeliveryState, Notification
from shared.models.reasons import ERROR_CHARACTERS
from shared.models.sending.print_lots import CopyState, PrintCopy, PrintLot
from shared.notifications.content.reference import WrongReference, number_of
from shared.refusals import Refusal

MOST_BYTES = 1_000_000
STATES: Mapping[str, CopyState] = MappingProxyType(
    {"imprime": CopyState.PRINTED, "poste": CopyState.POSTED, "refuse": CopyState.REFUSED}
)
_FIRST, _COLUMNS = ("reference", "etat"), ("reference", "etat", "raison")
_NAME = re.compile(r"(lot-\d{8}-[0-9a-f]{8})(?:-[\w.-]{1,80})?\.csv", re.ASCII)
_SHOWN = 40


class WrongReceipt(Refusal):
    """A receipt that says nothing that can be believed; the message says where and what to do."""


@dataclass(frozen=True)
class Receipt:
    """What is said of one letter."""

    line: int
    number: int
    """Of the notification."""
    state: CopyState
    reason: str


def lot_of(file_name: str) -> str:
    """The name of the lot that a file speaks of.

    Raises:
        WrongReceipt: its name says none.
    """
    found = _NAME.fullmatch(file_name)
    if found is None:
        raise WrongReceipt("Le nom du fichier doit être celui du lot, comme « lot-20260901-1a2b3c4d.csv ».")
    return found[1]


def read_receipts(content: bytes) -> list[Receipt]:
    """The lines of a receipt: `reference;etat;raison`, where `raison` may lack.

    Raises:
        WrongReceipt: it is too long, not in UTF-8, or a line of it makes no sense.
    """
    if len(content) > MOST_BYTES:
        raise WrongReceipt("Le fichier dépasse un million d'octets : coupez-le en plusieurs.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongReceipt("Le fichier n'est pas écrit en UTF-8.") from None
    try:
        header, *rows = list(csv.reader(text.splitlines(), delimiter=";", strict=True)) or [[]]
    except csv.Error:
        raise WrongReceipt("Le fichier n'est pas un CSV : un guillemet n'est pas fermé.") from None
    if tuple(header) not in {_FIRST, _COLUMNS}:
        raise WrongReceipt("La première ligne doit être « reference;etat;raison ».")
    return [_receipt(line, row) for line, row in enumerate(rows, start=2) if row]


def _receipt(line: int, row: Sequence[str]) -> Receipt:
    if not len(_FIRST) <= len(row) <= len(_COLUMNS):
        raise WrongReceipt(f"Ligne {line} : {len(row)} colonnes, alors qu'il en faut deux ou trois.")
    reference, said, *reason = row
    try:
        number = number_of(reference)
    except WrongReference:
        raise WrongReceipt(f"Ligne {line} : « {reference[:_SHOWN]} » n'est pas une référence de courrier.") from None
    state = STATES.get(said.strip().lower().replace("é", "e"))
    if state is None:
        raise WrongReceipt(
            f"Ligne {line} : l'état « {said[:_SHOWN]} » n'est ni « imprime », ni « poste », ni « refuse »."
        )
    return Receipt(line, number, state, " ".join("".join(reason).split()))


def note_receipts(session: Session, lot: str, receipts: Sequence[Receipt], now: datetime) -> int:
    """Note what is said of the letters of one lot; read twice, it changes nothing. Returns how many changed.

    A letter refused can be notified again, as a mail that was refused. One posted stays so, whatever comes after it.

    Raises:
        WrongReceipt: a reference is not one of this lot.
    """
    of_lot = select(PrintCopy).join(PrintLot, PrintLot.id == PrintCopy.lot_id).where(PrintLot.name == lot)
    copies = {copy.notification_id: copy for copy in session.scalars(of_lot)}
    for one in receipts:
        if one.number not in copies:
            raise WrongReceipt(f"Ligne {one.line} : aucun courrier de ce lot n'a cette référence.")
    changed = 0
    for one in receipts:
        copy = copies[one.number]
        if copy.state in {CopyState.POSTED, CopyState.REFUSED, one.state}:
            continue
        copy.state, copy.told_at, changed = one.state, now, changed + 1
        if one.state is CopyState.REFUSED:
            refuse(session, [one.number], f"refusé par le prestataire d'impression : {one.reason or 'sans raison'}")
    return changed


def refuse(session: Session, notification_ids: Sequence[int], why: str) -> None:
    """Show these letters among those that failed."""
    session.execute(
        update(Notification)
        .where(Notification.id.in_(notification_ids), Notification.delivery == DeliveryState.SENT)
        .values(delivery=DeliveryState.REFUSED, error=why[:ERROR_CHARACTERS]),
        execution_options={"synchronize_session": False},
    )
