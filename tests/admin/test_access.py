"""Every route, as every kind of person: nobody opens what is not theirs, and no school sees another."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from werkzeug.routing import Rule

from admin_app.access import FILES, Need, need_of
from shared.models.school import Establishment
from shared.models.staff import StaffRole, Tab
from tests.admin.browser import Browser, words
from tests.factories import make_staff

WELL_KNOWN = {"security_contact.index", "security_contact.contact", "security_contact.change_password"}
OF_PROVIDERS = {
    "sign_on.leave",
    "sign_on.back",
    "sign_on.front",
    "signed_out.end",
    "saml.metadata",
    "saml.arrive",
    "saml.go_on",
}
"""These speak to whoever is not logged in yet, and to providers."""
OPEN_TO_ALL = {"login.index", "login.submit", "login_code.submit", *OF_PROVIDERS, *WELL_KNOWN, *FILES}
LEAVES = {"logout.index", "password.change"}
"""These log out whoever asks."""
OF_A_LINK = {"own_account.link", "own_account.confirm"}
"""Refused without the link that was mailed."""
FOR_NOBODY_LOGGED_IN = {
    "login.index",
    "login_code.index",
    "sign_on.index",
    "saml.index",
    "saml.metadata",
    "sign_on.back",
    "sign_on.front",
    "signed_out.index",
}
LEADS_ELSEWHERE = {
    *("guardian_account.index", "security_contact.index", "security_contact.change_password"),
    # Where no ENT is connected.
    "services.confirm_ent",
}
LISTS_SCHOOLS = {"schools.index", "academy_schools.index", "academy_figures.index", "claims.index"}
OF_THE_ACADEMY = {Need.ACADEMY, Need.HELP_DESK}
OPENS_FOR_HELP_DESK = {
    *("help_desk.index", "help_desk.card", "help_desk.unblock", "help_desk.resend"),
    *("schools.index", "help.index", "help.show", "news.index", "news.all", "news.read"),
    *("own_account.index", "own_account.ask", "own_account.withdraw", *OF_A_LINK),
    *("password.index", "second_factor.index", "second_factor.begin", "second_factor.confirm"),
    *("second_factor.remove", "second_factor.renew_codes", "ways_in.index", "ways_in.join", "invitations.index"),
}
"""What the help desk opens, beside what anybody does: its own pages, and those of one's own login."""


def routes(app):
    """Every address of the back office with every method that it answers."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        if rule.endpoint not in FILES
    ]


def address(rule: Rule, school) -> str:
    """The address of a page about rows of `school`."""
    students = rule.endpoint.startswith("student_")
    values = {
        "fiche_id": school.student_fiche_id if students else school.fiche_id,
        "campaign_id": school.student_campaign_id if students else school.campaign_id,
        "staged_id": school.student_staged_id if students else school.staged_id,
        "code": "notifier",
        "topic": "notifier",
        "merge_id": school.merge_id,
        "link_id": school.link_id,
        "ent_id": school.ent_id,
        "upload_id": school.upload_id,
        "notification_id": school.notification_id,
        "service_id": school.service_id,
        "report_id": school.report_id,
        "change_id": school.change_id,
        "run_id": school.run_id,
        "school": school.id,
        "role_id": school.helper_id if rule.endpoint.endswith("_helper") else school.delegation_id,
        "area": "responsables",
        "change": "mot-de-passe",
        "other_id": school.pair_ids[1],
        "fusion_id": school.fusion_id,
        "lot_id": school.lot_id,
        "decision_id": school.decision_id,
        "tie_id": school.tie_id,
        "sort": "warnings",
        "provider_id": school.provider_id,
        "registration_id": school.registration_id,
        "ent_service_id": school.ent_service_id,
        "identity_id": 1,
        "token": "0123",
        "number": 1,
        "export_type": "csv",
        "row_id": school.ent_id if rule.endpoint.startswith("ent_links") else school.service_id,
    }
    if "merge_id" in rule.arguments:
        values["fiche_id"] = school.active_id
    if "other_id" in rule.arguments:
        values["fiche_id"] = school.pair_ids[0]
    return rule.build({name: values[name] for name in rule.arguments})[1]


def ask(browser: Browser, rule: Rule, method: str, school):
    path = address(rule, school)
    return browser.get(path) if method == "GET" else browser.post(path)


def text_of(response):
    if response.content_type != "application/pdf":
        return response.text
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages)


def shows_only_its_own(response, other):
    return not any(mark in text_of(response) for mark in other.marks)


def test_every_endpoint_says_what_opens_it(app):
    undeclared = [rule.endpoint for rule in app.url_map.iter_rules() if need_of(app, rule.endpoint) is None]

    assert undeclared == []


def test_an_endpoint_that_says_nothing_opens_for_nobody(app, head):
    app.extensions["needs"].pop("journal")

    assert head.get("/journal/").status_code == 404


def test_a_stranger_is_sent_to_log_in_from_every_page(app, school_a):
    for rule, method in routes(app):
        browser = Browser(app)
        response = ask(browser, rule, method, school_a)
        if rule.endpoint in OPEN_TO_ALL:
            continue
        assert response.status_code == 303, (rule, method)
        assert response.location == "/connexion/", (rule, method)


@pytest.mark.parametrize("person", ["head", "academy"])
def test_every_page_of_the_school_one_works_in_opens(app, request, school_a, person):
    browser = request.getfixturevalue(person)
    for rule, method in routes(app):
        # Students have no merges.
        if method == "GET" and rule.endpoint not in {
            "student_account.ask_undo",
            "student_account.index",
            *FOR_NOBODY_LOGGED_IN,
            *OF_A_LINK,
        }:
            if person == "head" and need_of(app, rule.endpoint) in OF_THE_ACADEMY:
                continue
            response = ask(browser, rule, method, school_a)
            assert response.status_code == (303 if rule.endpoint in LEADS_ELSEWHERE else 200), rule


def test_nothing_of_another_school_is_found(app, browse, school_a, school_b):
    """The head of the second school asks for the rows of the first, by every route and method."""
    stranger = browse(school_b.login)
    for rule, method in routes(app):
        if rule.endpoint in LEAVES:
            continue
        response = ask(stranger, rule, method, school_a)
        if need_of(app, rule.endpoint) in OF_THE_ACADEMY:
            assert response.status_code == 403, (rule, method)
        elif rule.arguments - {"service_id", "topic", "export_type", "provider_id", "token"}:
            assert response.status_code == 404, (rule, method)
        assert response.status_code < 500, (rule, method)
        assert shows_only_its_own(response, school_a), (rule, method)


def test_the_pages_of_one_school_never_name_another(app, head, academy, school_a, school_b):
    for browser in (head, academy):
        for rule, method in routes(app):
            if method == "GET" and rule.endpoint not in LISTS_SCHOOLS:
                assert shows_only_its_own(ask(browser, rule, method, school_a), school_b), rule


@pytest.mark.parametrize("tab", list(Tab))
def test_a_delegate_opens_the_delegated_tab_only(app, delegate, school_a, tab):
    browser = delegate(tab.value)
    for rule, method in routes(app):
        need = need_of(app, rule.endpoint)
        if rule.endpoint in LEAVES:
            continue
        response = ask(browser, rule, method, school_a)
        is_closed = need is Need.ACCOUNTS and tab not in {Tab.GUARDIANS, Tab.STUDENTS}
        if is_closed or need in {Need.HEAD, *OF_THE_ACADEMY} or (isinstance(need, Tab) and need is not tab):
            assert response.status_code == 403, (rule, method)
        else:
            assert response.status_code != 403, (rule, method)


@pytest.mark.parametrize("everywhere", [True, False])
def test_the_help_desk_opens_its_own_pages_and_nothing_else(app, help_desk, school_a, everywhere):
    browser = help_desk() if everywhere else help_desk(school_a.id)
    opened = set()
    for rule, method in routes(app):
        if rule.endpoint in LEAVES or rule.endpoint in OPEN_TO_ALL or rule.endpoint in FOR_NOBODY_LOGGED_IN:
            continue
        response = ask(browser, rule, method, school_a)
        is_sent_away = response.status_code == 303 and response.location in {"/etablissements/", "/assistance/"}
        if response.status_code not in {403, 404} and (not is_sent_away or rule.endpoint in OPENS_FOR_HELP_DESK):
            opened.add(rule.endpoint)
    assert opened <= OPENS_FOR_HELP_DESK


def test_the_help_desk_cannot_choose_a_school_to_work_in(help_desk, school_a):
    browser = help_desk(school_a.id)

    assert browser.choose(school_a.id).status_code == 404
    assert browser.get("/").location == "/assistance/"
    assert "Aucun établissement ne vous est ouvert" in words(browser.get("/etablissements/"))


def test_the_menu_of_a_delegate_shows_the_delegated_tab_only(delegate):
    page = words(delegate("settings").get("/"))

    assert "Message d'accueil" in page
    assert "Notifier en masse" not in page
    assert "Journal" not in page


def test_the_campaigns_of_guardians_are_closed_to_a_delegate_for_students(delegate, school_a):
    browser = delegate("students")

    assert browser.get(f"/eleves/notifications/{school_a.campaign_id}/").status_code == 404
    assert browser.get(f"/eleves/notifications/{school_a.student_campaign_id}/").status_code == 200


def test_a_delegation_that_ended_opens_nothing(database, delegate, school_a):
    browser = delegate("settings", ends_in=timedelta(days=3))
    assert browser.get("/parametrage/liens/").status_code == 200
    with database.writing() as session:
        for role in session.query(StaffRole).filter(StaffRole.ends_on.is_not(None)):
            role.ends_on = role.ends_on - timedelta(days=10)

    assert browser.get("/parametrage/liens/").status_code == 404
    assert "Aucun établissement ne vous est ouvert" in words(browser.get("/etablissements/"))


def test_a_school_without_a_role_cannot_be_chosen(browse, school_a, school_b):
    browser = browse(school_b.login)

    assert browser.choose(school_a.id).status_code == 404
    assert "Zarzuela" not in browser.get("/").text


def test_a_form_of_another_school_does_nothing(academy, school_a, school_b):
    """The administrator opened the form in the first school, then chose the second in another tab."""
    stale = {"etablissement": school_a.id, "libelle": "Cantine", "adresse": "https://exemple.fr"}
    academy.choose(school_b.id)

    response = academy.post("/parametrage/liens/", stale)

    assert response.status_code == 409
    assert "autre établissement" in words(response)
    assert "Cantine" not in academy.get("/parametrage/liens/").text


def test_the_academy_finds_schools_by_name_and_by_uai(academy, school_a, school_b):
    first, second = (f'name="choix" value="{school.id}"' for school in (school_a, school_b))
    for searched in ("quinde", "9740002"):
        page = academy.get("/etablissements/", q=searched).text
        assert second in page
        assert first not in page


def test_a_delegate_of_two_schools_chooses(app, database, browse, school_a, school_b):
    with database.writing() as session:
        staff = make_staff(session, "deux", session.get_one(Establishment, school_a.id), tabs=("settings",))
        session.add(StaffRole(staff_id=staff.id, kind="head", establishment_id=school_b.id, tabs=[]))
    browser = browse("deux")

    assert browser.get("/").location == "/etablissements/"
    browser.choose(school_b.id)
    assert "Collège Quindecim" in browser.get("/").text
