"""« Je ne suis pas le responsable de cet élève »: a parent reports a wrong link, the establishment answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, func, select, update
from sqlalchemy.orm import Session

from shared.accounts.trail import act_of, lock
from shared.acting.caller import Caller
from shared.acting.desk import Act, Desk
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.school import Guardian, Guardianship, Student
from shared.models.wrong_children import WORDS_LENGTH, WrongChildAnswer, WrongChildReport
from shared.rows.paging import newest
from shared.rows.prepared import Number

PAGE = 50


class ChildNotFound(Exception):
    """The account has no such child."""


class ReportNotFound(Exception):
    """The establishment has no such report."""


class AlreadyAnswered(Exception):
    """Somebody else of the establishment answered meanwhile."""


@dataclass(frozen=True)
class Report:
    """A report with the two persons it is about, as the establishment reads it."""

    row: WrongChildReport
    guardian: Guardian
    student: Student


@dataclass(frozen=True)
class OwnReport:
    """A report as the parent who made it reads it again."""

    student_id: int
    child: str
    reported_at: datetime
    answer: WrongChildAnswer | None
    answer_words: str
    answered_at: datetime | None


def child_of(session: Session, account: Account, student_id: int) -> tuple[Guardian, Student]:
    """The fiche that makes the holder of `account` a legal guardian of a student, and the student.

    Raises:
        ChildNotFound: no fiche does.
    """
    links = (
        select(Guardian, Student)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .join(Student, Student.id == Guardianship.student_id)
        .where(
            Guardian.account_id == account.id,
            Guardian.gone_at.is_(None),
            Guardianship.student_id == student_id,
            Guardianship.gone_at.is_(None),
            Guardianship.legal_rank.is_not(None),
            Student.gone_at.is_(None),
        )
    )
    found = session.execute(links.order_by(Guardian.id).limit(1)).one_or_none()
    if found is None:
        raise ChildNotFound
    return found[0], found[1]


def report_wrong_child(caller: Caller, account: Account, student_id: int, words: str) -> WrongChildReport:
    """Tell the establishment that the holder of `account` is no guardian of this student; nothing else changes.

    Reporting again while the establishment has not answered adds nothing: the report that waits is returned. Of `words`
    the first 500 characters are kept.

    Raises:
        ChildNotFound: the student is none of the children of the account.
    """
    account = lock(caller.session, account)
    guardian, student = child_of(caller.session, account, student_id)
    waiting = select(WrongChildReport).where(
        WrongChildReport.guardian_id == guardian.id,
        WrongChildReport.student_id == student.id,
        WrongChildReport.answer.is_(None),
    )
    report = caller.session.scalars(waiting).one_or_none()
    if report is not None:
        return report
    report = WrongChildReport(
        establishment_id=student.establishment_id,
        student_id=student.id,
        guardian_id=guardian.id,
        words=as_counted(words)[:WORDS_LENGTH],
        reported_at=caller.now,
    )
    caller.session.add(report)
    told = Report(report, guardian, student)
    _note(act_of(caller, account), Action.WRONG_CHILD_REPORTED, told)
    caller.session.flush()
    return report


def as_counted(words: str) -> str:
    """What somebody wrote, each end of a line as the one sign that browsers count it for; they send two."""
    return words.replace("\r\n", "\n").strip()


def own_reports(session: Session, account: Account) -> Sequence[OwnReport]:
    """What the holder of `account` reported, newest first."""
    rows = (
        select(WrongChildReport, Student)
        .join(Guardian, Guardian.id == WrongChildReport.guardian_id)
        .join(Student, Student.id == WrongChildReport.student_id)
        .where(Guardian.account_id == account.id)
    )
    return [
        OwnReport(student.id, student.full_name, row.reported_at, row.answer, row.answer_words, row.answered_at)
        for row, student in session.execute(rows.order_by(WrongChildReport.id.desc()).limit(PAGE))
    ]


def number_waiting(establishment_id: Number) -> ScalarSelect[int]:
    """How many reports of an establishment wait for an answer, as a column of a query."""
    of_school = WrongChildReport.establishment_id == establishment_id
    return select(func.count(WrongChildReport.id)).where(of_school, WrongChildReport.answer.is_(None)).scalar_subquery()


def reports_of(
    session: Session, establishment_id: int, *, waiting: bool, before_id: int | None = None, limit: int = PAGE
) -> Sequence[Report]:
    """The reports of an establishment that wait for an answer, or those answered; newest first, before `before_id`."""
    rows = _reports(establishment_id)
    rows = rows.where(WrongChildReport.answer.is_(None) if waiting else WrongChildReport.answer.is_not(None))
    found = session.execute(newest(rows, WrongChildReport.id, before_id, limit))
    return [Report(*row) for row in found]


def find_report(session: Session, establishment_id: int, report_id: int) -> Report:
    """One report of this establishment.

    Raises:
        ReportNotFound: there is none, or it is another establishment's.
    """
    found = session.execute(_reports(establishment_id).where(WrongChildReport.id == report_id)).one_or_none()
    if found is None:
        raise ReportNotFound
    return Report(*found)


def answer_report(desk: Desk, report_id: int, answer: WrongChildAnswer, words: str) -> Report:
    """Answer the parent; `REMOVED` takes the link away at once, until a SIECLE file says it again.

    Raises:
        ReportNotFound: there is none, or it is another establishment's.
        AlreadyAnswered: meanwhile, by somebody else.
    """
    report = find_report(desk.session, desk.establishment_id, report_id)
    # In one statement: of two answers at once, one only is written.
    answered = desk.session.execute(
        update(WrongChildReport)
        .where(WrongChildReport.id == report_id, WrongChildReport.answer.is_(None))
        .values(
            answer=answer,
            answer_words=as_counted(words)[:WORDS_LENGTH],
            answered_at=desk.now,
            answered_by=desk.actor.name,
        )
        .returning(WrongChildReport.id)
    ).one_or_none()
    if answered is None:
        raise AlreadyAnswered
    if answer is WrongChildAnswer.REMOVED:
        _remove_link(desk.session, report, desk.now)
    _note(desk, Action.WRONG_CHILD_ANSWERED, report, answer=answer.value)
    desk.session.refresh(report.row)
    return report


def _reports(establishment_id: int) -> Select[WrongChildReport, Guardian, Student]:
    return (
        select(WrongChildReport, Guardian, Student)
        .join(Guardian, Guardian.id == WrongChildReport.guardian_id)
        .join(Student, Student.id == WrongChildReport.student_id)
        .where(WrongChildReport.establishment_id == establishment_id)
    )


def _remove_link(session: Session, report: Report, now: datetime) -> None:
    # Two fiches of the same parent may both lead to the student: the account must not find another way.
    fiches = select(Guardian.id).where(
        Guardian.establishment_id == report.row.establishment_id,
        (Guardian.id == report.guardian.id) | (Guardian.account_id == report.guardian.account_id),
    )
    session.execute(
        update(Guardianship)
        .where(
            Guardianship.student_id == report.student.id,
            Guardianship.guardian_id.in_(fiches),
            Guardianship.gone_at.is_(None),
        )
        .values(gone_at=now),
        execution_options={"synchronize_session": "fetch"},
    )


def _note(act: Act, action: Action, report: Report, **details: str) -> None:
    account = act.session.get(Account, report.guardian.account_id) if report.guardian.account_id else None
    act.record(
        action,
        establishment_id=report.student.establishment_id,
        account_id=report.guardian.account_id,
        subject=account.identifier if account else report.guardian.full_name,
        details={"student": report.student.full_name, **details},
    )
