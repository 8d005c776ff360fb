"""R4: what staff of one establishment do to an account is told to each of its establishments, and to no other."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.renewal import (
    correct_email_of_holder,
    disable,
    enable,
    renew_identifier,
    renew_password,
    resend_activation_to_holder,
)
from shared.accounts.holder.merging import merge_accounts, undo_merge
from shared.accounts.holder.own_data import everything_held
from shared.accounts.ties.settling import confirm_tie
from shared.acting.desk import Act
from shared.journal import Actor
from shared.models.access.ties import AccountTie, ConfirmedBy, TieState
from shared.models.accounts import Account, AccountMerge, AccountState
from shared.models.journal import ActorKind, JournalEvent
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.school import Establishment, Guardian
from tests.factories import NOW, TODAY, at_desk, make_account, make_establishment, make_guardian, make_student, tie

HEAD = Actor(ActorKind.STAFF, "Mme Payet", 7, "198.51.100.7")


@dataclass
class Known:
    """An account of two establishments, which a third one only says that it knows."""

    account: Account
    here: Guardian
    """The fiche of the establishment that acts."""
    other: Establishment
    claiming: Establishment


@pytest.fixture
def known(session: Session) -> Known:
    schools = [
        make_establishment(session, "9740001A", "Collège des Filaos"),
        make_establishment(session, "9740002B", "Lycée des Vacoas"),
        make_establishment(session, "9740003C", "Collège des Benjoins"),
    ]
    here, there = (make_guardian(session, school, make_student(session, school)) for school in schools[:2])
    account = make_account(session, "m.payet", here, there)
    tie(session, account, schools[2].id, TieState.PROPOSED)
    return Known(account, here, schools[1], schools[2])


def gets_a_password(session: Session, known: Known, sealer: Sealer) -> None:
    renew_password(at_desk(session, known.here.establishment_id, actor=HEAD), known.account, known.here, sealer)


def gets_an_identifier(session: Session, known: Known, sealer: Sealer) -> None:
    renew_identifier(at_desk(session, known.here.establishment_id, actor=HEAD), known.account, known.here, sealer)


def is_closed(session: Session, known: Known, _sealer: Sealer) -> None:
    disable(at_desk(session, known.here.establishment_id, actor=HEAD), known.account, known.here)


def is_opened_again(session: Session, known: Known, _sealer: Sealer) -> None:
    known.account.state, known.account.disabled_from = AccountState.DISABLED, AccountState.ACTIVE
    enable(at_desk(session, known.here.establishment_id, actor=HEAD), known.account, known.here)


def is_being_activated(known: Known) -> None:
    known.account.state, known.account.expires_on = AccountState.ACTIVATING, TODAY


def gets_another_address(session: Session, known: Known, _sealer: Sealer) -> None:
    is_being_activated(known)
    correct_email_of_holder(
        at_desk(session, known.here.establishment_id, actor=HEAD), known.account, known.here, "marie@example.org"
    )


def gets_the_activation_again(session: Session, known: Known, _sealer: Sealer) -> None:
    is_being_activated(known)
    resend_activation_to_holder(at_desk(session, known.here.establishment_id, actor=HEAD), known.account, known.here)


def is_told_apart(session: Session, known: Known, _sealer: Sealer) -> None:
    school = session.get_one(Establishment, known.here.establishment_id)
    fiche = make_guardian(session, school, make_student(session, school))
    absorbed = make_account(session, "m.payet1", fiche)
    merge_accounts(Act(session, HEAD, NOW), known.account.id, absorbed.id)
    undo_merge(Act(session, HEAD, NOW), session.scalars(select(AccountMerge)).one(), by=school.id)


ACTS = {
    gets_a_password: "password_renewed",
    gets_an_identifier: "identifier_renewed",
    is_closed: "account_disabled",
    is_opened_again: "account_enabled",
    gets_another_address: "email_corrected",
    gets_the_activation_again: "activation_resent",
    is_told_apart: "merge_undone",
}
act = pytest.mark.parametrize("act", list(ACTS), ids=lambda act: act.__name__)
Doing = Callable[[Session, Known, Sealer], None]


def events(session: Session, establishment_id: int | None, account: Account) -> list[JournalEvent]:
    session.flush()
    of_school = JournalEvent.establishment_id == establishment_id
    return list(session.scalars(select(JournalEvent).where(of_school, JournalEvent.account_id == account.id)))


@act
def test_each_establishment_of_the_account_reads_it_in_its_journal(
    session: Session, known: Known, sealer: Sealer, act: Doing
) -> None:
    act(session, known, sealer)
    for establishment_id in (known.here.establishment_id, known.other.id):
        [event] = [one for one in events(session, establishment_id, known.account) if one.action == ACTS[act]]
        assert event.subject == known.account.identifier


@act
def test_the_others_read_which_establishment_did_it_and_not_who_nor_from_where(
    session: Session, known: Known, sealer: Sealer, act: Doing
) -> None:
    act(session, known, sealer)
    [own] = [one for one in events(session, known.here.establishment_id, known.account) if one.action == ACTS[act]]
    [other] = [one for one in events(session, known.other.id, known.account) if one.action == ACTS[act]]
    assert (own.actor_name, own.actor_id, own.address) == ("Mme Payet", 7, "198.51.100.7")
    assert (other.actor_name, other.actor_id, other.address) == ("Collège des Filaos", None, None)


@act
def test_an_establishment_that_only_says_that_it_knows_the_family_reads_nothing(
    session: Session, known: Known, sealer: Sealer, act: Doing
) -> None:
    act(session, known, sealer)
    session.flush()
    of_school = JournalEvent.establishment_id == known.claiming.id
    assert session.scalars(select(JournalEvent).where(of_school)).all() == []


@act
def test_the_holder_reads_it_once(session: Session, known: Known, sealer: Sealer, act: Doing) -> None:
    act(session, known, sealer)
    session.flush()
    told = [event for event in everything_held(session, known.account)["journal"] if event["événement"] == ACTS[act]]
    assert len(told) == 1


def mails(session: Session) -> list[AccountMail]:
    told = select(AccountMail).where(AccountMail.kind == AccountMailKind.CHANGED_BY_STAFF)
    return list(session.scalars(told))


def test_an_address_that_was_confirmed_is_told_that_staff_replaced_it(
    session: Session, known: Known, sealer: Sealer
) -> None:
    gets_another_address(session, known, sealer)
    [told] = mails(session)
    assert (told.recipient, told.details["change"]) == ("m.payet@example.org", "email_corrected")
    assert known.account.email_verified_at is None


@pytest.mark.parametrize("by", list(ConfirmedBy))
def test_a_family_that_did_not_say_so_itself_is_told_of_a_school_added_to_its_account(
    session: Session, known: Known, by: ConfirmedBy
) -> None:
    waiting = session.scalars(select(AccountTie).where(AccountTie.state == TieState.PROPOSED)).one()
    confirm_tie(Act(session, HEAD, NOW), waiting.id, by)
    session.flush()
    told = [(mail.recipient, mail.details) for mail in mails(session)]
    details = {"change": "tie_confirmed", "school": "Collège des Benjoins", "identifier": "m.payet"}
    assert told == ([] if by is ConfirmedBy.FAMILY else [("m.payet@example.org", details)])


def test_an_address_that_nobody_confirmed_is_told_of_no_school_either(session: Session, known: Known) -> None:
    known.account.email_verified_at = None
    waiting = session.scalars(select(AccountTie).where(AccountTie.state == TieState.PROPOSED)).one()
    confirm_tie(Act(session, HEAD, NOW), waiting.id, ConfirmedBy.ACADEMY)
    assert mails(session) == []


def test_an_address_that_nobody_confirmed_is_told_nothing(session: Session, known: Known, sealer: Sealer) -> None:
    known.account.email_verified_at = None
    gets_another_address(session, known, sealer)
    assert mails(session) == []


def test_the_address_can_be_forgotten_with_the_password(session: Session, known: Known, sealer: Sealer) -> None:
    renew_password(
        at_desk(session, known.here.establishment_id, actor=HEAD), known.account, known.here, sealer, forgets_email=True
    )
    assert (known.account.email, known.account.email_verified_at) == (None, None)
    [told] = mails(session)
    assert (told.recipient, told.details["email_forgotten"]) == ("m.payet@example.org", "True")
    [event] = [one for one in events(session, known.other.id, known.account) if one.action == "password_renewed"]
    assert event.details == {"email_forgotten": "True"}
