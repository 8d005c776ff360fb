"""« Journal »: found by event, person, subject and date, and taken away as a file (R27)."""

import csv
import io
from datetime import timedelta

import pytest

from shared import clock
from shared.acting.desk import Act
from shared.journal import Actor
from shared.models.journal import ActorKind
from tests.admin.browser import words
from tests.admin.test_queries import add_families

JOURNAL = "/journal/"


@pytest.fixture
def events(database, settings, school_a, school_b):
    """Old and new events of two people, in two schools."""
    now = clock.now()
    anne, bea = (
        Actor(ActorKind.STAFF, name, number) for number, name in enumerate(("Anne Bahr", "Béa 100%"), start=90)
    )
    with database.writing() as session:
        for school, actor, action, subject, age in (
            (school_a, anne, "welcome_message_changed", "", 40),
            (school_a, anne, "link_added", "Cantine", 2),
            (school_a, bea, "account_disabled", "m.zarzuela", 1),
            (school_a, bea, "account_disabled", "p.zarzuela", 1),
            (school_b, anne, "account_disabled", "m.quindecim", 1),
        ):
            Act(session, actor, now - timedelta(days=age)).record(action, establishment_id=school.id, subject=subject)
    return clock.local_date(now, settings.time_zone)


def shown(browser, **filters) -> list[list[str]]:
    response = browser.post(JOURNAL, {**filters, "format": "csv"})
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))[1:]


def test_the_journal_is_narrowed_by_what_who_and_on_what(head, events):
    assert {row[2] for row in shown(head, quoi="account_disabled")} == {"m.zarzuela", "p.zarzuela"}
    assert {row[1] for row in shown(head, qui="anne")} == {"Message d'accueil modifié", "Lien utile ajouté"}
    assert {row[2] for row in shown(head, qui="100%")} == {"m.zarzuela", "p.zarzuela"}
    assert shown(head, qui="%") == shown(head, qui="100%")
    assert "Compte désactivé" in {row[1] for row in shown(head, sur="M.ZAR")}


def test_the_journal_is_narrowed_by_days_both_included(head, events):
    two_days_ago = (events - timedelta(days=2)).isoformat()

    rows = shown(head, qui="anne", du=two_days_ago, au=two_days_ago)
    assert [row[1] for row in rows] == ["Lien utile ajouté"]
    assert [row[1] for row in shown(head, qui="anne", au=(events - timedelta(days=3)).isoformat())] == [
        "Message d'accueil modifié"
    ]


def test_the_file_holds_what_the_page_shows(head, events):
    page = words(head.get(JOURNAL, quoi="account_disabled", qui="béa"))

    for row in shown(head, quoi="account_disabled", qui="béa"):
        assert row[2] in page
    assert "Lien utile ajouté" not in page.replace("Lien utile ajouté", "", 1)
    assert "Aucun événement ne correspond" in words(head.get(JOURNAL, qui="personne"))


def test_pages_of_a_filtered_journal_keep_the_filter(head, database, sealer, school_a):
    add_families(database, sealer, school_a, range(60))
    page = head.get(JOURNAL, quoi="campaign_launched", tout=1)
    assert "quoi=campaign_launched&amp;tout=1" in page.text or "Suivant" not in words(page)
    assert "quoi=link_added" not in page.text


@pytest.mark.parametrize(
    "nonsense",
    [{"du": "hier"}, {"au": "9999-12-31"}, {"du": "0001-01-01"}, {"quoi": "rien"}, {"avant": "x"}, {"sur": "\x00"[:0]}],
)
def test_filters_that_make_no_sense_are_passed_over(head, nonsense):
    assert head.get(JOURNAL, **nonsense).status_code == 200


def test_another_school_is_never_in_it(head, events, school_b):
    rows = repr(shown(head, tout="1"))

    assert not any(mark in rows for mark in school_b.marks)
