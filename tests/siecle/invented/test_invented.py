"""Invented schools: the same on every machine, in the official format, and true about their duplicates."""

import csv
import hashlib
import os
import re
import subprocess
import sys
import tracemalloc
import zipfile
from collections import Counter, defaultdict
from datetime import date
from itertools import chain, pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from shared.establishments.codes.uai import uai_of
from shared.siecle.invented import (
    DUPLICATES,
    PERSONS,
    Dialect,
    Invention,
    InventionRefused,
    WrittenSchool,
    write_schools,
)
from shared.siecle.invented.people import names
from shared.siecle.invented.people.contacts import DOMAINS, written_otherwise
from shared.siecle.invented.people.dice import Dice, scatter
from shared.siecle.invented.people.spelling import with_slip

STUDENTS = 1_500
SEED_7 = "4dac132039b62589406e0aef2d6f7f4842ec14ad2f75d5ea10a97f528453ad2a"
"""To be renewed whenever what is invented changes on purpose."""
ROOTS = {
    "ElevesAvecAdresses": "BEE_ELEVES",
    "ResponsablesAvecAdresses": "BEE_RESPONSABLES",
    "Structures": "BEE_STRUCTURES",
    "Communs": "BEE_COMMUN",
    "Nomenclature": "BEE_NOMENCLATURES",
}
LINK_OF_2017 = {
    "RESP_LEGAL": {"0", "1", "2"},
    "RESP_FINANCIER": {"0", "1"},
    "PERS_PAIEMENT": {"0", "1"},
    "PERS_CONTACT": {"0", "1"},
}
LINK_OF_2019 = {
    "NIVEAU_RESPONSABILITE": {"1", "2", "3"},
    "PAIE_FRAIS_SCOLAIRES": {"true", "false"},
    "PERCOIT_LES_AIDES": {"true", "false"},
    "HEBERGE_ELEVE": {"true", "false"},
    "A_CONTACTER_EN_PRIORITE": {"true", "false"},
}


class Exports:
    """The files of one written school, read as an importer would."""

    def __init__(self, school: WrittenSchool) -> None:
        self.school = school

    def __getattr__(self, stem: str):
        with zipfile.ZipFile(self.school.folder / f"ExportXML_{stem}.zip") as archive:
            tree = etree.fromstring(archive.read(f"{stem}.xml"))
        setattr(self, stem, tree)
        return tree

    @property
    def students(self):
        return self.ElevesAvecAdresses.findall("DONNEES/ELEVES/ELEVE")

    @property
    def persons(self):
        return self.ResponsablesAvecAdresses.findall("DONNEES/PERSONNES/PERSONNE")

    @property
    def links(self):
        return self.ResponsablesAvecAdresses.findall("DONNEES/RESPONSABLES/RESPONSABLE_ELEVE")

    @property
    def addresses(self):
        trees = (self.ElevesAvecAdresses, self.ResponsablesAvecAdresses)
        return [address for tree in trees for address in tree.findall("DONNEES/ADRESSES/ADRESSE")]

    def truth(self, name: str) -> list[dict[str, str]]:
        with (self.school.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=get_args(Dialect))
def dialect(request) -> Dialect:
    return request.param


@pytest.fixture(scope="module")
def schools(dialect, tmp_path_factory) -> list[Exports]:
    folder = tmp_path_factory.mktemp(f"schools{dialect}")
    return [
        Exports(school)
        for school in write_schools(folder, Invention(students=STUDENTS, establishments=3, dialect=dialect))
    ]


@pytest.fixture(scope="module")
def school(schools) -> Exports:
    return schools[0]


def texts(elements, tag: str) -> list[str]:
    return [text for element in elements if (text := element.findtext(tag)) is not None]


def day(written: str) -> date:
    return date(*(int(part) for part in reversed(written.split("/"))))


def digest(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path):
    write_schools(tmp_path / "here", Invention(students=60, establishments=2, seed=7))
    script = "import sys; from pathlib import Path; from shared.siecle.invented import Invention, write_schools; "
    script += "write_schools(Path(sys.argv[1]), Invention(students=60, establishments=2, seed=7))"
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Indian/Reunion"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there")], check=True, env=environment)
    assert digest(tmp_path / "here") == digest(tmp_path / "there")


def test_the_bytes_are_those_of_every_other_machine(tmp_path):
    write_schools(tmp_path, Invention(students=60, establishments=2, seed=7))
    assert hashlib.sha256(repr(digest(tmp_path)).encode()).hexdigest() == SEED_7


def test_writing_again_replaces_the_files(tmp_path):
    write_schools(tmp_path, Invention(students=40, seed=1))
    first = digest(tmp_path)
    write_schools(tmp_path, Invention(students=30, seed=2))
    write_schools(tmp_path, Invention(students=40, seed=1))
    assert digest(tmp_path) == first


def test_another_seed_gives_other_people(tmp_path):
    (one,), (two,) = (write_schools(tmp_path / str(seed), Invention(students=60, seed=seed)) for seed in (1, 2))
    ines = [set(texts(Exports(school).students, "ID_NATIONAL")) for school in (one, two)]
    mails = [set(texts(Exports(school).persons, "MEL")) for school in (one, two)]
    assert not ines[0] & ines[1]
    assert not mails[0] & mails[1]


@pytest.mark.parametrize(("stem", "root"), ROOTS.items())
def test_each_zip_holds_one_xml_that_says_its_school_and_date(schools, stem, root):
    for exports in schools:
        with zipfile.ZipFile(exports.school.folder / f"ExportXML_{stem}.zip") as archive:
            assert archive.namelist() == [f"{stem}.xml"]
            assert archive.read(f"{stem}.xml").startswith(b'<?xml version="1.0" encoding="ISO-8859-15"?>\n')
        tree = getattr(exports, stem)
        assert tree.tag == root
        assert tree.get("VERSION")
        assert tree.findtext("PARAMETRES/UAJ") == exports.school.uai == exports.school.folder.name
        stamp = tree.findtext("PARAMETRES/HORODATAGE")
        assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", stamp)
        assert tree.findtext("PARAMETRES/DATE_EXPORT") == stamp[:10]


def test_the_files_listed_are_the_zips_to_import(school):
    assert {path.name for path in school.school.files} == {f"ExportXML_{stem}.zip" for stem in ROOTS}


def test_students_have_what_the_format_requires(schools, dialect):
    for exports in schools:
        assert len(exports.students) == STUDENTS
        for student in exports.students:
            assert student.findtext("NOM_DE_FAMILLE").strip()
            assert student.findtext("PRENOM").strip()
            assert student.findtext("DOUBLEMENT") in {"0", "1"}
            assert student.findtext("CODE_SEXE") in {"1", "2"}
            assert 2011 <= day(student.findtext("DATE_NAISS")).year <= 2015
        national = "INE_RNIE" if dialect == "2019" else "INE_BEA"
        ines = texts(exports.students, national)
        assert ines == texts(exports.students, "ID_NATIONAL")
        assert all(re.fullmatch(r"\d{9}[A-Z]{2}", ine) for ine in ines)
        assert len(set(ines)) == len(ines)


def test_guardians_have_what_the_format_requires(schools):
    for person in chain.from_iterable(exports.persons for exports in schools):
        assert person.findtext("LC_CIVILITE") in {"M.", "MME", "MLLE"}
        assert person.findtext("NOM_DE_FAMILLE").strip()
        assert person.findtext("PRENOM") is not None


def test_links_speak_the_dialect_asked_for(school, dialect):
    spoken, other = (LINK_OF_2017, LINK_OF_2019) if dialect == "2017" else (LINK_OF_2019, LINK_OF_2017)
    for link in school.links:
        assert re.fullmatch(r"\d\d", link.findtext("CODE_PARENTE"))
        assert all(link.findtext(tag) in values for tag, values in spoken.items())
        assert not any(link.find(tag) is not None for tag in other)
    assert all(set(texts(school.links, tag)) == values for tag, values in spoken.items())


def test_every_student_has_one_first_legal_guardian_and_at_most_one_second(schools, dialect):
    for exports in schools:
        ranks = defaultdict(Counter)
        for link in exports.links:
            if dialect == "2017":
                rank = link.findtext("RESP_LEGAL")
            else:
                first = link.findtext("PAIE_FRAIS_SCOLAIRES") == "true"
                rank = {"1": "1" if first else "2"}.get(link.findtext("NIVEAU_RESPONSABILITE"), "0")
            ranks[link.findtext("ELEVE_ID")][rank] += 1
        assert ranks.keys() == {student.get("ELEVE_ID") for student in exports.students}
        assert all(count["1"] == 1 and count["2"] <= 1 for count in ranks.values())


def test_every_key_is_given_once_and_every_reference_leads_somewhere(schools):
    for exports in schools:
        students = [student.get("ELEVE_ID") for student in exports.students]
        persons = [person.get("PERSONNE_ID") for person in exports.persons]
        assert len(set(students)) == len(students)
        assert len(set(persons)) == len(persons)
        ends = [(link.findtext("ELEVE_ID"), link.findtext("PERSONNE_ID")) for link in exports.links]
        assert len(set(ends)) == len(ends)
        assert all(student in set(students) and person in set(persons) for student, person in ends)
        data = exports.ElevesAvecAdresses.find("DONNEES")
        for path in ("OPTIONS/OPTION", "STRUCTURES/STRUCTURES_ELEVE", "BOURSES/BOURSE"):
            assert {element.get("ELEVE_ID") for element in data.findall(path)} <= set(students)


def test_each_file_holds_exactly_the_addresses_it_speaks_of(schools):
    for exports in schools:
        for tree, path in (
            (exports.ElevesAvecAdresses, "DONNEES/ELEVES/ELEVE"),
            (exports.ResponsablesAvecAdresses, "DONNEES/PERSONNES/PERSONNE"),
        ):
            given = [address.get("ADRESSE_ID") for address in tree.findall("DONNEES/ADRESSES/ADRESSE")]
            assert len(set(given)) == len(given)
            assert set(given) == set(texts(tree.findall(path), "ADRESSE_ID"))


def test_divisions_and_groups_are_those_of_the_structures_file(schools):
    for exports in schools:
        data = exports.Structures.find("DONNEES")
        codes = {"D": data.findall("DIVISIONS/DIVISION"), "G": data.findall("GROUPES/GROUPE")}
        known = {kind: {element.get("CODE_STRUCTURE") for element in found} for kind, found in codes.items()}
        used = defaultdict(set)
        for taught in exports.ElevesAvecAdresses.findall("DONNEES/STRUCTURES/STRUCTURES_ELEVE"):
            kinds = Counter(texts(taught, "TYPE_STRUCTURE"))
            assert kinds["D"] == 1
            for structure in taught:
                used[structure.findtext("TYPE_STRUCTURE")].add(structure.findtext("CODE_STRUCTURE"))
        assert used["D"] <= known["D"]
        assert used["G"] <= known["G"]
        assert used["G"]
        assert len(known["D"]) == exports.school.counts["divisions"]
    styles = [next(iter(exports.Structures.iter("DIVISION"))).get("CODE_STRUCTURE") for exports in schools]
    assert styles == ["6A", "601", "6 A"]


def test_nothing_is_longer_than_the_format_allows(schools):
    for exports in schools:
        for address in exports.addresses:
            assert all(len(address.findtext(f"LIGNE{rank}_ADRESSE")) <= 38 for rank in (1, 2, 3, 4))
        for record in chain(exports.students, exports.persons):
            assert all(
                len(name) <= 100 for tag in ("NOM_DE_FAMILLE", "NOM_USAGE", "PRENOM") for name in texts([record], tag)
            )
            assert all(len(phone) <= 20 for tag in ("TEL_PERSONNEL", "TEL_PORTABLE") for phone in texts([record], tag))


def test_no_mail_can_reach_anybody(schools):
    for exports in schools:
        for mail in chain(texts(exports.students, "MEL"), texts(exports.persons, "MEL")):
            assert re.fullmatch(r"[a-z0-9.-]+@[a-z.]+", mail)
            assert mail.rpartition("@")[2] in DOMAINS


def test_the_truth_names_the_person_of_every_record(schools):
    for exports in schools:
        people = exports.truth(PERSONS)
        assert [row["personne_id"] for row in people] == [person.get("PERSONNE_ID") for person in exports.persons]
        records = Counter(row["personne"] for row in people)
        assert len(records) == exports.school.counts["persons"]
        several = {person for person, count in records.items() if count > 1}
        assert len(several) == exports.school.counts["entered_twice"]
        duplicates = {(row["personne"], row["personne_id"]) for row in exports.truth(DUPLICATES)}
        assert duplicates == {(row["personne"], row["personne_id"]) for row in people if row["personne"] in several}


def test_every_duplicate_says_how_it_differs_and_the_first_record_does_not(school):
    rows = school.truth(DUPLICATES)
    firsts = {row["personne"]: row for row in reversed(rows)}
    assert {row["variante"] for row in firsts.values()} == {""}
    others = Counter(row["variante"] for row in rows if row is not firsts[row["personne"]])
    assert others.keys() == {
        "identique", "accents", "faute de frappe", "nom d'usage", "champs absents", "adresse changée", "commentaire",
        "prénom composé", "nom et prénom inversés",
    }  # fmt: skip
    assert others["nom et prénom inversés"] < 0.1 * others.total()
    assert others["identique"] < 0.25 * others.total()


def test_most_duplicates_come_with_a_brother_or_a_sister(school):
    person_of = {row["personne_id"]: row["personne"] for row in school.truth(DUPLICATES)}
    students = defaultdict(set)
    for link in school.links:
        if link.findtext("PERSONNE_ID") in person_of:
            students[person_of[link.findtext("PERSONNE_ID")]].add(link.findtext("ELEVE_ID"))
    assert sum(len(tied) > 1 for tied in students.values()) > 0.6 * len(students)


@pytest.mark.parametrize("rate", [0, 0.02, 0.1, 0.3, 0.7, 1])
def test_as_many_persons_are_entered_twice_as_were_asked_for(tmp_path, rate):
    (school,) = write_schools(tmp_path, Invention(students=4_000, duplicates=rate))
    entered_twice, persons = school.counts["entered_twice"], school.counts["persons"]
    assert entered_twice / persons == pytest.approx(rate, rel=0.12)


def test_the_counts_are_those_of_the_files(schools):
    for exports in schools:
        counts = exports.school.counts
        assert counts["students"] == len(exports.students)
        assert counts["guardians"] == len(exports.persons)
        assert counts["links"] == len(exports.links)
        assert counts["left"] == len(texts(exports.students, "DATE_SORTIE"))
        assert counts["scholarships"] == len(exports.ElevesAvecAdresses.findall("DONNEES/BOURSES/BOURSE"))


def test_a_school_has_the_proportions_of_a_real_one(school):
    assert len(school.persons) / STUDENTS == pytest.approx(1.7, abs=0.1)
    assert len(texts(school.persons, "MEL")) / len(school.persons) == pytest.approx(0.67, abs=0.05)
    assert school.school.counts["scholarships"] / STUDENTS == pytest.approx(0.35, abs=0.06)
    assert 0.01 < school.school.counts["left"] / STUDENTS < 0.08


def test_a_school_holds_the_quirks_that_an_import_must_bear(schools, dialect):
    persons = list(chain.from_iterable(exports.persons for exports in schools))
    names_written = texts(persons, "NOM_DE_FAMILLE") + texts(persons, "PRENOM")
    assert any("?" in name for name in names_written)
    assert any("(" in name for name in names_written)
    assert any(not name.isascii() for name in names_written)
    assert "" in texts(persons, "PRENOM")
    assert {person.findtext("ADRESSE_ID") is None for person in persons} == {True, False}
    phones = {re.sub(r"\d", "0", phone) for phone in texts(persons, "TEL_PORTABLE")}
    assert {"0000000000", "+000000000000", "00.00.00.00.00", "00 00 00 00 00", "0000 00 00 00"} <= phones
    addresses = list(chain.from_iterable(exports.addresses for exports in schools))
    assert any(address.findtext("LIGNE4_ADRESSE") for address in addresses)
    assert any(
        address.findtext("CODE_PAYS") != "100" and address.findtext("COMMUNE_ETRANGERE") for address in addresses
    )
    assert any((address.findtext("CODE_DEPARTEMENT") or "974") != "974" for address in addresses)


def test_some_persons_are_contacts_only_and_some_have_no_link(schools, dialect):
    tag, contact = ("PERS_CONTACT", "1") if dialect == "2017" else ("NIVEAU_RESPONSABILITE", "3")
    for exports in schools:
        tied = set(texts(exports.links, "PERSONNE_ID"))
        alone = [person for person in exports.persons if person.get("PERSONNE_ID") not in tied]
        assert 0 < len(alone) < 0.05 * len(exports.persons)
        assert any(link.findtext(tag) == contact for link in exports.links)


def test_traps_are_never_one_person(schools):
    traps = defaultdict(set)
    for row in chain.from_iterable(exports.truth(PERSONS) for exports in schools):
        traps[row["piege"]].add(row["personne"])
    assert traps.keys() > {"homonyme", "conjoints de prénoms voisins", "père et fils de même nom", "jumelles"}
    for kind in ("conjoints de prénoms voisins", "jumelles"):
        households = Counter(person.rpartition("-")[0] for person in traps[kind])
        assert set(households.values()) == {2}


def test_a_student_who_changes_schools_is_in_both_with_the_same_ine_and_parents(schools):
    for before, after in pairwise(schools):
        left = {s.findtext("ID_NATIONAL"): s for s in before.students if s.find("DATE_SORTIE") is not None}
        came = {
            student.findtext("ID_NATIONAL"): student
            for student in after.students
            if student.findtext("SCOLARITE_AN_DERNIER/CODE_RNE") == before.school.uai
        }
        moved = {ine for ine in came if ine is not None}
        assert len(moved) >= STUDENTS // 60
        assert moved <= left.keys()
        for ine in moved:
            assert came[ine].find("DATE_SORTIE") is None
            assert came[ine].findtext("DATE_NAISS") == left[ine].findtext("DATE_NAISS")
            assert parents(before, left[ine]) == parents(after, came[ine])


def parents(exports: Exports, student) -> set[str]:
    person_of = {row["personne_id"]: row["personne"] for row in exports.truth(PERSONS)}
    return {
        person_of[link.findtext("PERSONNE_ID")]
        for link in exports.links
        if link.findtext("ELEVE_ID") == student.get("ELEVE_ID")
    }


def test_the_school_says_its_name_address_head_and_mail(school):
    uaj = school.Communs.find("DONNEES/UAJ")
    expected = {
        "CODE_RNE": school.school.uai,
        "DENOM_PRINC": "COLLEGE",
        "CODE_POSTAL": "97400",
        "LIBELLE_POSTAL": "ST DENIS",
    }
    assert {tag: uaj.findtext(tag) for tag in expected} == expected
    assert all(uaj.findtext(tag) for tag in ("DENOM_COMPL", "LIGNE1_ADRESSE", "TELEPHONE", "MEL_1", "NOM_CHEF"))


def test_the_nomenclature_explains_every_code_in_use(school):
    data = school.Nomenclature.find("DONNEES")
    kinships = {element.get("CODE_PARENTE") for element in data.iter("LIEN_PARENTE")}
    assert set(texts(school.links, "CODE_PARENTE")) <= kinships
    grants = {element.get("CODE_BOURSE") for element in data.iter("BOURSE")}
    assert set(texts(school.ElevesAvecAdresses.findall("DONNEES/BOURSES/BOURSE"), "CODE_BOURSE")) == grants


@pytest.mark.parametrize("uai", ["0140070A", "0752387M"])
def test_check_letters_are_those_of_real_schools(uai):
    assert uai_of(int(uai[:7])) == uai


def test_schools_are_of_la_reunion_and_the_first_may_be_chosen(tmp_path):
    first, second = write_schools(tmp_path, Invention(students=5, establishments=2))
    assert (first.uai, second.uai) == ("9749001R", "9749002S")
    first, second = write_schools(tmp_path, Invention(students=5, establishments=2, uai="9740001A"))
    assert (first.uai, second.uai) == ("9740001A", uai_of(9740002))


def test_one_student_is_a_school(tmp_path):
    (school,) = write_schools(tmp_path, Invention(students=1))
    exports = Exports(school)
    assert len(exports.students) == 1
    assert exports.persons


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"students": 0}, "Nombre d'élèves refusé"),
        ({"students": 150_001}, "Nombre d'élèves refusé"),
        ({"establishments": 0}, "Nombre d'établissements refusé"),
        ({"establishments": 901}, "Nombre d'établissements refusé"),
        ({"duplicates": -0.1}, "Part de doublons refusée"),
        ({"duplicates": 1.5}, "Part de doublons refusée"),
        ({"duplicates": float("nan")}, "Part de doublons refusée"),
        ({"uai": "974001A"}, "UAI refusé"),
        ({"uai": "../9740001A"}, "UAI refusé"),
        ({"uai": "9740001A\n"}, "UAI refusé"),
        ({"uai": "٩740001A"}, "UAI refusé"),
        ({"dialect": "2016"}, "Dialecte refusé"),
    ],
)
def test_impossible_schools_are_refused_in_words_and_nothing_is_written(tmp_path, asked, said):
    with pytest.raises(InventionRefused, match=said):
        write_schools(tmp_path, Invention(**{"students": 10, **asked}))
    assert not list(tmp_path.iterdir())


def test_memory_does_not_grow_with_the_school(tmp_path):
    def peak(students: int) -> int:
        tracemalloc.start()
        write_schools(tmp_path, Invention(students=students))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(3_000) < 1.25 * peak(300) + 50_000


def test_every_word_can_be_written_in_the_encoding_of_the_files():
    lists = [value for name, value in vars(names).items() if name.isupper()]
    words = [word for listed in lists for entry in listed for word in ((entry,) if isinstance(entry, str) else entry)]
    assert len(words) > 400
    for word in words:
        assert word.upper().encode("iso-8859-15").decode("iso-8859-15") == word.upper()
        assert word == word.strip() != ""


@given(st.integers(1, 9), st.data())
def test_scattered_numbers_never_meet(digits, data):
    numbers = st.integers(0, 10**digits - 1)
    one, other = data.draw(numbers), data.draw(numbers)
    assert 0 <= scatter(one, digits) < 10**digits
    assert (scatter(one, digits) == scatter(other, digits)) == (one == other)


@given(st.integers(100_000_000, 999_999_999).map("0{}".format), st.integers())
def test_a_number_typed_again_is_the_same_number(number, seed):
    dice = Dice(seed)
    again = written_otherwise(dice, written_otherwise(dice, number))
    assert re.sub(r"\D", "", again.replace("+262", "0")) == number


@given(st.sampled_from(names.REUNION_LAST_NAMES + names.MOTHERS + names.FATHERS), st.integers())
def test_a_slip_of_the_keyboard_touches_two_letters_at_most(name, seed):
    slipped = with_slip(Dice(seed), name)
    assert abs(len(slipped) - len(name)) <= 1
    assert slipped[0] == name[0]
