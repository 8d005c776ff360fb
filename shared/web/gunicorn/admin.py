"""How gunicorn serves the back office."""

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

wsgi_app = "wsgi:admin"
proc_name = "admin"
bind = os.environ.get("ADMIN_BIND") or "127.0.0.1:5001"
# A page may wait for letters to be laid out.
threads = 8
