"""Whom an SMS is for: who the school base says accepts it, on a mobile number of France that is one family's own."""

import pytest

from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.models.notifications import Channel, Mode
from shared.models.reasons import Reason
from shared.models.school import Hold
from shared.models.sending.refusals import FailingAddress
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import ModeNotOffered, Offer, offer_of
from shared.persons.mobiles import mobile_in
from tests.factories import NOW, TODAY, at_desk, make_guardian
from tests.notifications.conftest import School


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0690 12 34 56", "+590690123456"),
        ("0694 20 12 34", "+594694201234"),
        ("0696 12 34 56", "+596696123456"),
        ("0639 01 23 45", "+262639012345"),
        ("+687 75 12 34", "+687751234"),
        ("+689 87 12 34 56", "+68987123456"),
        ("+508 55 12 34", "+508551234"),
        ("0262 12 34 56", Reason.NOT_A_MOBILE),
        ("01 45 67 89 01", Reason.NOT_A_MOBILE),
        ("0899 12 34 56", Reason.NOT_A_MOBILE),
        ("+32 470 12 34 56", Reason.FOREIGN_NUMBER),
        ("+1 212 555 2368", Reason.FOREIGN_NUMBER),
        ("06 12 34", Reason.UNREADABLE_NUMBER),
        ("néant", Reason.UNREADABLE_NUMBER),
        ("0612345678 0612345679", Reason.UNREADABLE_NUMBER),
    ],
)
def test_only_mobile_numbers_of_france_and_overseas_are_written_to(written: str, number: str | Reason) -> None:
    assert mobile_in(written) == number


def test_a_setting_lets_the_numbers_of_a_country_nearby_be_written_to(settings: Settings) -> None:
    assert mobile_in("+32 470 12 34 56", {"BE"}) == "+32470123456"
    assert offer_of(settings.model_copy(update={"sms_countries": "BE, CH"})).countries == {"BE", "CH"}


def reasons(school: School, settings: Settings, mode: Mode = Mode.SMS) -> dict[str, Reason]:
    planned = plan(school.session, school.establishment.id, Criteria(), mode, TODAY, offer_of(settings))
    return {one.identifier: one.reason for one in planned.skipped}


def test_each_number_that_is_not_written_to_has_its_reason(school: School, sending: Settings) -> None:
    def family(name: str, phone: str | None, accepts: bool | None = True, **columns: object) -> None:
        school.family(name.upper(), child=name, identifier=name, mobile_phone=phone, accepts_sms=accepts, **columns)

    family("good", "0692 00 00 01")
    family("none", None)
    family("unsaid", "0692 00 00 02", None)
    family("refuses", "0692 00 00 03", False)
    family("landline", "0262 12 34 56")
    family("foreign", "+32 470 12 34 56")
    family("malformed", "06 12 34")
    family("failing", "0692 00 00 04")
    family("office", "0692 00 00 05", first_name="")
    family("dead", "0692 00 00 06", hold=Hold.DECEASED, staff_note="DECEDE")
    school.session.add(FailingAddress(email="+262692000004", since=NOW, reason="non remis"))
    school.session.flush()
    assert reasons(school, sending) == {
        "none": Reason.NO_MOBILE_NUMBER,
        "unsaid": Reason.SMS_NOT_ACCEPTED,
        "refuses": Reason.SMS_NOT_ACCEPTED,
        "landline": Reason.NOT_A_MOBILE,
        "foreign": Reason.FOREIGN_NUMBER,
        "malformed": Reason.UNREADABLE_NUMBER,
        "failing": Reason.FAILING_NUMBER,
        "office": Reason.SMS_TO_ORGANISATION,
        "dead": Reason.HELD_DECEASED,
    }


def test_a_number_of_two_families_is_not_written_to_and_that_of_two_parents_is(
    school: School, sending: Settings
) -> None:
    same = {"mobile_phone": "0692 00 00 01", "accepts_sms": True}
    school.family("ADAM", child="Ana", identifier="adam", **same)
    school.family("BEGUE", child="Bob", identifier="begue", **same)
    both = {"mobile_phone": "0692 00 00 02", "accepts_sms": True}
    _, _, child = school.family("CADET", child="Cid", identifier="cadet", **both)
    father = make_guardian(school.session, school.establishment, child, last_name="CADET", first_name="Paul", **both)
    assert father.mobile_phone
    assert reasons(school, sending) == {"adam": Reason.SHARED_NUMBER, "begue": Reason.SHARED_NUMBER}


def test_nothing_is_offered_before_a_gateway_is_named(school: School, settings: Settings, sending: Settings) -> None:
    assert not [mode for mode in offer_of(settings).modes if "sms" in mode.value]
    assert {Mode.SMS, Mode.MAIL_SMS_OR_PAPER} <= set(offer_of(sending).modes)
    for mode in (Mode.SMS, Mode.MAIL_SMS_OR_PAPER):
        with pytest.raises(ModeNotOffered):
            reasons(school, settings, mode)
        with pytest.raises(ModeNotOffered):
            launch(at_desk(school.session, school.establishment.id), Criteria(), mode, request_key="k")


def test_students_get_none_since_their_file_says_nothing_of_it(sending: Settings) -> None:
    offered: Offer = offer_of(sending)
    assert Mode.SMS not in offered.modes_for(AccountKind.STUDENT)
    assert Channel.SMS not in {one.channel for one in offered.channels_for(AccountKind.STUDENT)}


def test_what_it_will_cost_is_said(school: School, sending: Settings) -> None:
    for index in range(3):
        phone = f"0692 00 00 0{index}"
        school.family("PAYET", child=f"L{index}", identifier=f"p{index}", mobile_phone=phone, accepts_sms=True)
    planned = plan(school.session, school.establishment.id, Criteria(), Mode.SMS, TODAY, offer_of(sending))
    assert (planned.of(Channel.SMS), planned.cost(Channel.SMS)) == (3, 1950)
