"""R14: whoever treats duplicates is told once, by mail, of those that are new, and of nobody's name."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.database import Database
from shared.duplicates.fusion.undo import undo_fusion
from shared.duplicates.pairs.alert_settings import alert_of, set_alert
from shared.duplicates.pairs.announcements import announce_duplicates
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.duplicates.standing.decisions import not_a_duplicate, undo_not_a_duplicate
from shared.establishments.settings import SettingProblem, SettingRefused
from shared.journal import COMMAND
from shared.models.duplicates import AlertRecipient, DuplicatePair
from shared.models.journal import JournalEvent
from shared.models.notifications import DuplicatesMail
from shared.models.school import Establishment, Guardian
from shared.models.staff import StaffRoleKind, Tab
from shared.worker.daily import run_daily
from tests.duplicates.base import fuse, make_pair
from tests.factories import NOW, TODAY, at_desk, make_establishment, make_guardian, make_staff

HEAD = "chef@exemple.fr"
HOUR = timedelta(hours=1)


@pytest.fixture
def school(session: Session) -> Establishment:
    """A school with a head who can be written to, and one pair."""
    school = make_establishment(session)
    make_staff(session, "chef", school, email=HEAD)
    add_pair(session, school, "PAYET")
    return school


def add_pair(session: Session, school: Establishment, name: str) -> list[Guardian]:
    fiches = [make_guardian(session, school, last_name=name) for _ in range(2)]
    make_pair(session, fiches[0], fiches[1])
    return fiches


def announce(session: Session, school: Establishment, hours: int = 0) -> int:
    return announce_duplicates(session, school.id, now=NOW + hours * HOUR, today=TODAY)


def told(session: Session) -> list[str]:
    return list(session.scalars(select(DuplicatesMail.recipient).order_by(DuplicatesMail.recipient)))


def test_what_is_new_is_told_once_and_noted_in_the_journal(session: Session, school: Establishment) -> None:
    assert announce(session, school) == 1
    assert (announce(session, school, 1), told(session)) == (0, [HEAD])
    add_pair(session, school, "HOARAU")
    assert (announce(session, school, 2), told(session)) == (1, [HEAD, HEAD])
    event = session.scalars(select(JournalEvent).order_by(JournalEvent.id.desc()).limit(1)).one()
    assert (event.action, event.establishment_id) == ("duplicates_announced", school.id)
    assert event.details == {"count": 1, "recipients": 1}


def test_another_school_is_told_nothing(session: Session, school: Establishment) -> None:
    other = make_establishment(session, "9740002B")
    make_staff(session, "autre", other, email="autre@exemple.fr")
    announce(session, school)
    assert (announce(session, other), told(session)) == (0, [HEAD])


def test_whoever_may_treat_them_today_is_told_and_nobody_else(session: Session, school: Establishment) -> None:
    def delegate(login: str, *tabs: Tab, **columns: object) -> None:
        made = {"email": f"{login}@exemple.fr", **columns}
        make_staff(session, login, school, StaffRoleKind.DELEGATE, tabs, **made)

    delegate("secretaire", Tab.DUPLICATES, Tab.IMPORTS, ends_on=TODAY)
    delegate("intendant", Tab.SETTINGS)
    delegate("ancienne", Tab.DUPLICATES, ends_on=TODAY - timedelta(days=1))
    delegate("parti", Tab.DUPLICATES, disabled_at=NOW)
    delegate("sans", Tab.DUPLICATES, email=None)
    make_staff(session, "academie", kind=StaffRoleKind.ACADEMY, email="academie@exemple.fr")
    announce(session, school)
    assert told(session) == [HEAD, "secretaire@exemple.fr"]


def test_a_school_chooses_one_address_or_nobody_and_learns_later_what_it_missed(
    session: Session, school: Establishment
) -> None:
    def choose(sent_to: AlertRecipient, email: str, version: int) -> None:
        set_alert(at_desk(session, school.id, actor=COMMAND), sent_to, email, version=version)

    choose(AlertRecipient.NOBODY, "oubliee@exemple.fr", 0)
    assert (announce(session, school), told(session)) == (0, [])
    with pytest.raises(SettingRefused, match=SettingProblem.EMAIL_INVALID.value):
        choose(AlertRecipient.ADDRESS, "vie scolaire", 1)
    with pytest.raises(SettingRefused, match="Quelqu'un d'autre"):
        choose(AlertRecipient.STAFF, "", 0)
    choose(AlertRecipient.ADDRESS, " Doublons@exemple.fr ", alert_of(session, school.id).version)
    assert (announce(session, school), told(session)) == (1, ["doublons@exemple.fr"])


def test_what_staff_brought_back_themselves_is_no_news(session: Session, school: Establishment) -> None:
    announce(session, school)
    first, second = session.scalars(select(Guardian).order_by(Guardian.id)).all()
    fusion = fuse(session, first, second)
    refresh_pairs(session, school.id, NOW)
    assert session.scalars(select(DuplicatePair)).all() == []
    undo_fusion(at_desk(session, school.id, NOW + HOUR, COMMAND), fusion.id)
    assert len(session.scalars(select(DuplicatePair)).all()) == 1
    [decision] = not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), [first.id, second.id])
    undo_not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), [decision.id])
    assert announce(session, school, 2) == 0


def test_every_night_each_school_is_told_of_what_no_import_told(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        make_staff(session, "chef", school, email=HEAD)
        for _ in range(2):
            make_guardian(session, school)
    for night in range(2):
        run_daily(database, settings, NOW + timedelta(days=night))
    with database.reading() as session:
        assert told(session) == [HEAD]
