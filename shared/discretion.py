"""Nothing of what families are written is in a log: neither by us, nor by the libraries that read or draw it.

Libraries say what they find odd with the very words in which they found it: a sign that no typeface draws, a word too
long for its column, a picture that is none. What such a library has to say is for whoever writes the letters' pages,
who sees it in tests.
"""

import logging
import os
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
    """The kind of an error and the lines that it went through, without its message, which may hold what was read."""
    lines = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{lines}"
