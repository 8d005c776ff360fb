"""Logging in, wrong passwords, the password handed over that must be changed, logging out."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from admin_app import create_app
from shared import clock
from shared.acting.caller import Caller
from shared.limits.browsers import OF_STAFF
from shared.limits.policy import FROM_ANYWHERE
from shared.models.journal import JournalEvent
from shared.models.staff import Staff
from shared.staff.logins import (
    StaffPasswordReplaced,
    accept_staff_password,
    begin_staff_login,
)
from tests.admin.browser import Browser, words
from tests.choosing import change_staff_password
from tests.factories import PASSWORD

NEW = "quatre mouettes sous la varangue"


def test_a_head_with_one_school_is_at_work_at_once(app, school_a):
    browser = Browser(app)

    assert browser.log_in("Chef-A ").status_code == 303
    assert "Collège Zarzuela" in browser.get("/").text


def test_after_logging_in_one_finds_the_page_that_was_asked_for(app, school_a):
    browser = Browser(app)
    browser.get("/responsables/comptes/", q="zar")

    assert browser.log_in(school_a.login).location == "/responsables/comptes/?q=zar"


def test_a_wrong_password_and_an_unknown_login_read_the_same(app, school_a):
    browser = Browser(app)
    wrong, unknown = browser.log_in(school_a.login, "faux mot de passe"), browser.log_in("personne", "faux")

    assert wrong.status_code == unknown.status_code == 422
    assert words(wrong) == words(unknown)
    assert browser.get("/").status_code == 303


def test_whoever_forgot_the_password_reads_who_gives_another(app, school_a):
    assert "Mot de passe oublié ? Le chef d'établissement en donne un autre" in words(Browser(app).get("/connexion/"))


def test_many_wrong_passwords_make_one_wait(app, school_a):
    browser = Browser(app)
    answers = [browser.log_in(school_a.login, "faux").status_code for _ in range(7)]

    assert answers == [422] * 6 + [429]
    assert browser.log_in(school_a.login).status_code == 429
    with time_machine.travel(clock.now().timestamp() + 3600):
        assert browser.log_in(school_a.login).status_code == 303


def test_a_login_of_nobody_costs_the_same_writing_and_leaves_no_word(app, database, school_a):
    for login in ("inconnu", "\0", "chef-a\0", "x" * 300):
        assert Browser(app).log_in(login, "faux").status_code == 422
    with database.reading() as session:
        events = session.scalars(select(JournalEvent).where(JournalEvent.action == "staff_login_refused")).all()

    assert [event.subject for event in events] == ["", "", school_a.login, ""]


def test_a_password_replaced_while_it_was_looked_at_does_not_open(app, database, school_a):
    with database.writing() as session:
        candidate = begin_staff_login(Caller(session, clock.now(), "192.0.2.7"), school_a.login)
    assert candidate.accepts(PASSWORD)
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_a.login)).one()
        change_staff_password(session, staff, NEW, clock.now(), "192.0.2.7", token=None)
    with pytest.raises(StaffPasswordReplaced), database.writing() as session:
        accept_staff_password(session, candidate)


def test_a_refused_password_is_written_in_no_journal(app, database, school_a):
    Browser(app).log_in(school_a.login, "mon mot de passe de banque")
    with database.reading() as session:
        events = session.scalars(select(JournalEvent).where(JournalEvent.action == "staff_login_refused")).all()

    assert [event.subject for event in events] == [school_a.login]
    assert "banque" not in str([vars(event) for event in events])


def test_a_password_handed_over_opens_nothing_but_its_change(app, database, school_a):
    must_change(database, school_a.login)
    browser = Browser(app)
    browser.log_in(school_a.login)

    for path in ("/", "/responsables/comptes/", "/etablissements/", "/journal/"):
        assert browser.get(path).location == "/mot-de-passe/", path
    assert browser.post("/responsables/generer/").location == "/mot-de-passe/"
    assert browser.post("/mot-de-passe/", {"new": NEW, "again": NEW}).status_code == 303
    assert browser.get("/").status_code == 200


def test_a_weak_new_password_is_refused_with_a_reason(app, database, school_a):
    must_change(database, school_a.login)
    browser = Browser(app)
    browser.log_in(school_a.login)

    refused = browser.post("/mot-de-passe/", {"new": "azerty", "again": "azerty"})
    different = browser.post("/mot-de-passe/", {"new": NEW, "again": "autre chose"})
    common = browser.post("/mot-de-passe/", {"new": "Telechargement2026", "again": "Telechargement2026"})
    school = browser.post("/mot-de-passe/", {"new": "Saint-Denis 974", "again": "Saint-Denis 974"})

    assert refused.status_code == different.status_code == common.status_code == school.status_code == 422
    assert "12 caractères" in words(refused)
    assert "mots, prénoms ou lieux connus" in words(common)
    assert "le nom d'un enfant ou d'un établissement" in words(school)
    assert "ne sont pas les mêmes" in words(different)


def test_changing_the_password_asks_for_the_present_one_and_logs_other_browsers_out(browse, school_a):
    here, elsewhere = browse(school_a.login), browse(school_a.login)

    assert here.post("/mot-de-passe/", {"current": "faux", "new": NEW, "again": NEW}).status_code == 422
    assert elsewhere.get("/").status_code == 200
    assert here.post("/mot-de-passe/", {"current": PASSWORD, "new": NEW, "again": NEW}).status_code == 303
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 303


def test_a_cookie_kept_after_logging_out_opens_nothing(browse, school_a):
    browser = browse(school_a.login)
    cookie = browser.client.get_cookie("administration").value
    browser.post("/deconnexion/")
    browser.client.set_cookie("administration", cookie)

    assert browser.get("/").location == "/connexion/"


def test_a_closed_login_is_logged_out_and_cannot_come_back(browse, app, database, school_a):
    browser = browse(school_a.login)
    with database.writing() as session:
        session.scalars(select(Staff).where(Staff.login == school_a.login)).one().disabled_at = clock.now()

    assert browser.get("/").location == "/connexion/"
    assert "Cet accès a été fermé" in words(Browser(app).log_in(school_a.login))


def must_change(database, login):
    with database.writing() as session:
        session.scalars(select(Staff).where(Staff.login == login)).one().must_change_password = True


def test_a_browser_left_alone_is_logged_out(browse, school_a):
    browser = browse(school_a.login)
    with time_machine.travel(clock.now() + OF_STAFF.idle + timedelta(seconds=1)):
        assert "Vous n'êtes plus connecté" in words(browser.get(browser.get("/").location))


def besiege(app, login):
    """Wrong passwords from as many networks as make the next newcomer wait."""
    for number in range(FROM_ANYWHERE.free + 1):
        Browser(app, f"10.{number}.0.1").log_in(login, "faux")


@pytest.mark.both_databases
def test_strangers_make_staff_wait_only_where_they_never_were_and_less_than_a_minute(app, school_a):
    now = clock.now()
    with time_machine.travel(now, tick=False) as traveller:
        known = Browser(app, "192.0.2.7")
        assert known.log_in(school_a.login).status_code == 303
        known.post("/deconnexion/")
        besiege(app, school_a.login)

        assert Browser(app, "192.0.2.7").log_in(school_a.login).status_code == 303
        known.environ = {"REMOTE_ADDR": "203.0.113.1"}
        assert known.log_in(school_a.login).status_code == 303
        elsewhere = Browser(app, "203.0.113.2")
        assert elsewhere.log_in(school_a.login).status_code == 429
        traveller.shift(60)
        besiege_again = Browser(app, "10.99.0.1").log_in(school_a.login, "faux")
        assert besiege_again.status_code == 429
        assert elsewhere.log_in(school_a.login).status_code == 303


def test_the_cookie_of_a_known_browser_opens_nothing(app, school_a):
    browser = Browser(app)
    browser.log_in(school_a.login)
    device = browser.client.get_cookie("administration-appareil").value
    stranger = Browser(app)
    stranger.client.set_cookie("administration-appareil", device)

    assert stranger.get("/").location == "/connexion/"


@pytest.mark.both_databases
@pytest.mark.parametrize("written", ["x" * 80, "198.51.100.9:1234", "[2001:db8::1]:443", "::ffff:198.51.100.9", "é"])
def test_whatever_a_relay_says_of_an_address_breaks_nothing(settings, database, school_a, written):
    browser = Browser(create_app(settings.model_copy(update={"trusted_proxies": 1}), database))
    for password, answer in (("faux", 422), (PASSWORD, 303)):
        fields = {"csrf_token": browser.token("/connexion/"), "login": school_a.login, "password": password}
        posted = browser.client.post("/connexion/", data=fields, headers={"X-Forwarded-For": written})
        assert posted.status_code == answer
