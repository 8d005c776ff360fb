"""« Je ne suis pas le responsable de cet élève », as the parent goes through it."""

import re

from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.database import Database
from shared.establishments.wrong_children import answer_report, reports_of
from shared.journal import COMMAND
from shared.models.school import Establishment
from shared.models.wrong_children import WrongChildAnswer, WrongChildReport
from tests.factories import at_desk
from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in


def way(page: str) -> str:
    found = re.search(r'href="(/enfant/\d+/signaler)"', page)
    assert found
    return found[1]


def test_a_parent_reports_a_child_and_reads_the_answer(marie: Browser, database: Database) -> None:
    path = way(marie.get("/").text)
    assert "Léa PAYET" in words(marie.get(path))
    said = words(marie.follow(marie.post(path, words="Ce n'est pas ma fille.")))
    assert "L'établissement est prévenu." in said
    assert "L'établissement n'a pas encore répondu." in words(marie.get("/compte"))
    with database.writing() as session:
        school = session.scalars(select(Establishment.id)).one()
        [report] = reports_of(session, school, waiting=True)
        said_back = "Merci, <b>corrigé</b>."
        answer_report(
            at_desk(session, school, now=clock.now(), actor=COMMAND), report.row.id, WrongChildAnswer.REMOVED, said_back
        )
    page = marie.get("/compte")
    assert "L'établissement a retiré cet élève de votre compte." in words(page)
    assert "Merci, &lt;b&gt;corrigé&lt;/b&gt;." in page.text
    assert "Léa PAYET" not in words(marie.get("/"))
    assert marie.get(path).status_code == 404


def test_a_child_of_somebody_else_is_not_found(marie: Browser, portal: Flask) -> None:
    other = way(logged_in(portal, "m.payet1").get("/").text)
    assert marie.get(other).status_code == 404
    marie.get("/compte")
    assert marie.post(other, words="").status_code == 404


def test_too_many_words_are_refused_and_kept_to_be_shortened(marie: Browser) -> None:
    path = way(marie.get("/").text)
    page = marie.post(path, words="non " * 200)
    assert page.status_code == 422
    assert "500 caractères au plus" in words(page)
    assert "non non non" in words(page)


def test_as_many_words_as_the_browser_counts_are_taken_whatever_the_lines(marie: Browser, database: Database) -> None:
    """It counts one for the end of a line, and sends two."""
    typed = "\r\n".join(["x" * 9] * 50)
    assert marie.post(way(marie.get("/").text), words=typed).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(WrongChildReport.words)).one() == typed.replace("\r\n", "\n")
