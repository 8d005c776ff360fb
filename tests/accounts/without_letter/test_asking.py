"""R37: to whom a link leaves, of those who say that they have not received their letter."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.without_letter.asking import (
    MAILS_A_DAY,
    PERSONS_OF_ONE_ADDRESS,
    TIME_BETWEEN_MAILS,
    ask_self_activation,
)
from shared.acting.caller import Caller
from shared.establishments.settings import set_self_activation
from shared.models.access.self_activations import SelfActivation
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account, AccountState
from shared.models.journal import Action, JournalEvent
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.school import Establishment, Guardian, Hold, Student
from tests.factories import (
    NOW,
    TODAY,
    at_desk,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_student,
)

HOME = "198.51.100.7"
KNOWN = "famille.payet@example.org"
BORN = date(2013, 5, 6)


@pytest.fixture
def school(session: Session) -> Establishment:
    return make_establishment(session)


@pytest.fixture
def child(session: Session, school: Establishment) -> Student:
    return make_student(session, school, make_division(session, school), birth_date=BORN)


@pytest.fixture
def waiting(session: Session, school: Establishment, child: Student, sealer: Sealer) -> Callable[..., Account]:
    """A parent of the child whose account waits, known by the address unless another one is given."""

    def make(identifier: str = "m.payet", state: AccountState = AccountState.NOTIFIED, **fiche: object) -> Account:
        guardian = make_guardian(session, school, child, **{"email": KNOWN, **fiche})
        return make_account(session, identifier, guardian, state=state, sealer=sealer)

    return make


def ask(session: Session, email: str = KNOWN, after: timedelta = timedelta(0)) -> None:
    ask_self_activation(Caller(session, NOW + after, HOME), email, TODAY, language="ar")


def asked(session: Session) -> list[str]:
    """The identifiers of those whom links were made for."""
    links = select(Account.identifier).join(SelfActivation, SelfActivation.account_id == Account.id)
    return list(session.scalars(links.order_by(SelfActivation.id)))


def mails(session: Session) -> list[AccountMail]:
    return list(session.scalars(select(AccountMail).where(AccountMail.kind == AccountMailKind.SELF_ACTIVATION)))


def test_a_link_leaves_to_the_address_of_the_base_and_the_school_reads_it(
    session: Session, school: Establishment, waiting: Callable[..., Account]
) -> None:
    waiting()
    ask(session, "  Famille.PAYET@example.org ")
    [mail] = mails(session)
    assert (mail.recipient, mail.details) == (KNOWN, {"language": "ar"})
    session.flush()
    event = session.scalars(select(JournalEvent).where(JournalEvent.action == Action.SELF_ACTIVATION_ASKED)).one()
    assert (event.establishment_id, event.subject, event.address) == (school.id, "m.payet", HOME)


def test_parents_who_share_an_address_get_one_mail_and_a_link_each(
    session: Session, waiting: Callable[..., Account]
) -> None:
    waiting()
    waiting("p.payet", AccountState.NOT_NOTIFIED, first_name="Paul")
    ask(session)
    assert asked(session) == ["m.payet", "p.payet"]
    assert len(mails(session)) == 1


def test_an_address_of_more_persons_than_a_family_has_is_nobodys(
    session: Session, waiting: Callable[..., Account]
) -> None:
    for number in range(PERSONS_OF_ONE_ADDRESS + 1):
        waiting(f"m.payet{number}", first_name=f"Marie{number}")
    ask(session)
    assert asked(session) == []


@pytest.mark.parametrize("state", [AccountState.ACTIVATING, AccountState.ACTIVE, AccountState.DISABLED])
def test_an_account_that_was_used_or_closed_is_never_activated_so(
    session: Session, school: Establishment, child: Student, state: AccountState
) -> None:
    used = make_guardian(session, school, child, email=KNOWN)
    account = make_account(session, "m.payet", used, email=KNOWN)
    if state is not AccountState.ACTIVE:
        account.state = state
        account.disabled_from = AccountState.ACTIVE if state is AccountState.DISABLED else None
        account.expires_on = TODAY if state is AccountState.ACTIVATING else None
    session.flush()
    ask(session)
    assert asked(session) == []


def organisation(session: Session, guardian: Guardian, child: Student) -> None:
    guardian.first_name, guardian.family_name = "", "DEPARTEMENT DE LA REUNION"


def gone(session: Session, guardian: Guardian, child: Student) -> None:
    guardian.gone_at = NOW


def held(session: Session, guardian: Guardian, child: Student) -> None:
    guardian.hold, guardian.staff_note = Hold.DO_NOT_WRITE, "NE PAS CONTACTER"


def child_left(session: Session, guardian: Guardian, child: Student) -> None:
    child.left_on = TODAY


def child_said_dead(session: Session, guardian: Guardian, child: Student) -> None:
    child.hold, child.staff_note = Hold.DECEASED, "DCD"


def child_without_birth_date(session: Session, guardian: Guardian, child: Student) -> None:
    child.birth_date = None


def not_legal(session: Session, guardian: Guardian, child: Student) -> None:
    for link in guardian.guardianships:
        link.legal_rank = None


def tie_not_confirmed(session: Session, guardian: Guardian, child: Student) -> None:
    tie = session.scalars(select(AccountTie).where(AccountTie.account_id == guardian.account_id)).one()
    guardian.account_id = None
    session.flush()
    tie.state, tie.confirmed_by, tie.settled_at = TieState.PROPOSED, None, None


def school_closed_it(session: Session, guardian: Guardian, child: Student) -> None:
    set_self_activation(at_desk(session, guardian.establishment_id), is_open=False, version=0)


@pytest.mark.parametrize(
    "but",
    [
        organisation,
        gone,
        held,
        child_left,
        child_said_dead,
        child_without_birth_date,
        not_legal,
        tie_not_confirmed,
        school_closed_it,
    ],
)
def test_nothing_leaves_when(
    session: Session,
    child: Student,
    waiting: Callable[..., Account],
    but: Callable[[Session, Guardian, Student], None],
) -> None:
    account = waiting()
    guardian = session.scalars(select(Guardian).where(Guardian.account_id == account.id)).one()
    ask(session)
    assert asked(session) == ["m.payet"], "it would have left otherwise"
    but(session, guardian, child)
    session.flush()
    ask(session, after=TIME_BETWEEN_MAILS * 2)
    assert asked(session) == ["m.payet"]


@pytest.mark.parametrize("email", ["", "pas une adresse", "é@exemple.fr", "inconnu@example.org", "a" * 100_000])
def test_what_no_base_knows_is_said_nothing_of(session: Session, waiting: Callable[..., Account], email: str) -> None:
    waiting()
    ask(session, email)
    assert mails(session) == []


def test_a_stranger_who_asks_and_asks_fills_no_mailbox_and_spoils_no_link(
    session: Session, waiting: Callable[..., Account]
) -> None:
    waiting()
    for minutes in range(0, 24 * 60, 7):
        ask(session, after=timedelta(minutes=minutes))
    assert len(mails(session)) == MAILS_A_DAY
    assert session.scalars(select(SelfActivation).where(SelfActivation.used_at.is_not(None))).all() == []


def test_two_who_ask_at_once_get_one_mail(session: Session, waiting: Callable[..., Account]) -> None:
    waiting()
    ask(session)
    ask(session, after=TIME_BETWEEN_MAILS / 2)
    assert len(mails(session)) == 1
