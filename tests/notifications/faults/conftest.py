"""One school to notify, on one machine (SQLite) or on many (PostgreSQL and Redis)."""

from collections.abc import Callable

import pytest

from shared.config import Settings
from shared.models.notifications import Campaign, Mode
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import gateway, phones, sending

__all__ = ["gateway", "phones", "sending"]


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest, database_url: str) -> Settings:
    redis_url = None if database_url.startswith("sqlite") else request.getfixturevalue("redis_url")
    return Settings(**(settings.model_dump() | {"redis_url": redis_url}))


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """Print what became of a fault in the table at the end of the run."""
    return lambda fault, outcome: record_property("fault", (fault, outcome))


@pytest.fixture
def launch(school: School) -> Callable[..., Campaign]:
    """A campaign of so many mails and so many letters."""

    def launch(mails: int = 0, letters: int = 0) -> Campaign:
        for index in range(mails):
            school.family("HOARAU", email=f"p{index}@example.org", identifier=f"courriel{index}x")
        for index in range(letters):
            school.family("PAYET", identifier=f"papier{index}x")
        return school.launch(Mode.BOTH)

    return launch
