"""What every answer carries, and the requests that are not listened to."""

import re

import pytest
from sqlalchemy import select
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from admin_app import create_app
from shared.models.school import Division, Guardian, Student
from tests.admin.browser import Browser, words
from tests.admin.test_access import address, routes
from tests.factories import PASSWORD

PAGES = ["/", "/connexion/", "/responsables/comptes/", "/rien"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers(head, path):
    headers = head.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_an_inline_script_or_style(head, path):
    page = head.get(path).text

    assert "<style" not in page
    assert " style=" not in page
    assert "javascript:" not in page
    assert page.count("<script") == page.count('<script src="')


def test_a_form_without_its_token_changes_nothing(head):
    response = head.post("/parametrage/liens/", {"csrf_token": "", "libelle": "Cantine", "adresse": "https://x.fr"})

    assert response.status_code == 400
    assert "Rien n'a été enregistré" in words(response)
    assert "Cantine" not in head.get("/parametrage/liens/").text


def test_the_token_of_one_person_is_no_good_for_another(browse, school_a, school_b):
    mine, theirs = browse(school_a.login), browse(school_b.login)
    token = theirs.token("/mot-de-passe/")

    response = mine.post("/parametrage/liens/", {"csrf_token": token, "libelle": "X", "adresse": "https://x.fr"})

    assert response.status_code == 400


def test_another_host_is_not_answered(app):
    response = app.test_client().get("/connexion/", headers={"Host": "ailleurs.example"})

    assert response.status_code == 400
    assert "<" not in response.text


def test_behind_https_the_cookie_is_bound_to_the_host(settings, database):
    secure = settings.model_copy(update={"public_admin_url": "https://admin.example.org"})
    app = create_app(secure, database)
    response = app.test_client().get("/connexion/", base_url="https://admin.example.org")

    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-administration=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "max-age" in response.headers["Strict-Transport-Security"]


def test_forms_work_behind_https(settings, database, school_a):
    app = create_app(settings.model_copy(update={"public_admin_url": "https://localhost"}), database)
    client = app.test_client()
    page = client.get("/connexion/", base_url="https://localhost")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "login": school_a.login, "password": "faux"}
    headers = {"Referer": "https://localhost/connexion/"}

    assert client.post("/connexion/", data=fields, base_url="https://localhost", headers=headers).status_code == 422


def test_too_much_at_once_is_refused_kindly(head):
    response = head.post("/parametrage/message/", {"message": "x" * 600_000})

    assert response.status_code == 413
    assert "trop lourd" in words(response)


def test_a_page_that_does_not_exist_says_so_in_french(head):
    missing, wrong_way = head.get("/rien"), head.get("/deconnexion/")

    assert "Page introuvable" in words(missing)
    assert missing.status_code == 404
    assert wrong_way.status_code == 405


def test_a_bug_shows_an_apology_and_nothing_of_it(settings, database, school_a, monkeypatch):
    app = create_app(settings, database)
    app.testing = False
    browser = Browser(app)
    browser.log_in(school_a.login)
    monkeypatch.setattr("admin_app.views.home.accounts_to_watch", None)

    response = browser.get("/")

    assert response.status_code == 500
    assert "Ce n'est pas votre faute" in words(response)
    assert "TypeError" not in response.text


def test_the_probe_answers_without_a_login(app):
    assert app.test_client().get("/sante/").text == "ok\n"


def test_behind_one_port_every_address_keeps_its_prefix(settings, database, school_a):
    # One that was never asked without a prefix: Flask-Admin keeps the addresses of its menu.
    app = create_app(settings, database)
    both = Client(DispatcherMiddleware(app, {"/administration": app}), use_cookies=True)
    page = both.get("/administration/connexion/")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    entered = both.post(
        "/administration/connexion/", data={"csrf_token": token, "login": school_a.login, "password": PASSWORD}
    )
    home = both.get(entered.location)

    assert home.status_code == 200
    ours = re.findall(r'(?:href|src|action)="(/[^"]*)"', home.text)
    assert ours
    assert [address for address in ours if not address.startswith("/administration/")] == []


def test_what_is_refused_is_told_to_whoever_watches_without_what_was_typed(app, head, school_b, caplog):
    head.post("/parametrage/liens/", {"csrf_token": "", "libelle": "Secret"})
    head.get(f"/responsables/compte/{school_b.fiche_id}/")
    head.get("/wp-login.php")
    app.test_client().get("/connexion/", headers={"Host": "ailleurs.example"})

    assert [record.args[0] for record in caplog.records if record.name == "shared.web.telling"] == [400, 404, 400]
    assert "Secret" not in caplog.text
    assert "'192.0.2.7'" in caplog.text


def test_a_name_from_a_siecle_file_is_text_on_every_page(app, head, database, school_a):
    name = '<script>alert(1)</script>"onmouseover="x<img src=x>'
    with database.writing() as session:
        for person in (*session.scalars(select(Student)), *session.scalars(select(Guardian))):
            person.first_name = person.family_name = person.city = name
        for division in session.scalars(select(Division)):
            division.label = name
    for rule, method in routes(app):
        page = head.get(address(rule, school_a)) if method == "GET" else None
        if page is not None and page.mimetype == "text/html":
            assert "<script>alert" not in page.text, rule
            assert "<img src=x" not in page.text, rule
            assert '"onmouseover="' not in page.text, rule
    assert "&lt;script&gt;alert(1)" in head.get("/responsables/comptes/").text


@pytest.mark.both_databases
@pytest.mark.parametrize("number", [2**31, 10**30])
def test_a_number_that_no_row_can_have_is_no_page(head, number):
    assert head.get(f"/responsables/compte/{number}/").status_code == 404
    assert head.get(f"/responsables/comptes/?apres={number}").status_code < 500


@pytest.mark.both_databases
def test_a_sign_that_no_keyboard_types_is_not_there(head):
    assert head.get("/responsables/comptes/?q=za%00r").status_code == 200
    link = {"libelle": "Can\0tine", "adresse": "https://exemple.fr"}
    assert head.post("/parametrage/liens/", link).status_code == 303
    assert "Cantine" in head.get("/parametrage/liens/").text
