"""Where password managers lead to, of a password that they find weak, leaked or used elsewhere."""

import pytest
from flask import Flask

import admin_app
import parent_portal
from shared.config import Settings
from shared.database import Database

PATH = "/.well-known/change-password"


@pytest.mark.parametrize(
    ("create_app", "page", "way_in"),
    [
        (admin_app.create_app, "/mot-de-passe/", "/connexion/"),
        (parent_portal.create_app, "/compte/mot-de-passe", "/connexion"),
    ],
    ids=["admin", "portal"],
)
def test_they_find_the_page_of_the_password(
    create_app, page: str, way_in: str, settings: Settings, database: Database
) -> None:
    app: Flask = create_app(settings, database)
    browser = app.test_client()
    found = browser.get(PATH)
    assert (found.status_code, found.location) == (303, page)
    assert browser.get(page).location == way_in
    # They tell by it whether a site answers everything alike.
    assert (
        browser.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200").status_code
        == 404
    )
