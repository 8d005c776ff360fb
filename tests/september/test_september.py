"""A small school in a simulated September: activated by nearly all, with less paper than by paper alone (R36, R37)."""

import pytest

from shared.config import Settings
from shared.database import Database
from shared.models.notifications import Channel
from tests.september.answers import ASSUMED, BROUGHT_HOME, READ_AT_ONCE
from tests.september.month import DAYS, live

STUDENTS = 16

pytestmark = pytest.mark.slow


def test_in_steps_paper_is_for_those_alone_who_did_not_answer(database: Database, settings: Settings) -> None:
    month = live(database, settings, students=STUDENTS, in_steps=True, answers=ASSUMED)
    active = list(month.active_by_day)
    assert len(active) == DAYS
    assert active == sorted(active)
    # Those who activated by mail or by SMS got no letter, and everybody else whom the post reaches got one.
    without_paper = sum(month.channels[channel].activated for channel in (Channel.MAIL, Channel.SMS))
    assert 0 < month.letters <= month.accounts - without_paper
    assert without_paper > 0
    assert month.rate >= 0.8
    assert month.left[Channel.MAIL] < month.accounts
    assert month.cost == month.left[Channel.SMS] * 650


def test_by_paper_alone_everybody_gets_a_letter(database: Database, settings: Settings) -> None:
    month = live(database, settings, students=STUDENTS, in_steps=False, answers=ASSUMED)
    assert month.letters >= month.accounts
    assert set(month.left) == {Channel.PAPER}
    assert month.rate >= 0.75


@pytest.mark.parametrize("days", [READ_AT_ONCE, BROUGHT_HOME])
def test_the_days_are_a_distribution(days: tuple[float, ...]) -> None:
    assert sum(days) == pytest.approx(1)
