"""Whatever the order of days, activations and hands: no paper for who activated, nobody forgotten, nobody twice."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.acting.desk import Desk
from shared.models.accounts import Account, AccountState
from shared.models.notifications import Channel, Notification
from shared.models.school import Guardian
from shared.models.sending.staged import StagedCampaign, StageState
from shared.notifications.channels.registry import Offer, offer_of
from shared.notifications.staged.control import NobodyLeft, StagedOver, launch_next, stop
from shared.notifications.staged.falling_due import fall_due
from shared.notifications.staged.finding import next_stage
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import number, phone
from tests.notifications.staged.conftest import Days

FAMILIES = 8
EXAMPLES, STEPS = int(os.environ.get("LAW_EXAMPLES", "6")), 12


class Killed(Exception):
    """The worker dies before its transaction ends."""


def some_families(school: School, round_: int) -> list[int]:
    """One in two has an e-mail, one in two a telephone: each combination twice."""
    found = []
    for index in range(FAMILIES):
        columns: dict[str, object] = {}
        if index % 2:
            columns["email"] = f"p{round_}x{index}@exemple.fr"
        if index % 4 > 1:
            columns |= {"mobile_phone": phone(10 * round_ + index), "accepts_sms": True}
        account, _, _ = school.family(
            f"FAMILLE{round_}x{index}", child=f"Léa{index}", identifier=f"f{round_}x{index}", **columns
        )
        found.append(account.id)
    school.session.commit()
    return found


class Life(RuleBasedStateMachine):
    """One school's campaign in steps; each example has families of its own."""

    days: ClassVar[Days]
    refused: ClassVar[set[str]]
    """Numbers that the gateway does not take."""
    rounds: ClassVar[Iterator[int]]

    @initialize()
    def begin(self) -> None:
        self.round = next(self.rounds)
        self.families = some_families(self.days.school, self.round)
        self.activated_before_paper: set[int] = set()
        self.staged = self.days.begin(key=f"k{self.round}")

    def _staged(self) -> StagedCampaign:
        # Not in the session of the test: it would keep the only transaction that writes.
        with self.days.school.database.reading() as session:
            return session.get_one(StagedCampaign, self.staged.id)

    def _of_round(self, session: Session) -> list[Notification]:
        rows = select(Notification).where(Notification.account_id.in_(self.families))
        return list(session.scalars(rows.order_by(Notification.id)))

    @rule(number_of_days=strategies.integers(1, 8))
    def days_pass(self, number_of_days: int) -> None:
        self.days.pass_days(number_of_days)

    @rule()
    def the_worker_looks(self) -> None:
        self.days.tick()

    @rule()
    def the_worker_dies_before_it_committed(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("shared.worker.due_steps.fall_due", dies)
            with suppress(Killed):
                self.days.tick()

    @rule(which=strategies.integers(0, FAMILIES - 1))
    def a_family_activates(self, which: int) -> None:
        with self.days.school.database.reading() as session:
            state = session.get_one(Account, self.families[which]).state
            mailed = {row.account_id for row in self._of_round(session) if row.channel is Channel.PAPER}
        if state in {AccountState.NOT_NOTIFIED, AccountState.NOTIFIED}:
            self.days.activate(Account(id=self.families[which]))
            if self.families[which] not in mailed:
                self.activated_before_paper.add(self.families[which])

    @rule(which=strategies.integers(0, FAMILIES - 1))
    def a_family_leaves(self, which: int) -> None:
        with self.days.school.database.writing() as session:
            session.execute(
                update(Guardian).where(Guardian.account_id == self.families[which]).values(gone_at=clock.now())
            )

    @rule(which=strategies.integers(0, FAMILIES - 1))
    def a_number_is_refused_from_now_on(self, which: int) -> None:
        self.refused.add(number(10 * self.round + which))

    @rule()
    def somebody_confirms_or_puts_forward(self) -> None:
        stage = next_stage(self._staged())
        for _ in range(2):
            with suppress(StagedOver, NobodyLeft):
                position = stage.position if stage else 2
                launch_next(self.days.desk(), self.staged.id, position, offer_of(self.days.settings))
            self.days.school.session.commit()
        self.days.deliver()

    @rule(dice=strategies.integers(0, 9))
    def somebody_stops(self, dice: int) -> None:
        if dice:
            return
        try:
            stop(self.days.desk(), self.staged.id)
        except StagedOver:
            return
        self.days.school.session.commit()

    @invariant()
    def nobody_is_told_twice_by_one_channel(self) -> None:
        with self.days.school.database.reading() as session:
            told = Counter(
                (row.account_id, row.channel) for row in self._of_round(session) if row.delivery in {"sent", "printed"}
            )
        assert set(told.values()) <= {1}, told

    @invariant()
    def nobody_who_activated_before_gets_paper(self) -> None:
        with self.days.school.database.reading() as session:
            printed = {row.account_id for row in self._of_round(session) if row.delivery == "printed"}
        assert not printed & self.activated_before_paper

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """Each step that took place has a row of everybody who was there and had not activated the account."""
        staged = self._staged()
        with self.days.school.database.reading() as session:
            rows = self._of_round(session)
            gone = select(Guardian.account_id).where(Guardian.gone_at.is_not(None))
            left = set(session.scalars(gone))
            active = set(
                session.scalars(select(Account.id).where(Account.id.in_(self.families), Account.state == "active"))
            )
        for stage in staged.stages:
            if stage.campaign_id:
                listed = {row.account_id for row in rows if row.campaign_id == stage.campaign_id}
                assert set(self.families) - left - active <= listed
        states = [stage.state for stage in staged.stages]
        waits = {StageState.AWAITED, StageState.PROPOSED} & set(states)
        assert bool(waits) == (staged.ended_at is None)


def dies(desk: Desk, staged_id: int, offer: Offer) -> None:
    """All is written, and nothing committed."""
    fall_due(desk, staged_id, offer)
    raise Killed


@pytest.fixture
def refused(phones: object) -> set[str]:
    numbers: set[str] = set()
    phones.answer = lambda to: (400, {"message": "no"}) if to in numbers else None  # type: ignore[attr-defined]
    return numbers


def test_the_law_of_steps(days: Days, refused: set[str]) -> None:
    of_this_school = {"days": days, "refused": refused, "rounds": itertools.count()}
    run_state_machine_as_test(
        type("LifeOfOne", (Life,), of_this_school),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            # Each step is a day of a whole school: shrinking would take an hour.
            phases=(Phase.generate,),
        ),
    )
