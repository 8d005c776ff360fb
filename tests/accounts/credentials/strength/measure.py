"""How much of a list of leaked passwords the policy lets through.

`python -m tests.accounts.credentials.strength.measure FILE`.

FILE holds one password a line; those shorter than the policy wants are left out. Nothing of it is printed but counts.
"""

import sys
from collections import Counter
from pathlib import Path

from shared.accounts.credentials.passwords import MINIMUM_CHARACTERS, password_problem
from shared.accounts.credentials.strength.guessing import FEW_UNKNOWN, judge


def main(path: Path) -> None:
    """Print how many pass, and how many of those hold next to nothing that anybody knows."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    long_enough = [line.strip() for line in lines if len(line.strip()) >= MINIMUM_CHARACTERS]
    outcomes = Counter(_outcome(password) for password in long_enough)
    for outcome, count in outcomes.most_common():
        print(f"{outcome:40} {count:6} {100 * count / len(long_enough):5.1f} %")


def _outcome(password: str) -> str:
    problem = password_problem(password, [])
    if problem is not None:
        return f"refused: {problem.name}"
    return "passes" if judge(password).unknown <= FEW_UNKNOWN else "passes, random to look at"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
