"""A key that no longer opens what it sealed is noticed before a family is."""

import pytest
from sqlalchemy.orm import Session

from shared.accounts.credentials.key_trial import key_opens, require_key
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.models.accounts import AccountState
from tests.factories import make_account, make_establishment, make_staff, second_factor

LOST = Sealer([b"fedcba9876543210fedcba9876543210"])


def test_any_key_does_where_nothing_is_sealed(session: Session) -> None:
    make_account(session, "m.payet")
    assert key_opens(session, LOST)


def test_a_password_that_waits_tells_the_right_key_from_another(session: Session, sealer: Sealer) -> None:
    make_account(session, "p.hoarau", state=AccountState.NOTIFIED, sealer=sealer)
    make_account(session, "m.payet")
    assert key_opens(session, sealer)
    assert not key_opens(session, LOST)
    with pytest.raises(SealBroken):
        require_key(session, LOST)


def test_so_does_a_second_factor(session: Session, sealer: Sealer) -> None:
    make_staff(session, "chef", make_establishment(session), **second_factor(sealer))
    assert key_opens(session, sealer)
    assert not key_opens(session, LOST)
