"""« Académie → Tableau de bord » and « Statistiques »: what was counted at night, and when (R26)."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shared import clock
from shared.models.academy import SchoolFigures
from shared.models.school import Establishment
from shared.overview.figures import NEVER, keep_academy_figures
from tests.admin.browser import words
from tests.factories import make_establishment
from tests.statements import sent

PAGE = "/academie/tableau-de-bord/"
COLUMNS = ("name", "imported_at", "accounts", "notified", "active", "rate", "duplicates", "failures")


def figures_of(session, school_id, **values) -> SchoolFigures:
    """Figures of a school as if they had been counted so."""
    found = session.scalars(
        select(SchoolFigures).where(SchoolFigures.establishment_id == school_id, SchoolFigures.is_latest)
    ).one_or_none()
    if found is None:
        school, now = session.get_one(Establishment, school_id), clock.now()
        counts = dict.fromkeys(("accounts", "notified", "active", "rate", "duplicates", "failures"), 0)
        found = SchoolFigures(
            establishment_id=school_id,
            day=now.date(),
            counted_at=now,
            is_latest=True,
            uai=school.uai,
            name=school.name,
            imported_at=NEVER,
            **counts,
        )
        session.add(found)
    for name, value in values.items():
        setattr(found, name, value)
    session.flush()
    return found


@pytest.fixture
def many(database, school_a):
    """Sixty more schools, each with figures that tell it from the others."""
    now = clock.now()
    with database.writing() as session:
        for number in range(60):
            school = make_establishment(session, f"975{number:04}A", f"École {60 - number:02}")
            half = number // 2
            figures_of(
                session,
                school.id,
                imported_at=now - timedelta(days=number),
                accounts=100 + half,
                notified=90,
                active=half,
                rate=half,
                duplicates=number % 7,
                failures=number % 3,
            )
        keep_academy_figures(session, now, now.date())


def names(page) -> list[str]:
    return re.findall(r'<th scope="row" role="rowheader"><a href="[^"]+">([^<]+)</a>', page.text)


def pages(browser, **asked) -> list[list[str]]:
    """The names of the schools, page by page, as somebody turns them."""
    found, page = [], browser.get(PAGE, **asked)
    while True:
        assert page.status_code == 200
        found.append(names(page))
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        if following is None:
            return found
        page = browser.get(following[1].replace("&amp;", "&"))


def test_every_school_has_a_line_and_the_page_says_when_it_was_counted(academy, database, many, school_b):
    page = academy.get(PAGE)
    said = words(page)

    assert "Compté le" in said
    assert "61 établissements" in said or re.search(r"Établissements 61, dont", said)
    everybody = [name for one in pages(academy) for name in one]
    assert len(everybody) == len(set(everybody)) == 62
    # The second school was made after all were counted: its figures are there, those of one more are not.
    with database.writing() as session:
        make_establishment(session, "9760001Z", "Collège Tout Neuf")
    assert "Pas encore compté : Collège Tout Neuf (9760001Z)" in words(academy.get(PAGE))


@pytest.mark.parametrize("place", range(len(COLUMNS)), ids=COLUMNS)
@pytest.mark.parametrize("descending", [0, 1])
def test_it_is_sorted_by_each_column_over_its_pages(academy, database, many, place, descending):
    with database.reading() as session:
        rows = session.scalars(select(SchoolFigures).where(SchoolFigures.is_latest)).all()
        key = COLUMNS[place]
        wanted = sorted(rows, key=lambda row: (getattr(row, key), row.id), reverse=bool(descending))
        wanted = [row.name for row in wanted]
    assert [name for one in pages(academy, sort=place, desc=descending, page_size=20) for name in one] == wanted


def test_it_is_searched_narrowed_and_taken_away(academy, many, school_a):
    assert names(academy.get(PAGE, q="école 07")) == ["École 07"]
    assert names(academy.get(PAGE, q="9740001")) == ["Collège Zarzuela"]
    assert len(names(academy.get(PAGE, echecs=1, page_size=100))) == 40
    assert names(academy.get(PAGE, sans_import=1)) == ["Collège Zarzuela"]
    answer = academy.post(f"{PAGE}export/csv/?q=école+07")
    [header, row] = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    told = dict(zip(header, row, strict=True))
    assert (told["UAI"], told["Établissement"], told["Comptes"]) == ("9750053A", "École 07", "126")
    assert told["Compté le"]


def test_it_opens_for_the_academie_alone(head, delegate, many):
    assert head.get(PAGE).status_code == 403
    assert delegate("statistics").get(PAGE).status_code == 403
    assert head.post(f"{PAGE}export/csv/").status_code == 403
    assert "Tableau de bord" not in words(head.get("/"))


@pytest.mark.both_databases
def test_the_page_asks_as_much_with_sixty_schools_as_with_one(academy, database, school_a, request):
    def queries() -> int:
        with sent(database) as statements:
            assert academy.get(PAGE, page_size=20).status_code == 200
        assert not any("FROM account" in one or "FROM guardian" in one for one in statements)
        return len(statements)

    few = queries()
    request.getfixturevalue("many")
    assert queries() == few


def test_figures_that_were_not_counted_with_the_others_say_so(academy, database, many):
    now = clock.now()
    with database.writing() as session:
        session.execute(
            update(SchoolFigures).where(SchoolFigures.uai == "9750003A").values(day=now.date() - timedelta(days=4))
        )
    assert f"9750003A, compté le {now - timedelta(days=4):%d/%m/%Y}" in words(academy.get(PAGE, q="9750003A"))


def test_statistics_compare_with_the_year_before_and_with_the_mean(head, database, many, school_a):
    now = clock.now()
    with database.writing() as session:
        figures_of(session, school_a.id, accounts=50, notified=40, active=25, rate=50)
        former = figures_of(session, school_a.id)
        then = now.date().replace(year=now.year - 1) if (now.month, now.day) != (2, 29) else now.date()
        session.add(
            SchoolFigures(
                establishment_id=school_a.id,
                day=then,
                counted_at=now,
                is_latest=False,
                uai=former.uai,
                name=former.name,
                imported_at=NEVER,
                accounts=40,
                notified=20,
                active=4,
                rate=10,
                duplicates=0,
                failures=0,
            )
        )
    said = words(head.get("/statistiques/"))
    assert f"Cet établissement {former.day:%d/%m/%Y} 80 % 50 %" in said
    assert f"Le même, un an plus tôt {then:%d/%m/%Y} 50 % 10 %" in said
    assert "Moyenne de l'académie" in said
    assert "Où en est" not in words(head.get("/statistiques/", de="eleves"))


def test_statistics_show_no_mean_of_two_schools(head, database, school_a, school_b):
    now = clock.now()
    with database.writing() as session:
        keep_academy_figures(session, now, now.date())
    said = words(head.get("/statistiques/"))
    assert "Cet établissement" in said
    assert "Moyenne de l'académie" not in said
