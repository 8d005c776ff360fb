"""How gunicorn serves the portal of the parents."""

import os

from shared.web.gunicorn.both import (
    control_socket_disable,
    logger_class,
    on_starting,
    reuse_port,
    worker_class,
    worker_tmp_dir,
    workers,
)

__all__ = [
    "control_socket_disable",
    "logger_class",
    "on_starting",
    "reuse_port",
    "worker_class",
    "worker_tmp_dir",
    "workers",
]

wsgi_app = "wsgi:portal"
proc_name = "portal"
bind = os.environ.get("PORTAL_BIND") or "127.0.0.1:5002"
# Its pages are short, and more of them at once would only wait for each other: Python runs one thread at a time.
threads = 4
