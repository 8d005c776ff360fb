"""The codes that SMS carry in place of a password (R36, R37): good once, for some days, beside a child's birth date."""

import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.initial_passwords import SYMBOLS, as_typed
from shared.accounts.login.password_login import admit
from shared.accounts.state_policy import Step, may
from shared.accounts.trail import lock, note_in_every_school
from shared.accounts.without_letter.children import birth_dates_of
from shared.acting.caller import Caller
from shared.config import Settings
from shared.limits.throttling import count_birth_date_attempt, count_network_attempt, take_back
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.sending.sms import SmsCode
from shared.proofs.signatures import signature

PATH = "code"
"""Where the portal asks for them."""
LASTS = timedelta(days=7)
GROUP, LENGTH = 5, 10
"""48 bits: of ten million codes that wait, a hundred thousand guesses find one in four hundred times."""
DIRECTORY = "sms-code"
BY_CODE = {"by": "sms_code"}
_PURPOSE, _HASH = "sms-code", "sms-code-hash"


class CodeRefused(Exception):
    """The code is nobody's, was used, is too old, or the birth date is of none of the children: not said which."""


def make_codes(session: Session, settings: Settings, accounts: dict[int, int], now: datetime) -> None:
    """A code for each of these notifications, by their number, of these accounts; one that was made lasts anew."""
    known = {one.notification_id: one for one in session.scalars(_of(accounts))}
    for notification_id, account_id in accounts.items():
        if (code := known.get(notification_id)) is None:
            code = SmsCode(notification_id=notification_id, account_id=account_id, nonce=secrets.token_hex(16))
            code.code_hash = _hash(settings, as_typed(_code(settings, code)))
            session.add(code)
        code.expires_at = now + LASTS


def codes_of(
    session: Session, settings: Settings, notification_ids: Collection[int]
) -> dict[int, tuple[str, datetime]]:
    """The code of each notification, as it is typed, and when it is good no more."""
    found = session.scalars(_of(notification_ids))
    return {one.notification_id: (_code(settings, one), one.expires_at) for one in found}


def enter_with_code(caller: Caller, settings: Settings, typed: str, born: date | None, today: date) -> Account:
    """The account that the code of its holder opens, for the first login: as the initial password would (R5).

    Whatever is raised, the caller commits: the attempt counts, and the refusal is noted.

    Raises:
        TooManyAttempts: wait first.
        CodeRefused: it opens nothing.
    """
    attempt = count_network_attempt(caller, DIRECTORY)
    wanted = select(SmsCode).where(SmsCode.code_hash == _hash(settings, as_typed(typed)))
    code = caller.session.scalars(wanted.with_for_update()).one_or_none()
    account = None if code is None else lock(caller.session, caller.session.get_one(Account, code.account_id))
    if code is None or account is None or not _opens(code, account, caller.now):
        raise CodeRefused
    guess = count_birth_date_attempt(caller, account.id)
    if born not in caller.session.scalars(birth_dates_of(account.id, today)).all():
        note_in_every_school(caller.by_nobody(), Action.SELF_ACTIVATION_REFUSED, account)
        raise CodeRefused
    take_back(caller.session, guess)
    take_back(caller.session, attempt)
    code.used_at = caller.now
    return admit(caller, account, BY_CODE)


def forget_old_codes(session: Session, now: datetime) -> None:
    """Remove the codes that are too old for anything."""
    session.execute(delete(SmsCode).where(SmsCode.expires_at <= now))


def _opens(code: SmsCode, account: Account, now: datetime) -> bool:
    return code.used_at is None and code.expires_at > now and may(account, Step.COMPLETE_FIRST_LOGIN)


def _of(notification_ids: Collection[int]) -> Select[SmsCode]:
    return select(SmsCode).where(SmsCode.notification_id.in_(list(notification_ids)))


def _code(settings: Settings, code: SmsCode) -> str:
    number = int(signature(settings, _PURPOSE, code.notification_id, code.account_id, code.nonce), 16)
    signs = ""
    for _ in range(LENGTH):
        number, sign = divmod(number, len(SYMBOLS))
        signs += chr(SYMBOLS[sign])
    return f"{signs[:GROUP]}-{signs[GROUP:]}"


def _hash(settings: Settings, typed: str) -> str:
    """Without `SECRET_KEY`, whoever has the table tries no code against it."""
    return signature(settings, _HASH, typed)
