"""One application for all the tests of a process that have the same settings: to build one takes longer than a test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database

Create = Callable[[Settings, Database], Flask]

_built: dict[tuple[Create, Settings], Flask] = {}


@contextmanager
def lent(create: Create, extension: str, settings: Settings, database: Database) -> Iterator[Flask]:
    """The application of `settings` on `database`; what a test changes in it is put back.

    Where its files and its tables are, an application asks its installation, which is kept as `extension`.
    """
    built_for = (create, settings.model_copy(update={"var_dir": Path(), "database_url": None}))
    if built_for not in _built:
        _built[built_for] = create(settings, database)
    app = _built[built_for]
    config, extensions = dict(app.config), {name: _copy(kept) for name, kept in app.extensions.items()}
    here = replace(
        app.extensions[extension],
        settings=settings,
        database=database,
        sealer=Sealer(settings.initial_password_keys),
    )
    app.extensions[extension] = here
    app.testing = True
    yield app
    app.config.clear()
    app.config.update(config)
    app.extensions = extensions


def _copy(kept: object) -> object:
    return dict(kept) if isinstance(kept, dict) else kept
