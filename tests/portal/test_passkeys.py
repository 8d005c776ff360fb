"""Passkeys over HTTP: what a parent does with them, and what nobody else can."""

import html
import re
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from parent_portal import create_app
from parent_portal.quotas import QUOTAS
from shared.config import Settings
from shared.database import Database
from shared.limits.quotas import Quota
from shared.models.access.passkeys import Passkey
from shared.models.accounts import AccountState, LinkPurpose
from shared.models.notifications import AccountMailKind
from tests.factories import NOW, PASSWORD
from tests.portal.browser import PHONE, Browser, words
from tests.portal.conftest import Directory
from tests.portal.test_own_account import ANOTHER
from tests.telephone import Telephone

ORIGIN = "http://localhost:5002"
KEYS = "/compte/cles"
LOGIN = "/connexion/cle"
ADDED = "Votre clé d'accès est ajoutée."
OPENS_NOTHING = "Cette clé d'accès n'ouvre aucun compte."
NOT_PROVEN = "La clé d'accès n'a pas été acceptée."
TOO_LATE = "Trop de temps a passé."


def options(page) -> str:
    """What the page gives to its script."""
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found, words(page)
    return html.unescape(found[1])


def add(browser: Browser, telephone: Telephone, name: str = "Mon téléphone", **wrong: object) -> str:
    browser.get(KEYS)
    asked = options(browser.post(KEYS, name=name, current=PASSWORD))
    answer = browser.post(f"{KEYS}/ajouter", name=name, answer=telephone.create(asked, **wrong))
    return words(browser.follow(answer))


def start(browser: Browser) -> str:
    browser.get("/connexion")
    return options(browser.post(LOGIN))


def enter(browser: Browser, answer: str) -> str:
    """Where the answer leads: the path, and the words of that page."""
    answered = browser.post(f"{LOGIN}/reponse", answer=answer)
    return f"{answered.headers['Location']} {words(browser.follow(answered))}"


def log_in(browser: Browser, telephone: Telephone, **wrong: object) -> str:
    return enter(browser, telephone.get(start(browser), **wrong))


@pytest.fixture
def telephone() -> Telephone:
    return Telephone(ORIGIN)


@pytest.fixture
def phone(portal: Flask) -> Browser:
    return Browser(portal, PHONE)


@pytest.fixture
def passkey_id(marie: Browser, telephone: Telephone, database: Database) -> int:
    """The number of the one passkey of Marie, on `telephone`."""
    assert ADDED in add(marie, telephone)
    with database.reading() as session:
        return session.scalars(select(Passkey.id)).one()


def test_a_parent_adds_a_passkey_and_comes_in_without_typing_anything(
    marie: Browser, phone: Browser, telephone: Telephone, directory: Directory
) -> None:
    assert ADDED in add(marie, telephone)
    assert "Jamais utilisée" in words(marie.get(KEYS))
    assert len(directory.mails(AccountMailKind.PASSKEY_ADDED)) == 1
    phone.get("/connexion")
    cookie = phone.cookie()
    assert log_in(phone, telephone).startswith("/ Accueil")
    assert phone.cookie() != cookie
    said = words(phone.get("/compte"))
    assert f"({PHONE}) avec une clé d'accès" in said
    assert "Mon téléphone" in words(phone.get("/compte/mes-donnees"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "Clé", "current": "pas le bon mot"}, "Ce n'est pas votre mot de passe actuel."),
        ({"name": "Clé", "current": ""}, "Tapez votre mot de passe actuel."),
        ({"name": " ", "current": PASSWORD}, "Donnez un nom à cette clé d'accès."),
        ({"name": "x" * 41, "current": PASSWORD}, "Écrivez 40 caractères au plus."),
    ],
)
def test_nothing_is_asked_of_the_telephone_without_the_password_and_a_name(
    marie: Browser, typed: dict[str, str], said: str
) -> None:
    marie.get(KEYS)
    page = marie.post(KEYS, **typed)
    assert page.status_code == 422
    assert said in words(page)
    assert "data-options" not in page.text


def test_guessing_the_password_there_is_slowed_down_like_everywhere(marie: Browser) -> None:
    marie.get(KEYS)
    answers = {marie.post(KEYS, name="Clé", current="pas le bon mot").status_code for _ in range(7)}
    assert answers == {422, 429}


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://voleur.example"}, {"rp_id": "voleur.example"}, {"challenge": "AAAA"}, {"flags": 1}]
)
def test_an_answer_given_elsewhere_adds_nothing_and_opens_nothing(
    marie: Browser, phone: Browser, telephone: Telephone, wrong: dict[str, object]
) -> None:
    assert NOT_PROVEN in add(marie, telephone, **wrong)
    assert "Vous n'avez pas de clé d'accès." in words(marie.get(KEYS))
    add(marie, telephone)
    said = log_in(phone, telephone, **wrong)
    assert said.startswith("/connexion")
    assert NOT_PROVEN in said
    assert "Clé d'accès refusée" in words(marie.get("/compte"))


def test_an_answer_opens_once_and_only_in_the_browser_that_was_asked(
    portal: Flask, passkey_id: int, phone: Browser, telephone: Telephone
) -> None:
    thief = Browser(portal, "192.0.2.66")
    answer = telephone.get(start(phone))
    start(thief)
    assert NOT_PROVEN in enter(thief, answer)
    assert TOO_LATE in enter(thief, answer)
    assert enter(phone, answer).startswith("/ ")
    phone.post("/deconnexion")
    phone.get("/connexion")
    assert TOO_LATE in enter(phone, answer)
    start(phone)
    assert NOT_PROVEN in enter(phone, answer)


def test_a_wrong_answer_uses_the_question_up(passkey_id: int, phone: Browser, telephone: Telephone) -> None:
    asked = start(phone)
    phone.post(f"{LOGIN}/reponse", answer="{}")
    phone.get("/connexion")
    assert TOO_LATE in enter(phone, telephone.get(asked))


def test_what_was_asked_of_one_account_is_not_added_to_another(
    marie: Browser, log_in: Callable[..., Browser], telephone: Telephone
) -> None:
    other = log_in("m.payet1")
    marie.get(KEYS)
    asked = options(marie.post(KEYS, name="Clé", current=PASSWORD))
    other.get(KEYS)
    options(other.post(KEYS, name="Clé", current=PASSWORD))
    stolen = other.post(f"{KEYS}/ajouter", name="Clé", answer=telephone.create(asked))
    assert NOT_PROVEN in words(other.follow(stolen))
    assert "Vous n'avez pas de clé d'accès." in words(other.get(KEYS))


def test_a_passkey_of_somebody_else_is_not_found(passkey_id: int, log_in: Callable[..., Browser]) -> None:
    other = log_in("m.payet1")
    for path, fields in ((f"{KEYS}/{passkey_id}", {"name": "À moi"}), (f"{KEYS}/{passkey_id}/retirer", {})):
        assert other.post(path, **fields).status_code == 404
    assert other.get(f"{KEYS}/{passkey_id}").status_code == 404


def test_a_passkey_is_renamed_then_removed_and_opens_nothing_any_more(
    marie: Browser, passkey_id: int, phone: Browser, telephone: Telephone, directory: Directory
) -> None:
    log_in(phone, telephone)
    marie.get(f"{KEYS}/{passkey_id}")
    assert marie.post(f"{KEYS}/{passkey_id}", name="").status_code == 422
    assert "<b>Tél</b>" in words(marie.follow(marie.post(f"{KEYS}/{passkey_id}", name="<b>Tél</b>")))
    marie.get(f"{KEYS}/{passkey_id}")
    said = words(marie.follow(marie.post(f"{KEYS}/{passkey_id}/retirer")))
    assert "La clé d'accès est retirée." in said
    assert phone.get("/").headers["Location"] == "/connexion"
    assert OPENS_NOTHING in log_in(phone, telephone)
    assert len(directory.mails(AccountMailKind.PASSKEYS_REMOVED)) == 1


def test_a_closed_account_hears_why_whether_it_comes_by_passkey_or_password(
    passkey_id: int, phone: Browser, telephone: Telephone, directory: Directory
) -> None:
    directory.change("m.payet", state=AccountState.DISABLED, disabled_from=AccountState.ACTIVE)
    assert "Ce compte est fermé." in log_in(phone, telephone)
    assert phone.get("/").headers["Location"] == "/connexion"


def test_an_account_merged_into_another_does_not_open_it_by_its_passkey(
    marie: Browser, passkey_id: int, phone: Browser, telephone: Telephone, log_in: Callable[..., Browser]
) -> None:
    other = log_in("m.payet1")
    other.get("/fusion")
    other.post("/fusion", identifier="m.payet", password=PASSWORD, keep="this")
    assert OPENS_NOTHING in enter(phone, telephone.get(start(phone)))
    assert "Vous n'avez pas de clé d'accès." in words(other.get(KEYS))


def test_the_password_stays_the_way_back(
    portal: Flask, marie: Browser, passkey_id: int, phone: Browser, telephone: Telephone
) -> None:
    assert Browser(portal).log_in("m.payet", PASSWORD).headers["Location"] == "/"
    marie.get("/compte/mot-de-passe")
    marie.post("/compte/mot-de-passe", current=PASSWORD, password=ANOTHER, password_again=ANOTHER)
    assert log_in(phone, telephone).startswith("/ ")


def test_a_forgotten_password_says_that_the_passkeys_go(
    passkey_id: int, portal: Flask, phone: Browser, telephone: Telephone, directory: Directory
) -> None:
    phone.post("/mot-de-passe-oublie", email="m.payet@example.org")
    path = directory.mailed_path(LinkPurpose.PASSWORD_RESET)
    assert "les clés d'accès de ce compte seront retirées" in words(phone.get(path))
    phone.post(path, password=ANOTHER, password_again=ANOTHER)
    assert OPENS_NOTHING in log_in(phone, telephone)


def test_without_script_nothing_of_passkeys_shows(family: None, browser: Browser, marie: Browser) -> None:
    button = re.search(r'<form[^>]*action="/connexion/cle"[^>]*>', browser.get("/connexion").text)
    assert button
    assert button[0].endswith(" hidden>")
    adding = re.search(r'<form[^>]*action="/compte/cles"[^>]*>', marie.get(KEYS).text)
    assert adding
    assert adding[0].endswith(" hidden>")


@pytest.mark.parametrize("address", ["http://127.0.0.1:5002", "https://192.0.2.7"])
def test_a_portal_whose_host_is_a_number_offers_none(
    family: None, settings: Settings, database: Database, address: str
) -> None:
    portal = create_app(settings.model_copy(update={"public_portal_url": address}), database)
    browser = Browser(portal)
    host = {"base_url": address}
    assert "/connexion/cle" not in browser.client.get("/connexion", **host).text
    assert browser.client.get(LOGIN, **host).status_code == 404


def test_the_host_of_a_request_never_says_what_passkeys_are_made_for(family: None, browser: Browser) -> None:
    here = {"base_url": "http://127.0.0.1", "headers": {"X-Forwarded-Host": "voleur.example"}}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.client.get("/connexion", **here).text)
    assert token
    page = browser.client.post(LOGIN, data={"csrf_token": token[1]}, **here)
    assert '"rpId": "localhost"' in options(page)


def test_one_address_cannot_ask_for_passkeys_without_end(
    family: None, portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(QUOTAS, "passkey_login.start", Quota("questions", 3))
    with time_machine.travel(NOW, tick=False):
        statuses = [Browser(portal, f"2001:db8:1:2::{number}").post(LOGIN).status_code for number in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert Browser(portal, "192.0.2.2").post(LOGIN).status_code == 200
