"""Where an account came in from is known for a year, by a hash; and no more once a stranger may have come in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory import renewal
from shared.accounts.login.mailed_links import create_link
from shared.accounts.login.password_login import begin_login, complete_login, refuse_login
from shared.accounts.login.shutting_out import log_out_everywhere
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.journal import COMMAND
from shared.limits.familiar_places import (
    FAMILIAR_FOR,
    MOST,
    OF_ACCOUNTS,
    hash_of_network,
    new_device,
    remove_unfamiliar,
)
from shared.limits.policy import BY_ADDRESS, FROM_ANYWHERE, FROM_THIS_ADDRESS, TooManyAttempts
from shared.models.access.familiar_places import FamiliarPlace
from shared.models.accounts import Account, LinkPurpose, LoginThrottle
from shared.models.school import Guardian
from shared.staff.handover import draw_password
from shared.staff.logins import begin_staff_login, complete_staff_login
from shared.staff.lost_access import reset_staff
from tests.choosing import change_password, choose_forgotten_password
from tests.factories import NOW, at_desk, make_account, make_establishment, make_guardian, make_staff, make_student

HOME, PHONE = "198.51.100.7", "203.0.113.9"
ANOTHER = "ruche haute du vendredi"


@pytest.fixture
def fiche(session: Session) -> Guardian:
    school = make_establishment(session)
    return make_guardian(session, school, make_student(session, school))


@pytest.fixture
def marie(session: Session, fiche: Guardian) -> Account:
    return make_account(session, "m.payet", fiche)


def come_in(session: Session, address: str = HOME, device: str = "", after: timedelta = timedelta()) -> None:
    candidate = begin_login(Caller(session, NOW + after, address, device=device), "m.payet")
    complete_login(Caller(session, NOW + after, address), candidate)


def is_spared(session: Session, address: str = HOME, device: str = "", after: timedelta = timedelta()) -> bool:
    """Whether strangers elsewhere make nobody wait there."""
    for number in range(FROM_ANYWHERE.free_in_alarm * 4):
        try:
            at = NOW + after
            refuse_login(
                Caller(session, at, f"10.{number}.0.1"), begin_login(Caller(session, at, f"10.{number}.0.1"), "m.payet")
            )
        except TooManyAttempts:
            break
    try:
        begin_login(Caller(session, NOW + after, address, device=device), "m.payet")
    except TooManyAttempts:
        return False
    return True


def test_where_one_came_in_is_familiar_and_nowhere_else(session: Session, marie: Account) -> None:
    come_in(session)
    assert is_spared(session)
    assert not is_spared(session, PHONE)


def test_a_network_of_ipv6_is_familiar_whole(session: Session, marie: Account) -> None:
    come_in(session, "2001:db8:1:2::1")
    assert is_spared(session, "2001:db8:1:2:ffff::9")
    assert not is_spared(session, "2001:db8:1:3::1")


def test_a_browser_is_familiar_wherever_it_goes(session: Session, marie: Account) -> None:
    device = new_device()
    come_in(session, device=device)
    assert is_spared(session, PHONE, device)
    assert not is_spared(session, "203.0.113.10", new_device())


def test_a_wrong_password_makes_no_place_familiar(session: Session, marie: Account) -> None:
    refuse_login(Caller(session, NOW, HOME), begin_login(Caller(session, NOW, HOME), "m.payet"))
    assert session.scalars(select(FamiliarPlace)).all() == []


def test_a_year_later_it_is_not_and_nothing_is_kept(session: Session, marie: Account) -> None:
    come_in(session)
    assert not is_spared(session, after=FAMILIAR_FOR + timedelta(seconds=1))
    remove_unfamiliar(session, NOW + FAMILIAR_FOR)
    assert session.scalars(select(FamiliarPlace)).all() == []


def test_coming_in_again_makes_it_last_and_writes_once_a_day(session: Session, marie: Account) -> None:
    for hours in (0, 1, 23, 25):
        come_in(session, after=timedelta(hours=hours))
    [seen_at] = session.scalars(select(FamiliarPlace.seen_at))
    assert seen_at == NOW + timedelta(hours=25)


def test_only_the_last_places_are_kept(session: Session, marie: Account) -> None:
    for number in range(MOST + 5):
        come_in(session, f"10.{number}.0.1", after=timedelta(minutes=number))
    hashes = set(session.scalars(select(FamiliarPlace.place_hash)))
    assert len(hashes) == MOST
    assert hash_of_network("10.4.0.1") not in hashes
    assert hash_of_network(f"10.{MOST + 4}.0.1") in hashes


def test_neither_the_address_nor_the_cookie_is_kept(session: Session, marie: Account) -> None:
    device = new_device()
    come_in(session, device=device)
    for hash_ in session.scalars(select(FamiliarPlace.place_hash)):
        assert len(hash_) == 64
        assert device not in hash_


def test_whoever_comes_in_somewhere_for_the_first_time_speaks_for_its_network_once(
    session: Session, marie: Account
) -> None:
    def held_against_home() -> int:
        at_home = select(LoginThrottle.failures).where(LoginThrottle.realm == BY_ADDRESS.realm)
        return session.scalars(at_home).one()

    for number in range(10):
        refuse_login(Caller(session, NOW, HOME), begin_login(Caller(session, NOW, HOME), f"x.inconnu{number}"))
    come_in(session)
    once = held_against_home()
    for _ in range(3):
        come_in(session)
    assert held_against_home() == once < 10


def staff_give_a_password(session: Session, account: Account, fiche: Guardian, sealer: Sealer) -> None:
    renewal.renew_password(at_desk(session, fiche.establishment_id, actor=COMMAND), account, fiche, sealer)


def a_forgotten_password_is_chosen(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    link = create_link(session, account, LinkPurpose.PASSWORD_RESET, "m.payet@example.org", NOW)
    choose_forgotten_password(session, link, ANOTHER, NOW, HOME)


def every_browser_is_logged_out(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    log_out_everywhere(Caller(session, NOW, HOME), account)


@pytest.mark.parametrize("event", [staff_give_a_password, a_forgotten_password_is_chosen, every_browser_is_logged_out])
def test_what_shuts_a_stranger_out_forgets_them(
    session: Session, marie: Account, fiche: Guardian, sealer: Sealer, event: Callable[..., None]
) -> None:
    come_in(session)
    event(session, marie, fiche, sealer)
    assert not is_spared(session)


def test_a_change_of_password_by_the_holder_keeps_them(session: Session, marie: Account) -> None:
    come_in(session)
    change_password(session, marie, ANOTHER, NOW, HOME, token="this browser")
    assert is_spared(session)


def test_they_go_with_the_account(session: Session, marie: Account) -> None:
    come_in(session)
    session.delete(marie)
    session.flush()
    assert session.scalars(select(FamiliarPlace)).all() == []


def test_those_of_staff_are_forgotten_with_a_lost_access(session: Session) -> None:
    staff = make_staff(session, "chef", make_establishment(session))
    complete_staff_login(Caller(session, NOW, HOME), staff)
    for _ in range(FROM_THIS_ADDRESS.free):
        begin_staff_login(Caller(session, NOW, HOME), "chef")
    assert len(session.scalars(select(FamiliarPlace)).all()) == 1
    reset_staff(Act(session, COMMAND, NOW), "chef", draw_password())
    assert session.scalars(select(FamiliarPlace)).all() == []


def test_the_places_of_one_are_not_those_of_another(session: Session, marie: Account) -> None:
    come_in(session)
    paul = make_account(session, "p.hoarau")
    OF_ACCOUNTS.forget(session, paul.id)
    assert is_spared(session)
