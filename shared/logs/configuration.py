"""The logs of a process, set up once: one line each, on the standard error, as text or as JSON."""

import logging
import os
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from shared.logs.discretion import silence_libraries, where
from shared.logs.tracing import current_trace

OWN = ("admin_app", "gunicorn", "parent_portal", "shared")
"""The loggers whose ordinary news is written too; of others, only what is wrong."""

LINE = "%(asctime)s %(levelname)s %(name)s [%(trace)s] %(message)s"
FIELDS = {"asctime": "at", "levelname": "level", "name": "logger", "exc_info": "error"}
DATE = "%Y-%m-%dT%H:%M:%S%z"


class TracedRecords(logging.Filter):
    """Says of each line which request, command or piece of work it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep it, with its trace."""
        record.trace = current_trace()
        return True


class Discreet(logging.Formatter):
    """Tells of an error its kind and the lines of code that it went through, never its message.

    The message of an error holds what was being read: PostgreSQL quotes the values of the row that it refuses.
    """

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - as logging declares it
        """The kind of the error, and where."""
        return where(ei[1]) if ei and ei[1] is not None else ""


class TextLines(Discreet):
    """One line for each record: what was sent from outside cannot begin another one. Tracebacks follow below."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging declares it
        """The line, with every sign that would end it written out."""
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in super().formatMessage(record))


class JsonLines(Discreet, JsonFormatter):
    """One JSON object for each record, whatever is in it."""


def configure(log_format: str | None = None, *, with_news: bool = True) -> None:
    """Set up the logs of this process; called where processes start, and nowhere else.

    `log_format` is `text` or `json`, by default what `LOG_FORMAT` says in the environment; the settings refuse another
    word, and say so in text. A command that somebody waits for says its news itself: only what is wrong is logged.
    """
    wanted = log_format or os.environ.get("LOG_FORMAT") or "text"
    handler = logging.StreamHandler()
    handler.addFilter(TracedRecords())
    handler.setFormatter(
        JsonLines(LINE, DATE, rename_fields=FIELDS, json_ensure_ascii=False)
        if wanted == "json"
        else TextLines(LINE, DATE)
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.INFO if with_news else logging.WARNING)
    silence_libraries()
