"""R19: any family is found by whatever one remembers of it, and by nothing of another school."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from shared.accounts.directory.search import find_families
from shared.accounts.directory.typed import LONGEST, Where, names_alike, words_in
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.models.school import Establishment
from shared.persons.names import fold
from tests.factories import TODAY, make_account, make_division, make_establishment, make_guardian, make_student


@pytest.fixture
def school(session: Session) -> Establishment:
    """The mother of Lou, in « 6 A », and another family; the same names in another school."""
    made, other = make_establishment(session), make_establishment(session, "9740002B")
    lou = make_student(session, made, make_division(session, made, "6 A"), "BÉNONI", "Lou", ine="0123456789A")
    known = {"email": "Agnes.B@exemple.fr", "mobile_phone": "0692 12 34 56", "siecle_id": "745001"}
    agnes = make_guardian(
        session, made, lou, last_name="D'HAUTERIVE", usage_name="BÉNONI-PAYET", first_name="Agnès", **known
    )
    make_account(session, "a.benonipayet", agnes, email="autre@exemple.re")
    make_account(session, "l.benoni", lou)
    max_ = make_student(session, made, make_division(session, made, "301"), "HOARAU", "Max")
    paul = make_guardian(session, made, max_, last_name="HOARAU", first_name="Paul", siecle_id="800002")
    make_account(session, "p.hoarau", paul)
    make_guardian(session, made, max_, last_name="TÉCHER", first_name="Rose", siecle_id="800003")
    theirs = make_student(session, other, None, "BÉNONI")
    make_account(session, "a.benoni1", make_guardian(session, other, theirs, last_name="BÉNONI", first_name="Agnès"))
    return made


def found(session: Session, school: Establishment, text: str) -> list[str]:
    hits = find_families(session, school.id, (GUARDIANS, STUDENTS), text, TODAY)
    return [hit.account.identifier if hit.account else hit.fiche.full_name for hit in hits]


def why(session: Session, school: Establishment, text: str) -> dict[str, Where]:
    return dict(find_families(session, school.id, (GUARDIANS, STUDENTS), text, TODAY)[0].why)


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("Agnès BÉNONI", Where.NAME),
        ("benoni agnes", Where.NAME),
        ("AGNES", Where.NAME),
        ("agn", Where.NAME),
        ("noni ag", Where.NAME),
        ("payet", Where.NAME),
        ("hauterive", Where.BIRTH_NAME),
        ("d'hauterive agnès", Where.BIRTH_NAME),
        ("a.benonip", Where.IDENTIFIER),
        ("agnes.b@exemple.fr", Where.EMAIL),
        ("autre@exemple", Where.EMAIL),
        ("0692 12 34 56", Where.PHONE),
        ("0692123456", Where.PHONE),
        ("+262 692 12 34 56", Where.PHONE),
        ("692 12 34", Where.PHONE),
        ("745001", Where.FICHE),
        ("bennoni agnes", Where.ALIKE),
        ("beonni agnès", Where.ALIKE),
        ("benony payet", Where.ALIKE),
    ],
)
def test_a_family_is_found_by_whatever_is_known_of_it_and_told_why(
    session: Session, school: Establishment, typed: str, where: Where
) -> None:
    assert found(session, school, typed) == ["a.benonipayet"]
    assert where in why(session, school, typed).values()


@pytest.mark.parametrize(
    ("typed", "identifiers"),
    [
        ("lou", ["l.benoni", "a.benonipayet"]),
        ("6a", ["l.benoni", "a.benonipayet"]),
        ("agnes lou 6a", ["a.benonipayet"]),
        ("agnes 0692123456", ["a.benonipayet"]),
        ("0123456789a", ["l.benoni"]),
        ("hoarau", ["Max HOARAU", "p.hoarau", "Rose TÉCHER"]),
        ("techer", ["Rose TÉCHER"]),
        ("be", ["l.benoni", "a.benonipayet"]),
        ("en", []),
        ("agnes max", []),
        ("zzzz", []),
        ("", []),
        ("   ", []),
        ("%", []),
        ("_enoni", ["l.benoni", "a.benonipayet"]),
        ("agnes_b@exemple.fr", []),
        ("\\", []),
        ("()", []),
    ],
)
def test_every_word_must_be_there_and_the_nearest_comes_first(
    session: Session, school: Establishment, typed: str, identifiers: list[str]
) -> None:
    assert found(session, school, typed) == identifiers


def test_who_may_look_at_guardians_alone_finds_no_student(session: Session, school: Establishment) -> None:
    hits = find_families(session, school.id, [GUARDIANS], "lou", TODAY)
    assert [hit.account.identifier for hit in hits if hit.account] == ["a.benonipayet"]


@pytest.mark.parametrize("typed", ["agnes lou 6a", "beonni agnès"])
def test_it_asks_as_few_queries_whatever_is_found_and_reads_an_index_of_the_school(
    session: Session, school: Establishment, typed: str
) -> None:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        # Few rows are read faster without any index; what matters is that one could serve.
        session.execute(text("SET LOCAL enable_seqscan = off"))
    plans: list[str] = []

    def explain(connection, cursor, statement, parameters, *_rest):  # type: ignore[no-untyped-def]
        plan = connection.connection.cursor()
        plan.execute(("EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN ") + statement, parameters)
        plans.append(" ".join(str(column) for row in plan.fetchall() for column in row))

    event.listen(session.connection(), "before_cursor_execute", explain)
    found(session, school, typed)
    event.remove(session.connection(), "before_cursor_execute", explain)
    assert len(plans) <= 8
    for plan in plans:
        for table in ("guardian", "student", "guardianship", "account"):
            assert f"SCAN {table} " not in f"{plan} "
            assert f"Seq Scan on {table} " not in plan


names = st.text(alphabet=st.sampled_from("abcdefghijklmnopqrstuvwxyzéèç"), min_size=5, max_size=14)


@given(names, st.data())
def test_one_slip_of_the_fingers_is_forgiven(name: str, data: st.DataObject) -> None:
    folded = fold(name)
    place = data.draw(st.integers(0, len(folded) - 2))
    other = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    swapped = folded[:place] + folded[place + 1] + folded[place] + folded[place + 2 :]
    for slip in (
        folded[:place] + other + folded[place + 1 :],
        folded[:place] + folded[place + 1 :],
        folded[:place] + other + folded[place:],
        swapped,
    ):
        [word] = words_in(slip)
        assert names_alike(word, {folded}) == {folded}


@given(st.text(max_size=3 * LONGEST))
def test_whatever_is_typed_becomes_few_words_that_the_database_can_look_for(typed: str) -> None:
    words = words_in(typed)
    assert len(words) <= 6
    assert all(word.parts and all(part.isalnum() and part.isascii() for part in word.parts) for word in words)


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["4emeb", "4èmeb", "4ÈME-B"])
def test_a_division_is_found_without_its_accents(session: Session, school: Establishment, typed: str) -> None:
    zoe = make_student(session, school, make_division(session, school, "4ÈME B"), "ADAM", "Zoé")
    make_account(session, "z.adam", zoe)
    assert found(session, school, typed) == ["z.adam"]
    assert why(session, school, typed) == {typed.lower(): Where.DIVISION}
