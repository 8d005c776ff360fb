"""Recognises the students of a file before the school base takes them in (R31)."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from shared.persons.alike import PersonNames
from shared.persons.identity import StudentIdentity
from shared.siecle.reading.tables import STUDENTS, UNREADABLE_STUDENTS
from shared.siecle.recognising.certainty import LESS_THAN_A_KEY, certainty_of_students, own_student
from shared.siecle.recognising.changes import Changes, changes_of
from shared.siecle.recognising.matching import Likely, match, sharing
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
    own = {record.siecle_id: own_student(fiche.id, fiche.identity, record.identity) for record, fiche in doubtful}
    return changes_of(match(own, _likely(records, fiches, own)), own, records, fiches)


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
