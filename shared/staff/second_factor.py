"""The second factor of staff: a code of six digits that an application on the telephone shows (TOTP, RFC 6238).

The secret is sealed; a code is good once, for the half minute it is shown and the ones before and after. Recovery codes
stand for it once each when the telephone is lost; only their hashes are kept.
"""

import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import pyotp
from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials.initial_passwords import as_typed, draw_initial_password
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.acting.caller import Caller
from shared.limits.security_policy import HOLDS_FOR
from shared.limits.throttling import count_code_attempt, take_back
from shared.models.academy import FactorRequired, SecurityPolicy
from shared.models.journal import Action
from shared.models.staff import RecoveryCode, Staff, StaffRole, StaffRoleKind
from shared.staff.access import StaffVisit, asked_of, roles_asked, standing
from shared.staff.logins import act_of_staff, is_familiar
from shared.staff.sessions import note_factor_proved, shut_out

ISSUER = "Téléservices"
DIRECTORY = "admin-code"
RECOVERY_CODES = 10
RECOVERY_GROUPS = 6
"""Groups of four signs in a recovery code: 116 bits."""
STEP_SECONDS = 30
NEIGHBOURS = (0, -1, 1)
"""Half minutes around now whose code is accepted: clocks of telephones differ a little."""


_log = logging.getLogger(__name__)


class CodeRefused(Exception):
    """The code is wrong, too old, or was used before."""


class FactorSetAlready(Exception):
    """The second factor is set: it must be taken away before another telephone gets one."""


@dataclass(frozen=True)
class WithoutFactor:
    """How many people have not set a second factor."""

    heads: int
    delegates: int


def is_factor_required(session: Session, visit: StaffVisit) -> bool:
    """Whether nothing opens to the member of staff without a second factor, as the académie decided."""
    roles = session.execute(_roles_and_policy(said=visit.is_provided), asked_of(visit))
    return any(kind in HOLDS_FOR[required or FactorRequired.NOBODY] for kind, required in roles)


@cache
def _roles_and_policy(*, said: bool) -> Select[Any]:
    decided = select(SecurityPolicy.factor_required).scalar_subquery()
    return select(roles_asked(said=said).c.kind, decided)


def without_factor(session: Session, today: date) -> WithoutFactor:
    """Whom the policy of the académie would ask to set one."""
    counted = (
        select(StaffRole.kind, func.count(StaffRole.staff_id.distinct()))
        .join(Staff)
        .where(standing(today), Staff.factor_set_at.is_(None), Staff.disabled_at.is_(None))
        .group_by(StaffRole.kind)
    )
    of_kind = {kind: int(number) for kind, number in session.execute(counted)}
    return WithoutFactor(of_kind.get(StaffRoleKind.HEAD, 0), of_kind.get(StaffRoleKind.DELEGATE, 0))


def begin_factor(staff: Staff, sealer: Sealer) -> None:
    """Draw a secret for the telephone; it counts for nothing until `confirm_factor`.

    Raises:
        FactorSetAlready: one is set.
    """
    if staff.factor_set_at is not None:
        raise FactorSetAlready
    staff.factor_secret = sealer.seal(pyotp.random_base32())


def secret_of(staff: Staff, sealer: Sealer) -> str:
    """The secret that the telephone must be given, in base 32; only shown until it is confirmed.

    Raises:
        FactorSetAlready: it was confirmed: nobody is shown it again.
        CodeRefused: there is none.
        SealBroken: the key that sealed it is gone.
    """
    if staff.factor_set_at is not None:
        raise FactorSetAlready
    if staff.factor_secret is None:
        raise CodeRefused
    return sealer.open(staff.factor_secret)


def address_of(staff: Staff, secret: str) -> str:
    """What the QR code holds: `otpauth://…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff.login, issuer_name=ISSUER)


def confirm_factor(caller: Caller, staff: Staff, sealer: Sealer, code: str) -> list[str]:
    """Set the second factor, now that a first code proves that the telephone has it; returns the recovery codes.

    Every browser is logged out except the one holding `token`, which gave the code: the others showed a password alone.

    Raises:
        FactorSetAlready: one is set.
        CodeRefused: the code is wrong.
    """
    step = _step_of(secret_of(staff, sealer), code, caller.now)
    if step is None:
        raise CodeRefused
    staff.factor_set_at, staff.factor_last_step = caller.now, step
    _leave_only(caller, staff)
    act_of_staff(caller, staff).record(Action.FACTOR_SET, subject=staff.login)
    return _draw_recovery_codes(caller.session, staff)


def accepts_code(caller: Caller, staff: Staff, sealer: Sealer, code: str) -> bool:
    """Whether `code` is the one of now, or a recovery code; either is used up. The caller commits whatever the answer.

    Raises:
        TooManyAttempts: wait first; the caller commits all the same.
    """
    familiar = is_familiar(caller, staff)
    attempt = count_code_attempt(caller, DIRECTORY, str(staff.id), familiar=familiar)
    if _use_code(caller.session, staff, sealer, code, caller.now):
        take_back(caller.session, attempt)
        return True
    if _use_recovery_code(caller.session, staff, code):
        take_back(caller.session, attempt)
        act_of_staff(caller, staff).record(Action.RECOVERY_CODE_USED, subject=staff.login)
        return True
    caller.by_nobody().record(Action.CODE_REFUSED, subject=staff.login)
    return False


def renew_recovery_codes(caller: Caller, staff: Staff) -> list[str]:
    """Ten other recovery codes; those of before are worth nothing any more, and other browsers are logged out."""
    _leave_only(caller, staff)
    act_of_staff(caller, staff).record(Action.RECOVERY_CODES_RENEWED, subject=staff.login)
    return _draw_recovery_codes(caller.session, staff)


def recovery_codes_left(session: Session, staff: Staff) -> int:
    """How many recovery codes were not used yet."""
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.staff_id == staff.id)
    return session.scalar(left) or 0


def remove_factor(caller: Caller, staff: Staff) -> None:
    """Do without from now on, or until another telephone is given one; the caller asked for a code first.

    Every browser is logged out except the one holding `token`.
    """
    forget_factor(caller.session, staff)
    _leave_only(caller, staff)
    act_of_staff(caller, staff).record(Action.FACTOR_REMOVED, subject=staff.login)


def forget_factor(session: Session, staff: Staff) -> None:
    """Delete the secret and the recovery codes."""
    staff.factor_secret = staff.factor_set_at = staff.factor_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))


def _leave_only(caller: Caller, staff: Staff) -> None:
    shut_out(caller.session, staff, but=caller.token)
    if caller.token is not None:
        note_factor_proved(caller.session, caller.token, caller.now)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute whose code this is; none when it is wrong or of another time."""
    typed, current = as_typed(code), int(now.timestamp()) // STEP_SECONDS
    shown = pyotp.TOTP(secret)
    steps = (current + near for near in NEIGHBOURS)
    return next((step for step in steps if hmac.compare_digest(shown.at(step * STEP_SECONDS), typed)), None)


def _use_code(session: Session, staff: Staff, sealer: Sealer, code: str, now: datetime) -> bool:
    if staff.factor_secret is None or staff.factor_set_at is None:
        return False
    try:
        secret = sealer.open(staff.factor_secret)
    except SealBroken:
        _log.warning(
            "The second factor of the member of staff %s cannot be read: the key that sealed it is gone", staff.id
        )
        return False
    step = _step_of(secret, code, now)
    if step is None:
        return False
    # In one statement: of two browsers with the same code at once, one is refused.
    newer = or_(Staff.factor_last_step.is_(None), Staff.factor_last_step < step)
    # Sealed anew, so that a key that was replaced can go once everybody has logged in.
    values = {"factor_last_step": step, "factor_secret": sealer.seal(secret)}
    used = update(Staff).where(Staff.id == staff.id, newer).values(values).returning(Staff.id)
    return session.execute(used.execution_options(synchronize_session=False)).first() is not None


def _use_recovery_code(session: Session, staff: Staff, code: str) -> bool:
    used = delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id, RecoveryCode.code_hash == _hash(staff, code))
    return session.execute(used.returning(RecoveryCode.id)).first() is not None


def _draw_recovery_codes(session: Session, staff: Staff) -> list[str]:
    codes = [draw_initial_password(RECOVERY_GROUPS) for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    session.execute(insert(RecoveryCode), _rows(staff, codes))
    return codes


def _rows(staff: Staff, codes: Sequence[str]) -> list[dict[str, object]]:
    return [{"staff_id": staff.id, "code_hash": _hash(staff, code)} for code in codes]


def _hash(staff: Staff, code: str) -> str:
    # 116 random bits: a slow hash would add nothing.
    return hashlib.sha256(f"{staff.id}\x1f{as_typed(code)}".encode()).hexdigest()
