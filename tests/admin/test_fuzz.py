"""Whatever is typed in any form or address of the back office, nothing breaks down."""

import pytest

from tests.admin.browser import Browser
from tests.fuzzing import Dice, attack_at_random, attack_every_route, attack_for_long, routes


class Fuzzer:
    """A browser of somebody who comes back, whatever became of the login."""

    def __init__(self, browser):
        self.browser = browser

    def fetch(self, path, query):
        return self.browser.get(path, **query)

    def send(self, path, fields):
        return self.browser.post(path, fields)


@pytest.fixture
def fuzzers(app, head, academy):
    """The head of a school, an administrator of the académie, a stranger."""
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    return [Fuzzer(browser) for browser in (head, academy, Browser(app))]


@pytest.fixture
def known(school_a):
    rows = {name: value for name, value in vars(school_a).items() if name.endswith("_id")}
    return {
        **rows,
        "other_id": school_a.pair_ids[1],
        "school": school_a.id,
        "topic": "notifier",
        "code": "notifier",
        "sort": "errors",
        "export_type": "csv",
        "row_id": school_a.service_id,
        "number": 1,
        "change": "mot-de-passe",
        "identity_id": 1,
    }


def test_each_route_of_the_back_office_stands_every_nasty_value(app, fuzzers, known):
    broken = [attack_every_route(app, browser, known) for browser in fuzzers]
    assert [what for each in broken for what in each] == []


def test_no_parameter_and_no_form_breaks_the_back_office(app, fuzzers, known):
    every = routes(app)

    def attack(seed):
        dice = Dice(seed)
        attack_at_random(dice, app, every, dice.random.choice(fuzzers), known)

    attack_for_long(attack)
