"""Whatever is typed in any form or address of the portal, nothing breaks down."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared.database import Database
from shared.models.accounts import AccountState, LinkPurpose
from shared.models.school import Student
from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.fuzzing import Dice, attack_at_random, attack_every_route, attack_for_long, routes
from tests.portal.browser import Browser
from tests.portal.conftest import Directory


class Fuzzer(Browser):
    def fetch(self, path: str, query: dict[str, str]) -> TestResponse:
        return self.get(path, query_string=query)

    def send(self, path: str, fields: dict[str, Any]) -> TestResponse:
        return self.post(path, **fields)


@pytest.fixture
def fuzzers(family: None, portal: Flask, directory: Directory) -> list[Fuzzer]:
    """Marie, at home; herself, who must change her password; Paul, before step 1, then before step 2; a stranger."""
    portal.testing, portal.config["PROPAGATE_EXCEPTIONS"] = False, False
    marie, again, paul, stranger = (Fuzzer(portal, f"198.51.100.{number}") for number in range(4))
    marie.log_in("m.payet", PASSWORD)
    again.log_in("m.payet1", PASSWORD)
    directory.change("m.payet1", must_change_password=True)
    paul.log_in("p.hoarau", INITIAL_PASSWORD)
    return [marie, again, paul, stranger]


@pytest.fixture
def known(fuzzers: list[Fuzzer], directory: Directory, database: Database) -> dict[str, Any]:
    fuzzers[-1].post("/mot-de-passe-oublie", email="m.payet@example.org")
    token = directory.mailed_path(LinkPurpose.PASSWORD_RESET).rpartition("/")[2]
    with database.reading() as session:
        return {
            "registration_id": 1,
            "token": token,
            "student_id": session.scalars(select(Student.id).order_by(Student.id)).first(),
        }


def test_each_route_of_the_portal_stands_every_nasty_value(
    portal: Flask, fuzzers: list[Fuzzer], known: dict[str, Any], directory: Directory
) -> None:
    broken = [attack_every_route(portal, browser, known) for browser in fuzzers]
    email = {"email": "paul@example.org", "email_verified_at": None}
    directory.change("p.hoarau", state=AccountState.ACTIVATING, initial_password=None, password_hash="x", **email)
    broken.append(attack_every_route(portal, fuzzers[2], known))
    assert [what for each in broken for what in each] == []


def test_no_parameter_and_no_form_breaks_the_portal(
    portal: Flask, fuzzers: list[Fuzzer], known: dict[str, Any]
) -> None:
    every = routes(portal)

    def attack(seed: int) -> None:
        dice = Dice(seed)
        attack_at_random(dice, portal, every, dice.random.choice(fuzzers), known)

    attack_for_long(attack)
