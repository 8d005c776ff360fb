"""R8: two accounts of one parent become one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from parent_portal.installation import EXTENSION
from shared import clock
from shared.accounts.holder.merging import undo_merge
from shared.acting.desk import Act
from shared.journal import SYSTEM
from shared.models.accounts import AccountMerge, AccountState
from shared.models.notifications import AccountMailKind
from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory

OTHER = {"identifier": "m.payet1", "password": PASSWORD}


def test_both_children_are_on_the_account_kept(marie: Browser, directory: Directory) -> None:
    marie.get("/fusion")
    said = words(marie.follow(marie.post("/fusion", **OTHER, keep="this")))
    assert "Vos deux comptes sont réunis. Votre identifiant : m.payet." in said
    assert "Léa PAYET" in said
    assert "Tom PAYET" in said
    assert directory.account("m.payet1").state is AccountState.MERGED
    told = directory.mails(AccountMailKind.MERGED)
    assert sorted(mail.recipient for mail in told) == ["m.payet1@example.org", "m.payet@example.org"]


def test_keeping_the_other_identifier_goes_on_in_that_account(
    log_in: Callable[..., Browser], directory: Directory
) -> None:
    browser, elsewhere = log_in("m.payet"), log_in("m.payet")
    browser.get("/fusion")
    said = words(browser.follow(browser.post("/fusion", **OTHER, keep="other")))
    assert "Votre identifiant : m.payet1." in said
    assert "Léa PAYET" in said
    assert "Tom PAYET" in said
    assert directory.account("m.payet").state is AccountState.MERGED
    assert elsewhere.get("/").headers["Location"] == "/connexion"


def test_the_identifier_retired_leads_to_the_one_kept(marie: Browser, portal: Flask) -> None:
    marie.get("/fusion")
    marie.post("/fusion", **OTHER, keep="this")
    page = Browser(portal).log_in("m.payet1", PASSWORD)
    assert page.status_code == 422
    assert "Vos comptes sont réunis. Connectez-vous avec l'identifiant m.payet et son mot de passe." in words(page)
    assert "m.payet." not in words(Browser(portal).log_in("m.payet1", "pas le bon mot")).replace("m.payet Mot", "")


def refusal(browser: Browser, **fields: str) -> str:
    browser.get("/fusion")
    page = browser.post("/fusion", **{**OTHER, "keep": "this", **fields})
    assert page.status_code == 409
    assert PASSWORD not in page.text
    return words(page)


def test_a_wrong_password_and_an_unknown_identifier_are_refused_alike(marie: Browser, directory: Directory) -> None:
    wrong = refusal(marie, password="pas le bon mot")
    unknown = refusal(marie, identifier="x.inconnu")
    assert "L'identifiant ou le mot de passe de l'autre compte n'est pas le bon." in wrong
    assert wrong == unknown
    assert directory.account("m.payet1").state is AccountState.ACTIVE


def test_one_s_own_account_is_refused(marie: Browser) -> None:
    assert "C'est le compte dans lequel vous êtes déjà." in refusal(marie, identifier="m.payet")


def test_an_account_of_another_name_is_refused(marie: Browser, directory: Directory, portal: Flask) -> None:
    paul = Browser(portal)
    paul.log_in("p.hoarau", INITIAL_PASSWORD)
    step_one = {"email": "p@example.org", "email_again": "p@example.org"}
    paul.post("/premiere-connexion", **step_one, password=PASSWORD, password_again=PASSWORD)
    directory.change("p.hoarau", state=AccountState.ACTIVE, expires_on=None)
    assert "ne portent pas le même nom" in refusal(marie, identifier="p.hoarau")


@pytest.mark.parametrize("guess", ["m.payet1", "p.hoarau"])
def test_without_the_password_nothing_is_learnt_of_another_account(
    marie: Browser, directory: Directory, guess: str
) -> None:
    directory.change("m.payet1", state=AccountState.DISABLED, disabled_from=AccountState.ACTIVE)
    assert "n'est pas le bon" in refusal(marie, identifier=guess, password="pas le bon mot")


def test_an_account_not_yet_active_is_refused(marie: Browser) -> None:
    assert "pas encore activé" in refusal(marie, identifier="p.hoarau", password=INITIAL_PASSWORD)


def test_an_account_already_merged_is_refused(marie: Browser) -> None:
    marie.get("/fusion")
    marie.post("/fusion", **OTHER, keep="this")
    assert "déjà réunis" in refusal(marie)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"identifier": ""}, "Tapez l'identifiant de l'autre compte."),
        ({"password": ""}, "Tapez le mot de passe de l'autre compte."),
        ({"keep": "both"}, "Choisissez"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_merged(
    marie: Browser, directory: Directory, fields: dict[str, str], said: str
) -> None:
    marie.get("/fusion")
    page = marie.post("/fusion", **{**OTHER, "keep": "this", **fields})
    assert page.status_code == 422
    assert said in words(page)
    assert directory.account("m.payet1").state is AccountState.ACTIVE


def test_a_student_has_nothing_to_merge(family: None, portal: Flask, directory: Directory) -> None:
    directory.change("m.payet", kind="student")
    browser = Browser(portal)
    browser.log_in("m.payet", PASSWORD)
    assert browser.get("/fusion").status_code == 404
    assert "Réunir" not in words(browser.get("/compte"))


@pytest.mark.parametrize("keeps", [("this", "this"), ("other", "other"), ("this", "other")])
def test_two_merges_at_once_in_opposite_directions_leave_one_account(
    log_in: Callable[..., Browser], directory: Directory, keeps: tuple[str, str]
) -> None:
    browsers = (log_in("m.payet"), log_in("m.payet1"))
    together = Barrier(2)

    def merge(browser: Browser, other: str, keep: str) -> int:
        browser.get("/fusion")
        together.wait()
        return browser.post("/fusion", identifier=other, password=PASSWORD, keep=keep).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(merge, browsers, ("m.payet1", "m.payet"), keeps))
    # The second finds its session closed (303) or both accounts already one (409).
    assert answers in ([303, 303], [303, 409])
    states = sorted(directory.account(identifier).state for identifier in ("m.payet", "m.payet1"))
    assert states == [AccountState.ACTIVE, AccountState.MERGED]


def test_an_undone_merge_gives_each_account_its_child_back(marie: Browser, log_in: Callable[..., Browser]) -> None:
    marie.get("/fusion")
    marie.post("/fusion", **OTHER, keep="this")
    database = marie.client.application.extensions[EXTENSION].database
    with database.writing() as session:
        undo_merge(Act(session, SYSTEM, clock.now()), session.scalars(select(AccountMerge)).one())
    first, second = log_in("m.payet").get("/"), log_in("m.payet1").get("/")
    assert "Léa PAYET" in words(first)
    assert "Tom PAYET" not in words(first)
    assert "Tom PAYET" in words(second)
