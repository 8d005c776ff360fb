"""Turns the HTML of letters into PDF, in a process of its own that is killed when it takes too long.

xhtml2pdf reads untrusted text (names, the school's own words), draws one document at a time in a process, and may be
made to run for long: none of that may harm the worker. What is printed holds passwords: it goes to that process
and comes back through memory, never through a file.
"""

import io
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessPool

from shared.apart import FORKS
from shared.discretion import say_nothing
from shared.notifications.letters.pages import Filling
from shared.notifications.outbox.leases import PermanentFailure

SECONDS = 15.0
SECONDS_PER_LETTER = 1.0
LETTERS_AT_ONCE = 200
LONGEST_JOB = timedelta(seconds=SECONDS + SECONDS_PER_LETTER * LETTERS_AT_ONCE)
"""A page or a lot of letters, at the worst: shorter than a lease."""

Result = TypeVar("Result")

log = logging.getLogger(__name__)


class LayoutFailed(PermanentFailure):
    """These pages cannot be laid out: too long, too slow, or something has no room."""


@dataclass(frozen=True)
class Printed:
    """A PDF, in memory, and the number of pages of each letter in it."""

    pdf: bytes = field(repr=False)
    pages: Sequence[int]


class Press:
    """A rendering process, started by the first document and kept for the next ones."""

    def __init__(self) -> None:
        self._pool = ProcessPool(max_workers=1, max_tasks=200, initializer=say_nothing, context=FORKS)

    def print(self, html: str) -> bytes:
        """The PDF of `html`.

        Raises:
            LayoutFailed: it takes too long, or the process died of it.
        """
        return self._work(render, html, SECONDS)

    def letters(self, fillings: Sequence[Filling]) -> Printed:
        """The PDF of these letters, each on pages of its own, in the same order.

        Raises:
            LayoutFailed: it takes too long, the process died of it, or one of them has no room for what it says.
        """
        return self._work(typeset_letters, fillings, SECONDS + SECONDS_PER_LETTER * len(fillings))

    def _work(self, work: Callable[..., Result], given: object, limit: float) -> Result:
        try:
            result: Result = self._pool.schedule(work, args=(given,), timeout=limit).result()
        except LayoutFailed:
            raise
        except TookTooLong:
            raise LayoutFailed(f"mise en page trop longue : arrêtée après {limit:.0f} secondes") from None
        except Exception as error:
            # Whatever the text does to the renderer, it is the text's fault and not the worker's.
            log.warning("letters could not be laid out: %s", type(error).__name__)
            raise LayoutFailed("la mise en page a échoué") from None
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.stop()
        self._pool.join()


# Below, what the rendering process does; it alone imports the renderer.


def typeset_letters(fillings: Sequence[Filling]) -> Printed:
    """The PDF of these letters.

    Raises:
        LayoutFailed: one of them has no room for what it says.
    """
    from shared.notifications.letters.layout import DoesNotFit, typeset

    try:
        return Printed(*typeset(fillings))
    except DoesNotFit as problem:
        raise LayoutFailed(str(problem)) from None


def render(html: str) -> bytes:
    """The PDF of `html`, drawn with the bundled typefaces only: no other file and no network can be reached."""
    from xhtml2pdf import pisa

    from shared.notifications.letters.layout import HERE, POLICY

    pdf = io.BytesIO()
    pisa.CreatePDF(html, dest=pdf, path=HERE, encoding="utf-8", resource_policy=POLICY)
    return pdf.getvalue()
