"""R4, through HTTP: who imports a student of another school gets nothing of the account of that student's family."""

import io
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select

from shared import clock
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account
from shared.models.notifications import Campaign
from shared.models.school import Establishment, Guardian, Student
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from shared.siecle.uploads.work import due_uploads, work_on_upload
from tests.admin.browser import Browser, words
from tests.admin.test_access import LEAVES, ask, routes, text_of
from tests.cli.conftest import Answer, environment, run  # noqa: F401 - fixtures
from tests.factories import make_account, make_establishment, make_guardian, make_staff, make_student
from tests.notifications.conftest import mail_server, mailbox  # noqa: F401 - fixtures
from tests.siecle.written import SchoolFiles, guardian, link, student

INE = "0123456789A"
TABS = ("imports", "guardians", "students", "duplicates", "statistics", "settings", "services")
ACTIONS = (
    "notifier",
    "nouveau-mot-de-passe",
    "nouvel-identifiant",
    "renvoyer-activation",
    "corriger-adresse",
    "desactiver",
    "reactiver",
)
MARKS = ("n.secrete", "nadege.secrete@", "z.secrete", "zoe.secrete@", "Collège des Victimes", "9740007G", "192.0.2.66")
"""What only the other school, and the family, know."""
GUESSES = ("n.secrete", "z.secrete", "nadege.secrete@example.org")


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


@pytest.fixture
def family(database):
    """A family of another school: mother and daughter use their accounts, and the daughter is still there."""
    with database.writing() as session:
        school = make_establishment(session, "9740007G", "Collège des Victimes")
        zoe = make_student(
            session, school, None, "SECRETE", "Zoé", ine=INE, birth_date=clock.now().date() - timedelta(days=4500)
        )
        mother = make_guardian(session, school, zoe, last_name="SECRETE", first_name="Nadège")
        used = {"last_login_at": clock.now() - timedelta(days=3)}
        accounts = [
            make_account(session, "n.secrete", mother, email="nadege.secrete@example.org", **used),
            make_account(session, "z.secrete", zoe, email="zoe.secrete@example.org", **used),
        ]
        born = zoe.birth_date
    return [account.id for account in accounts], born


@pytest.fixture
def forger(app, database, school_a):
    """A delegate with every tab."""
    with database.writing() as session:
        make_staff(session, "faussaire", session.get_one(Establishment, school_a.id), "delegate", TABS)
    browser = Browser(app)
    assert browser.log_in("faussaire").status_code == 303
    return browser


@dataclass
class Forged:
    """The fiches that the forged files made."""

    guardian_id: int
    student_id: int


@pytest.fixture
def forged(forger, database, settings, school_a, family, tmp_path):
    """He adds one student to his own export, with the INE he knows and the name of the parent, and imports it."""
    _accounts, born = family
    own = SchoolFiles(tmp_path / "siecle", uai=school_a.uai)
    files = own.changed(
        students=[
            student(),
            student(2, NOM_DE_FAMILLE="SECRETE", PRENOM="Zoé", DATE_NAISS=f"{born:%d/%m/%Y}", INE_RNIE=INE),
        ],
        placements=own.placements,
        guardians=[*own.guardians, guardian(12, NOM_DE_FAMILLE="SECRETE", PRENOM="Nadège", MEL="faux@example.org")],
        links=[*own.links, link(2, 12)],
    )

    def work():
        for upload_id in due_uploads(database, clock.now()):
            work_on_upload(database, settings, upload_id)

    page = forger.post(
        "/base/imports/", {"fichiers": [(io.BytesIO(path.read_bytes()), path.name) for path in files.both()]}
    ).location
    work()
    forger.post(page + "confirmer", {"accepter": "oui", "pertes": "oui"})
    work()
    for area in ("responsables", "eleves"):
        assert forger.post(f"/{area}/generer/", {"malgre_doublons": "oui"}).status_code == 303
    # What was said of the generation is read once.
    forger.get("/")
    with database.reading() as session:
        of_school = Guardian.establishment_id == school_a.id, Guardian.family_name == "SECRETE"
        mother = session.scalars(select(Guardian).where(*of_school)).one()
        child = session.scalars(
            select(Student).where(Student.establishment_id == school_a.id, Student.family_name == "SECRETE")
        ).one()
        return Forged(mother.id, child.id)


def shown(response):
    return [mark for mark in MARKS if mark in text_of(response)]


def everything_asked(app, forger, forged, school_a):
    """Every route with the rows of the school; then what only somebody who looks for the account would ask."""
    for rule, method in routes(app):
        if rule.endpoint not in LEAVES:
            yield (rule.endpoint, method), ask(forger, rule, method, school_a)
    for area, fiche_id in (("responsables", forged.guardian_id), ("eleves", forged.student_id)):
        for action in ("", *(f"{action}/" for action in ACTIONS)):
            path = f"/{area}/compte/{fiche_id}/{action}"
            yield path, forger.get(path)
            yield path, forger.post(path, {"email": "faux@example.org", "mode": "paper", "cle": "k" * 32})
        for searched in (*GUESSES, "SECRETE", "Zoé"):
            yield (area, searched), forger.get(f"/{area}/comptes/", q=searched)
        for state in ("not_notified", "notified", "activating", "active", "disabled"):
            yield (area, state), forger.get(f"/{area}/comptes/", etat=state)
            yield (area, state), forger.get(f"/{area}/notifier/", vu=1, etat=state)
            yield (area, state), forger.get(f"/{area}/notifier/", vu=1, etat=state, aller="confirmer", mode="both")
        for name in ("comptes", "ent", "fiches", "notifications"):
            yield (area, name), forger.post(f"/{area}/exports/", {"fichier": name, "format": "csv"})
        for table in ("etat", "division", "qualite", "mode", "activation-par-mois"):
            yield (area, table), forger.post("/statistiques/", {"de": area, "tableau": table, "format": "csv"})
        yield (area, "corrections"), forger.get(f"/{area}/fiches/", voir="courriels")


def test_no_page_no_file_and_no_answer_holds_anything_of_the_account(app, forger, forged, school_a):
    found = {
        asked: marks for asked, answer in everything_asked(app, forger, forged, school_a) if (marks := shown(answer))
    }
    # What he typed himself comes back in the field where he typed it.
    typed = {("responsables", "n.secrete"), ("eleves", "z.secrete"), ("responsables", "nadege.secrete@example.org")}
    typed |= {("eleves", "n.secrete"), ("responsables", "z.secrete"), ("eleves", "nadege.secrete@example.org")}
    assert {asked: marks for asked, marks in found.items() if asked not in typed} == {}


@pytest.mark.parametrize("searched", GUESSES)
def test_a_search_by_what_he_guesses_finds_what_a_search_for_nobody_finds(forger, forged, searched):
    for area in ("responsables", "eleves"):
        found, nobody = (forger.get(f"/{area}/comptes/", q=text) for text in (searched, "x.personne"))
        assert words(found).replace(searched, "") == words(nobody).replace("x.personne", "")


def test_nothing_he_does_changes_the_account(app, database, forger, forged, family, school_a):
    ids, _born = family

    def picture():
        with database.reading() as session:
            rows = session.scalars(select(Account).where(Account.id.in_(ids)).order_by(Account.id))
            return [
                {column.name: getattr(account, column.name) for column in Account.__table__.columns} for account in rows
            ]

    before = picture()
    for _asked, answer in everything_asked(app, forger, forged, school_a):
        assert answer.status_code < 500
    assert picture() == before
    with database.reading() as session:
        ties = select(AccountTie.state).where(
            AccountTie.account_id.in_(ids), AccountTie.establishment_id == school_a.id
        )
        assert session.scalars(ties).all() == [TieState.PROPOSED] * 2
        assert session.get_one(Guardian, forged.guardian_id).account_id is None
        assert session.get_one(Student, forged.student_id).account_id is None


def test_no_mail_and_no_letter_tells_him_anything(
    database,
    settings,
    forger,
    forged,
    school_a,
    mailbox,  # noqa: F811
):
    for area in ("responsables", "eleves"):
        for mode in ("mail", "paper"):
            every = {"etat": ["not_notified", "notified", "activating", "active"], "vu": "1", "mode": mode}
            forger.post(f"/{area}/notifier/", {**every, "cle": f"{area}-{mode}-0123456789abcdef"})
    Postman(database, settings, Event()).send_due()
    Printer(database, settings, Event()).print_due()
    for message in mailbox.messages:
        assert not [mark for mark in MARKS if mark in str(message)]
    with database.reading() as session:
        campaigns = session.scalars(select(Campaign.id).where(Campaign.establishment_id == school_a.id)).all()
    for campaign_id in campaigns:
        for area in ("responsables", "eleves"):
            for path in (f"/{area}/notifications/{campaign_id}/", f"/{area}/notifications/{campaign_id}/courriers"):
                answer = forger.get(path) if path.endswith("/") else forger.post(path)
                assert shown(answer) == []


@pytest.mark.parametrize("options", [(), ("--students",)])
def test_the_command_line_tells_no_more(run, forged, school_a, options):  # noqa: F811
    asked = [
        ("accounts", "--uai", school_a.uai, "--json", *options),
        ("accounts", "--uai", school_a.uai, *options),
        ("generate-accounts", "--uai", school_a.uai, "--json", *options),
        ("duplicates", "--uai", school_a.uai, "--json"),
        *(
            ("notify", "--uai", school_a.uai, "--json", *(f"--state={state}" for state in states))
            for states in (("not_notified",), ("notified", "activating", "active"))
        ),
    ]
    for arguments in asked:
        answer: Answer = run(*arguments)
        assert answer.status == 0, answer.err
        assert not [mark for mark in MARKS if mark in answer.out + answer.err], arguments
