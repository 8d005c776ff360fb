"""How sure it is that a record and a fiche are one person, when the key says it or when it does not (R31). Pure."""

from shared.persons.alike import Likeness, compare_names, same_names
from shared.persons.identity import (
    GuardianIdentity,
    StudentIdentity,
    same_guardian,
    same_student,
    same_student_elsewhere,
    ties_between,
)
from shared.siecle.recognising.matching import Own, Rank

LESS_THAN_A_KEY: Rank = (0,)


def own_student(fiche_id: int, fiche: StudentIdentity, record: StudentIdentity) -> Own:
    """What a student's record and the fiche with its key are to each other.

    Firm where more says so than a name that is also another's, or a birthday that twins share.
    """
    verdict = same_student(fiche, record)
    same_ine = fiche.ine is not None and fiche.ine == record.ine
    names = compare_names(fiche.names, record.names)
    firm = same_ine or (_born_together(fiche, record) and not names.other_first_name)
    return Own(fiche_id, verdict, verdict.same and firm)


def own_guardian(fiche_id: int, fiche: GuardianIdentity, record: GuardianIdentity) -> Own:
    """The same of a guardian's: firm where the first name agrees, and something else does or nothing contradicts."""
    verdict, ties = same_guardian(fiche, record), ties_between(fiche, record)
    says = {ties.child, ties.email, ties.phone}
    names = compare_names(fiche.names, record.names)
    firm = not names.other_first_name and (True in says or False not in says)
    return Own(fiche_id, verdict, verdict.same and firm)


def certainty_of_students(fiche: StudentIdentity, record: StudentIdentity) -> Rank | None:
    """How sure it is that a record and a fiche with two keys are one student; None where it is not.

    By INE, birth date and names; or, where one has no INE, by the birth date and the very same names. With two INE
    these are less: they tell a twin from the other whose key the record has, and no more (`LESS_THAN_A_KEY`).
    """
    if same_student_elsewhere(fiche, record).same:
        return (2,)
    if not _born_together(fiche, record) or not same_names(fiche.names, record.names):
        return None
    return LESS_THAN_A_KEY if None not in {fiche.ine, record.ine} else (1,)


def certainty_of_guardians(fiche: GuardianIdentity, record: GuardianIdentity) -> Rank | None:
    """How sure it is that a record and a fiche with two keys are one guardian; None where it is not.

    The names agree, and a child, the e-mail or a telephone. A father and a son of one name share a telephone, not the
    children: against those, only the e-mail counts.
    """
    if compare_names(fiche.names, record.names) is not Likeness.AGREE:
        return None
    ties = ties_between(fiche, record)
    enough = ties.email or (ties.child is not False and (ties.child or ties.phone))
    if ties.other_sex or not enough:
        return None
    return bool(ties.child), bool(ties.email), bool(ties.phone)


def _born_together(one: StudentIdentity, other: StudentIdentity) -> bool:
    return one.birth_date is not None and one.birth_date == other.birth_date
