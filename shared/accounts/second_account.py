"""Whether a parent may have a second account, which they could merge (R8)."""

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.school import Guardian, Guardianship, Student

_OPEN = (AccountState.NOT_NOTIFIED, AccountState.NOTIFIED, AccountState.ACTIVATING, AccountState.ACTIVE)
_CONTACTS = ("email", "home_phone", "mobile_phone", "work_phone")


def may_have_second_account(session: Session, account: Account) -> bool:
    """Whether another open account in the académie is likely the same parent's.

    Its fiche bears the same folded names, and shares an e-mail, a telephone, an address, or a child by its INE. That
    there may be one is all that may be told: a father and a son can share all of this.
    """
    if account.kind is not AccountKind.GUARDIAN:
        return False
    return session.scalar(_LIKELY, {"account_id": account.id, "email": account.email}) is not None


def _likely() -> Select[int]:
    mine, theirs, other = aliased(Guardian), aliased(Guardian), aliased(Account)
    same_email = other.email == bindparam("email", type_=String)
    return (
        select(theirs.id)
        .join(mine, mine.name_key == theirs.name_key)
        .join(other, other.id == theirs.account_id)
        .where(
            mine.account_id == bindparam("account_id"),
            other.id != bindparam("account_id"),
            other.kind == AccountKind.GUARDIAN,
            other.state.in_(_OPEN),
            or_(_same_contact(mine, theirs), same_email, _same_child(mine, theirs)),
        )
        .limit(1)
    )


def _same_contact(mine: type[Guardian], theirs: type[Guardian]) -> ColumnElement[bool]:
    same = [getattr(mine, name) == getattr(theirs, name) for name in _CONTACTS]
    same_home = and_(mine.address_line1 == theirs.address_line1, mine.postal_code == theirs.postal_code)
    return or_(*same, same_home)


def _same_child(mine: type[Guardian], theirs: type[Guardian]) -> ColumnElement[bool]:
    my_link, their_link, my_child, their_child = (
        aliased(Guardianship),
        aliased(Guardianship),
        aliased(Student),
        aliased(Student),
    )
    return exists().where(
        my_link.guardian_id == mine.id,
        my_child.id == my_link.student_id,
        their_child.ine == my_child.ine,
        their_link.student_id == their_child.id,
        their_link.guardian_id == theirs.id,
    )


# Written once: every login asks for it, and making it took longer than the database does.
_LIKELY = _likely()
