"""Turns the HTML of letters into PDF, in a process of its own that is killed when it takes too long.

xhtml2pdf reads untrusted text (names, the school's own words), draws one document at a time in a process, and may be
made to run for long: none of that may harm the worker. What is printed holds passwords: it goes to that process
and comes back through memory, never through a file.
"""

import io
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

from shared.apart import KeptProcess, TookTooLong
from shared.logs.discretion import say_nothing
from shared.notifications.coupons.sheets import Sheet
from shared.notifications.letters.pages import Filling
from shared.notifications.outbox.leases import PermanentFailure

SECONDS = 15.0
SECONDS_PER_LETTER = 1.0
"""Of a processor."""
LETTERS_AT_ONCE = 200
PATIENCE = 4
"""How many times that is waited for, on a machine that does much else."""
DOCUMENTS_OF_A_PROCESS = 200
"""What the renderer leaves behind in memory with each is gone with its process."""
BEHIND_OTHERS = 10
"""By how much the process yields to others, of the 19 that the system knows."""
LONGEST_JOB = timedelta(seconds=270)
"""How long a page or a lot of letters is waited for, however much else the machine does: shorter than a lease."""

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
        self._process = KeptProcess(DOCUMENTS_OF_A_PROCESS, prepare=_begin)

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

    def coupons(self, sheets: Sequence[Sheet]) -> Printed:
        """The PDF of these pages of coupons, in the same order.

        Raises:
            LayoutFailed: it takes too long, or the process died of it.
        """
        return self._work(draw_coupons, sheets, SECONDS + SECONDS_PER_LETTER * len(sheets))

    def _work(self, work: Callable[..., Result], given: object, limit: float) -> Result:
        try:
            longest = min(PATIENCE * limit, LONGEST_JOB.total_seconds())
            result: Result = self._process.do(work, given, limit, longest=longest)
        except LayoutFailed:
            raise
        except TookTooLong:
            raise LayoutFailed(f"mise en page trop longue : arrêtée après {limit:.0f} secondes de calcul") from None
        except Exception as error:
            # Whatever the text does to the renderer, it is the text's fault and not the worker's.
            log.warning("letters could not be laid out: %s", type(error).__name__)
            raise LayoutFailed("la mise en page a échoué") from None
        return result

    def start(self) -> None:
        """Have the process there before the first document."""
        self._process.start()

    def close(self) -> None:
        """End the process; another document starts it again."""
        self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Presses:
    """The presses of a process, each lent to one person or campaign at a time; one is kept warm for the next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Press] = []

    def get_ready(self) -> None:
        """Have one warm, without keeping anybody waiting: what it needs takes seconds to load the first time."""
        with self._lock:
            if not self._idle:
                self._idle.append(Press())
            press = self._idle[0]
        # Whoever borrows it meanwhile waits for its start rather than begin another.
        # Waited for at the end: a thread that is cut while it starts another process takes this one down with a noise.
        threading.Thread(target=press.start, name="press").start()

    @contextmanager
    def lend(self) -> Iterator[Press]:
        """The one that is warm, or another: nobody waits for what somebody else has laid out."""
        with self._lock:
            press = self._idle.pop() if self._idle else Press()
        try:
            yield press
        finally:
            self._take_back(press)

    def _take_back(self, press: Press) -> None:
        with self._lock:
            is_kept = not self._idle
            if is_kept:
                self._idle.append(press)
        if not is_kept:
            press.close()


PRESSES = Presses()
"""Those of this process."""


# Below, what the rendering process does; it alone imports the renderer.


def _begin() -> None:
    """Let whoever logs in go first: for a preview, somebody waits anyhow, and letters are for tomorrow."""
    os.nice(BEHIND_OTHERS)
    say_nothing()


def typeset_letters(fillings: Sequence[Filling]) -> Printed:
    """The PDF of these letters.

    Raises:
        LayoutFailed: one of them has no room for what it says.
    """
    from shared.notifications.letters.typesetting.layout import DoesNotFit, typeset

    try:
        return Printed(*typeset(fillings))
    except DoesNotFit as problem:
        raise LayoutFailed(str(problem)) from None


def draw_coupons(sheets: Sequence[Sheet]) -> Printed:
    """The PDF of these pages."""
    from shared.notifications.coupons.drawing import draw

    return Printed(draw(sheets), [1] * len(sheets))


def render(html: str) -> bytes:
    """The PDF of `html`, drawn with the bundled typefaces only: no other file and no network can be reached."""
    from xhtml2pdf import pisa

    from shared.notifications.letters.typesetting.layout import HERE, POLICY

    pdf = io.BytesIO()
    pisa.CreatePDF(html, dest=pdf, path=HERE, encoding="utf-8", resource_policy=POLICY)
    return pdf.getvalue()
