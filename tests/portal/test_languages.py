"""The language a family chooses: kept before, over and after a login, told to mails, and never taken from elsewhere."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from parent_portal import create_app
from parent_portal.language import remember
from parent_portal.ui.services import KNOWN
from shared.accounts.login.mailed_links import create_link, link_address
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.establishments.services import DEFAULT_CATALOGUE
from shared.languages import CATALOGUES, FRENCH, LANGUAGES, Language, known_language
from shared.models.accounts import Account, AccountState, LinkPurpose, MailedLink
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMailKind
from shared.models.school import Student
from shared.models.teleservices import Teleservice
from shared.notifications.content.sender import School
from shared.notifications.mail.account import compose_account_mail
from shared.notifications.mail.rendering import write_mail
from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory, logged_in

OTHERS = [language for language in LANGUAGES if language is not FRENCH]
in_each_language = pytest.mark.parametrize("language", OTHERS, ids=[language.code for language in OTHERS])
only_on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LOGIN_IN_TURKISH = "Giriş yap"
LOGIN_IN_FRENCH = "Se connecter"


def choose(browser: Browser, code: str, here: str = "/connexion") -> None:
    browser.get("/mot-de-passe-oublie")
    assert browser.post("/langue", language=code, here=here).status_code == 303


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_the_direction_of_a_language_is_that_which_babel_knows(language: Language) -> None:
    assert language.direction == language.locale.text_direction


def test_the_login_page_names_each_language_in_itself(family: None, browser: Browser) -> None:
    page = browser.get("/connexion")
    for language in LANGUAGES:
        assert f'lang="{language.html}" dir="{language.direction}"' in page.text
        assert language.name in words(page)


def test_pages_are_french_until_another_language_is_chosen(family: None, browser: Browser) -> None:
    assert '<html lang="fr" dir="ltr"' in browser.get("/connexion").text
    choose(browser, "ar")
    page = browser.get("/connexion")
    assert '<html lang="ar" dir="rtl"' in page.text
    assert LOGIN_IN_FRENCH not in words(page)


def test_the_language_of_the_login_page_goes_on_inside_and_after_logging_out(
    family: None, browser: Browser, directory: Directory
) -> None:
    choose(browser, "tr")
    browser.log_in("m.payet", PASSWORD)
    assert "Hesabım" in words(browser.get("/"))
    assert directory.account("m.payet").language == "tr"
    assert LOGIN_IN_TURKISH in words(browser.follow(browser.post("/deconnexion")))


def test_the_account_brings_its_language_to_another_device_and_leaves_none_behind(
    family: None, portal: Flask, directory: Directory
) -> None:
    directory.change("m.payet", language="tr")
    browser = logged_in(portal, "m.payet")
    assert "Hesabım" in words(browser.get("/"))
    assert LOGIN_IN_FRENCH in words(browser.follow(browser.post("/deconnexion")))


def test_the_account_kept_by_a_merge_keeps_to_the_language_of_the_parent(
    family: None, portal: Flask, directory: Directory
) -> None:
    directory.change("m.payet", language="tr")
    browser = logged_in(portal, "m.payet")
    browser.get("/fusion")
    merged = browser.post("/fusion", identifier="m.payet1", password=PASSWORD, keep="other")
    assert "Hesabım" in words(browser.follow(merged))
    assert directory.account("m.payet1").language == "tr"


def test_a_login_without_a_choice_leaves_the_account_as_it_was(marie: Browser, directory: Directory) -> None:
    assert directory.account("m.payet").language is None


def test_somebody_logged_in_changes_language_where_they_are(
    marie: Browser, directory: Directory, database: Database
) -> None:
    marie.get("/compte")
    answer = marie.post("/langue", language="ro", here="/compte")
    assert answer.headers["Location"] == "/compte"
    assert "Contul meu" in words(marie.follow(answer))
    marie.post("/langue", language="ro", here="/compte")
    assert directory.account("m.payet").language == "ro"
    with database.reading() as session:
        events = session.scalars(select(JournalEvent.action).where(JournalEvent.action == "language_chosen")).all()
    assert events == ["language_chosen"]


@pytest.mark.parametrize("code", ["", "xx", "fr_FR", "../en", "ar\x01", "<b>", "é" * 500])
def test_a_language_that_is_none_changes_nothing(marie: Browser, directory: Directory, code: str) -> None:
    choose(marie, code)
    assert '<html lang="fr"' in marie.get("/").text
    assert marie.cookie("langue") is None
    assert directory.account("m.payet").language is None


def test_a_cookie_or_an_account_with_a_language_that_is_none_reads_french(
    family: None, portal: Flask, browser: Browser, directory: Directory
) -> None:
    browser.client.set_cookie("langue", "klingon")
    assert '<html lang="fr"' in browser.get("/connexion").text
    directory.change("m.payet", language="klingon")
    assert '<html lang="fr"' in logged_in(portal, "m.payet").get("/").text


@pytest.mark.parametrize(
    "here", ["https://example.org/", "//example.org", "/\\example.org", "/nulle-part", "", "/langue", "javascript:1"]
)
def test_choosing_a_language_leads_nowhere_else(family: None, browser: Browser, here: str) -> None:
    browser.get("/mot-de-passe-oublie")
    assert browser.post("/langue", language="es", here=here).headers["Location"] == "/connexion"


def test_choosing_a_language_needs_the_token_of_a_page_of_ours(family: None, browser: Browser) -> None:
    browser.get("/connexion")
    assert browser.client.post("/langue", data={"language": "ar"}).status_code == 400
    assert browser.cookie("langue") is None


def test_the_cookie_is_for_this_site_alone_and_no_script(family: None, browser: Browser) -> None:
    browser.get("/mot-de-passe-oublie")
    cookie = browser.post("/langue", language="ar").headers["Set-Cookie"]
    assert cookie.startswith("langue=ar;")
    for flag in ("HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"):
        assert flag in cookie


def test_the_cookie_is_bound_to_https_where_there_is_https(
    family: None, settings: Settings, database: Database
) -> None:
    portal = create_app(settings.model_copy(update={"public_portal_url": "https://localhost"}), database)
    with portal.test_request_context("/langue", base_url="https://localhost"):
        cookie = remember(portal.make_response(""), OTHERS[0]).headers["Set-Cookie"]
    assert cookie.startswith("__Host-langue=en;")
    assert "Secure" in cookie


def test_a_mailed_link_opened_anywhere_speaks_the_language_of_its_account(
    family: None, portal: Flask, directory: Directory, settings: Settings
) -> None:
    directory.change("m.payet", language="ar")
    path = mailed(directory, settings, "m.payet", LinkPurpose.PASSWORD_RESET)
    assert '<html lang="ar" dir="rtl"' in Browser(portal).get(path).text
    chosen = Browser(portal)
    choose(chosen, "es")
    assert '<html lang="es"' in chosen.get(path).text


@pytest.mark.parametrize(
    ("asked", "html"),
    [
        ("tr-TR,tr;q=0.9,en;q=0.8", "tr"),
        ("ar-MA,fr;q=0.8", "ar"),
        ("de-DE, ro;q=0.4, es;q=0.7", "es"),
        ("fr-RE,fr;q=0.9,en;q=0.8", "fr"),
        ("zh-TW", "zh-Hans"),
        ("de", "fr"),
        ("en;q=0", "fr"),
        ("*", "fr"),
        ("<b>,;q=x,../en", "fr"),
        ("x-" * 3000, "fr"),
    ],
)
def test_a_first_visit_is_in_the_language_that_the_browser_asks_for(
    family: None, browser: Browser, asked: str, html: str
) -> None:
    page = browser.get("/connexion", headers={"Accept-Language": asked})
    assert f'<html lang="{html}"' in page.text


def test_what_is_chosen_counts_more_than_what_the_browser_asks_for(family: None, browser: Browser) -> None:
    choose(browser, "fr")
    assert '<html lang="fr"' in browser.get("/connexion", headers={"Accept-Language": "tr"}).text


def test_a_first_login_keeps_the_language_of_the_browser_and_its_mails_with_it(
    family: None, browser: Browser, directory: Directory
) -> None:
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "pt-PT,pt;q=0.9"
    browser.log_in("p.hoarau", INITIAL_PASSWORD)
    assert directory.account("p.hoarau").language == "pt"


def test_an_account_that_was_read_in_french_stays_in_french(family: None, portal: Flask, directory: Directory) -> None:
    browser = Browser(portal)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en-US,en;q=0.9"
    browser.log_in("m.payet", PASSWORD)
    assert directory.account("m.payet").language is None
    assert '<html lang="fr"' in browser.get("/").text


@pytest.mark.parametrize("used", [True, False], ids=["used", "expired"])
def test_a_link_that_opens_nothing_any_more_says_why_in_the_language_of_its_account(
    family: None, portal: Flask, directory: Directory, settings: Settings, used: bool
) -> None:
    directory.change("m.payet", language="ar")
    path = mailed(directory, settings, "m.payet", LinkPurpose.PASSWORD_RESET)
    with directory.database.writing() as session:
        link = session.scalars(select(MailedLink).order_by(MailedLink.id.desc()).limit(1)).one()
        if used:
            link.used_at = now()
        else:
            link.created_at, link.expires_at = now() - timedelta(days=9), now() - timedelta(days=8)
    answer = Browser(portal).get(path)
    assert answer.status_code == 410
    assert '<html lang="ar" dir="rtl"' in answer.text
    # Who forges one learns nothing, not even a language.
    assert '<html lang="fr"' in Browser(portal).get(path[:-1] + ("0" if path[-1] != "0" else "1")).text


def test_the_language_can_be_changed_on_every_page_inside(marie: Browser) -> None:
    for path in ("/", "/compte", "/compte/adresse", "/fusion"):
        assert 'name="language" value="tr"' in marie.get(path).text, path


def test_the_activation_mail_is_in_the_language_of_the_first_login(
    family: None, browser: Browser, directory: Directory, settings: Settings
) -> None:
    choose(browser, "pt")
    browser.log_in("p.hoarau", INITIAL_PASSWORD)
    password = "lagon calme du dimanche"
    browser.post(
        "/premiere-connexion",
        email="paul@example.org",
        email_again="paul@example.org",
        password=password,
        password_again=password,
    )
    [mail] = directory.mails(AccountMailKind.ACTIVATION)
    with directory.database.reading() as session:
        written = compose_account_mail(session, settings, mail.id)
    assert written.words.subject == "Ative a sua conta"
    assert "Ativar a minha conta" in written.words.text
    assert '<html lang="pt-PT" dir="ltr">' in written.words.html
    assert "p.hoarau" in written.words.text


def test_a_sentence_of_a_rule_is_translated(marie: Browser) -> None:
    choose(marie, "en")
    marie.get("/compte/mot-de-passe")
    page = marie.post("/compte/mot-de-passe", current=PASSWORD, password="court", password_again="court")
    assert "This password is too short" in words(page)


def test_what_the_school_wrote_is_marked_as_french(marie: Browser) -> None:
    choose(marie, "ar")
    page = marie.get("/").text
    assert '<bdi lang="fr">Collège des Filaos</bdi>' in page
    assert '<bdi lang="fr">Bourse de collège</bdi>' in page


def test_teleservices_are_named_in_the_language_of_the_page_and_in_french_beside(marie: Browser) -> None:
    choose(marie, "es")
    page = marie.get("/").text
    assert "<strong>Beca de collège (11-15 años)</strong>" in page
    assert "<span>Solicitar una beca para un alumno de collège.</span>" in page
    assert '<span><bdi lang="fr">Bourse de collège</bdi></span>' in page


def test_a_teleservice_that_the_academie_renamed_keeps_the_name_that_it_was_given(
    marie: Browser, database: Database
) -> None:
    with database.writing() as session:
        service = session.scalars(select(Teleservice).where(Teleservice.code == "bourse-college")).one()
        service.label, service.description = "Bourse nationale", "Connexion"
    choose(marie, "es")
    page = marie.get("/").text
    assert '<strong><bdi lang="fr">Bourse nationale</bdi></strong><span><bdi lang="fr">Connexion</bdi></span>' in page


def test_whatever_the_catalogue_says_at_first_is_said_in_every_language() -> None:
    assert {said for _, label, description, *_ in DEFAULT_CATALOGUE for said in (label, description)} == KNOWN


@only_on_sqlite
@in_each_language
def test_each_page_is_whole_in_each_language(
    family: None, portal: Flask, directory: Directory, settings: Settings, language: Language
) -> None:
    """No page falls back on French: none of the sentences of the catalogue is left as it was written."""
    french = long_sentences(language)
    for page in pages_of_everybody(portal, directory, settings, language):
        text = words(page)
        assert f'<html lang="{language.html}" dir="{language.direction}"' in page.text
        assert [sentence for sentence in french if sentence in text] == [], page.request.path


@in_each_language
def test_each_mail_is_whole_in_each_language(language: Language) -> None:
    french = long_sentences(language)
    values = {
        "recipient": "Marie PAYET",
        "school": School("Collège des Filaos", phone="0262 00 00 00", contact="ce@example.org"),
        "portal": "https://portail.example.org",
        "identifier": "m.payet",
        "caused_at": now(),
        "expires_at": now(),
        "link": "https://portail.example.org/activation/1-x",
        "details": {
            "email": "new@example.org",
            "kept": "m.payet",
            "absorbed": "m.payet1",
            "school": "Collège des Filaos",
            "change": "password_renewed",
            "identifier": "m.payet",
            "reason": "unused",
        },
        "due_on": now().date(),
        "persons": [("Marie PAYET (m.payet)", "https://portail.example.org/sans-lettre/1-x")],
    }
    for kind in AccountMailKind:
        mail = write_mail(kind.value, language, **values)
        for part in (mail.subject, one_line(mail.text), one_line(re.sub(r"<[^>]+>", "", mail.html))):
            assert part
            assert [sentence for sentence in french if sentence in part] == [], kind
        assert "m.payet" in mail.text
        assert f'dir="{language.direction}"' in mail.html


def pages_of_everybody(
    portal: Flask, directory: Directory, settings: Settings, language: Language
) -> Iterator[TestResponse]:
    stranger = Browser(portal)
    choose(stranger, language.code)
    links = [mailed(directory, settings, "m.payet", purpose) for purpose in LinkPurpose]
    yield from looked_at(stranger, ["/connexion", "/mot-de-passe-oublie", "/activation/1-x", *links])
    yield stranger.log_in("", "")
    yield stranger.post("/mot-de-passe-oublie", email="n@example.org")
    newcomer = opened(portal, language, "p.hoarau", INITIAL_PASSWORD)
    yield from looked_at(newcomer, ["/premiere-connexion"])
    yield newcomer.post("/premiere-connexion", email="n", email_again="m", password="a", password_again="b")
    with directory.database.reading() as session:
        student = session.scalars(select(Student.id).where(Student.first_name == "Léa")).one()
    inside = ["/", "/compte", "/compte/adresse", "/compte/mot-de-passe", "/fusion", f"/enfant/{student}/signaler"]
    marie = opened(portal, language, "m.payet", PASSWORD)
    yield from looked_at(marie, inside)
    yield marie.post("/fusion", identifier="p.hoarau", password="pas le bon mot", keep="this")
    expires_on = directory.account("p.hoarau").expires_on
    directory.change("m.payet1", state=AccountState.ACTIVATING, expires_on=expires_on)
    yield from looked_at(opened(portal, language, "m.payet1", PASSWORD), ["/activation/attente"])


def opened(portal: Flask, language: Language, identifier: str, password: str) -> Browser:
    browser = Browser(portal)
    choose(browser, language.code)
    assert browser.log_in(identifier, password).status_code == 303
    return browser


def looked_at(browser: Browser, paths: list[str]) -> Iterator[TestResponse]:
    return (browser.get(path) for path in paths)


def mailed(directory: Directory, settings: Settings, identifier: str, purpose: LinkPurpose) -> str:
    with directory.database.writing() as session:
        account = session.scalars(select(Account).where(Account.identifier == identifier)).one()
        link = create_link(session, account, purpose, "n@example.org", now())
        return link_address(settings, link).removeprefix(settings.public_portal_url)


def long_sentences(language: Language) -> list[str]:
    """What is said otherwise in `language`, as it would be read if it were not."""
    with (CATALOGUES / language.code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id and entry.id != entry.string]
    # The French name of a téléservice stands beside the other: it is the one that its own pages say.
    beside = {label for _, label, *_ in DEFAULT_CATALOGUE}
    said = [entry.id for entry in entries if entry.id not in beside]
    return [one_line(words) for words in said if " " in words.strip() and "%(" not in words]


def one_line(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_every_language_is_known_by_its_code() -> None:
    assert [known_language(language.code) for language in LANGUAGES] == list(LANGUAGES)
