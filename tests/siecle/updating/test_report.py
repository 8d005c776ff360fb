"""What is found is counted by kind, so that one fault repeated a thousand times hides no other (R32)."""

import json

import pytest

from shared.cli.school.importing import report_lines
from shared.siecle import report
from shared.siecle.report import (
    OTHER_KINDS,
    Counts,
    Findings,
    ImportReport,
    Sentences,
    SentencesOfAKind,
    kind_of,
    sentences_in,
)
from tests.siecle.written import student


def test_what_is_quoted_and_numbers_tell_no_kinds_apart():
    first = "DATE_NAISS n'est pas une date\u00a0: «\u00a031/02/2012\u00a0»."
    second = "DATE_NAISS n'est pas une date\u00a0: «\u00a0hier\u00a0»."

    assert kind_of(first) == kind_of(second) == "DATE_NAISS n'est pas une date\u00a0: …."
    assert kind_of("déjà lu à la ligne 12") == kind_of("déjà lu à la ligne 7")
    assert kind_of("LIGNE1_ADRESSE manque") != kind_of("LIGNE2_ADRESSE manque")


def test_a_sentence_given_alone_finds_its_kind():
    found = Sentences()
    found.add("3 personnes sans lien.")
    found.add("4 personnes sans lien.")
    found.add("Tout autre chose.")
    found.add("Dite ainsi.", "d'une sorte")
    found.add("Et autrement.", "d'une sorte")

    assert [(one.kind, one.count) for one in found] == [
        ("… personnes sans lien.", 2),
        ("Tout autre chose.", 1),
        ("d'une sorte", 2),
    ]
    assert found.count == len(found.kept) == 5


def test_sentences_are_counted_when_there_is_no_room_for_them(monkeypatch):
    monkeypatch.setattr(report, "SENTENCES_KEPT", 3)
    found = Sentences()
    for number in range(5):
        found.add(f"phrase {number}")
    found.add_unwritten("phrase …", 10)
    found.add_unwritten("phrase …", -2)

    assert (found.count, found.kept) == (15, ["phrase 0", "phrase 1", "phrase 2"])


def test_kinds_without_end_are_told_together(monkeypatch):
    monkeypatch.setattr(report, "KINDS_TOLD_APART", 2)
    found = Sentences()
    for word in ("un", "deux", "trois", "quatre", "deux"):
        found.add(word)

    assert [(one.kind, one.count) for one in found] == [("un", 1), ("deux", 2), (OTHER_KINDS, 2)]


def test_a_stored_report_gives_back_its_kinds(run_import, school):
    twice = [student(key, DATE_NAISS="hier") for key in (1, 2, 3)]
    made = run_import(school.changed(students=[student(4), student(4), *twice]).both())
    stored = json.loads(json.dumps(made.as_json()))

    assert sentences_in(stored, "errors") == list(made.findings.errors)
    assert sentences_in(stored, "warnings") == list(made.findings.warnings)


def test_a_report_stored_before_kinds_were_told_is_one_kind():
    old = {"errors": ["a", "b"], "errors_count": 7, "warnings": [], "warnings_count": 0}

    assert sentences_in(old, "errors") == [SentencesOfAKind("", ["a", "b"], 7)]
    assert sentences_in(old, "warnings") == []


@pytest.mark.parametrize(("number", "word"), [(0, "élève lu"), (1, "élève lu"), (2, "élèves lus")])
def test_the_command_line_agrees_in_number(number, word):
    told = "\n".join(report_lines(ImportReport("9740001A", "Collège", False, Findings(), students=Counts(read=number))))

    assert f"{number} {word}, 0 nouveau, 0 modifié, 0 disparu" in told
    assert "0 division lue, 0 nouvelle, 0 modifiée, 0 disparue" in told


def test_the_command_line_shows_ten_of_a_kind_and_says_how_many_more():
    found = Findings()
    for line in range(12):
        found.warnings.add(f"e.xml, ligne {line}, élève {line}\u00a0: trop long.", "élève\u00a0: trop long.")
    found.warnings.add("Autre chose.")

    told = report_lines(ImportReport("9740001A", "Collège", False, found))

    assert sum("ligne" in line for line in told) == 10
    assert "    élève\u00a0: trop long. (12)" in told
    assert "    … et 2 autres (--json les donne)" in told
    assert "    - Autre chose." in told
