"""Nothing of what families are written is in a log: neither by us, nor by the libraries that read or draw it.

Libraries say what they find odd with the very words in which they found it: a sign that no typeface draws, a word too
long for its column, a picture that is none. What such a library has to say is for whoever writes the letters' pages,
who sees it in tests.
"""

import logging
import os
import sqlite3
import traceback
import warnings

TALKATIVE = (
    "aiosmtpd",
    "asyncio",
    "fontTools",
    "html5lib",
    "mail.log",
    "pikepdf",
    "PIL",
    "pypdf",
    "reportlab",
    "svglib",
    "xhtml2pdf",
)
"""The loggers, with all below them, of what meets the words of letters, mails, exports or pictures."""


def silence_libraries() -> None:
    """Let none of them be heard in this process, whatever handlers it has; their warnings neither."""
    for name in TALKATIVE:
        library = logging.getLogger(name)
        library.handlers = [logging.NullHandler()]
        library.propagate = False
    warnings.simplefilter("ignore")


def say_nothing() -> None:
    """Let this process write nowhere that anybody reads: for one that only draws, and answers through memory."""
    silence_libraries()
    logging.disable(logging.CRITICAL)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def where(error: BaseException) -> str:
    """The kind of an error and the lines that it went through, without what it may hold of what was being read.

    What caused it comes first, as Python prints it.
    """
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = "" if cause is None else f"{where(cause)}then "
    lines = "".join(traceback.format_tb(error.__traceback__))
    return f"{before}{what(error)}\n{lines}"


def what(error: BaseException) -> str:
    """The kind of an error, and the words of those that speak of machines and never of rows: a disk that is full."""
    # Read when something failed: every process says what it is told to, and some have no database.
    from sqlalchemy.exc import OperationalError

    words: str | None = None
    if isinstance(error, OSError):
        words = error.strerror
    elif isinstance(error, (sqlite3.OperationalError, OperationalError)):
        said = str(getattr(error, "orig", error)).strip()
        words = said.splitlines()[0] if said else None
    return type(error).__name__ + (f" ({words})" if words else "")
