"""Passkeys: another way in, as strict as the password."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.login.passkey_adding import MOST_PASSKEYS, add_passkey, ask_for_passkey
from shared.accounts.login.passkey_challenges import (
    TIME_TO_ANSWER,
    PasskeyRefusal,
    PasskeySite,
    forget_old_challenges,
    passkey_site,
    put_challenge,
    take_challenge,
)
from shared.accounts.login.passkey_login import ask_who, log_in_with_passkey
from shared.accounts.login.passkeys import passkeys_of
from shared.accounts.login.visits import last_visits
from shared.acting.caller import Caller
from shared.models.access.passkeys import PasskeyChallenge
from shared.models.accounts import Account, AccountState
from shared.models.notifications import AccountMailKind
from tests.accounts.login.passkey_steps import HOME, SITE, add, log_in, mails, refused
from tests.factories import NOW, make_account
from tests.telephone import PRESENT, Telephone


@pytest.fixture
def marie(session: Session) -> Account:
    return make_account(session, "m.payet")


@pytest.fixture
def telephone() -> Telephone:
    return Telephone(SITE.origin)


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://portail.example.org", SITE),
        ("https://PORTAIL.example.org:443/familles", SITE),
        ("https://portail.example.org:8443", PasskeySite(SITE.id, "https://portail.example.org:8443")),
        ("http://localhost:5002", PasskeySite("localhost", "http://localhost:5002")),
        ("https://école.example.org", PasskeySite("xn--cole-9oa.example.org", "https://xn--cole-9oa.example.org")),
        ("http://127.0.0.1:5002", None),
        ("https://192.0.2.7", None),
        ("http://[::1]:5002", None),
    ],
)
def test_the_site_is_that_of_the_settings_and_none_without_a_name(address: str, site: PasskeySite | None) -> None:
    assert passkey_site(address) == site


def test_a_passkey_added_opens_its_account_and_the_holder_is_told(
    session: Session, marie: Account, telephone: Telephone
) -> None:
    passkey = add(session, marie, telephone, name="  Téléphone \n de\0 Marie ")
    assert (passkey.name, passkey.transports) == ("Téléphone de Marie", ["hybrid", "internal"])
    assert mails(session, AccountMailKind.PASSKEY_ADDED) == ["m.payet@example.org"]
    assert log_in(session, telephone) is marie
    assert log_in(session, telephone) is marie
    assert (passkey.last_used_at, marie.last_login_at, passkey.sign_count) == (NOW, NOW, 3)
    assert [(visit.accepted, visit.by_passkey) for visit in last_visits(session, marie)] == [(True, True)] * 2


def test_a_telephone_that_does_not_count_opens_too(session: Session, marie: Account) -> None:
    telephone = Telephone(SITE.origin, counts=False)
    add(session, marie, telephone)
    assert log_in(session, telephone) is log_in(session, telephone) is marie


def test_what_is_asked_takes_a_finger_a_face_or_a_code_and_names_nobody(
    session: Session, marie: Account, telephone: Telephone
) -> None:
    add(session, marie, telephone)
    asked = json.loads(ask_for_passkey(session, SITE, marie, NOW).options)
    wanted = {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert (asked["rp"]["id"], asked["attestation"]) == (SITE.id, "none")
    assert asked["authenticatorSelection"] == wanted
    assert len(asked["excludeCredentials"]) == 1
    assert asked["user"]["id"] == telephone.user_handle
    who = json.loads(ask_who(session, SITE, NOW).options)
    assert (who["rpId"], who["userVerification"], who["allowCredentials"]) == (SITE.id, "required", [])


WRONG = {
    "another origin": {"origin": "https://portail.example.org.voleur.example"},
    "another site": {"rp_id": "example.org"},
    "another challenge": {"challenge": "AAAA"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": 0},
    "the other ceremony": {"type": "webauthn.unheard-of"},
    "no name of a site": {"origin": 7},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_answer_wrong_in_one_thing_adds_nothing(
    session: Session, marie: Account, telephone: Telephone, wrong: dict[str, Any]
) -> None:
    refused(PasskeyRefusal.NOT_PROVEN, lambda: add(session, marie, telephone, **wrong))
    assert passkeys_of(session, marie) == []
    assert mails(session, AccountMailKind.PASSKEY_ADDED) == []


@pytest.mark.parametrize(
    "wrong", [*WRONG.values(), {"key": ec.generate_private_key(ec.SECP256R1())}], ids=[*WRONG, "another key"]
)
def test_an_answer_wrong_in_one_thing_opens_nothing_and_is_noted(
    session: Session, marie: Account, telephone: Telephone, wrong: dict[str, Any]
) -> None:
    add(session, marie, telephone)
    refused(PasskeyRefusal.NOT_PROVEN, lambda: log_in(session, telephone, **wrong))
    session.flush()
    assert [(visit.accepted, visit.by_passkey) for visit in last_visits(session, marie)] == [(False, True)]
    assert log_in(session, telephone) is marie


def test_a_question_is_taken_once(session: Session) -> None:
    token, challenge = put_challenge(session, NOW, account_id=None)
    assert take_challenge(session, token, NOW, account_id=None) == challenge
    refused(PasskeyRefusal.TOO_LATE, lambda: take_challenge(session, token, NOW, account_id=None))


def test_a_count_that_goes_back_is_a_copy(session: Session, marie: Account, telephone: Telephone) -> None:
    add(session, marie, telephone)
    log_in(session, telephone, count=40)
    for count in (40, 39, 0):
        refused(PasskeyRefusal.NOT_PROVEN, lambda count=count: log_in(session, telephone, count=count))
    assert log_in(session, telephone, count=41) is marie


@pytest.mark.parametrize("handle", [None, "", "AAAA"])
def test_a_passkey_that_names_another_holder_opens_nothing(
    session: Session, marie: Account, telephone: Telephone, handle: str | None
) -> None:
    add(session, marie, telephone)
    refused(PasskeyRefusal.OPENS_NOTHING, lambda: log_in(session, telephone, user_handle=handle))


@pytest.mark.parametrize("answer", ["", "null", "[]", "{}", "7", '{"id": 1}', "[" * 20000, '{"id": "é\\ud800"}'])
def test_what_is_no_answer_is_refused(session: Session, marie: Account, telephone: Telephone, answer: str) -> None:
    add(session, marie, telephone)
    question = ask_who(session, SITE, NOW)
    refused(
        PasskeyRefusal.NOT_PROVEN, lambda: log_in_with_passkey(Caller(session, NOW, HOME), SITE, question.token, answer)
    )
    adding = ask_for_passkey(session, SITE, marie, NOW)
    told = {"answer": answer, "name": "Clé"}
    refused(
        PasskeyRefusal.NOT_PROVEN,
        lambda: add_passkey(Caller(session, NOW, HOME), SITE, marie, token=adding.token, **told),
    )


def test_a_question_is_answered_once_soon_and_for_its_own_purpose(
    session: Session, marie: Account, telephone: Telephone
) -> None:
    add(session, marie, telephone)
    paul = make_account(session, "p.hoarau")

    def enter(token: str, options: str, now=NOW) -> Account:
        return log_in_with_passkey(Caller(session, now, HOME), SITE, token, telephone.get(options))

    once = ask_who(session, SITE, NOW)
    assert enter(once.token, once.options) is marie
    refused(PasskeyRefusal.TOO_LATE, lambda: enter(once.token, once.options))
    late = ask_who(session, SITE, NOW)
    refused(PasskeyRefusal.TOO_LATE, lambda: enter(late.token, late.options, NOW + TIME_TO_ANSWER))
    refused(PasskeyRefusal.NOT_PROVEN, lambda: enter(ask_who(session, SITE, NOW).token, late.options))
    adding = ask_for_passkey(session, SITE, marie, NOW)
    refused(PasskeyRefusal.TOO_LATE, lambda: enter(adding.token, late.options))
    told = {"answer": Telephone(SITE.origin).create(adding.options), "name": "Clé"}
    refused(
        PasskeyRefusal.TOO_LATE, lambda: add_passkey(Caller(session, NOW, HOME), SITE, paul, token=adding.token, **told)
    )
    refused(
        PasskeyRefusal.TOO_LATE, lambda: add_passkey(Caller(session, NOW, HOME), SITE, marie, token=late.token, **told)
    )
    assert add_passkey(Caller(session, NOW, HOME), SITE, marie, token=adding.token, **told).account_id == marie.id


def test_questions_without_an_answer_are_forgotten(session: Session) -> None:
    ask_who(session, SITE, NOW - TIME_TO_ANSWER)
    ask_who(session, SITE, NOW)
    session.flush()
    forget_old_challenges(session, NOW)
    assert session.scalar(select(func.count()).select_from(PasskeyChallenge)) == 1


def test_no_account_that_is_not_active_may_add_one(session: Session, marie: Account, sealer: Sealer) -> None:
    newcomer = make_account(session, "p.hoarau", state=AccountState.NOTIFIED, sealer=sealer)
    waiting = make_account(session, "a.grondin", state=AccountState.ACTIVATING)
    changing = make_account(session, "c.boyer", must_change_password=True)
    for account in (newcomer, waiting, changing):
        refused(PasskeyRefusal.NOT_ACTIVE, lambda account=account: ask_for_passkey(session, SITE, account, NOW))
    question = ask_for_passkey(session, SITE, marie, NOW)
    marie.must_change_password = True
    session.flush()
    told = {"answer": Telephone(SITE.origin).create(question.options), "name": "Clé"}
    refused(
        PasskeyRefusal.NOT_ACTIVE,
        lambda: add_passkey(Caller(session, NOW, HOME), SITE, marie, token=question.token, **told),
    )


def test_one_passkey_is_added_once_and_there_is_an_end_to_them(session: Session, marie: Account) -> None:
    twin = Telephone(SITE.origin)
    add(session, marie, twin)
    refused(PasskeyRefusal.KNOWN, lambda: add(session, make_account(session, "p.hoarau"), twin))
    for _ in range(MOST_PASSKEYS - 1):
        add(session, marie, Telephone(SITE.origin))
    refused(PasskeyRefusal.TOO_MANY, lambda: ask_for_passkey(session, SITE, marie, NOW))
