"""« Par étapes »: told before it begins, looked at, confirmed, put forward, stopped (R16, R36)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shared import clock
from shared.models.accounts import AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Channel, Notification
from shared.models.school import Establishment
from shared.models.sending.staged import StagedCampaign, StageState
from tests.admin.browser import hidden, words
from tests.factories import make_account, make_division, make_guardian, make_student

NOTIFY, STEPS = "/responsables/notifier/", "/responsables/etapes/"
CHOSEN = {"vu": "1", "mode": "etapes", "etape": ["mail", "paper"], "jours": "7", "division": "5A"}


@pytest.fixture
def families(database, sealer, school_a):
    """Three families of one division, the first without an e-mail."""
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        division = make_division(session, school, "5A")
        for number in range(3):
            student = make_student(session, school, division, f"FAMILLE{number}")
            email = f"f{number}@exemple.fr" if number else None
            guardian = make_guardian(session, school, student, last_name=f"FAMILLE{number}", email=email)
            make_account(session, f"m.famille{number}", guardian, state=AccountState.NOT_NOTIFIED, sealer=sealer)


@pytest.fixture
def begun(head, families):
    """The page of one that has begun."""
    confirmation = head.get(NOTIFY, **CHOSEN, aller="confirmer")
    return head.post(NOTIFY, {**CHOSEN, "cle": hidden(confirmation, "cle")}).location


def of_families(session):
    """Those about the division of these families: every school of the tests has others."""
    found = session.scalars(select(StagedCampaign)).all()
    return [one for one in found if one.criteria["divisions"] == ["5A"]]


def nothing_begun(database):
    with database.reading() as session:
        return of_families(session) == []


def staged_in(database):
    with database.reading() as session:
        [staged] = of_families(session)
        return staged


def let_come(database, state=StageState.AWAITED):
    """The day of the next step has come."""
    with database.writing() as session:
        [staged] = of_families(session)
        stage = staged.stages[1]
        stage.due_on, stage.state = clock.now().date() - timedelta(days=1), state


def test_each_step_is_told_with_at_most_how_much_paper_before_anything_leaves(head, database, families):
    assert "Par étapes : le moyen suivant seulement pour qui n'a pas activé son compte" in words(head.get(NOTIFY))
    page = words(head.get(NOTIFY, **CHOSEN, aller="confirmer"))
    assert "Étape 1 : maintenant" in page
    assert "2 courriels partiront" in page
    assert "1 compte laissé de côté : pas d'adresse électronique" in page
    assert "Étape 2 : le " in page
    assert "Au plus 3 courriers : seulement pour qui n'aura pas activé son compte" in page
    assert nothing_begun(database)


def test_it_begins_once_and_its_page_says_what_comes(head, database, begun):
    staged = staged_in(database)
    assert begun == f"{STEPS}{staged.id}/"
    page = words(head.get(begun))
    assert "3 comptes, dont 0 activé à ce jour" in page
    assert "Ce jour-là, « À faire » vous demandera de la confirmer" in page
    assert "au plus 3" in page
    assert staged.title in words(head.get(STEPS))
    first = staged.stages[0].campaign_id
    assert "Étape 1 de" in words(head.get(f"/responsables/notifications/{first}/"))
    again = head.post(NOTIFY, {**CHOSEN, "cle": staged.request_key})
    assert again.location == begun
    assert "2 notifications par étapes, dont la suite viendra à son jour" in words(head.get("/"))


def test_a_step_to_confirm_stands_in_what_is_to_be_done_and_is_confirmed_once(head, database, begun):
    let_come(database, StageState.PROPOSED)
    home = words(head.get("/"))
    assert "1 étape à confirmer" in home
    assert "L'étape 2 attend votre confirmation" in words(head.get(begun))
    asked = head.get(f"{begun}suite")
    assert "3 courriers seront préparés en PDF" in words(asked)
    form = {"etape": "2"}
    location = head.post(f"{begun}suite", form).location
    assert head.post(f"{begun}suite", form).location == location
    with database.reading() as session:
        rows = session.scalars(select(Notification).where(Notification.channel == Channel.PAPER)).all()
        of_steps = [row for row in rows if row.campaign_id == int(location.rstrip("/").rpartition("/")[2])]
        actions = session.scalars(select(JournalEvent.action)).all()
    assert len(of_steps) == 3
    assert {"staged_started", "staged_ended"} <= set(actions)
    assert "Terminée" in words(head.get(begun))


def test_it_is_stopped_after_a_question(head, database, begun):
    assert "n'auront pas lieu" in words(head.get(f"{begun}arreter"))
    assert staged_in(database).ended_at is None
    head.post(f"{begun}arreter")
    assert staged_in(database).stopped_at is not None
    assert "Arrêtée le" in words(head.get(begun))
    refused = head.get(head.post(f"{begun}arreter").location)
    assert "aucune étape n'est à venir" in words(refused)
    assert "aucune étape n'est à venir" in words(head.get(head.post(f"{begun}suite", {"etape": "2"}).location))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"etape": ["mail"]}, "au moins deux étapes"),
        ({"etape": ["mail", "mail"]}, "L'étape 2 est la même que l'étape 1"),
        ({"etape": ["mail", "pigeon"]}, "au moins deux étapes"),
        ({"etape": ["mail", "sms"]}, "n'est pas proposé ici"),
        ({"jours": "0"}, "de 1 à 60"),
        ({"jours": "sept"}, "de 1 à 60"),
        ({"jours": "99999999999999999999"}, "de 1 à 60"),
        ({"etat": "active"}, "pas encore utilisés"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(head, database, families, changed, sentence):
    for answer in (head.get(NOTIFY, **(CHOSEN | changed), aller="confirmer"), head.post(NOTIFY, CHOSEN | changed)):
        assert answer.status_code == 422
        assert sentence in words(answer)
    assert nothing_begun(database)


def test_another_school_and_the_other_tab_find_nothing(head, browse, database, school_b, delegate, begun):
    number = begun.rstrip("/").rpartition("/")[2]
    stranger = browse(school_b.login)
    students = delegate("students")
    for browser, path in ((stranger, begun), (students, f"/eleves/etapes/{number}/")):
        for answer in (
            browser.get(path),
            browser.get(f"{path}suite"),
            browser.get(f"{path}arreter"),
            browser.post(f"{path}suite", {"etape": "2"}),
            browser.post(f"{path}arreter"),
        ):
            assert answer.status_code == 404
    assert staged_in(database).ended_at is None
    with database.reading() as session:
        assert session.scalars(select(Campaign).where(Campaign.title.contains("étape 2"))).all() == []
