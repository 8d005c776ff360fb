"""What somebody with a list of names tries, and what an ordinary page must never do: see docs/security.md."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.renewal import renew_password
from shared.accounts.holder.merging import undo_merge
from shared.accounts.login.mailed_links import link_address
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.establishments.links import add_link
from shared.establishments.settings import set_welcome_message
from shared.establishments.wrong_children import report_wrong_child
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountMerge, AccountState, LinkPurpose, MailedLink
from shared.models.notifications import AccountMailKind
from shared.models.school import Division, Establishment, Guardian, Student
from shared.models.teleservices import Teleservice
from tests.factories import INITIAL_PASSWORD, PASSWORD, at_desk
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory
from tests.portal.test_access import routes

CHOSEN = "lagon calme du dimanche"
NEW = {"password": CHOSEN, "password_again": CHOSEN}


@pytest.mark.parametrize(
    "header", [{"X-Forwarded-Host": "voleur.example.org"}, {"Forwarded": "host=voleur.example.org"}]
)
def test_a_mailed_link_leads_to_our_address_whatever_host_was_asked_for(
    family: None, portal: Flask, settings: Settings, database: Database, header: dict[str, str]
) -> None:
    browser = Browser(portal)
    browser.get("/mot-de-passe-oublie")
    form = {"email": "m.payet@example.org", "csrf_token": browser._token}
    assert browser.client.post("/mot-de-passe-oublie", data=form, headers=header).status_code == 200
    with database.reading() as session:
        link = session.scalars(select(MailedLink)).one()
    assert link_address(settings, link).startswith(settings.public_portal_url + "/")


def test_a_link_changes_the_account_it_was_sent_to_and_no_other(
    log_in: Callable[..., Browser], portal: Flask, directory: Directory
) -> None:
    Browser(portal).post("/mot-de-passe-oublie", email="m.payet@example.org")
    other = log_in("m.payet1")
    path = directory.mailed_path(LinkPurpose.PASSWORD_RESET)
    assert "m.payet" in words(other.get(path))
    other.post(path, **NEW)
    assert Browser(portal).log_in("m.payet1", PASSWORD).status_code == 303
    assert Browser(portal).log_in("m.payet", CHOSEN).status_code == 303


@pytest.mark.parametrize("path", ["/activation/", "/nouvelle-adresse/"])
def test_a_link_of_one_purpose_serves_no_other(family: None, portal: Flask, directory: Directory, path: str) -> None:
    browser = Browser(portal)
    browser.post("/mot-de-passe-oublie", email="m.payet@example.org")
    token = directory.mailed_path(LinkPurpose.PASSWORD_RESET).rpartition("/")[2]
    assert browser.get(path + token).status_code == 410
    assert browser.post(path + token).status_code == 410


def test_the_page_of_a_link_loads_nothing_from_elsewhere_and_sends_no_referer(
    family: None, portal: Flask, directory: Directory
) -> None:
    browser = Browser(portal)
    browser.post("/mot-de-passe-oublie", email="m.payet@example.org")
    page = browser.get(directory.mailed_path(LinkPurpose.PASSWORD_RESET))
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text) == []


def test_a_new_password_given_by_staff_ends_every_session(marie: Browser, database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        account = session.scalars(select(Account).where(Account.identifier == "m.payet")).one()
        fiche = session.scalars(select(Guardian).where(Guardian.account_id == account.id)).one()
        renew_password(at_desk(session, fiche.establishment_id, now=clock.now(), actor=COMMAND), account, fiche, sealer)
    assert marie.get("/").headers["Location"] == "/connexion"


def test_a_merge_ends_the_sessions_of_the_account_absorbed_and_its_undoing_those_of_the_one_kept(
    log_in: Callable[..., Browser], database: Database
) -> None:
    first, second = log_in("m.payet"), log_in("m.payet1")
    first.get("/fusion")
    first.post("/fusion", identifier="m.payet1", password=PASSWORD, keep="this")
    assert second.get("/").headers["Location"] == "/connexion"
    with database.writing() as session:
        undo_merge(Act(session, COMMAND, clock.now()), session.scalars(select(AccountMerge)).one())
    assert first.get("/").headers["Location"] == "/connexion"


def test_going_on_in_the_other_account_after_a_merge_changes_the_cookie(marie: Browser) -> None:
    before = marie.cookie()
    marie.get("/fusion")
    marie.post("/fusion", identifier="m.payet1", password=PASSWORD, keep="other")
    stolen = Browser(marie.client.application)
    stolen.client.set_cookie("portail", before or "")
    assert stolen.get("/").headers["Location"] == "/connexion"


def test_a_name_from_a_siecle_file_is_text_on_every_page(marie: Browser, portal: Flask, database: Database) -> None:
    name = '<script>alert(1)</script>"onmouseover="alert(1)<img src=x>{{ 7*7 }}'
    with database.writing() as session:
        for person in (*session.scalars(select(Student)), *session.scalars(select(Guardian))):
            person.first_name = person.family_name = name
    for _endpoint, method, path in routes(portal):
        page = marie.get(path).text if method == "GET" else ""
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert '"onmouseover="' not in page, path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;onmouseover" in marie.get("/").text
    assert "{{ 7*7 }}" in marie.get("/").text


def test_what_staff_write_is_text_on_every_page(marie: Browser, portal: Flask, database: Database) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    with database.writing() as session:
        school = session.scalars(select(Establishment)).one()
        school.name = school.phone = attack[:30]
        session.scalars(select(Division)).one().label = attack
        for service in session.scalars(select(Teleservice)):
            service.label = attack
        set_welcome_message(at_desk(session, school.id, now=clock.now(), actor=COMMAND), attack, 0)
        add_link(
            at_desk(session, school.id, now=clock.now(), actor=COMMAND), attack, 'https://exemple.fr/?a="><script>'
        )
        child = session.scalars(select(Student.id).order_by(Student.id)).first()
        account = session.scalars(select(Account).where(Account.identifier == "m.payet")).one()
        report_wrong_child(Caller(session, clock.now(), "192.0.2.9"), account, child or 0, attack)
    for _endpoint, method, path in routes(portal):
        page = marie.get(path).text if method == "GET" else ""
        assert "<script>" not in page, path
        assert "<img src=x" not in page, path
    assert "&lt;script&gt;alert(1)" in marie.get("/").text


def test_a_form_takes_the_fields_it_shows_and_no_other(family: None, portal: Flask, directory: Directory) -> None:
    browser = Browser(portal)
    browser.log_in("p.hoarau", INITIAL_PASSWORD)
    more = {"state": "active", "identifier": "m.payet", "account_id": "1", "email_verified_at": "2026-09-01", "id": "1"}
    email = {"email": "paul@example.org", "email_again": "paul@example.org"}
    assert browser.post("/premiere-connexion", **NEW, **email, **more).status_code == 303
    paul = directory.account("p.hoarau")
    assert paul.state is AccountState.ACTIVATING
    assert paul.email_verified_at is None
    assert directory.account("m.payet").email == "m.payet@example.org"


@pytest.mark.parametrize("email", ["a@b.fr\r\nBcc: x@y.fr", "a@b.fr\nSubject: x", "a@b.fr,x@y.fr", "Paul <a@b.fr>"])
def test_an_address_that_would_write_headers_is_refused(
    family: None, portal: Flask, directory: Directory, email: str
) -> None:
    browser = Browser(portal)
    browser.log_in("p.hoarau", INITIAL_PASSWORD)
    assert browser.post("/premiere-connexion", **NEW, email=email, email_again=email).status_code == 422
    assert directory.mails(AccountMailKind.ACTIVATION) == []


def test_a_password_in_an_address_is_not_looked_at(family: None, portal: Flask) -> None:
    browser = Browser(portal)
    page = browser.get(f"/connexion?identifier=m.payet&password={PASSWORD}")
    assert page.status_code == 200
    assert PASSWORD not in page.text
    assert browser.post(f"/connexion?identifier=m.payet&password={PASSWORD}").status_code == 422
    assert browser.get("/").headers["Location"] == "/connexion"


@pytest.mark.parametrize("typed", ["m%2Epayet", "m&#46;payet", "m\\u002epayet"])
def test_what_is_typed_is_decoded_once(family: None, portal: Flask, typed: str) -> None:
    browser = Browser(portal)
    assert browser.log_in(typed, PASSWORD).status_code == 422
    assert browser.log_in("m.payet", PASSWORD).status_code == 303


def test_every_page_of_an_account_has_a_button_to_log_out(marie: Browser, portal: Flask) -> None:
    for _endpoint, method, path in routes(portal):
        page = marie.get(path) if method == "GET" else None
        if page is not None and page.status_code == 200 and page.mimetype == "text/html":
            assert '<form method="post" action="/deconnexion">' in page.text, path


def test_the_cookie_holds_a_token_and_nothing_of_the_account(marie: Browser) -> None:
    with marie.client.session_transaction() as cookie:
        held = dict(cookie)
    assert set(held) <= {
        "_user_id",
        "_fresh",
        "_id",
        "_flashes",
        "csrf_token",
        "language",
        "proved",
        "question",
        "second",
        "seen",
    }
    assert not re.search(r"payet|example", str(held), re.IGNORECASE)


def test_no_form_sends_what_is_typed_in_its_address(marie: Browser, portal: Flask) -> None:
    for _endpoint, method, path in routes(portal):
        if method == "GET" and path.startswith("/") and not path.startswith(("/static", "/theme")):
            for form in re.findall(r"<form[^>]*>", marie.get(path).text):
                assert 'method="post"' in form, path


def test_password_managers_know_every_field(log_in: Callable[..., Browser], portal: Flask) -> None:
    wanted = {
        "/connexion": {"username", "current-password"},
        "/premiere-connexion": {"email", "new-password", "username"},
        "/compte/mot-de-passe": {"current-password", "new-password", "username"},
        "/compte/adresse": {"email", "current-password"},
    }
    browsers = {
        "/connexion": Browser(portal),
        "/premiere-connexion": log_in("p.hoarau", INITIAL_PASSWORD),
        "/compte/mot-de-passe": log_in("m.payet"),
        "/compte/adresse": log_in("m.payet"),
    }
    for path, hints in wanted.items():
        page = browsers[path].get(path).text
        assert hints <= set(re.findall(r'autocomplete="([^"]+)"', page)), path
        assert "onpaste" not in page
        for field in re.findall(r'<input[^>]*type="password"[^>]*>', page):
            assert 'autocomplete="' in field
        for field in re.findall(r'<input[^>]*autocomplete="(?:current|new)-password"[^>]*>', page):
            assert 'type="password"' in field, path


def test_no_page_sends_elsewhere(marie: Browser, portal: Flask) -> None:
    targets = ("//ailleurs.example.org", "https://ailleurs.example.org", "/\\ailleurs.example.org", "/.//ailleurs.fr")
    for _endpoint, method, path in routes(portal):
        asked = dict(zip(("next", "here", "wanted", "url"), targets, strict=True))
        answer = marie.get(path, query_string=asked) if method == "GET" else marie.post(path, **asked)
        where = urlsplit(answer.headers.get("Location", ""))
        # What is asked of a téléservice goes on with whoever logs in, and is read by the portal alone.
        assert "ailleurs" not in where.netloc + where.path, path


@pytest.mark.parametrize(
    "target", ["//ailleurs.example.org", "/\\ailleurs.example.org", "https://ailleurs.example.org"]
)
def test_choosing_a_language_goes_back_to_a_page_of_ours(browser: Browser, target: str) -> None:
    browser.get("/connexion")
    answer = browser.post("/langue", language="en", here=target)
    assert "ailleurs" not in answer.headers.get("Location", "")
