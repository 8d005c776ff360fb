"""« Aide » and « Quoi de neuf »: a page for each tab, opened from the tab itself."""

import re

import pytest
from markupsafe import escape

from admin_app.ui.help import TOPICS
from tests.admin.browser import words

# Words of templates: they are the same whatever the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def help_link(page) -> str:
    return re.search(r'<a href="([^"]+)"[^>]*>Aide</a>', page.text)[1]


def test_every_tab_of_the_menu_opens_its_own_page_of_help(head, school_a):
    """« Accueil » has the September routine; whatever else is in the menu has its own page."""
    menu = re.search(r'<ul id="menu">.*?</nav>', head.get("/").text, re.DOTALL)[0]
    addresses = re.findall(r'href="(/[^"]*)"', menu)
    assert len(addresses) >= 20
    without = [address for address in addresses if help_link(head.get(address)) == "/aide/rentree/"]
    assert without == []


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.code)
def test_every_page_of_help_says_its_steps_and_leads_to_its_tab(head, school_a, topic):
    page = head.get(f"/aide/{topic.code}/")

    assert page.status_code == 200
    assert f"<h1>{escape(topic.title)}</h1>" in page.text
    assert "<li>" in page.text
    article = re.search(r"<article.*?</article>", page.text, re.DOTALL)[0]
    for address in re.findall(r'href="(/[^"]*)"', article):
        assert head.get(address).status_code == 200, address


def test_the_routine_has_the_steps_of_a_faire_under_the_same_numbers(head, school_a):
    steps = re.findall(r'<li class="step[^"]*"><div class="step-title"><a href="([^"]+)"', head.get("/").text)
    listed = re.search(r"<ol>.*?</ol>", head.get("/aide/rentree/").text, re.DOTALL)[0].split("<li>")[1:]
    places = [re.match(r"/[^/]*/[^/?]*/", address)[0] for address in steps[:-1]]
    assert len(places) == len(listed) - 1 == 7
    assert [
        place for place, words_of_it in zip(places, listed, strict=False) if f'href="{place}' not in words_of_it
    ] == []


def test_help_shows_no_link_to_a_tab_that_is_closed(delegate, school_a):
    page = delegate("settings").get("/aide/rentree/")

    assert 'href="/parametrage/message/"' in page.text
    assert 'href="/responsables/notifier/"' not in page.text
    assert "Notifier en masse" in words(page)


def test_an_unknown_page_of_help_is_not_found(head):
    assert head.get("/aide/nulle-part/").status_code == 404
    assert head.get("/aide/..%2F..%2Fframe/").status_code == 404


def test_every_version_is_told_from_the_changelog(head):
    page = head.get("/quoi-de-neuf/tout")

    assert "<h1>Quoi de neuf</h1>" in page.text
    assert "<h2>1.0 – novembre 2026</h2>" in page.text
    assert "Importer les fichiers SIECLE" in words(page)


def test_the_four_entries_of_the_procedure_are_above_every_page(head):
    for address in ("/", "/parametrage/liens/", "/aide/liens/"):
        nav = re.search(r'<nav class="beside".*?</nav>', head.get(address).text, re.DOTALL)[0]
        assert re.findall(r">([^<>]+)</a>", nav) == ["Accueil", "Aide", "Impression", "Quoi de neuf"]
