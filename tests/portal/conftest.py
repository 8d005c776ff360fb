"""The portal over real tables, and a family to use it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from parent_portal import create_app
from parent_portal.installation import EXTENSION
from parent_portal.views import forgotten
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.login.mailed_links import link_address
from shared.config import Settings
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.models.accounts import Account, AccountState, LinkPurpose, MailedLink
from shared.models.notifications import AccountMail, AccountMailKind
from tests.applications import lent
from tests.at_rest import watch_slow_work
from tests.factories import PASSWORD, make_account, make_division, make_establishment, make_guardian, make_student
from tests.portal.browser import Browser


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A portal whose host has a name, without which there are no passkeys."""
    return settings.model_copy(update={"public_portal_url": "http://localhost:5002"})


@pytest.fixture
def portal(settings: Settings, database: Database) -> Iterator[Flask]:
    with lent(create_app, EXTENSION, settings, database) as portal:
        yield portal


@pytest.fixture(autouse=True)
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made to last for everybody alike lasts no longer than it takes."""
    monkeypatch.setattr(forgotten, "ANSWER_SECONDS", 0)


@pytest.fixture(autouse=True)
def nothing_slow_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_slow_work(monkeypatch, EXTENSION)


@pytest.fixture
def browser(portal: Flask) -> Browser:
    return Browser(portal)


@dataclass
class Directory:
    """What the tests ask of the tables, each time in a transaction of its own."""

    database: Database
    settings: Settings

    def account(self, identifier: str) -> Account:
        with self.database.reading() as session:
            return session.scalars(select(Account).where(Account.identifier == identifier)).one()

    def change(self, identifier: str, **columns: object) -> None:
        with self.database.writing() as session:
            account = session.scalars(select(Account).where(Account.identifier == identifier)).one()
            for name, value in columns.items():
                setattr(account, name, value)

    def mails(self, kind: AccountMailKind) -> list[AccountMail]:
        with self.database.reading() as session:
            return list(session.scalars(select(AccountMail).where(AccountMail.kind == kind).order_by(AccountMail.id)))

    def mailed_path(self, purpose: LinkPurpose) -> str:
        """Where the link of the last mail of this purpose leads, on the portal."""
        with self.database.reading() as session:
            links = select(MailedLink).where(MailedLink.purpose == purpose).order_by(MailedLink.id.desc())
            link = session.scalars(links).first()
        assert link is not None
        return link_address(self.settings, link).removeprefix(self.settings.public_portal_url)


@pytest.fixture
def directory(database: Database, settings: Settings) -> Directory:
    return Directory(database, settings)


@pytest.fixture
def family(database: Database, sealer: Sealer) -> None:
    """Marie Payet: two active accounts, one for each child; Paul Hoarau: notified, not yet come."""
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session)
        division = make_division(session, school)
        lea = make_student(session, school, division)
        tom = make_student(session, school, division, first_name="Tom")
        make_account(session, "m.payet", make_guardian(session, school, lea))
        make_account(session, "m.payet1", make_guardian(session, school, tom))
        nils = make_student(session, school, division, "HOARAU", "Nils")
        paul = make_guardian(session, school, nils, last_name="HOARAU", first_name="Paul")
        make_account(session, "p.hoarau", paul, state=AccountState.NOTIFIED, sealer=sealer)


@pytest.fixture
def marie(family: None, portal: Flask) -> Browser:
    """A browser in which Marie Payet is logged in."""
    return logged_in(portal, "m.payet")


@pytest.fixture
def log_in(family: None, portal: Flask) -> Callable[..., Browser]:
    def open_browser(identifier: str, password: str = PASSWORD) -> Browser:
        return logged_in(portal, identifier, password)

    return open_browser


def logged_in(portal: Flask, identifier: str, password: str = PASSWORD, language: str = "") -> Browser:
    browser = Browser(portal)
    if language:
        browser.client.set_cookie("langue", language)
    assert browser.log_in(identifier, password).status_code == 303
    return browser
