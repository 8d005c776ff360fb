"""R4: every route of both applications and every command, as everybody who may ask, while a tie only is proposed.

A school says in its files that it knows a family of another one. Nothing that it can ask tells anything of the account
of that family; nothing that the family can ask tells anything of that school but its question.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import delete, select, update

from admin_app.installation import EXTENSION
from parent_portal import create_app as create_portal
from parent_portal.installation import EXTENSION as PORTAL_EXTENSION
from shared import clock
from shared.accounts.ties.powers import Power
from shared.cli import teleservices
from shared.establishments.links import add_link
from shared.journal import COMMAND
from shared.models.access.ties import AccountTie, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.school import Division, Establishment, Guardian, Student
from shared.models.staff import StaffEmailChange, Tab
from shared.staff.own_email import link_address
from tests.admin.test_access import LEAVES, OF_A_LINK, ask, routes, text_of
from tests.applications import lent
from tests.cli.conftest import environment, run  # noqa: F401 - fixtures
from tests.duplicates.base import make_pair
from tests.factories import PASSWORD, at_desk, make_account, make_establishment, make_guardian, make_student, tie
from tests.portal.browser import Browser as Family

MARKS = ("mere.ailleurs", "enfant.ailleurs", "Collège des Victimes", "9740007G", "192.0.2.66")
"""What only the other school, and the family, know."""
ITS_NAME = "Zarzuela"
"""Of the school that says it knows the family."""
MORE_OF_IT = ("9740001A", "https://exemple.fr", "6Zar", "SECRETE-LAGARDE")
"""What it shows to families of its own: its number, a link, the class and the name that it gives the child."""
TELLS_THE_ACADEMY = frozenset({Power.SEE_EVERY_TIE, Power.CONFIRM})
LISTS_EVERY_SCHOOL = {
    *("schools.index", "academy_schools.index", "academy_schools.create", "academy_schools.export"),
    *("academy_figures.index", "academy_figures.export"),
}
NO_ACCOUNT_AT_ALL: frozenset[Power] = frozenset()

OWN_ACCOUNT = "/mon-compte/"
UAI = ("--uai", "9740001A")
COMMANDS: Mapping[str, list[tuple[str, ...]] | None] = {
    "generate-accounts": [(*UAI,), (*UAI, "--students")],
    "accounts": [(*UAI,), (*UAI, "--students"), (*UAI, "--state", "active")],
    "duplicates": [UAI],
    "crossed-accounts": [UAI],
    "notify": [
        (*UAI, f"--state={state}", f"--by={mode}")
        for state in ("not_notified", "notified", "activating", "active")
        for mode in ("mail", "paper", "both")
    ],
    "remind": [(*UAI, *whom, f"--by={mode}") for whom in ((), ("--students",)) for mode in ("mail", "paper", "both")],
    "expire": [()],
    "daily": [()],
    "retention": [("--dry-run",), ()],
    # They read no account: they make tables, files, schools or logins, or serve what the walks of pages ask for.
    **dict.fromkeys(
        (
            "init-db",
            "downgrade",
            "demo",
            "demo-service",
            "demo-lemonldap",
            "make-siecle",
            "import",
            "create-staff",
            "reset-staff",
            "worker",
            "serve",
            "mailbox",
            # All that anybody did in the académie, for whoever holds its server.
            "journal",
            # The whole base, and what waits in it, for the same.
            "backup",
            "restore",
            "hold",
            "release",
            "status",
            "check",
            "metrics",
            "sso",
        )
    ),
}
"""What each command is asked of the school; none for one that tells nothing of accounts."""
PORTAL = {
    "the school is named, and no more": {
        *("tie_question.show", "tie_question.answer", "account.own_data", "account.download_own_data"),
    },
    "nothing is": {
        *("static", "site.robots", "site.security", "site.change_password", "site.theme", "language.choose"),
        *("legal.accessibility", "legal.data", "legal.mentions"),
        *("login.show", "login.submit", "login.log_out", "first_login.show", "first_login.submit"),
        *("activation.wait", "activation.resend", "activation.correct", "activation.show_link", "activation.confirm"),
        *("forgotten.show", "forgotten.ask", "forgotten.show_link", "forgotten.choose"),
        *("without_letter.show", "without_letter.ask", "without_letter.show_link", "without_letter.prove"),
        *("without_letter.show_password", "without_letter.activate", "sms_code.show", "sms_code.enter"),
        *("email_change.show", "email_change.ask", "email_change.show_link", "email_change.confirm"),
        *("password_change.show", "password_change.submit", "home.show", "merging.show", "merging.merge"),
        *("account.show", "account.log_out_everywhere"),
        *("passkey_login.show", "passkey_login.start", "passkey_login.finish"),
        *("passkeys.show", "passkeys.start", "passkeys.finish", "passkeys.show_one", "passkeys.rename"),
        *("passkeys.remove", "wrong_child.show", "wrong_child.report", "given.show", "given.take_back"),
        *("openid.configuration", "openid.keys", "openid.token", "openid.person"),
        *("authorization.ask", "authorization.ask_by_form", "authorization.go_on", "authorization.answer"),
        *("authorization.prove", "authorization.prove_again"),
        *("logout_asked.ask", "logout_asked.ask_by_form", "logout_asked.confirm"),
        *("ent.metadata", "ent.ask", "ent.go_on", "ent.answer", "ent_logout.ask", "ent_logout.confirm"),
        *("ent_given.take_back", "sms_receipts.take"),
    },
}
"""What each page of the portal tells of the school."""
LAST = (
    *("account.log_out_everywhere", "login.log_out", "logout_asked.confirm", "ent_logout.confirm"),
    "tie_question.answer",
)


@dataclass
class Claimed:
    """The fiches of the school that say so, and the accounts that they are about."""

    school: object
    """The school, whose rows of every kind are those of the family as far as it has any."""
    guardian_id: int
    student_id: int
    accounts: list[int]


@pytest.fixture
def claimed(database, school_a):
    with database.writing() as session:
        other = make_establishment(session, "9740007G", "Collège des Victimes")
        zoe = make_student(session, other, None, "SECRETE", "Zoé")
        mother = make_guardian(session, other, zoe, last_name="SECRETE", first_name="Nadège")
        of_mother = make_account(session, "mere.ailleurs", mother)
        of_zoe = make_account(session, "enfant.ailleurs", zoe)
        for account in (of_mother, of_zoe):
            account.last_login_at = clock.now()
        here = session.get_one(Establishment, school_a.id)
        division = session.scalars(select(Division).where(Division.establishment_id == here.id)).one()
        child = make_student(session, here, division, "SECRETE-LAGARDE", "Zoé")
        fiche = make_guardian(session, here, child, last_name="SECRETE", first_name="Nadège")
        twin = make_guardian(session, here, child, last_name="SECRETE", first_name="Nadége", legal_rank=2)
        make_pair(session, fiche, twin, 0.95)
        for account, column in ((of_mother, {"guardian_id": fiche.id}), (of_zoe, {"student_id": child.id})):
            session.add(ProposedFiche(tie_id=tie(session, account, here.id, TieState.PROPOSED).id, **column))
        add_link(at_desk(session, here.id, now=clock.now(), actor=COMMAND), "Lien Zarzuela", "https://exemple.fr")
        asked = replace(
            school_a,
            fiche_id=fiche.id,
            active_id=fiche.id,
            student_fiche_id=child.id,
            pair_ids=(fiche.id, twin.id),
        )
        return Claimed(asked, fiche.id, child.id, [of_mother.id, of_zoe.id])


def set_state(database, claimed, state):
    """Refuse the ties, take them away, or let the fiches hold the accounts."""
    of_school = AccountTie.account_id.in_(claimed.accounts) & (AccountTie.establishment_id == claimed.school.id)
    with database.writing() as session:
        if state is None:
            session.execute(delete(AccountTie).where(of_school))
            return
        by = "family" if state is TieState.CONFIRMED else None
        settled = None if state is TieState.PROPOSED else clock.now()
        session.execute(update(AccountTie).where(of_school).values(state=state, confirmed_by=by, settled_at=settled))
        if state is TieState.CONFIRMED:
            for fiche, account_id in zip(
                (session.get_one(Guardian, claimed.guardian_id), session.get_one(Student, claimed.student_id)),
                claimed.accounts,
                strict=True,
            ):
                fiche.account_id = account_id


@pytest.fixture
def worker(request, app):
    """Whoever asks, by role; the delegate has every tab."""

    def worker(person):
        browser = request.getfixturevalue(person)
        if person == "help_desk":
            return browser()
        return browser(*(tab.value for tab in Tab)) if person == "delegate" else browser

    return worker


def powers_of(app, endpoint):
    place, _, view = endpoint.partition(".")
    return app.extensions["powers"].get(place, {}).get(view, NO_ACCOUNT_AT_ALL)


def follow(app, browser, method):
    """The answer to the link that was mailed to whoever is at this browser; opened first, then confirmed."""
    installed = app.extensions[EXTENSION]
    with installed.database.reading() as session:
        newest = select(StaffEmailChange).order_by(StaffEmailChange.asked_at.desc()).limit(1)
        path = OWN_ACCOUNT + link_address(installed.settings, session.scalars(newest).one()).partition(OWN_ACCOUNT)[2]
    answer = browser.get(path) if method == "GET" else browser.post(path)
    assert answer.status_code == (200 if method == "GET" else 303)
    return answer


def walk(app, browser, claimed):
    """What each route tells of the family's account: pages first, then what changes something."""
    told = {}
    asks = browser.post(OWN_ACCOUNT, {"email": "moi@example.org", "password": PASSWORD})
    assert asks.location == OWN_ACCOUNT
    for rule, method in sorted(routes(app), key=lambda one: (one[1] != "GET", one[0].endpoint)):
        if rule.endpoint in LEAVES or rule.endpoint in LISTS_EVERY_SCHOOL:
            continue
        answer = (
            follow(app, browser, method) if rule.endpoint in OF_A_LINK else ask(browser, rule, method, claimed.school)
        )
        assert answer.status_code < 500, (rule, method)
        if marks := [mark for mark in MARKS if mark in text_of(answer)]:
            told[rule.endpoint, method] = marks
    return told


@pytest.mark.parametrize("person", ["delegate", "head", "academy", "help_desk"])
def test_with_a_proposed_tie_no_route_of_the_back_office_tells_anything(app, worker, claimed, person):
    told = walk(app, worker(person), claimed)
    if person == "academy":
        told = {asked: marks for asked, marks in told.items() if not powers_of(app, asked[0]) & TELLS_THE_ACADEMY}
    assert told == {}


@pytest.mark.parametrize("state", [None, TieState.REFUSED])
def test_nor_without_a_tie_or_once_the_family_said_no(app, database, worker, claimed, state):
    set_state(database, claimed, state)
    assert walk(app, worker("head"), claimed) == {}


def test_with_a_confirmed_one_the_pages_that_declare_it_do(app, database, worker, claimed):
    """Else the walk would look where nothing is."""
    set_state(database, claimed, TieState.CONFIRMED)
    told = walk(app, worker("head"), claimed)
    telling = {endpoint for endpoint, _ in told}
    expected = {"guardian_account.card", "student_account.card", "guardian_accounts.index", "student_accounts.index"}
    assert expected <= telling
    assert {endpoint for endpoint in telling if not powers_of(app, endpoint)} == set()


def test_every_command_is_in_the_table():
    assert set(COMMANDS) == set(teleservices.list_commands(None))


@pytest.mark.parametrize("state", [None, TieState.PROPOSED, TieState.REFUSED])
def test_no_command_tells_anything(database, run, claimed, state):  # noqa: F811
    set_state(database, claimed, state)
    for command, asked in COMMANDS.items():
        for arguments in asked or ():
            for form in ((), ("--json",)):
                answer = run(command, *arguments, *form)
                assert answer.status == 0, (command, answer.err)
                said = answer.out + answer.err
                assert [mark for mark in MARKS if mark in said] == [], (command, *arguments, *form)


def test_with_a_confirmed_tie_the_commands_do(database, run, claimed):  # noqa: F811
    set_state(database, claimed, TieState.CONFIRMED)
    assert "mere.ailleurs" in run("accounts", *UAI).out
    assert "enfant.ailleurs" in run("accounts", *UAI, "--students", "--json").out


@pytest.fixture
def portal(settings, database):
    with lent(create_portal, PORTAL_EXTENSION, settings, database) as portal:
        yield portal


def portal_routes(portal, claimed, database):
    with database.reading() as session:
        values = {
            "tie_id": session.query(AccountTie.id).filter(AccountTie.account_id == claimed.accounts[0]).all()[-1][0],
            "student_id": claimed.student_id,
            "token": "1-0123",
            "name": "theme.css",
            "passkey_id": 0,
            "registration_id": 0,
            "filename": "portal.css",
        }
    with portal.test_request_context():
        for rule in sorted(portal.url_map.iter_rules(), key=lambda rule: rule.endpoint in LAST):
            path = portal.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule.endpoint, method, path


def test_every_page_of_the_portal_is_in_the_table(portal):
    assert set().union(*PORTAL.values()) == {rule.endpoint for rule in portal.url_map.iter_rules()}


@pytest.mark.parametrize("identifier", ["mere.ailleurs", "enfant.ailleurs"])
def test_until_the_family_answers_no_page_of_the_portal_shows_anything_of_the_school(
    portal, database, claimed, identifier
):
    family = Family(portal)
    family.log_in(identifier, PASSWORD)
    told = set()
    for endpoint, method, path in list(portal_routes(portal, claimed, database)):
        if endpoint in LAST:
            continue
        page = family.get(path) if method == "GET" else family.post(path)
        assert page.status_code < 500, path
        assert [mark for mark in MORE_OF_IT if mark in page.text] == [], path
        if ITS_NAME in page.text:
            told.add(endpoint)
    assert "tie_question.show" in told
    assert told <= PORTAL["the school is named, and no more"]


def test_once_it_said_yes_the_home_page_does(portal, database, claimed):
    set_state(database, claimed, TieState.CONFIRMED)
    family = Family(portal)
    family.log_in("mere.ailleurs", PASSWORD)
    home = family.get("/").text
    for mark in ("Lien Zarzuela", "https://exemple.fr", "6Zar", "SECRETE-LAGARDE"):
        assert mark in home


def test_nothing_that_anybody_asked_changed_the_accounts(app, database, worker, claimed):
    def picture():
        with database.reading() as session:
            return [
                {column.name: getattr(session.get_one(Account, one), column.name) for column in Account.__table__.c}
                for one in claimed.accounts
            ]

    before = picture()
    walk(app, worker("delegate"), claimed)
    assert picture() == before
