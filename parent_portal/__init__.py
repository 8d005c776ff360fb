"""The portal of the parents."""

from flask import Flask

from parent_portal import access, errors, quotas, security
from parent_portal.compression import compress_static
from parent_portal.ent import ENT
from parent_portal.installation import Installation
from parent_portal.language import page_language, speak
from parent_portal.openid import PROVIDER
from parent_portal.passkeys import offer_passkeys
from parent_portal.templating import prepare_templates
from parent_portal.views import BLUEPRINTS
from parent_portal.visitors import login_manager
from shared.config import Settings, load_settings
from shared.database import Database
from shared.languages import FRENCH
from shared.watching.probes import Probes
from shared.watching.readiness import ReadinessProbe
from shared.web.application import Application
from shared.web.french_pages import keep_signs_beside_words


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """The portal of one installation, by default the one that the environment describes.

    Raises:
        ConfigurationError: a setting is missing, weak or malformed.
        SchemaOutOfDate: the tables are missing, or those of another version.
    """
    settings = (settings or load_settings()).require_secrets()
    database = database or Database(settings.database)
    app = Application(__name__, settings, database, Installation)
    speak(app)
    keep_signs_beside_words(app, lambda: page_language() is FRENCH)
    prepare_templates(app)
    offer_passkeys(app)
    login_manager.init_app(app)
    security.secure(app, settings)
    compress_static(app)
    access.guard(app)
    quotas.hold_to_quotas(app)
    errors.register_errors(app)
    for blueprint in (*BLUEPRINTS, *PROVIDER, *ENT):
        app.register_blueprint(blueprint)
    app.wsgi_app = Probes(app.wsgi_app, ReadinessProbe(database))
    return app
