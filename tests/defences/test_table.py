"""The table of defences speaks of code and of tests that are there; `make defences` tries it."""

from pathlib import Path

import pytest

from tests.defences.everything import EVERY_DEFENCE
from tests.defences.table import Defence

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("defence", EVERY_DEFENCE, ids=lambda one: one.of)
def test_a_defence_stands_once_in_its_file(defence: Defence) -> None:
    assert (ROOT / defence.path).read_text("utf-8").count(defence.text) == 1


@pytest.mark.parametrize("defence", EVERY_DEFENCE, ids=lambda one: one.of)
def test_its_tests_are_there(defence: Defence) -> None:
    assert defence.tests
    for test in defence.tests:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8") if name else (ROOT / path).is_file()


def test_no_two_have_one_name() -> None:
    assert len({one.of for one in EVERY_DEFENCE}) == len(EVERY_DEFENCE)
