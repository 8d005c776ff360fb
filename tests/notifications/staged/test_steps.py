"""One channel after another, and paper for those alone who did not activate their account by then (R36)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from shared import clock
from shared.accounts.directory.renewal import disable
from shared.acting.desk import Desk
from shared.config import Settings
from shared.establishments.settings import set_sends_sms
from shared.models.accounts import Account, AccountState
from shared.models.background import Restoration
from shared.models.journal import ActorKind, JournalEvent
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode, Notification
from shared.models.reasons import Reason
from shared.models.school import Establishment, Guardian
from shared.models.sending.staged import StageCause, StagedCampaign, StageState
from shared.models.staff import Staff, StaffRole
from shared.notifications.campaigns.control import cancel
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import ModeNotOffered, Offer, offer_of
from shared.notifications.staged.control import NobodyLeft, StagedOver, launch_next, stop, what_next
from shared.notifications.staged.falling_due import fall_due
from shared.notifications.staged.finding import StagedNotFound
from shared.notifications.staged.planning import plan_steps
from shared.notifications.staged.standing import line_of, lines_of_stages, list_staged
from shared.notifications.staged.starting import start
from shared.notifications.staged.steps import Steps, StepsRefused
from shared.worker import due_steps
from tests.factories import TODAY, make_establishment
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import phone
from tests.notifications.staged.conftest import ORDER, WEEK, Days, secretary
from tests.smtp import Mailbox

LAUNCHED, AWAITED = (StageState.LAUNCHED, None), (StageState.AWAITED, None)
PROPOSED = (StageState.PROPOSED, StageCause.PRINTED)


@pytest.fixture
def families(school: School) -> list[Account]:
    """One with an e-mail and a telephone, one with an e-mail, one with a telephone, one with neither."""
    mail, mobile = {"email": "a@exemple.fr"}, {"mobile_phone": phone(1), "accepts_sms": True}
    kinds: list[dict[str, object]] = [
        mail | mobile,
        {"email": "b@exemple.fr"},
        mobile | {"mobile_phone": phone(2)},
        {},
    ]
    found = [
        school.family(f"PAYET{index}", child=f"Léa{index}", identifier=f"p{index}", **columns)[0]
        for index, columns in enumerate(kinds)
    ]
    school.session.commit()
    return found


def test_what_each_step_would_do_is_told_before_the_first_leaves(days: Days, families: list[Account]) -> None:
    told = plan_steps(days.desk(), Criteria(), Steps(ORDER, WEEK), offer_of(days.settings))
    assert told.first.of(Channel.MAIL) == 2
    assert [(one.channel, one.number, one.day) for one in told.later] == [
        (Channel.SMS, 2, date(2026, 9, 8)),
        (Channel.PAPER, 4, date(2026, 9, 15)),
    ]
    assert told.later[0].cost == 2 * 650
    assert told.later[1].cost == 0


def test_paper_is_for_those_alone_who_did_not_activate(days: Days, families: list[Account], mailbox: Mailbox) -> None:
    both, mailed, texted, neither = families
    staged = days.begin()
    assert sorted(mailbox.recipients) == ["a@exemple.fr", "b@exemple.fr"]
    days.pass_days(WEEK - 1)
    days.tick()
    assert days.told(Channel.SMS) == []
    days.activate(mailed)
    days.pass_days(1)
    days.tick()
    assert days.told(Channel.SMS) == sorted([both.id, texted.id])
    days.activate(both)
    days.pass_days(WEEK)
    days.tick()
    # Prepared when somebody is there to print: the letters are kept for a day.
    assert days.stages(staged) == [LAUNCHED, LAUNCHED, PROPOSED]
    assert days.told(Channel.PAPER) == []
    _, stage, planned = what_next(days.desk(), staged.id, offer_of(days.settings))
    assert planned.of(Channel.PAPER) == 2
    launch_next(days.desk(), staged.id, stage.position, offer_of(days.settings))
    days.school.session.commit()
    days.deliver()
    assert days.told(Channel.PAPER) == sorted([texted.id, neither.id])
    assert days.stages(staged) == [LAUNCHED, LAUNCHED, LAUNCHED]
    line = line_of(days.school.session, days.school.session.get_one(StagedCampaign, staged.id, populate_existing=True))
    assert (line.staged.ended_at is not None, line.total, line.active) == (True, 4, 2)
    assert {position: one.activated for position, one in lines_of_stages(days.school.session, staged).items()} == {
        1: 1,
        2: 1,
        3: 0,
    }


def test_who_activates_between_the_step_and_the_printer_gets_no_letter(days: Days, families: list[Account]) -> None:
    staged = days.begin((Channel.MAIL, Channel.PAPER))
    days.pass_days(WEEK)
    days.tick()
    campaign = launch_next(days.desk(), staged.id, 2, offer_of(days.settings))
    days.school.session.commit()
    days.activate(families[0])
    days.deliver()
    assert days.told(Channel.PAPER) == sorted(one.id for one in families[1:])
    rows = {row.account_id: row.error for row in days.school.rows(campaign)}
    assert rows[families[0].id] is Reason.ACTIVATED_SINCE


def test_whoever_left_or_was_closed_merged_or_notified_so_since_leaves(days: Days, families: list[Account]) -> None:
    closed, gone, by_hand, stays = families
    staged = days.begin((Channel.MAIL, Channel.PAPER))
    session = days.school.session
    fiche = session.scalars(select(Guardian).where(Guardian.account_id == closed.id)).one()
    disable(days.desk(), session.get_one(Account, closed.id), fiche)
    guardian = session.scalars(select(Guardian).where(Guardian.account_id == gone.id)).one()
    guardian.gone_at = clock.now()
    launch(days.desk(), Criteria(account_ids=frozenset({by_hand.id})), Mode.PAPER, request_key="by hand")
    session.commit()
    days.deliver()
    days.pass_days(WEEK)
    days.tick()
    campaign = launch_next(days.desk(), staged.id, 2, offer_of(days.settings))
    session.commit()
    days.deliver()
    assert {row.account_id: row.error for row in days.school.rows(campaign)} == {
        by_hand.id: Reason.TOLD_ALREADY,
        stays.id: None,
    }


def test_a_letter_nobody_took_before_it_was_removed_is_prepared_again(days: Days, families: list[Account]) -> None:
    staged = days.begin((Channel.MAIL, Channel.PAPER))
    session = days.school.session
    lost = launch(days.desk(), Criteria(account_ids=frozenset({families[0].id})), Mode.PAPER, request_key="by hand")
    session.commit()
    days.deliver()
    session.get_one(Campaign, lost.id, populate_existing=True).letters_removed_at = clock.now()
    session.commit()
    days.pass_days(WEEK)
    _, _, planned = what_next(days.desk(), staged.id, offer_of(days.settings))
    assert planned.of(Channel.PAPER) == 4


def test_it_ends_by_itself_when_everybody_has_activated(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    for one in families:
        days.activate(one)
    days.pass_days(WEEK)
    days.tick()
    nobody = (StageState.PASSED, StageCause.NOBODY)
    assert days.stages(staged) == [LAUNCHED, nobody, nobody]
    with pytest.raises(StagedOver):
        stop(days.desk(), staged.id)


def test_a_step_that_reaches_nobody_keeps_the_next_waiting_no_longer(days: Days, school: School) -> None:
    account, _, _ = school.family("PAYET", identifier="p0", email="a@exemple.fr")
    school.session.commit()
    staged = days.begin()
    days.pass_days(WEEK)
    days.tick()
    days.tick()
    assert days.stages(staged) == [LAUNCHED, LAUNCHED, PROPOSED]
    assert days.told(Channel.SMS) == []
    assert school.account(account).state is AccountState.NOTIFIED


def test_one_that_cannot_be_taken_keeps_no_other_from_its_day(
    days: Days, families: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = days.begin(key="broken")
    staged = days.begin(key="sound")

    def fall_due_but_one(desk: Desk, staged_id: int, offer: Offer) -> Campaign | None:
        if staged_id == broken.id:
            raise ValueError("not even this one")
        return fall_due(desk, staged_id, offer)

    monkeypatch.setattr(due_steps, "fall_due", fall_due_but_one)
    days.pass_days(WEEK)
    days.tick()
    assert days.stages(broken)[1] == AWAITED
    assert days.stages(staged)[1] == LAUNCHED


def test_nothing_leaves_at_night(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    days.pass_days(WEEK)
    days.traveller.shift(timedelta(hours=10))
    days.tick()
    assert days.stages(staged)[1] == AWAITED
    days.traveller.shift(timedelta(hours=12))
    days.tick()
    assert days.stages(staged)[1] == LAUNCHED


def test_a_step_waits_where_the_one_before_could_not_leave(
    days: Days, families: list[Account], mailbox: Mailbox
) -> None:
    days.settings = days.settings.model_copy(update={"smtp_port": 1})
    staged = days.begin()
    days.pass_days(WEEK)
    days.tick()
    assert days.stages(staged)[1] == AWAITED
    due = days.school.session.get_one(StagedCampaign, staged.id, populate_existing=True).stages[1].due_on
    assert due == TODAY + timedelta(days=2 * WEEK)


def test_who_asked_and_still_has_the_tab_may(days: Days, families: list[Account]) -> None:
    staged = days.begin(actor=secretary(days.school))
    days.pass_days(WEEK)
    days.tick()
    assert days.stages(staged)[1] == LAUNCHED
    session = days.school.session
    campaigns = session.scalars(select(Campaign).order_by(Campaign.id)).all()
    assert len({one.staff_id for one in campaigns}) == 1
    events = session.scalars(select(JournalEvent).where(JournalEvent.action == "campaign_launched")).all()
    assert [one.actor_kind for one in events] == [ActorKind.STAFF, ActorKind.SYSTEM]


@pytest.mark.parametrize("loss", ["ended", "removed", "disabled", "erased", "another tab"])
def test_where_who_asked_may_no_more_somebody_is_asked(days: Days, families: list[Account], loss: str) -> None:
    actor = secretary(days.school)
    staged = days.begin(actor=actor)
    session = days.school.session
    role = session.scalars(select(StaffRole).where(StaffRole.staff_id == actor.id)).one()
    if loss == "ended":
        role.ends_on = TODAY
    elif loss == "another tab":
        role.tabs = ["students"]
    elif loss == "disabled":
        session.get_one(Staff, actor.id).disabled_at = clock.now()
    else:
        session.delete(role)
        session.flush()
        if loss == "erased":
            session.delete(session.get_one(Staff, actor.id))
    session.commit()
    days.pass_days(WEEK)
    days.tick()
    assert days.stages(staged)[1] == (StageState.PROPOSED, StageCause.AUTHOR)
    assert days.told(Channel.SMS) == []
    # Somebody who may confirms it.
    launch_next(days.desk(secretary(days.school, "autre")), staged.id, 2, offer_of(days.settings))
    session.commit()
    days.deliver()
    assert len(days.told(Channel.SMS)) == 2


def test_it_asks_where_it_would_cost_more_than_was_confirmed(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    days.settings = days.settings.model_copy(update={"sms_price": Decimal("0.09")})
    days.pass_days(WEEK)
    days.tick()
    assert days.stages(staged)[1] == (StageState.PROPOSED, StageCause.DEARER)


def test_it_asks_where_the_step_before_was_cancelled(days: Days, families: list[Account]) -> None:
    days.settings = days.settings.model_copy(update={"smtp_port": 1})
    staged = days.begin()
    cancel(days.desk(), staged.stages[0].campaign_id)
    days.school.session.commit()
    days.pass_days(WEEK)
    days.tick()
    assert days.stages(staged)[1] == (StageState.PROPOSED, StageCause.CANCELLED)


def test_it_asks_after_a_restoration_and_does_nothing_before_it_is_released(
    days: Days, families: list[Account]
) -> None:
    staged = days.begin()
    session = days.school.session
    days.pass_days(1)
    restored = Restoration(restored_at=clock.now(), first_index=0)
    session.add(restored)
    session.commit()
    days.pass_days(WEEK)
    days.tick()
    assert days.stages(staged)[1] == AWAITED
    restored.released_at, restored.standing = clock.now(), None
    session.commit()
    days.tick()
    assert days.stages(staged)[1] == (StageState.PROPOSED, StageCause.RESTORED)


def test_a_channel_that_is_gone_is_passed_over(days: Days, families: list[Account], settings: Settings) -> None:
    staged = days.begin()
    days.settings = settings
    days.pass_days(WEEK)
    days.tick()
    days.tick()
    assert days.stages(staged) == [LAUNCHED, (StageState.PASSED, StageCause.NOT_OFFERED), PROPOSED]


def test_a_school_that_wants_no_sms_any_more_gets_the_next_step(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    set_sends_sms(days.desk(), is_open=False, version=0)
    days.school.session.commit()
    days.pass_days(WEEK)
    days.tick()
    days.tick()
    assert days.stages(staged) == [LAUNCHED, (StageState.PASSED, StageCause.NOT_OFFERED), PROPOSED]
    assert days.told(Channel.SMS) == []


def test_a_step_is_put_forward_and_the_next_counts_from_it(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    days.pass_days(2)
    campaign = launch_next(days.desk(), staged.id, 2, offer_of(days.settings))
    again = launch_next(days.desk(), staged.id, 2, offer_of(days.settings))
    days.school.session.commit()
    assert again.id == campaign.id
    days.deliver()
    assert len(days.told(Channel.SMS)) == 2
    due = days.school.session.get_one(StagedCampaign, staged.id, populate_existing=True).stages[2].due_on
    assert due == TODAY + timedelta(days=2 + WEEK)


def test_no_step_is_jumped_over(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    with pytest.raises(StagedOver):
        launch_next(days.desk(), staged.id, 3, offer_of(days.settings))


def test_stopped_nothing_follows_and_what_left_has_left(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    stop(days.desk(), staged.id)
    days.school.session.commit()
    days.pass_days(3 * WEEK)
    days.tick()
    stopped = (StageState.PASSED, StageCause.STOPPED)
    assert days.stages(staged) == [LAUNCHED, stopped, stopped]
    assert len(days.told(Channel.MAIL)) == 2
    with pytest.raises(StagedOver):
        launch_next(days.desk(), staged.id, 2, offer_of(days.settings))


def test_confirming_for_nobody_ends_it(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    for one in families:
        days.activate(one)
    with pytest.raises(NobodyLeft):
        launch_next(days.desk(), staged.id, 2, offer_of(days.settings))


def test_another_school_sees_and_does_nothing(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    session = days.school.session
    other = make_establishment(session, "9740002B", "Autre")
    session.commit()
    there = replace(days.desk(), establishment_id=other.id)
    for refused in (
        lambda: stop(there, staged.id),
        lambda: what_next(there, staged.id, offer_of(days.settings)),
        lambda: launch_next(there, staged.id, 2, offer_of(days.settings)),
        lambda: start(there, Criteria(), Steps(ORDER, WEEK), request_key="key", offer=offer_of(days.settings)),
    ):
        with pytest.raises(StagedNotFound):
            refused()
    assert list_staged(session, other.id, Criteria().kind) == []
    assert session.get_one(Establishment, other.id).name == "Autre"


def test_confirming_twice_begins_one(days: Days, families: list[Account], mailbox: Mailbox) -> None:
    assert days.begin().id == days.begin().id
    assert len(mailbox.messages) == 2


@pytest.mark.parametrize(
    ("channels", "interval", "words"),
    [
        ((Channel.MAIL,), WEEK, "au moins deux étapes"),
        ((), WEEK, "au moins deux étapes"),
        ((Channel.MAIL, Channel.PAPER, Channel.MAIL), WEEK, "L'étape 3 est la même que l'étape 1"),
        (ORDER, 0, "de 1 à 60"),
        (ORDER, 61, "de 1 à 60"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_what_to_do(
    days: Days, families: list[Account], channels: tuple[Channel, ...], interval: int, words: str
) -> None:
    with pytest.raises(StepsRefused, match=words):
        start(days.desk(), Criteria(), Steps(channels, interval), request_key="k", offer=offer_of(days.settings))
    assert days.school.session.scalars(select(StagedCampaign)).all() == []


def test_used_accounts_alone_are_no_reason_for_steps(days: Days, families: list[Account]) -> None:
    with pytest.raises(StepsRefused, match="pas encore utilisés"):
        days.begin(criteria=Criteria(states=frozenset({AccountState.ACTIVE})))


def test_a_channel_that_is_not_there_is_refused(days: Days, families: list[Account], settings: Settings) -> None:
    days.settings = settings
    with pytest.raises(ModeNotOffered):
        days.begin()


def test_rows_of_the_first_step_name_everybody_even_whom_it_does_not_reach(days: Days, families: list[Account]) -> None:
    staged = days.begin()
    wanted = select(Notification).where(Notification.campaign_id == staged.stages[0].campaign_id)
    rows = {row.account_id: (row.delivery, row.error) for row in days.school.session.scalars(wanted)}
    assert rows == {
        families[0].id: (DeliveryState.SENT, None),
        families[1].id: (DeliveryState.SENT, None),
        families[2].id: (DeliveryState.SKIPPED, Reason.NO_MAIL_ADDRESS),
        families[3].id: (DeliveryState.SKIPPED, Reason.NO_MAIL_ADDRESS),
    }
