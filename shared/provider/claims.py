"""What a téléservice is told: what its family agreed to, and of the children that it may hear of, no more (R35)."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.models.access.openid import OpenidClient, Shared
from shared.models.accounts import Account, AccountKind
from shared.models.school import Guardian, Person, Student
from shared.provider.doors import Child
from shared.provider.passes import Held

SCOPES: Mapping[str, Shared | None] = {
    "openid": None,
    "profile": Shared.NAMES,
    "email": Shared.EMAIL,
    "enfants": Shared.CHILDREN,
}
"""What a téléservice asks with, and the data that each opens."""
IGNORED_SCOPE = "offline_access"
"""Asks for what the portal does not give: left aside, as the specification says (OpenID Connect Core 1.0, 11)."""
TOLD = {
    Shared.NAMES: ("name", "given_name", "family_name"),
    Shared.EMAIL: ("email", "email_verified"),
    Shared.CHILDREN: ("enfants",),
    Shared.INE: (),
}


def data_asked(client: OpenidClient, scope: str) -> frozenset[Shared] | None:
    """What `scope` asks for; none if it asks for more than `client` may be given, or is no OpenID Connect."""
    scopes = set(scope.split()) - {IGNORED_SCOPE}
    if "openid" not in scopes or not scopes <= SCOPES.keys():
        return None
    asked = {data for name in scopes if (data := SCOPES[name]) is not None}
    if not asked <= set(client.data):
        return None
    if Shared.CHILDREN in asked and Shared.INE in client.data:
        asked.add(Shared.INE)
    return frozenset(asked)


def scope_of(data: Collection[Shared]) -> str:
    """The scope that stands for `data`."""
    return " ".join(name for name, opened in SCOPES.items() if opened is None or opened in data)


def subject(client: OpenidClient, account: Account, sealer: Sealer) -> str:
    """What `client` knows the holder of `account` by: no other téléservice knows them so.

    Raises:
        SealBroken: the key that sealed what it is computed with is no longer in the configuration.
    """
    return pairwise(sealer.open(client.pairwise_key), f"account {account.id}")


def told(session: Session, held: Held, children: Sequence[Child], sealer: Sealer) -> dict[str, Any]:
    """The answer of UserInfo: `children` are those that the téléservice may hear of now.

    Raises:
        SealBroken: see `subject`.
    """
    data, account = held.data, held.account
    said: dict[str, Any] = {"sub": subject(held.client, account, sealer)}
    if Shared.NAMES in data:
        said |= _names(session, account, {child.establishment_id for child in children})
    if Shared.EMAIL in data and account.email:
        said |= {"email": account.email, "email_verified": account.email_verified_at is not None}
    if Shared.CHILDREN in data:
        key = sealer.open(held.client.pairwise_key)
        agreed = [child for child in children if child.student_id in held.consent.students]
        said["enfants"] = [_child(child, key, with_ine=Shared.INE in data) for child in agreed]
    return said


def _child(child: Child, key: str, *, with_ine: bool) -> dict[str, Any]:
    told_of = {
        "id": pairwise(key, f"student {child.student_id}"),
        "prenom": child.first_name,
        "uai": child.uai,
        "division": child.division,
    }
    return told_of | ({"ine": child.ine} if with_ine else {})


def _names(session: Session, account: Account, establishment_ids: Collection[int]) -> dict[str, str]:
    """As the fiche of a school that opens the téléservice has them."""
    there = {"account_id": account.id, "gone_at": None}
    fiche = Student if account.kind is AccountKind.STUDENT else Guardian
    mine = select(fiche).filter_by(**there).where(fiche.establishment_id.in_(establishment_ids))
    found = cast(Person | None, session.scalars(mine.order_by(fiche.id).limit(1)).first())
    if found is None:
        return {}
    return {"name": found.full_name, "given_name": found.first_name, "family_name": found.last_name}


def pairwise(key: str, of: str) -> str:
    """What one téléservice knows somebody by: the same each time, and another one for every téléservice."""
    digest = hmac.digest(key.encode(), of.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")
