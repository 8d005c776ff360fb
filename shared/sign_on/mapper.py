"""From what a provider says of a person to what that person may do here: the one place that decides (R34). Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.emails import EmailInvalid, normal_email
from shared.models.staff import StaffRoleKind, Tab
from shared.sign_on.attributes import (
    OF_CHARGE,
    OF_DELEGATION,
    OF_FUNCTION,
    OF_GROUPS,
    Attributes,
    Delegated,
    Trouble,
    Unread,
    delegations,
    schools_in_charge,
)

HEAD = "DIR"
NAME_LENGTH = 200
_NAMES = ("ctfn", "given_name", "givenName"), ("ctln", "usual_name", "family_name", "sn")
_EMAILS = ("ctemail", "email", "mail")


@dataclass(frozen=True)
class Trust:
    """What the académie lets a provider say."""

    gives_roles: bool = True
    """Otherwise it only says who somebody is, and the roles are those that were given here."""
    application: str = "teleservices"
    """What this software is called in the module delegce."""
    delegated_tabs: frozenset[Tab] = frozenset(Tab)
    academy_groups: frozenset[str] = frozenset()
    """Groups of the directory whose members administer the académie; none by default."""
    help_groups: frozenset[str] = frozenset()
    """Groups whose members are its help desk, in every establishment; none by default."""


@dataclass(frozen=True)
class Granted:
    """A role that a provider says: in one establishment, or everywhere for the académie."""

    kind: StaffRoleKind
    uai: str | None = None
    tabs: frozenset[Tab] = frozenset()
    begins_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Person:
    """Who comes in, and with what: `unread` says what gave nothing."""

    name: str
    email: str
    roles: tuple[Granted, ...]
    unread: tuple[Unread, ...] = field(default=())


def person_said(attributes: Attributes, trust: Trust, known: Collection[str], today: date) -> Person:
    """Who these attributes are of, and what they give on the local day `today` among the establishments `known`.

    A head is somebody whose function is `DIR` **and** who is in charge of the establishment: `FrEduRne`, which says
    where one works, gives nothing. A delegation of our own application gives a delegate, never a head.
    """
    name = " ".join(filter(None, (attributes.first(*names) for names in _NAMES))) or attributes.first("name", "cn")
    email = _email(attributes.first(*_EMAILS))
    if not trust.gives_roles:
        return Person(name[:NAME_LENGTH], email, ())
    unread: list[Unread] = []
    roles = [
        *_of_groups(attributes, trust),
        *_heads(attributes, known, unread),
        *_delegates(attributes, trust, known, today, unread),
    ]
    return Person(name[:NAME_LENGTH], email, tuple(_once(roles)), tuple(unread))


def _email(said: str) -> str:
    """The address that was said, if it is one: mails leave to it."""
    try:
        return normal_email(said)
    except EmailInvalid:
        return ""


def _of_groups(attributes: Attributes, trust: Trust) -> list[Granted]:
    """What holds in the whole académie, the widest first."""
    groups = {group for name in OF_GROUPS if not attributes.is_too_long(name) for group in attributes.split(name)}
    given = ((StaffRoleKind.ACADEMY, trust.academy_groups), (StaffRoleKind.HELP_DESK, trust.help_groups))
    return [Granted(kind) for kind, trusted in given if groups & trusted]


def _heads(attributes: Attributes, known: Collection[str], unread: list[Unread]) -> list[Granted]:
    uais, troubles = schools_in_charge(attributes)
    unread += troubles
    if not uais:
        return []
    if attributes.first(*OF_FUNCTION).upper() != HEAD:
        unread.append(Unread(OF_CHARGE, Trouble.NOT_HEAD))
        return []
    unread += [Unread(OF_CHARGE, Trouble.UNKNOWN_SCHOOL) for uai in uais if uai not in known]
    return [Granted(StaffRoleKind.HEAD, uai) for uai in uais if uai in known]


def _delegates(
    attributes: Attributes, trust: Trust, known: Collection[str], today: date, unread: list[Unread]
) -> list[Granted]:
    found, troubles = delegations(attributes)
    unread += troubles
    granted: list[Granted] = []
    for delegated in found:
        trouble = _why_not(delegated, trust, today)
        if trouble is not None:
            unread.append(Unread(OF_DELEGATION, trouble))
            continue
        unread += [Unread(OF_DELEGATION, Trouble.UNKNOWN_SCHOOL) for uai in delegated.uais if uai not in known]
        granted += [_delegate(delegated, uai, trust) for uai in delegated.uais if uai in known]
    return granted


def _why_not(delegated: Delegated, trust: Trust, today: date) -> Trouble | None:
    if delegated.application != trust.application:
        return Trouble.OTHER_APPLICATION
    if delegated.begins_on > today:
        return Trouble.NOT_YET
    return Trouble.OVER if delegated.ends_on < today else None


def _delegate(delegated: Delegated, uai: str, trust: Trust) -> Granted:
    tabs = trust.delegated_tabs
    return Granted(StaffRoleKind.DELEGATE, uai, tabs, delegated.begins_on, delegated.ends_on)


def _once(roles: list[Granted]) -> list[Granted]:
    """The widest role at each place: the académie or its help desk, a head, then the delegation that lasts longest."""
    best: dict[str | None, Granted] = {}
    for role in roles:
        before = best.get(role.uai)
        if before is None or (before.kind is role.kind and (before.ends_on or date.max) < (role.ends_on or date.max)):
            best[role.uai] = role
    return list(best.values())


def trust_from(stored: Mapping[str, object]) -> Trust:
    """The trust that a row of settings describes; what it does not say is as by default."""
    tabs = stored.get("delegated_tabs")
    return Trust(
        gives_roles=stored.get("gives_roles") is not False,
        application=str(stored.get("application") or Trust.application),
        delegated_tabs=frozenset(Tab(tab) for tab in tabs) if isinstance(tabs, list) else Trust.delegated_tabs,
        academy_groups=_groups(stored.get("academy_groups")),
        help_groups=_groups(stored.get("help_groups")),
    )


def _groups(stored: object) -> frozenset[str]:
    return frozenset(map(str, stored)) if isinstance(stored, list) else frozenset()
