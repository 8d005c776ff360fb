"""How gunicorn serves the back office."""

import os

from shared.web.gunicorn.both import *  # noqa: F403 - each setting that they have in common

wsgi_app = "wsgi:admin"
proc_name = "admin"
bind = os.environ.get("ADMIN_BIND") or "127.0.0.1:5001"
# A page may wait for letters to be laid out.
threads = 8
