"""What every answer carries, and what the portal does not listen to."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import func, select

from parent_portal import create_app
from shared.config import ConfigurationError, Settings
from shared.database import Database
from shared.migrations.version import SchemaOutOfDate
from shared.models.journal import JournalEvent
from tests.factories import PASSWORD
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory
from tests.portal.test_access import routes

HTTPS = "https://portail.example.org"
OF_SERVICES = ("GET /.well-known/openid-configuration", "GET /openid/cles", "GET /ent/metadonnees")
"""Addresses and public keys, which téléservices and ENTs may keep."""
WITHOUT_COOKIE = {
    *("openid.token", "openid.person", "authorization.ask_by_form", "logout_asked.ask_by_form"),
    "sms_receipts.take",
}
"""Three prove themselves otherwise (`tests/provider`, `tests/portal/test_sms_receipts.py`), two only lead to the page
that asks."""


@pytest.fixture
def public_portal(settings: Settings, database: Database) -> Flask:
    """A portal served over https, behind one proxy."""
    public = settings.model_copy(update={"public_portal_url": HTTPS, "trusted_proxies": 1})
    return create_app(public, database)


def answers(portal: Flask, browser: Browser) -> Iterator[tuple[str, dict[str, str]]]:
    for _, method, path in [*routes(portal), ("", "GET", "/nulle-part"), ("", "GET", "/deconnexion")]:
        answer = browser.get(path) if method == "GET" else browser.post(path)
        yield f"{method} {path}", dict(answer.headers)
    yield "POST without token", dict(browser.client.post("/connexion").headers)
    yield "other host", dict(browser.client.get("/connexion", headers={"Host": "ailleurs.example.org"}).headers)


def test_every_answer_is_protected(marie: Browser, portal: Flask) -> None:
    for name, headers in answers(portal, marie):
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), name
        assert "unsafe" not in policy
        assert {"form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"} <= set(
            policy.split("; ")
        )
        assert {name for name in headers if name.startswith("Access-Control")} == set()
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "Strict-Transport-Security" not in headers
        if not name.startswith(("GET /static", "GET /robots.txt", "GET /theme", *OF_SERVICES)):
            assert headers["Cache-Control"] == "no-store", name


def test_no_page_holds_a_style_or_a_script_that_the_policy_would_stop(marie: Browser, portal: Flask) -> None:
    for _, method, path in routes(portal):
        page = marie.get(path) if method == "GET" else None
        if page is not None and page.mimetype == "text/html":
            assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|javascript:", page.text), path


def test_over_https_the_cookie_is_bound_to_this_host_and_to_https(family: None, public_portal: Flask) -> None:
    client = public_portal.test_client()
    answer = client.get("/connexion", base_url=HTTPS)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portail=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_form_is_accepted_over_https_without_a_referer(family: None, public_portal: Flask) -> None:
    client = public_portal.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/connexion", base_url=HTTPS).text)
    assert token
    form = {"identifier": "m.payet", "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/connexion", base_url=HTTPS, data=form).status_code == 303


def test_over_plain_http_on_this_machine_the_cookie_is_still_shut_to_scripts(browser: Browser) -> None:
    cookie = browser.get("/connexion").headers["Set-Cookie"]
    assert cookie.startswith("portail=")
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_no_form_is_accepted_without_the_token_of_this_browser(
    marie: Browser, portal: Flask, database: Database
) -> None:
    def events() -> int:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(JournalEvent)) or 0

    before = events()
    other = Browser(portal)
    other.get("/connexion")
    for endpoint, method, path in routes(portal):
        for data in ({}, {"csrf_token": "faux"}, {"csrf_token": other._token or ""}):
            if method == "POST" and endpoint not in WITHOUT_COOKIE:
                answer = marie.client.post(path, data={"identifier": "m.payet1", "password": PASSWORD, **data})
                assert answer.status_code == 400, endpoint
                assert "Revenez à l'accueil et recommencez." in words(answer)
    assert events() == before
    assert marie.get("/").status_code == 200


@pytest.mark.parametrize("host", ["ailleurs.example.org", "127.0.0.1.example.org", "portail.example.org:443@x", ""])
def test_another_host_is_not_listened_to(family: None, portal: Flask, host: str) -> None:
    answer = portal.test_client().get("/connexion", headers={"Host": host})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


def test_the_address_of_a_request_is_the_proxy_s_word_only_where_a_proxy_is_trusted(
    family: None, portal: Flask, public_portal: Flask, database: Database
) -> None:
    def address_written_by(application: Flask, base_url: str) -> str | None:
        client = application.test_client()
        page = client.get("/connexion", base_url=base_url)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token
        form = {"identifier": "m.payet", "password": PASSWORD, "csrf_token": token[1]}
        forwarded = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2", "X-Forwarded-Proto": "https"}
        client.post("/connexion", base_url=base_url, data=form, headers=forwarded)
        with database.reading() as session:
            return session.scalars(select(JournalEvent.address).order_by(JournalEvent.id.desc())).first()

    assert address_written_by(portal, "http://localhost") == "127.0.0.1"
    assert address_written_by(public_portal, HTTPS) == "192.0.2.2"


def test_a_cookie_signed_for_the_back_office_means_nothing_here(
    family: None, settings: Settings, portal: Flask, marie: Browser
) -> None:
    foreign = Flask("admin")
    foreign.secret_key = settings.signing_key("admin")
    signer = SecureCookieSessionInterface().get_signing_serializer(foreign)
    assert signer
    with marie.client.session_transaction() as cookie:
        held = dict(cookie)
    thief = Browser(portal)
    thief.client.set_cookie("portail", str(signer.dumps(held)))
    assert thief.get("/").headers["Location"] == "/connexion"


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/nulle-part", 404, "Page introuvable"),
        ("GET", "/deconnexion", 405, "Page introuvable"),
        ("PUT", "/connexion", 405, "Page introuvable"),
        ("TRACE", "/connexion", 405, "Page introuvable"),
        ("GET", "/static/", 404, "Page introuvable"),
        ("GET", "/static/%252e%252e/%252e%252e/wsgi.py", 404, "Page introuvable"),
        ("GET", "/static/../../../etc/passwd", 404, "Page introuvable"),
        ("GET", "/theme/..%2f..%2fteleservices.db", 404, "Page introuvable"),
    ],
)
def test_errors_are_explained_in_french(browser: Browser, method: str, path: str, status: int, said: str) -> None:
    answer = browser.client.open(path, method=method)
    assert answer.status_code == status
    assert said in words(answer)
    assert "Revenir à l'accueil" in words(answer)


def test_too_long_a_form_is_refused(browser: Browser) -> None:
    answer = browser.post("/connexion", identifier="m.payet", password="x" * 70_000)
    assert answer.status_code == 413
    assert "Envoi trop lourd" in words(answer)


def test_a_breakdown_is_explained_without_a_word_of_what_broke(family: None, portal: Flask, database: Database) -> None:
    portal.testing = False
    browser = Browser(portal)
    browser.log_in("m.payet", PASSWORD)
    with database.writing() as session:
        session.connection().exec_driver_sql("DROP TABLE useful_link")
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "Ce n'est pas votre faute." in words(answer)
    assert "useful_link" not in answer.text


def test_search_engines_are_sent_away(browser: Browser) -> None:
    assert browser.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert '<meta name="robots" content="noindex, nofollow">' in browser.get("/connexion").text


def test_a_theme_is_shown_once_its_folder_is_filled(portal: Flask, settings: Settings, browser: Browser) -> None:
    assert "theme.css" not in browser.get("/connexion").text
    theme = settings.var_dir / "theme"
    theme.mkdir(parents=True)
    (theme / "theme.css").write_text(":root { --brand: #333 }")
    assert "/theme/theme.css" in browser.get("/connexion").text
    assert browser.get("/theme/theme.css").text == ":root { --brand: #333 }"


def test_the_portal_refuses_to_start_on_old_tables(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SchemaOutOfDate):
        create_app(settings, Database(f"sqlite:///{tmp_path / 'empty.db'}"))


def test_the_portal_refuses_to_start_without_secrets(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        create_app(Settings(initial_password_key=base64.urlsafe_b64encode(bytes(range(32))).decode()), database)


def test_french_signs_never_stand_alone_at_the_beginning_of_a_line(
    marie: Browser, portal: Flask, directory: Directory
) -> None:
    for _, method, path in routes(portal):
        if method == "GET" and not path.startswith(("/static", "/robots", "/theme", "/sante")):
            text = re.sub(r"<[^>]+>", "", marie.get(path).text)
            assert not re.search(r" [?!;:»]|« ", text), path
