"""Every event that any test of the suite writes in the journal can be told in words, or that test fails.

What the details of an event hold cannot all be read in the code: names come from rules, values from tables.
"""

import enum
import re
from collections.abc import Mapping
from functools import cache
from inspect import getmembers, isclass
from typing import Any

from sqlalchemy import event

import shared.models
from shared.models.journal import JournalEvent

_CODE_NAME = re.compile(r"[a-z_]+")


@event.listens_for(JournalEvent, "init")
def _can_be_told(_event: JournalEvent, _args: object, columns: Mapping[str, Any]) -> None:
    require_words(columns["action"], columns.get("details") or {}, columns.get("subject") or "")


def require_words(action: str, details: Mapping[str, Any], subject: str) -> None:
    """Fail unless staff can read what happened, its details and on whom."""
    from admin_app.ui.journal.events import EVENTS, SUBJECTS

    assert action in EVENTS, f"no words for {action!r} in EVENTS"
    assert subject in SUBJECTS or subject not in _names(), f"no words for {subject!r} in SUBJECTS"
    _require_details(details)


def _require_details(details: Mapping[str, Any]) -> None:
    from admin_app.ui.journal.details import DETAILS, HIDDEN_DETAILS

    for name, value in details.items():
        # The reasons why accounts are left aside are sentences.
        is_said = name in DETAILS or name in HIDDEN_DETAILS or not _CODE_NAME.fullmatch(name)
        assert is_said, f"no words for the detail {name!r} in DETAILS"
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                _require_details(one)
            else:
                _require_value(one)


def _require_value(value: object) -> None:
    from admin_app.ui.journal.details import VALUES

    is_a_name = isinstance(value, str) and value in _names()
    assert not is_a_name or value in VALUES, f"no words for the value {value!r} in VALUES"


@cache
def _names() -> frozenset[str]:
    """What the code calls the states, kinds and roles of the tables."""
    modules = [module for _, module in getmembers(shared.models) if hasattr(module, "__file__")]
    kinds = {one for module in modules for _, one in getmembers(module, isclass) if issubclass(one, enum.StrEnum)}
    return frozenset(value.value for kind in kinds for value in kind)
