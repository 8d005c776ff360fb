"""Envelopes that came back are noted once, and their address is written to again when the base gives another (R36)."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shared import clock
from shared.accounts.directory.corrections import Correction, fiches_to_correct
from shared.accounts.populations import GUARDIANS, STUDENTS, Register
from shared.journal import Actor
from shared.models.accounts import AccountState
from shared.models.journal import ActorKind, JournalEvent
from shared.models.notifications import Campaign, DeliveryState, Mode, Notification
from shared.models.reasons import Reason
from shared.models.school import Guardian
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.progress import try_again
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.campaigns.unreached import Missed, Outcome, missed_of_campaign
from shared.notifications.content.reference import reference_of
from shared.notifications.letters.worker import Printer
from shared.notifications.returned.scanning import (
    CannotReturn,
    LetterNotFound,
    Scanned,
    last_returned,
    note_returned,
    take_back,
)
from tests.factories import at_desk, make_establishment
from tests.notifications.conftest import School

SECRETARY = Actor(ActorKind.STAFF, "Mme Secrétaire")


@dataclass
class Posted:
    """A school whose letters are in the post."""

    school: School
    campaign: Campaign
    guardians: dict[str, Guardian]

    def row(self, name: str) -> Notification:
        [row] = [one for one in self.school.rows(self.campaign) if one.guardian_id == self.guardians[name].id]
        return row

    def scan(self, typed: str, **where: object) -> Scanned:
        with self.school.database.writing() as session:
            desk = at_desk(session, where.get("school", self.school.establishment.id), clock.now(), SECRETARY)  # type: ignore[arg-type]
            return note_returned(desk, where.get("population", GUARDIANS), typed)  # type: ignore[arg-type]

    def skipped(self, mode: Mode = Mode.PAPER) -> dict[Reason, int]:
        with self.school.database.reading() as session:
            return plan(session, self.school.establishment.id, Criteria(), mode, clock.now().date()).skipped_by_reason

    def noted(self) -> list[str]:
        with self.school.database.reading() as session:
            wanted = select(JournalEvent.action).where(JournalEvent.action.like("letter_return%"))
            return list(session.scalars(wanted.order_by(JournalEvent.id)))


@pytest.fixture
def posted(school: School, printer: Printer) -> Posted:
    guardians = {name: school.family(name)[1] for name in ("PAYET", "HOARAU")}
    campaign = school.launch(Mode.PAPER)
    assert printer.print_due() == 2
    return Posted(school, campaign, guardians)


def correct(posted: Posted, name: str, **columns: str) -> None:
    with posted.school.database.writing() as session:
        session.execute(update(Guardian).where(Guardian.id == posted.guardians[name].id).values(**columns))


def test_an_address_that_a_letter_came_back_from_is_left_out_until_the_base_gives_another(posted: Posted) -> None:
    scanned = posted.scan(reference_of(posted.row("PAYET").id))

    assert scanned.is_new
    assert "PAYET" in scanned.letter.fiche.full_name
    assert scanned.letter.returned_by == "Mme Secrétaire"
    assert posted.skipped() == {Reason.RETURNED_LETTER: 1}
    # What needs no address still reaches the family.
    assert posted.skipped(Mode.COUPON) == {}
    correct(posted, "PAYET", address_line1="7 chemin des Goyaves")
    assert posted.skipped() == {}
    assert posted.noted() == ["letter_returned"]


def test_capitals_alone_are_no_other_address(posted: Posted) -> None:
    posted.scan(reference_of(posted.row("PAYET").id))
    correct(posted, "PAYET", city=(posted.guardians["PAYET"].city or "").lower())
    assert posted.skipped() == {Reason.RETURNED_LETTER: 1}


def test_an_address_corrected_before_the_envelope_comes_back_is_not_marked(posted: Posted) -> None:
    correct(posted, "PAYET", address_line1="7 chemin des Goyaves")
    scanned = posted.scan(reference_of(posted.row("PAYET").id))
    assert (scanned.is_new, scanned.letter.is_same_address) == (True, False)
    assert posted.skipped() == {}


def test_somebody_else_at_the_same_address_is_still_written_to(posted: Posted) -> None:
    of_one = {name: getattr(posted.guardians["PAYET"], name) for name in ("address_line1", "postal_code", "city")}
    correct(posted, "HOARAU", **of_one)
    posted.scan(reference_of(posted.row("PAYET").id))
    assert posted.skipped() == {Reason.RETURNED_LETTER: 1}


def test_scanned_twice_it_is_said_once(posted: Posted) -> None:
    reference = reference_of(posted.row("PAYET").id)
    first, again = posted.scan(reference), posted.scan(reference.lower())
    assert (first.is_new, again.is_new) == (True, False)
    assert again.letter.returned_at == first.letter.returned_at
    assert posted.noted() == ["letter_returned"]


def test_a_scan_is_undone(posted: Posted) -> None:
    number = posted.row("PAYET").id
    posted.scan(reference_of(number))
    with posted.school.database.writing() as session:
        take_back(at_desk(session, posted.school.establishment.id, clock.now(), SECRETARY), GUARDIANS, number)
    assert posted.skipped() == {}
    assert posted.noted() == ["letter_returned", "letter_return_undone"]
    with posted.school.database.writing() as session, pytest.raises(CannotReturn, match="déjà rétabli"):
        take_back(at_desk(session, posted.school.establishment.id, clock.now(), SECRETARY), GUARDIANS, number)


def test_a_reference_of_another_school_is_unknown(posted: Posted) -> None:
    with posted.school.database.writing() as session:
        other = make_establishment(session, "9740002B", "Collège voisin").id
    with pytest.raises(CannotReturn, match="Aucun courrier de cet établissement"):
        posted.scan(reference_of(posted.row("PAYET").id), school=other)
    with pytest.raises(CannotReturn, match="Aucun courrier de cet établissement"):
        posted.scan(reference_of(999_999))
    with posted.school.database.writing() as session, pytest.raises(LetterNotFound):
        take_back(at_desk(session, other, clock.now(), SECRETARY), GUARDIANS, posted.row("PAYET").id)
    # Nor is the other school told of which year it is.
    with posted.school.database.writing() as session:
        session.execute(update(Campaign).values(created_at=clock.now() - timedelta(days=400)))
    with pytest.raises(CannotReturn, match="Aucun courrier de cet établissement"):
        posted.scan(reference_of(posted.row("PAYET").id), school=other)
    assert (posted.noted(), posted.skipped()) == ([], {})


def test_a_reference_of_last_year_changes_nothing(posted: Posted) -> None:
    with posted.school.database.writing() as session:
        session.execute(update(Campaign).values(created_at=clock.now() - timedelta(days=400)))
    with pytest.raises(CannotReturn, match="année scolaire passée"):
        posted.scan(reference_of(posted.row("PAYET").id))
    assert (posted.noted(), posted.skipped()) == ([], {})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "9 signes"),
        ("7K2", "9 signes"),
        ("https://portail.example.org/connexion#id=m.payet", "https://portail.example.org/co… »"),
        ("222222223", "mal lu ou mal tapé"),
    ],
)
def test_what_is_no_reference_is_told_so(posted: Posted, typed: str, said: str) -> None:
    with pytest.raises(CannotReturn) as refused:
        posted.scan(typed)
    assert said in str(refused.value)
    assert str(refused.value).endswith("Rien n'a été noté.")


def test_a_mail_a_coupon_and_a_letter_to_a_student_have_no_envelope_here(posted: Posted, printer: Printer) -> None:
    school = posted.school
    school.family("ADAM", email="adam@exemple.fr")
    mail = school.rows(school.launch(Mode.MAIL, Criteria()))
    coupons = school.rows(school.launch(Mode.COUPON, Criteria()))
    printer.print_due()
    [sent] = [row for row in mail if row.delivery is not DeliveryState.SKIPPED]
    with pytest.raises(CannotReturn, match=r"sans enveloppe \(courriel\)"):
        posted.scan(reference_of(sent.id))
    with pytest.raises(CannotReturn, match=r"sans enveloppe \(coupon remis en classe\)"):
        posted.scan(reference_of(coupons[0].id))
    with pytest.raises(CannotReturn, match="adressé à un responsable"):
        posted.scan(reference_of(posted.row("PAYET").id), population=STUDENTS)
    assert posted.noted() == []


def test_a_letter_that_was_never_printed_has_no_envelope(posted: Posted) -> None:
    posted.school.family("ADAM")
    waiting = posted.school.rows(
        posted.school.launch(Mode.PAPER, Criteria(states=frozenset({AccountState.NOT_NOTIFIED})))
    )
    with pytest.raises(CannotReturn, match="n'a pas été imprimé"):
        posted.scan(reference_of(waiting[0].id))


def test_printed_again_it_is_believed_to_arrive(posted: Posted, printer: Printer) -> None:
    row = posted.row("PAYET")
    posted.scan(reference_of(row.id))
    with posted.school.database.writing() as session:
        session.execute(update(Notification).where(Notification.id == row.id).values(delivery=DeliveryState.REFUSED))
    with posted.school.database.writing() as session:
        try_again(at_desk(session, posted.school.establishment.id, clock.now(), SECRETARY), row.id)
    assert printer.print_due() == 1
    assert posted.skipped() == {}


def test_it_is_listed_to_be_corrected_and_counted_where_it_was_sent(posted: Posted) -> None:
    today = clock.now().date()
    posted.scan(reference_of(posted.row("PAYET").id))
    school = posted.school.establishment.id
    with posted.school.database.reading() as session:
        listed = fiches_to_correct(Register(session, school, GUARDIANS, today), Correction.RETURNED)
        missed = missed_of_campaign(session, school, GUARDIANS, posted.campaign.id, today)
        last = last_returned(session, school, GUARDIANS)
        # The student under whom the letter was listed did not get it.
        assert fiches_to_correct(Register(session, school, STUDENTS, today), Correction.RETURNED) == []
    assert [line.fiche.id for line in listed] == [posted.guardians["PAYET"].id]
    assert missed == {Outcome.RETURNED: 1}
    assert [letter.reference for letter in last] == [
        " ".join(reference_of(posted.row("PAYET").id)[first : first + 3] for first in (0, 3, 6))
    ]
    # They can be notified otherwise at once.
    among = Criteria(among=Missed(Outcome.RETURNED, posted.campaign.id))
    assert len(posted.school.rows(posted.school.launch(Mode.COUPON, among))) == 1
