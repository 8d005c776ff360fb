"""Writes out the messages of a lot, or says why one of them cannot be; no initial password is opened for it."""

import logging
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.state_policy import Step, allowing
from shared.accounts.without_letter.codes import codes_of, make_codes
from shared.clock import local_date
from shared.config import Settings
from shared.database import Database
from shared.languages import Language, language_or_french
from shared.logs.discretion import where
from shared.models.accounts import Account
from shared.models.notifications import Notification, Text
from shared.models.reasons import Reason
from shared.notifications.content.notice import Notice, read_notices
from shared.notifications.content.sender import School, schools
from shared.notifications.outbox.claiming import Lot
from shared.notifications.outbox.leases import DeliveryFailed, PermanentFailure, TemporaryFailure, is_worn_out
from shared.notifications.sms.gateway import Sms
from shared.notifications.sms.text import Said, write_sms

log = logging.getLogger(__name__)


def prepare_codes(session: Session, settings: Settings, lot: Lot) -> None:
    """A code for each account of a lot that has not been used yet, in the transaction that claims it."""
    rows = session.execute(
        select(Notification.id, Notification.account_id)
        .join(Account, Account.id == Notification.account_id)
        .where(Notification.id.in_(lot.claimed.ids), Account.state.in_(allowing(Step.COMPLETE_FIRST_LOGIN)))
    )
    make_codes(session, settings, {number: account_id for number, account_id in rows if account_id}, lot.started)


def compose(database: Database, settings: Settings, lot: Lot) -> Mapping[int, Sms | DeliveryFailed]:
    """The message of each row of `lot`, or why there is none. An edge: it opens a session of its own, and reads."""
    with database.reading() as session:
        written = _Messages(session, settings, lot)
        return {row_id: written.compose(row_id) for row_id in lot.claimed.ids}


class _Messages:
    """The messages of a lot, read in as many queries however many there are."""

    def __init__(self, session: Session, settings: Settings, lot: Lot) -> None:
        self._settings = settings
        self._attempts = lot.claimed.attempts
        ids = lot.claimed.ids
        self._notices = read_notices(session, ids, None, local_date(lot.started, settings.time_zone))
        written = [notice for notice in self._notices.values() if isinstance(notice, Notice)]
        self._schools = schools(session, {notice.establishment_id for notice in written})
        self._codes = codes_of(session, settings, ids)
        self._languages = _languages(session, [one.account_id for one in written if one.account_id])

    def compose(self, row_id: int) -> Sms | DeliveryFailed:
        if is_worn_out(self._attempts[row_id]):
            return PermanentFailure(Reason.WORN_OUT)
        notice = self._notices[row_id]
        if isinstance(notice, DeliveryFailed):
            return notice
        try:
            return self._written(notice, self._schools[notice.establishment_id])
        except DeliveryFailed as failure:
            return failure
        except Exception as error:
            # One row that cannot be written out must not keep all the others from leaving.
            log.error("the SMS of notification %s could not be written out: %s", row_id, where(error))
            return TemporaryFailure(Reason.INTERNAL_ERROR)

    def _written(self, notice: Notice, school: School) -> Sms:
        code, until = self._codes.get(notice.id, (None, None)) if notice.text is Text.NEW_ACCOUNT else (None, None)
        said = Said(
            text=notice.text,
            school=school.name,
            identifier=notice.identifier,
            portal=self._settings.public_portal_url,
            code=code,
            until=until.astimezone(ZoneInfo(self._settings.time_zone)) if until else None,
        )
        language = self._languages.get(notice.account_id or 0, language_or_french(None))
        return Sms(notice.recipient or "", write_sms(said, language))


def _languages(session: Session, account_ids: Sequence[int]) -> dict[int, Language]:
    rows = session.execute(select(Account.id, Account.language).where(Account.id.in_(account_ids)))
    return {number: language_or_french(code) for number, code in rows}
