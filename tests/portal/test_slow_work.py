"""What hashing and judging passwords takes keeps nobody else from logging in (issue 13, 11)."""

import pytest
from argon2 import PasswordHasher

from shared.database import Database
from shared.models.accounts import Account, LinkPurpose
from tests.at_rest import writing_from_elsewhere
from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory, logged_in

ANOTHER = "homard brouette cyclone vanille"
TWICE = {"password": ANOTHER, "password_again": ANOTHER}


def first_login(portal, directory) -> int:
    browser = logged_in(portal, "p.hoarau", INITIAL_PASSWORD)
    return browser.post("/premiere-connexion", email="p@example.org", email_again="p@example.org", **TWICE).status_code


def changed(portal, directory) -> int:
    browser = logged_in(portal, "m.payet")
    return browser.post("/compte/mot-de-passe", current=PASSWORD, **TWICE).status_code


def forgotten(portal, directory) -> int:
    browser = Browser(portal)
    browser.post("/mot-de-passe-oublie", email=directory.account("m.payet").email)
    return browser.post(directory.mailed_path(LinkPurpose.PASSWORD_RESET), **TWICE).status_code


@pytest.mark.runs_on("sqlite")
@pytest.mark.parametrize("page", [first_login, changed, forgotten])
def test_others_write_while_a_password_is_hashed(family, portal, directory, database_url, monkeypatch, page):
    with writing_from_elsewhere(monkeypatch, database_url, PasswordHasher, "hash") as met:
        assert page(portal, directory) == 303
    assert met == ["free"]


def test_a_password_given_by_staff_meanwhile_is_not_replaced(
    family: None, portal, directory: Directory, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    intruder = logged_in(portal, "m.payet")
    hash_it = PasswordHasher.hash

    def renew_then_hash(*arguments: object) -> str:
        with database.writing() as session:
            account = session.get_one(Account, directory.account("m.payet").id)
            account.initial_password, account.must_change_password = b"sealed by staff", True
        return hash_it(*arguments)

    monkeypatch.setattr(PasswordHasher, "hash", renew_then_hash)
    intruder.post("/compte/mot-de-passe", current=PASSWORD, **TWICE)

    account = directory.account("m.payet")
    assert account.initial_password == b"sealed by staff"
    assert account.must_change_password


def test_whoever_changed_it_twice_at_once_is_told(family, portal, directory, database, monkeypatch) -> None:
    browser = logged_in(portal, "m.payet")
    hash_it = PasswordHasher.hash

    def change_then_hash(*arguments: object) -> str:
        directory.change("m.payet", password_hash="chosen in another tab")
        return hash_it(*arguments)

    monkeypatch.setattr(PasswordHasher, "hash", change_then_hash)
    answer = browser.post("/compte/mot-de-passe", current=PASSWORD, **TWICE)

    assert answer.status_code == 303
    assert directory.account("m.payet").password_hash == "chosen in another tab"
    assert "le vôtre n'est pas enregistré" in words(browser.get("/"))
