"""PostgreSQL is copied by its own programs, found on this machine; what they refuse is told in their last words."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from shared.saving.refusals import ProgramMissing, SavingRefused

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps each version; the newest works with every server that is not newer."""


def dump(url: URL, into: Path, snapshot: str) -> None:
    """Write what `snapshot` sees into a file of its owner's.

    Raises:
        SavingRefused: the program is missing, or refused.
    """
    with os.fdopen(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        _run("pg_dump", url, *arguments, _database(url), output=file.fileno())
    list_of_contents(into)


def restore(url: URL, dumped: Path, contents: Path) -> None:
    """Make the tables and fill them, in one transaction, but for what `contents` leaves out.

    Raises:
        SavingRefused: the program is missing, or refused; nothing was changed.
    """
    arguments = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", f"--use-list={contents}")
    _run("pg_restore", url, *arguments, f"--dbname={_database(url)}", str(dumped))


def list_of_contents(dumped: Path) -> str:
    """What the file holds, one entry on a line, as `restore` reads it.

    Raises:
        SavingRefused: it is not readable.
    """
    return _run("pg_restore", None, "--list", str(dumped))


def _run(name: str, url: URL | None, *arguments: str, output: int = subprocess.PIPE) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    if url is not None and url.password:
        # Arguments are everybody's to read on this machine; this is not.
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603 - our own arguments, and no shell
        [_program(name), *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"code {done.returncode}"]
        raise SavingRefused(f"{name} a échoué\u00a0: {said[0].removeprefix(f'{name}: ')}. Rien n'a changé.")
    return (done.stdout or b"").decode(errors="replace")


def _database(url: URL) -> str:
    return url.set(drivername="postgresql", password=None).render_as_string()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(name)
    # Debian's own choice is the version of the cluster of this machine, which may be older than the server.
    of_debian = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: _number(path.parent.parent.name))
    return str(of_debian[-1]) if of_debian else found


def _number(version: str) -> int:
    return int(version) if version.isdigit() else 0
