"""Logging in: three steps, no lock while Argon2 works, and nothing told to who does not know the password."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import hash_password
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.login.password_login import (
    AccountDisabled,
    AccountMerged,
    Candidate,
    CredentialsReplaced,
    begin_login,
    complete_login,
    normal_identifier,
    refuse_login,
)
from shared.acting.caller import Caller
from shared.models.accounts import Account, AccountState, Identifier, LoginThrottle
from shared.models.journal import JournalEvent
from tests.factories import INITIAL_PASSWORD, NOW, PASSWORD, PASSWORD_HASH, make_account

HOME = "198.51.100.7"


def begin(session: Session, identifier: str = "m.payet") -> Candidate:
    return begin_login(Caller(session, NOW, HOME), identifier)


@pytest.mark.parametrize("written", [str, str.upper])
def test_an_identifier_with_the_accents_of_the_name_is_the_one_of_the_letter(written: Callable[[str], str]) -> None:
    for typed, given in (("é.séry", "e.sery"), ("e\u0301.se\u0301ry", "e.sery"), ("ç.cœur", "c.coeur")):
        assert normal_identifier(written(typed)) == given


@pytest.mark.parametrize("typed", ["ｍ．ｐａｙｅｔ２", "ｍ。payet2", "m.payet٢", "m.payet۲", "\u202am.payet2\u202c"])
def test_an_identifier_typed_on_the_keyboard_of_another_language_is_the_one_of_the_letter(typed: str) -> None:
    assert normal_identifier(typed) == "m.payet2"


@pytest.mark.parametrize("typed", ["İ.YILMAZ", "ı.yılmaz", "I.YILMAZ"])
def test_an_identifier_typed_in_turkish_is_the_one_of_the_letter(typed: str) -> None:
    assert normal_identifier(typed) == "i.yilmaz"


@pytest.mark.parametrize("typed", ["M.PAYET", "  m.payet\t", "m .pa yet", "m.payet\0", "m.\u200bpayet", "m.payet. "])
def test_an_identifier_is_read_as_a_phone_types_it(typed: str) -> None:
    assert normal_identifier(typed) == "m.payet"


def test_the_right_password_is_noted_and_forgets_the_attempts(session: Session, sealer: Sealer) -> None:
    make_account(session, "m.payet")
    refuse_login(Caller(session, NOW, HOME), begin(session))
    candidate = begin(session)
    assert candidate.accepts(PASSWORD, sealer)
    account = complete_login(Caller(session, NOW, HOME), candidate)
    assert account.last_login_at == NOW
    assert session.scalar(select(LoginThrottle.id).where(LoginThrottle.realm == "pair")) is None


def test_what_happened_is_in_the_journal_without_what_was_typed(session: Session, sealer: Sealer) -> None:
    account = make_account(session, "m.payet")
    refuse_login(Caller(session, NOW, HOME), begin(session))
    complete_login(Caller(session, NOW, HOME), begin(session))
    session.flush()
    events = session.scalars(select(JournalEvent).order_by(JournalEvent.id)).all()
    assert [(event.action, event.account_id, event.address) for event in events] == [
        ("login_refused", account.id, HOME),
        ("login", account.id, HOME),
    ]
    assert [event.details for event in events] == [{}, {}]


def test_what_strangers_type_is_not_written_down(session: Session, sealer: Sealer) -> None:
    candidate = begin(session, "mon-mot-de-passe-tape-au-mauvais-endroit")
    assert not candidate.accepts(PASSWORD, sealer)
    refuse_login(Caller(session, NOW, HOME), candidate)
    session.flush()
    event = session.scalars(select(JournalEvent)).one()
    assert (event.action, event.account_id, event.subject, event.details) == ("login_refused", None, "", {})


@pytest.mark.parametrize(
    "typed",
    [
        INITIAL_PASSWORD,
        INITIAL_PASSWORD.upper(),
        "k7mq x2hd 9wtb",
        "K7MQX2HD9WTB\n",
        "ｋ７ｍｑ－ｘ２ｈｄ－９ｗｔｂ",
        "k٧mq-x٢hd-٩wtb",
    ],
)
def test_an_initial_password_is_read_as_a_phone_types_it(session: Session, sealer: Sealer, typed: str) -> None:
    make_account(session, "p.hoarau", state=AccountState.NOTIFIED, sealer=sealer)
    assert begin(session, "p.hoarau").accepts(typed, sealer)


@pytest.mark.parametrize("typed", ["", "---", "k7mq-x2hd-9wtc", PASSWORD])
def test_and_no_other_one_opens(session: Session, sealer: Sealer, typed: str) -> None:
    make_account(session, "p.hoarau", state=AccountState.NOTIFIED, sealer=sealer)
    assert not begin(session, "p.hoarau").accepts(typed, sealer)


def test_the_password_of_before_opens_nothing_once_staff_gave_a_new_one(session: Session, sealer: Sealer) -> None:
    account = make_account(session, "m.payet", must_change_password=True)
    account.initial_password = sealer.seal(INITIAL_PASSWORD)
    session.flush()
    candidate = begin(session)
    assert candidate.password_hash == PASSWORD_HASH
    assert not candidate.accepts(PASSWORD, sealer)
    assert candidate.accepts(INITIAL_PASSWORD, sealer)


def test_an_initial_password_outlives_a_change_of_key_but_not_its_loss(
    session: Session, sealer: Sealer, caplog: pytest.LogCaptureFixture
) -> None:
    make_account(session, "p.hoarau", state=AccountState.NOTIFIED, sealer=sealer)
    old, new = b"0123456789abcdef0123456789abcdef", b"fedcba9876543210fedcba9876543210"
    candidate = begin(session, "p.hoarau")
    assert candidate.accepts(INITIAL_PASSWORD, Sealer([new, old]))
    assert not candidate.accepts(INITIAL_PASSWORD, Sealer([new]))
    assert "INITIAL_PASSWORD_KEY" in caplog.text
    assert "hoarau" not in caplog.text


def test_a_disabled_account_does_not_open(session: Session) -> None:
    account = make_account(session, "m.payet")
    account.state, account.disabled_from = AccountState.DISABLED, AccountState.ACTIVE
    session.flush()
    with pytest.raises(AccountDisabled):
        complete_login(Caller(session, NOW, HOME), begin(session))


def test_an_account_merged_twice_over_leads_to_the_last_one_kept(session: Session) -> None:
    first, second = make_account(session, "m.payet"), make_account(session, "m.payet1")
    third = make_account(session, "m.payet2")
    for absorbed, kept in ((first, second), (second, third)):
        absorbed.state, absorbed.merged_into_id = AccountState.MERGED, kept.id
    session.flush()
    with pytest.raises(AccountMerged) as merged:
        complete_login(Caller(session, NOW, HOME), begin(session))
    assert merged.value.kept == "m.payet2"


def test_an_account_closed_while_the_password_was_looked_at_does_not_open(session: Session, sealer: Sealer) -> None:
    account = make_account(session, "m.payet")
    candidate = begin(session)
    assert candidate.accepts(PASSWORD, sealer)
    account.state, account.disabled_from = AccountState.DISABLED, AccountState.ACTIVE
    session.flush()
    with pytest.raises(AccountDisabled):
        complete_login(Caller(session, NOW, HOME), candidate)


def test_looking_at_a_wrong_password_does_not_change_when_it_was_last_used(session: Session) -> None:
    make_account(session, "m.payet", last_login_at=NOW - timedelta(days=9))
    refuse_login(Caller(session, NOW, HOME), begin(session))
    account = session.scalars(select(Account)).one()
    assert account.last_login_at == NOW - timedelta(days=9)


@pytest.mark.parametrize(
    "replaced", [{"password_hash": hash_password("un autre mot de passe")}, {"identifier": "m.payet1"}]
)
def test_what_was_replaced_while_it_was_looked_at_does_not_open(session: Session, replaced: dict[str, str]) -> None:
    account = make_account(session, "m.payet")
    session.add(Identifier(value="m.payet1", given_at=NOW))
    candidate = begin(session)
    for name, value in replaced.items():
        setattr(account, name, value)
    session.flush()
    with pytest.raises(CredentialsReplaced):
        complete_login(Caller(session, NOW, HOME), candidate)


def test_an_account_erased_while_its_password_was_looked_at_does_not_open(session: Session) -> None:
    account = make_account(session, "m.payet")
    candidate = begin(session)
    session.delete(account)
    session.flush()
    with pytest.raises(CredentialsReplaced):
        complete_login(Caller(session, NOW, HOME), candidate)
