"""What the directories of French education say of a person: the formats of their attributes. Pure.

Several values come as a list, or as one text that joins them with `,` or `;`. Whatever cannot be read gives nothing,
and says why: an attribute never opens more than what it says clearly.
"""

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.establishments.codes.uai import is_uai

LONGEST = 20_000
"""Characters of all the values of one attribute: a person in charge of a hundred establishments has 4,000."""
MOST_VALUES = 500
NONE_SAID = "X"
"""Written by the directory where there is nothing to say."""
TYPES = frozenset({"CLG", "LYC", "LP", "LPO", "LPA", "EREA", "ERPD"})
"""Establishments of the second degree: the others have no accounts of parents here."""
OF_CHARGE = "FrEduRneResp"
OF_DELEGATION = "FrEduResDel"
OF_FUNCTION = ("FrEduFonctAdm", "title")
OF_GROUPS = ("ctgrps", "FrEduGestResp")
_JOINED = re.compile(r"[,;]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CHARGE_FIELDS = 7
_TYPE_FIELD = 5
_DELEGATION_FIELDS = 8


class Trouble(enum.StrEnum):
    """Why a value gives nothing."""

    TOO_LONG = "too_long"
    FIELDS = "fields"
    UAI = "uai"
    TYPE = "type"
    DATES = "dates"
    NOT_YET = "not_yet"
    OVER = "over"
    OTHER_APPLICATION = "other_application"
    UNKNOWN_SCHOOL = "unknown_school"
    NOT_HEAD = "not_head"


@dataclass(frozen=True)
class Unread:
    """A value that gives nothing, and why; the value itself may hold anything and is never shown nor logged."""

    attribute: str
    trouble: Trouble


@dataclass(frozen=True)
class Delegated:
    """What the module delegce says: an application, in establishments, from one local day to another, both included."""

    application: str
    uais: tuple[str, ...]
    begins_on: date
    ends_on: date


@dataclass(frozen=True)
class Attributes:
    """The attributes of one person, each with its values, by name without regard to case."""

    values: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, said: Mapping[str, object]) -> "Attributes":
        """From claims or an assertion: what is neither text nor a list of texts is left out."""
        return cls({name.lower(): tuple(_texts(value)) for name, value in said.items()})

    def all(self, name: str) -> Sequence[str]:
        """The values of one attribute, as they came."""
        return self.values.get(name.lower(), ())

    def first(self, *names: str) -> str:
        """The first value of the first of these attributes that has one, else the empty text."""
        return next((value for name in names for value in self.all(name)), "")

    def split(self, name: str) -> Sequence[str]:
        """The values of an attribute none of whose values holds `,` nor `;`, however they were joined."""
        parts = (part.strip() for value in self.all(name) for part in _JOINED.split(value))
        return [part for part in parts if part and part != NONE_SAID]

    def is_too_long(self, name: str) -> bool:
        """Whether there is more than anybody has: it is not read."""
        values = self.all(name)
        return len(values) > MOST_VALUES or sum(map(len, values)) > LONGEST


def schools_in_charge(attributes: Attributes) -> tuple[list[str], list[Unread]]:
    """The UAIs of `FrEduRneResp`, each once; bare UAIs are met as well as `0441550W$UAJ$PU$N$T3$CLG$340`."""
    if attributes.is_too_long(OF_CHARGE):
        return [], [Unread(OF_CHARGE, Trouble.TOO_LONG)]
    return _schools(attributes.split(OF_CHARGE), OF_CHARGE)


def delegations(attributes: Attributes) -> tuple[list[Delegated], list[Unread]]:
    """What `FrEduResDel` says, whatever the application and the day."""
    if attributes.is_too_long(OF_DELEGATION):
        return [], [Unread(OF_DELEGATION, Trouble.TOO_LONG)]
    found: list[Delegated] = []
    unread: list[Unread] = []
    for value in attributes.all(OF_DELEGATION):
        for fields in _delegations_in(value):
            delegated, troubles = _delegation(fields)
            unread += troubles
            if delegated is not None:
                found.append(delegated)
    return found, unread


def _texts(value: object) -> Iterator[str]:
    """Without what no database keeps, nor anybody types: each is a blank."""
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, str) and (text := _UNSEEN.sub(" ", one).strip()):
            yield text


def _schools(values: Sequence[str], attribute: str) -> tuple[list[str], list[Unread]]:
    uais: dict[str, None] = {}
    unread: list[Unread] = []
    for value in values:
        uai, trouble = _school(value)
        if trouble is None:
            uais[uai] = None
        else:
            unread.append(Unread(attribute, trouble))
    return list(uais), unread


def _school(value: str) -> tuple[str, Trouble | None]:
    fields = value.split("$")
    uai = fields[0].strip().upper()
    if len(fields) not in {1, _CHARGE_FIELDS}:
        return uai, Trouble.FIELDS
    if not is_uai(uai):
        return uai, Trouble.UAI
    if len(fields) == _CHARGE_FIELDS and fields[_TYPE_FIELD].strip().upper() not in TYPES:
        return uai, Trouble.TYPE
    return uai, None


def _delegations_in(value: str) -> Iterator[list[str]]:
    """The fields of each delegation of a text that may join several.

    Its sixth field holds `;` itself. So what is cut is the border: the eighth field of one and the first of the next,
    which hold neither `,` nor `;`, stand between the same two bars.
    """
    fields = value.split("|")
    while len(fields) > _DELEGATION_FIELDS:
        last, *after = _JOINED.split(fields[_DELEGATION_FIELDS - 1], maxsplit=1)
        yield [*fields[: _DELEGATION_FIELDS - 1], last]
        fields = [*after, *fields[_DELEGATION_FIELDS:]]
    if value != NONE_SAID:
        yield fields


def _delegation(fields: list[str]) -> tuple[Delegated | None, list[Unread]]:
    if len(fields) != _DELEGATION_FIELDS:
        return None, [Unread(OF_DELEGATION, Trouble.FIELDS)]
    application, _address, begin, end, _delegator, scope, _server, _module = (field.strip() for field in fields)
    days = _day(begin), _day(end)
    if days[0] is None or days[1] is None or days[0] > days[1]:
        return None, [Unread(OF_DELEGATION, Trouble.DATES)]
    name, _, schools = scope.partition("=")
    if name.strip().lower() != OF_CHARGE.lower():
        return None, [Unread(OF_DELEGATION, Trouble.FIELDS)]
    listed = [part for part in _JOINED.split(schools) if part and part != NONE_SAID]
    uais, unread = _schools(listed, OF_DELEGATION)
    return Delegated(application, tuple(uais), days[0], days[1]), unread


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a local day
    except ValueError:
        return None
