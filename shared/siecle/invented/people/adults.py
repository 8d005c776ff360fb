"""Turns a part in a household, « the father, who lives elsewhere », into the record of a person."""

from dataclasses import dataclass

from shared.siecle.invented.people.contacts import draw_email, draw_landline, draw_mobile
from shared.siecle.invented.people.dice import Dice
from shared.siecle.invented.people.keys import HouseholdKey
from shared.siecle.invented.people.names import PROFESSIONS
from shared.siecle.invented.people.places import Address, draw_abroad, draw_elsewhere
from shared.siecle.invented.people.records import Fiche, Kinship, Link, Role, Trap
from shared.siecle.invented.people.spelling import in_capitals, with_lost_character

_EMAIL_SHARE = 0.7
_SHARED_EMAIL_SHARE = 0.12
_COMMENTS = ("(ne plus appeler)", "(voir dossier)", "(décision du juge)", "(nouvelle adresse)")


@dataclass(frozen=True, slots=True)
class Part:
    """One adult of a household; without a `role`, a person who is left over without any tie."""

    civility: str
    name: str
    first_name: str
    kinship: Kinship
    role: Role | None
    usage_name: str | None = None
    hosts: bool = True
    lives_here: bool = True
    trap: Trap = Trap.NONE


@dataclass(frozen=True, slots=True)
class Home:
    """Where a household lives, its telephone, and how many of its children are in the school."""

    address: Address
    phone: str | None
    children: int


def draw_fiche(key: HouseholdKey, rank: int, part: Part, home: Home, partner_email: str | None, dice: Dice) -> Fiche:
    """The record of the adult number `rank` of a household, tied to every child."""
    serial = key.serial(rank)
    family_name, first_name = _as_typed(in_capitals(dice, part.name), part.first_name, dice)
    return Fiche(
        person=key.person(rank),
        civility=part.civility,
        family_name=family_name,
        usage_name=in_capitals(dice, part.usage_name) if part.usage_name else None,
        first_name=first_name,
        home_phone=home.phone if part.lives_here else None,
        mobile_phone=draw_mobile(dice, serial) if dice.chance(0.93) else None,
        work_phone=draw_landline(dice, serial) if dice.chance(0.1) else dice.pick(("", None)),
        email=_email(part, serial, partner_email, dice),
        accepts_sms=dice.chance(0.7),
        profession=dice.pick(PROFESSIONS) if dice.chance(0.85) else None,
        address=_address(part, home, dice),
        links=_links(part, home.children),
        trap=part.trap,
    )


def _links(part: Part, children: int) -> tuple[Link, ...]:
    role = part.role
    return () if role is None else tuple(Link(child, part.kinship, role, part.hosts) for child in range(children))


def _as_typed(family_name: str, first_name: str, dice: Dice) -> tuple[str, str]:
    """The names, now and then with a comment, a lost character, or without the first name."""
    roll = dice.roll()
    if roll < 0.005:
        return f"{family_name} {dice.pick(_COMMENTS)}", first_name
    if roll < 0.02:
        return with_lost_character(family_name), with_lost_character(first_name)
    if roll < 0.0215:
        return family_name, ""
    return family_name, first_name


def _email(part: Part, serial: int, partner_email: str | None, dice: Dice) -> str | None:
    """Seven in ten have one; now and then a couple shares it."""
    if not dice.chance(_EMAIL_SHARE):
        return None
    if partner_email and part.lives_here and dice.chance(_SHARED_EMAIL_SHARE):
        return partner_email
    return draw_email(dice, part.first_name, part.usage_name or part.name, serial)


def _address(part: Part, home: Home, dice: Dice) -> Address | None:
    roll = dice.roll()
    if roll < 0.012:
        return None
    if not part.lives_here:
        return draw_elsewhere(dice)
    return draw_abroad(dice) if roll < 0.015 else home.address
