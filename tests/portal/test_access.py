"""Every route of the portal, asked for by every kind of visitor: a new route must be added here to pass."""

from collections.abc import Callable

import pytest
from flask import Flask

from parent_portal import access
from shared.models.accounts import AccountState
from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.portal.browser import Browser
from tests.portal.conftest import Directory, logged_in

ALL = {"stranger", "not_yet_come", "activating", "must_change", "active"}
OPENS_FOR = {
    "static": ALL,
    "site.robots": ALL,
    "site.security": ALL,
    "site.change_password": ALL,
    "site.theme": ALL,
    "legal.accessibility": ALL,
    "legal.data": ALL,
    "legal.mentions": ALL,
    "language.choose": ALL,
    "login.show": {"stranger"},
    "login.submit": {"stranger"},
    "login.log_out": ALL,
    "first_login.show": {"not_yet_come"},
    "first_login.submit": {"not_yet_come"},
    "activation.wait": {"activating"},
    "activation.resend": {"activating"},
    "activation.correct": {"activating"},
    "activation.show_link": ALL,
    "activation.confirm": ALL,
    "forgotten.show": ALL,
    "forgotten.ask": ALL,
    "forgotten.show_link": ALL,
    "forgotten.choose": ALL,
    "without_letter.show": {"stranger"},
    "without_letter.ask": {"stranger"},
    "without_letter.show_link": ALL,
    "without_letter.prove": ALL,
    "without_letter.show_password": ALL,
    "without_letter.activate": ALL,
    "sms_code.show": {"stranger"},
    "sms_code.enter": {"stranger"},
    "email_change.show": {"active"},
    "email_change.ask": {"active"},
    "email_change.show_link": ALL,
    "email_change.confirm": ALL,
    "password_change.show": {"active", "must_change"},
    "password_change.submit": {"active", "must_change"},
    "home.show": {"active"},
    "account.show": {"active"},
    "account.log_out_everywhere": {"active"},
    "passkey_login.show": set(),
    "passkey_login.start": {"stranger"},
    "passkey_login.finish": {"stranger"},
    "passkeys.show": {"active"},
    "passkeys.start": {"active"},
    "passkeys.finish": {"active"},
    "passkeys.show_one": {"active"},
    "passkeys.rename": {"active"},
    "passkeys.remove": {"active"},
    "merging.show": {"active"},
    "merging.merge": {"active"},
    "tie_question.show": {"active"},
    "tie_question.answer": {"active"},
    "wrong_child.show": {"active"},
    "wrong_child.report": {"active"},
    "openid.configuration": ALL,
    "openid.keys": ALL,
    "openid.token": ALL,
    "openid.person": ALL,
    "authorization.ask": ALL,
    "authorization.ask_by_form": ALL,
    "authorization.go_on": set(),
    "authorization.answer": {"active"},
    "authorization.prove": set(),
    "authorization.prove_again": {"active"},
    "logout_asked.ask": ALL - {"stranger"},
    "logout_asked.ask_by_form": ALL,
    "logout_asked.confirm": ALL,
    "given.show": {"active"},
    "given.take_back": {"active"},
    "ent.metadata": ALL,
    "ent.ask": ALL,
    "ent.go_on": set(),
    "ent.answer": {"active"},
    "ent_logout.ask": ALL,
    "ent_logout.confirm": ALL,
    "ent_given.take_back": {"active"},
    "sms_receipts.take": ALL,
    "account.own_data": {"active"},
    "account.download_own_data": {"active"},
}
OWN_PAGE = {
    "stranger": "/connexion",
    "not_yet_come": "/premiere-connexion",
    "activating": "/activation/attente",
    "must_change": "/compte/mot-de-passe",
    "active": "/",
}
# What an open page answers to an empty form or to a link that is none.
OPEN_ANSWERS = {"GET": {200, 404, 410}, "POST": {200, 303, 404, 410, 422}}
TO_SERVICES = {
    "site.change_password": {303},
    "openid.token": {400},
    "openid.person": {401},
    "authorization.ask": {400},
    "ent.ask": {400},
    "ent_logout.ask": {400},
    "ent_logout.confirm": {400},
}
"""What those who ask nothing are answered there."""
LAST = ["account.log_out_everywhere", "logout_asked.confirm", "login.log_out"]

Opener = Callable[[Flask, Directory], Browser]


def stranger(portal: Flask, _directory: Directory) -> Browser:
    return Browser(portal)


def not_yet_come(portal: Flask, _directory: Directory) -> Browser:
    return logged_in(portal, "p.hoarau", INITIAL_PASSWORD)


def not_notified(portal: Flask, directory: Directory) -> Browser:
    directory.change("p.hoarau", state=AccountState.NOT_NOTIFIED)
    return logged_in(portal, "p.hoarau", INITIAL_PASSWORD)


def activating(portal: Flask, directory: Directory) -> Browser:
    expires_on = directory.account("p.hoarau").expires_on
    directory.change("m.payet", state=AccountState.ACTIVATING, expires_on=expires_on)
    return logged_in(portal, "m.payet", PASSWORD)


def must_change(portal: Flask, directory: Directory) -> Browser:
    directory.change("m.payet", must_change_password=True)
    return logged_in(portal, "m.payet")


def active(portal: Flask, _directory: Directory) -> Browser:
    return logged_in(portal, "m.payet")


def disabled(portal: Flask, directory: Directory) -> Browser:
    browser = logged_in(portal, "m.payet")
    directory.change("m.payet", state=AccountState.DISABLED, disabled_from=AccountState.ACTIVE)
    return browser


def merged(portal: Flask, directory: Directory) -> Browser:
    browser = logged_in(portal, "m.payet")
    kept = directory.account("m.payet1").id
    directory.change("m.payet", state=AccountState.MERGED, merged_into_id=kept)
    return browser


KINDS: list[tuple[Opener, str]] = [
    (stranger, "stranger"),
    (not_yet_come, "not_yet_come"),
    (not_notified, "not_yet_come"),
    (activating, "activating"),
    (must_change, "must_change"),
    (active, "active"),
    (disabled, "stranger"),
    (merged, "stranger"),
]


LEADS_HOME = {"tie_question.show"}
"""Where nothing is asked."""


def routes(portal: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and an address of each route, those that end the session last."""
    values = {
        "token": "1-0123",
        "name": "theme.css",
        "student_id": 0,
        "tie_id": 0,
        "passkey_id": 0,
        "registration_id": 0,
        "filename": "portal.css",
    }
    found = []
    with portal.test_request_context():
        for rule in portal.url_map.iter_rules():
            path = portal.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            methods = (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
            found += [(rule.endpoint, method, path) for method in sorted(methods)]
    return sorted(found, key=lambda route: (LAST.index(route[0]) + 1 if route[0] in LAST else 0, route))


def test_every_route_is_in_the_table(portal: Flask) -> None:
    assert {endpoint for endpoint, _, _ in routes(portal)} == set(OPENS_FOR)


def test_a_page_that_says_nothing_opens_for_nobody(
    family: None, portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors = [Browser(portal), logged_in(portal, "m.payet")]
    doors = {endpoint: stages for endpoint, stages in access.DOORS.items() if endpoint != "account.show"}
    monkeypatch.setattr(access, "DOORS", doors)
    assert [visitor.get("/compte").status_code for visitor in visitors] == [404, 404]


@pytest.mark.parametrize(("kind", "stands_for"), KINDS, ids=[kind.__name__ for kind, _ in KINDS])
def test_each_route_opens_for_whom_it_should_and_for_nobody_else(
    family: None, portal: Flask, directory: Directory, kind: Opener, stands_for: str
) -> None:
    browser = kind(portal, directory)
    wrong = []
    for endpoint, method, path in routes(portal):
        answer = browser.get(path) if method == "GET" else browser.post(path)
        opened = answer.status_code in OPEN_ANSWERS[method] | TO_SERVICES.get(endpoint, set()) or (
            endpoint in LEADS_HOME and answer.headers.get("Location") == "/"
        )
        sent_away = answer.status_code == 303 and answer.headers["Location"] == OWN_PAGE[stands_for]
        as_it_should = opened if stands_for in OPENS_FOR[endpoint] else sent_away
        if not as_it_should:
            wrong.append(f"{method} {path}: {answer.status_code} {answer.headers.get('Location', '')}")
    assert wrong == []
