"""What makes each of the two applications: its installation, its database, where the transaction of a request ends."""

from flask import Flask, Response, g, request

from shared.accounts.credentials.sealing import Sealer
from shared.config import TEMPLATES, Settings
from shared.database import Database
from shared.migrations.version import require_up_to_date
from shared.web.installation import EXTENSION, Installation, installation, session

READING = {"GET", "HEAD", "OPTIONS"}
REFUSED_FROM = 400
SECONDS_FILES_ARE_KEPT = 3600


class Application(Flask):
    """An application each of whose requests works in one transaction, which ends here.

    What a view did is kept when it answers with a page or sends the browser on, and undone when it refuses (a status of
    400 or more) or raises. A view that goes on after an exception of a rule undoes by itself what the rule began.
    """

    def __init__(
        self, name: str, settings: Settings, database: Database, kind: type[Installation] = Installation
    ) -> None:
        """Make it, with an installation of a `kind`.

        Raises:
            SchemaOutOfDate: the tables are missing, or those of another version.
        """
        require_up_to_date(database.engine)
        super().__init__(name, template_folder=TEMPLATES)
        self.config["SEND_FILE_MAX_AGE_DEFAULT"] = SECONDS_FILES_ARE_KEPT
        self.extensions[EXTENSION] = kind(settings, database, Sealer(settings.initial_password_keys))
        self.before_request(_open_database)
        self.teardown_request(_close_database)

    def dispatch_request(self) -> Response:
        """The answer of the view, once what it did is kept or undone."""
        answer = self.make_response(super().dispatch_request())
        if request.method not in READING:
            _end_transaction(answer.status_code)
        return answer


def write_from_here(app: Flask) -> None:
    """Let requests that change something write, after what is registered before has been asked."""

    @app.before_request
    def let_it_write() -> None:
        # Who asks was read without the lock that writing takes; from here on the page's own work begins.
        if request.method not in READING:
            installation().database.open(writing=True)


def _open_database() -> None:
    installation().database.open(writing=False)


def _close_database(_error: BaseException | None) -> None:
    installation().database.close()


def _end_transaction(status: int) -> None:
    if status >= REFUSED_FROM:
        session().rollback()
        return
    session().commit()
    for ring in g.pop("bells", ()):
        ring(installation().settings)
