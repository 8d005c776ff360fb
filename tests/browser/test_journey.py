"""From the SIECLE files to a merged account with both children, as a secretary and a parent do it on a phone."""

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, open_page
from tests.browser.installation import RunningInstallation, new_password
from tests.browser.pages import PAPER, BackOffice, Letter, MailReader, Portal, letters_in

pytestmark = pytest.mark.browser

EMAIL, OTHER_EMAIL = "parent@example.org", "maman@example.net"


def parent_with_two_accounts(installation: RunningInstallation, school: dict[str, Any]) -> list[dict[str, Any]]:
    """Two accounts of one parent, entered twice under the same names for two children in a division."""
    listed = installation.command("accounts", "--uai", school["uai"])["accounts"]
    accounts = {account["siecle_id"]: account for account in listed}
    truth = Path(school["files"][0]).with_name("verite_doublons.csv")
    persons: dict[str, list[dict[str, Any]]] = {}
    with truth.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["personne_id"] in accounts:
                persons.setdefault(row["personne"], []).append(accounts[row["personne_id"]])
    for fiches in persons.values():
        names = {(fiche["last_name"].lower(), fiche["first_name"].lower()) for fiche in fiches}
        students = {student for fiche in fiches for student in fiche["students"]}
        if len(fiches) == 2 and len(names) == 1 and len(students) == 2 and all(fiche["divisions"] for fiche in fiches):
            return fiches
    raise AssertionError("the invented school has no parent entered twice: choose another seed")


@pytest.mark.runs_on("sqlite")
def test_from_the_files_to_both_children_in_one_account(
    installation: RunningInstallation, phone: Page, browser: Browser
) -> None:
    school = installation.command("demo", "--students", "60")["schools"][0]
    installation.start()
    head = next(person for person in school["staff"] if person["login"] == "chef1")

    staff = BackOffice(phone, installation.admin)
    staff.log_in("chef1", head["password"], new_password())
    staff.import_files([Path(file) for file in school["files"]])
    staff.generate()
    twice = parent_with_two_accounts(installation, school)
    divisions = sorted({division for account in twice for division in account["divisions"]})
    staff.notify(divisions, PAPER)
    letters = letters_in(staff.download_letters())

    parent = open_page(browser, PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)
    portal, mails = Portal(parent, installation.portal), MailReader(parent, installation.mails)
    password = new_password()
    first, second = (letters[account["identifier"]] for account in twice)
    activate(portal, mails, first, EMAIL, password)
    portal.log_out()
    activate(portal, mails, second, OTHER_EMAIL, password)
    assert len(portal.children()) == 1

    portal.merge(first.identifier, "pas le bon mot de passe")
    expect(parent.get_by_role("alert")).to_contain_text("n'est pas le bon")
    portal.merge(first.identifier, password)
    assert len(portal.children()) == 2
    for email in (EMAIL, OTHER_EMAIL):
        mails.open_newest("n'en font plus qu'un", email)

    portal.log_out()
    portal.log_in(first.identifier, password)
    expect(parent.get_by_role("alert")).to_contain_text(second.identifier)
    parent.context.close()


def activate(portal: Portal, mails: MailReader, letter: Letter, email: str, password: str) -> None:
    """From a letter to an active account, and logged in to it."""
    portal.first_login(letter, email, password)
    mails.open_newest("[Aa]ctive", email)
    portal.activate(mails.link())
    portal.page.goto(f"{portal.address}/compte")
    expect(portal.page.get_by_text(letter.identifier).first).to_be_visible()
