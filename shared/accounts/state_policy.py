"""What each state of an account allows: one line for each state, read by everything that asks about states.

Its words are in the applications: `admin_app.ui.labels` for staff, `parent_portal.ui.held_words` for holders.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.models.accounts import Account, AccountState
from shared.models.notifications import Text
from shared.models.reasons import Reason


class Opens(enum.Enum):
    """What the portal opens to whoever logs in."""

    FIRST_LOGIN = enum.auto()
    """The choice of an e-mail and a password, nothing else (R5)."""
    ACTIVATION = enum.auto()
    """The wait for the button of the activation mail."""
    NEW_PASSWORD = enum.auto()
    """The change of a password that staff gave."""
    PORTAL = enum.auto()
    NOTHING = enum.auto()


class Step(enum.Enum):
    """What may happen to an account."""

    NOTIFY = enum.auto()
    COMPLETE_FIRST_LOGIN = enum.auto()
    RESEND_ACTIVATION = enum.auto()
    CORRECT_EMAIL = enum.auto()
    ACTIVATE = enum.auto()
    ACTIVATE_ALONE = enum.auto()
    """By whoever never had, or lost, the initial password (R37)."""
    RENEW_PASSWORD = enum.auto()
    RENEW_IDENTIFIER = enum.auto()
    DISABLE = enum.auto()
    DISABLE_AS_DUPLICATE = enum.auto()
    ENABLE = enum.auto()
    BE_ABSORBED = enum.auto()
    LEAVE_MERGE = enum.auto()


@dataclass(frozen=True)
class StatePolicy:
    """What one state allows."""

    opens: Opens
    becomes: Mapping[Step, AccountState | None]
    """What may happen, and the state that follows; none for the state in which the account was before."""
    expires: bool = False
    """It is erased three months after it was made or notified (R9)."""
    is_counted: bool = True
    """It stands in lists and counts; another one stands for an account that does not."""
    text: Text | None = None
    """What a notification says; none of an account that is not notified."""
    text_with_password: Text | None = None
    """The same, while a password that staff gave waits; none where that changes nothing."""
    why_unsent: Reason | None = None
    """Why it is not notified; none when it is."""
    why_unsent_since: Reason | None = None
    """The same, of one whose notification was asked for before."""

    def text_for(self, account: Account) -> Text:
        """What a notification of `account` says; only a password never used yet is ever shown."""
        chosen = (self.text_with_password if account.initial_password else None) or self.text
        assert chosen is not None, f"nothing is said to an account {account.state}"  # noqa: S101 - asked by callers
        return chosen


_BY_STAFF = {Step.RENEW_IDENTIFIER: AccountState.NOTIFIED, Step.DISABLE: AccountState.DISABLED}
_BEFORE_FIRST_LOGIN = StatePolicy(
    opens=Opens.FIRST_LOGIN,
    becomes={
        Step.NOTIFY: AccountState.NOTIFIED,
        Step.COMPLETE_FIRST_LOGIN: AccountState.ACTIVATING,
        Step.ACTIVATE_ALONE: AccountState.ACTIVE,
        Step.DISABLE_AS_DUPLICATE: AccountState.DISABLED,
        **_BY_STAFF,
    },
    expires=True,
    text=Text.NEW_ACCOUNT,
)

POLICIES: Mapping[AccountState, StatePolicy] = MappingProxyType(
    {
        AccountState.ACTIVE: StatePolicy(
            opens=Opens.PORTAL,
            becomes={
                Step.NOTIFY: AccountState.ACTIVE,
                Step.RENEW_PASSWORD: AccountState.ACTIVE,
                Step.BE_ABSORBED: AccountState.MERGED,
                **_BY_STAFF,
            },
            text=Text.REMINDER,
            text_with_password=Text.NEW_PASSWORD,
        ),
        AccountState.ACTIVATING: StatePolicy(
            opens=Opens.ACTIVATION,
            becomes={
                Step.NOTIFY: AccountState.ACTIVATING,
                Step.RESEND_ACTIVATION: AccountState.ACTIVATING,
                Step.CORRECT_EMAIL: AccountState.ACTIVATING,
                Step.ACTIVATE: AccountState.ACTIVE,
                Step.DISABLE_AS_DUPLICATE: AccountState.DISABLED,
                **_BY_STAFF,
            },
            expires=True,
            text=Text.ACTIVATION_REMINDER,
        ),
        AccountState.NOTIFIED: _BEFORE_FIRST_LOGIN,
        AccountState.NOT_NOTIFIED: _BEFORE_FIRST_LOGIN,
        AccountState.DISABLED: StatePolicy(
            opens=Opens.NOTHING,
            becomes={Step.ENABLE: None},
            why_unsent=Reason.DISABLED,
            why_unsent_since=Reason.DISABLED_SINCE,
        ),
        AccountState.MERGED: StatePolicy(
            opens=Opens.NOTHING,
            becomes={Step.LEAVE_MERGE: AccountState.ACTIVE},
            is_counted=False,
            why_unsent=Reason.MERGED_SINCE,
            why_unsent_since=Reason.MERGED_SINCE,
        ),
    }
)
"""By state, the nearest to use first: of several accounts of one person, the first of them is kept."""

_NEAREST_TO_USE = tuple(POLICIES)


def _where(holds: Callable[[StatePolicy], bool]) -> tuple[AccountState, ...]:
    return tuple(state for state in AccountState if holds(POLICIES[state]))


OPEN = _where(lambda policy: policy.opens is not Opens.NOTHING)
"""Whoever logs in comes somewhere."""
USED = _where(lambda policy: policy.opens is Opens.PORTAL)
EXPIRING = _where(lambda policy: policy.expires)
NOTIFIABLE = _where(lambda policy: policy.why_unsent is None)
COUNTED = _where(lambda policy: policy.is_counted)


def allowing(step: Step) -> tuple[AccountState, ...]:
    """The states in which `step` may happen."""
    return _where(lambda policy: step in policy.becomes)


def after(step: Step) -> dict[AccountState, AccountState]:
    """The state that follows `step`, by the state before, for the states in which it may happen and that know."""
    return {state: known for state in allowing(step) if (known := POLICIES[state].becomes[step]) is not None}


def may(account: Account, step: Step) -> bool:
    """Whether `step` may happen to `account` now."""
    return step in POLICIES[account.state].becomes


def advance(account: Account, step: Step) -> None:
    """Put `account` in the state that follows `step`, which may happen to it now."""
    following = POLICIES[account.state].becomes[step]
    account.state = following if following is not None else account.disabled_from or account.state


def what_opens(account: Account) -> Opens:
    """What the portal opens to the holder of `account` now."""
    opens = POLICIES[account.state].opens
    return Opens.NEW_PASSWORD if opens is Opens.PORTAL and account.must_change_password else opens


def nearness_to_use(state: AccountState | None) -> int:
    """The lower, the nearer an account is to be used; no account at all comes last."""
    return len(_NEAREST_TO_USE) if state is None else _NEAREST_TO_USE.index(state)
