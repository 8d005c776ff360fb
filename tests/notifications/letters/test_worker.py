"""Letters are printed once each, kept for 24 hours, and given to their author and the head only (R17, R18)."""

import io
import logging
import re
from collections.abc import Sequence
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import func, select, update

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountKind, AccountState
from shared.models.journal import JournalEvent
from shared.models.letters import LetterKind, LetterPart
from shared.models.notifications import Campaign, DeliveryState, LetterLot, Mode, Notification
from shared.models.staff import StaffRoleKind
from shared.notifications.campaigns.launching import CampaignNotFound
from shared.notifications.campaigns.progress import try_again
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.letters import worker
from shared.notifications.letters.download import (
    LettersNotReady,
    LettersNotYours,
    LettersRemoved,
    NoLetters,
    assemble_pdf,
    letters_for,
    note_download,
    remove_old_letters,
)
from shared.notifications.letters.own_texts import set_text
from shared.notifications.letters.pages import Filling
from shared.notifications.letters.renderer import LONGEST_JOB, SECONDS, SECONDS_PER_LETTER, LayoutFailed, Press
from shared.notifications.letters.worker import Printer, claim_letters
from shared.rows.leases import LEASE
from tests.factories import INITIAL_PASSWORD, at_desk, make_account, make_establishment, make_staff
from tests.notifications.conftest import School
from tests.notifications.letters.drawings import drawings


def families(school: School, number: int, **columns: object) -> None:
    for index in range(number):
        school.family("PAYET", identifier=f"p{index}", child=f"Léa{index:03}", **columns)  # type: ignore[arg-type]


def printed(school: School, campaign: Campaign) -> PdfReader:
    return PdfReader(io.BytesIO(assemble_pdf(school.database, campaign.id, school.sealer)))


def texts(reader: PdfReader) -> list[str]:
    return [page.extract_text().replace("\xa0", " ") for page in reader.pages]


def test_every_letter_is_printed_and_its_account_notified(school: School, printer: Printer) -> None:
    account, _, _ = school.family("PAYET", identifier="m.payet")
    campaign = school.launch(Mode.PAPER)
    assert printer.print_due() == 1
    assert printer.print_due() == 0
    slip, letter = texts(printed(school, campaign))
    assert "1 courrier " in slip
    assert "m.payet" in letter
    assert INITIAL_PASSWORD in letter
    assert school.states(campaign) == {DeliveryState.PRINTED: 1}
    assert school.account(account).state is AccountState.NOTIFIED
    with school.database.reading() as session:
        assert session.get_one(Campaign, campaign.id).finished_at is not None


def test_letters_of_several_lots_come_in_the_order_of_the_list(
    school: School, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LETTERS_AT_ONCE", 2)
    for name, division in (("ROBERT", "6B"), ("BOYER", "6B"), ("HOARAU", "6A"), ("GRONDIN", "6A"), ("VITRY", "6A")):
        school.family(name, division=division, identifier=name.lower())
    campaign = school.launch(Mode.PAPER)
    assert printer.print_due() == 5
    slip, *letters = texts(printed(school, campaign))
    order = ["grondin", "hoarau", "vitry", "boyer", "robert"]
    assert [next(name for name in order if name in letter) for letter in letters] == order
    assert re.search(r"6A\s+3\s+1 à 3\s+6B\s+2\s+4 à 5", slip)


def test_the_slip_says_what_could_not_be_printed(school: School, printer: Printer) -> None:
    families(school, 2)
    school.family("ADAM", city=None)
    campaign = school.launch(Mode.PAPER)
    printer.print_due()
    assert re.search(r"Courriers non imprimés\s+pas d'adresse postale\s+1\b", texts(printed(school, campaign))[0])


def test_the_pdf_has_a_title_and_a_language(school: School, printer: Printer) -> None:
    families(school, 1)
    campaign = school.launch(Mode.PAPER)
    printer.print_due()
    reader = printed(school, campaign)
    assert reader.metadata is not None
    assert reader.metadata.title == campaign.title
    assert reader.trailer["/Root"]["/Lang"] == "fr-FR"  # type: ignore[index]


@pytest.mark.parametrize("name", ["Nguyễn", "İŞIK", "ʻŌtomimi"])
def test_the_slip_names_everybody_in_a_typeface_that_has_their_letters(
    school: School, printer: Printer, name: str
) -> None:
    school.family(name, identifier="m.payet")
    campaign = school.launch(Mode.PAPER)
    printer.print_due()
    slip, *_ = drawings(assemble_pdf(school.database, campaign.id, school.sealer))
    drawn = [run for run in slip.runs if name in run.text]
    assert len(drawn) == len(("student", "guardian"))
    assert all("DejaVu" in run.font for run in drawn)
    assert any("DejaVu" not in run.font for run in slip.runs)


def test_pages_are_numbered_anew_in_each_letter(school: School, printer: Printer) -> None:
    families(school, 2)
    write_a_long_letter(school)
    campaign = school.launch(Mode.PAPER)
    printer.print_due()
    labels = ["Bordereau 1", "Courrier 1-1", "Courrier 1-2", "Courrier 2-1", "Courrier 2-2"]
    assert printed(school, campaign).page_labels == labels


def test_printed_on_both_sides_each_letter_begins_on_a_front(school: School, printer: Printer) -> None:
    families(school, 2)
    campaign = school.launch(Mode.PAPER)
    printer.print_due()
    pdf = assemble_pdf(school.database, campaign.id, school.sealer, both_sides=True)
    slip, blank, first, another, second, last = texts(PdfReader(io.BytesIO(pdf)))
    assert "2 courriers" in slip
    assert ("p0" in first, "p1" in second) == (True, True)
    assert (blank, another, last) == ("", "", "")


def write_a_long_letter(school: School) -> None:
    text = "\n\n".join(["{{ cadre_identifiants }}", "{{ cadre_date_limite }}", *("y" * 35)])
    set_text(
        at_desk(school.session, school.establishment.id, now=clock.now()),
        LetterKind.GUARDIAN_NEW_ACCOUNT,
        LetterPart.BODY,
        text,
        version=0,
    )


def test_a_student_gets_a_letter_of_his_own(school: School, printer: Printer) -> None:
    student = school.student("PAYET", "Tom")
    student.address_line1, student.city = "3 chemin des Lilas", "SAINT-DENIS"
    make_account(school.session, "t.payet", student, state=AccountState.NOT_NOTIFIED, sealer=school.sealer)
    campaign = school.launch(Mode.PAPER, Criteria(kind=AccountKind.STUDENT))
    assert printer.print_due() == 1
    letter = texts(printed(school, campaign))[1]
    assert "Tom PAYET" in letter
    assert "votre établissement" in letter


def test_a_letter_that_cannot_be_laid_out_does_not_keep_the_others_from_being_printed(
    school: School, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(school, 4)
    real = Press.letters

    def spoilt(press: Press, fillings: Sequence[Filling]) -> object:
        if any("p2" in one.words.values() for one in fillings):
            raise LayoutFailed("l'en-tête ne tient pas à sa place")
        return real(press, fillings)

    monkeypatch.setattr(Press, "letters", spoilt)
    campaign = school.launch(Mode.PAPER)
    assert printer.print_due() == 3
    assert school.states(campaign) == {DeliveryState.PRINTED: 3, DeliveryState.REFUSED: 1}
    refused = next(row for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED)
    assert "ne tient pas" in (refused.error or "")
    monkeypatch.setattr(Press, "letters", real)
    instant = clock.now()
    try_again(at_desk(school.session, school.establishment.id, now=instant), refused.id)
    school.session.commit()
    assert printer.print_due() == 1
    slip, *letters = texts(printed(school, campaign))
    assert [f"p{index}" in letter for index, letter in enumerate(letters)] == [True] * 4
    assert "4 courriers" in slip


def test_the_slip_tells_of_a_letter_that_came_at_the_very_instant_it_was_printed(
    school: School, printer: Printer
) -> None:
    families(school, 2)
    campaign = school.launch(Mode.PAPER)
    of_first = update(Notification).where(Notification.position == 1)
    refused = {"delivery": DeliveryState.REFUSED, "next_attempt_at": None, "settled_at": clock.now()}
    school.session.execute(of_first.values(refused))
    school.session.commit()
    with time_machine.travel(clock.now(), tick=False):
        assert printer.print_due() == 1
        school.session.execute(of_first.values(delivery=DeliveryState.TO_SEND, settled_at=None))
        school.session.commit()
        assert printer.print_due() == 1
    assert "2 courriers" in texts(printed(school, campaign))[0]


def test_a_password_that_no_key_opens_keeps_only_its_own_letter_back(school: School, printer: Printer) -> None:
    families(school, 2)
    account, _, _ = school.family("ADAM")
    account.initial_password = Sealer([b"x" * 32]).seal(INITIAL_PASSWORD)
    campaign = school.launch(Mode.PAPER)
    assert printer.print_due() == 2
    assert school.states(campaign) == {DeliveryState.PRINTED: 2, DeliveryState.TO_RETRY: 1}
    assert any("INITIAL_PASSWORD_KEY" in (row.error or "") for row in school.rows(campaign))


def test_a_lot_whose_lease_ran_out_is_dropped_whole(
    school: School, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(school, 2)
    campaign = school.launch(Mode.PAPER)
    slow, quick = Printer(database, settings, Event()), Printer(database, settings, Event())
    real = Press.letters

    def interrupted(press: Press, fillings: Sequence[Filling]) -> object:
        monkeypatch.setattr(Press, "letters", real)
        with time_machine.travel(clock.now() + LEASE, tick=False):
            assert quick.print_due() == 2
        return real(press, fillings)

    monkeypatch.setattr(Press, "letters", interrupted)
    assert slow.print_due() == 0
    assert len(printed(school, campaign).pages) == 3


def test_letters_that_hang_longer_than_a_lease_are_neither_doubled_nor_taken_over(
    school: School, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty of twenty-three: each takes all its time, and another worker looks for something due after each."""
    families(school, 23)
    campaign = school.launch(Mode.PAPER)
    slow, other = Printer(database, settings, Event()), Printer(database, settings, Event())
    hanging = {f"p{index}" for index in range(20)}
    real = Press.letters
    with time_machine.travel(clock.now(), tick=False) as moved:
        started, taken_over = clock.now(), []

        def hang(press: Press, fillings: Sequence[Filling]) -> object:
            if not any(hanging & set(one.words.values()) for one in fillings):
                return real(press, fillings)
            moved.shift(SECONDS + SECONDS_PER_LETTER * len(fillings))
            with database.writing() as session:
                taken_over.append(claim_letters(session, clock.now()))
            raise LayoutFailed("mise en page trop longue")

        monkeypatch.setattr(Press, "letters", hang)
        assert slow.print_due() == 3
        assert clock.now() > started + LEASE
    assert set(taken_over) == {None}
    assert other.print_due() == 0
    assert school.states(campaign) == {DeliveryState.PRINTED: 3, DeliveryState.REFUSED: 20}
    _, *letters = texts(printed(school, campaign))
    assert [index for index in range(23) for letter in letters if f"p{index}\n" in letter] == [20, 21, 22]


def test_no_piece_of_printing_outlasts_a_lease() -> None:
    assert LONGEST_JOB < LEASE


def test_what_is_stored_is_sealed(school: School, printer: Printer) -> None:
    families(school, 1)
    school.launch(Mode.PAPER)
    printer.print_due()
    with school.database.reading() as session:
        contents = session.scalars(select(LetterLot.content)).all()
    assert len(contents) == 2
    assert all(b"%PDF" not in content for content in contents)


def test_no_password_is_logged_or_left_in_a_file(
    school: School, printer: Printer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    families(school, 1)
    with caplog.at_level(logging.DEBUG):
        school.launch(Mode.PAPER)
        printer.print_due()
    assert INITIAL_PASSWORD not in caplog.text
    assert not any(path.is_file() for path in settings.var_dir.rglob("*"))
    with school.database.reading() as session:
        assert all(INITIAL_PASSWORD not in str(event.details) for event in session.scalars(select(JournalEvent)))


class TestDownload:
    """Who may have the PDF, and until when."""

    def test_the_author_and_the_head_may_and_nobody_else(self, school: School, printer: Printer) -> None:
        families(school, 1)
        author = make_staff(school.session, "author", school.establishment, StaffRoleKind.DELEGATE)
        other = make_staff(school.session, "other", school.establishment, StaffRoleKind.DELEGATE)
        campaign = school.launch(Mode.PAPER)
        campaign.staff_id = author.id
        school.session.commit()
        printer.print_due()
        instant = clock.now()
        home = school.establishment.id
        assert letters_for(school.session, campaign.id, home, author.id, is_head=False, now=instant).id == campaign.id
        assert letters_for(school.session, campaign.id, home, other.id, is_head=True, now=instant).id == campaign.id
        with pytest.raises(LettersNotYours):
            letters_for(school.session, campaign.id, home, other.id, is_head=False, now=instant)

    def test_the_letters_of_one_establishment_are_not_found_from_another(
        self, school: School, printer: Printer
    ) -> None:
        families(school, 1)
        campaign = school.launch(Mode.PAPER)
        printer.print_due()
        other = make_establishment(school.session, "9740002B")
        with pytest.raises(CampaignNotFound):
            letters_for(school.session, campaign.id, other.id, None, is_head=True, now=clock.now())

    def test_they_are_not_ready_before_all_are_printed(self, school: School) -> None:
        families(school, 1)
        campaign = school.launch(Mode.PAPER)
        with pytest.raises(LettersNotReady):
            letters_for(school.session, campaign.id, school.establishment.id, None, is_head=True, now=clock.now())

    def test_a_campaign_of_mails_has_none(self, school: School) -> None:
        school.family("PAYET", email="m.payet@example.org")
        campaign = school.launch(Mode.MAIL)
        with pytest.raises(NoLetters):
            letters_for(school.session, campaign.id, school.establishment.id, None, is_head=True, now=clock.now())

    def test_they_are_removed_after_24_hours(self, school: School, printer: Printer) -> None:
        families(school, 1)
        campaign = school.launch(Mode.PAPER)
        printer.print_due()
        later = clock.now() + timedelta(hours=24)
        assert remove_old_letters(school.session, later - timedelta(minutes=5)) == 0
        with pytest.raises(LettersRemoved):
            letters_for(school.session, campaign.id, school.establishment.id, None, is_head=True, now=later)
        assert remove_old_letters(school.session, later) == 1
        assert school.session.scalar(select(func.count()).select_from(LetterLot)) == 0
        with pytest.raises(LettersRemoved):
            letters_for(school.session, campaign.id, school.establishment.id, None, is_head=True, now=later)
        assert remove_old_letters(school.session, later) == 0

    def test_taking_them_is_journaled(self, school: School, printer: Printer) -> None:
        families(school, 1)
        campaign = school.launch(Mode.PAPER)
        printer.print_due()
        home = school.establishment.id
        note_download(at_desk(school.session, home, now=clock.now()), campaign.id, is_head=True)
        school.session.flush()
        actions = school.session.scalars(select(JournalEvent.action)).all()
        assert "letters_downloaded" in actions


def test_one_campaign_can_be_printed_alone(school: School, printer: Printer) -> None:
    families(school, 2)
    first = school.launch(Mode.PAPER)
    for number in range(2):
        school.family("HOARAU", division="6B", identifier=f"h{number}")
    second = school.launch(Mode.PAPER, Criteria(divisions=frozenset({"6B"})))
    assert printer.print_due(second.id) == 2
    assert school.states(first) == {DeliveryState.TO_SEND: 2}
    assert school.states(second) == {DeliveryState.PRINTED: 2}


def test_when_nothing_is_due_nothing_is_printed(school: School, printer: Printer) -> None:
    school.session.commit()
    assert printer.print_due() == 0
