"""The `teleservices` command, with an environment of its own, on a real database."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from shared.cli import teleservices
from shared.config import Settings


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object on the standard output, where nothing else may be."""
        result = json.loads(self.out)
        assert isinstance(result, dict)
        return result


Command = Callable[..., Answer]


@pytest.fixture
def environment(settings: Settings, database_url: str) -> dict[str, str]:
    """The environment of an installation; nothing of the tester's own settings."""
    return {
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": database_url,
        "SECRET_KEY": settings.secret_key or "",
        "INITIAL_PASSWORD_KEY": settings.initial_password_key or "",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Command:
    def run(*arguments: str | Path, **changes: str | None) -> Answer:
        settings_of_this_machine = dict.fromkeys(name.upper() for name in Settings.model_fields)
        done = CliRunner().invoke(
            teleservices,
            [str(argument) for argument in arguments],
            env={**settings_of_this_machine, **environment, **changes},
        )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)

    return run
