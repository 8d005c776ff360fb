"""Logging in with an identifier and a password, in three steps so that no lock is held while Argon2 works.

1. `begin_login` counts the attempt and reads what is needed; the caller commits.
2. `Candidate.accepts` looks at the password, with no transaction open.
3. `complete_login` or `refuse_login`; the caller commits.
"""

import hmac
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from anyascii import anyascii
from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.initial_passwords import as_typed
from shared.accounts.credentials.passwords import password_matches
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.accounts.login.new_devices import tell_of_new_device
from shared.accounts.state_policy import OPEN, Opens, what_opens
from shared.accounts.trail import act_of, note
from shared.acting.caller import Caller
from shared.limits.familiar_places import OF_ACCOUNTS, Familiarity, Place, named
from shared.limits.throttling import CREDIT, Attempt, count_attempt, count_refusal, take_back
from shared.models.access.letter_marks import LetterMark
from shared.models.accounts import IDENTIFIER_LENGTH, Account
from shared.models.journal import Action
from shared.rows.prepared import Prepared

DIRECTORY = "portal"

# Written once: every login asks for it.
_OF_IDENTIFIER = Prepared(
    select(
        Account.id,
        Account.password_hash,
        Account.initial_password,
        OF_ACCOUNTS.seen(bindparam("network")).label("network_seen_at"),
        OF_ACCOUNTS.seen(bindparam("device")).label("device_seen_at"),
        LetterMark.mark,
        LetterMark.chosen_at,
    )
    .outerjoin_from(
        Account, LetterMark, and_(LetterMark.account_id == Account.id, LetterMark.forgotten_at > bindparam("now"))
    )
    .where(Account.identifier == bindparam("identifier"))
)

_BY_ID = select(Account).where(Account.id == bindparam("id")).execution_options(populate_existing=True)

log = logging.getLogger(__name__)


class AccountDisabled(Exception):
    """The password is right, but staff closed this account."""


class AccountMerged(Exception):
    """The password is right, but the account was merged into the one named `kept` (R8)."""

    def __init__(self, kept: str) -> None:
        super().__init__(kept)
        self.kept = kept


class CredentialsReplaced(Exception):
    """While the password was looked at, the account was erased, or got another password or identifier."""


@dataclass(frozen=True)
class Letter:
    """What is left of the initial password of an account, and when another one was chosen."""

    mark: bytes
    replaced_at: datetime


@dataclass(frozen=True)
class Candidate:
    """What somebody tries to log in to: an account, or nothing, which must not show."""

    identifier: str
    attempt: Attempt
    account_id: int | None
    password_hash: str | None
    initial_password: bytes | None
    new_places: Collection[str] = ()
    """Where it is not known to be opened from, to be noted if it is."""
    is_new_device: bool = False
    """Whether it was never opened with this browser."""
    letter: Letter | None = None
    """None when no initial password was replaced lately."""

    def accepts(self, password: str, sealer: Sealer) -> bool:
        """Whether `password` is the one; takes the time of one Argon2id whatever the answer.

        As long as an initial password waits to be replaced, nothing else opens the account.
        """
        matches = password_matches(password, self.password_hash)
        if self.initial_password is None:
            return matches
        try:
            expected = as_typed(sealer.open(self.initial_password))
        except SealBroken:
            # To whoever asks, a wrong password like any other.
            log.error("the initial password of account %s opens with no key of INITIAL_PASSWORD_KEY", self.account_id)
            return False
        return hmac.compare_digest(expected, as_typed(password))

    def letter_replaced_at(self, password: str, sealer: Sealer) -> datetime | None:
        """When another password was chosen, for whoever types that of the letter; none for any other password.

        Asked of a password that was refused, and counted as such: it tells nothing to who does not hold the letter.
        """
        if self.letter is None or self.account_id is None or self.initial_password is not None:
            return None
        known = sealer.recognises(self.letter.mark, self.account_id, as_typed(password))
        return self.letter.replaced_at if known else None

    def still_opens(self, account: Account | None) -> bool:
        """Whether what was looked at is still what `account`, as it is now, is opened with."""
        looked_at = (self.identifier, self.password_hash, self.initial_password)
        return account is not None and looked_at == (
            account.identifier,
            account.password_hash,
            account.initial_password,
        )


def normal_identifier(text: str) -> str:
    """An identifier as typed on a phone, without blanks nor capitals, nor what no keyboard types.

    With accents, or on the keyboard of another language, it is the one of the letter: `É.SÉRY`, `e．sery`.
    """
    typed = text if text.isascii() else anyascii(text)
    # Of two blanks, a telephone makes a full stop; no identifier ends with one.
    return "".join(filter(str.isprintable, "".join(typed.split()).lower())).rstrip(".")[: 2 * IDENTIFIER_LENGTH]


def begin_login(caller: Caller, identifier: str) -> Candidate:
    """Count an attempt to log in from the network `address`, and read what tells whether it is right.

    `device` is what the browser keeps, empty when it keeps nothing.

    Raises:
        TooManyAttempts: wait first (R10); the same whether the account exists or not. The caller commits.
    """
    identifier, place = normal_identifier(identifier), Place.of(caller.address, caller.device)
    values = {**named(place, caller.now), "identifier": identifier, "now": caller.now}
    account = _OF_IDENTIFIER.one_or_none(caller.session, **values)
    seen = Familiarity(account.network_seen_at, account.device_seen_at) if account else Familiarity(None, None)
    attempt = count_attempt(
        caller, DIRECTORY, identifier, familiar=seen.is_any, device=place.device if seen.device else ""
    )
    if account is None:
        return Candidate(identifier, attempt, None, None, None)
    new_places, is_new = seen.to_note(place, caller.now), bool(place.device) and seen.device is None
    return Candidate(
        identifier=identifier,
        attempt=attempt,
        account_id=account.id,
        password_hash=account.password_hash,
        initial_password=account.initial_password,
        new_places=new_places,
        is_new_device=is_new,
        letter=Letter(account.mark, account.chosen_at) if account.mark is not None else None,
    )


def complete_login(caller: Caller, candidate: Candidate) -> Account:
    """Note that the password was right, and return the account to open.

    Raises:
        AccountDisabled: by staff.
        AccountMerged: into another one, which the person is told.
        CredentialsReplaced: to be answered as a wrong password.
    """
    account = caller.session.scalars(_BY_ID, {"id": candidate.account_id}).one_or_none()
    if account is None or not candidate.still_opens(account):
        raise CredentialsReplaced
    # Only for who comes in, and from then on is at home there: once for each account.
    take_back(caller.session, candidate.attempt, forgiven=CREDIT if account.state in OPEN else 0)
    return admit(caller, account, new_places=candidate.new_places, is_new_device=candidate.is_new_device)


def admit(
    caller: Caller,
    account: Account,
    details: Mapping[str, str] | None = None,
    *,
    new_places: Collection[str] = (),
    is_new_device: bool = False,
) -> Account:
    """Note that whoever proved to be the holder of `account`, in the way that `details` tell, came in.

    From `new_places`, which are familiar from now on; the holder is told of a new device.

    Raises:
        AccountDisabled: by staff.
        AccountMerged: into another one, which the person is told.
    """
    if account.merged_into_id is not None:
        raise AccountMerged(account_kept_by_merges(caller.session, account).identifier)
    if what_opens(account) is Opens.NOTHING:
        raise AccountDisabled
    if is_new_device:
        tell_of_new_device(caller.session, account, caller.now)
    account.last_login_at = caller.now
    note(act_of(caller, account), Action.LOGIN, account, details)
    OF_ACCOUNTS.note(caller.session, account.id, new_places, caller.now)
    return account


def refuse_login(caller: Caller, candidate: Candidate) -> None:
    """Note a wrong password, and on which account if there is one: what strangers type is not written down.

    Written for an identifier of nobody too: the time that writing takes would tell which ones exist.
    """
    subject = "" if candidate.account_id is None else candidate.identifier
    caller.by_nobody().record(Action.LOGIN_REFUSED, account_id=candidate.account_id, subject=subject)
    caller.session.flush()
    count_refusal(caller.session, candidate.attempt, caller.now)


def account_kept_by_merges(session: Session, account: Account) -> Account:
    """The account that `account` leads to, through any number of merges; itself when it was not merged."""
    while account.merged_into_id is not None:
        account = session.get_one(Account, account.merged_into_id)
    return account
