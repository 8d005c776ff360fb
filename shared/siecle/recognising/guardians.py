"""Recognises the guardians of a file before the school base takes them in, once its students are there (R31)."""

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from shared.persons.alike import PersonNames
from shared.persons.identity import GuardianIdentity
from shared.persons.phones import phone_key
from shared.siecle.reading.tables import GUARDIANS, UNREADABLE_GUARDIANS
from shared.siecle.recognising.certainty import certainty_of_guardians, own_guardian
from shared.siecle.recognising.changes import Changes, changes_of
from shared.siecle.recognising.children import (
    Children,
    children_of_fiches,
    children_of_records,
    guardians_of,
    has_other_children,
    students_are_those_of_the_file,
)
from shared.siecle.recognising.matching import Likely, match, sharing
from shared.siecle.recognising.reading import Sort, changed, knows_any, not_in_the_file, with_their_fiche, without_fiche
from shared.siecle.updating.school_base import GUARDIAN, Updating


class Read(NamedTuple):
    """A record."""

    siecle_id: str
    name_key: str
    birth_name_key: str
    family_name: str
    usage_name: str | None
    first_name: str
    civility: str | None
    email: str | None
    home_phone: str | None
    mobile_phone: str | None
    work_phone: str | None

    @property
    def names(self) -> PersonNames:
        """As the file writes them."""
        return PersonNames(self.family_name, self.usage_name, self.first_name)


class Known(NamedTuple):
    """A fiche."""

    id: int
    account_id: int | None
    gone_at: datetime | None
    former_siecle_id: str | None
    siecle_id: str
    name_key: str
    birth_name_key: str
    family_name: str
    usage_name: str | None
    first_name: str
    civility: str | None
    email: str | None
    home_phone: str | None
    mobile_phone: str | None
    work_phone: str | None

    @property
    def shown_key(self) -> str:
        """The key that people know it by."""
        return self.former_siecle_id or self.siecle_id

    @property
    def names(self) -> PersonNames:
        """As the school base has them."""
        return PersonNames(self.family_name, self.usage_name, self.first_name)


SORT = Sort(GUARDIANS, UNREADABLE_GUARDIANS, GUARDIAN, Read, Known)
NAMES = ("name_key", "birth_name_key")
CONTACTS = ("email", "home_phone", "mobile_phone", "work_phone")


def recognise_guardians(updating: Updating) -> Changes:
    """Which guardians of the file are not those whose key they have, and who they are. Changes nothing.

    Only these records are read: with another name or civility than their fiche, with a new key, or with the name of
    somebody else of the school and another address of e-mail, another telephone or other children than their fiche.
    """
    if not knows_any(updating, SORT):
        return Changes()
    trusted = students_are_those_of_the_file(updating)
    doubtful = with_their_fiche(updating, SORT, _doubtful(updating, trusted))
    records = [record for record, _ in doubtful] + without_fiche(updating, SORT)
    if not records:
        return Changes()
    of_records = children_of_records(updating, {one.siecle_id for one in records}) if trusted else {}
    names = {key for one in records for key in (one.name_key, one.birth_name_key)}
    co_guardians = guardians_of(updating, {child for children in of_records.values() for child in children})
    wanted = ((GUARDIAN.c.name_key, names), (GUARDIAN.c.birth_name_key, names), (GUARDIAN.c.id, co_guardians))
    fiches = [fiche for _, fiche in doubtful] + not_in_the_file(updating, SORT, wanted)
    of_fiches = children_of_fiches(updating, {one.id for one in fiches})
    read = {one.siecle_id: _identity(one, of_records.get(one.siecle_id, {})) for one in records}
    known = {one.id: _identity(one, of_fiches.get(one.id, {})) for one in fiches}
    own = {
        record.siecle_id: own_guardian(fiche.id, known[fiche.id], read[record.siecle_id]) for record, fiche in doubtful
    }
    likely = _likely(read, {one.id: one for one in fiches}, known)
    return changes_of(match(own, likely), own, records, fiches)


def _doubtful(updating: Updating, trusted: bool) -> ColumnElement[bool]:
    """Whether a record and its key's fiche may be two: another name or civility, or a namesake and something else."""
    namesake = GUARDIAN.alias()
    has_namesake = exists(
        select(namesake.c.id).where(
            namesake.c.establishment_id == updating.establishment_id,
            namesake.c.name_key == GUARDIANS.c.name_key,
            namesake.c.id != GUARDIAN.c.id,
        )
    )
    other_contact = or_(*(GUARDIANS.c[name] != GUARDIAN.c[name] for name in CONTACTS))
    other_children = has_other_children(updating) if trusted else false()
    other_civility = GUARDIANS.c.civility != GUARDIAN.c.civility
    return or_(changed(SORT, NAMES), other_civility, and_(has_namesake, or_(other_contact, other_children)))


def _likely(
    read: Mapping[str, GuardianIdentity], fiches: Mapping[int, Known], known: Mapping[int, GuardianIdentity]
) -> Iterator[Likely]:
    records = ((key, _tokens(identity)) for key, identity in read.items())
    for key, number in sharing(records, ((number, _tokens(identity)) for number, identity in known.items())):
        certainty, fiche = certainty_of_guardians(known[number], read[key]), fiches[number]
        if certainty is not None and fiche.siecle_id != key:
            yield Likely(key, number, (*certainty, fiche.gone_at is None, fiche.account_id is not None))


def _tokens(guardian: GuardianIdentity) -> list[Hashable]:
    email = [guardian.email.strip().lower()] if guardian.email else []
    return [*guardian.children, *email, *(("phone", key) for phone in guardian.phones if (key := phone_key(phone)))]


def _identity(guardian: Read | Known, children: Children) -> GuardianIdentity:
    phones = {guardian.home_phone, guardian.mobile_phone, guardian.work_phone} - {None}
    return GuardianIdentity(
        guardian.names, guardian.civility, guardian.email, frozenset(filter(None, phones)), children
    )
