"""The WSGI applications: `admin` and `portal`, each at its own address, or `application`, both behind one port.

`front` is the back office once more, for the listener that only a portal in front reaches (docs/sso.md).

Each is made when it is first asked for: a server of the portal holds nothing of the back office.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

from shared.loading.lasting import lasting
from shared.logs.configuration import configure
from shared.private_files import OURS_ONLY

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

__all__ = ["admin", "application", "front", "portal"]  # noqa: F822 - made on demand, below


# Whatever server runs them: uploads are families' addresses.
os.umask(OURS_ONLY)


@cache
def __getattr__(name: str) -> "WSGIApplication":
    if name not in __all__:
        raise AttributeError(name)
    configure()
    if name == "application":
        from werkzeug.middleware.dispatcher import DispatcherMiddleware

        return DispatcherMiddleware(__getattr__("portal"), {"/administration": __getattr__("admin")})
    with lasting():
        return _made(name)


def _made(name: str) -> "WSGIApplication":
    if name == "portal":
        from parent_portal import create_app as create_portal

        return create_portal()
    from admin_app import create_app as create_admin
    from shared.notifications.letters.renderer import PRESSES

    admin = create_admin(behind_portal=name == "front")
    PRESSES.get_ready()
    return admin
