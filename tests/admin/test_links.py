"""« Liens utiles »: a deletion is undone with one button (R24, R29)."""

import re

from tests.admin.browser import words

LINKS = "/parametrage/liens/"


def labels(page) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*>(.*?)</th>', page.text)


def add(browser, *names: str) -> None:
    for name in names:
        browser.post(LINKS, {"libelle": name, "adresse": f"https://{name.lower()}.fr"})


def test_a_deleted_link_goes_back_where_it_was(head, school_a):
    add(head, "Cantine", "Bus")
    head.post(f"{LINKS}{school_a.link_id}/supprimer")
    page = head.get(LINKS)
    assert labels(page) == ["Cantine", "Bus"]
    assert "Annuler la suppression" in words(page)

    head.post(LINKS + "retablir")

    page = head.get(LINKS)
    assert labels(page) == ["Lien Zarzuela", "Cantine", "Bus"]
    assert "https://exemple.fr" in page.text
    assert "Annuler la suppression" not in words(page)
    assert "Lien utile rétabli" in words(head.get("/journal/"))


def test_undoing_twice_puts_it_back_once(head, school_a):
    head.post(f"{LINKS}{school_a.link_id}/supprimer")
    head.post(LINKS + "retablir")
    head.post(LINKS + "retablir")

    page = head.get(LINKS)
    assert labels(page) == ["Lien Zarzuela"]
    assert "Il n'y a plus de suppression à annuler" in words(page)


def test_what_was_deleted_in_one_school_is_not_put_back_in_another(academy, school_a, school_b):
    academy.post(f"{LINKS}{school_a.link_id}/supprimer")
    academy.choose(school_b.id)

    assert "Zarzuela" not in academy.get(LINKS).text
    academy.post(LINKS + "retablir")
    assert labels(academy.get(LINKS)) == ["Lien Quindecim"]
