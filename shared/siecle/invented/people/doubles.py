"""Enters persons a second time, as happens when a brother or sister arrives: the duplicates, with their truth."""

from collections.abc import Callable
from dataclasses import replace

from shared.siecle.invented.people.contacts import draw_email, draw_mobile, written_otherwise
from shared.siecle.invented.people.dice import Dice, Odds
from shared.siecle.invented.people.households import SIZES
from shared.siecle.invented.people.places import draw_home
from shared.siecle.invented.people.records import Fiche, Household, Link, Role
from shared.siecle.invented.people.spelling import in_capitals, with_slip, without_accents

_SIBLINGS_SHARE = 1 - SIZES.bounds[0] / SIZES.bounds[-1]
_SIBLINGS_WEIGHT = 3.5
"""How much likelier it is to be entered twice where brothers and sisters are."""
_TOGETHER = 1.25
"""Both parents are mostly entered again together, so fewer households are hit than the rate alone would say."""
_THIRD_FICHE_SHARE = 0.2
IDENTICAL = "identique"
_CARELESSLY_SWAPPED = 0.1
_CARELESSLY_MOVED = 0.25
_CARELESSLY_WITHOUT_MOBILE = 0.2


def enter_twice(household: Household, rate: float, dice: Dice, *, careless: bool = False) -> Household:
    """The same household with a share `rate` (0 to 1) of its adults, over many households, entered more than once.

    Where there are brothers and sisters, the second record is tied to one of them and the first keeps the others;
    otherwise the second record is a contact of the same child, or was left over without any tie.
    """
    chance = _chance(rate, len(household.children))
    struck = min(1.0, chance * _TOGETHER)
    if not struck or not dice.chance(struck):
        return household
    fiches: list[Fiche] = []
    for fiche in household.fiches:
        fiches += _entered_again(fiche, household, dice) if dice.chance(chance / struck) else [fiche]
    if careless:
        fiches = [_carelessly(fiche, dice) if fiche.variation else fiche for fiche in fiches]
    return replace(household, fiches=tuple(fiches))


def _chance(rate: float, children: int) -> float:
    with_siblings = min(1.0, rate * _SIBLINGS_WEIGHT)
    if children > 1:
        return with_siblings
    return max(0.0, rate - with_siblings * _SIBLINGS_SHARE) / (1 - _SIBLINGS_SHARE)


def _entered_again(fiche: Fiche, household: Household, dice: Dice) -> list[Fiche]:
    if len(fiche.links) < 2:
        return [fiche, _vary(replace(fiche, links=_leftover(fiche.links, dice)), household, dice)]
    *kept, last = fiche.links
    parts = [tuple(kept), (last,)]
    if len(kept) > 1 and dice.chance(_THIRD_FICHE_SHARE):
        parts = [tuple(kept[:-1]), (kept[-1],), (last,)]
    first, *others = (replace(fiche, links=links) for links in parts)
    return [first, *(_vary(other, household, dice) for other in others)]


def _leftover(links: tuple[Link, ...], dice: Dice) -> tuple[Link, ...]:
    return tuple(replace(link, role=Role.CONTACT) for link in links) if dice.chance(0.6) else ()


def _vary(fiche: Fiche, household: Household, dice: Dice) -> Fiche:
    """The same person as somebody else typed it; a change that would not show is drawn again."""
    typed = _typed_by_another(fiche, dice)
    while True:
        kind = dice.among(_VARIATIONS)
        changed = _CHANGES[kind](typed, dice, household)
        if kind == IDENTICAL or changed != typed:
            return replace(changed, variation=kind)


def _typed_by_another(fiche: Fiche, dice: Dice) -> Fiche:
    """The contact details as a second secretary got them: written otherwise, some missing, seldom others."""
    roll = dice.roll()
    email = fiche.email if roll < 0.6 else None
    if roll > 0.88:
        email = draw_email(dice, fiche.first_name, fiche.family_name, dice.between(1, 999_999))
    return replace(
        fiche,
        email=email,
        mobile_phone=written_otherwise(dice, fiche.mobile_phone) if fiche.mobile_phone else None,
        home_phone=fiche.home_phone if dice.chance(0.5) else None,
        profession=fiche.profession if dice.chance(0.6) else None,
    )


def _same(fiche: Fiche, _dice: Dice, _household: Household) -> Fiche:
    return fiche


def _accents(fiche: Fiche, _dice: Dice, _household: Household) -> Fiche:
    return replace(
        fiche,
        family_name=without_accents(fiche.family_name),
        usage_name=without_accents(fiche.usage_name) if fiche.usage_name else None,
        first_name=without_accents(fiche.first_name),
    )


def _slip(fiche: Fiche, dice: Dice, _household: Household) -> Fiche:
    if dice.chance(0.6):
        return replace(fiche, family_name=with_slip(dice, fiche.family_name))
    return replace(fiche, first_name=with_slip(dice, fiche.first_name))


def _married_name(fiche: Fiche, dice: Dice, household: Household) -> Fiche:
    """The usage name forgotten, or typed as the family name; or a wife's usage name known to one record only."""
    if fiche.usage_name:
        family_name = fiche.family_name if dice.chance(0.5) else fiche.usage_name
        return replace(fiche, family_name=family_name, usage_name=None)
    husbands = [other.family_name for other in household.fiches if other.civility == "M."]
    if fiche.civility == "M." or not husbands or husbands[0] == fiche.family_name:
        return fiche
    return replace(fiche, usage_name=husbands[0])


def _missing(fiche: Fiche, dice: Dice, _household: Household) -> Fiche:
    address = None if dice.chance(0.5) else fiche.address
    return replace(fiche, email=None, home_phone=None, work_phone=None, accepts_sms=False, address=address)


def _moved(fiche: Fiche, dice: Dice, _household: Household) -> Fiche:
    return replace(fiche, address=draw_home(dice), home_phone=None)


def _comment(fiche: Fiche, dice: Dice, household: Household) -> Fiche:
    child = household.children[fiche.links[0].child if fiche.links else 0].first_names[0]
    kin = "père" if fiche.civility == "M." else "mère"
    return replace(fiche, family_name=f"{fiche.family_name} ({dice.pick((kin, 'resp.'))} de {child})")


def _hyphens(fiche: Fiche, dice: Dice, _household: Household) -> Fiche:
    """`Jean-Noël` typed `Jean Noël`, `M'DOIHOMA` typed `MDOIHOMA`; other first names gain a second one."""
    if "-" in fiche.first_name or "'" in fiche.family_name:
        return replace(
            fiche, first_name=fiche.first_name.replace("-", " "), family_name=fiche.family_name.replace("'", "")
        )
    second = dice.pick(("Marie", "Rose")) if fiche.civility != "M." else dice.pick(("Joseph", "Jean"))
    return replace(fiche, first_name=f"{fiche.first_name} {second}".strip())


def _swapped(fiche: Fiche, dice: Dice, _household: Household) -> Fiche:
    if not fiche.first_name:
        return fiche
    return replace(
        fiche, family_name=in_capitals(dice, fiche.first_name), first_name=fiche.family_name.title(), usage_name=None
    )


def _carelessly(fiche: Fiche, dice: Dice) -> Fiche:
    """A second record made worse: both names mistyped; some of them swapped, some people moved, some numbers new."""
    family_name, first_name = with_slip(dice, fiche.family_name), with_slip(dice, fiche.first_name)
    if dice.chance(_CARELESSLY_SWAPPED) and first_name:
        family_name, first_name = first_name.upper(), family_name.title()
    mobile_phone = fiche.mobile_phone
    if dice.chance(_CARELESSLY_WITHOUT_MOBILE):
        mobile_phone = draw_mobile(dice, dice.between(1, 999_999)) if dice.chance(0.5) else None
    moved = dice.chance(_CARELESSLY_MOVED)
    return replace(
        fiche,
        family_name=family_name,
        first_name=first_name,
        mobile_phone=mobile_phone,
        home_phone=None if moved else fiche.home_phone,
        address=draw_home(dice) if moved else fiche.address,
        variation=f"{fiche.variation}, saisie négligée",
    )


_Change = Callable[[Fiche, Dice, Household], Fiche]
_CHANGES: dict[str, _Change] = {
    IDENTICAL: _same,
    "accents": _accents,
    "faute de frappe": _slip,
    "nom d'usage": _married_name,
    "champs absents": _missing,
    "adresse changée": _moved,
    "commentaire": _comment,
    "prénom composé": _hyphens,
    "nom et prénom inversés": _swapped,
}
_VARIATIONS = Odds(dict(zip(_CHANGES, (12, 16, 16, 22, 14, 11, 6, 9, 2), strict=True)))
