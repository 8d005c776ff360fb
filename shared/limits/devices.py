"""The cookie by which a browser is known where somebody came in with it before; it opens nothing by itself (R10).

Written after the cookie of the session, and only when somebody comes in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from werkzeug.wrappers import Response

from shared.limits.familiar_places import FAMILIAR_FOR, LONGEST_DEVICE, new_device

_WELL_FORMED = re.compile(rf"[\w-]{{40,{LONGEST_DEVICE}}}", re.ASCII)


@dataclass(frozen=True)
class DeviceCookie:
    """The cookie of one application; over https no other site can set it."""

    name: str
    is_https: bool
    lifetime: timedelta = FAMILIAR_FOR

    def held(self, cookies: Mapping[str, str]) -> str:
        """What this browser keeps, else something new for it to keep."""
        held = cookies.get(self.name, "")
        return held if _WELL_FORMED.fullmatch(held) else new_device()

    def give(self, response: Response, device: str) -> None:
        """Let the browser keep `device` for a year from now."""
        response.set_cookie(
            self.name,
            device,
            max_age=self.lifetime,
            secure=self.is_https,
            httponly=True,
            samesite="Lax",
        )
