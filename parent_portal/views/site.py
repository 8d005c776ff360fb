"""What machines ask for: robots, and the look a deployer may add."""

from flask import Blueprint, Response, abort, redirect, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from parent_portal.installation import installation
from shared import clock
from shared.web.security_txt import security_txt

bp = Blueprint("site", __name__)

PLAIN = "text/plain; charset=utf-8"


@bp.get("/robots.txt")
def robots() -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", content_type=PLAIN)


@bp.get("/.well-known/security.txt")
def security() -> Response:
    """Where flaws are reported."""
    settings = installation().settings
    said = security_txt(settings, settings.public_portal_url, clock.now()) or abort(404)
    return Response(said, content_type=PLAIN)


@bp.get("/.well-known/change-password")
def change_password() -> ResponseReturnValue:
    """Where password managers lead to when they find a password weak, leaked or used elsewhere."""
    return redirect(url_for("password_change.show"), 303)


@bp.get("/theme/<path:name>")
def theme(name: str) -> Response:
    """A file of the theme folder that whoever installs the portal may fill: `theme.css`, images, typefaces."""
    return send_from_directory((installation().settings.var_dir / "theme").absolute(), name)


@bp.app_context_processor
def has_theme() -> dict[str, bool]:
    """Whether pages ask for a theme."""
    return {"has_theme": (installation().settings.var_dir / "theme" / "theme.css").is_file()}
