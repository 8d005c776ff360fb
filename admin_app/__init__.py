"""The back office of the establishments."""

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import Babel

from admin_app import access, errors, security, templating
from admin_app.installation import Installation
from admin_app.page import Page
from admin_app.ui import toolbar
from admin_app.views import make_index, make_views
from admin_app.visitors import login_manager
from shared.config import Settings, load_settings
from shared.database import Database
from shared.watching.probes import Probes
from shared.watching.readiness import ReadinessProbe
from shared.web.application import Application
from shared.web.french_pages import keep_signs_beside_words
from shared.web.front_portal import HeadersOfPortal

NAME = "Administration des téléservices"


def create_app(
    settings: Settings | None = None, database: Database | None = None, *, behind_portal: bool = False
) -> Flask:
    """The back office of one installation, by default the one that the environment describes.

    `behind_portal` is for the listener that only a portal in front reaches, which may say who comes.

    Raises:
        ConfigurationError: a setting is missing, weak or malformed.
        SchemaOutOfDate: the tables are missing, or those of another version.
    """
    settings = (settings or load_settings()).require_secrets()
    database = database or Database(settings.database)
    app = Application(__name__, settings, database, Installation)
    Babel(app, default_locale="fr", default_timezone=settings.time_zone)
    login_manager.init_app(app)
    security.secure(app, settings)
    pages = [make_index(), *make_views()]
    access.guard(app, {page.place: page.need for page in pages})
    app.extensions["powers"] = {page.place: page.powers for page in pages}
    security.protect_forms(app)
    access.guard_forms(app)
    errors.register_errors(app)
    toolbar.prepare_beside(app)
    keep_signs_beside_words(app)
    _add_pages(app, pages)
    app.wsgi_app = HeadersOfPortal(app.wsgi_app, settings, behind_portal=behind_portal)
    app.wsgi_app = Probes(app.wsgi_app, ReadinessProbe(database))
    return app


def _add_pages(app: Flask, pages: list[Page]) -> None:
    index, *others = pages
    theme = Bootstrap4Theme(base_template="admin/frame.html")
    back_office = Admin(app, name=NAME, url="/", index_view=index, theme=theme)
    back_office.add_views(*others)
    templating.prepare_templates(app, back_office)
