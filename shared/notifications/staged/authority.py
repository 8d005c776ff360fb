"""Whether who asked for steps may still notify in the establishment, on the day of one of them."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.acting.desk import Desk
from shared.models.accounts import AccountKind
from shared.models.sending.staged import StagedCampaign
from shared.models.staff import Staff, Tab
from shared.staff.access import EstablishmentNotFound, StaffVisit, access_to

TABS: Mapping[AccountKind, Tab] = MappingProxyType(
    {AccountKind.GUARDIAN: Tab.GUARDIANS, AccountKind.STUDENT: Tab.STUDENTS}
)


def may_still_notify(desk: Desk, staged: StagedCampaign) -> bool:
    """Whether the author still has the right, today, to do it by hand; who runs the command line has.

    A role that an identity provider says counts only in the sessions that it opened (R34): it gives no right here.
    """
    if not staged.by_staff:
        return True
    staff = desk.session.get(Staff, staged.staff_id) if staged.staff_id else None
    if staff is None or staff.disabled_at is not None:
        return False
    try:
        access = access_to(desk.session, StaffVisit(staff, desk.today), staged.establishment_id)
    except EstablishmentNotFound:
        return False
    return access.may(TABS[AccountKind(staged.criteria["kind"])])
