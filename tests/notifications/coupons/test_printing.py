"""Coupons go the way of letters: the same rules of who is told what, states, journal, download (R17, R18)."""

import io
from collections.abc import Sequence

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from shared import clock
from shared.models.accounts import AccountKind, AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode
from shared.models.reasons import Reason
from shared.models.school import Hold
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.progress import try_again
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.coupons.sheets import Sheet
from shared.notifications.letters import worker
from shared.notifications.letters.download import assemble_pdf
from shared.notifications.letters.renderer import LayoutFailed, Press
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from tests.factories import INITIAL_PASSWORD, at_desk, link, make_account, make_division
from tests.notifications.conftest import School
from tests.smtp import Mailbox


def pages(school: School, campaign: Campaign, *, both_sides: bool = False) -> list[str]:
    pdf = assemble_pdf(school.database, campaign.id, school.sealer, both_sides=both_sides)
    return [page.extract_text().replace("\xa0", " ") for page in PdfReader(io.BytesIO(pdf)).pages]


def test_a_family_without_any_address_is_reached_by_its_child(school: School, printer: Printer) -> None:
    account, _, _ = school.family("PAYET", identifier="m.payet", city=None)
    campaign = school.launch(Mode.COUPON)
    assert printer.print_due() == 1
    slip, page = pages(school, campaign)
    assert "1 coupon " in slip
    for expected in ("Léa PAYET", "m.payet", INITIAL_PASSWORD, "Division 6A"):
        assert expected in page
    assert school.states(campaign) == {DeliveryState.PRINTED: 1}
    assert school.account(account).state is AccountState.NOTIFIED
    with school.database.reading() as session:
        told = [event.details for event in session.scalars(select(JournalEvent)) if event.action == "account_notified"]
    assert told == [{"by": "coupon"}]


def test_the_others_get_a_coupon_when_a_mail_is_preferred(
    school: School, printer: Printer, postman: Postman, mailbox: Mailbox
) -> None:
    school.family("ADAM", email="adam@example.org", identifier="i.adam")
    school.family("BEGUE", identifier="i.begue")
    campaign = school.launch(Mode.MAIL_OR_COUPON)
    postman.send_due()
    printer.print_due()
    assert len(mailbox.messages) == 1
    assert {row.channel for row in school.rows(campaign)} == {Channel.MAIL, Channel.COUPON}
    _, page = pages(school, campaign)
    assert ("i.begue" in page, "i.adam" in page) == (True, False)


def test_whoever_gets_no_letter_gets_no_coupon(school: School) -> None:
    _, held, _ = school.family("ADAM")
    held.hold, held.staff_note = Hold.DECEASED, "DCD"
    school.family("BEGUE", city=None)
    school.family("CADET", state=AccountState.ACTIVE)
    school.session.flush()
    today = clock.now().date()
    decisions = {
        mode: [
            (one.account_id, one.skipped)
            for one in plan(school.session, school.establishment.id, Criteria(), mode, today).decisions
        ]
        for mode in (Mode.PAPER, Mode.COUPON)
    }
    assert decisions[Mode.COUPON] == [
        (account_id, None if reason is Reason.NO_POSTAL_ADDRESS else reason)
        for account_id, reason in decisions[Mode.PAPER]
    ]
    assert Reason.HELD_DECEASED in [reason for _, reason in decisions[Mode.COUPON]]


def test_a_child_brings_the_coupon_of_the_division_that_was_chosen(school: School, printer: Printer) -> None:
    """A family is told once: where several children are, by the one it is listed under."""
    _, guardian, _ = school.family("PAYET", child="Zoé", division="3B")
    younger = school.student("PAYET", "Tom", "6A")
    link(school.session, younger, guardian)
    campaign = school.launch(Mode.COUPON, Criteria(divisions=frozenset({"3B"})))
    printer.print_due()
    _, page = pages(school, campaign)
    assert "Zoé PAYET" in page
    assert "Division 3B" in page


def test_a_student_brings_home_the_own(school: School, printer: Printer) -> None:
    student = school.student("PAYET", "Tom")
    make_account(school.session, "t.payet", student, state=AccountState.NOT_NOTIFIED, sealer=school.sealer)
    campaign = school.launch(Mode.COUPON, Criteria(kind=AccountKind.STUDENT))
    assert printer.print_due() == 1
    _, page = pages(school, campaign)
    assert ("Tom PAYET" in page, "Pour l'élève" in page) == (True, True)


def test_no_page_is_begun_twice_when_there_are_several_lots(
    school: School, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LETTERS_AT_ONCE", 16)
    for index in range(9):
        school.family("ADAM", identifier=f"a{index}", child=f"Léa{index}", division="6A")
    for index in range(10):
        school.family("BEGUE", identifier=f"b{index}", child=f"Tom{index}", division="6B")
    campaign = school.launch(Mode.COUPON)
    assert printer.print_due() == 19
    _, *sheets = pages(school, campaign)
    feet = [next(line for line in page.splitlines() if line.startswith("Division")) for page in sheets]
    assert [foot.split(" – ")[0::2] for foot in feet] == [
        ["Division 6A", "page 1 sur 2"],
        ["Division 6A", "page 2 sur 2"],
        ["Division 6B", "page 1 sur 2"],
        ["Division 6B", "page 2 sur 2"],
    ]


def test_a_coupon_tried_again_comes_with_those_of_its_division(
    school: School, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, division in (("ADAM", "6A"), ("BEGUE", "6A"), ("CADET", "6B")):
        school.family(name, identifier=f"i.{name.lower()}", division=division)
    real = Press.coupons

    def spoilt(press: Press, sheets: Sequence[Sheet]) -> object:
        if any("i.begue" in str(one) for one in sheets):
            raise LayoutFailed("la mise en page a échoué")
        return real(press, sheets)

    monkeypatch.setattr(Press, "coupons", spoilt)
    campaign = school.launch(Mode.COUPON)
    assert printer.print_due() == 2
    monkeypatch.setattr(Press, "coupons", real)
    refused = next(row for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED)
    try_again(at_desk(school.session, school.establishment.id, now=clock.now()), refused.id)
    school.session.commit()
    assert printer.print_due() == 1
    slip, *sheets = pages(school, campaign)
    assert "3 coupons" in slip
    order = ["i.adam", "i.begue", "i.cadet"]
    assert [next(name for name in order if name in page) for page in sheets] == order


def test_nothing_is_printed_behind_a_coupon(school: School, printer: Printer) -> None:
    for index in range(9):
        school.family("ADAM", identifier=f"a{index}", child=f"Léa{index}")
    campaign = school.launch(Mode.COUPON)
    printer.print_due()
    reader = PdfReader(io.BytesIO(assemble_pdf(school.database, campaign.id, school.sealer)))
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/Duplex"] == "/Simplex"  # type: ignore[index]
    assert reader.page_labels == ["Bordereau 1", "Division 1-1", "Division 1-2"]
    assert [bool(page) for page in pages(school, campaign, both_sides=True)] == [True, False] * 3


def test_the_slip_names_the_divisions_that_have_none(school: School, printer: Printer) -> None:
    make_division(school.session, school.establishment, "6Z")
    school.family("ADAM", identifier="adam")
    school.student("BEGUE", division="6B")
    campaign = school.launch(Mode.COUPON, Criteria(divisions=frozenset({"6A", "6B", "6Z"})))
    printer.print_due()
    slip = " ".join(pages(school, campaign)[0].split())
    assert "6Z 0 aucun élève" in slip
    assert "6B 0 aucun compte à notifier" in slip
