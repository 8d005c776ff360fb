"""What one installation works with, within reach of the views of either application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import current_app, g, request
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.limits.networks import plain_address

EXTENSION = "installation"


@dataclass(frozen=True)
class Installation:
    """The settings, the database, and what seals and opens initial passwords."""

    settings: Settings
    database: Database
    sealer: Sealer


def installation() -> Installation:
    """The installation that answers the current request."""
    return cast(Installation, current_app.extensions[EXTENSION])


def session() -> Session:
    """The database session of the current request: reading for GET, writing otherwise."""
    return installation().database.session


def today(now: datetime | None = None) -> date:
    """The day it is in the académie at `now`, by default at this instant."""
    return clock.local_date(now or clock.now(), installation().settings.time_zone)


def network_address() -> str:
    """Where the request comes from; empty when that cannot be told."""
    return plain_address(request.remote_addr)


def let_go() -> None:
    """Keep what this request did so far and hold no lock any more: something slow comes now, or a refusal that counts.

    Everything else is kept, or undone, when the view answers (`shared.web.application`).
    """
    session().commit()


def once_kept(ring: Callable[[Settings], object]) -> None:
    """Wake whoever works on what this request asks for, once it is kept: earlier, they would find nothing."""
    g.setdefault("bells", []).append(ring)
