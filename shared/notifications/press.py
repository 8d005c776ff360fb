"""Turns the HTML of letters into PDF, in a process of its own that is killed when it takes too long.

xhtml2pdf reads untrusted text (names, later the school's own words), draws one document at a time in a process, and
may be made to run for long: none of that may harm the worker. What is printed holds passwords: it goes to that process
and comes back through memory, never through a file.
"""

import io
import logging
import multiprocessing
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from pebble import ProcessPool
from pikepdf import Pdf

from shared.config import TEMPLATES
from shared.notifications.delivery import PermanentFailure

LETTERS = TEMPLATES / "letters"
FONTS = LETTERS / "fonts"

SECONDS = 15.0
SECONDS_PER_PAGE = 1.0
LARGEST_HTML = 20 * 1024 * 1024
DEEPEST_HTML = 60

log = logging.getLogger(__name__)


class LayoutFailed(PermanentFailure):
    """These pages cannot be laid out: too long, too slow, or not one page each."""


@dataclass(frozen=True)
class Printed:
    """A PDF, in memory."""

    pdf: bytes = field(repr=False)
    pages: int


class Press:
    """A rendering process, started by the first document and kept for the next ones."""

    def __init__(self) -> None:
        self._pool = ProcessPool(max_workers=1, max_tasks=200, context=multiprocessing.get_context("spawn"))

    def print(self, html: str, pages: int | None = None) -> Printed:
        """The PDF of `html`, which must make exactly `pages` pages when that is said.

        Raises:
            LayoutFailed: it takes too long, the process died of it, or it makes another number of pages.
        """
        limit = SECONDS + SECONDS_PER_PAGE * (pages or 0)
        try:
            printed: Printed = self._pool.schedule(render, args=(html,), timeout=limit).result()
        except TookTooLong:
            raise LayoutFailed(f"mise en page trop longue : arrêtée après {limit:.0f} secondes") from None
        except Exception as error:
            # Whatever the text does to the renderer, it is the text's fault and not the worker's.
            log.warning("a document of %d characters could not be laid out: %s", len(html), type(error).__name__)
            raise LayoutFailed("la mise en page a échoué") from None
        if pages is not None and printed.pages != pages:
            raise LayoutFailed(f"le courrier ne tient pas sur une page ({printed.pages} au lieu de {pages})")
        return printed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.stop()
        self._pool.join()


def render(html: str) -> Printed:
    """The PDF of `html`, drawn with the bundled typefaces only: no other file and no network can be reached."""
    # Imported by the rendering process alone: the worker needs none of it.
    from xhtml2pdf import pisa
    from xhtml2pdf.config.resources import ResourceAccessPolicy

    policy = ResourceAccessPolicy.server(
        FONTS,
        allow_remote=False,
        max_document_bytes=LARGEST_HTML,
        max_depth=DEEPEST_HTML,
        max_render_seconds=None,
    )
    pdf = io.BytesIO()
    pisa.CreatePDF(html, dest=pdf, path=str(LETTERS / "letter.html"), encoding="utf-8", resource_policy=policy)
    with Pdf.open(pdf) as document:
        pages = len(document.pages)
    return Printed(pdf.getvalue(), pages)
