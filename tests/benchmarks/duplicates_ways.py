"""Four ways to find duplicates, each from the fiches of a base to pairs and how sure it is of them."""

import logging
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import token_sort_ratio
from rapidfuzz.process import cpdist

from shared.duplicates.matching.blocking import candidates
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.matcher import find_duplicates
from shared.duplicates.matching.vocabulary import vocabulary_of
from tests.benchmarks.duplicates_schools import codes

Codes = NDArray[np.int64]
Scored = tuple[Codes, NDArray[np.float64]]
Way = Callable[[Fiches], Scored]


def ours(fiches: Fiches) -> Scored:
    """What the back office proposes, with its confidence."""
    found = find_duplicates(fiches)
    return codes(len(fiches), found.pairs.one, found.pairs.other), found.confidence


def exact_names(fiches: Fiches) -> Scored:
    """The procedure: the same last and first name, once case and accents are dropped."""
    one, other = everybody_alike(fiches)
    names = _names(fiches)
    same = (names[one] == names[other]) & (names[one] != " ")
    return codes(len(fiches), one[same], other[same]), np.ones(int(same.sum()))


def by_rapidfuzz(fiches: Fiches) -> Scored:
    """Likeness of the names for six tenths, of the addresses for four."""
    one, other = everybody_alike(fiches)
    names, places = _names(fiches), fiches.place + " " + fiches.postal
    likeness = cpdist(names[one], names[other], scorer=token_sort_ratio)
    near = cpdist(places[one], places[other], scorer=token_sort_ratio)
    return codes(len(fiches), one, other), (0.6 * likeness + 0.4 * near).astype(np.float64)


def by_splink(fiches: Fiches) -> Scored:
    """Splink with the comparisons its library offers for each column, trained as its tutorial says: probabilities."""
    import pyarrow
    import splink.comparison_library as library
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)  # It warns of each column without a value, a hundred times.
    last = np.where(fiches.usage != "", fiches.usage, fiches.family)
    columns = {"first": fiches.first, "last": last, "mobile": fiches.mobile, "email": fiches.email}
    columns |= {"place": fiches.place, "postal": fiches.postal, "city": fiches.city}
    filled = {name: [value or None for value in column] for name, column in columns.items() if any(column)}
    table = pyarrow.table({"unique_id": list(range(len(fiches))), **filled})
    offered = {"first": library.NameComparison, "last": library.NameComparison, "mobile": library.ExactMatch,
               "email": library.EmailComparison, "postal": library.ExactMatch}  # fmt: skip
    comparisons = [offered[name](name) for name in offered if name in filled]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*comparisons, library.JaroWinklerAtThresholds("place")],
        blocking_rules_to_generate_predictions=[
            *(block_on(name) for name in filled if name not in {"first", "last", "postal", "city"}),
            *(block_on(*both) for both in (("first", "last"), ("last", "postal"), ("first", "postal"), ("last", "city"))
              if all(name in filled for name in both)),
            *(block_on(name) for name in ("first", "last")),
        ],
    )  # fmt: skip
    linker = Linker(DuckDBAPI().register(table), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("last", "first")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for name in ("last", "first"):
        # Where a column tells nothing, its shares underflow and Splink refuses: it keeps those it began with, as when
        # a value was never met.
        with suppress(ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
    found = linker.inference.predict(threshold_match_probability=0.01).as_record_list()
    left, right = (np.array([row[side] for row in found], dtype=np.int64) for side in ("unique_id_l", "unique_id_r"))
    return codes(len(fiches), left, right), np.array([row["match_probability"] for row in found], dtype=np.float64)


def everybody_alike(fiches: Fiches) -> tuple[Codes, Codes]:
    """Our own candidates, so that no other way suffers from worse ones."""
    one, other = np.divmod(candidates(fiches, vocabulary_of(fiches)), max(1, len(fiches)))
    return one, other


def _names(fiches: Fiches) -> NDArray[np.object_]:
    last = np.where(fiches.usage != "", fiches.usage, fiches.family)
    names: NDArray[np.object_] = last + " " + fiches.first
    return names
