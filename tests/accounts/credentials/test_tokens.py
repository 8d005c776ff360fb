"""What must not be guessed or read is long enough, kept as a print of it, and sealed so that no sign can be changed."""

import base64

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import MAXIMUM_CHARACTERS, hash_password, password_matches, password_problem
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.accounts.login.mailed_links import create_link, link_address
from shared.accounts.login.sessions import account_of, open_session
from shared.acting.caller import Caller
from shared.config import Settings
from shared.models.accounts import AccountSession, LinkPurpose
from shared.models.staff import RecoveryCode
from shared.staff.second_factor import accepts_code, begin_factor, renew_recovery_codes
from tests.factories import NOW, make_account, make_establishment, make_staff

HASHED = "$argon2id$v=19$m=19456,t=2,p=1$"
SESSION_BYTES = 32
LINK_BITS = 160
CODE_SIGNS = 24
"""Of 28 that cannot be confused: 116 bits."""


def test_a_session_has_a_token_of_256_bits_of_its_own_and_the_base_only_its_print(session: Session) -> None:
    account = make_account(session, "m.payet")
    tokens = {open_session(session, account, NOW, "192.0.2.1", "") for _ in range(20)}
    assert len(tokens) == 20
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {SESSION_BYTES}
    assert tokens & set(session.scalars(select(AccountSession.token_hash))) == set()


def test_a_token_that_the_base_holds_opens_nothing(session: Session) -> None:
    account = make_account(session, "m.payet")
    token = open_session(session, account, NOW, "192.0.2.1", "")
    kept = session.scalars(select(AccountSession.token_hash)).one()
    assert account_of(session, token, NOW) == account
    assert account_of(session, kept, NOW) is None


def test_a_link_is_signed_with_160_bits(session: Session, settings: Settings) -> None:
    account = make_account(session, "m.payet")
    link = create_link(session, account, LinkPurpose.PASSWORD_RESET, "m@example.org", NOW)
    _, _, signature = link_address(settings, link).rpartition("-")
    assert len(bytes.fromhex(signature)) * 8 == LINK_BITS


def test_recovery_codes_have_116_bits_and_the_base_only_their_prints(session: Session, sealer: Sealer) -> None:
    staff = make_staff(session, "chef", make_establishment(session))
    begin_factor(staff, sealer)
    staff.factor_set_at = NOW
    codes = renew_recovery_codes(Caller(session, NOW, "192.0.2.1", token=""), staff)
    assert {len(code.replace("-", "")) for code in codes} == {CODE_SIGNS}
    kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert {len(bytes.fromhex(code)) * 8 for code in kept} == {256}
    assert not accepts_code(Caller(session, NOW, "192.0.2.1"), staff, sealer, kept[0])
    assert accepts_code(Caller(session, NOW, "192.0.2.1"), staff, sealer, codes[0])


def test_a_chosen_password_is_hashed_by_argon2id_with_19_mib_and_2_passes() -> None:
    first, second = hash_password("lagon calme du dimanche"), hash_password("lagon calme du dimanche")
    assert first.startswith(HASHED)
    assert first != second


def test_a_long_password_is_taken_and_every_sign_of_it_counts() -> None:
    long = "lagon calme du dimanche, trois mouettes sous la varangue et pas un nuage en vue ce soir "
    long = (long * 3)[:MAXIMUM_CHARACTERS]
    assert password_problem(long[:64], ()) is None
    kept = hash_password(long)
    assert password_matches(long, kept)
    assert not password_matches(long[:-1] + "X", kept)
    assert not password_matches(long[:64], kept)


def test_what_is_sealed_never_looks_the_same_and_no_sign_of_it_can_change(sealer: Sealer) -> None:
    block = "0123456789abcdef" * 4
    sealed = sealer.seal(block)
    raw = base64.urlsafe_b64decode(sealed)
    blocks = [raw[at : at + 16] for at in range(25, 25 + 64, 16)]
    assert sealed != sealer.seal(block)
    assert len(set(blocks)) == len(blocks)
    for at in range(0, len(raw), 7):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(SealBroken):
            sealer.open(base64.urlsafe_b64encode(changed))
