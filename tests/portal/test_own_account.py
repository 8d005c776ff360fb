"""R6, R7: what the holder of an account may change."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from parent_portal import even_time
from parent_portal.views import forgotten
from shared.models.accounts import Account, LinkPurpose
from shared.models.notifications import AccountMailKind
from shared.models.school import Guardianship
from shared.outbox import AccountMessage, queue_account_mail
from tests.factories import NOW, PASSWORD
from tests.portal.browser import PHONE, Browser, words
from tests.portal.conftest import Directory

ANOTHER = "ruche haute du vendredi"
NEW_PASSWORD = {"password": ANOTHER, "password_again": ANOTHER}
NEW_EMAIL = {"email": "nouvelle@example.org", "email_again": "nouvelle@example.org"}
SENT = "Si un compte activé correspond à ce que vous avez écrit, un message part maintenant à son adresse :"


def test_the_account_page_shows_what_the_portal_knows(marie: Browser) -> None:
    said = words(marie.get("/compte"))
    for expected in ("m.payet", "m.payet@example.org", "Léa PAYET", "6A", "Collège des Filaos"):
        assert expected in said


def test_changing_the_password_ends_the_other_browsers_and_tells_the_holder(
    log_in: Callable[..., Browser], portal: Flask, directory: Directory
) -> None:
    phone, computer = log_in("m.payet"), log_in("m.payet")
    phone.get("/compte/mot-de-passe")
    answer = phone.post("/compte/mot-de-passe", current=PASSWORD, **NEW_PASSWORD)
    assert "Votre mot de passe est changé." in words(phone.follow(answer))
    assert computer.get("/").headers["Location"] == "/connexion"
    assert Browser(portal).log_in("m.payet", PASSWORD).status_code == 422
    assert Browser(portal).log_in("m.payet", ANOTHER).status_code == 303
    assert len(directory.mails(AccountMailKind.PASSWORD_CHANGED)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "pas le bon mot", **NEW_PASSWORD}, "Ce n'est pas votre mot de passe actuel."),
        ({"current": "", **NEW_PASSWORD}, "Tapez votre mot de passe actuel."),
        ({"current": PASSWORD, "password": "court", "password_again": "court"}, "trop court"),
        ({"current": PASSWORD, **NEW_PASSWORD, "password_again": "autre"}, "ne sont pas les mêmes"),
    ],
)
def test_a_password_refused_stays_what_it_was(marie: Browser, portal: Flask, typed: dict[str, str], said: str) -> None:
    marie.get("/compte/mot-de-passe")
    page = marie.post("/compte/mot-de-passe", **typed)
    assert page.status_code == 422
    assert said in words(page)
    assert Browser(portal).log_in("m.payet", PASSWORD).status_code == 303


def test_whoever_must_change_the_password_sees_nothing_else(
    family: None, log_in: Callable[..., Browser], directory: Directory
) -> None:
    directory.change("m.payet", must_change_password=True)
    browser = log_in("m.payet")
    for path in ("/", "/compte", "/fusion", "/compte/adresse"):
        assert browser.get(path).headers["Location"] == "/compte/mot-de-passe"
    page = browser.get("/compte/mot-de-passe")
    assert "Mot de passe actuel" not in words(page)
    assert "Mon compte" not in words(page)
    assert browser.follow(browser.post("/compte/mot-de-passe", **NEW_PASSWORD)).status_code == 200
    assert not directory.account("m.payet").must_change_password


def test_whoever_forgot_the_identifier_finds_the_way_and_reads_that_the_message_tells_it(browser: Browser) -> None:
    [way] = re.findall(r'<a href="([^"]*)">Identifiant oublié\s\?', browser.get("/connexion").text)
    assert "Le message dit aussi votre identifiant." in words(browser.get(way))


def test_a_forgotten_password_gets_the_same_answer_for_everybody(
    family: None, portal: Flask, directory: Directory
) -> None:
    known = Browser(portal).post("/mot-de-passe-oublie", email="m.payet@example.org")
    nobody = Browser(portal).post("/mot-de-passe-oublie", email="x.payet@example.org")
    assert known.status_code == nobody.status_code == 200
    assert SENT in words(known)
    assert words(known) == words(nobody).replace("x.payet@", "m.payet@")
    assert [mail.recipient for mail in directory.mails(AccountMailKind.PASSWORD_RESET)] == ["m.payet@example.org"]


def test_a_forgotten_password_is_answered_as_late_whoever_is_asked_for(
    family: None, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(forgotten, "ANSWER_SECONDS", 600)
    monkeypatch.setattr(even_time, "sleep", waited.append)
    for typed in ("m.payet@example.org", "x.payet@example.org", "m.payet", "x.payet"):
        assert browser.post("/mot-de-passe-oublie", email=typed).status_code == 200
    assert len(waited) == 4
    assert all(500 < seconds < 600 for seconds in waited)


def test_a_forgotten_password_is_chosen_again_behind_the_link_and_ends_every_session(
    marie: Browser, portal: Flask, directory: Directory
) -> None:
    phone = Browser(portal, PHONE)
    phone.post("/mot-de-passe-oublie", email="M.Payet@example.org")
    path = directory.mailed_path(LinkPurpose.PASSWORD_RESET)
    assert "m.payet" in words(phone.get(path))
    assert phone.post(path, password="court", password_again="court").status_code == 422
    assert "Votre mot de passe est changé." in words(phone.follow(phone.post(path, **NEW_PASSWORD)))
    assert marie.get("/").headers["Location"] == "/connexion"
    assert phone.post(path, **NEW_PASSWORD).status_code == 410
    assert phone.log_in("m.payet", ANOTHER).headers["Location"] == "/"


def test_a_link_for_a_forgotten_password_lasts_two_hours(family: None, portal: Flask, directory: Directory) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        phone = Browser(portal)
        phone.post("/mot-de-passe-oublie", email="m.payet@example.org")
        traveller.shift(timedelta(hours=2))
        path = directory.mailed_path(LinkPurpose.PASSWORD_RESET)
        assert "il est trop ancien" in words(phone.post(path, **NEW_PASSWORD))
    assert Browser(portal).log_in("m.payet", ANOTHER).status_code == 422


def test_what_is_no_address_is_said_before_anything_is_looked_for(browser: Browser) -> None:
    page = browser.post("/mot-de-passe-oublie", email="m.payet@")
    assert page.status_code == 422
    assert "Cette adresse e-mail n'est pas valable." in words(page)


def test_an_identifier_does_as_well_as_the_address_and_tells_neither_whether_it_exists_nor_where_the_mail_goes(
    family: None, portal: Flask, directory: Directory
) -> None:
    known = Browser(portal).post("/mot-de-passe-oublie", email=" M.Payet ")
    nobody = Browser(portal).post("/mot-de-passe-oublie", email=" X.Payet ")
    assert known.status_code == nobody.status_code == 200
    assert words(known) == words(nobody).replace("X.Payet", "M.Payet")
    assert "example.org" not in known.text
    assert [mail.recipient for mail in directory.mails(AccountMailKind.PASSWORD_RESET)] == ["m.payet@example.org"]
    path = directory.mailed_path(LinkPurpose.PASSWORD_RESET)
    phone = Browser(portal, PHONE)
    phone.get(path)
    phone.post(path, **NEW_PASSWORD)
    assert phone.log_in("m.payet", ANOTHER).headers["Location"] == "/"


def test_a_new_email_counts_once_its_link_is_confirmed_and_the_old_one_is_told(
    marie: Browser, portal: Flask, directory: Directory
) -> None:
    marie.get("/compte/adresse")
    said = words(marie.follow(marie.post("/compte/adresse", current=PASSWORD, **NEW_EMAIL)))
    assert "Un message est parti à votre nouvelle adresse." in said
    assert directory.account("m.payet").email == "m.payet@example.org"
    path, phone = directory.mailed_path(LinkPurpose.EMAIL_CHANGE), Browser(portal, PHONE)
    assert "nouvelle@example.org" in words(phone.get(path))
    assert directory.account("m.payet").email == "m.payet@example.org"
    assert "est confirmée" in words(phone.follow(phone.post(path)))
    assert directory.account("m.payet").email == "nouvelle@example.org"
    assert [mail.recipient for mail in directory.mails(AccountMailKind.EMAIL_CHANGED)] == ["m.payet@example.org"]
    assert phone.post(path).status_code == 410


def test_whoever_has_no_address_any_more_gives_one(marie: Browser, directory: Directory) -> None:
    directory.change("m.payet", email=None, email_verified_at=None)
    page = words(marie.get("/compte"))
    assert "Aucune : un mot de passe oublié ne se remplace qu'à l'établissement." in page
    assert "None" not in page
    assert "Votre adresse actuelle" not in words(marie.get("/compte/adresse"))
    marie.post("/compte/adresse", current=PASSWORD, **NEW_EMAIL)
    link = directory.mailed_path(LinkPurpose.EMAIL_CHANGE)
    marie.get(link)
    marie.post(link)
    assert directory.account("m.payet").email == "nouvelle@example.org"
    assert directory.mails(AccountMailKind.EMAIL_CHANGED) == []


def test_an_email_asked_by_an_intruder_never_counts_once_the_family_chose_another_password(
    marie: Browser, portal: Flask, directory: Directory
) -> None:
    marie.get("/compte/adresse")
    marie.post("/compte/adresse", current=PASSWORD, **NEW_EMAIL)
    told = directory.mails(AccountMailKind.EMAIL_CHANGE_ASKED)
    assert [mail.recipient for mail in told] == ["m.payet@example.org"]
    of_the_intruder = directory.mailed_path(LinkPurpose.EMAIL_CHANGE)
    family = Browser(portal, PHONE)
    family.post("/mot-de-passe-oublie", email="m.payet@example.org")
    family.post(directory.mailed_path(LinkPurpose.PASSWORD_RESET), **NEW_PASSWORD)
    assert Browser(portal).post(of_the_intruder).status_code == 410
    assert directory.account("m.payet").email == "m.payet@example.org"


@pytest.mark.parametrize(
    "typed",
    [
        {"current": "pas le bon mot", **NEW_EMAIL},
        {"current": PASSWORD, "email": "rien", "email_again": "rien"},
        {"current": PASSWORD, **NEW_EMAIL, "email_again": "autre@example.org"},
    ],
)
def test_a_new_email_needs_the_password_and_the_address_twice(
    marie: Browser, directory: Directory, typed: dict[str, str]
) -> None:
    marie.get("/compte/adresse")
    assert marie.post("/compte/adresse", **typed).status_code == 422
    assert directory.mails(AccountMailKind.EMAIL_CHANGE) == []


def test_two_changes_of_email_within_a_minute_send_one_mail(marie: Browser, directory: Directory) -> None:
    marie.get("/compte/adresse")
    marie.post("/compte/adresse", current=PASSWORD, **NEW_EMAIL)
    marie.get("/compte/adresse")
    page = marie.post("/compte/adresse", current=PASSWORD, **NEW_EMAIL)
    assert "Un message vient de partir." in words(page)
    assert len(directory.mails(AccountMailKind.EMAIL_CHANGE)) == 1


def test_the_holder_sees_every_browser_and_the_wrong_passwords(log_in: Callable[..., Browser], portal: Flask) -> None:
    phone = log_in("m.payet")
    Browser(portal, "192.0.2.66").log_in("m.payet", "pas le bon mot")
    Browser(portal, PHONE).log_in("m.payet", PASSWORD)
    said = words(phone.get("/compte"))
    assert said.count("Depuis le") == 2
    assert said.count("celui-ci") == 1
    assert f"({PHONE})" in said
    assert "(192.0.2.66) Mot de passe refusé" in said


def test_own_data_is_read_and_taken_away(marie: Browser, directory: Directory) -> None:
    assert "Léa PAYET" in words(marie.get("/compte/mes-donnees"))
    file = marie.post("/compte/mes-donnees")
    assert file.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert file.headers["Cache-Control"] == "no-store"
    assert file.get_json()["compte"]["identifiant"] == "m.payet"
    read = words(marie.get("/compte/mes-donnees"))
    assert "état activé" in read
    assert "créé le 1 septembre 2026, 10:00" in read
    assert "événement données téléchargées" in read


def test_own_data_is_told_in_words_on_the_page_and_in_the_file(marie: Browser, directory: Directory) -> None:
    account = directory.account("m.payet")
    with directory.database.writing() as session:
        session.execute(update(Guardianship).values(kinship_code="20"))
        session.execute(update(Account).values(language="pt"))
        queue_account_mail(session, AccountMessage(AccountMailKind.PASSKEY_ADDED), account, "m.payet@example.org", NOW)
    read, file = words(marie.get("/compte/mes-donnees")), marie.post("/compte/mes-donnees")
    assert "lien de parenté père" in read
    assert "sujet clé d'accès ajoutée" in read
    assert "passkey_added" not in read + file.text
    told = file.get_json()
    assert told["établissements"][0]["élèves"][0]["lien de parenté"] == "père"
    assert told["compte"]["langue"] == "Português"
    assert (told["compte"]["état"], told["journal"][0]["événement"]) == ("activé", "connexion")
    assert told["compte"]["créé le"] == "2026-09-01T08:00:00+00:00"


@pytest.mark.parametrize("typed", ["2026-99-99", "2026-01-01T99:99:99+00:00", "9999-12-31T23:59:59+00:00"])
def test_what_was_typed_and_looks_like_a_day_is_shown_as_it_is(marie: Browser, typed: str) -> None:
    report = re.search(r'href="(/enfant/\d+/signaler)"', marie.get("/").text)
    assert report
    marie.post(report[1], words=typed)
    assert typed in words(marie.get("/compte/mes-donnees"))


def test_a_parent_is_told_of_a_likely_second_account_and_nothing_of_it(
    marie: Browser, directory: Directory, log_in: Callable[..., Browser]
) -> None:
    page = words(marie.get("/"))
    assert "Vous avez peut-être un deuxième compte." in page
    assert "m.payet1" not in page
    assert "Tom" not in page
    marie.get("/fusion")
    merged = marie.follow(marie.post("/fusion", identifier="m.payet1", password=PASSWORD, keep="this"))
    assert "Vous avez peut-être" not in words(merged)
    assert "Vous avez peut-être" not in words(log_in("m.payet").get("/"))
