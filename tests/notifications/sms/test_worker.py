"""An SMS leaves once, whatever the gateway does, and what nobody knows of it is said (R18, R36)."""

import re
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from sqlalchemy import select, update

from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode, Notification
from shared.models.reasons import Reason
from shared.models.sending.sms import SmsMessage, SmsState
from shared.notifications.campaigns.progress import try_again
from shared.notifications.campaigns.unreached import Outcome
from shared.notifications.channels.registry import offer_of
from shared.notifications.outbox.claiming import take_lot
from shared.notifications.outbox.outages import standing_outage
from shared.notifications.sms import http_gateway, messages
from shared.notifications.sms.costs import cost_of
from shared.notifications.sms.messages import Ended, Ledger
from shared.notifications.sms.worker import SmsCarrier
from shared.rows.leases import LEASE
from shared.sign_on.asking import web
from tests.factories import INITIAL_PASSWORD, at_desk
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import families, launch_sms, number
from tests.sms import Phones


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS_TO_ANSWER", 1)


def states(database: Database) -> list[SmsState]:
    with database.reading() as session:
        return list(session.scalars(select(SmsMessage.state).order_by(SmsMessage.id)))


def test_each_family_gets_one_message_with_a_code_and_no_password(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    accounts = families(school, 3)
    campaign = launch_sms(school, sending)
    assert carrier.send_due() == 3
    assert carrier.send_due() == 0
    assert phones.numbers == {number(index): 1 for index in range(3)}
    assert school.states(campaign) == {DeliveryState.SENT: 3}
    assert {school.account(one).state for one in accounts} == {AccountState.NOTIFIED}
    text = phones.messages[0]["message"]
    assert "https://portail.example.org/code" in text
    assert re.search(r"\b[a-z0-9]{5}-[a-z0-9]{5}\b", text)
    assert INITIAL_PASSWORD not in text
    assert len(text) <= 160
    assert phones.messages[0]["noStopClause"] is True
    assert {headers["Authorization"] for headers in phones.headers} == {"Bearer a token of the tests"}
    with school.database.reading() as session:
        assert cost_of(session, campaign.id) == 3 * 650


def test_a_number_the_gateway_does_not_know_is_refused_and_not_written_to_again(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 2)
    phones.answer = lambda to: (200, {"ids": [], "invalidReceivers": [to]}) if to == number(1) else None
    campaign = launch_sms(school, sending)
    assert carrier.send_due() == 1
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.REFUSED: 1}
    again = launch_sms(school, sending)
    reasons = {row.error for row in school.rows(again) if row.delivery is DeliveryState.SKIPPED}
    assert reasons == {Reason.FAILING_NUMBER}
    with school.database.reading() as session:
        assert cost_of(session, campaign.id) == 650


@pytest.mark.parametrize("status", [500, 502, 302])
def test_an_answer_that_says_nothing_leaves_the_state_unknown_and_sends_nothing_again(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones, status: int
) -> None:
    families(school, 2)
    phones.answer = lambda to: (status, "<html>") if to == number(0) else None
    phones.keeps = True
    campaign = launch_sms(school, sending)
    carrier.send_due()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        carrier.send_due()
    assert phones.numbers == {number(0): 1, number(1): 1}
    refused = [row.error for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED]
    assert refused == [Reason.SMS_STATE_UNKNOWN]
    assert states(school.database) == [SmsState.UNKNOWN, SmsState.ACCEPTED]


@pytest.mark.parametrize("how", ["silent", "hangs_up"])
def test_a_gateway_that_falls_silent_with_a_message_in_hand_gets_it_once(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones, how: str
) -> None:
    families(school, 3)
    getattr(phones, how).add(number(1))
    campaign = launch_sms(school, sending)
    carrier.send_due()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        carrier.send_due()
    assert phones.numbers == {number(index): 1 for index in range(3)}
    assert school.states(campaign) == {DeliveryState.SENT: 2, DeliveryState.REFUSED: 1}


def test_a_gateway_that_answers_late_has_each_message_once(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 2)
    campaign = launch_sms(school, sending)
    phones.seconds = 0.6
    assert carrier.send_due() == 2
    assert carrier.send_due() == 0
    assert phones.numbers == {number(0): 1, number(1): 1}
    assert school.states(campaign) == {DeliveryState.SENT: 2}


def test_staff_may_try_again_what_nobody_knows_of(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 1)
    phones.hangs_up.add(number(0))
    campaign = launch_sms(school, sending)
    carrier.send_due()
    phones.hangs_up.clear()
    [row] = school.rows(campaign)
    try_again(at_desk(school.session, school.establishment.id), row.id, offer_of(sending))
    school.session.commit()
    assert carrier.send_due() == 1
    first, second = (one["message"] for one in phones.messages)
    # Whichever arrived, its code is good.
    assert first == second
    with school.database.reading() as session:
        assert cost_of(session, campaign.id) == 2 * 650


def test_a_gateway_that_is_away_loses_nothing_and_counts_no_attempt(
    school: School, database: Database, sending: Settings, phones: Phones
) -> None:
    families(school, 3)
    campaign = launch_sms(school, sending)
    away = sending.model_copy(update={"sms_http_url": "http://127.0.0.1:1/jobs"})
    assert SmsCarrier(database, away, Event()).send_due() == 0
    with database.reading() as session:
        assert standing_outage(session, Channel.SMS) is not None
        # Mails go on.
        assert standing_outage(session, Channel.MAIL) is None
    assert {row.attempts for row in school.rows(campaign)} == {0}
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        assert SmsCarrier(database, sending, Event()).send_due() == 3
    assert phones.numbers == {number(index): 1 for index in range(3)}


@pytest.mark.parametrize("status", [401, 402, 403])
def test_keys_that_are_wrong_or_no_credit_keep_everything_waiting(
    school: School, database: Database, sending: Settings, carrier: SmsCarrier, phones: Phones, status: int
) -> None:
    families(school, 3)
    phones.answer = lambda _to: (status, {"message": "Not enough credits"})
    launch_sms(school, sending)
    assert carrier.send_due() == 0
    with database.reading() as session:
        outage = standing_outage(session, Channel.SMS)
        assert outage is not None
        assert "Not enough credits" in outage.reason
    assert len(phones.headers) == 1


def test_a_gateway_that_asks_to_come_back_is_left_in_peace_and_gets_each_message_once(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 2)
    refusals = iter([True, False, False, False])
    phones.answer = lambda _to: (429, {"message": "slow down"}) if next(refusals) else None
    campaign = launch_sms(school, sending)
    carrier.send_due()
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        carrier.send_due()
    assert school.states(campaign) == {DeliveryState.SENT: 2}
    assert phones.numbers == {number(index): 1 for index in range(2)}


def test_a_message_that_was_on_its_way_when_the_worker_died_is_not_sent_again(
    school: School, database: Database, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 3)
    campaign = launch_sms(school, sending)
    with database.writing() as session:
        lot = take_lot(session, SmsCarrier.carried, 0, clock.now())
    assert lot is not None
    with Ledger(database, 650) as ledger:
        done, broken = lot.claimed.ids[:2]
        begun = ledger.begin([done], lot.claimed.lease, lot.leased_until)
        ledger.end([Ended(begun[done], done, lot.claimed.lease, SmsState.ACCEPTED, "1")])
        ledger.begin([broken], lot.claimed.lease, lot.leased_until)
    # It dies here; its lease runs out.
    with time_machine.travel(clock.now() + LEASE + timedelta(seconds=1), tick=False):
        assert carrier.send_due() == 1
        carrier.send_due()
    assert sum(phones.numbers.values()) == 1
    by_row = {row.id: (row.delivery, row.error) for row in school.rows(campaign)}
    assert by_row[done] == (DeliveryState.SENT, None)
    assert by_row[broken] == (DeliveryState.REFUSED, Reason.SMS_STATE_UNKNOWN)
    with database.reading() as session:
        assert session.get_one(Campaign, campaign.id).finished_at is not None


def test_no_more_leave_in_a_minute_than_the_settings_say(
    school: School, database: Database, sending: Settings, phones: Phones
) -> None:
    families(school, 12)
    launch_sms(school, sending)
    slow = sending.model_copy(update={"sms_per_minute": 60})
    carrier = SmsCarrier(database, slow, Event())
    with time_machine.travel(clock.now(), tick=False), database.writing() as session:
        lot = take_lot(session, carrier.carried, carrier.per_minute(), clock.now())
    assert lot is not None
    # A tenth of a minute's.
    assert len(lot.claimed.ids) == 6


def test_a_receipt_says_what_became_of_a_message_once(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 4)
    campaign = launch_sms(school, sending)
    carrier.send_due()
    phones.receipts = {
        "1": {"deliveryReceipt": 1, "ptt": 4},
        "2": {"deliveryReceipt": 2, "ptt": 8},
        "3": {"deliveryReceipt": 16, "ptt": 23},
    }
    for minutes in (2, 8, 9):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
            carrier.send_due()
    told = [(row.delivery, row.error) for row in school.rows(campaign)]
    assert told == [
        (DeliveryState.SENT, None),
        (DeliveryState.REFUSED, "non remis : code 8 de la passerelle"),
        (DeliveryState.REFUSED, "non remis : code 23 de la passerelle"),
        (DeliveryState.SENT, None),
    ]
    assert states(school.database) == [SmsState.DELIVERED, SmsState.FAILED, SmsState.FAILED, SmsState.ACCEPTED]
    # Only what is not known is asked again.
    assert phones.asked == {"1": 1, "2": 1, "3": 1, "4": 2}
    again = launch_sms(school, sending)
    assert [row.error for row in school.rows(again)] == [None, None, Reason.FAILING_NUMBER, None]


def test_who_was_not_reached_is_listed_and_may_be_notified_by_letter(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    from shared.accounts.populations import GUARDIANS
    from shared.notifications.campaigns.unreached import missed_of_campaign

    families(school, 2)
    school.family("SANS", child="Tom", identifier="sans")
    phones.answer = lambda to: (400, {"message": "refused"}) if to == number(0) else None
    campaign = launch_sms(school, sending)
    carrier.send_due()
    with school.database.reading() as session:
        missed = missed_of_campaign(session, school.establishment.id, GUARDIANS, campaign.id, clock.now().date())
    assert missed == {Outcome.FAILED: 1, Outcome.LEFT_ASIDE: 1}


def test_what_waited_when_the_gateway_was_taken_away_is_refused_with_the_reason(
    school: School, database: Database, sending: Settings, settings: Settings
) -> None:
    families(school, 1)
    campaign = launch_sms(school, sending)
    SmsCarrier(database, settings, Event()).send_due()
    assert [row.error for row in school.rows(campaign)] == [Reason.SMS_NOT_CONFIGURED]


def test_what_the_gateway_took_is_noted_whole_or_not_at_all(
    school: School, database: Database, sending: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between its two statements, the note of an end would let the message leave again."""
    families(school, 1)
    launch_sms(school, sending)
    with database.writing() as session:
        lot = take_lot(session, SmsCarrier.carried, 0, clock.now())
    assert lot is not None
    [row_id] = lot.claimed.ids

    class KilledError(Exception):
        pass

    def killed() -> None:
        raise KilledError

    monkeypatch.setattr(messages, "_handed_over", killed)
    with Ledger(database, 650) as ledger:
        begun = ledger.begin([row_id], lot.claimed.lease, lot.leased_until)
        ledger.end([Ended(begun[row_id], row_id, lot.claimed.lease, SmsState.ACCEPTED, "1")])
        with pytest.raises(KilledError):
            ledger.flush(lot.leased_until)
    assert states(database) == [SmsState.LEAVING]


def test_ovh_is_asked_with_its_signature(
    school: School, database: Database, sending: Settings, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(school, 1)
    launch_sms(school, sending)
    keys = {"sms_application_key": "AK", "sms_application_secret": "AS", "sms_consumer_key": "CK", "sms_token": None}
    monkeypatch.setattr(http_gateway.time, "time", lambda: 1_700_000_000)
    assert SmsCarrier(database, sending.model_copy(update=keys), Event()).send_due() == 1
    [headers] = phones.headers
    assert headers["X-Ovh-Application"] == "AK"
    assert headers["X-Ovh-Timestamp"] == "1700000000"
    assert re.fullmatch(r"\$1\$[0-9a-f]{40}", headers["X-Ovh-Signature"])
    assert "AS" not in str(headers)


def test_a_gateway_that_calls_its_fields_otherwise_is_told_by_a_setting(
    school: School, database: Database, sending: Settings, phones: Phones
) -> None:
    families(school, 1)
    campaign = launch_sms(school, sending)
    phones.answer = lambda _to: (200, {"reference": "abc-1"})
    phones.keeps = True
    named = sending.model_copy(update={"sms_http_fields": "message=text,ids=reference"})
    assert SmsCarrier(database, named, Event()).send_due() == 1
    assert "code" in phones.messages[0]["text"]
    assert school.states(campaign) == {DeliveryState.SENT: 1}
    with database.reading() as session:
        assert session.scalars(select(SmsMessage.reference)).one() == "abc-1"


def test_mail_first_then_sms_then_paper(school: School, sending: Settings) -> None:
    school.family(
        "AVEC", child="Ana", email="a@example.org", identifier="a", mobile_phone="0692 99 00 01", accepts_sms=True
    )
    school.family("BREF", child="Bob", identifier="b", mobile_phone="0692 99 00 02", accepts_sms=True)
    school.family("CHER", child="Cid", identifier="c", mobile_phone="0692 99 00 03", accepts_sms=False)
    campaign = launch_sms(school, sending, Mode.MAIL_SMS_OR_PAPER)
    assert [row.channel for row in school.rows(campaign)] == [Channel.MAIL, Channel.SMS, Channel.PAPER]


def test_a_cancelled_campaign_sends_no_more(
    school: School, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 1)
    campaign = launch_sms(school, sending)
    school.session.execute(update(Campaign).where(Campaign.id == campaign.id).values(cancelled_at=clock.now()))
    school.session.commit()
    assert carrier.send_due() == 0
    assert school.states(campaign) == {DeliveryState.SKIPPED: 1}
    assert phones.messages == []
    assert school.session.scalars(select(Notification.delivery)).one() is DeliveryState.SKIPPED
