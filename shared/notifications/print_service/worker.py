"""Hands letters to the printing service: print and settle, commit, write the lot to its folder, commit (R18, R36).

A lot is stored sealed in the transaction that settles its letters, and then written under its own name, as often as
needed until it is noted as written. Whoever dies in between loses nothing; what is written again is the same lot under
the same name, which the service takes once. An edge: several transactions for one round.
"""

import logging
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import ClassVar

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from shared.clock import local_date, now
from shared.database import insert_or
from shared.logs.outage import Outage
from shared.models.notifications import Channel
from shared.models.reasons import Reason
from shared.models.sending.print_lots import CopyState, PrintCopy, PrintLot
from shared.notifications.content.reference import reference_of
from shared.notifications.letters.renderer import Press
from shared.notifications.letters.worker import PrintedLot, Printer
from shared.notifications.outbox.outages import end_outage, note_outage, standing_outage
from shared.notifications.print_service.folder import (
    RECEIPTS,
    SET_ASIDE,
    is_there,
    manifest_of,
    new_name,
    put,
    take_out,
)
from shared.notifications.print_service.receipts import (
    MOST_BYTES,
    WrongReceipt,
    lot_of,
    note_receipts,
    read_receipts,
    refuse,
)
from shared.rows.holding import nothing_is_held

FILES_AT_ONCE = 500
LONGEST_SILENCE = timedelta(days=7)
"""After which the files of a lot, which hold passwords, stay in the folder no longer."""

log = logging.getLogger(__name__)
_outage = Outage(log, "the folder of the printing service", "its lots and receipts are tried again every minute")


class PrintService(Printer):
    """Prints what the service is to post, and keeps its folder."""

    channels: ClassVar = (Channel.PRINT_SERVICE,)

    def hand_over_due(self) -> int:
        """How many letters were settled; their lots are in the folder, or will be once it takes files again."""
        folder = self._settings.print_service_dir
        if folder is None:
            return 0
        try:
            self._read_receipts(folder)
            self._clear(folder)
            handed = self.print_due()
            self._write_lots(folder)
        except OSError as error:
            _outage.failed(f"{folder}: {error.strerror}")
            # What waits is told so on its page: it may be cancelled there, and printed by the school.
            with self._database.writing() as session:
                note_outage(session, Channel.PRINT_SERVICE, f"son dossier ne prend rien : {error.strerror}", now())
            return 0
        _outage.worked()
        self._end_outage()
        return handed

    def _end_outage(self) -> None:
        with self._database.reading() as session:
            stands = standing_outage(session, Channel.PRINT_SERVICE) is not None
        if stands:
            with self._database.writing() as session:
                end_outage(session, Channel.PRINT_SERVICE)

    def _keep(self, session: Session, campaign_id: int, printed: PrintedLot) -> None:
        instant = now()
        name = new_name(local_date(instant, self._settings.time_zone))
        lot = PrintLot(name=name, campaign_id=campaign_id, content=printed.content, created_at=instant)
        session.add(lot)
        session.flush()
        numbers, rows, page = {notice.position: notice.id for notice in printed.notices}, [], 1
        for position, of_letter in groupby(printed.positions):
            pages = len(list(of_letter))
            copy = {"lot_id": lot.id, "first_page": page, "pages": pages, "state": CopyState.HANDED, "told_at": None}
            rows.append({"notification_id": numbers[position], **copy})
            page += pages
        insert = insert_or(session, PrintCopy)
        again = {name: insert.excluded[name] for name in ("lot_id", "first_page", "pages", "state", "told_at")}
        session.execute(insert.on_conflict_do_update(index_elements=[PrintCopy.notification_id], set_=again), rows)

    def _complete(self, press: Press) -> None:
        """No slip: the manifest says what a lot holds."""

    def _write_lots(self, folder: Path) -> None:
        with self._database.reading() as session:
            unwritten = select(PrintLot.id, PrintLot.name).where(
                PrintLot.removed_at.is_(None), PrintLot.written_at.is_(None), nothing_is_held()
            )
            lots = session.execute(unwritten.order_by(PrintLot.id)).all()
        for lot_id, name in lots:
            if not is_there(folder, name):
                self._write(folder, lot_id, name)
            with self._database.writing() as session:
                session.execute(
                    update(PrintLot)
                    .where(PrintLot.id == lot_id, PrintLot.written_at.is_(None))
                    .values(written_at=now(), content=None)
                )
            log.info("a lot for the printing service is in its folder: %s", name)

    def _write(self, folder: Path, lot_id: int, name: str) -> None:
        with self._database.reading() as session:
            content = session.scalar(select(PrintLot.content).where(PrintLot.id == lot_id))
            copies = session.execute(
                select(PrintCopy.notification_id, PrintCopy.first_page, PrintCopy.pages)
                .where(PrintCopy.lot_id == lot_id)
                .order_by(PrintCopy.first_page)
            ).all()
        if content is None:
            # Another worker wrote it meanwhile.
            return
        pdf = self._sealer.open_bytes(content)
        lines = [(reference_of(number), first, pages) for number, first, pages in copies]
        put(folder, name, pdf, manifest_of(name, pdf, lines))

    def _read_receipts(self, folder: Path) -> None:
        receipts = folder / RECEIPTS
        receipts.mkdir(exist_ok=True)
        files = sorted(path for path in receipts.iterdir() if path.is_file() and path.name[0] != ".")
        for path in files[:FILES_AT_ONCE]:
            try:
                with path.open("rb") as file:
                    said = read_receipts(file.read(MOST_BYTES + 1))
                with self._database.writing() as session:
                    note_receipts(session, lot_of(path.name), said, now())
            except WrongReceipt as wrong:
                _set_aside(path, str(wrong))
            else:
                # Read again after a death here, it changes nothing.
                path.unlink(missing_ok=True)

    def _clear(self, folder: Path) -> None:
        """Take out the lots that were answered for, and those about which nothing was said for too long."""
        silent = PrintLot.written_at <= now() - LONGEST_SILENCE
        awaited = exists().where(PrintCopy.lot_id == PrintLot.id, PrintCopy.state == CopyState.HANDED)
        standing = select(PrintLot.id, PrintLot.name).where(
            PrintLot.removed_at.is_(None), PrintLot.written_at.is_not(None), or_(~awaited, silent)
        )
        with self._database.reading() as session:
            lots = session.execute(standing).all()
        for lot_id, name in lots:
            take_out(folder, name)
            with self._database.writing() as session:
                _give_up(session, lot_id, now())


def _give_up(session: Session, lot_id: int, instant: datetime) -> None:
    left = session.scalars(
        update(PrintCopy)
        .where(PrintCopy.lot_id == lot_id, PrintCopy.state == CopyState.HANDED)
        .values(state=CopyState.REFUSED, told_at=instant)
        .returning(PrintCopy.notification_id),
        execution_options={"synchronize_session": False},
    ).all()
    refuse(session, left, Reason.PRINT_SERVICE_SILENT)
    session.execute(update(PrintLot).where(PrintLot.id == lot_id).values(removed_at=instant))


def _set_aside(path: Path, sentence: str) -> None:
    aside = path.parent / SET_ASIDE
    aside.mkdir(exist_ok=True)
    (aside / f"{path.name}.txt").write_text(
        f"{sentence}\nRien n'a été pris de ce fichier : corrigez-le et déposez-le de nouveau.\n",
        encoding="utf-8",
    )
    path.replace(aside / path.name)
    log.warning("a receipt of the printing service makes no sense, and is set aside with the reason")
