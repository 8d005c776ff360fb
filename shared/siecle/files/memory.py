"""What the reading of a file may cost in memory and time."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.siecle.report import ImportRefused, quoted

GROWTH_BYTES = 48 * 1024**2
"""By how much a process may grow while it reads one file; the largest school makes it grow by a few."""

ADDRESS_BYTES = 256 * 1024**2
"""By how much its addresses may grow meanwhile: at once, where `GROWTH_BYTES` is looked at now and then."""
PROCESSOR_SECONDS = 180
"""How long it may compute; the largest school takes a third of it."""

TOO_MUCH = (
    "La lecture de ces fichiers prend plus de temps ou de mémoire que celle d'aucun export de SIECLE\u00a0: elle a été "
    "arrêtée et rien n'a été changé. Téléchargez-les de nouveau depuis SIECLE et renvoyez-les tels quels."
)

_STATISTICS = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class MemoryWatch:
    """Sees to it that a file does not take the memory of the process, in whatever way it tries."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._most = resident_bytes() + GROWTH_BYTES

    def look(self) -> None:
        """To be called now and then while the file is read.

        Raises:
            ImportRefused: the process has grown too much.
        """
        if resident_bytes() > self._most:
            raise ImportRefused(
                f"La lecture du fichier {quoted(self._label)} prend trop de mémoire\u00a0: ce n'est pas un export de "
                "SIECLE, ou il est abîmé. Téléchargez-le de nouveau depuis SIECLE."
            )


def resident_bytes() -> int:
    """What the process has in memory now; where the system does not tell, the most that it ever had."""
    try:
        return int(_STATISTICS.read_bytes().split()[1]) * _PAGE_BYTES
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def bounded() -> Iterator[None]:
    """Let the process die rather than compute for hours or take the memory of the machine.

    For a process that does nothing else: the limits are those of all its threads.

    Raises:
        ImportRefused: there was no memory left to go on with.
    """
    addresses = int(_STATISTICS.read_bytes().split()[0]) * _PAGE_BYTES + ADDRESS_BYTES if _STATISTICS.exists() else None
    computed = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(computed.ru_utime + computed.ru_stime) + PROCESSOR_SECONDS
    with _limit(resource.RLIMIT_CPU, seconds), _limit(resource.RLIMIT_AS, addresses):
        try:
            yield
        except MemoryError:
            raise ImportRefused(TOO_MUCH) from None


@contextmanager
def _limit(kind: int, most: int | None) -> Iterator[None]:
    before, hard = resource.getrlimit(kind)
    if most is not None:
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (before, hard))
