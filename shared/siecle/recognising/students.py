"""Recognises the students of a file before the school base takes them in (R31)."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from shared.persons.alike import PersonNames, compare_names
from shared.persons.identity import StudentIdentity, Verdict
from shared.siecle.reading.tables import STUDENTS, UNREADABLE_STUDENTS
from shared.siecle.recognising.certainty import LESS_THAN_A_KEY, certainty_of_students, own_student
from shared.siecle.recognising.changes import Changes, changes_of
from shared.siecle.recognising.matching import Likely, Own, match, sharing
from shared.siecle.recognising.reading import Sort, changed, knows_any, not_in_the_file, with_their_fiche, without_fiche
from shared.siecle.updating.school_base import STUDENT, Updating


class Read(NamedTuple):
    """A record."""

    position: int
    line: int
    siecle_id: str
    name_key: str
    family_name: str
    usage_name: str | None
    first_name: str
    birth_date: date | None
    sex: str | None
    ine: str | None

    @property
    def names(self) -> PersonNames:
        """As the file writes them."""
        return PersonNames(self.family_name, self.usage_name, self.first_name)

    @property
    def identity(self) -> StudentIdentity:
        """Who the file says that the student is."""
        return StudentIdentity(self.names, self.birth_date, self.sex, self.ine)


class Known(NamedTuple):
    """A fiche."""

    id: int
    account_id: int | None
    gone_at: datetime | None
    former_siecle_id: str | None
    siecle_id: str
    name_key: str
    family_name: str
    usage_name: str | None
    first_name: str
    birth_date: date | None
    sex: str | None
    ine: str | None

    @property
    def shown_key(self) -> str:
        """The key that people know it by."""
        return self.former_siecle_id or self.siecle_id

    @property
    def names(self) -> PersonNames:
        """As the school base has them."""
        return PersonNames(self.family_name, self.usage_name, self.first_name)

    @property
    def identity(self) -> StudentIdentity:
        """Who the school base says that the student is."""
        return StudentIdentity(self.names, self.birth_date, self.sex, self.ine)


SORT = Sort(STUDENTS, UNREADABLE_STUDENTS, STUDENT, Read, Known)
ANOTHER_IS_MEANT = "un autre élève né ce jour-là a ce prénom"
SAYS_WHO = ("name_key", "birth_name_key", "birth_date", "ine")


def recognise_students(updating: Updating) -> Changes:
    """Which students of the file are not those whose key they have, and who they are. Changes nothing.

    Only the records with another name, birth date or INE than their fiche are read, and those with a new key.
    """
    if not knows_any(updating, SORT):
        return Changes()
    doubtful = with_their_fiche(updating, SORT, changed(SORT, SAYS_WHO))
    records = [record for record, _ in doubtful] + without_fiche(updating, SORT)
    if not records:
        return Changes()
    ines, names = {one.ine for one in records if one.ine}, {one.name_key for one in records}
    absent = not_in_the_file(updating, SORT, ((STUDENT.c.ine, ines), (STUDENT.c.name_key, names)))
    fiches = [fiche for _, fiche in doubtful] + absent
    meant = _Birthdays(records, fiches)
    own = {
        record.siecle_id: meant.unless_another(own_student(fiche.id, fiche.identity, record.identity), record, fiche)
        for record, fiche in doubtful
    }
    return changes_of(match(own, _likely(records, fiches, own)), own, records, fiches)


class _Birthdays:
    """Who else may be meant where a record and the fiche with its key have but a birthday in common, as twins have."""

    def __init__(self, records: Iterable[Read], fiches: Iterable[Known]) -> None:
        self._records: dict[date | None, list[Read]] = {}
        self._fiches: dict[date | None, list[Known]] = {}
        for record in records:
            self._records.setdefault(record.birth_date, []).append(record)
        for fiche in fiches:
            self._fiches.setdefault(fiche.birth_date, []).append(fiche)

    def unless_another(self, own: Own, record: Read, fiche: Known) -> Own:
        """`own`; two students where another one of that day has the first name of the record, or of the fiche."""
        if own.firm or not own.verdict.same or not compare_names(fiche.names, record.names).other_first_name:
            return own
        others = (
            *((one.names, fiche.names) for one in self._records[record.birth_date] if one is not record),
            *((one.names, record.names) for one in self._fiches[fiche.birth_date] if one is not fiche),
        )
        if all(compare_names(one, other).other_first_name for one, other in others):
            return own
        return Own(own.fiche_id, Verdict(False, (ANOTHER_IS_MEANT,)), False)


def _likely(records: Sequence[Read], fiches: Sequence[Known], own: Collection[str]) -> Iterator[Likely]:
    for record, fiche in sharing(((one, _tokens(one)) for one in records), ((one, _tokens(one)) for one in fiches)):
        certainty = certainty_of_students(fiche.identity, record.identity)
        if certainty is None or (certainty == LESS_THAN_A_KEY and record.siecle_id not in own):
            continue
        if fiche.siecle_id != record.siecle_id:
            rank = (*certainty, fiche.gone_at is None, fiche.account_id is not None)
            yield Likely(record.siecle_id, fiche.id, rank)


def _tokens(student: Read | Known) -> list[Hashable]:
    of_names = [(student.name_key, student.birth_date)] if student.birth_date else []
    return [*of_names, student.ine] if student.ine else [*of_names]
