"""The PDF of a campaign: made when it is asked for, kept for 24 hours, for its author and the head only (R17)."""

import io
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act, Desk
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.journal import Action
from shared.models.notifications import SLIP_POSITION, WAITING, Campaign, Channel, LetterLot, Notification
from shared.notifications.campaigns.launching import find_campaign
from shared.notifications.campaigns.letters_standing import KEPT
from shared.notifications.channels.registry import PRINTED


class LettersNotYours(Exception):
    """Only who asked for the letters and the head of the establishment may have them; the message says so."""

    def __init__(self) -> None:
        super().__init__(
            "Seuls la personne qui a demandé ces courriers et le chef d'établissement peuvent les télécharger."
        )


class LettersNotReady(Exception):
    """Some letters of the campaign are still to be printed."""

    def __init__(self) -> None:
        super().__init__("Les courriers sont en cours de préparation : revenez dans quelques instants.")


class NoLetters(Exception):
    """The campaign made no letter at all."""

    def __init__(self) -> None:
        super().__init__("Cette notification n'a produit aucun courrier papier.")


class LettersRemoved(Exception):
    """The letters were kept for their 24 hours."""

    def __init__(self) -> None:
        super().__init__(
            "Ces courriers ont été supprimés 24 heures après leur préparation. "
            "Vous pouvez notifier à nouveau : l'identifiant et le mot de passe restent les mêmes."
        )


def letters_for(
    session: Session, campaign_id: int, establishment_id: int, staff_id: int | None, *, is_head: bool, now: datetime
) -> Campaign:
    """The campaign whose letters may be downloaded now by this member of staff. `is_head`: the head, or the académie.

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
        LettersNotYours: neither its author nor the head asks.
        NoLetters, LettersNotReady, LettersRemoved: there is no PDF, or not yet, or no longer.
    """
    campaign = find_campaign(session, establishment_id, campaign_id)
    if not is_head and (staff_id is None or campaign.staff_id != staff_id):
        raise LettersNotYours
    if campaign.letters_removed_at is not None:
        raise LettersRemoved
    if waiting_letters(session, campaign_id):
        raise LettersNotReady
    printed_at = last_printed_at(session, campaign_id)
    if printed_at is None:
        raise NoLetters
    if printed_at + KEPT <= now:
        raise LettersRemoved
    if not _has_its_slip(session, campaign_id):
        raise LettersNotReady
    return campaign


def note_download(desk: Desk, campaign_id: int, *, is_head: bool) -> None:
    """Remember who takes the PDF that was assembled, if it still may be taken, and write it in the journal.

    Raises:
        CampaignNotFound, LettersNotYours, NoLetters, LettersNotReady, LettersRemoved: as `letters_for`.
    """
    campaign = letters_for(
        desk.session, campaign_id, desk.establishment_id, desk.staff_id, is_head=is_head, now=desk.now
    )
    campaign.letters_downloaded_at, campaign.letters_downloaded_by = desk.now, desk.actor.name
    desk.note(Action.LETTERS_DOWNLOADED, subject=campaign.title, details={"campaign": campaign.id})


def assemble_pdf(database: Database, campaign_id: int, sealer: Sealer, *, both_sides: bool = False) -> bytes:
    """The slip, then every letter or coupon, by division and student, in one PDF; each letter has its own page numbers.

    `both_sides`: each letter begins on the front of a sheet, also when it is printed on both sides. An edge: it reads
    lot after lot, and no transaction is open while one is unsealed and bound.

    Raises:
        LettersRemoved: they were meanwhile.
        SealBroken: a lot cannot be opened with the keys of the configuration.
    """
    # What binds is loaded by whoever downloads, and by no other page.
    from shared.notifications.letters.joining import Binder

    with database.reading() as session:
        title = session.scalars(select(Campaign.title).where(Campaign.id == campaign_id)).one()
        cut = has_coupons(session, campaign_id)
        lots = select(LetterLot.id).where(LetterLot.campaign_id == campaign_id)
        lot_ids = session.scalars(lots.order_by(LetterLot.first_position, LetterLot.id)).all()
    written = io.BytesIO()
    binder = Binder(written.write)
    for lot_id in lot_ids:
        # One at a time: together they would weigh as much as the whole, three times over.
        positions, content = _read_lot(database, lot_id)
        binder.add(positions, sealer.open_bytes(content))
    binder.finish(title, both_sides=both_sides, cut=cut)
    return written.getvalue()


def _read_lot(database: Database, lot_id: int) -> tuple[Sequence[int], bytes]:
    with database.reading() as session:
        lot = session.execute(
            select(LetterLot.positions, LetterLot.content).where(LetterLot.id == lot_id)
        ).one_or_none()
    if lot is None:
        raise LettersRemoved
    return lot.positions, lot.content


def has_coupons(session: Session, campaign_id: int) -> bool:
    """Whether what a campaign prints is cut into coupons: it prints either these or letters."""
    coupons = exists().where(Notification.campaign_id == campaign_id, Notification.channel == Channel.COUPON)
    return bool(session.scalar(select(coupons)))


def waiting_letters(session: Session, campaign_id: int) -> int:
    """How many letters of a campaign are still to be printed."""
    waiting = select(func.count()).where(
        Notification.campaign_id == campaign_id,
        Notification.channel.in_(PRINTED),
        Notification.delivery.in_(WAITING),
    )
    return session.scalar(waiting) or 0


def last_printed_at(session: Session, campaign_id: int) -> datetime | None:
    """When the last letter of a campaign was printed: its 24 hours run from then."""
    return session.scalar(
        select(func.max(LetterLot.created_at)).where(
            LetterLot.campaign_id == campaign_id, LetterLot.first_position != SLIP_POSITION
        )
    )


def _has_its_slip(session: Session, campaign_id: int) -> bool:
    """Whether the newest lot is the slip: it is printed when all letters are there, again when others came."""
    newest = select(LetterLot.first_position).where(LetterLot.campaign_id == campaign_id)
    return session.scalar(newest.order_by(LetterLot.id.desc()).limit(1)) == SLIP_POSITION


def remove_old_letters(session: Session, now: datetime) -> int:
    """Remove the letters printed 24 hours ago or more; returns the number of campaigns concerned (R17)."""
    still_printing = exists().where(
        Notification.campaign_id == LetterLot.campaign_id,
        Notification.channel.in_(PRINTED),
        Notification.delivery.in_(WAITING),
    )
    old = (
        select(LetterLot.campaign_id)
        .where(~still_printing)
        .group_by(LetterLot.campaign_id)
        .having(func.max(LetterLot.created_at) <= now - KEPT)
    )
    campaigns = session.scalars(select(Campaign).where(Campaign.id.in_(old))).all()
    session.execute(delete(LetterLot).where(LetterLot.campaign_id.in_([campaign.id for campaign in campaigns])))
    for campaign in campaigns:
        campaign.letters_removed_at = now
        Act(session, SYSTEM, now).record(
            Action.LETTERS_REMOVED,
            establishment_id=campaign.establishment_id,
            subject=campaign.title,
            details={"campaign": campaign.id},
        )
    return len(campaigns)
