"""A worker that lives, and one that does not."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shared.database import Database
from shared.watching.signs import SignOfLife

Seen = Callable[[datetime], None]


@pytest.fixture
def seen(database: Database) -> Seen:
    """Let a worker say that it lives at an instant."""

    def seen(at: datetime) -> None:
        with database.writing() as session:
            SignOfLife(at).give(session, at)

    return seen
