"""« Académie → Journal de l'académie »: what is of no establishment, and nothing that concerns an account (R27)."""

import csv
import io

import pytest
from sqlalchemy import select, text

from shared import clock
from shared.acting.desk import Act
from shared.journal import SYSTEM, Actor
from shared.models.journal import IN_SCHOOLS, OF_ACADEMY, ActorKind, JournalEvent
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from tests.admin.browser import words

PAGE = "/academie/journal/"


@pytest.fixture
def events(database, academy, school_a, school_b):
    """What happened: in no school, in schools, to accounts, by the académie and by others."""
    now = clock.now()
    with database.writing() as session:
        role = select(StaffRole.staff_id).where(StaffRole.kind == StaffRoleKind.ACADEMY)
        ours = session.get_one(Staff, session.scalars(role).one())
        recteur, chef = Actor(ActorKind.STAFF, ours.name, ours.id), Actor(ActorKind.STAFF, "Chef Quindecim", 9_999)
        nobody = Actor(ActorKind.ANONYMOUS, "")
        for action, actor, where in (
            ("service_added", recteur, {"subject": "Cantine"}),
            ("openid_key_replaced", SYSTEM, {}),
            ("staff_login_refused", nobody, {"subject": "chef-b"}),
            ("login_refused", nobody, {}),
            ("login", Actor(ActorKind.ACCOUNT, "m.quindecim", 7), {"account_id": 7, "subject": "m.quindecim"}),
            ("establishment_corrected", recteur, {"establishment_id": school_b.id, "subject": school_b.uai}),
            ("welcome_message_changed", chef, {"establishment_id": school_b.id}),
            ("password_renewed", recteur, {"establishment_id": school_b.id, "account_id": 7, "subject": "m.quindecim"}),
            ("records_erased", SYSTEM, {"establishment_id": school_b.id}),
        ):
            Act(session, actor, now).record(action, **where)


def shown(browser, **asked) -> list[list[str]]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = browser.post(f"{PAGE}export/csv/?{query}")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))[1:]


def test_it_holds_what_is_of_no_school_and_of_no_account(academy, events):
    told = {(row[1], row[2]) for row in shown(academy)}

    assert {("Téléservice ajouté au catalogue", "Cantine")} <= told
    assert any("chef-b" in row[2] for row in shown(academy))
    assert not any("quindecim" in cell.lower() for row in shown(academy) for cell in row)
    assert all(row[-1] == "" for row in shown(academy))
    assert "Téléservice ajouté au catalogue" in words(academy.get(PAGE))


def test_what_the_academie_did_in_schools_is_asked_for_apart(academy, events, school_b):
    rows = shown(academy, etablissements=1)

    assert [row[-1] for row in rows if school_b.uai in row[2]] == [f"Collège Quindecim ({school_b.uai})"]
    # Neither what the school did itself, nor what concerns an account, whoever did it.
    assert not any("Chef Quindecim" in row or "m.quindecim" in row for row in rows)
    assert "Collège Quindecim" in words(academy.get(PAGE, etablissements=1))


def test_it_is_narrowed_and_opens_for_the_academie_alone(academy, head, events):
    assert [row[2] for row in shown(academy, quoi="service_added")] == ["Cantine"]
    assert shown(academy, sur="CAN") == shown(academy, quoi="service_added")
    assert head.get(PAGE).status_code == 403
    assert head.post(f"{PAGE}export/csv/").status_code == 403
    assert "Journal de l'académie" in words(academy.get("/"))
    assert "Journal de l'académie" not in words(head.get("/"))


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("rows", "index"), [(OF_ACADEMY, "ix_journal_event_of_academy"), (IN_SCHOOLS, "ix_journal_event_in_schools")]
)
def test_both_are_found_by_an_index(database, database_url, rows, index):
    """Of a journal whose other events are millions; the question is asked in the words of the index."""
    wanted = select(JournalEvent.id).where(rows)
    wanted = wanted.where(JournalEvent.actor_id == 3) if rows is IN_SCHOOLS else wanted
    with database.reading() as session:
        is_postgresql = database_url.startswith("postgresql")
        if is_postgresql:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        page = wanted.order_by(JournalEvent.id.desc()).limit(51)
        said = str(page.compile(session.connection(), compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN" if is_postgresql else "EXPLAIN QUERY PLAN"
        plan = "\n".join(" ".join(map(str, row)) for row in session.execute(text(f"{explain} {said}")))
    assert index in plan
