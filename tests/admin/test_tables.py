"""The tables of the back office: every door that Flask-Admin knows, asked from elsewhere; sorting, paging, files."""

import csv
import io
import itertools
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

from admin_app.access import Need
from admin_app.tables.view import TableView, UnscopedTable
from shared.models.journal import JournalEvent
from shared.models.teleservices import Audience, EntLink, Teleservice
from shared.rows.sorted_paging import Place, read_page, sort_keys
from tests.admin.browser import words
from tests.statements import sent

CATALOGUE, ENTS = "/academie/catalogue/", "/academie/liens-ent/"
HUGE = "9" * 30


def tables(app) -> list[TableView]:
    return [view for view in app.extensions["admin"][0]._views if isinstance(view, TableView)]


def doors(number):
    """What Flask-Admin answers to, with the row `number`; (method, end of the address, fields)."""
    row = f"?id={number}"
    return [
        ("GET", "", {}),
        *(("GET", f"{door}{row}", {}) for door in ("new/", "edit/", "details/", "delete/", "ajax/update/")),
        *(("POST", f"{door}{row}", {"id": number}) for door in ("new/", "edit/", "details/", "delete/")),
        ("GET", "ajax/lookup/?name=establishment&query=a", {}),
        ("POST", "ajax/update/", {"list_form_pk": number, "label": "Pris", "name": "Pris"}),
        ("POST", "action/", {"action": "delete", "rowid": number}),
        ("POST", "action/", {"action": "retirer", "rowid": number, "confirme": "oui"}),
        ("GET", "export/csv/", {}),
        ("POST", "export/csv/", {}),
        ("POST", "export/xlsx/", {}),
        ("POST", "export/html/", {}),
        *(("GET", f"?apres={number}{more}", {}) for more in ("", "&desc=1", "&sort=0", "&sort=1", "&sort=2")),
        *(("GET", f"?avant={number}{more}", {}) for more in ("", "&desc=1", "&sort=0")),
        ("GET", "?page_size=1000000&page=3", {}),
        ("GET", "?flt0_0=1&flt1_id=2&search=a", {}),
    ]


def every_number(database, table) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(table.number)))


def foreign_numbers(database, table, school) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(table.number).where(getattr(table.model, table.owner) == school.id)))


def ask(browser, method, address, fields):
    return browser.get(address) if method == "GET" else browser.post(address, fields)


def said(answer) -> str:
    """What a page or a file says."""
    if "spreadsheet" not in (answer.content_type or ""):
        return answer.text
    return repr([[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).active])


def picture(database, table):
    with database.reading() as session:
        return [tuple(row) for row in session.execute(select(table.model.__table__).order_by(table.number))]


def test_no_door_of_a_table_shows_or_changes_a_row_of_another_school(app, database, head, academy, school_a, school_b):
    scoped = [table for table in tables(app) if table.owner is not None]
    for table in scoped:
        theirs, before = foreign_numbers(database, table, school_b), picture(database, table)
        for browser in (head, academy):
            for number in theirs[:2]:
                for method, end, fields in doors(number):
                    answer = ask(browser, method, f"{table.url}/{end}", fields)
                    assert answer.status_code < 500, (table.place, method, end)
                    assert not any(mark in said(answer) for mark in school_b.marks), (table.place, method, end)
        assert [row for row in picture(database, table) if row in before] == before, table.place


def test_no_door_of_a_table_of_the_academie_opens_for_a_school(app, database, head, school_a):
    for table in tables(app):
        if table.need is not Need.ACADEMY:
            continue
        before = picture(database, table)
        for method, end, fields in doors(every_number(database, table)[0]):
            assert ask(head, method, f"{table.url}/{end}", fields).status_code in {403, 404, 405}, (table.place, end)
        assert picture(database, table) == before


def test_the_doors_of_flask_admin_that_write_are_not_there(app, academy, school_a):
    for table in tables(app):
        for door in ("new/", "edit/?id=1", "details/?id=1", "ajax/lookup/?name=a&query=b"):
            assert academy.get(f"{table.url}/{door}").status_code in {404, 405}, (table.place, door)
        for door in ("new/", "edit/?id=1", "delete/", "ajax/update/"):
            assert academy.post(f"{table.url}/{door}", {"id": 1}).status_code in {404, 405}, (table.place, door)
        assert academy.post(f"{table.url}/action/", {"action": "delete", "rowid": 1}).status_code == 404


def test_a_table_that_does_not_say_whose_its_rows_are_cannot_be_made():
    class Forgetful(TableView):
        name, path, place, need = "Oubli", "/oubli", "oubli", Need.HEAD
        model, heading, file_name = EntLink, "Oubli", "oubli"
        column_list = ("label",)

    with pytest.raises(UnscopedTable):
        Forgetful()


@pytest.mark.parametrize(
    "nonsense",
    [
        f"?page={HUGE}",
        f"?page_size={HUGE}",
        "?page_size=-1",
        f"?apres={HUGE}",
        "?apres=x&avant=y",
        f"?sort={HUGE}",
        "?sort=-1",
        "?sort=99&desc=2",
        "?flt0_0=%00&flt9_9=x",
        "?_scheme=javascript&_external=1&_anchor=x&endpoint=y",
        "?q=%25_%5C'\"",
    ],
)
def test_an_address_that_makes_no_sense_shows_the_list(app, academy, nonsense):
    for table in tables(app):
        page = academy.get(f"{table.url}/{nonsense}")
        assert page.status_code == 200, table.place
        assert "javascript:" not in page.text, table.place


def test_a_value_that_a_filter_does_not_have_is_told_and_left_aside(academy, school_a):
    page = academy.get(CATALOGUE, public="personne")

    assert page.status_code == 200
    assert "« personne » n'est pas une valeur du filtre « Pour qui »" in words(page)
    assert "Orientation" in words(page)


def test_what_is_typed_of_a_new_line_does_not_narrow_the_list_shown_with_the_refusal(academy, school_a):
    refused = academy.post(CATALOGUE, {"libelle": "", "adresse": "https://a.fr", "public": "students", "q": "rien"})

    assert refused.status_code == 422
    assert labels(refused) == labels(academy.get(CATALOGUE))


def labels(page) -> list[str]:
    return re.findall(r'<th scope="row" role="rowheader">(?:<a[^>]*>)?([^<]+)<', page.text)


def test_a_column_is_sorted_both_ways_and_the_filter_stays_in_every_link(academy, database, school_a):
    link = re.search(r'<a href="([^"]+)" class="sort">Téléservice', academy.get(CATALOGUE, public="guardians").text)[1]
    up = academy.get(link.replace("&amp;", "&"))
    down = academy.get(re.search(r'<a href="([^"]+)" class="sort">Téléservice', up.text)[1].replace("&amp;", "&"))

    assert labels(up) == sorted(labels(up))
    assert labels(down) == labels(up)[::-1]
    assert 'aria-sort="descending"' in down.text
    for address in re.findall(r'(?:href|action)="(/academie/catalogue/\?[^"]*|[^"]*export/csv/[^"]*)"', down.text):
        if "Tout afficher" not in address and "public" not in address:
            assert parse_qs(urlsplit(address.replace("&amp;", "&")).query).keys() <= {"sort", "desc"}
    assert re.search(r'action="[^"]*export/csv/\?[^"]*public=guardians', down.text)


def make_links(database, number):
    with database.writing() as session:
        session.add_all(EntLink(label=f"ENT {one:03}", url=f"https://e{one % 7}.fr") for one in range(number))


def walked(browser, address, rel):
    """The labels of every page from `address`, in the direction of `rel`; the address of the last."""
    seen = []
    while True:
        page = browser.get(address)
        seen.append(labels(page))
        following = re.search(rf'rel="{rel}" href="([^"]+)"', page.text)
        if following is None:
            return seen, address
        address = following[1].replace("&amp;", "&")


@pytest.mark.both_databases
@pytest.mark.parametrize("order", ["", "&sort=0&desc=1", "&sort=1", "&sort=1&desc=1", "&sort=3"])
def test_pages_follow_each_other_without_a_gap_there_and_back(academy, database, school_a, order):
    make_links(database, 90)
    forth, last = walked(academy, f"{ENTS}?page_size=20{order}", "next")
    back, _ = walked(academy, last, "prev")

    everything = [label for page in forth for label in page]
    assert len(everything) == len(set(everything)) == 91
    assert [label for page in back[::-1] for label in page] == everything


def test_the_last_page_asks_as_much_as_the_first_and_counts_nothing(academy, database, school_a):
    make_links(database, 120)
    _, last = walked(academy, f"{ENTS}?page_size=20", "next")
    with sent(database) as first:
        academy.get(f"{ENTS}?page_size=20")
    with sent(database) as at_the_end:
        academy.get(last)

    assert len(at_the_end) <= len(first) + 1
    of_rows = [one for one in at_the_end if "FROM ent_link" in one]
    assert any(") > (" in one for one in of_rows), "rows are skipped one by one"
    assert not any("count(*)" in one.lower() for one in of_rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.sampled_from("aAbé"), st.none() | st.datetimes()), max_size=12),
    size=st.integers(1, 5),
    descending=st.booleans(),
    column=st.sampled_from(["label", "retired_at"]),
)
def test_whatever_the_rows_every_one_is_on_one_page(database, rows, size, descending, column):
    """Equal values, and none, settle nothing: the number does."""
    from shared.clock import UTC

    with database.writing() as session:
        session.query(Teleservice).delete()
        for number, (label, at) in enumerate(rows):
            retired = at.replace(tzinfo=UTC) if at else None
            common = {"url": "https://e.fr", "audience": Audience.BOTH, "position": number}
            session.add(Teleservice(code=f"c{number}", label=label, retired_at=retired, **common))
    keys = sort_keys(getattr(Teleservice, column), descending=descending, may_be_empty=column == "retired_at")
    seen, pages, place = [], [], Place()
    with database.reading() as session:
        while True:
            found = read_page(session, select(Teleservice), Teleservice.id, keys, place, size)
            pages.append(found)
            seen += [row.id for row in found.rows]
            if found.next is None:
                break
            place = Place(after=found.next)
        for earlier, later in itertools.pairwise(pages):
            back = read_page(session, select(Teleservice), Teleservice.id, keys, Place(before=later.previous), size)
            assert back.rows == earlier.rows
    assert len(seen) == len(set(seen)) == len(rows)


def csv_rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_a_file_holds_what_the_address_narrows_the_list_to_and_nothing_that_computes(academy, database, school_a):
    with database.writing() as session:
        session.add(EntLink(label='=HYPERLINK("https://x")', url="https://calcul.fr"))
    of_csv = csv_rows(academy.post(f"{ENTS}export/csv/?q=calcul"))
    sheet = load_workbook(io.BytesIO(academy.post(f"{ENTS}export/xlsx/?q=calcul").data)).active

    assert of_csv[0] == ["Libellé", "Adresse", "Retiré le"]
    assert of_csv[1:] == [['\'=HYPERLINK("https://x")', "https://calcul.fr", ""]]
    assert [cell.data_type for cell in sheet[2]][:2] == ["s", "s"]
    with database.reading() as session:
        noted = session.scalars(select(JournalEvent).where(JournalEvent.action == "exported")).all()
    assert [(event.establishment_id, event.details["rows"]) for event in noted] == [(None, 1), (None, 1)]


def test_lines_that_are_ticked_are_retired_after_a_page_that_names_them(academy, database, school_a):
    make_links(database, 3)
    with database.reading() as session:
        chosen = list(session.scalars(select(EntLink.id).where(EntLink.label != "METICE").order_by(EntLink.id)))[:2]
    asked = academy.post(f"{ENTS}action/?q=ENT", {"action": "retirer", "rowid": chosen})
    assert asked.status_code == 200
    assert "« ENT 000 »" in words(asked)
    with database.reading() as session:
        assert session.scalars(select(EntLink).where(EntLink.retired_at.is_not(None))).all() == []

    done = academy.post(f"{ENTS}action/?q=ENT", {"action": "retirer", "rowid": chosen, "confirme": "oui"})
    assert done.location == f"{ENTS}?q=ENT"
    with database.reading() as session:
        retired = session.scalars(select(EntLink.id).where(EntLink.retired_at.is_not(None))).all()
        events = session.scalars(select(JournalEvent.subject).where(JournalEvent.action == "ent_link_retired")).all()
    assert sorted(retired) == chosen
    assert sorted(events) == ["ENT 000", "ENT 001"]


def test_a_ticked_line_that_is_not_there_stops_them_all(academy, database, school_a):
    make_links(database, 1)
    for numbers in ([school_a.ent_id, 999_999], [school_a.ent_id, "x"], [HUGE]):
        fields = {"action": "retirer", "rowid": numbers, "confirme": "oui"}
        assert academy.post(f"{ENTS}action/", fields).status_code == 404
    assert academy.post(f"{ENTS}action/", {"action": "retirer"}).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(EntLink).where(EntLink.retired_at.is_not(None))).all() == []


def test_the_filter_is_written_on_paper(academy, school_a):
    page = academy.get(CATALOGUE, public="guardians", q="e", imprimer="1")

    assert 'class="print-only">Filtre\xa0: «\xa0e\xa0»\xa0; Pour qui\xa0: ' in page.text
