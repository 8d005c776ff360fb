"""What one installation of the portal works with, within reach of its views."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import current_app, request
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.limits.networks import plain_address
from shared.worker.bells import ring_mails

EXTENSION = "parent_portal"


@dataclass(frozen=True)
class Installation:
    """The settings, the database, and what opens initial passwords."""

    settings: Settings
    database: Database
    sealer: Sealer


def installation() -> Installation:
    """The installation that answers the current request."""
    return cast(Installation, current_app.extensions[EXTENSION])


def session() -> Session:
    """The database session of the current request; only what `commit` ends is kept."""
    return installation().database.session


def commit() -> None:
    """Keep what this request did so far."""
    session().commit()


def commit_and_mail() -> None:
    """Keep what this request did so far, and wake whoever sends the mails it asked for."""
    session().commit()
    ring_mails(installation().settings)


def today(now: datetime) -> date:
    """The day it is in the académie at `now`."""
    return clock.local_date(now, installation().settings.time_zone)


def network_address() -> str:
    """Where the request comes from; empty when that cannot be told."""
    return plain_address(request.remote_addr)
