"""The two applications share a database and a secret, and still never take each other's visitors for their own."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from admin_app import create_app as create_admin
from parent_portal import create_app as create_portal
from shared.config import Settings
from shared.database import Database
from tests.factories import PASSWORD, make_account, make_establishment, make_guardian, make_staff, make_student


@pytest.fixture
def applications(settings: Settings, database: Database) -> tuple[Flask, Flask]:
    """The back office and the portal of one installation, where number 1 is somebody in each."""
    with database.writing() as session:
        school = make_establishment(session)
        make_staff(session, "chef", school)
        make_account(session, "m.payet", make_guardian(session, school, make_student(session, school)))
    return create_admin(settings, database), create_portal(settings, database)


def log_in(client: FlaskClient, path: str, name: str, login: str) -> str:
    """Log in, and return the value of the session cookie."""
    form = client.get(path).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token
    answer = client.post(path, data={name: login, "password": PASSWORD, "csrf_token": token[1]})
    assert answer.status_code in {302, 303}
    return answer.headers["Set-Cookie"].partition(";")[0]


def test_a_cookie_of_one_opens_nothing_in_the_other(applications: tuple[Flask, Flask]) -> None:
    admin, portal = (application.test_client() for application in applications)
    of_staff = log_in(admin, "/connexion/", "login", "chef")
    of_parent = log_in(portal, "/connexion", "identifier", "m.payet")
    names = [cookie.partition("=")[0] for cookie in (of_staff, of_parent)]
    assert names == ["administration", "portail"]
    values = [cookie.partition("=")[2] for cookie in (of_staff, of_parent)]
    for application, name, value in zip(applications, names, reversed(values), strict=True):
        stranger = application.test_client()
        stranger.set_cookie(name, value)
        assert stranger.get("/").status_code in {302, 303}


def test_a_parent_is_no_member_of_staff_nor_the_other_way_round(applications: tuple[Flask, Flask]) -> None:
    for application, path, name, login in (
        (applications[0], "/connexion/", "login", "m.payet"),
        (applications[1], "/connexion", "identifier", "chef"),
    ):
        client = application.test_client()
        form = client.get(path).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token
        answer = client.post(path, data={name: login, "password": PASSWORD, "csrf_token": token[1]})
        assert answer.status_code == 422 or "n'est pas" in answer.text
        assert client.get("/").status_code in {302, 303}


def test_behind_one_port_whoever_logs_in_finds_the_page_that_was_asked_for(applications: tuple[Flask, Flask]) -> None:
    admin, portal = applications
    client = Client(DispatcherMiddleware(portal, {"/administration": admin}))
    wanted = "/administration/responsables/comptes/?q=payet"
    sent = client.get(wanted)
    assert sent.location == "/administration/connexion/"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(sent.location).text)
    assert token
    answer = client.post(sent.location, data={"login": "chef", "password": PASSWORD, "csrf_token": token[1]})
    assert answer.location == wanted
    assert client.get(wanted).status_code == 200


def test_and_every_address_on_its_pages_stays_in_its_folder(applications: tuple[Flask, Flask]) -> None:
    admin, portal = applications
    client = Client(DispatcherMiddleware(portal, {"/administration": admin}))
    form = client.get("/administration/connexion/").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token
    fields = {"login": "chef", "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/administration/connexion/", data=fields).location == "/administration/"
    refused = {"csrf_token": token[1], "current": "faux", "new": "un", "again": "un"}
    for page in (client.get("/administration/"), client.post("/administration/mot-de-passe/", data=refused)):
        addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
        assert addresses
        assert [address for address in addresses if not address.startswith("/administration/")] == []
