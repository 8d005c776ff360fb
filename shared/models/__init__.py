"""The tables, and nothing but: importing this package makes all of them known to SQLAlchemy."""

from shared.models import (
    academy,
    accounts,
    background,
    duplicates,
    fusions,
    holds,
    journal,
    letters,
    notifications,
    school,
    staff,
    teleservices,
    wrong_children,
)
from shared.models.access import ents, familiar_places, identity_providers, openid, passkeys, self_activations, ties
from shared.models.imports import changes, identity, uploads
from shared.models.sending import outages, posted, print_lots, sms, staged

__all__ = [
    "academy",
    "accounts",
    "background",
    "changes",
    "duplicates",
    "ents",
    "familiar_places",
    "fusions",
    "holds",
    "identity",
    "identity_providers",
    "journal",
    "letters",
    "notifications",
    "openid",
    "outages",
    "passkeys",
    "posted",
    "print_lots",
    "school",
    "self_activations",
    "sms",
    "staff",
    "staged",
    "teleservices",
    "ties",
    "uploads",
    "wrong_children",
]
