"""SMS in « Notifier en masse » and on a card: nothing of them where no gateway is named, else what they cost (R16)."""

from threading import Event

import pytest
from sqlalchemy import select

from admin_app.installation import EXTENSION
from shared.models.accounts import AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign
from shared.models.school import Establishment
from shared.notifications.sms.worker import SmsCarrier
from tests.admin.browser import hidden, words
from tests.factories import make_account, make_division, make_guardian, make_student
from tests.sms import HttpGatewayServer

NOTIFY = "/responsables/notifier/"


@pytest.fixture
def gateway():
    with HttpGatewayServer() as server:
        yield server


@pytest.fixture
def families(database, sealer, school_a):
    """Three families of one division, one of which accepts no SMS."""
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        division = make_division(session, school, "5A")
        for number in range(3):
            student = make_student(session, school, division, f"FAMILLE{number}")
            phone = {"mobile_phone": f"0692 00 00 0{number}", "accepts_sms": number > 0}
            guardian = make_guardian(session, school, student, last_name=f"FAMILLE{number}", **phone)
            make_account(session, f"m.famille{number}", guardian, state=AccountState.NOT_NOTIFIED, sealer=sealer)
        return guardian.id


@pytest.fixture
def sending(settings, gateway):
    return gateway.sending(settings)


@pytest.fixture
def with_sms(app, sending):
    """The back office of an installation that sends them."""
    from dataclasses import replace

    installation = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(installation, settings=sending)
    yield
    app.extensions[EXTENSION] = installation


def test_nothing_shows_of_them_where_no_gateway_is_named(head, database, families):
    pages = (
        "/",
        NOTIFY,
        f"/responsables/compte/{families}/",
        f"/responsables/compte/{families}/notifier/",
        "/statistiques/",
        "/parametrage/sans-lettre/",
        "/aide/notifier/",
        "/aide/suivi/",
    )
    for path in pages:
        page = head.get(path)
        assert page.status_code == 200, path
        assert "SMS" not in words(page), path
    confirmation = head.get(NOTIFY, vu="1", mode="paper", division="5A", aller="confirmer")
    refused = head.post(NOTIFY, {"vu": "1", "mode": "sms", "division": "5A", "cle": hidden(confirmation, "cle")})
    assert refused.status_code == 422
    assert "n'est pas proposé ici" in words(refused)
    with database.reading() as session:
        assert session.scalars(select(Campaign).where(Campaign.mode == "sms")).all() == []


def test_they_are_chosen_their_cost_told_and_counted(head, database, sending, gateway, families, with_sms):
    chosen = {"vu": "1", "mode": "sms", "division": "5A"}
    assert "SMS seulement" in words(head.get(NOTIFY))
    confirmation = head.get(NOTIFY, **chosen, aller="confirmer")
    page = words(confirmation)
    assert "2 SMS partiront, chacun avec un code à usage unique et sans mot de passe" in page
    assert "environ 0,13 € , à 0,065 € l'un" in page or "environ 0,13 €, à 0,065 € l'un" in page
    assert "1 compte laissé de côté : la base élèves ne dit pas que les SMS sont acceptés" in page

    location = head.post(NOTIFY, {**chosen, "cle": hidden(confirmation, "cle")}).location
    gateway.phones.answer = lambda to: (400, {"message": "no"}) if to.endswith("1") else None
    SmsCarrier(database, sending, Event()).send_due()
    page = words(head.get(location))
    assert "1 SMS parti" in page
    assert "numéro refusé : +262692000001 (réponse de la passerelle SMS : 400 no)" in page
    assert "Coût : 0,07 €" in page
    assert "Notifier par courrier" in page
    assert "Pas d'adresse ou de numéro qui reçoive" in page
    assert "+262692000001" in words(head.get("/responsables/notifications/echecs/"))
    assert "Les SMS ont coûté 0,07 €" in words(head.get("/statistiques/"))


def test_one_account_is_notified_from_its_card(head, database, sending, gateway, families, with_sms):
    path = f"/responsables/compte/{families}/notifier/"
    page = head.get(path)
    assert "Par SMS à 0692 00 00 02" in words(page)
    head.post(path, {"cle": hidden(page, "cle"), "mode": "sms"})
    SmsCarrier(database, sending, Event()).send_due()
    assert list(gateway.phones.numbers) == ["+262692000002"]


def test_the_settings_show_what_families_read(head, with_sms):
    page = words(head.get("/parametrage/sans-lettre/"))
    assert "Par SMS" in page
    assert "avec le code k7mqx-2hd9w" in page
    assert "0,065 €" in page


def test_the_help_tells_of_them_only_where_they_are_sent(head, with_sms):
    assert "SMS" in words(head.get("/aide/notifier/"))


def test_students_are_not_offered_any(head, with_sms, families):
    assert "SMS" not in words(head.get("/eleves/notifier/"))


def test_a_school_that_wants_no_sms_has_none_offered(head, browse, database, families, with_sms, school_b):
    path = "/parametrage/sans-lettre/"
    head.post(f"{path}sms", {"version": hidden(head.get(path), "version"), "sms": "non"})
    assert "Les SMS ne sont plus proposés" in words(head.get(path))
    assert "SMS seulement" not in words(head.get(NOTIFY))
    assert "Par SMS à" not in words(head.get(f"/responsables/compte/{families}/notifier/"))
    confirmation = head.get(NOTIFY, vu="1", mode="paper", division="5A", aller="confirmer")
    refused = head.post(NOTIFY, {"vu": "1", "mode": "sms", "division": "5A", "cle": hidden(confirmation, "cle")})
    assert refused.status_code == 422
    assert "SMS seulement" in words(browse(school_b.login).get(NOTIFY))
    with database.reading() as session:
        actions = session.scalars(select(JournalEvent.action)).all()
    assert "sms_closed" in actions
    head.post(f"{path}sms", {"version": hidden(head.get(path), "version"), "sms": "oui"})
    assert "SMS seulement" in words(head.get(NOTIFY))


def test_two_who_change_the_switch_at_once_are_told(head, families, with_sms):
    path = "/parametrage/sans-lettre/"
    version = hidden(head.get(path), "version")
    head.post(f"{path}sms", {"version": version, "sms": "non"})
    assert head.post(f"{path}sms", {"version": version, "sms": "oui"}).status_code == 409
    assert "SMS seulement" not in words(head.get(NOTIFY))


def test_there_is_no_switch_where_no_gateway_is_named(head, families):
    assert head.post("/parametrage/sans-lettre/sms", {"version": "0", "sms": "non"}).status_code == 404
