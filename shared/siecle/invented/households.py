"""Draws one household: the children of one school, their parents, and who else may be called."""

from collections.abc import Callable

from shared.siecle.invented import names
from shared.siecle.invented.children import draw_children
from shared.siecle.invented.contacts import draw_email, draw_landline, draw_mobile
from shared.siecle.invented.dice import Dice, Odds
from shared.siecle.invented.keys import HouseholdKey
from shared.siecle.invented.places import Address, draw_abroad, draw_elsewhere, draw_home
from shared.siecle.invented.records import Fiche, Household, Kinship, Link, Role, Trap
from shared.siecle.invented.spelling import in_capitals, with_lost_character

SIZES = Odds({1: 76.0, 2: 19.0, 3: 4.3, 4: 0.7})
"""Children of one household in one school: 1.3 on average."""

_SITUATIONS = Odds({"couple": 52, "separated": 26, "single": 18, "two_of_one_sex": 2, "relative": 2})
_MARRIED_NAMES = Odds({"usage": 45, "own": 35, "husband": 20})
_OTHERS = Odds(
    {"grandparent": 58, "aunt": 14, "step_parent": 13, "sibling": 5, "grandfather_of_same_name": 6, "twin": 4}
)

_OTHERS_SHARE = 0.18
_FORMER_SHARE = 0.005
_ALIKE_SHARE = 0.025
_NAMESAKE_SHARE = 0.015
_EMAIL_SHARE = 0.7
_COMMENTS = ("(ne plus appeler)", "(voir dossier)", "(décision du juge)", "(nouvelle adresse)")


def draw_last_name(dice: Dice) -> str:
    """A last name of La Réunion, more seldom of the mainland, a few times two of them."""
    name = dice.pick_common(names.REUNION_LAST_NAMES if dice.chance(0.85) else names.MAINLAND_LAST_NAMES)
    if dice.chance(0.02) and "-" not in name:
        return f"{name}-{dice.pick_common(names.REUNION_LAST_NAMES)}"
    return name


def draw_household(key: HouseholdKey) -> Household:
    """The household of `key`, each person entered once; every adult is tied to every child."""
    return _Draft(key).household()


class _Draft:
    """A household being drawn."""

    def __init__(self, key: HouseholdKey) -> None:
        self.key = key
        self.dice = key.dice("household")
        self.size = self.dice.among(SIZES)
        self.home = draw_home(self.dice)
        self.phone = draw_landline(self.dice, key.serial(7)) if self.dice.chance(0.55) else None
        self.mother_name = draw_last_name(self.dice)
        self.father_name = draw_last_name(self.dice)
        self.children_name = self.father_name
        self.fiches: list[Fiche] = []

    def household(self) -> Household:
        situations: dict[str, Callable[[], None]] = {
            "couple": self._couple,
            "separated": self._separated,
            "single": self._single,
            "two_of_one_sex": self._two_of_one_sex,
            "relative": self._relative,
        }
        situations[self.dice.among(_SITUATIONS)]()
        if self.dice.chance(_OTHERS_SHARE):
            self._somebody_else()
        if self.dice.chance(_FORMER_SHARE):
            self._add("M.", draw_last_name(self.dice), self._father_first_name(), Kinship.FATHER, None)
        children = draw_children(self.key, self.dice, self.size, self.children_name, self.mother_name, self.home)
        return Household(children, tuple(self.fiches))

    def _couple(self) -> None:
        if self.dice.chance(_ALIKE_SHARE):
            mother, father = self.dice.pick(names.SPOUSES_ALIKE)
            self._mother(Role.LEGAL_1, self.father_name, first_name=mother, trap=Trap.SPOUSE)
            self._father(Role.LEGAL_2, first_name=father, trap=Trap.SPOUSE)
            return
        habit = self.dice.among(_MARRIED_NAMES)
        name = self.father_name if habit == "husband" else self.mother_name
        mother_comes_first = self.dice.chance(0.5)
        ranks = (Role.LEGAL_1, Role.LEGAL_2) if mother_comes_first else (Role.LEGAL_2, Role.LEGAL_1)
        self._mother(ranks[0], name, usage_name=self.father_name if habit == "usage" else None)
        self._father(ranks[1])

    def _separated(self) -> None:
        if self.dice.chance(0.3):
            self.children_name = self.mother_name
        hosted_by_both = self.dice.chance(0.3)
        self._mother(Role.LEGAL_1, self.mother_name)
        self._father(Role.LEGAL_2, hosts=hosted_by_both, lives_here=False)

    def _single(self) -> None:
        self.children_name = self.mother_name
        if self.dice.chance(0.85):
            self._mother(Role.LEGAL_1, self.mother_name)
        else:
            self.children_name = self.father_name
            self._father(Role.LEGAL_1)

    def _two_of_one_sex(self) -> None:
        if self.dice.chance(0.5):
            self.children_name = self.mother_name
            self._mother(Role.LEGAL_1, self.mother_name)
            self._mother(Role.LEGAL_2, draw_last_name(self.dice))
        else:
            self._father(Role.LEGAL_1)
            self._add("M.", self.mother_name, self._father_first_name(), Kinship.FATHER, Role.LEGAL_2)

    def _relative(self) -> None:
        kinship = Kinship.GRANDPARENT if self.dice.chance(0.7) else Kinship.CHILD_WELFARE
        self._add("MME", draw_last_name(self.dice), self._mother_first_name(), kinship, Role.LEGAL_1)

    def _mother(
        self, role: Role, name: str, *, usage_name: str | None = None, first_name: str = "", trap: Trap = Trap.NONE
    ) -> None:
        if not first_name and self.dice.chance(_NAMESAKE_SHARE):
            name, first_name = self.dice.pick(names.COMMONEST_PEOPLE)
            trap = Trap.NAMESAKE
        civility = "MLLE" if self.dice.chance(0.01) else "MME"
        first_name = first_name or self._mother_first_name()
        self._add(civility, name, first_name, Kinship.MOTHER, role, usage_name=usage_name, trap=trap)

    def _father(
        self, role: Role, *, hosts: bool = True, lives_here: bool = True, first_name: str = "", trap: Trap = Trap.NONE
    ) -> None:
        first_name = first_name or self._father_first_name()
        self._add(
            "M.", self.father_name, first_name, Kinship.FATHER, role, hosts=hosts, lives_here=lives_here, trap=trap
        )

    def _somebody_else(self) -> None:
        kind = self.dice.among(_OTHERS)
        parents = [fiche for fiche in self.fiches if fiche.first_name]
        fathers = [fiche for fiche in parents if fiche.civility == "M."]
        if kind == "grandfather_of_same_name" and fathers:
            self._grandfather_of_same_name(fathers[0].first_name)
        elif kind == "twin":
            sister, twin = self.dice.pick(names.TWIN_SISTERS)
            self._contact("MME", self.mother_name, sister, Kinship.RELATIVE, Trap.TWIN)
            self._contact("MME", self.mother_name, twin, Kinship.RELATIVE, Trap.TWIN)
        elif kind == "step_parent":
            self._add("M.", draw_last_name(self.dice), self._father_first_name(), Kinship.RELATIVE, Role.IN_CHARGE)
        elif kind == "sibling":
            self._contact("M.", self.children_name, self._father_first_name(), Kinship.SIBLING)
        else:
            kinship = Kinship.RELATIVE if kind == "aunt" else Kinship.GRANDPARENT
            name = self.dice.pick((self.mother_name, self.father_name))
            self._contact("MME", name, self._mother_first_name(), kinship)

    def _contact(self, civility: str, name: str, first_name: str, kinship: Kinship, trap: Trap = Trap.NONE) -> None:
        self._add(civility, name, first_name, kinship, Role.CONTACT, hosts=False, lives_here=False, trap=trap)

    def _grandfather_of_same_name(self, first_name: str) -> None:
        self._add(
            "M.",
            self.father_name,
            first_name,
            Kinship.GRANDPARENT,
            Role.CONTACT,
            hosts=False,
            lives_here=self.dice.chance(0.4),
            trap=Trap.SAME_NAME_FATHER,
        )

    def _mother_first_name(self) -> str:
        return self.dice.pick_common(names.MOTHERS)

    def _father_first_name(self) -> str:
        return self.dice.pick_common(names.FATHERS)

    def _add(
        self,
        civility: str,
        name: str,
        first_name: str,
        kinship: Kinship,
        role: Role | None,
        *,
        usage_name: str | None = None,
        hosts: bool = True,
        lives_here: bool = True,
        trap: Trap = Trap.NONE,
    ) -> None:
        dice, rank = self.dice, len(self.fiches)
        ties = () if role is None else tuple(Link(child, kinship, role, hosts) for child in range(self.size))
        family_name, first_name = self._as_typed(in_capitals(dice, name), first_name)
        serial = self.key.serial(rank)
        self.fiches.append(
            Fiche(
                person=self.key.person(rank),
                civility=civility,
                family_name=family_name,
                usage_name=in_capitals(dice, usage_name) if usage_name else None,
                first_name=first_name,
                home_phone=self.phone if lives_here else None,
                mobile_phone=draw_mobile(dice, serial) if dice.chance(0.93) else None,
                work_phone=draw_landline(dice, serial) if dice.chance(0.1) else dice.pick(("", None)),
                email=self._email(first_name, usage_name or name, serial, shared=lives_here),
                accepts_sms=dice.chance(0.7),
                profession=dice.pick(names.PROFESSIONS) if dice.chance(0.85) else None,
                address=self._address(lives_here),
                links=ties,
                trap=trap,
            )
        )

    def _as_typed(self, family_name: str, first_name: str) -> tuple[str, str]:
        roll = self.dice.roll()
        if roll < 0.005:
            return f"{family_name} {self.dice.pick(_COMMENTS)}", first_name
        if roll < 0.02:
            return with_lost_character(family_name), with_lost_character(first_name)
        if roll < 0.0215:
            return family_name, ""
        return family_name, first_name

    def _email(self, first_name: str, last_name: str, serial: int, *, shared: bool) -> str | None:
        """Seven in ten have an address of their own; now and then a couple shares one."""
        if not self.dice.chance(_EMAIL_SHARE):
            return None
        partner = self.fiches[0].email if shared and len(self.fiches) == 1 else None
        if partner and self.dice.chance(0.12):
            return partner
        return draw_email(self.dice, first_name, last_name, serial)

    def _address(self, lives_here: bool) -> Address | None:
        roll = self.dice.roll()
        if roll < 0.012:
            return None
        if not lives_here:
            return draw_elsewhere(self.dice)
        return draw_abroad(self.dice) if roll < 0.015 else self.home
