"""R4: what a school sees of a family that has an account elsewhere, and all that it may send: a reminder."""

import io
from threading import Event

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from shared import clock
from shared.accounts.ties.settling import A_FAMILY, confirm_tie, refuse_tie
from shared.acting.desk import Act
from shared.journal import SYSTEM
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, DeliveryState, Notification
from shared.models.school import Establishment, Guardian, Hold, Student
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from shared.notifications.words import reason_words
from tests.admin.browser import words
from tests.cli.conftest import environment, run  # noqa: F401 - fixtures
from tests.factories import make_account, make_establishment, make_guardian, make_student, tie
from tests.notifications.conftest import mail_server, mailbox  # noqa: F401 - fixtures
from tests.notifications.mail.test_mail import text_of

LIST = "/responsables/en-attente/"
REFUSED = f"{LIST}refus/"
REMIND = f"{LIST}rappel/"
SECRETS = ("mere.ailleurs", "enfant.ailleurs", "Collège des Victimes")


@pytest.fixture
def settings(settings, mail_server):  # noqa: F811
    return settings.model_copy(
        update={
            "smtp_host": mail_server.host,
            "smtp_port": mail_server.port,
            "mail_from": "ne-pas-repondre@example.org",
            "public_portal_url": "https://portail.example.org",
        }
    )


class Waiting:
    """Nadège SECRETE and Zoé, as the first school knows them, and the ties to their accounts."""

    def __init__(self, fiche_id, child_id, tie_id, child_tie_id):
        self.fiche_id, self.child_id, self.tie_id, self.child_tie_id = fiche_id, child_id, tie_id, child_tie_id


@pytest.fixture
def waiting(database, school_a):
    with database.writing() as session:
        other = make_establishment(session, "9740007G", "Collège des Victimes")
        known = make_student(session, other, None, "SECRETE", "Zoé")
        mother = make_account(session, "mere.ailleurs", make_guardian(session, other, known, last_name="SECRETE"))
        own = make_account(session, "enfant.ailleurs", known)
        here = session.get_one(Establishment, school_a.id)
        child = make_student(session, here, None, "SECRETE", "Zoé", email="zoe@base.example.org")
        fiche = make_guardian(
            session, here, child, last_name="SECRETE", first_name="Nadège", email="nadege@base.example.org"
        )
        ties = [tie(session, account, here.id, TieState.PROPOSED) for account in (mother, own)]
        session.add(ProposedFiche(tie_id=ties[0].id, guardian_id=fiche.id))
        session.add(ProposedFiche(tie_id=ties[1].id, student_id=child.id))
        return Waiting(fiche.id, child.id, ties[0].id, ties[1].id)


@pytest.fixture
def deliver(database, settings):
    """The worker: mails and letters."""

    def deliver():
        Postman(database, settings, Event()).send_due()
        Printer(database, settings, Event()).print_due()

    return deliver


def remind(head, mode="mail", path=REMIND, **fields):
    return head.post(path, {"mode": mode, "cle": f"rappel-{mode}-{len(fields)}-0123456789", **fields})


def reminders(database):
    with database.reading() as session:
        return session.scalars(
            select(Notification).where(Notification.tie_id.is_not(None)).order_by(Notification.id)
        ).all()


def test_the_fiche_is_counted_on_the_first_page_listed_and_red_where_one_notifies(head, waiting):
    for area in ("responsables", "eleves"):
        home = words(head.get("/"))
        assert "1 compte d'un autre établissement : la famille n'a pas encore répondu" in home
        listed = head.get(f"/{area}/en-attente/")
        assert "SECRETE" in words(listed)
        assert 'class="kept"' in listed.text
        assert "1 personne" in words(listed)
        notifying = words(head.get(f"/{area}/notifier/", vu=1))
        assert "SECRETE" in notifying
        assert "Compte conservé de l'établissement précédent" in notifying
        for secret in SECRETS:
            assert secret not in listed.text + notifying


def test_nobody_waits_where_nobody_comes_from_elsewhere(head, school_a):
    assert "Personne n'a à répondre." in words(head.get(LIST))
    assert "autre établissement" not in words(head.get("/"))
    assert "Comptes conservés" not in words(head.get("/responsables/notifier/", vu=1))


def test_a_mail_reminds_at_the_address_of_the_base_and_tells_nothing_of_the_account(
    head,
    database,
    waiting,
    deliver,
    mailbox,  # noqa: F811
):
    assert "1 courriel partira" in words(head.get(REMIND, mode="mail"))
    assert remind(head).status_code == 303
    deliver()
    mine = [message for message in mailbox.messages if "nadege@base.example.org" in str(message["To"])]
    [message] = mine
    text = text_of(message)
    assert "Vous avez déjà un compte" in str(message["Subject"])
    assert "Zoé SECRETE" in text
    assert "https://portail.example.org" in text
    for secret in SECRETS:
        assert secret not in str(message) + text
    [one] = reminders(database)
    assert (one.delivery, one.account_id) == (DeliveryState.SENT, None)
    with database.reading() as session:
        campaign = session.get_one(Campaign, one.campaign_id)
        assert session.get_one(AccountTie, waiting.tie_id).state is TieState.PROPOSED
        assert session.scalars(select(Account.notified_at).where(Account.identifier == "mere.ailleurs")).one() is None
    shown = words(head.get(f"/responsables/notifications/{campaign.id}/"))
    assert "Rappel « vous avez déjà un compte »" in shown
    assert "Nadège SECRETE" in shown
    assert "mere.ailleurs" not in shown


def test_a_student_is_reminded_too(head, database, waiting, deliver, mailbox):  # noqa: F811
    assert remind(head, path="/eleves/en-attente/rappel/").status_code == 303
    deliver()
    [message] = [one for one in mailbox.messages if "zoe@base.example.org" in str(one["To"])]
    assert "Vous avez déjà un compte" in text_of(message)
    assert "enfant.ailleurs" not in str(message)


def test_a_letter_reminds_without_identifier_or_password(head, database, waiting, deliver):
    answer = remind(head, "paper")
    deliver()
    assert reminders(database)[0].delivery is DeliveryState.PRINTED
    pdf = head.post(f"{answer.location}courriers")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages)
    assert "vous avez déjà un compte" in text
    assert "Zoé SECRETE" in text
    for secret in SECRETS:
        assert secret not in text


def test_one_person_is_reminded_once_in_thirty_days(head, database, waiting):
    assert remind(head).status_code == 303
    again = words(head.get(REMIND, mode="mail"))
    assert "déjà rappelé depuis moins de 30 jours" in again
    assert remind(head, fiche=str(waiting.fiche_id)).status_code == 422
    with database.writing() as session:
        for campaign in session.scalars(select(Campaign).where(Campaign.title.startswith("Rappel"))):
            campaign.created_at = clock.now() - (clock.now() - clock.now().replace(year=clock.now().year - 1))
    assert "1 courriel partira" in words(head.get(REMIND, mode="mail"))


def test_the_same_confirmation_twice_reminds_once(head, database, waiting):
    first, second = remind(head), remind(head)
    assert first.location == second.location
    assert len(reminders(database)) == 1


def test_two_fiches_of_one_person_are_reminded_once_at_the_address_that_there_is(head, database, waiting, school_a):
    with database.writing() as session:
        session.get_one(Guardian, waiting.fiche_id).email = None
        here, child = session.get_one(Establishment, school_a.id), session.get_one(Student, waiting.child_id)
        twin = make_guardian(session, here, child, last_name="SECRETE", first_name="Nadege", email="b@example.org")
        session.add(ProposedFiche(tie_id=waiting.tie_id, guardian_id=twin.id))
    assert remind(head).status_code == 303
    [one] = reminders(database)
    assert one.recipient == "b@example.org"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
@pytest.mark.parametrize("whose", ["mother", "child"])
def test_whom_the_base_says_not_to_write_to_is_not_reminded(head, database, waiting, deliver, when, whose):
    def hold():
        with database.writing() as session:
            table, number = (Guardian, waiting.fiche_id) if whose == "mother" else (Student, waiting.child_id)
            held = session.get_one(table, number)
            held.hold, held.staff_note = Hold.DECEASED, "DCD"

    if when == "before":
        hold()
    else:
        assert remind(head).status_code == 303
        hold()
    if when == "before":
        assert "fiche retenue" in words(head.get(REMIND, mode="mail"))
    deliver()
    assert all(one.delivery is not DeliveryState.SENT for one in reminders(database))


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_whoever_answered_meanwhile_is_not_reminded(head, database, waiting, deliver, answer):
    assert remind(head).status_code == 303
    with database.writing() as session:
        if answer == "yes":
            confirm_tie(Act(session, SYSTEM, clock.now()), waiting.tie_id, ConfirmedBy.FAMILY)
        else:
            refuse_tie(Act(session, A_FAMILY, clock.now()), waiting.tie_id)
    deliver()
    [one] = reminders(database)
    assert one.delivery is not DeliveryState.SENT
    assert "a répondu depuis" in reason_words(one.error)


def test_somebody_without_address_is_left_aside_and_said(head, database, waiting):
    with database.writing() as session:
        session.get_one(Guardian, waiting.fiche_id).email = None
    refused = words(head.get(REMIND, mode="mail"))
    assert "pas d'adresse électronique" in refused
    assert "Rien ne peut partir" in refused
    assert "1 courrier sera préparé" in words(head.get(REMIND, mode="both"))


def test_a_fiche_that_does_not_wait_is_not_found(head, browse, school_a, school_b, waiting, database):
    assert head.get(REMIND, fiche=school_a.fiche_id).status_code == 404
    stranger = browse(school_b.login)
    assert stranger.get(REMIND, fiche=waiting.fiche_id).status_code == 404
    assert remind(stranger, fiche=str(waiting.fiche_id)).status_code == 404
    assert reminders(database) == []


def test_no_is_told_until_somebody_looked_whatever_account_the_fiche_has_since(head, database, waiting):
    with database.writing() as session:
        refuse_tie(Act(session, A_FAMILY, clock.now()), waiting.tie_id)
    said = "1 famille a répondu qu'elle ne connaît pas l'établissement"
    assert said in words(head.get("/"))
    head.post("/responsables/generer/", {"malgre_doublons": "oui"})
    assert said in words(head.get("/"))
    page = words(head.get(REFUSED))
    assert "SECRETE Nadège" in page
    assert "mere.ailleurs" not in page
    assert head.post(REFUSED, {"jusqu_a": waiting.tie_id}).status_code == 303
    assert said not in words(head.get("/"))
    assert "Aucun refus n'est à regarder." in words(head.get(REFUSED))
    with database.reading() as session:
        seen = session.scalars(select(JournalEvent).where(JournalEvent.action == "refusals_seen")).one()
        assert seen.details == {"count": 1}
        assert session.scalars(select(ProposedFiche).where(ProposedFiche.tie_id == waiting.tie_id)).all() == []


def test_looking_at_one_area_or_in_another_school_leaves_the_others_as_they_were(
    head, browse, database, waiting, school_b
):
    with database.writing() as session:
        for tie_id in (waiting.tie_id, waiting.child_tie_id):
            refuse_tie(Act(session, A_FAMILY, clock.now()), tie_id)
    browse(school_b.login).post(REFUSED, {"jusqu_a": 10**6})
    head.post("/eleves/en-attente/refus/", {"jusqu_a": 10**6})
    assert "1 famille a répondu" in words(head.get("/"))
    assert "SECRETE Nadège" in words(head.get(REFUSED))


UAI = ("--uai", "9740001A")


def test_the_command_says_what_it_would_do_then_does_it_once_in_thirty_days(
    run,  # noqa: F811
    database,
    waiting,
    deliver,
    mailbox,  # noqa: F811
):
    would = run("remind", *UAI, "--json").json
    assert (would["selected"], would["mails"], would["letters"], would["skipped"]) == (1, 1, 0, [])
    assert "Rien n'est parti" in run("remind", *UAI).out
    assert reminders(database) == []
    done = run("remind", *UAI, "--yes")
    assert "1 personne attend : 1 courriel, 0 courrier." in done.out
    deliver()
    [mail] = [mail for mail in mailbox.messages if mail["To"].endswith("<nadege@base.example.org>")]
    said = text_of(mail) + done.out + done.err
    assert [secret for secret in SECRETS if secret in said] == []
    again = run("remind", *UAI, "--yes", "--json").json
    assert again["mails"] == 0
    assert again["skipped"] == [{"name": "Nadège SECRETE", "reason": "déjà rappelé depuis moins de 30 jours"}]


def test_the_command_reminds_students_and_writes_letters_to_a_file(run, waiting, tmp_path):  # noqa: F811
    assert run("remind", *UAI, "--students", "--json").json["mails"] == 1
    letters = tmp_path / "rappels.pdf"
    assert run("remind", *UAI, "--by", "paper", "--pdf", letters, "--yes").status == 0
    text = "".join(page.extract_text() for page in PdfReader(letters).pages)
    assert "SECRETE" in text
    assert [secret for secret in SECRETS if secret in text] == []


def test_the_command_reminds_nobody_where_nobody_waits(run, school_a, database):  # noqa: F811
    assert "0 personne" in run("remind", *UAI, "--yes").out
    assert reminders(database) == []
    assert run("remind", "--uai", "9740009Z").status == 1
