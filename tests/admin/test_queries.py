"""No page runs a query per row: as many with three hundred families as with ten."""

import pytest

from shared import clock
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.journal import COMMAND
from shared.models.accounts import AccountState
from shared.models.notifications import Mode
from shared.models.school import Division, Establishment
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from tests.factories import at_desk, make_account, make_guardian, make_student
from tests.statements import sent

pytestmark = pytest.mark.both_databases


def add_families(database, sealer, school, numbers):
    with database.writing() as session:
        establishment = session.get_one(Establishment, school.id)
        division = session.query(Division).filter_by(establishment_id=school.id).first()
        for number in numbers:
            student = make_student(session, establishment, division, f"NOM{number}")
            # Two fiches of one name: a duplicate each time.
            twin = make_guardian(session, establishment, student, last_name=f"NOM{number}", legal_rank=2)
            guardian = make_guardian(session, establishment, student, last_name=f"NOM{number}", email="a@exemple.fr")
            make_account(session, f"t.{number}", twin, state=AccountState.NOT_NOTIFIED, sealer=sealer)
            make_account(session, f"m.{number}", guardian)
        now = clock.now()
        refresh_pairs(session, school.id, now)
        desk = at_desk(session, school.id, now=now, actor=COMMAND)
        return launch(desk, Criteria(), Mode.BOTH, request_key=f"n{numbers[0]}").id


PAGES = [
    "/",
    "/responsables/comptes/",
    "/responsables/comptes/?q=nom",
    "/recherche/?q=nom",
    "/recherche/?q=zarzuelo",
    "/recherche/suggestions?q=nom+lea",
    "/responsables/comptes/?division=6Zar",
    "/responsables/notifier/?vu=1&mode=both",
    "/responsables/notifier/?vu=1&mode=both&aller=confirmer",
    "/responsables/notifications/",
    "/responsables/notifications/{campaign}/",
    "/responsables/generer/",
    "/base/doublons/",
    "/base/doublons/par-nom/?q=nom",
    "/journal/?tout=1",
    "/eleves/comptes/",
]


def queries_of_pages(head, database, campaign):
    counts = {}
    for page in PAGES:
        with sent(database) as statements:
            assert head.get(page.format(campaign=campaign)).status_code == 200
        counts[page] = len(statements)
    return counts


def test_pages_run_as_many_queries_with_300_families_as_with_10(head, database, sealer, school_a):
    few = queries_of_pages(head, database, add_families(database, sealer, school_a, range(10)))
    many = queries_of_pages(head, database, add_families(database, sealer, school_a, range(10, 310)))

    assert many == few
    assert max(many.values()) <= 26
