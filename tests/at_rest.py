"""What takes time is done while the request has no transaction open: on SQLite, everybody's logins would wait for it.

Every test of both applications is watched: a page that hashes, judges, renders, binds or redraws in a transaction
fails whatever it tests.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import current_app, has_app_context
from sqlalchemy import make_url

from shared.accounts.credentials.strength import guessing
from shared.notifications.letters import logo
from shared.notifications.letters.joining import Binder
from shared.notifications.letters.renderer import Press
from shared.provider.ent import answers

SLOW: tuple[tuple[Any, str], ...] = (
    (PasswordHasher, "hash"),
    (PasswordHasher, "verify"),
    (guessing, "judge"),
    (Press, "_work"),
    (Binder, "add"),
    (Binder, "finish"),
    (logo, "written_anew"),
    (answers, "_signed"),
)


def watch_slow_work(patch: pytest.MonkeyPatch, extension: str, seen: Callable[[str], None] = lambda name: None) -> None:
    """Fail where something slow begins in a transaction of the request; `seen` is told of each that does not."""
    for owner, name in SLOW:
        patch.setattr(owner, name, _watched(getattr(owner, name), name, extension, seen))


def _watched(
    work: Callable[..., object], name: str, extension: str, seen: Callable[[str], None]
) -> Callable[..., object]:
    def at_rest(*arguments: object, **named: object) -> object:
        if has_app_context() and extension in current_app.extensions:
            session = current_app.extensions[extension].database._current.get()
            assert session is None or not session.in_transaction(), f"{name} works in a transaction of the request"
            seen(name)
        return work(*arguments, **named)

    return at_rest


@contextmanager
def writing_from_elsewhere(patch: pytest.MonkeyPatch, url: str, owner: object, name: str) -> Iterator[list[str]]:
    """While `owner.name` works, somebody else writes to SQLite without waiting at all; what they met is listed."""
    met: list[str] = []
    work = getattr(owner, name)
    path = make_url(url).database

    def write_then_work(*arguments: object, **named: object) -> object:
        connection = sqlite3.connect(path or "", timeout=0)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            met.append("free")
        except sqlite3.OperationalError as error:
            met.append(str(error))
        finally:
            connection.close()
        return work(*arguments, **named)

    with patch.context() as patched:
        patched.setattr(owner, name, write_then_work)
        yield met
