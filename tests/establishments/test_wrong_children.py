"""« Je ne suis pas le responsable de cet élève »: what is written, who may answer, and what the answer changes."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.holder.merging import merge_accounts
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.establishments.home import home_of
from shared.establishments.wrong_children import (
    AlreadyAnswered,
    ChildNotFound,
    ReportNotFound,
    answer_report,
    own_reports,
    report_wrong_child,
    reports_of,
)
from shared.journal import Actor
from shared.models.accounts import Account
from shared.models.journal import ActorKind, JournalEvent
from shared.models.school import Guardian, Student
from shared.models.wrong_children import WrongChildAnswer
from shared.overview.attention import school_to_see
from tests.factories import NOW, TODAY, at_desk, make_account, make_establishment, make_guardian, make_student

HEAD = Actor(ActorKind.STAFF, "Mme Grondin", 1)
ADDRESS = "198.51.100.7"


@dataclass
class Family:
    account: Account
    fiche: Guardian
    lea: Student
    tom: Student


@pytest.fixture
def family(session: Session) -> Family:
    school = make_establishment(session)
    lea, tom = make_student(session, school), make_student(session, school, first_name="Tom")
    fiche = make_guardian(session, school, lea, tom)
    return Family(make_account(session, "m.payet", fiche), fiche, lea, tom)


def children(session: Session, account: Account) -> list[str]:
    return sorted(child.name for child in home_of(session, account, TODAY).children)


def count_waiting(session: Session, establishment_id: int) -> int:
    return school_to_see(session, establishment_id, TODAY).wrong_children


def test_a_report_changes_nothing_but_what_the_school_reads(session: Session, family: Family) -> None:
    report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, " Je ne le connais pas. ")
    assert children(session, family.account) == ["Léa PAYET", "Tom PAYET"]
    [report] = reports_of(session, family.tom.establishment_id, waiting=True)
    assert (report.guardian.id, report.student.id) == (family.fiche.id, family.tom.id)
    assert report.row.words == "Je ne le connais pas."
    assert count_waiting(session, family.tom.establishment_id) == 1


def test_reporting_twice_leaves_one_report(session: Session, family: Family) -> None:
    for _ in range(2):
        report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, "")
    assert count_waiting(session, family.tom.establishment_id) == 1


def test_only_ones_own_children_are_reported(session: Session, family: Family) -> None:
    other = make_student(session, make_establishment(session, "9740002B"), first_name="Nils")
    with pytest.raises(ChildNotFound):
        report_wrong_child(Caller(session, NOW, ADDRESS), family.account, other.id, "")
    student = make_account(session, "l.payet", family.lea)
    with pytest.raises(ChildNotFound):
        report_wrong_child(Caller(session, NOW, ADDRESS), student, family.lea.id, "")


def test_a_link_taken_away_hides_the_child_at_once(session: Session, family: Family) -> None:
    school = family.tom.establishment_id
    twice = make_guardian(session, session.get_one(type(family.fiche.establishment), school), family.tom)
    twice.account_id = family.account.id
    report = report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, "")
    answer_report(at_desk(session, school, actor=HEAD), report.id, WrongChildAnswer.REMOVED, "C'est corrigé.")
    assert children(session, family.account) == ["Léa PAYET"]
    [own] = own_reports(session, family.account)
    assert (own.child, own.answer, own.answer_words) == ("Tom PAYET", WrongChildAnswer.REMOVED, "C'est corrigé.")
    assert count_waiting(session, school) == 0


def test_a_link_that_is_right_stays_and_may_be_reported_again(session: Session, family: Family) -> None:
    school = family.tom.establishment_id
    report = report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, "")
    answer_report(at_desk(session, school, actor=HEAD), report.id, WrongChildAnswer.KEPT, "")
    assert children(session, family.account) == ["Léa PAYET", "Tom PAYET"]
    assert [one.row.id for one in reports_of(session, school, waiting=False)] == [report.id]
    again = report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, "")
    assert again.id != report.id


def test_another_school_finds_no_report_and_none_is_answered_twice(session: Session, family: Family) -> None:
    school, other = family.tom.establishment_id, make_establishment(session, "9740002B")
    report = report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, "")
    with pytest.raises(ReportNotFound):
        answer_report(at_desk(session, other.id, actor=HEAD), report.id, WrongChildAnswer.REMOVED, "")
    assert reports_of(session, other.id, waiting=True) == []
    answer_report(at_desk(session, school, actor=HEAD), report.id, WrongChildAnswer.KEPT, "")
    with pytest.raises(AlreadyAnswered):
        answer_report(at_desk(session, school, actor=HEAD), report.id, WrongChildAnswer.REMOVED, "")
    assert children(session, family.account) == ["Léa PAYET", "Tom PAYET"]


def test_a_report_follows_its_parent_through_a_merge(session: Session, family: Family) -> None:
    other = make_account(session, "m.payet1", make_guardian(session, make_establishment(session, "9740002B")))
    report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, "")
    merge_accounts(Act(session, HEAD, NOW), other.id, family.account.id)
    assert [own.child for own in own_reports(session, other)] == ["Tom PAYET"]


def test_both_are_in_the_journal_of_the_school(session: Session, family: Family) -> None:
    school = family.tom.establishment_id
    report = report_wrong_child(Caller(session, NOW, ADDRESS), family.account, family.tom.id, "")
    answer_report(at_desk(session, school, actor=HEAD), report.id, WrongChildAnswer.REMOVED, "")
    events = session.scalars(select(JournalEvent).order_by(JournalEvent.id)).all()
    assert [(event.action, event.actor_name, event.subject) for event in events] == [
        ("wrong_child_reported", "m.payet", "m.payet"),
        ("wrong_child_answered", "Mme Grondin", "m.payet"),
    ]
    assert {event.establishment_id for event in events} == {school}
    assert {event.account_id for event in events} == {family.account.id}
