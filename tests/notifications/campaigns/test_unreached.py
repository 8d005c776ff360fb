"""Whom notifications did not reach: counted, listed and notified otherwise by one definition, until they are (R18)."""

from datetime import timedelta

import pytest

from shared import clock
from shared.accounts.populations import GUARDIANS, Register
from shared.models.accounts import AccountState
from shared.models.notifications import Campaign, DeliveryState, Mode
from shared.models.reasons import Reason
from shared.notifications.campaigns.overview import Afoot, Which, count_afoot, overview
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.campaigns.unreached import Missed, Outcome, missed_lines, missed_of_campaign
from shared.notifications.letters.download import note_download, remove_old_letters
from shared.notifications.letters.worker import Printer
from tests.factories import at_desk, make_establishment
from tests.notifications.conftest import School

pytestmark = pytest.mark.both_databases
FAILED = Missed(Outcome.FAILED)


def refuse(school: School, campaign: Campaign) -> None:
    """What a mail server does to every mail of it."""
    for row in school.rows(campaign):
        found = school.session.get_one(type(row), row.id)
        found.delivery, found.error, found.settled_at = DeliveryState.REFUSED, "550 inconnu", clock.now()
        found.next_attempt_at = None
    school.session.get_one(Campaign, campaign.id).finished_at = clock.now()
    school.session.commit()


def register_of(school: School) -> Register:
    return Register(school.session, school.establishment.id, GUARDIANS, clock.now().date())


def names(school: School, missed: Missed = FAILED) -> list[str]:
    lines = missed_lines(register_of(school), missed)
    found = [line.fiche.family_name for line in lines]
    school.session.commit()
    return found


def afoot(school: School) -> Afoot:
    now = clock.now()
    found = count_afoot(school.session, school.establishment.id, GUARDIANS, now, now.date())
    school.session.commit()
    return found


def listed(school: School, which: Which) -> list[int]:
    now = clock.now()
    lines = overview(register_of(school), now, which=which)
    return [line.campaign.id for line in lines]


def planned(school: School, missed: Missed, mode: Mode = Mode.PAPER) -> list[str]:
    criteria = Criteria(among=missed)
    return [
        one.identifier
        for one in plan(school.session, school.establishment.id, criteria, mode, clock.now().date()).decisions
    ]


@pytest.fixture
def failed(school: School) -> Campaign:
    """Two families whose mails were refused."""
    for name in ("PAYET", "HOARAU"):
        school.family(name, email=f"{name.lower()}@example.org", identifier=f"m.{name.lower()}")
    campaign = school.launch(Mode.MAIL)
    refuse(school, campaign)
    return campaign


def test_each_failure_counts_once_and_is_what_a_letter_is_prepared_for(school: School, failed: Campaign) -> None:
    assert names(school) == ["PAYET", "HOARAU"]
    assert afoot(school).failed == len(names(school))
    assert sorted(planned(school, FAILED)) == ["m.hoarau", "m.payet"]
    found = missed_of_campaign(school.session, school.establishment.id, GUARDIANS, failed.id, clock.now().date())
    assert found == {Outcome.FAILED: 2}


def test_whoever_failed_twice_counts_once(school: School, failed: Campaign) -> None:
    refuse(school, school.launch(Mode.MAIL, Criteria(among=FAILED)))
    assert sorted(names(school)) == ["HOARAU", "PAYET"]
    assert afoot(school).failed == 2


def test_a_letter_that_waits_or_was_prepared_ends_a_failure(school: School, failed: Campaign, printer: Printer) -> None:
    campaign = school.launch(Mode.PAPER, Criteria(among=Missed(Outcome.FAILED, failed.id)))
    assert campaign.title == "Responsables – après un échec – courrier"
    assert names(school) == []
    printer.print_due()
    school.session.rollback()
    assert (names(school), planned(school, FAILED)) == ([], [])


def test_who_came_in_since_left_or_was_closed_asks_for_nothing(school: School, failed: Campaign) -> None:
    account, _, _ = school.family("GRONDIN", email="g@example.org", identifier="m.grondin")
    _, _, gone = school.family("TECHER", email="t@example.org", identifier="m.techer")
    closed, _, _ = school.family("FONTAINE", email="f@example.org", identifier="m.fontaine")
    refuse(school, school.launch(Mode.MAIL))
    assert afoot(school).failed == 5
    account.state, account.last_login_at = AccountState.ACTIVE, clock.now() + timedelta(minutes=1)
    account.initial_password, account.password_hash = None, "x"
    account.email = "g@example.org"
    account.first_login_at = account.activated_at = account.email_verified_at = clock.now()
    account.expires_on = None
    gone.left_on = clock.now().date() - timedelta(days=1)
    closed.state, closed.disabled_from, closed.expires_on = AccountState.DISABLED, AccountState.NOTIFIED, None
    school.session.commit()
    assert sorted(names(school)) == ["HOARAU", "PAYET"]
    assert afoot(school).failed == 2


def test_another_school_counts_nothing_of_it_and_reaches_nobody_by_its_number(school: School, failed: Campaign) -> None:
    other = make_establishment(school.session, "9740002B")
    today = clock.now().date()
    assert missed_lines(Register(school.session, other.id, GUARDIANS, today), FAILED) == []
    assert missed_of_campaign(school.session, other.id, GUARDIANS, failed.id, today) == {}
    criteria = Criteria(among=Missed(Outcome.FAILED, failed.id))
    assert plan(school.session, other.id, criteria, Mode.PAPER, today).decisions == []


def test_who_has_no_address_can_be_notified_by_a_letter(school: School) -> None:
    school.family("PAYET", email=None, identifier="m.payet")
    school.family("HOARAU", email="h@example.org", identifier="m.hoarau")
    campaign = school.launch(Mode.MAIL)
    assert [row.error for row in school.rows(campaign) if row.delivery is DeliveryState.SKIPPED] == [
        Reason.NO_MAIL_ADDRESS
    ]
    left_aside = Missed(Outcome.LEFT_ASIDE, campaign.id)
    assert planned(school, left_aside) == ["m.payet"]
    school.launch(Mode.PAPER, Criteria(among=left_aside))
    assert planned(school, left_aside) == []


def test_letters_are_prepared_then_taken_by_somebody_or_lost(school: School, printer: Printer) -> None:
    """« préparé → téléchargé (par qui) → expiré »: the lists and the counts agree at each step."""
    school.family("PAYET", identifier="m.payet")
    first = school.launch(Mode.PAPER)
    assert (afoot(school).to_take, afoot(school).under_way, afoot(school).leaving) == (0, 1, 1)
    printer.print_due()
    school.session.rollback()
    assert listed(school, Which.TO_TAKE) == [first.id]
    assert (afoot(school).to_take, afoot(school).under_way, afoot(school).leaving) == (1, 0, 0)

    desk = at_desk(school.session, school.establishment.id, now=clock.now())
    note_download(desk, first.id, is_head=True)
    school.session.commit()
    assert listed(school, Which.TO_TAKE) == []
    taken = school.session.get_one(Campaign, first.id)
    assert (taken.letters_downloaded_at, taken.letters_downloaded_by) == (desk.now, desk.actor.name)

    second = school.launch(Mode.PAPER)
    printer.print_due()
    school.session.rollback()
    remove_old_letters(school.session, clock.now() + timedelta(hours=25))
    school.session.commit()
    assert listed(school, Which.EXPIRED) == [second.id]
    assert afoot(school) == Afoot(failed=0, to_take=0, under_way=0, expired=1)
    again = Missed(Outcome.EXPIRED, second.id)
    assert planned(school, again) == ["m.payet"]
    school.launch(Mode.PAPER, Criteria(among=again))
    assert afoot(school).expired == 0


def test_who_has_no_address_is_left_to_be_reached_otherwise_until_something_was_given(
    school: School, printer: Printer
) -> None:
    school.family("PAYET", identifier="m.payet")
    school.family("HOARAU", identifier="p.hoarau", address_line1=None, postal_code=None, city=None)
    school.launch(Mode.PAPER)
    printer.print_due()
    school.session.rollback()
    assert (afoot(school).nowhere, afoot(school).failed) == (1, 0)
    school.launch(Mode.COUPON)
    assert (afoot(school).nowhere, afoot(school).leaving) == (0, 1)
    printer.print_due()
    school.session.rollback()
    assert (afoot(school).nowhere, afoot(school).leaving) == (0, 0)
