"""What the académie decides about coming in: of whom it requires a second factor, and whether new devices are told."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.models.academy import FactorRequired, SecurityPolicy
from shared.models.journal import Action
from shared.models.staff import StaffRoleKind
from shared.rows.editing import save_or_add

ACADEMY_WIDE = frozenset({StaffRoleKind.ACADEMY, StaffRoleKind.HELP_DESK})
HOLDS_FOR = {
    FactorRequired.NOBODY: ACADEMY_WIDE,
    FactorRequired.HEADS: ACADEMY_WIDE | {StaffRoleKind.HEAD},
    FactorRequired.EVERYBODY: frozenset(StaffRoleKind),
}
"""The roles that open nothing without a second factor: the académie's administrators have everything to lose, and its
help desk reads who every family is."""


NEW_DEVICES_ARE_TOLD = ~exists(select(SecurityPolicy.id).where(SecurityPolicy.tells_of_new_devices.is_(False)))
"""The same as `tells_of_new_devices`, for a statement that asks for more."""


@dataclass(frozen=True)
class Policy:
    """What was decided; `version` is 0 while nothing was."""

    factor_required: FactorRequired = FactorRequired.NOBODY
    tells_of_new_devices: bool = True
    version: int = 0


def policy_of(session: Session) -> Policy:
    """What holds today."""
    row = session.get(SecurityPolicy, 1, populate_existing=True)
    return Policy(row.factor_required, row.tells_of_new_devices, row.version) if row else Policy()


def set_policy(act: Act, factor_required: FactorRequired, *, tells_of_new_devices: bool, version: int) -> None:
    """Decide otherwise; who lacks a second factor sets one before the next page.

    Raises:
        ChangedMeanwhile: somebody else decided since `version` was read.
    """
    values = {"factor_required": factor_required, "tells_of_new_devices": tells_of_new_devices}
    save_or_add(act.session, SecurityPolicy, {"id": 1}, version, values)
    details = {"factor_required": factor_required.value, "new_devices": tells_of_new_devices}
    act.record(Action.SECURITY_POLICY_CHANGED, details=details)


def tells_of_new_devices(session: Session) -> bool:
    """Whether families and staff are mailed of browsers not seen before."""
    return bool(session.scalar(select(NEW_DEVICES_ARE_TOLD)))
