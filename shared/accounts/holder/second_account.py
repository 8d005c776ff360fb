"""Whether a parent may have a second account, which they could merge (R8)."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    String,
    and_,
    bindparam,
    cast,
    false,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from shared.accounts.state_policy import OPEN
from shared.models.accounts import Account, AccountKind
from shared.models.school import Guardian, Guardianship, Student
from shared.persons.elsewhere import are_one, identity_columns, one_ine_and_birth_date
from shared.rows.prepared import Prepared

_CONTACTS = ("email", "home_phone", "mobile_phone", "work_phone")
_CHILDREN_LOOKED_AT = 100


def may_have_second_account(session: Session, account: Account) -> bool:
    """Whether another open account in the académie is likely the same parent's.

    Its fiche bears the same folded names, and shares an e-mail, a telephone, an address, or a child (R31). That there
    may be one is all that may be told: a father and a son can share all of this.
    """
    if account.kind is not AccountKind.GUARDIAN:
        return False
    found = _LIKELY.rows(session, account_id=account.id, email=account.email)
    return any(has_one_contact or are_one(tuple(children)) for has_one_contact, *children in found)


def _likely() -> CompoundSelect[Any]:
    """A namesake with a contact in common, if there is one; then the children of namesakes who may be one child."""
    mine, theirs, other = aliased(Guardian), aliased(Guardian), aliased(Account)
    my_child, their_child, my_link, their_link = (
        aliased(Student),
        aliased(Student),
        aliased(Guardianship),
        aliased(Guardianship),
    )
    columns = [*identity_columns(my_child), *identity_columns(their_child)]
    same_name = (
        mine.name_key == theirs.name_key,
        other.id == theirs.account_id,
        mine.account_id == bindparam("account_id"),
        other.id != bindparam("account_id"),
        other.kind == AccountKind.GUARDIAN,
        other.state.in_(OPEN),
    )
    same_email = other.email == bindparam("email", type_=String)
    # PostgreSQL takes what has no type for text, and unites no text with a number.
    nothing = (cast(null(), column.type).label(f"c{number}") for number, column in enumerate(columns))
    in_common = select(true().label("has_one_contact"), *nothing)
    in_common = in_common.where(*same_name, or_(_same_contact(mine, theirs), same_email)).limit(1)
    children = (
        select(false().label("has_one_contact"), *(column.label(f"c{number}") for number, column in enumerate(columns)))
        .where(*same_name, my_link.guardian_id == mine.id, my_child.id == my_link.student_id)
        .where(one_ine_and_birth_date(my_child, their_child))
        .where(their_link.student_id == their_child.id, their_link.guardian_id == theirs.id)
        .limit(_CHILDREN_LOOKED_AT)
    )
    return union_all(select(in_common.subquery()), select(children.subquery()))


def _same_contact(mine: type[Guardian], theirs: type[Guardian]) -> ColumnElement[bool]:
    same = [getattr(mine, name) == getattr(theirs, name) for name in _CONTACTS]
    same_home = and_(mine.address_line1 == theirs.address_line1, mine.postal_code == theirs.postal_code)
    return or_(*same, same_home)


# Written once: every login asks for it, and making it took longer than the database does.
_LIKELY = Prepared(_likely())
