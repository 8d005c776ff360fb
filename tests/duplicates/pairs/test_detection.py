"""R11, R12: likely duplicates of an establishment, and why."""

from datetime import timedelta

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shared.duplicates.pairs.queries import Pair, count_untreated, likely_duplicates, position_of
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.duplicates.standing.decisions import not_a_duplicate
from shared.journal import COMMAND
from shared.models.duplicates import DuplicatePair
from shared.models.school import Establishment, Guardian, Student
from tests.factories import NOW, at_desk, link, make_establishment, make_guardian, make_student


def found(session: Session, school: Establishment) -> list[Pair]:
    refresh_pairs(session, school.id, NOW)
    return likely_duplicates(session, school.id, limit=None)


def brother_and_sister(session: Session, school: Establishment) -> tuple[Student, Student]:
    home = {"address_line1": "3 chemin des Lilas", "postal_code": "97400"}
    return tuple(make_student(session, school, first_name=name, **home) for name in ("Léa", "Tom"))


def test_spelling_usage_names_and_comments_do_not_hide_a_duplicate(session: Session) -> None:
    school = make_establishment(session)
    make_guardian(session, school, last_name="VELOU", first_name="Marie", mobile_phone="0692 00 00 01")
    make_guardian(session, school, last_name="VÉLOU (mère de Léa)", first_name="marie", mobile_phone="+262692000001")
    make_guardian(session, school, last_name="PAYET", usage_name="VELOU", first_name="Marie")
    pairs = found(session, school)
    assert len(pairs) == count_untreated(session, school.id) == 3
    (by_telephone,) = [pair for pair in pairs if "même portable" in pair.reasons]
    assert set(by_telephone.reasons) == {
        "même nom (VELOU / VÉLOU (mère de Léa))",
        "même prénom (Marie / marie)",
        "même portable",
        "même adresse",
    }


def test_a_usage_name_that_one_fiche_does_not_know_does_not_hide_a_duplicate(session: Session) -> None:
    school = make_establishment(session)
    make_guardian(session, school, last_name="PAYET", usage_name="VELOU", first_name="Marie")
    make_guardian(session, school, last_name="PAYET", first_name="Marie")
    (pair,) = found(session, school)
    assert set(pair.reasons) == {"même nom (PAYET)", "même prénom", "même adresse"}


def test_a_parent_entered_again_with_a_brother_is_found_though_both_names_are_mistyped(session: Session) -> None:
    school = make_establishment(session)
    lea, tom = brother_and_sister(session, school)
    make_guardian(session, school, lea, last_name="RAMASSAMY", first_name="Stéphanie")
    make_guardian(session, school, tom, last_name="RAMASAMY", first_name="Stephanye", address_line1="1 rue du Port")
    (pair,) = found(session, school)
    assert "responsables de deux enfants de la même famille" in pair.reasons
    assert "noms presque identiques (RAMASSAMY / RAMASAMY)" in pair.reasons
    assert "adresses différentes dans la même commune" in pair.against


def test_last_and_first_name_in_the_other_order_are_found(session: Session) -> None:
    school = make_establishment(session)
    make_guardian(session, school, last_name="TECHER", first_name="Ginette", email="g.techer@example.org")
    make_guardian(session, school, last_name="GINETTE", first_name="Techer", email="g.techer@example.org")
    (pair,) = found(session, school)
    assert pair.reasons[0] == "nom et prénom inversés (TECHER Ginette / GINETTE Techer)"


def test_spouses_are_no_duplicates_even_with_one_first_name_one_telephone_and_one_address(session: Session) -> None:
    school = make_establishment(session)
    lea, tom = brother_and_sister(session, school)
    shared = {"mobile_phone": "0692000001", "email": "famille@example.org"}
    her = make_guardian(session, school, lea, first_name="Frédérique", **shared)
    him = make_guardian(session, school, first_name="Frédéric", civility="M.", **shared)
    for child in (lea, tom):
        link(session, child, him, legal_rank=2)
    link(session, tom, her)
    set_kinships(session, {her.id: "10", him.id: "20"})
    assert found(session, school) == []


def test_one_person_entered_as_both_legal_guardians_of_a_student_is_a_duplicate(session: Session) -> None:
    school = make_establishment(session)
    lea, _ = brother_and_sister(session, school)
    for legal_rank in (1, 2):
        make_guardian(session, school, lea, legal_rank=legal_rank)
    (pair,) = found(session, school)
    # Two who stand beside one student are seldom one person: the names and the address outweigh it.
    assert "responsables d'un même élève" in pair.against


def test_a_father_and_his_son_of_one_name_are_no_duplicates(session: Session) -> None:
    school = make_establishment(session)
    lea, _ = brother_and_sister(session, school)
    father = make_guardian(session, school, lea, first_name="Joseph", civility="M.", mobile_phone="0692000001")
    grandfather = make_guardian(
        session, school, lea, first_name="Joseph", civility="M.", mobile_phone="0692000002", legal_rank=None
    )
    set_kinships(session, {father.id: "20", grandfather.id: "38"})
    assert found(session, school) == []


def test_two_fathers_of_whom_one_is_named_as_the_other_is_called_are_no_duplicates(session: Session) -> None:
    school = make_establishment(session)
    lea, tom = brother_and_sister(session, school)
    fathers = {}
    for rank, (first_name, last_name) in enumerate({"Laurent": "LEBRETON", "Jean-François": "LAURENT"}.items(), 1):
        father = make_guardian(
            session, school, lea, last_name=last_name, first_name=first_name, civility="M.", email=None, legal_rank=rank
        )
        link(session, tom, father, legal_rank=rank)
        fathers[father.id] = "20"
    set_kinships(session, fathers)
    add_couples(session, school, 10)
    assert found(session, school) == []


def add_couples(session: Session, school: Establishment, count: int) -> None:
    """Other families, among which what these share is rare."""
    for number in range(count):
        home = {"address_line1": f"{number} rue du Port", "postal_code": "97410"}
        child = make_student(session, school, first_name=f"Enfant{number}", last_name=f"NOM{number}", **home)
        for rank, (first_name, civility) in enumerate({"Anne": "MME", "Paul": "M."}.items(), 1):
            make_guardian(
                session,
                school,
                child,
                last_name=f"NOM{number}",
                first_name=first_name,
                civility=civility,
                email=None,
                legal_rank=rank,
                **home,
            )


def test_two_names_that_many_bear_are_no_slip_of_one_however_rare_the_last_name(session: Session) -> None:
    """Sisters-in-law at one address, each with a child of her own; « Lisse », which nobody bears, would be a slip."""
    school = make_establishment(session)
    home = {"address_line1": "12 RUE DES FILAOS", "postal_code": "97430", "home_phone": "0262111111"}
    for first_name, last_name in (("Lise", "SOUNDROM"), ("Lisa", "SOUNDROM"), ("Élisa", "VIRA"), ("Élissa", "VIRA")):
        child = make_student(session, school, first_name=f"Enfant de {first_name}", last_name=last_name)
        make_guardian(session, school, child, last_name=last_name, first_name=first_name, civility="MME", **home)
    pairs = {pair.first.last_name: pair for pair in found(session, school)}
    assert pairs["SOUNDROM"].confidence < 0.7 < 0.9 < pairs["VIRA"].confidence
    assert pairs["SOUNDROM"].reasons[0] == "deux prénoms qui existent (Lise / Lisa)"


def test_of_twin_sisters_only_the_one_entered_twice_is_a_duplicate(session: Session) -> None:
    school = make_establishment(session)
    lea, tom = brother_and_sister(session, school)
    numbers = {"Marie-Line": "0692000001", "Marie-Lise": "0692000002"}
    fiches = {
        (first_name, child.first_name): make_guardian(
            session, school, child, first_name=first_name, mobile_phone=phone, legal_rank=None
        )
        for child in (lea, tom)
        for first_name, phone in numbers.items()
    }
    set_kinships(session, {fiche.id: "39" for fiche in fiches.values()})
    assert {frozenset((pair.first.first_name, pair.second.first_name)) for pair in found(session, school)} == {
        frozenset({"Marie-Line"}),
        frozenset({"Marie-Lise"}),
    }


def test_gone_fiches_other_schools_and_persons_without_a_first_name_are_no_duplicates(session: Session) -> None:
    school, other = make_establishment(session), make_establishment(session, "9740002B")
    student = make_student(session, school)
    make_guardian(session, school, student, first_name="Marie")
    make_guardian(session, school, student, first_name="Paul", legal_rank=2)
    make_guardian(session, school, first_name="Marie", gone_at=NOW)
    make_guardian(session, other, first_name="Marie")
    make_guardian(session, school, last_name="HOARAU", first_name="")
    make_guardian(session, school, last_name="HOARAU", first_name="")
    assert found(session, school) == []


def test_namesakes_who_share_nothing_else_are_no_duplicates(session: Session) -> None:
    school = make_establishment(session)
    for number in range(1, 4):
        child = make_student(session, school, last_name=f"NOM{number}", address_line1=f"{number} rue du Port")
        place = {"address_line1": f"{number} rue du Port", "mobile_phone": f"069200000{number}"}
        make_guardian(session, school, child, **place)
    assert found(session, school) == []


def test_a_school_without_fiches_has_no_duplicates(session: Session) -> None:
    assert found(session, make_establishment(session)) == []


def test_a_pair_leaves_with_what_made_it_and_keeps_the_time_of_its_first_detection(session: Session) -> None:
    school = make_establishment(session)
    first, second, third = (make_guardian(session, school) for _ in range(3))
    assert refresh_pairs(session, school.id, NOW) == 3
    third.first_name = "Expédit"
    assert refresh_pairs(session, school.id, NOW + timedelta(days=1), {third.id}) == 0
    (pair,) = session.scalars(select(DuplicatePair)).all()
    assert (pair.first_id, pair.second_id, pair.detected_at) == (first.id, second.id, NOW)


def test_only_what_changed_is_looked_at_again(session: Session) -> None:
    school = make_establishment(session)
    make_guardian(session, school)
    for _ in range(2):
        make_guardian(session, school, last_name="HOARAU", first_name="Lucie", address_line1="1 rue du Port")
    changed = make_guardian(session, school)
    assert refresh_pairs(session, school.id, NOW, {changed.id}) == 1
    assert [pair.second.id for pair in likely_duplicates(session, school.id)] == [changed.id]


def test_what_staff_told_apart_and_what_has_gone_is_not_shown(session: Session) -> None:
    school = make_establishment(session)
    fiches = [make_guardian(session, school) for _ in range(3)]
    refresh_pairs(session, school.id, NOW)
    not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), [fiches[0].id, fiches[1].id])
    assert {pair.key for pair in likely_duplicates(session, school.id)} == {
        (fiches[0].id, fiches[2].id),
        (fiches[1].id, fiches[2].id),
    }
    fiches[2].gone_at = NOW
    session.flush()
    assert likely_duplicates(session, school.id) == []
    assert count_untreated(session, school.id) == 0


def test_pages_of_pairs_follow_each_other_surest_first_in_as_many_queries(session: Session) -> None:
    school = make_establishment(session)
    for number in range(4):
        make_guardian(session, school, mobile_phone="0692000001" if number < 2 else None)
    refresh_pairs(session, school.id, NOW)
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    first = likely_duplicates(session, school.id, limit=4)
    rest = likely_duplicates(session, school.id, after=position_of(session, school.id, first[-1].key))
    assert len(statements) == 3
    assert len({pair.key for pair in first + rest}) == count_untreated(session, school.id) == 6
    assert [pair.confidence for pair in first + rest] == sorted((p.confidence for p in first + rest), reverse=True)
    assert "même portable" in first[0].reasons


def set_kinships(session: Session, codes: dict[int, str]) -> None:
    for guardian in session.scalars(select(Guardian).where(Guardian.id.in_(codes))):
        session.refresh(guardian)
        for guardianship in guardian.guardianships:
            guardianship.kinship_code = codes[guardian.id]
    session.flush()


def test_fiches_that_lack_a_name_are_compared_and_not_taken_for_one_another(session: Session) -> None:
    school = make_establishment(session)
    lea, tom = brother_and_sister(session, school)
    shared = {"civility": None, "first_name": "", "postal_code": "97400"}
    for student, name in ((lea, "CONSEIL DEPARTEMENTAL"), (tom, "FOYER DES FILAOS")):
        make_guardian(session, school, student, last_name=name, **shared)
    for student, name in ((lea, "Marie"), (tom, "Paul")):
        make_guardian(session, school, student, last_name="", first_name=name)
    velou = [make_guardian(session, school, student, last_name="VELOU", first_name="Anne") for student in (lea, tom)]
    assert [{pair.first.id, pair.second.id} for pair in found(session, school)] == [{one.id for one in velou}]
