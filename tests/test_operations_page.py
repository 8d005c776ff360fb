"""`docs/exploitation.md`: every command is run by a test; against every fault what to do, and a test that plays it."""

import re
from itertools import chain
from pathlib import Path

from tests.named import missing_among, named_in
from tests.operating.page import PAGE, SETTINGS, commands, commands_in_sentences
from tests.operating.test_commands import IN_BLOCKS, IN_SENTENCES, RUN_HERE
from tests.packaging.machines import FOLLOWED, OF_IMAGE

ROOT = Path(__file__).parent.parent
FAULTS = (ROOT / "docs" / "exploitation.md").read_text("utf-8").partition("## Quand ça va mal")[2]
OF_SENTENCES = {
    "BOUNCES_SAMPLES=DOSSIER python -m tests.notifications.bounces.measure": (
        "`tests/notifications/bounces/test_measure.py::test_what_a_status_says_of_the_address_counts_as_such`"
    ),
    "apt install --allow-downgrades": "`tests/packaging/test_whole_page.py::test_the_version_of_before_comes_back`",
    "journal --cursor": (
        "`tests/cli/test_journal.py::test_events_are_written_once_and_the_cursor_says_where_to_go_on`"
    ),
    "journalctl -u 'teleservices-*'": (
        "`tests/packaging/test_whole_page.py::test_its_processes_say_what_they_do_where_the_page_says`"
    ),
    "jq -r": (
        "`tests/operating/test_commands.py::test_the_journal_names_the_identifiers_given_since_a_copy_as_the_page_says`"
    ),
    "make deb": "`tests/packaging/test_debian_package.py::test_two_builds_give_the_same_bytes`",
    "openssl rand": ("`tests/operating/test_commands.py::test_a_secret_drawn_as_the_page_says_is_strong_enough`"),
    "pg_basebackup --write-recovery-conf": "`tests/packaging/test_whole_page.py::test_a_standby_takes_over`",
    "pg_ctlcluster 15 main promote": "`tests/packaging/test_whole_page.py::test_a_standby_takes_over`",
    "promtool test rules": ("`tests/test_monitoring_files.py::test_promtool_accepts_the_rules_and_they_ring`"),
    "restore --given": (
        "`tests/operating/test_commands.py::test_the_journal_names_the_identifiers_given_since_a_copy_as_the_page_says`"
    ),
    "serve --host": "`tests/packaging/test_container_image.py::test_it_says_how_it_is_run`",
    "serve --only portal --host": (
        "`tests/packaging/test_container_image.py::test_its_health_is_that_of_what_it_serves`"
    ),
    "sha256sum --check": "`tests/packaging/test_whole_page.py::test_it_is_saved`",
}
"""By their beginning: who runs those that the text itself names."""
TOLD = {
    "PUBLIC_PORTAL_URL=http://localhost:5002 make demo": "a school to look at, for people, until they stop it",
    "apt install debhelper python3-venv": "`make packages` does it, before the tests",
    "make bench SCALE=1": "it measures, for an hour",
    "make dist": "the wheel is built as it does by tests/test_wheel.py, the rest only lists what is locked",
    "make faults": "it runs tests",
    "podman run": "the page says that it is not tried",
    "systemctl edit teleservices-worker": "it opens an editor",
}
"""What no test runs, and why."""
ROWS = [line for line in FAULTS.splitlines() if line.startswith("| ")][1:]


def test_every_fault_names_a_test_that_exists() -> None:
    named = [named_in(row) for row in ROWS]
    assert len(ROWS) > 15
    assert all(named)
    assert missing_among(chain.from_iterable(named)) == []


def test_every_test_of_a_fault_is_on_the_page() -> None:
    played = {
        test
        for file in (ROOT / "tests" / "notifications" / "faults").glob("test_*.py")
        for test in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
    }
    assert {test for test in played if test not in FAULTS} == set()


def test_no_cell_is_empty() -> None:
    assert [row for row in ROWS if any(not cell.strip() for cell in row.strip("|").split("|"))] == []


def test_every_command_is_run_by_a_test() -> None:
    """`tests/operating/test_commands.py` runs each of ours, `tests/packaging` whole sections."""
    others = [command for command in commands() if not command.text.startswith(RUN_HERE)]
    assert [command for command in others if command.section not in {*FOLLOWED, OF_IMAGE}] == []
    assert len(others) > 30


def test_every_command_in_a_sentence_is_run_by_a_test_or_says_why_not() -> None:
    assert missing_among(chain.from_iterable(map(named_in, OF_SENTENCES.values()))) == []
    assert all(map(named_in, OF_SENTENCES.values()))
    known = {*OF_SENTENCES, *TOLD}
    left = {
        command
        for command in commands_in_sentences() - IN_SENTENCES
        if not any(other.startswith(command) for other in IN_BLOCKS) and not command.startswith(tuple(known))
    }
    assert left == set()
    assert {one for one in known if not any(command.startswith(one) for command in commands_in_sentences())} == set()


def test_no_command_hides_where_nobody_looks_for_it() -> None:
    """Neither between fences nor behind a setting."""
    assert "```" not in PAGE
    assert SETTINGS.fullmatch("LOG_FORMAT=json teleservices status") is None
    assert SETTINGS.fullmatch("LOG_FORMAT=json") is not None
