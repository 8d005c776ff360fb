"""« Académie → Rattachements »: who claims whose accounts, and the answer given where the family cannot (R4)."""

import re
from threading import Event

import pytest
from sqlalchemy import select

from shared import clock
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.journal import JournalEvent
from shared.models.school import Establishment, Guardian
from shared.notifications.mail.worker import Postman
from tests.admin.browser import words
from tests.factories import make_account, make_establishment, make_guardian, make_student, tie
from tests.notifications.conftest import mail_server, mailbox  # noqa: F401 - fixtures
from tests.notifications.mail.test_mail import text_of

PAGE = "/academie/rattachements/"
SCHOOLS = 4


@pytest.fixture
def claimed(database, school_a):
    """The fiche, the tie and the other school of a mother whom the first school says it knows."""
    with database.writing() as session:
        other = make_establishment(session, "9740007G", "Collège des Victimes")
        account = make_account(
            session, "n.secrete", make_guardian(session, other, make_student(session, other), last_name="SECRETE")
        )
        here = session.get_one(Establishment, school_a.id)
        fiche = make_guardian(session, here, make_student(session, here), last_name="SECRETE", first_name="Nadège")
        claim = tie(session, account, here.id, TieState.PROPOSED)
        claim.made_at = clock.now()
        session.add(ProposedFiche(tie_id=claim.id, guardian_id=fiche.id))
        session.flush()
        return fiche.id, claim.id, other.id


def answer_page(school_a, claimed):
    return f"{PAGE}{school_a.id}/{claimed[1]}/"


def state(database, claimed):
    with database.reading() as session:
        found = session.get_one(AccountTie, claimed[1])
        return found.state, found.confirmed_by, session.get_one(Guardian, claimed[0]).account_id


def test_a_delegate_who_imports_a_student_of_each_other_school_shows_on_the_page_of_the_academy(
    database, school_a, delegate, academy
):
    with database.writing() as session:
        here = session.get_one(Establishment, school_a.id)
        for number in range(SCHOOLS):
            other = make_establishment(session, f"97410{number:02d}A", f"Collège {number}")
            ine = f"{number + 1:010d}B"
            known = make_guardian(session, other, make_student(session, other, ine=ine))
            make_account(session, f"m.payet{number}", known)
            make_guardian(session, here, make_student(session, here, ine=ine))
    assert delegate("guardians").post("/responsables/generer/", {"malgre_doublons": "oui"}).status_code == 303

    page = academy.get(PAGE)
    first = re.search(r"<tbody.*?</tr>", page.text, re.DOTALL)[0]
    assert "Collège Zarzuela" in first
    # Asked for, waiting, refused, departed, confirmed, and of how many other establishments.
    assert re.findall(r">\s*(\d+)\s*<", first) == [str(SCHOOLS), str(SCHOOLS), "0", "0", "0", str(SCHOOLS)]
    waiting = words(academy.get(f"{PAGE}{school_a.id}/"))
    for number in range(SCHOOLS):
        assert f"m.payet{number}" in waiting
        assert f"Collège {number}" in waiting


def test_heads_and_delegates_see_nothing_of_it(head, delegate, database, school_a, claimed):
    for browser in (head, delegate("guardians", "students", "imports")):
        for path in (PAGE, f"{PAGE}{school_a.id}/", answer_page(school_a, claimed)):
            assert browser.get(path).status_code == 403
        assert browser.post(answer_page(school_a, claimed), {"reponse": "confirmer"}).status_code == 403
    assert state(database, claimed) == (TieState.PROPOSED, None, None)


def test_the_academy_confirms_and_both_schools_read_it(academy, head, database, school_a, claimed):
    asked = words(academy.get(answer_page(school_a, claimed)))
    for expected in ("SECRETE Nadège", "n.secrete", "Collège des Victimes", "Appelez la famille"):
        assert expected in asked or "Nadège SECRETE" in asked
    assert academy.post(answer_page(school_a, claimed), {"reponse": "confirmer"}).status_code == 303
    found, by, account_id = state(database, claimed)
    assert (found, by) == (TieState.CONFIRMED, ConfirmedBy.ACADEMY)
    assert account_id is not None
    with database.reading() as session:
        told = select(JournalEvent.establishment_id).where(JournalEvent.action == "tie_confirmed")
        assert sorted(session.scalars(told)) == sorted([school_a.id, claimed[2]])
    assert "n.secrete" in words(head.get(f"/responsables/compte/{claimed[0]}/"))


@pytest.mark.parametrize("language", ["fr", "es"])
def test_the_family_is_told_by_mail_in_its_language_that_the_academy_confirmed(
    academy,
    database,
    settings,
    school_a,
    claimed,
    mailbox,  # noqa: F811
    mail_server,  # noqa: F811
    language,
):
    with database.writing() as session:
        account = session.get_one(Account, session.get_one(AccountTie, claimed[1]).account_id)
        account.language, account.email, account.email_verified_at = language, "nadege@example.org", clock.now()
    assert academy.post(answer_page(school_a, claimed), {"reponse": "confirmer"}).status_code == 303
    where = {"smtp_host": mail_server.host, "smtp_port": mail_server.port, "mail_from": "portail@example.org"}
    Postman(database, settings.model_copy(update=where), Event()).send_due()
    [mail] = [mail for mail in mailbox.messages if mail["To"].endswith("nadege@example.org>")]
    assert (
        mail["Subject"]
        == {
            "fr": "Un établissement est ajouté à votre compte",
            "es": "Se ha añadido un centro a su cuenta",
        }[language]
    )
    said = text_of(mail)
    assert "Collège Zarzuela" in said
    assert "n.secrete" in said
    assert ("l'académie a ajouté" in said) == (language == "fr")


def test_the_academy_refuses_and_the_fiche_gets_an_account_of_its_own(academy, head, database, school_a, claimed):
    assert academy.post(answer_page(school_a, claimed), {"reponse": "refuser"}).status_code == 303
    assert state(database, claimed) == (TieState.REFUSED, None, None)
    with database.reading() as session:
        told = session.scalars(select(JournalEvent).where(JournalEvent.action == "tie_refused")).one()
        assert (told.establishment_id, told.actor_name) == (school_a.id, "Academie")
    assert "n.secrete" in words(academy.get(f"{PAGE}{school_a.id}/", etat="refuses"))
    assert head.post("/responsables/generer/", {"malgre_doublons": "oui"}).status_code == 303
    assert "n.secrete1" in words(head.get(f"/responsables/compte/{claimed[0]}/"))


def test_an_answer_is_given_once(academy, database, school_a, claimed):
    assert academy.post(answer_page(school_a, claimed), {"reponse": "refuser"}).status_code == 303
    assert academy.post(answer_page(school_a, claimed), {"reponse": "confirmer"}).status_code == 404
    assert state(database, claimed) == (TieState.REFUSED, None, None)


@pytest.mark.parametrize("reponse", ["", "peut-etre"])
def test_no_answer_is_asked_for_again(academy, database, school_a, claimed, reponse):
    refused = academy.post(answer_page(school_a, claimed), {"reponse": reponse})
    assert refused.status_code == 422
    assert "Choisissez une réponse" in words(refused)
    assert state(database, claimed) == (TieState.PROPOSED, None, None)


def test_a_tie_is_answered_on_the_page_of_its_school_only(academy, database, school_a, claimed):
    path = f"{PAGE}{claimed[2]}/{claimed[1]}/"
    assert academy.get(path).status_code == 404
    assert academy.post(path, {"reponse": "confirmer"}).status_code == 404
    assert academy.get(f"{PAGE}{school_a.id}/999999/").status_code == 404
    assert academy.get(f"{PAGE}999999/").status_code == 404
    assert state(database, claimed) == (TieState.PROPOSED, None, None)


def test_an_answer_without_the_token_of_the_form_is_none(academy, database, school_a, claimed):
    sent = academy.client.post(answer_page(school_a, claimed), data={"reponse": "confirmer"})
    assert sent.status_code == 400
    assert state(database, claimed) == (TieState.PROPOSED, None, None)


@pytest.mark.parametrize(("period", "is_shown"), [("7", True), ("30", True), ("365", True), ("x", True), ("99", True)])
def test_a_period_is_one_of_those_offered(academy, claimed, period, is_shown):
    page = academy.get(PAGE, periode=period, apres="pas-une-cle")
    assert page.status_code == 200
    assert ("Collège Zarzuela" in words(page)) is is_shown
