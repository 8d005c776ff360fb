"""Writes out the mails of a lot, or says why one of them cannot be."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.without_letter.inviting import invite
from shared.clock import local_date
from shared.config import Settings
from shared.database import Database
from shared.logs.discretion import where
from shared.models.notifications import AccountMail, CampaignMail, DuplicatesMail, Notification, StaffMail
from shared.models.reasons import Reason
from shared.notifications.mail.account import compose_account_mail
from shared.notifications.mail.campaign_ended import compose_campaign_mail
from shared.notifications.mail.duplicates_found import compose_duplicates_mail
from shared.notifications.mail.notification import NoticeMails
from shared.notifications.mail.smtp import OutgoingMail
from shared.notifications.mail.staff import compose_staff_mail
from shared.notifications.outbox.claiming import Lot
from shared.notifications.outbox.leases import DeliveryFailed, PermanentFailure, TemporaryFailure, is_worn_out

Composed = OutgoingMail | DeliveryFailed
WORN_OUT = PermanentFailure(Reason.WORN_OUT)

log = logging.getLogger(__name__)


def compose(database: Database, settings: Settings, sealer: Sealer, lot: Lot) -> dict[int, Composed]:
    """The mail of each row of `lot`, or why there is none. An edge: it opens a session of its own, and only reads."""
    with database.reading() as session:
        written_by = _writer(session, settings, sealer, lot)
        return {row_id: _written(lot, row_id, written_by) for row_id in lot.claimed.ids}


def prepare_invitations(session: Session, settings: Settings, lot: Lot) -> None:
    """A link for each mail of a lot that invites to come without a letter, in the transaction that claims it."""
    if lot.rows is Notification:
        invite(session, lot.claimed.ids, lot.started, local_date(lot.started, settings.time_zone))


def _writer(session: Session, settings: Settings, sealer: Sealer, lot: Lot) -> Callable[[int], OutgoingMail]:
    if lot.rows is AccountMail:
        return lambda row_id: compose_account_mail(session, settings, row_id)
    if lot.rows is CampaignMail:
        return lambda row_id: compose_campaign_mail(session, settings, row_id)
    if lot.rows is DuplicatesMail:
        return lambda row_id: compose_duplicates_mail(session, settings, row_id)
    if lot.rows is StaffMail:
        return lambda row_id: compose_staff_mail(session, settings, row_id)
    return NoticeMails(session, settings, sealer, lot.claimed.ids, lot.started).compose


def _written(lot: Lot, row_id: int, written_by: Callable[[int], OutgoingMail]) -> Composed:
    if is_worn_out(lot.claimed.attempts[row_id]):
        return WORN_OUT
    try:
        with _bugs_named(lot, row_id):
            return written_by(row_id)
    except DeliveryFailed as failure:
        return failure


@contextmanager
def _bugs_named(lot: Lot, row_id: int) -> Iterator[None]:
    try:
        yield
    except DeliveryFailed:
        raise
    except Exception as error:
        # One row that cannot be written out must not keep all the others from leaving.
        log.error("%s %s could not be written out: %s", lot.rows.__tablename__, row_id, where(error))
        raise TemporaryFailure(Reason.INTERNAL_ERROR) from error
