"""The tables, and nothing but: importing this package makes all of them known to SQLAlchemy."""

from shared.models import (
    academy,
    accounts,
    background,
    duplicates,
    fusions,
    holds,
    identity,
    import_changes,
    journal,
    letters,
    notifications,
    school,
    staff,
    teleservices,
    uploads,
    wrong_children,
)
from shared.models.access import familiar_places, identity_providers, passkeys, ties

__all__ = [
    "academy",
    "accounts",
    "background",
    "duplicates",
    "familiar_places",
    "fusions",
    "holds",
    "identity",
    "identity_providers",
    "import_changes",
    "journal",
    "letters",
    "notifications",
    "passkeys",
    "school",
    "staff",
    "teleservices",
    "ties",
    "uploads",
    "wrong_children",
]
