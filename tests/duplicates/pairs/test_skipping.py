"""R13: what staff leave for later comes last, and stays to be treated."""

import pytest
from sqlalchemy.orm import Session

from shared.duplicates.pairs.queries import (
    BEGINNING,
    Pair,
    count_skipped,
    count_untreated,
    likely_duplicates,
    position_of,
)
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.duplicates.pairs.skipping import skip_duplicates
from shared.duplicates.standing.errors import FichesNotFound
from shared.journal import COMMAND
from shared.models.school import Establishment
from tests.duplicates.base import make_pair
from tests.events import events_of_establishment
from tests.factories import NOW, at_desk, make_establishment, make_guardian

NAMES = ("HOARAU", "MUSSARD", "ZITTE", "TÉCHER")


@pytest.fixture
def school(session: Session) -> Establishment:
    """Four pairs, surest first."""
    made = make_establishment(session)
    for number, name in enumerate(NAMES):
        make_pair(session, *(make_guardian(session, made, last_name=name) for _ in range(2)), 0.9 - number / 10)
    return made


def skip(session: Session, pair: Pair) -> None:
    skip_duplicates(at_desk(session, pair.first.establishment_id, NOW, COMMAND), pair.key)


def names(pairs: list[Pair]) -> list[str]:
    return [pair.first.family_name for pair in pairs]


def test_what_is_skipped_comes_last_and_the_more_often_the_later(session: Session, school: Establishment) -> None:
    for place in (0, 0, 0):
        skip(session, likely_duplicates(session, school.id)[place])
    assert names(likely_duplicates(session, school.id)) == ["TÉCHER", "HOARAU", "MUSSARD", "ZITTE"]
    skip(session, likely_duplicates(session, school.id)[1])
    assert names(likely_duplicates(session, school.id)) == ["TÉCHER", "MUSSARD", "ZITTE", "HOARAU"]
    assert (count_untreated(session, school.id), count_skipped(session, school.id)) == (4, 3)
    assert [event.action for event in events_of_establishment(session, school.id)] == ["duplicate_skipped"] * 4


def test_pages_follow_each_other_across_what_was_skipped(session: Session, school: Establishment) -> None:
    skip(session, likely_duplicates(session, school.id)[0])
    seen: list[str] = []
    after = BEGINNING
    while pairs := likely_duplicates(session, school.id, after=after, limit=1):
        seen += names(pairs)
        after = position_of(session, school.id, pairs[-1].key)
    assert seen == ["MUSSARD", "ZITTE", "TÉCHER", "HOARAU"]


def test_a_place_in_the_list_stays_where_it_was_when_its_pair_goes_last(
    session: Session, school: Establishment
) -> None:
    second = likely_duplicates(session, school.id)[1]
    place = position_of(session, school.id, second.key)
    skip(session, second)
    assert names(likely_duplicates(session, school.id, after=place)) == ["ZITTE", "TÉCHER", "MUSSARD"]


def test_a_new_detection_does_not_forget_what_was_skipped(session: Session) -> None:
    school = make_establishment(session)
    for _ in range(2):
        make_guardian(session, school)
    refresh_pairs(session, school.id, NOW)
    [pair] = likely_duplicates(session, school.id)
    skip(session, pair)
    refresh_pairs(session, school.id, NOW)
    assert [one.times_skipped for one in likely_duplicates(session, school.id)] == [1]


def test_another_school_skips_nothing_here(session: Session, school: Establishment) -> None:
    pair = likely_duplicates(session, school.id)[0]
    other = make_establishment(session, "9740002B")
    with pytest.raises(FichesNotFound):
        skip_duplicates(at_desk(session, other.id, NOW, COMMAND), pair.key)
    assert count_skipped(session, school.id) == 0
