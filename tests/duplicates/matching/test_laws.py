"""R12: what must hold of the detection on every base, whatever people are in it."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.duplicates.matching import name_comparisons
from shared.duplicates.matching.arrays import Flags
from shared.duplicates.matching.blocking import LARGEST_BLOCK
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.matcher import Found, Matcher, find_duplicates
from shared.duplicates.matching.parameters import REVIEWED, SCALES, Parameters
from tests.benchmarks.duplicates_elsewhere import Base, french_pairs
from tests.benchmarks.duplicates_schools import ONE_GUARDIAN, UNPLACED, TrueSchool, codes, invented_school, with_less

LAST_NAMES = ("PAYET", "HOARAU", "GRONDIN", "BOYER", "TECHER", "VELOU", "RAMASSAMY", "AH-KANE")
FIRST_NAMES = ("Marie", "Jean", "Anne", "Paul", "Sophie", "Stéphanie", "Stephanye", "Luc")
STREETS = ("3 chemin des Lilas", "12 rue Pasteur", "40 rue des Vacoas", None)


def pairs_of(found: Found) -> dict[tuple[int, int], float]:
    listed = zip(found.pairs.one.tolist(), found.pairs.other.tolist(), found.confidence.tolist(), strict=True)
    return {(one, other): confidence for one, other, confidence in listed}


@st.composite
def bases(draw: st.DrawFn) -> Base:
    """A few families of few names, so that much is alike; some fiches of one person, some with things missing."""
    base = Base()
    for _ in range(draw(st.integers(2, 12))):
        last, street = draw(st.sampled_from(LAST_NAMES)), draw(st.sampled_from(STREETS))
        students = [base.student(last, (street,), "97400") for _ in range(draw(st.integers(0, 2)))]
        for rank in range(draw(st.integers(1, 2))):
            base.guardian(
                str(len(base.entered)),
                [(student, rank + 1, str(10 * (rank + 1))) for student in students],
                (street,),
                family_name=last,
                first_name=draw(st.sampled_from(FIRST_NAMES)),
                civility=draw(st.sampled_from(("MME", "M.", None))),
                mobile_phone=draw(st.sampled_from(("0692000001", "0692000002", None))),
                email=draw(st.sampled_from(("a@example.org", "b@example.org", None))),
                postal_code="97400",
            )
    return base


@pytest.mark.parametrize("missing", ["mobile_phone", "home_phone", "email", "civility", "address_line1"])
def test_what_is_missing_on_one_side_weighs_as_what_is_missing_on_both(missing: str) -> None:
    whole: dict[str, Any] = {
        "mobile_phone": "0692000001",
        "home_phone": "0262000001",
        "email": "a@example.org",
        "civility": "MME",
        "address_line1": "3 chemin des Lilas",
    }
    found = []
    for lacking in (1, 2):
        base = Base()
        for place in range(2):
            columns = whole | ({missing: None} if place < lacking else {})
            base.guardian("one", family_name="TECHER", first_name="Solange", postal_code="97400", **columns)
        found.append(pairs_of(find_duplicates(base.fiches(), parameters=REVIEWED)))
    assert found[0] == found[1]
    assert list(found[0]) == [(0, 1)]


@given(base=bases())
@settings(max_examples=60, deadline=None)
def test_a_thing_that_nobody_has_weighs_nothing(base: Base) -> None:
    fiches = base.fiches()
    nothing = np.full(len(fiches), "", dtype=object)
    bare = replace(fiches, mobile=nothing, home=nothing, work=nothing, email=nothing)
    found = Matcher(bare).find(REVIEWED)
    weights = found.weights()
    assert not any(weights[scale].any() for scale in ("mobile", "home", "email"))


@given(base=bases(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_run_over_what_changed_says_what_a_run_over_everything_says(base: Base, data: st.DataObject) -> None:
    fiches = base.fiches()
    matcher = Matcher(fiches)
    parameters = matcher.estimate()
    everything = pairs_of(matcher.find(parameters))
    marked: Flags = np.array(data.draw(st.lists(st.booleans(), min_size=len(fiches), max_size=len(fiches))))
    found = Matcher(fiches).find(parameters, marked)
    assert (found.looked_at >= marked).all()
    assert pairs_of(found) == {
        ids: confidence for ids, confidence in everything.items() if found.looked_at[list(ids)].any()
    }


@given(base=bases())
@settings(max_examples=30, deadline=None)
def test_the_order_in_which_fiches_are_read_changes_no_pair(base: Base) -> None:
    turned = Base(base.entered[::-1], base.persons, base.students)
    count = len(base.entered)
    turned.ties = [(count - 1 - fiche, *tie) for fiche, *tie in base.ties]
    numbers = [found_by_number(one.fiches()) for one in (base, turned)]
    assert numbers[0].keys() == numbers[1].keys()
    assert numbers[0] == pytest.approx(numbers[1])


def found_by_number(fiches: Fiches) -> dict[frozenset[int], float]:
    ids = fiches.ids.tolist()
    found = pairs_of(find_duplicates(fiches, parameters=REVIEWED))
    return {frozenset((ids[one], ids[other])): confidence for (one, other), confidence in found.items()}


def figures(school: TrueSchool) -> tuple[float, float]:
    """Precision and recall."""
    found = find_duplicates(school.fiches)
    right = np.isin(codes(len(school.fiches), found.pairs.one, found.pairs.other), school.duplicates)
    return float(right.mean()), float(right.sum() / len(school.duplicates))


def test_where_each_student_has_one_guardian_couples_are_no_duplicates() -> None:
    precision, recall = figures(with_less(invented_school(9, students=500), ONE_GUARDIAN))
    # Twenty pairs: one of them may be two mothers of one first name who live together.
    assert precision >= 0.95
    assert recall >= 0.92


def test_couples_of_whom_nothing_tells_man_from_woman_are_no_duplicates() -> None:
    base = Base()
    for number, (last, his, hers) in enumerate(product(LAST_NAMES, ("Jean", "Paul", "Luc"), ("Marie", "Anne"))):
        home = {"home_phone": f"0262{number:06d}", "postal_code": f"974{number % 20:02d}"}
        for first in (his, hers):
            child = base.student(last, (f"{number} rue Pasteur",), home["postal_code"])
            base.guardian(
                f"{number} {first}",
                [(child, 1, "")],
                (f"{number} rue Pasteur",),
                family_name=last,
                first_name=first,
                **home,
            )
    assert pairs_of(find_duplicates(base.fiches())) == {}


def test_where_no_student_has_an_address_duplicates_are_still_found() -> None:
    precision, recall = figures(with_less(invented_school(9, students=500), UNPLACED))
    assert precision >= 0.99
    assert recall >= 0.97


def test_where_nobody_is_entered_twice_one_pair_at_most_is_proposed() -> None:
    assert len(find_duplicates(invented_school(10, students=500, duplicates=0.0).fiches).pairs) <= 1


def test_most_pairs_judged_by_hand_are_judged_alike() -> None:
    base = Base()
    judged = french_pairs(base)
    found = pairs_of(find_duplicates(base.fiches()))
    right = [((pair.one, pair.other) in found) == pair.same for pair in judged]
    assert len(judged) >= 120
    assert sum(right) / len(right) >= 0.85


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many names were compared, each time some were."""
    counts: list[int] = []
    original = name_comparisons.cpdist

    def counted(left: Any, right: Any, **options: Any) -> Any:
        counts.append(len(left))
        assert len({frozenset(both) for both in zip(left, right, strict=True)}) == len(left)
        return original(left, right, **options)

    monkeypatch.setattr(name_comparisons, "cpdist", counted)
    return counts


def test_each_fiche_is_compared_with_a_bounded_number_of_others_and_two_names_once(compared: list[int]) -> None:
    for_each = []
    for count in (500, 1_000, 2_000):
        base = Base()
        for number in range(count):
            base.guardian(
                str(number),
                lines=(f"{number % 40} rue des Vacoas",),
                family_name=LAST_NAMES[number % len(LAST_NAMES)],
                first_name=FIRST_NAMES[number // 8 % len(FIRST_NAMES)],
                postal_code="97400",
            )
        matcher = Matcher(base.fiches())
        for_each.append(len(matcher.candidates) / count)
        matcher.find(matcher.estimate())
    assert max(for_each) <= LARGEST_BLOCK * 10
    # All have one of 64 names: however many fiches, no more is ever compared than these with one another.
    assert max(compared) <= (len(LAST_NAMES) + len(FIRST_NAMES)) ** 2


def test_parameters_of_other_comparisons_are_none() -> None:
    stored = REVIEWED.as_json()
    assert Parameters.from_json(stored) == REVIEWED
    assert Parameters.from_json(stored | {"together": {}}) is None
    assert Parameters.from_json({}) is None


def test_every_share_reviewed_is_of_a_level_and_they_add_up() -> None:
    for shares in (REVIEWED.one_person, REVIEWED.together):
        for scale, row in shares.items():
            assert len(row) == len(SCALES[scale])
            if (shares, scale) != (REVIEWED.together, "first"):
                assert sum(row) == pytest.approx(1.0), scale
