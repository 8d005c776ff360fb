"""R12: what was estimated for a school is kept, and what changes a few fiches uses it, so that nothing else shifts."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.duplicates.matching.parameters import REVIEWED
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.duplicates.pairs.stored_parameters import store_parameters, stored_parameters
from shared.models.duplicates import DuplicatePair, DuplicateParameters
from shared.models.school import Establishment, Guardian
from tests.factories import NOW, make_establishment, make_guardian

LATER = NOW + timedelta(days=1)


def school_of_pairs(session: Session) -> Establishment:
    school = make_establishment(session)
    for number, name in enumerate(("VIRAPIN", "FONTAINE", "MUSSARD")):
        for _ in range(2):
            make_guardian(session, school, last_name=name, address_line1=f"{number + 1} rue du Port")
    return school


def kept(session: Session) -> dict[tuple[int, int], tuple[float, list[str], list[str]]]:
    pairs = session.scalars(select(DuplicatePair), execution_options={"populate_existing": True})
    return {(one.first_id, one.second_id): (one.confidence, one.reasons, one.against) for one in pairs}


def test_a_search_over_everything_estimates_and_one_over_what_changed_does_not(session: Session) -> None:
    school = school_of_pairs(session)
    refresh_pairs(session, school.id, NOW)
    estimated = stored_parameters(session, school.id)
    new = make_guardian(session, school, last_name="BERTIL", first_name="Lucas", address_line1="9 chemin Neuf")
    refresh_pairs(session, school.id, LATER, {new.id})
    assert session.get_one(DuplicateParameters, school.id).estimated_at == NOW
    assert stored_parameters(session, school.id) == estimated
    refresh_pairs(session, school.id, LATER)
    assert session.get_one(DuplicateParameters, school.id).estimated_at == LATER


def test_a_search_over_what_changed_shifts_no_other_pair(session: Session) -> None:
    school = school_of_pairs(session)
    refresh_pairs(session, school.id, NOW)
    before = kept(session)
    assert len(before) == 3
    # Whatever the parameters of today would say of them.
    store_parameters(session, school.id, REVIEWED, NOW)
    again = [
        make_guardian(session, school, last_name="BERTIL", first_name="Lucas", address_line1="9 chemin Neuf")
        for _ in range(2)
    ]
    assert refresh_pairs(session, school.id, LATER, {one.id for one in again}) == 1
    after = kept(session)
    assert after.pop((again[0].id, again[1].id))
    assert after == before


def test_the_first_search_over_what_changed_estimates(session: Session) -> None:
    school = school_of_pairs(session)
    new = make_guardian(session, school, last_name="MUSSARD", address_line1="3 rue du Port")
    assert refresh_pairs(session, school.id, NOW, {new.id}) == 3
    assert stored_parameters(session, school.id) is not None


def test_a_pair_leaves_when_one_fiche_became_somebody_else(session: Session) -> None:
    school = school_of_pairs(session)
    refresh_pairs(session, school.id, NOW)
    (_, second), *others = sorted(kept(session))
    changed = session.get_one(Guardian, second)
    changed.family_name, changed.first_name, changed.address_line1 = "OMARJEE", "Idriss", "40 rue Pasteur"
    session.flush()
    refresh_pairs(session, school.id, LATER, {second})
    assert sorted(kept(session)) == others
