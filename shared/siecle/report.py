"""What an import tells whoever asked for it: counts, warnings, errors, all in French sentences (R28)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, Literal

from shared.refusals import Refusal
from shared.siecle.losses import Affected, Loss, mark_of

SENTENCES_KEPT = 10_000
"""Sentences of one kind that a report lists, more than a real school can give; beyond, they are only counted."""
KINDS_TOLD_APART = 100
"""Kinds of sentences of one report; those of further kinds are counted and listed together."""

SHOWN_CHARACTERS = 60
OTHER_KINDS = "autres remarques"

# What `quoted` makes, and never longer.
_WHAT_VARIES = re.compile("«\u00a0[^»]{0,61}\u00a0»|\\b\\d+\\b")


class ImportRefused(Refusal):
    """The files cannot be imported and nothing was changed; the message says what is wrong, where, and what to do."""


def quoted(value: str) -> str:
    """`value` between French quotes, cut when it is long: what a file says is never shown whole."""
    shown = value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"
    return f"«\u00a0{shown}\u00a0»"


def kind_of(sentence: str) -> str:
    """What `sentence` says whatever it says it of: without what is quoted, and without numbers."""
    return _WHAT_VARIES.sub("…", sentence)


@dataclass
class Counts:
    """Records of one kind: read in the files, and what became of those of the base."""

    read: int = 0
    created: int = 0
    updated: int = 0
    gone: int = 0


@dataclass
class SentencesOfAKind:
    """How often one thing was found, and the first `SENTENCES_KEPT` sentences about it."""

    kind: str
    kept: list[str] = field(default_factory=list)
    count: int = 0


@dataclass
class Sentences:
    """Sentences of every kind, the kinds in the order in which they were met."""

    _kinds: dict[str, SentencesOfAKind] = field(default_factory=dict)

    def add(self, sentence: str, kind: str | None = None) -> None:
        """Count a sentence, and keep it while there is room.

        `kind` says in words what sentences of its kind have in common; None takes it from the sentence itself.
        """
        found = self._of_kind(kind_of(sentence) if kind is None else kind)
        found.count += 1
        if len(found.kept) < SENTENCES_KEPT:
            found.kept.append(sentence)

    def add_unwritten(self, kind: str, number: int) -> None:
        """Count `number` more of a kind, of which nothing else is said."""
        if number > 0:
            self._of_kind(kind).count += number

    def _of_kind(self, kind: str) -> SentencesOfAKind:
        if kind not in self._kinds and len(self._kinds) >= KINDS_TOLD_APART:
            kind = OTHER_KINDS
        return self._kinds.setdefault(kind, SentencesOfAKind(kind))

    def __iter__(self) -> Iterator[SentencesOfAKind]:
        return iter(self._kinds.values())

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(found.count for found in self)

    @property
    def kept(self) -> list[str]:
        """Those that were kept, kind after kind."""
        return [sentence for found in self for sentence in found.kept]

    def as_json(self) -> list[dict[str, Any]]:
        """Each kind, how many there were, and how many of `kept` are of it."""
        return [{"kind": found.kind, "count": found.count, "kept": len(found.kept)} for found in self]


def sentences_in(stored: Mapping[str, Any], sort: Literal["warnings", "errors"]) -> list[SentencesOfAKind]:
    """The sentences of a report that was stored, by kind; one stored before kinds were told has them all in one."""
    kept: list[str] = stored.get(sort, [])
    kinds: list[dict[str, Any]] | None = stored.get(f"{sort.removesuffix('s')}_kinds")
    if kinds is None:
        kinds = [{"kind": "", "count": stored.get(f"{sort}_count", 0), "kept": len(kept)}] if kept else []
    remaining = iter(kept)
    return [SentencesOfAKind(one["kind"], list(islice(remaining, one["kept"])), one["count"]) for one in kinds]


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
    waiting_links: int = 0
    """Links whose student is not in the base yet, whichever import read them."""
    without_legal_guardian: int = 0
    """Students present without a legal guardian, once the import is done."""
    changes: Sequence[Affected] = ()
    """Who arrives, leaves, changes division, name, links or e-mail address."""
    losses: Sequence[Loss] = ()
    """What asks for a confirmation (R32)."""
    run_id: int | None = None
    """Where its changes are kept, once it is done; a dry run keeps none."""

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The counts of every kind, by its name."""
        return {kind: asdict(getattr(self, kind)) for kind in ("students", "guardians", "links", "divisions")}

    def as_json(self, *, with_names: bool = True) -> dict[str, Any]:
        """The report as the command line prints it and the back office stores it.

        Once an import is done, the names are those of its run, which go with the fiches.
        """
        return {
            "uai": self.uai,
            "establishment": self.establishment,
            "dry_run": self.dry_run,
            **self.counts,
            "waiting_links": self.waiting_links,
            "students_without_legal_guardian": self.without_legal_guardian,
            "losses": [loss.as_json(with_names=with_names) for loss in self.losses],
            "losses_mark": mark_of(self.losses) if self.losses else None,
            "changes": [change.as_json(with_names=with_names) for change in self.changes],
            "older": self.older,
            "warnings": self.findings.warnings.kept,
            "warnings_count": self.findings.warnings.count,
            "warning_kinds": self.findings.warnings.as_json(),
            "errors": self.findings.errors.kept,
            "errors_count": self.findings.errors.count,
            "error_kinds": self.findings.errors.as_json(),
        }
