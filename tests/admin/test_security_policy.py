"""« Académie → Sécurité »: the académie requires a second factor of heads, or of everybody, and decides on mails."""

import pytest
from sqlalchemy import select

from shared import clock
from shared.acting.desk import Act
from shared.journal import COMMAND
from shared.limits.security_policy import policy_of, set_policy
from shared.models.academy import FactorRequired
from shared.models.journal import JournalEvent
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole, StaffRoleKind, Tab
from shared.staff.second_factor import without_factor
from tests.admin.browser import SECRET, Browser, code_of, hidden, words
from tests.admin.test_second_factor import set_up
from tests.factories import make_staff, second_factor

PAGE = "/academie/securite/"
FACTOR = "/double-authentification/"


def require(database, required, **columns):
    told = {"tells_of_new_devices": True, "version": 0, **columns}
    with database.writing() as session:
        set_policy(Act(session, COMMAND, clock.now()), required, **told)


def decide(browser, required, version=0, **fields):
    return browser.post(PAGE, {"double_authentification": required, "version": version, **fields})


def test_nothing_is_required_of_heads_until_the_academy_decides(head, academy, database):
    assert head.get("/").status_code == 200
    assert decide(academy, "heads", nouveaux_appareils="oui").status_code == 303

    page = head.get("/")
    assert page.location == FACTOR
    assert "L'académie le demande" in words(head.get(FACTOR))
    with database.reading() as session:
        [event] = session.scalars(select(JournalEvent).where(JournalEvent.action == "security_policy_changed"))
    assert event.details == {"factor_required": "heads", "new_devices": True}
    assert event.establishment_id is None


def test_a_head_opens_nothing_else_before_it_is_set_and_everything_after(head, database, school_a):
    require(database, FactorRequired.HEADS)
    for path in ("/", "/personnels/", "/journal/", "/etablissements/", "/delegations/"):
        assert head.get(path).location == FACTOR
    assert head.post("/parametrage/message/", {"texte": "Bonjour"}).location == FACTOR
    set_up(head)
    assert head.get("/personnels/").status_code == 200


def test_a_login_of_tomorrow_is_held_to_it_too(app, database, school_a):
    require(database, FactorRequired.HEADS)
    browser = Browser(app)
    assert browser.log_in(school_a.login).status_code == 303
    assert browser.get("/").location == FACTOR


@pytest.mark.parametrize(("required", "is_free"), [("nobody", True), ("heads", True), ("everybody", False)])
def test_delegates_are_free_unless_it_is_required_of_everybody(delegate, database, required, is_free):
    browser = delegate(Tab.STATISTICS.value)
    require(database, FactorRequired(required))
    assert (browser.get("/statistiques/").status_code == 200) is is_free


def test_who_is_head_elsewhere_is_held_to_it_here(app, database, school_a, school_b):
    with database.writing() as session:
        person = make_staff(
            session, "deux", session.get_one(Establishment, school_a.id), StaffRoleKind.DELEGATE, ("statistics",)
        )
        session.add(StaffRole(staff_id=person.id, kind=StaffRoleKind.HEAD, establishment_id=school_b.id, tabs=[]))
    require(database, FactorRequired.HEADS)
    browser = Browser(app)
    browser.log_in("deux")
    browser.choose(school_a.id)
    assert browser.get("/").location == FACTOR


def test_whoever_lost_the_telephone_is_let_in_to_set_another(app, academy, database, school_a):
    require(database, FactorRequired.HEADS)
    browser = Browser(app)
    browser.log_in(school_a.login)
    set_up(browser)
    with database.reading() as session:
        of_head = select(StaffRole.id).join(Staff).where(Staff.login == school_a.login)
        role_id = session.scalars(of_head).one()
    academy.post(f"/academie/personnels/{school_a.id}/{role_id}/double-authentification")

    again = Browser(app)
    assert again.log_in(school_a.login).status_code == 303
    assert again.get("/").location == FACTOR
    set_up(again)
    assert again.get("/").status_code == 200


def test_the_page_says_whom_it_would_concern(academy, database):
    with database.reading() as session:
        assert without_factor(session, clock.now().date()).heads == 1
    page = words(academy.get(PAGE))
    assert "1 chef d'établissement et 1 délégué ne l'ont pas encore" in page


def test_two_administrators_at_once_overwrite_nothing(academy, database):
    version = hidden(academy.get(PAGE), "version")
    assert decide(academy, "everybody", version).status_code == 303
    late = decide(academy, "nobody", version)

    assert late.status_code == 409
    assert "vérifiez-les avant de recommencer" in words(late)
    with database.reading() as session:
        assert policy_of(session).factor_required is FactorRequired.EVERYBODY


@pytest.mark.parametrize("typed", ["", "tout le monde", "HEADS"])
def test_what_is_no_answer_is_refused_and_changes_nothing(academy, database, typed):
    page = decide(academy, typed)

    assert page.status_code == 422
    assert "choisissez une des trois réponses" in words(page)
    with database.reading() as session:
        assert policy_of(session).version == 0


def test_a_head_does_not_decide(head):
    assert head.get(PAGE).status_code == 403
    assert decide(head, "nobody").status_code == 403


def test_the_administrators_themselves_are_always_held_to_it(app, database, school_a, sealer):
    require(database, FactorRequired.NOBODY)
    with database.writing() as session:
        make_staff(session, "rectrice", kind=StaffRoleKind.ACADEMY)
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY, **second_factor(sealer))
    browser = Browser(app)
    browser.log_in("rectrice")
    assert browser.get("/academie/securite/").location == FACTOR
    other = Browser(app)
    other.log_in("recteur")
    other.give_code(code_of(SECRET))
    assert other.get(PAGE).status_code == 200
