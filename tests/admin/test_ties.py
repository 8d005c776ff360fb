"""R4: every route of the back office, and what it may tell of an account that only a school's own file speaks of."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, update

from admin_app.views.people.account_actions import ACTIONS
from shared.accounts.ties.powers import MATRIX, Power, Role, allows, as_table
from shared.models.access.ties import AccountTie, TieState
from shared.models.notifications import Notification
from shared.models.school import Guardian, Student
from shared.notifications.content.notice import Notice, read_notices
from tests.admin.test_access import LEAVES, ask, routes
from tests.factories import TODAY
from tests.statements import sent

READS_ACCOUNTS = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO) account\b")


def declared(app, endpoint):
    """The powers that a view declares, by its endpoint."""
    place, _, view = endpoint.partition(".")
    return app.extensions["powers"].get(place, {}).get(view)


def test_every_endpoint_that_reads_or_changes_accounts_says_what_of_them(app, database, head, academy, school_a):
    undeclared = set()
    for browser in (head, academy):
        for rule, method in routes(app):
            if rule.endpoint in LEAVES:
                continue
            with sent(database) as seen:
                ask(browser, rule, method, school_a)
            if any(READS_ACCOUNTS.search(statement) for statement in seen) and not declared(app, rule.endpoint):
                undeclared.add(rule.endpoint)
    assert undeclared == set()


def set_tie(database, school, state):
    """What no rule would write while a fiche holds the account, so that the doors alone keep it shut."""
    with database.writing() as session:
        fiches = (session.get_one(Guardian, school.active_id), session.get_one(Student, school.student_fiche_id))
        for fiche in fiches:
            tie = session.scalars(
                select(AccountTie).where(
                    AccountTie.account_id == fiche.account_id, AccountTie.establishment_id == school.id
                )
            ).one()
            if state is None:
                session.delete(tie)
            else:
                tie.state, tie.confirmed_by = state, None
                tie.settled_at = None if state is TieState.PROPOSED else tie.made_at


def doors(school):
    """The card, every action, and the undoing of a merge: method, address."""
    for area, fiche_id in (("responsables", school.active_id), ("eleves", school.student_fiche_id)):
        card = f"/{area}/compte/{fiche_id}/"
        yield "GET", card
        for action in ACTIONS:
            yield "GET", f"{card}{action.code}/"
            yield "POST", f"{card}{action.code}/"
    for method in ("GET", "POST"):
        yield method, f"/responsables/compte/{school.active_id}/fusion/{school.merge_id}"


def answers(browser, school):
    return {
        (method, path): (browser.get(path) if method == "GET" else browser.post(path)).status_code
        for method, path in doors(school)
    }


@pytest.mark.parametrize("person", ["delegate", "head", "academy"])
@pytest.mark.parametrize("state", [None, TieState.PROPOSED, TieState.REFUSED])
def test_the_card_and_every_action_ask_the_tie_and_are_shut_to_everybody_without_one(
    request, database, school_a, person, state
):
    browser = request.getfixturevalue(person)
    if person == "delegate":
        browser = browser("guardians", "students")
    set_tie(database, school_a, state)
    assert {door: status for door, status in answers(browser, school_a).items() if status != 404} == {}


@pytest.mark.parametrize("person", ["delegate", "head", "academy"])
def test_they_open_to_everybody_with_a_confirmed_one(request, school_a, person):
    browser = request.getfixturevalue(person)
    if person == "delegate":
        browser = browser("guardians", "students")
    opened = answers(browser, school_a)
    assert {door: status for door, status in opened.items() if status in {403, 404}} == {}


def test_a_notification_launched_before_the_tie_was_lost_says_nothing(database, settings, sealer, school_a):
    with database.reading() as session:
        ids = session.scalars(select(Notification.id).where(Notification.establishment_id == school_a.id)).all()
        before = read_notices(session, ids, sealer, TODAY)
    with database.writing() as session:
        lost = {"state": TieState.REFUSED, "confirmed_by": None, "settled_at": AccountTie.made_at}
        session.execute(update(AccountTie).values(lost))
    with database.reading() as session:
        after = read_notices(session, ids, sealer, TODAY)
    assert any(isinstance(one, Notice) for one in before.values())
    assert not any(isinstance(one, Notice) for one in after.values())


def test_the_security_page_prints_the_matrix():
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
    assert as_table() in page


def test_what_the_matrix_does_not_name_is_allowed_to_nobody():
    for power in Power:
        for tie in (None, *TieState):
            for role in Role:
                assert allows(power, tie, role) == (role in MATRIX[power].get(tie, ()))
    with_power_of_its_own = {Power.SEE_PROPOSAL, Power.REMIND, Power.SEE_EVERY_TIE, Power.CONFIRM, Power.REFUSE}
    for tie in (None, TieState.PROPOSED, TieState.REFUSED):
        allowed = {power for power in Power for role in Role if allows(power, tie, role)}
        assert allowed <= with_power_of_its_own


def test_every_power_is_asked_by_some_view(app):
    named = {power for views in app.extensions["powers"].values() for powers in views.values() for power in powers}
    # The portal's home asks that one: `tests/portal/test_tie_question.py`.
    assert set(Power) - named == {Power.SHOW_ITS_OWN}
