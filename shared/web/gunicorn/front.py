"""How gunicorn serves the back office behind the portal in front: a listener that nobody but the portal may reach."""

import os
from typing import Any

from shared.web.front_portal import REPEATED, repeated
from shared.web.gunicorn.both import *  # noqa: F403 - each setting that they have in common

wsgi_app = "wsgi:front"
proc_name = "front"
bind = os.environ.get("FRONT_BIND") or "127.0.0.1:5004"
# Of a Unix socket: for the group of the relay, and nobody else of the machine.
umask = 0o007
threads = 8


def pre_request(_worker: Any, req: Any) -> None:  # noqa: ANN401 - gunicorn's, whose classes carry no types
    """Note which headers came twice, before they are joined into one."""
    if twice := repeated(req.headers):
        req.headers.append((REPEATED.upper(), twice))
