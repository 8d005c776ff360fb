"""Draws one household: the children of one school, their parents, and who else may be called."""

from collections.abc import Callable, Iterator

from shared.siecle.invented.people import names
from shared.siecle.invented.people.adults import Home, Part, draw_fiche
from shared.siecle.invented.people.children import draw_children
from shared.siecle.invented.people.contacts import draw_landline
from shared.siecle.invented.people.dice import Dice, Odds
from shared.siecle.invented.people.keys import HouseholdKey
from shared.siecle.invented.people.places import draw_home
from shared.siecle.invented.people.records import Fiche, Household, Kinship, Role, Trap

SIZES = Odds({1: 76.0, 2: 19.0, 3: 4.3, 4: 0.7})
"""Children of one household in one school: 1.3 on average."""

_SITUATIONS = Odds({"couple": 52, "separated": 26, "single": 18, "two_of_one_sex": 2, "relative": 2})
_MARRIED_NAMES = Odds({"usage": 45, "own": 35, "husband": 20})
_OTHERS = Odds({"grandmother": 58, "aunt": 14, "step_father": 13, "brother": 5, "grandfather": 6, "twins": 4})

_OTHERS_SHARE = 0.18
_FORMER_SHARE = 0.005
_ALIKE_SHARE = 0.025
_NAMESAKE_SHARE = 0.015


def draw_household(key: HouseholdKey) -> Household:
    """The household of `key`, each person entered once; every adult is tied to every child."""
    dice = key.dice("household")
    size = dice.among(SIZES)
    home = Home(draw_home(dice), draw_landline(dice, key.home_serial) if dice.chance(0.55) else None, size)
    cast = _Cast(dice)
    fiches: list[Fiche] = []
    for rank, part in enumerate(cast.parts()):
        partner_email = fiches[0].email if rank == 1 else None
        fiches.append(draw_fiche(key, rank, part, home, partner_email, dice))
    children = draw_children(key, dice, size, cast.children_name, cast.mother_name, home.address)
    return Household(children, tuple(fiches))


def draw_last_name(dice: Dice) -> str:
    """A last name of La Réunion, more seldom of the mainland, a few times two of them."""
    name = dice.pick_common(names.REUNION_LAST_NAMES if dice.chance(0.85) else names.MAINLAND_LAST_NAMES)
    if dice.chance(0.02) and "-" not in name:
        return f"{name}-{dice.pick_common(names.REUNION_LAST_NAMES)}"
    return name


class _Cast:
    """The adults of a household, decided but not drawn yet; `children_name` is settled with the parents."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.mother_name = draw_last_name(dice)
        self.father_name = draw_last_name(dice)
        self.children_name = self.father_name

    def parts(self) -> list[Part]:
        situations: dict[str, Callable[[], Iterator[Part]]] = {
            "couple": self._couple,
            "separated": self._separated,
            "single": self._single,
            "two_of_one_sex": self._two_of_one_sex,
            "relative": self._relative,
        }
        parts = list(situations[self.dice.among(_SITUATIONS)]())
        if self.dice.chance(_OTHERS_SHARE):
            parts += self._others([part.first_name for part in parts if part.kinship is Kinship.FATHER])
        if self.dice.chance(_FORMER_SHARE):
            parts.append(Part("M.", draw_last_name(self.dice), self._father_first_name(), Kinship.FATHER, None))
        return parts

    def _couple(self) -> Iterator[Part]:
        if self.dice.chance(_ALIKE_SHARE):
            her, his = self.dice.pick(names.SPOUSES_ALIKE)
            yield Part("MME", self.father_name, her, Kinship.MOTHER, Role.LEGAL_1, trap=Trap.SPOUSE)
            yield Part("M.", self.father_name, his, Kinship.FATHER, Role.LEGAL_2, trap=Trap.SPOUSE)
            return
        first, second = self.dice.pick(((Role.LEGAL_1, Role.LEGAL_2), (Role.LEGAL_2, Role.LEGAL_1)))
        habit = self.dice.among(_MARRIED_NAMES)
        name = self.father_name if habit == "husband" else self.mother_name
        yield self._mother(first, name, self.father_name if habit == "usage" else None)
        yield self._father(second)

    def _separated(self) -> Iterator[Part]:
        if self.dice.chance(0.3):
            self.children_name = self.mother_name
        yield self._mother(Role.LEGAL_1, self.mother_name)
        yield self._father(Role.LEGAL_2, hosts=self.dice.chance(0.3), lives_here=False)

    def _single(self) -> Iterator[Part]:
        if self.dice.chance(0.85):
            self.children_name = self.mother_name
            yield self._mother(Role.LEGAL_1, self.mother_name)
        else:
            yield self._father(Role.LEGAL_1)

    def _two_of_one_sex(self) -> Iterator[Part]:
        if self.dice.chance(0.5):
            self.children_name = self.mother_name
            yield self._mother(Role.LEGAL_1, self.mother_name)
            yield self._mother(Role.LEGAL_2, draw_last_name(self.dice))
        else:
            yield self._father(Role.LEGAL_1)
            yield Part("M.", self.mother_name, self._father_first_name(), Kinship.FATHER, Role.LEGAL_2)

    def _relative(self) -> Iterator[Part]:
        kinship = Kinship.GRANDPARENT if self.dice.chance(0.7) else Kinship.CHILD_WELFARE
        yield Part("MME", draw_last_name(self.dice), self._mother_first_name(), kinship, Role.LEGAL_1)

    def _mother(self, role: Role, name: str, usage_name: str | None = None) -> Part:
        if self.dice.chance(_NAMESAKE_SHARE):
            name, first_name = self.dice.pick(names.COMMONEST_PEOPLE)
            return Part("MME", name, first_name, Kinship.MOTHER, role, usage_name, trap=Trap.NAMESAKE)
        civility = "MLLE" if self.dice.chance(0.01) else "MME"
        return Part(civility, name, self._mother_first_name(), Kinship.MOTHER, role, usage_name)

    def _father(self, role: Role, *, hosts: bool = True, lives_here: bool = True) -> Part:
        first_name = self._father_first_name()
        return Part("M.", self.father_name, first_name, Kinship.FATHER, role, hosts=hosts, lives_here=lives_here)

    def _others(self, fathers: list[str]) -> Iterator[Part]:
        """Who may be called, or looks after the children with a parent."""
        kind = self.dice.among(_OTHERS)
        if kind == "grandfather" and fathers:
            yield self._contact("M.", self.father_name, fathers[0], Kinship.GRANDPARENT, Trap.SAME_NAME_FATHER)
        elif kind == "twins":
            for first_name in self.dice.pick(names.TWIN_SISTERS):
                yield self._contact("MME", self.mother_name, first_name, Kinship.RELATIVE, Trap.TWIN)
        elif kind == "step_father":
            yield Part("M.", draw_last_name(self.dice), self._father_first_name(), Kinship.RELATIVE, Role.IN_CHARGE)
        elif kind == "brother":
            yield self._contact("M.", self.children_name, self._father_first_name(), Kinship.SIBLING)
        else:
            kinship = Kinship.RELATIVE if kind == "aunt" else Kinship.GRANDPARENT
            name = self.dice.pick((self.mother_name, self.father_name))
            yield self._contact("MME", name, self._mother_first_name(), kinship)

    def _contact(self, civility: str, name: str, first_name: str, kinship: Kinship, trap: Trap = Trap.NONE) -> Part:
        lives_here = trap is Trap.SAME_NAME_FATHER and self.dice.chance(0.4)
        return Part(civility, name, first_name, kinship, Role.CONTACT, hosts=False, lives_here=lives_here, trap=trap)

    def _mother_first_name(self) -> str:
        return self.dice.pick_common(names.MOTHERS)

    def _father_first_name(self) -> str:
        return self.dice.pick_common(names.FATHERS)
