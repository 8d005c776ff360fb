"""What an import tells whoever asked for it: counts, warnings, errors, all in French sentences (R28)."""

from dataclasses import asdict, dataclass, field
from typing import Any

SENTENCES_KEPT = 1_000
"""Sentences of each sort that a report lists; beyond, they are only counted."""

SHOWN_CHARACTERS = 60


class ImportRefused(Exception):
    """The files cannot be imported and nothing was changed; the message says what is wrong, where, and what to do."""


def quoted(value: str) -> str:
    """`value` between French quotes, cut when it is long: what a file says is never shown whole."""
    shown = value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"
    return f"«\u00a0{shown}\u00a0»"


@dataclass
class Counts:
    """Records of one kind: read in the files, and what became of those of the base."""

    read: int = 0
    created: int = 0
    updated: int = 0
    gone: int = 0


@dataclass
class Sentences:
    """The first `SENTENCES_KEPT` sentences, and how many there were."""

    kept: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, sentence: str) -> None:
        """Count a sentence, and keep it while there is room."""
        self.count += 1
        if len(self.kept) < SENTENCES_KEPT:
            self.kept.append(sentence)


@dataclass
class Findings:
    """What was found while reading and comparing: records left out, and oddities that were coped with."""

    errors: Sentences = field(default_factory=Sentences)
    warnings: Sentences = field(default_factory=Sentences)


@dataclass
class ImportReport:
    """What an import did, or would do when it is a dry run."""

    uai: str
    establishment: str
    dry_run: bool
    findings: Findings
    older: list[str] = field(default_factory=list)
    """One sentence for each file older than the last one imported: to be confirmed before the import proper."""
    students: Counts = field(default_factory=Counts)
    guardians: Counts = field(default_factory=Counts)
    links: Counts = field(default_factory=Counts)
    divisions: Counts = field(default_factory=Counts)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The counts of every kind, by its name."""
        return {kind: asdict(getattr(self, kind)) for kind in ("students", "guardians", "links", "divisions")}

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it and the back office stores it."""
        return {
            "uai": self.uai,
            "establishment": self.establishment,
            "dry_run": self.dry_run,
            **self.counts,
            "older": self.older,
            "warnings": self.findings.warnings.kept,
            "warnings_count": self.findings.warnings.count,
            "errors": self.findings.errors.kept,
            "errors_count": self.findings.errors.count,
        }
