"""Who is who (R31): whether two records are one person, with the reasons in words. The one place that decides. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from shared.persons.alike import Likeness, PersonNames, compare_names, has_first_name
from shared.persons.phones import phone_key

_INE = re.compile(r"([0-9]{10}[A-Z]|[0-9]{9}[A-Z]{2})")
_MEN, _WOMEN = frozenset({"M.", "M", "MR", "MONSIEUR"}), frozenset({"MME", "MLLE", "MADAME", "MADEMOISELLE"})


class Verdict(NamedTuple):
    """Whether two records are one person, and why, in French words that name no value of either."""

    same: bool
    reasons: tuple[str, ...]
    """What agrees where they are one person, what contradicts where they are two."""


class StudentIdentity(NamedTuple):
    """What a record says of who a student is; None for what it does not say."""

    names: PersonNames
    birth_date: date | None
    sex: str | None
    ine: str | None


class GuardianIdentity(NamedTuple):
    """What a record says of who a guardian is; nothing for what it does not say."""

    names: PersonNames
    civility: str | None
    email: str | None
    phones: frozenset[str]
    children: Mapping[int, str | None]
    """The students, who are persons by now and no keys, each with the code of the kinship."""


def well_formed_ine(text: str | None) -> str | None:
    """The INE in capitals, or None when it is no INE: it then counts for nothing (R31).

    Ten digits and a letter (INE-BEA), or nine digits and two letters (INE-RNIE); not one figure repeated, as is typed
    where none is known.
    """
    found = _INE.fullmatch("".join((text or "").split()).upper())
    if found is None:
        return None
    ine = found[0]
    return None if len(set(filter(str.isdigit, ine))) == 1 else ine


def same_student_elsewhere(one: StudentIdentity, other: StudentIdentity) -> Verdict:
    """Whether students of two establishments, or two records with one INE, are one student.

    Only when the INE and the birth date agree and the names do not contradict: whoever writes a file can write an INE.
    """
    ine, birth = _ines(one, other), _equal(one.birth_date, other.birth_date)
    against = {
        "INE inconnu": ine is None,
        "pas le même INE": ine is False,
        "date de naissance inconnue": birth is None,
        "dates de naissance différentes": birth is False,
    }
    reasons = (*_true_of(against), *_SAID_OF_NAMES[compare_names(one.names, other.names)])
    return Verdict(not reasons, reasons or ("même INE", "même date de naissance", "noms qui s'accordent"))


def same_student(old: StudentIdentity, new: StudentIdentity) -> Verdict:
    """Whether a student's record still speaks of the person it spoke of under the same key.

    A changed name alone is normal; it is another person when everything that can be compared changed at once. Two
    persons may share a sex, a last name or, now and then, a birthday: none of these alone, against all the rest, says
    that they are one.
    """
    ine, birth, names = _ines(old, new), _equal(old.birth_date, new.birth_date), compare_names(old.names, new.names)
    other_sex = _equal(old.sex, new.sex) is False
    if _is_same_student(ine, birth, names, other_sex):
        agreed = {"même INE": ine, "même date de naissance": birth, "noms qui s'accordent": names is Likeness.AGREE}
        return Verdict(True, _true_of(agreed) or ("rien d'autre que le nom n'a changé",))
    differs = {
        "dates de naissance différentes": birth is False,
        "INE différents": ine is False,
        "sexe différent": other_sex,
    }
    return Verdict(False, (*_SAID_OF_NAMES[names], *_true_of(differs)))


def _is_same_student(ine: bool | None, birth: bool | None, names: Likeness, other_sex: bool) -> bool:
    if ine or names is Likeness.AGREE:
        return True
    if birth and names is Likeness.OTHER_FIRST_NAME:
        # Twins: a first name that is corrected keeps its INE.
        return ine is not False
    if birth:
        return names is not Likeness.OTHER or not (ine is False or other_sex)
    return names is not Likeness.OTHER and birth is None and ine is None and not other_sex


def same_guardian(old: GuardianIdentity, new: GuardianIdentity) -> Verdict:
    """Whether a guardian's record still speaks of the person it spoke of under the same key.

    A changed name alone is normal, and so is a first name corrected while a child, a telephone or an e-mail stays and
    no more contradicts. But what a household shares does not make a man of a woman: with another first name and the
    other civility, it is another person. So it is with spouses of one name, Dominique and Dominique. Nor is a person
    the organisation that takes the child in. A child says something only when it is the same person, with the same
    kinship.
    """
    names, ties = compare_names(old.names, new.names), ties_between(old, new)
    if names is Likeness.AGREE:
        if _are_spouses_of_one_name(old, new, ties):
            return Verdict(False, ("civilités différentes",))
        return Verdict(True, ("noms qui s'accordent",))
    if names is Likeness.OTHER and has_first_name(old.names) != has_first_name(new.names):
        return Verdict(False, ("une personne et un organisme",))
    agreed = _true_of(
        {"même enfant": ties.child, "même adresse électronique": ties.email, "même téléphone": ties.phone}
    )
    if agreed and not (names.other_first_name and (ties.other_sex or not _outweighs_other_names(names, ties))):
        return Verdict(True, agreed)
    differs = {
        "civilités différentes": ties.other_sex,
        "aucun enfant en commun": ties.child is False,
        "adresses électroniques différentes": ties.email is False,
        "téléphones différents": ties.phone is False,
    }
    if not agreed and _only_the_name_changed(names, differs):
        return Verdict(True, ("rien d'autre que le nom n'a changé",))
    return Verdict(False, (*_SAID_OF_NAMES[names], *_true_of(differs)))


def _only_the_name_changed(names: Likeness, differs: Mapping[str, bool]) -> bool:
    """Whether, with nothing else in common, one of the names that stayed is enough.

    Many women are called Marie: a first name says nothing against other children, or another e-mail and telephone.
    """
    if names is Likeness.OTHER_LAST_NAME:
        return not differs["aucun enfant en commun"] and sum(differs.values()) <= 1
    return names is not Likeness.OTHER and not any(differs.values())


class Ties(NamedTuple):
    """What two records say of one or two guardians besides the names: None where one of them says nothing."""

    child: bool | None
    email: bool | None
    phone: bool | None
    other_sex: bool


def ties_between(one: GuardianIdentity, other: GuardianIdentity) -> Ties:
    """What two records of guardians have in common, or not, besides the names."""
    return Ties(
        _same_child(one, other),
        _same_email(one, other),
        _same_phone(one, other),
        other_sex(one.civility, other.civility),
    )


def other_sex(one: str | None, other: str | None) -> bool:
    """Whether of two civilities one is a man's and the other a woman's."""
    return {_sex(one), _sex(other)} == {"M", "F"}


def _are_spouses_of_one_name(old: GuardianIdentity, new: GuardianIdentity, ties: Ties) -> bool:
    """Whether two Dominique with the names of each other are he and she, and not one whose civility was corrected.

    She has another e-mail address than he, or is the mother where he is the father.
    """
    if not ties.other_sex or ties.child or ties.email:
        return False
    return ties.email is False or bool(old.children.keys() & new.children.keys())


def _outweighs_other_names(names: Likeness, ties: Ties) -> bool:
    """Whether what agrees besides the names is more than a key gives to whoever follows in somebody's place.

    Two educators, or two stepfathers, have one child in turn: with other names altogether, only the e-mail or the
    telephone says that they are one, and no more may contradict than agrees.
    """
    said = (ties.child, ties.email, ties.phone)
    if names is Likeness.OTHER:
        return bool(ties.email or ties.phone) and said.count(True) > said.count(False)
    return said.count(True) >= said.count(False)


_SAID_OF_NAMES: Mapping[Likeness, tuple[str, ...]] = {
    Likeness.AGREE: (),
    Likeness.AGREE_IN_PART: (),
    Likeness.OTHER_LAST_NAME: ("noms différents",),
    Likeness.OTHER_FIRST_NAME: ("prénoms différents",),
    Likeness.OTHER: ("noms et prénoms différents",),
}


def _true_of(said: Mapping[str, bool | None]) -> tuple[str, ...]:
    return tuple(words for words, holds in said.items() if holds)


def _equal(one: object, other: object) -> bool | None:
    """None where either is missing."""
    return None if one is None or other is None else one == other


def _ines(one: StudentIdentity, other: StudentIdentity) -> bool | None:
    return _equal(well_formed_ine(one.ine), well_formed_ine(other.ine))


def _same_child(old: GuardianIdentity, new: GuardianIdentity) -> bool | None:
    """None where either has none, or where the kinship to every child they share changed."""
    if not old.children or not new.children:
        return None
    shared = old.children.keys() & new.children.keys()
    if not shared:
        return False
    alike = any(_equal(old.children[child], new.children[child]) is not False for child in shared)
    return True if alike else None


def _same_email(old: GuardianIdentity, new: GuardianIdentity) -> bool | None:
    one, other = ((fiche.email or "").strip().lower() or None for fiche in (old, new))
    return _equal(one, other)


def _same_phone(old: GuardianIdentity, new: GuardianIdentity) -> bool | None:
    one, other = ({key for phone in fiche.phones if (key := phone_key(phone))} for fiche in (old, new))
    return bool(one & other) if one and other else None


def _sex(civility: str | None) -> str | None:
    written = (civility or "").strip().upper()
    if written in _MEN:
        return "M"
    return "F" if written in _WOMEN else None
