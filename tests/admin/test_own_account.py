"""« Mon compte »: a member of staff confirms an address, and is told there of browsers never seen (R27)."""

from threading import Event

import pytest
import time_machine
from sqlalchemy import select

from shared import clock
from shared.acting.desk import Act
from shared.journal import COMMAND
from shared.limits.security_policy import set_policy
from shared.models.academy import FactorRequired
from shared.models.journal import JournalEvent
from shared.models.notifications import StaffMail, StaffMailKind
from shared.models.staff import Staff
from shared.notifications.mail.worker import Postman
from shared.staff.creation import name_head
from shared.staff.handover import draw_password
from tests.admin.browser import Browser, words
from tests.factories import NOW, PASSWORD, at_desk
from tests.smtp import MailServer, address_in

PAGE = "/mon-compte/"
NEW = "anne.chef@example.org"
FORMER = "ancienne@example.org"
OTHER = "autre@example.org"
OF_INTRUDER = "intrus@example.org"
OF_STAFF = {NEW, FORMER, OTHER, OF_INTRUDER}
ANOTHER = "homard brouette cyclone vanille"


@pytest.fixture
def still():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def post(database, settings):
    """Sends what is due; the messages to staff that left, beside those of the campaigns of the schools."""

    def send():
        with MailServer() as server:
            told = {"smtp_host": server.host, "smtp_port": server.port, "mail_from": "portail@example.org"}
            Postman(database, settings.model_copy(update=told), Event()).send_due()
            return [message for message in server.mailbox.messages if address_in(message) in OF_STAFF]

    return send


def text_of(message):
    return " ".join(message.get_body(("plain",)).get_content().split())


def ask(browser, email=NEW, password=PASSWORD):
    return browser.post(PAGE, {"email": email, "password": password})


def link_in(message):
    """The path of the link of a mail, below the public address."""
    [link] = [word for word in text_of(message).split() if "/mon-compte/adresse/" in word]
    return "/mon-compte/adresse/" + link.rpartition("/")[2]


def own(database, login):
    with database.reading() as session:
        return session.scalars(select(Staff).where(Staff.login == login)).one()


def give_address(database, login, email):
    with database.writing() as session:
        session.scalars(select(Staff).where(Staff.login == login)).one().email = email


def kinds(database):
    with database.reading() as session:
        return [(mail.kind, mail.recipient) for mail in session.scalars(select(StaffMail).order_by(StaffMail.id))]


def test_an_address_counts_once_its_link_is_confirmed_and_the_one_of_before_is_told(head, database, post, school_a):
    give_address(database, school_a.login, FORMER)
    assert ask(head).location == PAGE
    assert NEW in words(head.get(PAGE))
    sent = {address_in(message): message for message in post()}
    assert set(sent) == {NEW, FORMER}
    assert "une autre adresse a été demandée" in text_of(sent[FORMER])
    assert own(database, school_a.login).email == FORMER

    path = link_in(sent[NEW])
    assert NEW in words(head.get(path))
    assert own(database, school_a.login).email == FORMER, "opening a link changes nothing"
    assert head.post(path).location == PAGE

    assert own(database, school_a.login).email == NEW
    [changed] = post()
    assert FORMER in changed["To"]
    assert "Votre adresse est maintenant" in words(head.get(PAGE))
    with database.reading() as session:
        actions = session.scalars(select(JournalEvent.action).where(JournalEvent.subject == school_a.login))
        assert {"staff_email_asked", "staff_email_changed"} <= set(actions)
    assert head.post(path).status_code == 422, "it serves once"


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        (NEW, "pas le bon", "Votre mot de passe actuel n'est pas le bon"),
        ("pas une adresse", PASSWORD, "n'est pas valable"),
        (f"{NEW}\r\nBcc: x@example.org", PASSWORD, "n'est pas valable"),
        (FORMER.upper(), PASSWORD, "C'est déjà votre adresse"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_leaves(head, database, school_a, email, password, said):
    give_address(database, school_a.login, FORMER)
    page = ask(head, email, password)
    assert page.status_code == 422
    assert said in words(page)
    assert kinds(database) == []


def test_a_link_of_somebody_else_replaced_or_too_old_confirms_nothing(
    still, head, browse, database, post, school_a, school_b
):
    ask(head)
    [first] = post()
    still.shift(60)
    ask(head, OTHER)
    [second] = post()
    other = browse(school_b.login)
    still.shift(60)
    for browser, message in ((head, first), (other, second)):
        page = browser.post(link_in(message))
        assert page.status_code == 422
        assert "Ce lien ne confirme rien" in words(page)
    still.shift(72 * 3600)
    again = Browser(head.client.application)
    again.log_in(school_a.login)
    assert again.post(link_in(second)).status_code == 422
    assert own(database, school_a.login).email is None


def test_an_address_asked_by_an_intruder_never_counts_once_the_password_was_changed(head, database, post, school_a):
    ask(head, OF_INTRUDER)
    [message] = post()
    head.post("/mot-de-passe/", {"current": PASSWORD, "new": ANOTHER, "again": ANOTHER})
    assert head.post(link_in(message)).status_code == 422
    assert own(database, school_a.login).email is None


def test_whoever_held_a_login_is_not_written_to_once_it_is_given_to_somebody(head, database, school_a, school_b):
    give_address(database, school_a.login, FORMER)
    with database.writing() as session:
        name = session.scalars(select(Staff.name).where(Staff.login == school_a.login)).one()
        name_head(at_desk(session, school_b.id, clock.now(), COMMAND), school_a.login, name, draw_password())
    assert own(database, school_a.login).email is None


def test_a_browser_never_seen_is_told_and_the_first_one_is_not(app, database, post, school_a):
    give_address(database, school_a.login, FORMER)
    known = Browser(app)
    known.log_in(school_a.login)
    assert kinds(database) == []
    known.post("/deconnexion/")
    known.log_in(school_a.login)
    assert kinds(database) == []

    Browser(app, "198.51.100.20").log_in(school_a.login)
    assert kinds(database) == [(StaffMailKind.NEW_DEVICE, FORMER)]
    [message] = post()
    assert message["Subject"] == "Connexion avec un nouvel appareil"
    assert school_a.login in text_of(message)
    assert "Changez tout de suite votre mot de passe" in text_of(message)


def test_one_mail_in_an_hour_is_enough(still, app, database, school_a):
    give_address(database, school_a.login, FORMER)
    for _ in range(3):
        Browser(app).log_in(school_a.login)
    assert len(kinds(database)) == 1
    still.shift(3601)
    Browser(app).log_in(school_a.login)
    assert len(kinds(database)) == 2


def test_the_academy_can_do_without(app, database, school_a):
    give_address(database, school_a.login, FORMER)
    with database.writing() as session:
        act = Act(session, COMMAND, clock.now())
        set_policy(act, FactorRequired.NOBODY, tells_of_new_devices=False, version=0)
    for _ in range(2):
        Browser(app).log_in(school_a.login)
    assert kinds(database) == []


def test_who_gave_no_address_is_told_so_on_the_page_and_written_to_nowhere(head, app, database, school_a):
    assert "Vous n'avez pas donné d'adresse e-mail" in words(head.get(PAGE))
    Browser(app).log_in(school_a.login)
    assert kinds(database) == []


def test_links_are_limited_for_each_person(still, head):
    answers = [ask(head, f"a{number}@example.org").status_code for number in range(11)]
    assert answers == [303] * 10 + [429]
