"""« Aperçu », downloads and hashing keep nobody from logging in, and nobody asks for them without end."""

import io
from threading import Event, Thread

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy import select

from admin_app import quotas
from shared import clock
from shared.journal import COMMAND
from shared.limits.quotas import Quota
from shared.models.journal import JournalEvent
from shared.models.notifications import Mode
from shared.models.staff import Tab
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.letters import logo
from shared.notifications.letters.joining import Binder
from shared.notifications.letters.renderer import Press
from shared.notifications.letters.worker import Printer
from tests.admin.browser import Browser, words
from tests.at_rest import writing_from_elsewhere
from tests.factories import NOW, PASSWORD, at_desk
from tests.notifications.letters.pictures import drawn_logo

LETTERS = "/parametrage/courriers/"
REMINDER = {"courrier": "guardian_reminder", "partie": "body"}
TEXT = "Bonjour {{ nom }},\n\n{{ cadre_identifiants }}"
ANOTHER = "homard brouette cyclone vanille"

PAGES = {
    "preview": (Press, "_work", lambda head, school: head.get(LETTERS + "pdf")),
    "trial": (Press, "_work", lambda head, school: head.post(LETTERS + "essai", {**REMINDER, "texte": TEXT})),
    "saved letter": (
        Press,
        "_work",
        lambda head, school: head.post(LETTERS + "modifier", {**REMINDER, "texte": TEXT, "version": 0}),
    ),
    "logo": (
        logo,
        "written_anew",
        lambda head, school: head.post(
            "/parametrage/logo/", {"image": (io.BytesIO(drawn_logo()), "logo.png"), "version": 0}
        ),
    ),
    "own password": (
        PasswordHasher,
        "hash",
        lambda head, school: head.post("/mot-de-passe/", {"current": PASSWORD, "new": ANOTHER, "again": ANOTHER}),
    ),
    "delegation": (
        PasswordHasher,
        "hash",
        lambda head, school: head.post(
            "/personnels/", {"identifiant": "neuf.venu", "nom": "Neuf Venu", "onglet": Tab.SETTINGS.value}
        ),
    ),
    "handed over": (
        PasswordHasher,
        "hash",
        lambda head, school: head.post(f"/personnels/{school.delegation_id}/mot-de-passe"),
    ),
}


@pytest.mark.runs_on("sqlite")
@pytest.mark.parametrize("page", PAGES)
def test_others_write_while_a_page_does_what_takes_time(head, school_a, database_url, monkeypatch, page):
    owner, name, ask = PAGES[page]
    with writing_from_elsewhere(monkeypatch, database_url, owner, name) as met:
        answer = ask(head, school_a)

    assert answer.status_code in {200, 303}
    assert met
    assert set(met) == {"free"}


@pytest.mark.runs_on("sqlite")
def test_others_write_while_letters_are_bound(head, app, database, settings, school_a, database_url, monkeypatch):
    campaign_id = printed_campaign(head, database, settings, school_a)
    with writing_from_elsewhere(monkeypatch, database_url, Binder, "add") as met:
        answer = head.post(f"/responsables/notifications/{campaign_id}/courriers")

    assert answer.content_type == "application/pdf"
    assert set(met) == {"free"}
    with database.reading() as session:
        taken = session.scalars(select(JournalEvent).where(JournalEvent.action == "letters_downloaded")).all()
    assert [event.details["campaign"] for event in taken] == [campaign_id]


@pytest.mark.runs_on("sqlite")
def test_others_write_while_the_worker_renders(head, database, settings, school_a, database_url, monkeypatch):
    with writing_from_elsewhere(monkeypatch, database_url, Press, "_work") as met:
        printed_campaign(head, database, settings, school_a)

    # A lot of letters, and the slip.
    assert met == ["free", "free"]


def test_somebody_logs_in_during_every_preview(head, app, school_b, monkeypatch):
    work, answers = Press._work, []

    def log_in():
        answers.append(Browser(app, "198.51.100.9").log_in(school_b.login).status_code)

    def log_in_meanwhile(*arguments):
        other = Thread(target=log_in)
        other.start()
        other.join()
        return work(*arguments)

    monkeypatch.setattr(Press, "_work", log_in_meanwhile)
    for _ in range(3):
        assert head.get(LETTERS + "pdf").status_code == 200
    assert answers == [303, 303, 303]


@pytest.fixture
def few(monkeypatch):
    """As many of each as a test has patience for."""
    for name in ("PREVIEWS", "UPLOADS", "DOWNLOADS"):
        present = getattr(quotas, name)
        less = Quota(present.realm, 2, present.period)
        monkeypatch.setitem(quotas.TOO_MANY, less, quotas.TOO_MANY[present])
        for module in ("settings.letters", "school_base.imports", "settings.logo", "notifying.campaigns"):
            monkeypatch.setattr(f"admin_app.views.{module}.{name}", less, raising=False)


@pytest.fixture
def still():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_previews_are_limited_for_each_person_and_in_words(still, few, head, browse, school_b):
    assert [head.get(LETTERS + "pdf").status_code for _ in range(3)] == [200, 200, 429]
    trial = head.post(LETTERS + "essai", {**REMINDER, "texte": TEXT})
    assert trial.status_code == 429
    assert trial.content_type.startswith("text/plain")
    assert trial.text == (
        "Vous avez demandé beaucoup d'aperçus de courriers en peu de temps. Attendez 5 minutes, puis recommencez."
    )
    assert browse(school_b.login).get(LETTERS + "pdf").status_code == 200
    still.shift(300)
    assert head.get(LETTERS + "pdf").status_code == 200


def test_a_text_that_is_not_saved_for_that_is_not_lost(still, few, head, database, school_a):
    for _ in range(2):
        head.get(LETTERS + "pdf")
    page = head.post(LETTERS + "modifier", {**REMINDER, "texte": "Chère famille, " + TEXT, "version": 0})

    assert page.status_code == 429
    assert "Chère famille, Bonjour" in page.text
    assert "Attendez 5 minutes" in words(page)


@pytest.mark.parametrize("path", ["/base/imports/", "/parametrage/logo/"])
def test_files_sent_are_limited_and_the_last_one_is_not_kept(still, few, head, settings, path):
    fields = {"/base/imports/": "fichiers", "/parametrage/logo/": "image"}

    def send():
        return head.post(path, {fields[path]: (io.BytesIO(b"rien"), "rien.xml")})

    assert 429 not in {send().status_code for _ in range(2)}
    page = send()

    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0
    assert "Le dernier n'est pas pris." in words(page)
    if path == "/base/imports/":
        assert len(list((settings.var_dir / "imports").iterdir())) == 2


def test_letters_are_downloaded_so_many_times_in_an_hour(few, head, database, settings, school_a):
    campaign_id = printed_campaign(head, database, settings, school_a)
    path = f"/responsables/notifications/{campaign_id}/courriers"

    assert [head.post(path).status_code for _ in range(3)] == [200, 200, 429]


def printed_campaign(head, database, settings, school) -> int:
    """A notification on paper whose letters are there."""
    now = clock.now()
    with database.writing() as session:
        desk = at_desk(session, school.id, now=now, actor=COMMAND)
        campaign_id = launch(desk, Criteria(), Mode.PAPER, request_key="papier").id
    assert Printer(database, settings, Event()).print_due(campaign_id) > 0
    return campaign_id
