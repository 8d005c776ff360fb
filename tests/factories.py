"""Rows of a school, made through the tables: what an import and a generation would have left."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.states import expiry_date
from shared.acting.desk import Desk
from shared.journal import SYSTEM, Actor
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.access.ties import AccountTie, ConfirmedBy, TieState
from shared.models.accounts import Account, AccountKind, AccountState, Identifier
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from shared.persons.names import name_key

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
PASSWORD = "trotinette verte du jeudi"
INITIAL_PASSWORD = "k7mq-x2hd-9wtb"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""Of the second factor of staff, in base 32."""
# One hash for every account made here, the cheapest that Argon2 makes: a login that checks it is slow only where it is
# measured, and its cost is in the hash.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

_numbers = itertools.count(100_001)
"""Keys that no file written by hand in a test holds."""


def at_desk(
    session: Session, establishment_id: int, now: datetime = NOW, actor: Actor = SYSTEM, today: date | None = None
) -> Desk:
    """A desk of one establishment; the day is that of `now` unless another one is given."""
    return Desk(session, actor, now, establishment_id, today or now.date())


def make_establishment(session: Session, uai: str = "9740001A", name: str = "Collège des Filaos") -> Establishment:
    establishment = Establishment(
        uai=uai,
        name=name,
        address_line1="12 rue des Filaos",
        postal_code="97400",
        city="SAINT-DENIS",
        phone="0262 00 00 00",
        email=f"ce.{uai.lower()}@example.org",
        created_at=NOW,
    )
    session.add(establishment)
    session.flush()
    return establishment


def make_division(session: Session, establishment: Establishment, code: str = "6A") -> Division:
    division = Division(establishment_id=establishment.id, code=code)
    session.add(division)
    session.flush()
    return division


def make_student(
    session: Session,
    establishment: Establishment,
    division: Division | None = None,
    last_name: str = "PAYET",
    first_name: str = "Léa",
    **columns: Any,
) -> Student:
    student = Student(
        establishment_id=establishment.id,
        siecle_id=columns.pop("siecle_id", str(next(_numbers))),
        family_name=last_name,
        first_name=first_name,
        name_key=name_key(last_name, first_name),
        birth_name_key=name_key(last_name, first_name),
        birth_date=columns.pop("birth_date", date(2014, 3, 2)),
        division_id=division.id if division else None,
        **columns,
    )
    session.add(student)
    session.flush()
    return student


def make_guardian(
    session: Session,
    establishment: Establishment,
    *students: Student,
    last_name: str = "PAYET",
    first_name: str = "Marie",
    legal_rank: int | None = 1,
    **columns: Any,
) -> Guardian:
    usage = columns.get("usage_name")
    guardian = Guardian(
        establishment_id=establishment.id,
        siecle_id=columns.pop("siecle_id", str(next(_numbers))),
        civility=columns.pop("civility", "MME"),
        family_name=last_name,
        first_name=first_name,
        name_key=name_key(usage or last_name, first_name),
        birth_name_key=name_key(last_name, first_name),
        address_line1=columns.pop("address_line1", "3 chemin des Lilas"),
        postal_code=columns.pop("postal_code", "97400"),
        city=columns.pop("city", "SAINT-DENIS"),
        **columns,
    )
    session.add(guardian)
    session.flush()
    for student in students:
        link(session, student, guardian, legal_rank)
    return guardian


def link(session: Session, student: Student, guardian: Guardian, legal_rank: int | None = 1) -> Guardianship:
    guardianship = Guardianship(
        establishment_id=student.establishment_id,
        student_id=student.id,
        guardian_id=guardian.id,
        legal_rank=legal_rank,
    )
    session.add(guardianship)
    session.flush()
    return guardianship


def make_account(
    session: Session,
    identifier: str,
    *fiches: Guardian | Student,
    state: AccountState = AccountState.ACTIVE,
    sealer: Sealer | None = None,
    email: str | None = None,
    **columns: Any,
) -> Account:
    """An account in `state`: with `PASSWORD` once the parent chose one, with `INITIAL_PASSWORD` before."""
    session.add(Identifier(value=identifier, given_at=NOW))
    session.flush()
    chosen = state in {AccountState.ACTIVATING, AccountState.ACTIVE}
    pending = state in {AccountState.NOT_NOTIFIED, AccountState.NOTIFIED}
    if pending and sealer is None:
        raise ValueError("an account with an initial password needs a sealer")
    account = Account(
        kind=AccountKind.STUDENT if fiches and isinstance(fiches[0], Student) else AccountKind.GUARDIAN,
        identifier=identifier,
        state=state,
        initial_password=sealer.seal(INITIAL_PASSWORD) if pending and sealer else None,
        password_hash=PASSWORD_HASH if chosen else None,
        email=(email or f"{identifier}@example.org") if chosen else None,
        email_verified_at=NOW if state is AccountState.ACTIVE else None,
        activated_at=NOW if state is AccountState.ACTIVE else None,
        created_at=NOW,
        expires_on=None if state is AccountState.ACTIVE else expiry_date(TODAY),
        **columns,
    )
    session.add(account)
    session.flush()
    for establishment_id in {fiche.establishment_id for fiche in fiches}:
        tie(session, account, establishment_id)
    for fiche in fiches:
        fiche.account_id = account.id
    session.flush()
    return account


def tie(session: Session, account: Account, establishment_id: int, state: TieState = TieState.CONFIRMED) -> AccountTie:
    """What ties an account to an establishment: confirmed by its generation there, proposed, or refused."""
    is_confirmed = state is TieState.CONFIRMED
    made = AccountTie(
        account_id=account.id,
        establishment_id=establishment_id,
        state=state,
        confirmed_by=ConfirmedBy.GENERATION if is_confirmed else None,
        made_at=NOW,
        settled_at=None if state is TieState.PROPOSED else NOW,
    )
    session.add(made)
    session.flush()
    return made


def second_factor(sealer: Sealer) -> dict[str, Any]:
    """Columns of a member of staff whose telephone holds `SECRET`."""
    return {"factor_secret": sealer.seal(SECRET), "factor_set_at": NOW}


def make_provider(session: Session, address: str = "https://auth.example.org", **columns: Any) -> IdentityProvider:
    """An identity provider, shut."""
    kind = columns.pop("kind", ProviderKind.CAS)
    provider = IdentityProvider(kind=kind, name="le portail", address=address, created_at=NOW, **columns)
    session.add(provider)
    session.flush()
    return provider


def make_staff(
    session: Session,
    login: str,
    establishment: Establishment | None = None,
    kind: StaffRoleKind = StaffRoleKind.HEAD,
    tabs: tuple[str, ...] = (),
    **columns: Any,
) -> Staff:
    """A member of staff whose password is `PASSWORD`."""
    ends_on = columns.pop("ends_on", None)
    staff = Staff(
        login=login,
        name=columns.pop("name", login.title()),
        password_hash=PASSWORD_HASH,
        must_change_password=columns.pop("must_change_password", False),
        created_at=NOW,
        **columns,
    )
    session.add(staff)
    session.flush()
    session.add(
        StaffRole(
            staff_id=staff.id,
            kind=kind,
            establishment_id=establishment.id if establishment else None,
            tabs=list(tabs),
            ends_on=ends_on,
        )
    )
    session.flush()
    return staff
