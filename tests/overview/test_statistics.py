"""R26: counts of one establishment, on rows that a plain loop counts as well."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.establishments.codes.levels import Level, level_of
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.notifications import Channel, DeliveryState, Mode, Notification
from shared.models.school import Establishment
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.overview.periods import last_months, last_weeks
from shared.overview.statistics import (
    accounts_over_time,
    group_accounts,
    notifications_by_channel,
    notified_over_time,
)
from tests.factories import (
    NOW,
    TODAY,
    at_desk,
    link,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_student,
)

ACTIVE, WAITING = AccountState.ACTIVE, AccountState.NOT_NOTIFIED


@pytest.fixture
def school(session: Session, sealer: Sealer) -> Establishment:
    """Two divisions; Marie has a child in each (Légal 1, then 2), Paul one in 6A; Ève's child left."""
    school, other = make_establishment(session), make_establishment(session, "9740002B")
    first, second = make_division(session, school, "6A"), make_division(session, school, "5B")
    lea, tom = make_student(session, school, first), make_student(session, school, second, first_name="Tom")
    gone = make_student(session, school, first, first_name="Parti", left_on=TODAY - timedelta(days=3))
    marie = make_guardian(session, school, lea, email="marie@example.org")
    link(session, tom, marie, 2)
    make_account(session, "m.payet", marie, state=WAITING, sealer=sealer)
    make_account(session, "p.payet", make_guardian(session, school, lea, first_name="Paul", legal_rank=2))
    make_account(session, "e.payet", make_guardian(session, school, gone, first_name="Ève"))
    make_account(session, "l.payet", lea)
    make_guardian(session, school, tom, first_name="Oncle", legal_rank=None)
    elsewhere = make_student(session, other, make_division(session, other, "6A"))
    make_account(session, "x.hoarau", make_guardian(session, other, elsewhere))
    return school


def test_accounts_count_once_in_each_division_with_a_present_child(session: Session, school: Establishment) -> None:
    counts = group_accounts(session, school.id, GUARDIANS, TODAY).by_division

    assert counts == {"5B": {WAITING: 1}, "6A": {WAITING: 1, ACTIVE: 1}}
    assert list(counts) == ["5B", "6A"]
    assert group_accounts(session, school.id, STUDENTS, TODAY).by_division == {"6A": {ACTIVE: 1}}


def test_accounts_count_once_in_each_level(session: Session, school: Establishment) -> None:
    """Two divisions of one level are one line, in the order of levels."""
    other = make_division(session, school, "6B")
    twins = [make_student(session, school, division, first_name="Ana") for division in (other, None)]
    make_account(session, "j.payet", make_guardian(session, school, *twins, first_name="Jean"))

    levels = group_accounts(session, school.id, GUARDIANS, TODAY).by_level
    assert levels == {
        Level.SIXTH: {WAITING: 1, ACTIVE: 2},
        Level.FIFTH: {WAITING: 1},
        Level.OTHER: {ACTIVE: 1},
    }
    assert list(levels) == [Level.SIXTH, Level.FIFTH, Level.OTHER]


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("6Z", Level.SIXTH),
        ("601", Level.SIXTH),
        (" 5 B", Level.FIFTH),
        ("3PREPA", Level.THIRD),
        ("2GT1", Level.SECOND),
        ("1STMG", Level.FIRST),
        ("tg2", Level.LAST),
        ("CAP1", Level.OTHER),
        ("", Level.OTHER),
        ("²A", Level.OTHER),
    ],
)
def test_a_code_says_its_level_here_as_in_the_database(
    session: Session, school: Establishment, code: str, level: Level
) -> None:
    assert level_of(code) is level
    if code:
        student = make_student(session, school, make_division(session, school, code), first_name="Ana")
        make_account(session, "a.payet", student)
        before = group_accounts(session, school.id, STUDENTS, TODAY).by_level
        assert before[level] == {ACTIVE: 2 if level is Level.SIXTH else 1}


def test_accounts_count_under_each_of_their_legal_ranks(session: Session, school: Establishment) -> None:
    assert group_accounts(session, school.id, GUARDIANS, TODAY).by_rank == {1: {WAITING: 1}, 2: {WAITING: 1, ACTIVE: 1}}
    assert group_accounts(session, school.id, STUDENTS, TODAY).by_rank == {}


def test_a_guardian_of_two_children_in_one_division_counts_once(session: Session, school: Establishment) -> None:
    division = make_division(session, school, "4C")
    twins = [make_student(session, school, division, first_name=name) for name in ("Ana", "Eva")]
    make_account(session, "j.payet", make_guardian(session, school, *twins, first_name="Jean"))

    assert group_accounts(session, school.id, GUARDIANS, TODAY).by_division["4C"] == {ACTIVE: 1}


def test_steps_count_in_their_period_from_its_first_instant(session: Session, school: Establishment) -> None:
    limits = [NOW - timedelta(days=30), NOW, NOW + timedelta(days=30)]

    # Paul and Ève were activated at NOW exactly.
    assert accounts_over_time(session, school.id, GUARDIANS, [Account.activated_at], limits) == [[0, 2]]
    assert accounts_over_time(session, school.id, STUDENTS, [Account.activated_at], limits) == [[0, 1]]


def test_notifications_count_by_mode_and_outcome(session: Session, school: Establishment) -> None:
    desk = at_desk(session, school.id, actor=COMMAND)
    mails = launch(desk, Criteria(), Mode.MAIL, request_key="mails")
    launch(desk, Criteria(), Mode.PAPER, request_key="letters")
    mail = session.query(Notification).filter_by(campaign_id=mails.id).order_by(Notification.id).first()
    mail.delivery, mail.settled_at = DeliveryState.SENT, NOW
    session.flush()

    counts = notifications_by_channel(session, school.id, AccountKind.GUARDIAN)
    assert counts == {
        Channel.MAIL: {DeliveryState.SENT: 1, DeliveryState.TO_SEND: 1},
        Channel.PAPER: {DeliveryState.TO_SEND: 2},
    }
    assert notifications_by_channel(session, school.id, AccountKind.STUDENT) == {}
    limits = [NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)]
    assert notified_over_time(session, school.id, AccountKind.GUARDIAN, limits) == {Channel.MAIL: [0, 1]}


def test_months_and_weeks_end_with_that_of_today() -> None:
    wednesday = date(2026, 3, 4)

    assert last_months(wednesday, 2) == [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]
    assert last_weeks(wednesday, 2) == [date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9)]
