"""A school whose families are to be notified: one student, one guardian and one account for each name."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.models.accounts import Account, AccountState
from shared.models.school import Division, Establishment
from tests.factories import make_account, make_division, make_establishment, make_guardian, make_staff, make_student

UAI = "9740001A"
HEAD = "chef"


def school_to_notify(session: Session, uai: str = UAI, head: str = HEAD) -> Establishment:
    """The establishment, with a head who logs in; made once."""
    school = session.scalars(select(Establishment).where(Establishment.uai == uai)).one_or_none()
    if school is None:
        school = make_establishment(session, uai)
        make_staff(session, head, school)
    return school


def families_to_notify(
    session: Session,
    sealer: Sealer,
    school: Establishment,
    names: Sequence[str],
    divisions: Sequence[str],
    known: Callable[[int], Mapping[str, object]] = lambda _number: {},
) -> list[Account]:
    """The accounts that nobody was notified of, family after family through the divisions; `known` of each fiche."""
    rooms: list[Division] = [make_division(session, school, code) for code in divisions]
    accounts = []
    for number, name in enumerate(names):
        student = make_student(session, school, rooms[number % len(rooms)], name)
        guardian = make_guardian(session, school, student, last_name=name, **known(number))
        state = AccountState.NOT_NOTIFIED
        accounts.append(make_account(session, f"m.{name.lower()}", guardian, state=state, sealer=sealer))
    return accounts
