"""Nobody writes to the dead, nor to whom the school base says not to write, on any channel, before staff decided."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from shared.accounts.directory.hold_decisions import FicheNotHeld, count_to_decide, decide_hold, held_fiches
from shared.accounts.directory.holds import REASONS, why_held
from shared.accounts.directory.renewal import RenewalRefused, correct_email_of_holder, resend_activation_to_holder
from shared.accounts.populations import GUARDIANS, STUDENTS, Register
from shared.journal import COMMAND
from shared.models.accounts import AccountKind, AccountState
from shared.models.holds import HoldAnswer, HoldDecision
from shared.models.journal import JournalEvent
from shared.models.notifications import Channel, DeliveryState, Mode
from shared.models.reasons import Reason
from shared.models.school import Guardian, Hold, Student
from shared.notifications.campaigns.control import pause, resume
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.progress import try_again
from shared.notifications.campaigns.retry import try_all_again
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import NOTHING_MORE
from shared.notifications.letters.cover_sheet import read_slip
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from shared.notifications.words import HELD
from tests.factories import NOW, TODAY, at_desk, make_account, make_establishment, make_guardian, make_student, tie
from tests.notifications.conftest import School
from tests.smtp import Mailbox

DEAD = {"hold": Hold.DECEASED, "staff_note": "DECEDE"}
NOT_HIM = {"hold": Hold.DO_NOT_WRITE, "staff_note": "NE PAS CONTACTER"}


def reasons(school: School, mode: Mode = Mode.BOTH, kind: AccountKind = AccountKind.GUARDIAN) -> dict[str, str]:
    planned = plan(school.session, school.establishment.id, Criteria(kind=kind), mode, TODAY)
    return {one.identifier: one.reason for one in planned.skipped}


def decide(school: School, fiche: Guardian | Student, answer: HoldAnswer) -> None:
    population = GUARDIANS if isinstance(fiche, Guardian) else STUDENTS
    decide_hold(at_desk(school.session, school.establishment.id, actor=COMMAND), population, fiche.id, answer)


@pytest.mark.parametrize("mode", NOTHING_MORE.modes)
def test_the_plan_says_who_is_held_back_and_why(school: School, mode: Mode) -> None:
    school.family("ADAM", identifier="adam", email="adam@example.org", **DEAD)
    school.family("BEGUE", identifier="begue", email="begue@example.org", **NOT_HIM)
    school.family("CADET", identifier="cadet", email="cadet@example.org", staff_note="PLACE ASE")
    assert reasons(school, mode) == {"adam": REASONS[Hold.DECEASED], "begue": REASONS[Hold.DO_NOT_WRITE]}


def test_one_fiche_of_several_is_enough(school: School) -> None:
    account, _, student = school.family("ADAM", identifier="adam", email="adam@example.org")
    twin = make_guardian(school.session, school.establishment, student, last_name="ADAM", **DEAD)
    twin.account_id = account.id
    school.session.flush()
    assert reasons(school) == {"adam": REASONS[Hold.DECEASED]}


def test_a_fiche_that_is_gone_holds_nobody_back(school: School) -> None:
    account, _, student = school.family("ADAM", identifier="adam", email="adam@example.org")
    twin = make_guardian(school.session, school.establishment, student, last_name="ADAM", gone_at=NOW, **DEAD)
    twin.account_id = account.id
    school.session.flush()
    assert reasons(school) == {}


def test_the_family_of_a_child_said_to_have_died_is_held_back(school: School) -> None:
    account, guardian, child = school.family("ADAM", identifier="adam", email="adam@example.org")
    child.hold, child.staff_note = Hold.DECEASED, "DCD"
    make_account(school.session, "l.adam", child, state=AccountState.NOT_NOTIFIED, sealer=school.sealer)
    assert reasons(school) == {"adam": Reason.HELD_CHILD_DECEASED}
    assert reasons(school, Mode.PAPER, AccountKind.STUDENT) == {"l.adam": REASONS[Hold.DECEASED]}
    decide(school, child, HoldAnswer.WRITE)
    assert why_held(school.session, school.establishment.id, account.id, TODAY) is None
    # What the fiche of the parent says is another matter.
    guardian.hold, guardian.staff_note = Hold.DECEASED, "DCD"
    school.session.flush()
    assert reasons(school) == {"adam": REASONS[Hold.DECEASED]}


def test_a_child_not_to_be_written_to_does_not_hold_the_parents_back(school: School) -> None:
    _, _, child = school.family("ADAM", email="adam@example.org")
    child.hold, child.staff_note = Hold.DO_NOT_WRITE, "NE PAS CONTACTER"
    school.session.flush()
    assert reasons(school) == {}


def test_what_another_school_says_holds_nobody_back_here(school: School) -> None:
    account, _, _ = school.family("ADAM", email="adam@example.org")
    other = make_establishment(school.session, "9740002B", "Collège Quindecim")
    elsewhere = make_guardian(school.session, other, make_student(school.session, other), last_name="ADAM", **DEAD)
    tie(school.session, account, other.id)
    elsewhere.account_id = account.id
    school.session.flush()
    assert reasons(school) == {}


def test_the_letters_and_mails_of_the_others_leave(
    school: School, postman: Postman, printer: Printer, mailbox: Mailbox
) -> None:
    school.family("ADAM", email="adam@example.org", **DEAD)
    school.family("BEGUE", email="begue@example.org")
    school.family("CADET", **NOT_HIM)
    school.family("DIJOUX")
    campaign = school.launch()
    postman.send_due()
    printer.print_due()
    assert set(mailbox.recipients) == {"begue@example.org"}
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.PRINTED: 1, DeliveryState.SKIPPED: 2}
    # Anybody may read the slip.
    with school.database.reading() as session:
        assert read_slip(session, campaign.id, date(2026, 9, 1)).left_out == {HELD: 1}


def test_an_import_holds_back_what_already_waits(
    school: School, postman: Postman, printer: Printer, mailbox: Mailbox
) -> None:
    _, mailed, _ = school.family("ADAM", email="adam@example.org")
    _, printed, _ = school.family("BEGUE")
    campaign = school.launch()
    pause(at_desk(school.session, school.establishment.id, actor=COMMAND), campaign.id)
    for fiche in (mailed, printed):
        fiche.hold, fiche.staff_note = Hold.DECEASED, "DCD"
    resume(at_desk(school.session, school.establishment.id, actor=COMMAND), campaign.id)
    school.session.commit()
    postman.send_due()
    printer.print_due()
    assert mailbox.messages == []
    assert {(row.channel, row.delivery, row.error) for row in school.rows(campaign)} == {
        (channel, DeliveryState.SKIPPED, REASONS[Hold.DECEASED]) for channel in (Channel.MAIL, Channel.PAPER)
    }


@pytest.mark.parametrize("all_at_once", [False, True])
def test_trying_again_writes_to_nobody_held_back(
    school: School, postman: Postman, mailbox: Mailbox, all_at_once: bool
) -> None:
    _, guardian, _ = school.family("ADAM", email="adam@example.org")
    campaign = school.launch()
    [row] = school.rows(campaign)
    school.session.get_one(type(row), row.id).delivery = DeliveryState.REFUSED
    guardian.hold, guardian.staff_note = Hold.DECEASED, "DCD"
    desk = at_desk(school.session, school.establishment.id, actor=COMMAND)
    if all_at_once:
        try_all_again(desk, campaign.id)
    else:
        try_again(desk, row.id)
    school.session.commit()
    postman.send_due()
    assert mailbox.messages == []
    assert school.states(campaign) == {DeliveryState.SKIPPED: 1}


def test_staff_cannot_have_an_activation_mail_sent_to_somebody_held_back(school: School) -> None:
    account, guardian, _ = school.family("ADAM", state=AccountState.ACTIVATING, **DEAD)
    desk = at_desk(school.session, school.establishment.id, actor=COMMAND)
    with pytest.raises(RenewalRefused, match="Fiches retenues"):
        resend_activation_to_holder(desk, account, guardian)
    with pytest.raises(RenewalRefused, match="Fiches retenues"):
        correct_email_of_holder(desk, account, guardian, "autre@example.org")
    decide(school, guardian, HoldAnswer.WRITE)
    resend_activation_to_holder(desk, account, guardian)


def test_what_staff_decide_stands_as_long_as_the_note_stays(school: School) -> None:
    _, guardian, _ = school.family("ADAM", identifier="adam", email="adam@example.org", **DEAD)
    count = lambda: count_to_decide(school.session, school.establishment.id, GUARDIANS, TODAY)  # noqa: E731
    assert count() == 1
    decide(school, guardian, HoldAnswer.DO_NOT_WRITE)
    assert (count(), reasons(school)) == (0, {"adam": REASONS[Hold.DECEASED]})
    decide(school, guardian, HoldAnswer.WRITE)
    assert (count(), reasons(school)) == (0, {})
    # Another note, another question; the one that was answered comes back with its answer.
    guardian.staff_note = "DECEDE le 3 mars"
    school.session.flush()
    assert (count(), reasons(school)) == (1, {"adam": REASONS[Hold.DECEASED]})
    guardian.staff_note = "DECEDE"
    school.session.flush()
    assert (count(), reasons(school)) == (0, {})
    events = school.session.scalars(select(JournalEvent).where(JournalEvent.action == "hold_decided")).all()
    assert [event.details["answer"] for event in events] == ["do_not_write", "write"]
    assert all("DECEDE" not in str((event.subject, event.details)) for event in events)
    assert len(school.session.scalars(select(HoldDecision)).all()) == 1


def test_only_a_fiche_that_is_held_back_here_can_be_decided_upon(school: School) -> None:
    _, guardian, _ = school.family("ADAM", **DEAD)
    _, fine, _ = school.family("BEGUE")
    other = make_establishment(school.session, "9740002B", "Collège Quindecim")
    wrong = [(other.id, guardian.id), (school.establishment.id, fine.id), (school.establishment.id, 999)]
    for establishment_id, fiche_id in wrong:
        with pytest.raises(FicheNotHeld):
            decide_hold(at_desk(school.session, establishment_id, actor=COMMAND), GUARDIANS, fiche_id, HoldAnswer.WRITE)
    assert school.session.scalars(select(HoldDecision)).all() == []


def test_the_list_goes_page_by_page_in_the_order_of_names(school: School) -> None:
    for name in ("CADET", "ADAM", "BEGUE"):
        school.family(name, **DEAD)
    here = Register(school.session, school.establishment.id, GUARDIANS, TODAY)
    first = held_fiches(here, decided=False, limit=2)
    assert [line.fiche.family_name for line in first] == ["ADAM", "BEGUE"]
    assert [child.name for child in first[0].children] == ["Léa ADAM"]
    last = held_fiches(here, decided=False, after=first[-1].key, limit=2)
    assert [line.fiche.family_name for line in last] == ["CADET"]
    decide(school, last[0].fiche, HoldAnswer.WRITE)
    assert [line.fiche.family_name for line in held_fiches(here, decided=True)] == ["CADET"]
    assert len(held_fiches(here, decided=False)) == 2


def test_a_contact_and_the_parent_of_a_student_who_left_ask_nothing(school: School) -> None:
    _, _, student = school.family("ADAM", **DEAD)
    make_guardian(school.session, school.establishment, student, legal_rank=None, **DEAD)
    student.left_on = TODAY - timedelta(days=1)
    school.session.flush()
    assert count_to_decide(school.session, school.establishment.id, GUARDIANS, TODAY) == 0
