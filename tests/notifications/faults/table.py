"""The table of the faults that were survived, printed at the end of a run of the tests."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for each fault and each database, with what was counted."""
    told = [
        (fault, outcome, _database(report.nodeid))
        for report in terminalreporter.stats.get("passed", [])
        for name, (fault, outcome) in getattr(report, "user_properties", [])
        if name == "fault"
    ]
    if told:
        terminalreporter.section("faults survived")
        for fault, outcome, database in sorted(told):
            terminalreporter.write_line(f"{fault:<46} {database:<11} {outcome}")


def _database(test: str) -> str:
    return "PostgreSQL" if "postgresql" in test.lower() else "SQLite"
