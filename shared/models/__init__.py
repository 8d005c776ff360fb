"""The tables, and nothing but: importing this package makes all of them known to SQLAlchemy."""

from shared.models import (
    academy,
    accounts,
    duplicates,
    familiar_places,
    fusions,
    holds,
    identity,
    journal,
    letters,
    notifications,
    passkeys,
    school,
    staff,
    teleservices,
    ties,
    wrong_children,
)

__all__ = [
    "academy",
    "accounts",
    "duplicates",
    "familiar_places",
    "fusions",
    "holds",
    "identity",
    "journal",
    "letters",
    "notifications",
    "passkeys",
    "school",
    "staff",
    "teleservices",
    "ties",
    "wrong_children",
]
