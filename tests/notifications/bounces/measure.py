"""What is read of a folder of real bounces, as a table, nothing of the mails being printed.

`BOUNCES_SAMPLES=FOLDER python -m tests.notifications.bounces.measure`: FOLDER holds one mail a file. With a file
`expected.tsv` in it (name, tab, reason; of Sisimai's tests for instance), each line of the table is one reason; without
it, everything is one line.
"""

import os
import re
from collections import Counter, defaultdict
from pathlib import Path

from shared.notifications.bounces.reading import read_report

DEAD = frozenset({"userunknown", "hostunknown", "hasmoved"})
"""Reasons that speak of the address, in Sisimai's words."""
UNDECIDED = frozenset({"filtered", "notaccept", "suspend"})
"""Reasons that Sisimai gives to what says « user unknown » in words too; what has a status is decided by it."""
_OF_THE_ADDRESS = re.compile(rb"\b5\.(?:1\.(?:[12346]|10)|2\.1)\b")
"""Statuses that mark an address whatever Sisimai calls them: 5.1.10 is its « notaccept » (RFC 7505)."""

DECIDED = frozenset(f"{reason}, of the address by its status" for reason in UNDECIDED)


def main(folder: Path) -> None:
    """Print how often each cause was read for each reason that was expected, and the two figures that count."""
    expected = _expected(folder / "expected.tsv")
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(folder.iterdir()):
        if path.name == "expected.tsv" or not path.is_file() or (expected and path.name not in expected):
            continue
        content = path.read_bytes()
        report = read_report(content)
        reason = _decided(expected.get(path.name, "all"), content)
        table[reason][report.cause.value if report else "no failure"] += 1
    for reason, causes in sorted(table.items(), key=lambda line: -line[1].total()):
        print(f"{reason:32} {causes.total():4}  " + ", ".join(f"{cause} {n}" for cause, n in causes.most_common()))
    if expected:
        dead = Counter[str]()
        for reason in DEAD | DECIDED:
            dead += table[reason]
        others = (causes for reason, causes in table.items() if reason not in DEAD | DECIDED | UNDECIDED)
        wrong = sum(causes["address"] for causes in others)
        print(f"dead addresses found: {dead['address']} of {dead.total()}; others taken for dead: {wrong}")


def _decided(reason: str, content: bytes) -> str:
    decided = reason in UNDECIDED and _OF_THE_ADDRESS.search(content)
    return f"{reason}, of the address by its status" if decided else reason


def _expected(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {name: reason for name, _, reason in (line.partition("\t") for line in lines)}


if __name__ == "__main__":
    main(Path(os.environ["BOUNCES_SAMPLES"]))
