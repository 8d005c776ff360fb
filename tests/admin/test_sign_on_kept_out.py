"""What somebody who was in a login for a while leaves behind opens nothing once its owner is back (R34)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import select, text

from shared import clock
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import COMMAND
from shared.models.access.identity_providers import IdentityProvider, SignOnAttempt, StaffIdentity
from shared.models.notifications import StaffMail, StaffMailKind
from shared.models.school import Establishment
from shared.models.staff import Staff
from shared.sign_on.attributes import Attributes
from shared.sign_on.entering import ComesBy, come_in
from shared.staff.creation import name_head
from shared.staff.handover import draw_password, hand_over
from shared.staff.lost_access import reset_staff
from tests.admin.browser import Browser, sent_to, words
from tests.admin.sign_on_door import BACK, HEAD, OTHER, UAI, Door, join, sessions
from tests.factories import PASSWORD, at_desk, make_staff
from tests.patience import wait_until

OF_ELISE = "elise@example.org"
ANOTHER = "homard brouette cyclone vanille"


@pytest.fixture
def elise(door: Door, database: Database) -> Browser:
    """Somebody who works with a password; whoever sits at this browser may be somebody else."""
    with database.writing() as session:
        school = session.scalars(select(Establishment).where(Establishment.uai == OTHER)).one()
        make_staff(session, "elise", school, email=OF_ELISE)
    browser = Browser(door.app)
    browser.log_in("elise")
    return browser


def joined(door: Door, browser: Browser) -> None:
    """Have the login of this browser opened by the provider too."""
    assert browser.get(BACK, **door.provider.answer(sent_to(join(browser, door)))).location == "/mes-connexions/"


def identities(database: Database) -> list[str]:
    with database.reading() as session:
        rows = session.scalars(select(Staff.login).join(StaffIdentity, StaffIdentity.staff_id == Staff.id))
        return list(rows)


def comes_by_provider(door: Door) -> str:
    """The name under which the person of the provider works now; empty when nobody is let in."""
    door.provider.userinfo = HEAD
    browser, answer = door.come_in()
    return words(browser.get("/mot-de-passe/")) if answer.status_code == 303 else ""


@pytest.mark.parametrize("password", ["", "pas le bon"])
def test_a_browser_left_open_joins_nobody_without_the_password(
    door: Door, elise: Browser, database: Database, password: str
) -> None:
    answer = join(elise, door, password)
    assert answer.status_code == 422
    assert "Votre mot de passe actuel n'est pas le bon" in words(answer)
    with database.reading() as session:
        assert session.scalars(select(SignOnAttempt)).all() == []


def test_who_has_no_password_joins_no_second_provider(door: Door, database: Database) -> None:
    browser, _ = door.come_in()
    page = browser.get("/mes-connexions/")
    assert "C'est votre seule façon d'entrer" in words(page)
    assert "Relier à" not in words(page)
    assert join(browser, door, "!").status_code == 422
    with database.reading() as session:
        assert session.scalars(select(SignOnAttempt)).all() == []


def test_the_address_is_told_that_a_provider_opens_the_login(door: Door, elise: Browser, database: Database) -> None:
    joined(door, elise)
    with database.reading() as session:
        mails = session.scalars(select(StaffMail)).all()
    assert [(mail.kind, mail.recipient) for mail in mails] == [(StaffMailKind.WAY_IN_JOINED, OF_ELISE)]


@pytest.mark.parametrize("given", ["handed over", "named head elsewhere", "reset"])
def test_a_person_joined_by_an_intruder_opens_nothing_once_a_password_was_given(
    door: Door, elise: Browser, database: Database, given: str
) -> None:
    joined(door, elise)
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == "elise")).one()
        if given == "handed over":
            hand_over(session, staff, draw_password())
        elif given == "reset":
            reset_staff(Act(session, COMMAND, clock.now()), "elise", draw_password())
        else:
            school = session.scalars(select(Establishment.id).where(Establishment.uai == UAI)).one()
            name_head(at_desk(session, school, clock.now(), COMMAND), "elise", staff.name, draw_password())
    assert identities(database) == []
    assert "elise" not in comes_by_provider(door)


def test_a_password_given_to_who_only_had_a_provider_leaves_it(door: Door, database: Database) -> None:
    door.come_in()
    with database.writing() as session:
        hand_over(session, session.scalars(select(Staff)).one(), draw_password())
    assert sessions(database) == 0
    assert door.come_in()[1].status_code == 303
    with database.reading() as session:
        assert len(session.scalars(select(Staff)).all()) == 1


def test_who_was_sent_to_be_joined_comes_back_in_vain_once_the_password_was_changed(
    door: Door, elise: Browser, database: Database
) -> None:
    back = door.provider.answer(sent_to(join(elise, door)))
    elise.post("/mot-de-passe/", {"current": PASSWORD, "new": ANOTHER, "again": ANOTHER})
    assert elise.get(BACK, **back).status_code == 422
    assert identities(database) == []


def test_parting_logs_out_whoever_came_in_by_there(door: Door, elise: Browser, database: Database) -> None:
    joined(door, elise)
    by_provider, _ = door.come_in()
    assert by_provider.get("/mes-connexions/").status_code == 200
    with database.reading() as session:
        number = session.scalars(select(StaffIdentity.id)).one()
    elise.post(f"/mes-connexions/separer/{number}")
    assert by_provider.get("/mes-connexions/").location == "/connexion/"
    assert elise.get("/mes-connexions/").status_code == 200


def test_nobody_parts_the_person_of_another_login(door: Door, elise: Browser, database: Database) -> None:
    joined(door, elise)
    with database.writing() as session:
        number = session.scalars(select(StaffIdentity.id)).one()
        school = session.scalars(select(Establishment).where(Establishment.uai == OTHER)).one()
        make_staff(session, "marc", school)
    marc = Browser(door.app)
    marc.log_in("marc")
    assert marc.post(f"/mes-connexions/separer/{number}").status_code == 404
    assert identities(database) == ["elise"]


def test_who_parted_and_comes_again_gets_a_login_of_their_own(door: Door, database: Database) -> None:
    """The name that is drawn from the person is taken by then."""
    door.come_in()
    with database.writing() as session:
        staff = session.scalars(select(Staff)).one()
        hand_over(session, staff, draw_password())
        reset_staff(Act(session, COMMAND, clock.now()), staff.login, draw_password())
    assert door.come_in()[1].status_code == 303
    with database.reading() as session:
        assert len(session.scalars(select(Staff)).all()) == 2


def test_who_comes_for_the_first_time_in_two_browsers_at_once_is_one_person(door: Door, database: Database) -> None:
    begun = Event()

    def come() -> str:
        begun.set()
        with database.writing() as session:
            provider = session.get_one(IdentityProvider, door.id)
            return come_in(
                session, ComesBy(provider, "p-1", Attributes.of(HEAD)), clock.now(), clock.now().date()
            ).login

    with ThreadPoolExecutor(1) as second:
        with database.writing() as session:
            provider = session.get_one(IdentityProvider, door.id)
            first = come_in(
                session, ComesBy(provider, "p-1", Attributes.of(HEAD)), clock.now(), clock.now().date()
            ).login
            other = second.submit(come)
            begun.wait()
            if database.engine.dialect.name == "postgresql":
                wait_until(lambda: _waits_for_a_lock(database) or other.done(), "the second browser waits")
        assert other.result() == first


def _waits_for_a_lock(database: Database) -> bool:
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    with database.engine.connect() as connection:
        return connection.execute(waiting).first() is not None
