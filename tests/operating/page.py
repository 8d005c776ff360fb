"""The commands of docs/exploitation.md: its indented blocks, but for those that are lines of a file of settings."""

import re
from pathlib import Path
from typing import NamedTuple

from shared.cli.program import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "exploitation.md").read_text("utf-8")
SETTINGS = re.compile(r"\[\w+\]|[\w-]+=\S+|[\w-]+ = \S.*|upstream \w+ \{|(server|keepalive) .*;|\}")
"""Of systemd, PostgreSQL, pgBackRest or nginx; a setting before a command is a command."""


PROGRAMS = frozenset(
    {
        *("apt", "createdb", "gunicorn", "install", "journalctl", "jq", "make", "openssl", "pg_basebackup"),
        *("pg_ctlcluster", "pip", "podman", "promtool", "psql", "python", "runuser", "sha256sum", "sudo"),
        *("systemctl", "teleservices", "PUBLIC_PORTAL_URL=http://localhost:5002", "BOUNCES_SAMPLES=DOSSIER"),
    }
)
"""What a command begins with, where the text itself names one."""
STANDS_FOR_OTHERS = re.compile(r"…|(?<![=\w])[A-Z]{4,}\b(?![=_])")


class Command(NamedTuple):
    """One command, under its heading."""

    section: str
    text: str


class Settings(NamedTuple):
    """One line to write into a file, under its heading."""

    section: str
    text: str


def lines() -> list[tuple[str, str]]:
    """Every indented line with its heading; one that goes on in the next is one."""
    section, found, goes_on = "", list[tuple[str, str]](), False
    for line in PAGE.splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ")
        elif line.startswith("    "):
            text = line.strip().removesuffix("\\").strip()
            if goes_on:
                found[-1] = (section, f"{found[-1][1]} {text}")
            else:
                found.append((section, text))
            goes_on = line.endswith("\\")
    return found


def commands(section: str | None = None) -> list[Command]:
    """Those of a section, or all, in the order of the page, without their remarks."""
    found = [Command(where, remark_taken_from(text)) for where, text in lines() if not SETTINGS.fullmatch(text)]
    return [command for command in found if section in (None, command.section)]


def commands_in_sentences() -> set[str]:
    """What stands in the text itself, between backquotes, and begins with the name of a program or a command of ours.

    What holds a word that stands for others (« … », « COMMANDE ») is a manner of speaking.
    """
    prose = "\n".join(line for line in PAGE.splitlines() if not line.startswith("    "))
    spans = {" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)}
    begun = {span for span in spans if " " in span and span.split()[0] in PROGRAMS | COMMANDS.keys()}
    return {span for span in begun if not STANDS_FOR_OTHERS.search(span)}


def settings(section: str) -> list[str]:
    """The lines of files that a section shows."""
    return [text for where, text in lines() if where == section and SETTINGS.fullmatch(text)]


def remark_taken_from(text: str) -> str:
    """The command alone: what follows two spaces and a « # » is told to people."""
    return re.sub(r"\s{2,}# .*$| +# .*$", "", text).strip()
