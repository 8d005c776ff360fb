"""R2: identifiers."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from shared.accounts.directory.identifiers import BASE_LENGTH, give_identifiers, identifier_base
from shared.database import Base, Database
from shared.models.accounts import Identifier, IdentifierSeries
from shared.models.background import Restoration
from tests.factories import NOW

NAMES = st.text(max_size=60)


@pytest.mark.parametrize(
    ("last_name", "first_name", "expected"),
    [
        ("D'ARTAGNAN-PAYET", "Noël", "n.dartagnanpayet"),
        ("DUPONT (frère de)", "Jean", "j.dupont"),
        ("DUPONT (frère de", "Jean", "j.dupont"),
        ("ŒUVRARD", "Émilie", "e.oeuvrard"),
        ("LEÇON", "Ça", "c.lecon"),
        ("GROß", "Jürgen", "j.gross"),
        ("MÜLLER", "Øyvind", "o.muller"),
        ("VÉLOU", "", "velou"),
        ("", "Anne", "a"),
        ("???", "(?)", "compte"),
        ("A" * 60, "Zoé", "z." + "a" * 38),
    ],
)
def test_an_identifier_is_the_initial_a_dot_and_the_name(last_name: str, first_name: str, expected: str) -> None:
    assert identifier_base(last_name, first_name) == expected


@given(NAMES, NAMES)
def test_any_name_at_all_gives_an_identifier_that_can_be_typed(last_name: str, first_name: str) -> None:
    base = identifier_base(last_name, first_name)
    assert re.fullmatch(r"[a-z0-9.]*[a-z0-9]", base)
    assert len(base) <= BASE_LENGTH


def test_each_one_already_given_takes_the_next_index(session: Session) -> None:
    first = give_identifiers(session, ["p.nom", "j.payet", "p.nom"], NOW)
    second = give_identifiers(session, ["p.nom"], NOW)
    assert first + second == ["p.nom", "j.payet", "p.nom1", "p.nom2"]


def test_a_name_that_ends_with_a_digit_does_not_meet_the_index_of_another(session: Session) -> None:
    given_first = give_identifiers(session, ["p.nom1", "p.nom", "p.nom"], NOW)
    assert given_first == ["p.nom1", "p.nom", "p.nom2"]
    assert give_identifiers(session, ["p.nom1"], NOW) == ["p.nom11"]


@given(st.lists(st.sampled_from(["p.nom", "p.nom1", "p.nom11", "j.payet", "compte"]), max_size=30))
def test_no_order_of_names_gives_an_identifier_twice(bases: list[str]) -> None:
    database = Database("sqlite://")
    Base.metadata.create_all(
        database.engine, tables=[one.__table__ for one in (Identifier, IdentifierSeries, Restoration)]
    )
    with database.writing() as session:
        identifiers = give_identifiers(session, bases, NOW)
        assert len(set(identifiers)) == len(bases)
        assert all(identifier.startswith(base) for identifier, base in zip(identifiers, bases, strict=True))


def test_establishments_that_generate_at_once_never_share_an_identifier(database: Database) -> None:
    rounds, names = 10, ["p.nom", "m.payet", "p.nom", "j.hoarau"]

    def generate(turn: int) -> list[str]:
        with database.writing() as session:
            # Opposite orders, so that locks taken as they come would deadlock.
            return give_identifiers(session, names if turn % 2 else names[::-1], NOW)

    with ThreadPoolExecutor(max_workers=4) as threads:
        lots = list(threads.map(generate, range(rounds)))
    everything = [identifier for lot in lots for identifier in lot]
    assert len(set(everything)) == rounds * len(names)
    assert f"p.nom{2 * rounds - 1}" in everything
