"""What ends the sessions of an account ends what was begun in them: nothing pending comes true afterwards."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.renewal import disable, renew_identifier, renew_password
from shared.accounts.holder.email_change import ask_for_new_email, confirm_new_email
from shared.accounts.holder.merging import merge_accounts, undo_merge
from shared.accounts.holder.own_password import (
    ask_for_new_password,
)
from shared.accounts.login import passkey_adding, passkeys
from shared.accounts.login.mailed_links import LinkRefused, create_link
from shared.accounts.login.passkey_challenges import PasskeyRefusal
from shared.accounts.login.sessions import account_of, open_session
from shared.accounts.login.shutting_out import log_out_everywhere
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountMerge, AccountState, LinkPurpose, MailedLink
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.school import Guardian
from tests.accounts.login.passkey_steps import HOME, SITE, add, refused
from tests.choosing import change_password, choose_forgotten_password
from tests.factories import NOW, at_desk, make_account, make_establishment, make_guardian, make_student
from tests.telephone import Telephone

ANOTHER = "ruche haute du vendredi"
INTRUDER = "intrus@example.org"


@pytest.fixture
def fiche(session: Session) -> Guardian:
    school = make_establishment(session)
    return make_guardian(session, school, make_student(session, school))


@pytest.fixture
def marie(session: Session, fiche: Guardian) -> Account:
    return make_account(session, "m.payet", fiche)


def another_account(session: Session) -> Account:
    school = make_establishment(session, "9740002B", "Lycée")
    return make_account(session, "m.payet1", make_guardian(session, school, make_student(session, school)))


def changes_the_password(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    change_password(session, account, ANOTHER, NOW, HOME, token=None)


def chooses_a_forgotten_password(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    link = create_link(session, account, LinkPurpose.PASSWORD_RESET, "m.payet@example.org", NOW)
    choose_forgotten_password(session, link, ANOTHER, NOW, HOME)


def logs_out_everywhere(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    log_out_everywhere(Caller(session, NOW, HOME), account)


def removes_a_passkey(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    lost = add(session, account, Telephone(SITE.origin))
    passkeys.remove_passkey(Caller(session, NOW, HOME, token=""), account, lost.id)


def is_absorbed(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    merge_accounts(Act(session, COMMAND, NOW), another_account(session).id, account.id)


def is_separated_again(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    merge_accounts(Act(session, COMMAND, NOW), account.id, another_account(session).id)
    undo_merge(Act(session, COMMAND, NOW), session.scalars(select(AccountMerge)).one())


def gets_a_password_from_staff(session: Session, account: Account, fiche: Guardian, sealer: Sealer) -> None:
    renew_password(at_desk(session, fiche.establishment_id, actor=COMMAND), account, fiche, sealer)


def gets_an_identifier_from_staff(session: Session, account: Account, fiche: Guardian, sealer: Sealer) -> None:
    renew_identifier(at_desk(session, fiche.establishment_id, actor=COMMAND), account, fiche, sealer)


def is_closed_by_staff(session: Session, account: Account, fiche: Guardian, _sealer: Sealer) -> None:
    disable(at_desk(session, fiche.establishment_id, actor=COMMAND), account, fiche)


EVENTS = [
    changes_the_password,
    chooses_a_forgotten_password,
    logs_out_everywhere,
    removes_a_passkey,
    is_absorbed,
    is_separated_again,
    gets_a_password_from_staff,
    gets_an_identifier_from_staff,
    is_closed_by_staff,
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_change_of_email_asked_by_an_intruder_dies_with_it(
    session: Session, marie: Account, fiche: Guardian, sealer: Sealer, event: Callable[..., None]
) -> None:
    token = open_session(session, marie, NOW, HOME, "")
    ask_for_new_email(Caller(session, NOW, HOME), marie, INTRUDER)
    pending = session.scalars(select(MailedLink).where(MailedLink.purpose == LinkPurpose.EMAIL_CHANGE)).one()
    event(session, marie, fiche, sealer)
    with pytest.raises(LinkRefused):
        confirm_new_email(Caller(session, NOW, HOME), pending)
    assert marie.email != INTRUDER
    assert account_of(session, token, NOW) is None


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_passkey_that_an_intruder_was_adding_is_not_added(
    session: Session, marie: Account, fiche: Guardian, sealer: Sealer, event: Callable[..., None]
) -> None:
    telephone = Telephone(SITE.origin)
    question = passkey_adding.ask_for_passkey(session, SITE, marie, NOW)
    answer = telephone.create(question.options)
    event(session, marie, fiche, sealer)
    refused(
        PasskeyRefusal.TOO_LATE,
        lambda: passkey_adding.add_passkey(
            Caller(session, NOW, HOME), SITE, marie, token=question.token, answer=answer, name="Intrus"
        ),
    )


def test_the_present_address_is_told_when_another_one_is_asked_for(session: Session, marie: Account) -> None:
    ask_for_new_email(Caller(session, NOW, HOME), marie, INTRUDER)
    told = session.scalars(select(AccountMail).where(AccountMail.kind == AccountMailKind.EMAIL_CHANGE_ASKED)).one()
    assert (told.recipient, told.details) == ("m.payet@example.org", {"email": INTRUDER})


def test_while_a_password_given_by_staff_waits_the_mailbox_opens_nothing(
    session: Session, marie: Account, fiche: Guardian, sealer: Sealer
) -> None:
    renew_password(at_desk(session, fiche.establishment_id, actor=COMMAND), marie, fiche, sealer)
    ask_for_new_password(Caller(session, NOW, HOME), "m.payet@example.org")
    assert session.scalars(select(MailedLink).where(MailedLink.used_at.is_(None))).all() == []
    # Even a link that was made in the same instant, by another process.
    link = create_link(session, marie, LinkPurpose.PASSWORD_RESET, "m.payet@example.org", NOW)
    with pytest.raises(LinkRefused):
        choose_forgotten_password(session, link, ANOTHER, NOW, HOME)
    assert marie.state is AccountState.ACTIVE
    assert marie.must_change_password


@pytest.mark.parametrize(
    "event",
    [gets_a_password_from_staff, gets_an_identifier_from_staff, is_closed_by_staff],
    ids=lambda event: event.__name__,
)
def test_the_confirmed_address_is_told_who_changed_the_account(
    session: Session, marie: Account, fiche: Guardian, sealer: Sealer, event: Callable[..., None]
) -> None:
    event(session, marie, fiche, sealer)
    told = session.scalars(select(AccountMail).where(AccountMail.kind == AccountMailKind.CHANGED_BY_STAFF)).one()
    assert told.recipient == "m.payet@example.org"
    assert told.details["school"] == "Collège des Filaos"
    assert told.details["identifier"] == "m.payet"
