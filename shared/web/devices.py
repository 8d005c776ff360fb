"""How a browser is known again where somebody came in with it before: a cookie beside that of the session."""

from typing import cast

import flask
from flask import Flask, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from shared.limits.devices import DeviceCookie

DEVICE = "device"


class _Sessions(SecureCookieSessionInterface):
    """The cookie of the session, and after it the one of the browser that somebody came in with."""

    def save_session(self, app: Flask, session: SessionMixin, response: flask.Response) -> None:
        """Write both."""
        super().save_session(app, session, response)
        if g.get("came_in"):
            _device_cookie().give(response, device())


def keep_devices(app: Flask, cookie: DeviceCookie) -> None:
    """Let browsers be known again by `cookie`."""
    app.extensions[DEVICE] = cookie
    app.session_interface = _Sessions()


def device() -> str:
    """What this browser is known by where somebody came in with it before, or will be."""
    if DEVICE not in g:
        g.device = _device_cookie().held(request.cookies)
    held: str = g.device
    return held


def came_in() -> None:
    """Note that somebody logs in with this browser: the answer gives it its cookie."""
    g.came_in = True


def browser_name() -> str:
    """What the browser says that it is."""
    return request.headers.get("User-Agent", "")


def _device_cookie() -> DeviceCookie:
    return cast(DeviceCookie, current_app.extensions[DEVICE])
