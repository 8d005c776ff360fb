"""« Activez votre compte sans courrier »: the mail of a step opens the account by a birth date, without a password."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from parent_portal import create_app
from shared.accounts.without_letter.inviting import LASTS
from shared.config import Settings
from shared.database import Database
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account, AccountState
from shared.models.notifications import Channel, Mode
from shared.models.school import Student
from shared.models.teleservices import EstablishmentSettings
from shared.notifications.mail.rendering import long_date
from tests.factories import INITIAL_PASSWORD, link
from tests.notifications.conftest import School
from tests.notifications.staged.conftest import Days
from tests.portal.browser import Browser, words
from tests.smtp import Mailbox, text_of

ORDER = (Channel.MAIL, Channel.PAPER)
BORN = {"day": "2", "month": "3", "year": "2014"}
CHOSEN = "ruche haute du vendredi"
INVITES, NOTIFIES = "Activez votre compte sans courrier", "Votre compte pour les téléservices"


@pytest.fixture
def portal(settings: Settings, database: Database) -> Flask:
    return create_app(settings, database)


def subjects(mailbox: Mailbox) -> list[str]:
    return [str(message["Subject"]).partition(" – ")[0] for message in mailbox.messages]


def path_in(mailbox: Mailbox, address: str) -> str:
    [message] = mailbox.to(address)
    found = re.search(r"https://portail\.example\.org(/sans-lettre/[\w.~-]+)", text_of(message))
    assert found is not None
    return found[1]


def test_a_family_activates_by_the_mail_alone_and_gets_no_letter(
    days: Days, school: School, mailbox: Mailbox, portal: Flask
) -> None:
    account, _, _ = school.family("PAYET", email="m.payet@exemple.fr", identifier="m.payet")
    school.session.commit()
    staged = days.begin(ORDER)
    assert subjects(mailbox) == [INVITES]
    text = text_of(mailbox.messages[0])
    assert INITIAL_PASSWORD not in text
    # R9: until when.
    deadline = school.account(account).expires_on
    assert deadline is not None
    assert " ".join(f"avant le {long_date(deadline)}".split()) in " ".join(text.split())
    assert "m.payet" in text
    path, browser = path_in(mailbox, "m.payet@exemple.fr"), Browser(portal)
    assert "Quand un de vos enfants est-il né" in words(browser.get(path))
    browser.follow(browser.post(path, **BORN))
    browser.follow(browser.post(f"{path}/mot-de-passe", password=CHOSEN, password_again=CHOSEN))
    assert school.account(account).state is AccountState.ACTIVE
    days.pass_days(7)
    days.tick()
    assert days.told(Channel.PAPER) == []
    assert days.stages(staged)[1][0].value == "passed"


def test_parents_of_one_mailbox_have_each_the_own_link(
    days: Days, school: School, mailbox: Mailbox, portal: Flask
) -> None:
    mother, _, child = school.family("PAYET", email="famille@exemple.fr", identifier="m.payet")
    from tests.factories import make_account, make_guardian

    father = make_guardian(
        school.session, school.establishment, child, last_name="PAYET", first_name="Paul", email="famille@exemple.fr"
    )
    his = make_account(school.session, "p.payet", father, state=AccountState.NOT_NOTIFIED, sealer=school.sealer)
    school.session.commit()
    days.begin(ORDER)
    assert subjects(mailbox) == [INVITES, INVITES]
    links = [re.search(r"/sans-lettre/[\w.~-]+", text_of(one)) for one in mailbox.messages]
    assert len({found[0] for found in links if found}) == 2
    browser = Browser(portal)
    path = next(f[0] for f, m in zip(links, mailbox.messages, strict=True) if f and "p.payet" in text_of(m))
    browser.get(path)
    browser.post(path, **BORN)
    browser.post(f"{path}/mot-de-passe", password=CHOSEN, password_again=CHOSEN)
    assert (school.account(his).state, school.account(mother).state) == (AccountState.ACTIVE, AccountState.NOTIFIED)


@pytest.mark.parametrize("why", ["closed", "no birth date", "five guardians", "organisation", "begun"])
def test_who_cannot_come_so_is_notified_as_ever(days: Days, school: School, mailbox: Mailbox, why: str) -> None:
    columns = {"first_name": ""} if why == "organisation" else {}
    state = AccountState.ACTIVATING if why == "begun" else AccountState.NOT_NOTIFIED
    if state is AccountState.ACTIVATING:
        account, _, child = school.family("PAYET", email="a@exemple.fr", identifier="p0", state=state)
    else:
        account, _, child = school.family("PAYET", email="a@exemple.fr", identifier="p0", **columns)
    if why == "closed":
        school.session.add(EstablishmentSettings(establishment_id=school.establishment.id, self_activation=False))
    elif why == "no birth date":
        school.session.get_one(Student, child.id).birth_date = None
    elif why == "five guardians":
        for index in range(4):
            school.family(f"AUTRE{index}", email="a@exemple.fr", identifier=f"a{index}", child=f"C{index}")
    school.session.commit()
    days.begin(ORDER)
    assert INVITES not in subjects(mailbox)
    assert len(mailbox.messages) == (5 if why == "five guardians" else 1)
    assert school.session.scalars(select(SelfActivation)).all() == []
    assert account.id


def test_an_ordinary_mail_is_no_invitation(days: Days, school: School, mailbox: Mailbox) -> None:
    school.family("PAYET", email="a@exemple.fr", identifier="p0")
    school.session.commit()
    school.launch(Mode.MAIL)
    days.deliver()
    assert subjects(mailbox) == [NOTIFIES]


def test_the_link_lasts_a_week_and_opens_nothing_after(
    days: Days, school: School, mailbox: Mailbox, portal: Flask
) -> None:
    school.family("PAYET", email="a@exemple.fr", identifier="p0")
    school.session.commit()
    days.begin(ORDER)
    path = path_in(mailbox, "a@exemple.fr")
    days.traveller.shift(LASTS - timedelta(hours=1))
    assert "Quand un de vos enfants est-il né" in words(Browser(portal).get(path))
    days.traveller.shift(timedelta(hours=2))
    assert "Quand un de vos enfants" not in words(Browser(portal).get(path))


def test_birth_dates_tried_one_after_the_other_open_nothing(
    days: Days, school: School, mailbox: Mailbox, portal: Flask
) -> None:
    account, guardian, _ = school.family("PAYET", email="a@exemple.fr", identifier="p0")
    link(school.session, school.student("PAYET", "Tom"), guardian)
    school.session.commit()
    days.begin(ORDER)
    path, browser = path_in(mailbox, "a@exemple.fr"), Browser(portal)
    browser.get(path)
    first = date(2010, 1, 1)
    for number in range(60):
        tried = first + timedelta(days=number)
        answer = browser.post(path, day=str(tried.day), month=str(tried.month), year=str(tried.year))
        assert answer.status_code in {422, 429}
    assert answer.status_code == 429
    found = school.session.get_one(Account, account.id, populate_existing=True)
    assert found.state is AccountState.NOTIFIED
