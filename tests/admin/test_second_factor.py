"""The second factor of staff: set with a first code, asked for at each login, each code good once."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, insert, select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.caller import Caller
from shared.models.journal import JournalEvent
from shared.models.staff import RecoveryCode, Staff, StaffRoleKind, StaffSession
from shared.staff.second_factor import RECOVERY_CODES, accepts_code, renew_recovery_codes
from tests.admin.browser import SECRET, Browser, code_of, words
from tests.factories import NOW, PASSWORD, make_staff, second_factor

PAGE = "/double-authentification/"


@pytest.fixture
def head_with_factor(app, database, sealer, school_a) -> Browser:
    """The head of the first school, whose telephone holds `SECRET`; not logged in."""
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_a.login)).one()
        for column, value in second_factor(sealer).items():
            setattr(staff, column, value)
    return Browser(app)


def secret_shown(response) -> str:
    found = re.search(r"Tapez cette clé : ((?:[A-Z2-7]{4} )+)", words(response))
    return found[1].replace(" ", "")


def set_up(browser) -> list[str]:
    """Set the second factor as its pages ask to; returns the recovery codes."""
    browser.post(PAGE + "commencer", {"password": PASSWORD})
    secret = secret_shown(browser.get(PAGE))
    return re.findall(r'"identifier">([a-z2-9-]{29})<', browser.post(PAGE, {"code": code_of(secret)}).text)


def actions(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(JournalEvent.action).order_by(JournalEvent.id)))


def test_a_head_logs_in_without_a_second_factor(head):
    assert head.get("/").status_code == 200


def test_an_administrator_of_the_academy_sets_one_before_anything_opens(app, database, school_a):
    with database.writing() as session:
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY)
    browser = Browser(app)
    browser.log_in("recteur")

    for path in ("/", "/etablissements/", "/academie/etablissements/", "/academie/catalogue/"):
        assert browser.get(path).location == PAGE, path
    assert browser.post("/academie/catalogue/").location == PAGE
    assert browser.choose(school_a.id).location == PAGE
    assert "obligatoire" in words(browser.get(PAGE))
    assert len(set(set_up(browser))) == RECOVERY_CODES
    assert browser.get("/academie/etablissements/").status_code == 200


def test_the_password_comes_first(app, database, school_a):
    with database.writing() as session:
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY, must_change_password=True)
    browser = Browser(app)
    browser.log_in("recteur")

    assert browser.get(PAGE).location == "/mot-de-passe/"
    assert browser.post(PAGE + "commencer", {"password": PASSWORD}).location == "/mot-de-passe/"


def test_setting_one_asks_for_the_password_again(head, database):
    answer = head.post(PAGE + "commencer", {"password": "pas le bon mot"})

    assert answer.status_code == 422
    assert "mot de passe actuel n'est pas le bon" in words(answer)
    assert "Tapez cette clé" not in words(head.get(PAGE))


def test_a_wrong_first_code_sets_nothing(head, database):
    head.post(PAGE + "commencer", {"password": PASSWORD})

    assert head.post(PAGE, {"code": "000000"}).status_code == 422
    assert "factor_set" not in actions(database)


def test_the_secret_is_sealed_and_shown_only_until_it_is_confirmed(head, database, school_a):
    head.post(PAGE + "commencer", {"password": PASSWORD})
    secret = secret_shown(head.get(PAGE))
    with database.reading() as session:
        assert (
            secret.encode()
            not in session.scalars(select(Staff.factor_secret).where(Staff.login == school_a.login)).one()
        )
    codes = re.findall(r'"identifier">([a-z2-9-]{29})<', head.post(PAGE, {"code": code_of(secret)}).text)

    after = head.get(PAGE).text
    assert secret[:4] not in after
    assert codes[0] not in after
    assert head.post(PAGE + "commencer", {"password": PASSWORD}).status_code == 303
    assert "Tapez cette clé" not in head.get(PAGE).text
    with database.reading() as session:
        kept = " ".join(session.scalars(select(RecoveryCode.code_hash)))
        journal = str([vars(event) for event in session.scalars(select(JournalEvent))])
    assert not any(code in kept + journal for code in codes)
    assert secret not in journal


def test_the_right_password_opens_nothing_before_the_code(head_with_factor, school_a):
    browser = head_with_factor

    assert browser.log_in(school_a.login).location == "/connexion/code/"
    for path in ("/", "/mot-de-passe/", PAGE, "/personnels/"):
        assert Browser(browser.client.application).get(path).location == "/connexion/"
    assert browser.get("/connexion/code/").status_code == 200
    assert browser.give_code(code_of(SECRET)).location == "/"
    assert browser.get("/").status_code == 200


def test_a_browser_that_owes_a_code_is_not_logged_in(head_with_factor, school_a):
    head_with_factor.log_in(school_a.login)

    assert head_with_factor.get("/personnels/").location == "/connexion/"
    late = head_with_factor.post("/connexion/code/", {"code": code_of(SECRET)}, on="/connexion/")
    assert late.location == "/connexion/"


def test_the_page_that_was_asked_for_opens_after_the_code(head_with_factor, school_a):
    head_with_factor.get("/journal/")
    head_with_factor.log_in(school_a.login)

    assert head_with_factor.give_code(code_of(SECRET)).location == "/journal/"


def test_a_code_is_good_once(head_with_factor, app, school_a):
    code = code_of(SECRET)
    head_with_factor.log_in(school_a.login)
    assert head_with_factor.give_code(code).status_code == 303

    replayed = Browser(app)
    replayed.log_in(school_a.login)
    assert replayed.give_code(code).status_code == 422
    assert replayed.give_code(code_of(SECRET, 30)).status_code == 303


def test_an_older_code_than_the_last_one_is_refused(head_with_factor, app, school_a):
    head_with_factor.log_in(school_a.login)
    assert head_with_factor.give_code(code_of(SECRET, 30)).status_code == 303
    other = Browser(app)
    other.log_in(school_a.login)

    assert other.give_code(code_of(SECRET)).status_code == 422


@pytest.mark.parametrize("seconds", [-90, 90])
def test_a_code_of_another_time_is_refused(head_with_factor, school_a, seconds):
    head_with_factor.log_in(school_a.login)

    assert head_with_factor.give_code(code_of(SECRET, seconds)).status_code == 422


def test_guessing_codes_makes_one_wait_even_with_the_right_one(head_with_factor, app, database, school_a):
    head_with_factor.log_in(school_a.login)
    wrong = next(f"{number:06}" for number in range(9) if f"{number:06}" not in near_codes())
    answers = [head_with_factor.give_code(wrong).status_code for _ in range(7)]

    assert answers == [422] * 6 + [429]
    again = Browser(app)
    again.log_in(school_a.login)
    assert again.give_code(code_of(SECRET)).status_code == 429
    assert actions(database).count("code_refused") == 6
    with time_machine.travel(clock.now().timestamp() + 3600):
        later = Browser(app)
        later.log_in(school_a.login)
        assert later.give_code(code_of(SECRET)).status_code == 303


def near_codes() -> set[str]:
    return {code_of(SECRET, seconds) for seconds in range(-90, 120, 30)}


def test_a_right_password_is_forgotten_after_ten_minutes(head_with_factor, school_a):
    head_with_factor.log_in(school_a.login)
    token = head_with_factor.token("/connexion/code/")
    with time_machine.travel(clock.now().timestamp() + 601):
        late = {"csrf_token": token, "code": code_of(SECRET)}
        assert head_with_factor.client.post("/connexion/code/", data=late).location == "/connexion/"


def test_the_code_page_is_no_way_in_for_a_stranger(app, school_a):
    assert Browser(app).get("/connexion/code/").location == "/connexion/"
    assert Browser(app).post("/connexion/code/", {"code": "123456"}, on="/connexion/").location == "/connexion/"


def test_a_recovery_code_is_good_once(head, app, database, school_a):
    codes = set_up(head)
    first, second = Browser(app), Browser(app)
    first.log_in(school_a.login)
    second.log_in(school_a.login)

    assert first.give_code(codes[3].upper().replace("-", " ")).status_code == 303
    assert second.give_code(codes[3]).status_code == 422
    assert second.give_code(codes[4]).status_code == 303
    assert "8 codes" in words(head.get(PAGE))
    assert actions(database).count("recovery_code_used") == 2


def test_new_recovery_codes_replace_those_of_before(head, app, database, school_a):
    old = set_up(head)
    renewed = head.post(PAGE + "codes", {"code": old[0]})

    assert old[1] not in renewed.text
    browser = Browser(app)
    browser.log_in(school_a.login)
    assert browser.give_code(old[1]).status_code == 422
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RecoveryCode)) == RECOVERY_CODES


def test_taking_it_away_asks_for_a_code(head, app, database, school_a):
    codes = set_up(head)

    assert head.post(PAGE + "retirer", {"code": "000000"}).status_code == 422
    assert head.post(PAGE + "codes", {"code": ""}).status_code == 422
    assert head.post(PAGE + "retirer", {"code": codes[0]}).status_code == 303
    assert Browser(app).log_in(school_a.login).location == "/"
    assert "factor_removed" in actions(database)


def test_an_administrator_who_changes_telephone_sets_it_again_at_once(academy, database):
    assert academy.post(PAGE + "retirer", {"code": code_of(SECRET, 30)}).status_code == 303

    assert academy.get("/academie/etablissements/").location == PAGE


def test_who_logged_in_from_where_is_noted_after_the_code_only(head_with_factor, database, school_a):
    head_with_factor.log_in(school_a.login)
    assert "staff_login" not in actions(database)
    head_with_factor.give_code(code_of(SECRET))
    assert actions(database).count("staff_login") == 1


def test_a_changed_password_ends_browsers_that_owe_a_code(head_with_factor, app, database, school_a):
    waiting = Browser(app)
    waiting.log_in(school_a.login)
    head_with_factor.log_in(school_a.login)
    head_with_factor.give_code(code_of(SECRET))
    new = "quatre mouettes sous la varangue"
    changed = {"current": "trotinette verte du jeudi", "new": new, "again": new}
    assert head_with_factor.post("/mot-de-passe/", changed).status_code == 303

    late = waiting.post("/connexion/code/", {"code": code_of(SECRET, 30)}, on="/connexion/")
    assert late.location == "/connexion/"


def test_a_secret_is_sealed_with_the_newest_key_when_it_is_used(database, school_a):
    old, new = b"o" * 32, b"n" * 32
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_a.login)).one()
        staff.factor_secret, staff.factor_set_at = Sealer([old]).seal(SECRET), NOW
        assert accepts_code(Caller(session, clock.now(), "192.0.2.7"), staff, Sealer([new, old]), code_of(SECRET))
    with database.reading() as session:
        sealed = session.scalars(select(Staff.factor_secret).where(Staff.login == school_a.login)).one()
    assert Sealer([new]).open(sealed) == SECRET


def test_a_secret_that_no_key_opens_still_lets_recovery_codes_in(database, school_a):
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_a.login)).one()
        staff.factor_secret, staff.factor_set_at = Sealer([b"o" * 32]).seal(SECRET), NOW
        [code, *_] = renew_recovery_codes(Caller(session, clock.now(), "192.0.2.7", token=""), staff)
        assert accepts_code(Caller(session, clock.now(), "192.0.2.7"), staff, Sealer([b"n" * 32]), code)
        assert not accepts_code(Caller(session, clock.now(), "192.0.2.7"), staff, Sealer([b"n" * 32]), code_of(SECRET))


@pytest.fixture
def recteur(app, database, school_a) -> Browser:
    """An administrator of the académie who has no second factor yet, logged in by password."""
    with database.writing() as session:
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY)
    browser = Browser(app)
    browser.log_in("recteur")
    return browser


def test_a_browser_that_a_stolen_password_opened_is_logged_out_when_a_factor_is_set(recteur, app):
    thief = Browser(app, "203.0.113.9")
    thief.log_in("recteur")
    set_up(recteur)

    assert thief.get("/academie/etablissements/").location == "/connexion/"
    assert recteur.get("/academie/etablissements/").status_code == 200


def test_a_browser_counts_for_what_it_proved_and_not_for_what_its_login_could(recteur, app, database):
    """Even one that was opened in the very instant in which the factor was being set."""
    thief = Browser(app, "203.0.113.9")
    thief.log_in("recteur")
    with database.reading() as session:
        kept = session.execute(select(StaffSession).order_by(StaffSession.id.desc()).limit(1)).scalar_one()
        row = {name: getattr(kept, name) for name in ("token_hash", "staff_id", "created_at", "expires_at")}
    set_up(recteur)
    with database.writing() as session:
        session.execute(insert(StaffSession).values(row))

    assert thief.get("/academie/etablissements/").location == "/connexion/"


@pytest.mark.parametrize("change", ["codes", "retirer"])
def test_changing_or_removing_the_factor_logs_other_browsers_out(recteur, app, change):
    secret = _secret_set(recteur)
    other = Browser(app)
    other.log_in("recteur")
    other.give_code(code_of(secret, 30))
    assert other.get("/academie/etablissements/").status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        recteur.post(PAGE + change, {"code": code_of(secret)})
        assert other.get("/academie/etablissements/").location == "/connexion/"
        assert recteur.get(PAGE).status_code == 200


def test_a_secret_drawn_by_an_intruder_is_forgotten_with_a_new_password(head):
    head.post(PAGE + "commencer", {"password": PASSWORD})
    assert secret_shown(head.get(PAGE))
    new = "quatre mouettes sous la varangue"
    head.post("/mot-de-passe/", {"current": PASSWORD, "new": new, "again": new})

    assert "Tapez cette clé" not in words(head.get(PAGE))


def _secret_set(browser) -> str:
    browser.post(PAGE + "commencer", {"password": PASSWORD})
    secret = secret_shown(browser.get(PAGE))
    browser.post(PAGE, {"code": code_of(secret)})
    return secret
