"""A passkey never outlives the trust in whoever added it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.expiry import expire_accounts
from shared.accounts.directory.renewal import disable, renew_identifier, renew_password
from shared.accounts.holder.merging import merge_accounts
from shared.accounts.holder.own_data import everything_held
from shared.accounts.login import passkeys
from shared.accounts.login.mailed_links import create_link
from shared.accounts.login.passkey_challenges import (
    PasskeyRefusal,
)
from shared.accounts.login.passkeys import PasskeyNotFound, passkeys_of
from shared.accounts.login.password_login import AccountDisabled, AccountMerged
from shared.accounts.login.sessions import account_of, open_session
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.journal import COMMAND
from shared.limits.policy import BY_ADDRESS, TooManyAttempts
from shared.models.access.passkeys import Passkey
from shared.models.accounts import Account, AccountState, LinkPurpose
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMailKind
from shared.models.school import Guardian
from tests.accounts.login.passkey_steps import HOME, SITE, add, log_in, mails, refused
from tests.choosing import change_password, choose_forgotten_password
from tests.factories import (
    INITIAL_PASSWORD,
    NOW,
    TODAY,
    at_desk,
    make_account,
    make_establishment,
    make_guardian,
    make_student,
)
from tests.telephone import Telephone

ANOTHER = "ruche haute du vendredi"


@pytest.fixture
def fiche(session: Session) -> Guardian:
    school = make_establishment(session)
    return make_guardian(session, school, make_student(session, school))


@pytest.fixture
def marie(session: Session, fiche: Guardian) -> Account:
    return make_account(session, "m.payet", fiche)


@pytest.fixture
def telephone() -> Telephone:
    return Telephone(SITE.origin)


def test_a_passkey_is_renamed_and_removed_by_its_holder_alone(
    session: Session, marie: Account, telephone: Telephone
) -> None:
    passkey, paul = add(session, marie, telephone), make_account(session, "p.hoarau")
    here, elsewhere = (open_session(session, marie, NOW, HOME, "") for _ in range(2))
    with pytest.raises(PasskeyNotFound):
        passkeys.rename_passkey(Caller(session, NOW, HOME), paul, passkey.id, "À moi")
    with pytest.raises(PasskeyNotFound):
        passkeys.remove_passkey(Caller(session, NOW, HOME, token=here), paul, passkey.id)
    refused(
        PasskeyRefusal.NO_NAME,
        lambda: passkeys.rename_passkey(Caller(session, NOW, HOME), marie, passkey.id, " \n\u200b"),
    )
    passkeys.rename_passkey(Caller(session, NOW, HOME), marie, passkey.id, "T" * 99)
    assert passkeys_of(session, marie)[0].name == "T" * 40
    passkeys.remove_passkey(Caller(session, NOW, HOME, token=here), marie, passkey.id)
    refused(PasskeyRefusal.OPENS_NOTHING, lambda: log_in(session, telephone))
    assert mails(session, AccountMailKind.PASSKEYS_REMOVED) == ["m.payet@example.org"]
    assert [account_of(session, token, NOW) for token in (here, elsewhere)] == [marie, None]
    written = select(JournalEvent.action).where(JournalEvent.action.startswith("passkey")).order_by(JournalEvent.id)
    assert session.scalars(written).all() == ["passkey_added", "passkey_renamed", "passkey_removed"]


def staff_gives_a_new_password(session: Session, account: Account, fiche: Guardian, sealer: Sealer) -> None:
    renew_password(at_desk(session, fiche.establishment_id, actor=COMMAND), account, fiche, sealer)


def staff_gives_a_new_identifier(session: Session, account: Account, fiche: Guardian, sealer: Sealer) -> None:
    renew_identifier(at_desk(session, fiche.establishment_id, actor=COMMAND), account, fiche, sealer)


def forgotten_password_is_chosen_again(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    link = create_link(session, account, LinkPurpose.PASSWORD_RESET, "m.payet@example.org", NOW)
    choose_forgotten_password(session, link, ANOTHER, NOW, HOME)


def account_is_absorbed(session: Session, account: Account, fiche: Guardian, _sealer: Sealer) -> None:
    school = make_establishment(session, "9740002B", "Lycée")
    kept = make_account(session, "m.payet1", make_guardian(session, school, make_student(session, school)))
    merge_accounts(Act(session, COMMAND, NOW), kept.id, account.id)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (staff_gives_a_new_password, True),
        (staff_gives_a_new_identifier, False),
        (forgotten_password_is_chosen_again, True),
        (account_is_absorbed, True),
    ],
)
def test_what_shuts_a_stranger_out_removes_the_passkeys(
    session: Session,
    marie: Account,
    fiche: Guardian,
    sealer: Sealer,
    telephone: Telephone,
    event: Callable[..., None],
    told: bool,
) -> None:
    add(session, marie, telephone)
    event(session, marie, fiche, sealer)
    assert passkeys_of(session, marie) == []
    assert len(mails(session, AccountMailKind.PASSKEYS_REMOVED)) == told
    refused(PasskeyRefusal.OPENS_NOTHING, lambda: log_in(session, telephone))


def test_a_change_of_password_by_the_holder_keeps_them(session: Session, marie: Account, telephone: Telephone) -> None:
    add(session, marie, telephone)
    change_password(session, marie, ANOTHER, NOW, HOME, token=None)
    assert log_in(session, telephone) is marie


def test_a_closed_account_says_so_to_its_passkey_too(
    session: Session, marie: Account, fiche: Guardian, telephone: Telephone
) -> None:
    add(session, marie, telephone)
    disable(at_desk(session, fiche.establishment_id, actor=COMMAND), marie, fiche)
    with pytest.raises(AccountDisabled):
        log_in(session, telephone)
    # A merge removes them; what a row says all the same is what the password would hear.
    kept = make_account(session, "m.payet1")
    marie.state, marie.disabled_from, marie.merged_into_id = AccountState.MERGED, None, kept.id
    session.flush()
    with pytest.raises(AccountMerged, match=r"m\.payet1"):
        log_in(session, telephone)


def test_nothing_opens_while_an_initial_password_waits(
    session: Session, marie: Account, sealer: Sealer, telephone: Telephone
) -> None:
    add(session, marie, telephone)
    marie.initial_password, marie.must_change_password = sealer.seal(INITIAL_PASSWORD), True
    session.flush()
    refused(PasskeyRefusal.OPENS_NOTHING, lambda: log_in(session, telephone))


def test_an_address_that_is_refused_too_often_waits_and_right_answers_are_not_held_against_it(
    session: Session, marie: Account, telephone: Telephone
) -> None:
    add(session, marie, telephone)
    for _ in range(3):
        log_in(session, telephone)
    for _ in range(BY_ADDRESS.free + 1):
        refused(PasskeyRefusal.OPENS_NOTHING, lambda: log_in(session, telephone, credential_id=b"unknown"))
    with pytest.raises(TooManyAttempts):
        log_in(session, telephone)


def test_an_account_erased_takes_them_with_it(session: Session, marie: Account, telephone: Telephone) -> None:
    add(session, marie, telephone)
    marie.state, marie.expires_on = AccountState.ACTIVATING, date(2026, 9, 1)
    session.flush()
    assert expire_accounts(Act(session, COMMAND, NOW), TODAY + timedelta(days=1)) == 1
    assert session.scalar(select(func.count()).select_from(Passkey)) == 0


def test_what_is_held_names_them_and_nothing_that_opens(session: Session, marie: Account, telephone: Telephone) -> None:
    add(session, marie, telephone, name="Mon téléphone")
    [told] = everything_held(session, marie)["clés d'accès"]
    assert told == {"nom": "Mon téléphone", "ajoutée le": NOW.isoformat(), "dernière utilisation le": None}
