"""An application that answers browsers, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def served(application: Flask, port: int = 0) -> Iterator[str]:
    """The address at which `application` answers until the end; at `port`, where its own settings name one."""
    server = make_server("127.0.0.1", port, application, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
