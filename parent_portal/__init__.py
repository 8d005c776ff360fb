"""The portal of the parents."""

from flask import Flask

from parent_portal import access, errors, quotas, security
from parent_portal.compression import compress_static
from parent_portal.installation import EXTENSION, Installation, installation
from parent_portal.language import speak
from parent_portal.passkeys import offer_passkeys
from parent_portal.templating import prepare_templates
from parent_portal.views import BLUEPRINTS
from parent_portal.visitors import login_manager
from shared.accounts.credentials.sealing import Sealer
from shared.config import TEMPLATES, Settings, load_settings
from shared.database import Database
from shared.schema_version import require_up_to_date
from shared.watching.probes import Probes
from shared.watching.readiness import ReadinessProbe

SECONDS_STYLES_ARE_KEPT = 3600


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """The portal of one installation, by default the one that the environment describes.

    Raises:
        ConfigurationError: a setting is missing, weak or malformed.
        SchemaOutOfDate: the tables are missing, or those of another version.
    """
    settings = (settings or load_settings()).require_secrets()
    database = database or Database(settings.database)
    require_up_to_date(database.engine)
    app = Flask(__name__, template_folder=TEMPLATES)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = SECONDS_STYLES_ARE_KEPT
    app.extensions[EXTENSION] = Installation(settings, database, Sealer(settings.initial_password_keys))
    _open_database_with_each_request(app)
    speak(app)
    prepare_templates(app)
    offer_passkeys(app)
    login_manager.init_app(app)
    security.secure(app, settings)
    compress_static(app)
    access.guard(app)
    quotas.hold_to_quotas(app)
    errors.register_errors(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.wsgi_app = Probes(app.wsgi_app, ReadinessProbe(database))  # type: ignore[method-assign]
    return app


def _open_database_with_each_request(app: Flask) -> None:
    @app.before_request
    def open_database() -> None:
        installation().database.open(writing=False)

    @app.teardown_request
    def close_database(_error: BaseException | None) -> None:
        installation().database.close()
