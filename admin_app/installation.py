"""What one installation of the back office works with, within reach of its views."""

from dataclasses import dataclass, field
from typing import cast

from flask import request

from shared.sign_on.discovery import Discovery
from shared.web import installation as shared_installation
from shared.web.installation import EXTENSION, let_go, network_address, once_kept, session, today

__all__ = [
    "EXTENSION",
    "Installation",
    "installation",
    "let_go",
    "network_address",
    "once_kept",
    "public_address",
    "session",
    "today",
]


@dataclass(frozen=True)
class Installation(shared_installation.Installation):
    """What both applications have, and what identity providers say of themselves."""

    discovery: Discovery = field(default_factory=Discovery)
    """Kept while the process lives."""


def installation() -> Installation:
    """The installation that answers the current request."""
    return cast(Installation, shared_installation.installation())


def public_address(path: str) -> str:
    """A path of ours, as browsers know it: what a request says of its host decides nothing."""
    return installation().settings.public_admin_url + path.removeprefix(request.script_root)
