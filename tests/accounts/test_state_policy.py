"""One table says what each state of an account allows, and the database agrees with it."""

import pytest

from shared.accounts.state_policy import (
    COUNTED,
    EXPIRING,
    NOTIFIABLE,
    OPEN,
    POLICIES,
    USED,
    Opens,
    Step,
    after,
    allowing,
    nearness_to_use,
)
from shared.models.accounts import Account, AccountState

NOT_NOTIFIED, NOTIFIED, ACTIVATING, ACTIVE, MERGED, DISABLED = AccountState


def test_every_state_has_its_line() -> None:
    assert set(POLICIES) == set(AccountState)


def test_the_lists_of_states_are_those_of_the_rules() -> None:
    assert OPEN == NOTIFIABLE == (NOT_NOTIFIED, NOTIFIED, ACTIVATING, ACTIVE)
    assert EXPIRING == allowing(Step.DISABLE_AS_DUPLICATE) == (NOT_NOTIFIED, NOTIFIED, ACTIVATING)
    assert USED == (ACTIVE,)
    assert COUNTED == (NOT_NOTIFIED, NOTIFIED, ACTIVATING, ACTIVE, DISABLED)


def test_a_notification_changes_only_what_was_never_notified() -> None:
    assert {state: following for state, following in after(Step.NOTIFY).items() if state is not following} == {
        NOT_NOTIFIED: NOTIFIED
    }


@pytest.mark.parametrize("state", AccountState)
def test_what_is_notified_says_something_and_what_is_not_says_why(state: AccountState) -> None:
    policy = POLICIES[state]
    assert (policy.text is None) == (policy.why_unsent is not None) == (policy.why_unsent_since is not None)
    assert (policy.text is not None) == (Step.NOTIFY in policy.becomes) == (policy.opens is not Opens.NOTHING)


def test_of_several_accounts_the_nearest_to_use_is_known() -> None:
    assert sorted([*AccountState, None], key=nearness_to_use) == [
        ACTIVE,
        ACTIVATING,
        NOTIFIED,
        NOT_NOTIFIED,
        DISABLED,
        MERGED,
        None,
    ]


def test_the_database_holds_the_expiry_of_the_same_states() -> None:
    (constraint,) = (one for one in Account.__table__.constraints if str(one.name).endswith("_expires_on"))
    assert {state for state in AccountState if f"'{state}'" in str(constraint.sqltext)} == set(EXPIRING)
