"""How gunicorn serves the portal of the parents."""

import os

from shared.web.gunicorn.both import *  # noqa: F403 - each setting that they have in common

wsgi_app = "wsgi:portal"
proc_name = "portal"
bind = os.environ.get("PORTAL_BIND") or "127.0.0.1:5002"
# Its pages are short, and more of them at once would only wait for each other: Python runs one thread at a time.
threads = 4
