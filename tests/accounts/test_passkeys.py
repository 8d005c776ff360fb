"""Passkeys: another way in, as strict as the password, that never outlives the trust in whoever added it."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts import passkeys
from shared.accounts.expiry import expire_accounts
from shared.accounts.login import AccountDisabled, AccountMerged
from shared.accounts.mailed_links import create_link
from shared.accounts.merging import merge_accounts
from shared.accounts.own_data import everything_held
from shared.accounts.own_password import change_password, choose_forgotten_password
from shared.accounts.passkey_challenges import (
    TIME_TO_ANSWER,
    PasskeyRefusal,
    PasskeyRefused,
    PasskeySite,
    forget_old_challenges,
    passkey_site,
)
from shared.accounts.passkey_login import ask_who, log_in_with_passkey
from shared.accounts.passkeys import MOST_PASSKEYS, PasskeyNotFound, add_passkey, ask_for_passkey, passkeys_of
from shared.accounts.renewal import disable, renew_identifier, renew_password
from shared.accounts.sealing import Sealer
from shared.accounts.sessions import account_of, open_session
from shared.accounts.visits import last_visits
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountState, LinkPurpose
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.passkeys import Passkey, PasskeyChallenge
from shared.models.school import Guardian
from shared.throttling import BY_ADDRESS, TooManyAttempts
from tests.factories import INITIAL_PASSWORD, NOW, TODAY, make_account, make_establishment, make_guardian, make_student
from tests.telephone import PRESENT, Telephone

SITE = PasskeySite("portail.example.org", "https://portail.example.org")
HOME = "198.51.100.7"
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


def add(session: Session, account: Account, telephone: Telephone, name: str = "Téléphone", **wrong: Any) -> Passkey:
    question = ask_for_passkey(session, SITE, account, NOW)
    answer = telephone.create(question.options, **wrong)
    return add_passkey(session, SITE, account, token=question.token, answer=answer, name=name, now=NOW, address=HOME)


def log_in(session: Session, telephone: Telephone, **wrong: Any) -> Account:
    question = ask_who(session, SITE, NOW)
    return log_in_with_passkey(session, SITE, question.token, telephone.get(question.options, **wrong), NOW, HOME)


def mails(session: Session, kind: AccountMailKind) -> list[str]:
    return list(session.scalars(select(AccountMail.recipient).where(AccountMail.kind == kind)))


def refused(why: PasskeyRefusal, do: Callable[[], object]) -> None:
    with pytest.raises(PasskeyRefused) as refusal:
        do()
    assert refusal.value.reason is why


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
    refused(PasskeyRefusal.NOT_PROVEN, lambda: log_in_with_passkey(session, SITE, question.token, answer, NOW, HOME))
    adding = ask_for_passkey(session, SITE, marie, NOW)
    told = {"answer": answer, "name": "Clé", "now": NOW, "address": HOME}
    refused(PasskeyRefusal.NOT_PROVEN, lambda: add_passkey(session, SITE, marie, token=adding.token, **told))


def test_a_question_is_answered_once_soon_and_for_its_own_purpose(
    session: Session, marie: Account, telephone: Telephone
) -> None:
    add(session, marie, telephone)
    paul = make_account(session, "p.hoarau")

    def enter(token: str, options: str, now=NOW) -> Account:
        return log_in_with_passkey(session, SITE, token, telephone.get(options), now, HOME)

    once = ask_who(session, SITE, NOW)
    assert enter(once.token, once.options) is marie
    refused(PasskeyRefusal.TOO_LATE, lambda: enter(once.token, once.options))
    late = ask_who(session, SITE, NOW)
    refused(PasskeyRefusal.TOO_LATE, lambda: enter(late.token, late.options, NOW + TIME_TO_ANSWER))
    refused(PasskeyRefusal.NOT_PROVEN, lambda: enter(ask_who(session, SITE, NOW).token, late.options))
    adding = ask_for_passkey(session, SITE, marie, NOW)
    refused(PasskeyRefusal.TOO_LATE, lambda: enter(adding.token, late.options))
    told = {"answer": Telephone(SITE.origin).create(adding.options), "name": "Clé", "now": NOW, "address": HOME}
    refused(PasskeyRefusal.TOO_LATE, lambda: add_passkey(session, SITE, paul, token=adding.token, **told))
    refused(PasskeyRefusal.TOO_LATE, lambda: add_passkey(session, SITE, marie, token=late.token, **told))
    assert add_passkey(session, SITE, marie, token=adding.token, **told).account_id == marie.id


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
    told = {"answer": Telephone(SITE.origin).create(question.options), "name": "Clé", "now": NOW, "address": HOME}
    refused(PasskeyRefusal.NOT_ACTIVE, lambda: add_passkey(session, SITE, marie, token=question.token, **told))


def test_one_passkey_is_added_once_and_there_is_an_end_to_them(session: Session, marie: Account) -> None:
    twin = Telephone(SITE.origin)
    add(session, marie, twin)
    refused(PasskeyRefusal.KNOWN, lambda: add(session, make_account(session, "p.hoarau"), twin))
    for _ in range(MOST_PASSKEYS - 1):
        add(session, marie, Telephone(SITE.origin))
    refused(PasskeyRefusal.TOO_MANY, lambda: ask_for_passkey(session, SITE, marie, NOW))


def test_a_passkey_is_renamed_and_removed_by_its_holder_alone(
    session: Session, marie: Account, telephone: Telephone
) -> None:
    passkey, paul = add(session, marie, telephone), make_account(session, "p.hoarau")
    here, elsewhere = (open_session(session, marie, NOW, HOME, "") for _ in range(2))
    with pytest.raises(PasskeyNotFound):
        passkeys.rename_passkey(session, paul, passkey.id, "À moi", NOW, HOME)
    with pytest.raises(PasskeyNotFound):
        passkeys.remove_passkey(session, paul, passkey.id, NOW, HOME, token=here)
    refused(PasskeyRefusal.NO_NAME, lambda: passkeys.rename_passkey(session, marie, passkey.id, " \n\u200b", NOW, HOME))
    passkeys.rename_passkey(session, marie, passkey.id, "T" * 99, NOW, HOME)
    assert passkeys_of(session, marie)[0].name == "T" * 40
    passkeys.remove_passkey(session, marie, passkey.id, NOW, HOME, token=here)
    refused(PasskeyRefusal.OPENS_NOTHING, lambda: log_in(session, telephone))
    assert mails(session, AccountMailKind.PASSKEYS_REMOVED) == ["m.payet@example.org"]
    assert [account_of(session, token, NOW) for token in (here, elsewhere)] == [marie, None]
    written = select(JournalEvent.action).where(JournalEvent.action.startswith("passkey")).order_by(JournalEvent.id)
    assert session.scalars(written).all() == ["passkey_added", "passkey_renamed", "passkey_removed"]


def staff_gives_a_new_password(session: Session, account: Account, fiche: Guardian, sealer: Sealer) -> None:
    renew_password(session, account, fiche, sealer, now=NOW, actor=COMMAND)


def staff_gives_a_new_identifier(session: Session, account: Account, fiche: Guardian, sealer: Sealer) -> None:
    renew_identifier(session, account, fiche, sealer, now=NOW, today=TODAY, actor=COMMAND)


def forgotten_password_is_chosen_again(session: Session, account: Account, _fiche: Guardian, _sealer: Sealer) -> None:
    link = create_link(session, account, LinkPurpose.PASSWORD_RESET, "m.payet@example.org", NOW)
    choose_forgotten_password(session, link, ANOTHER, NOW, HOME)


def account_is_absorbed(session: Session, account: Account, fiche: Guardian, _sealer: Sealer) -> None:
    school = make_establishment(session, "9740002B", "Lycée")
    kept = make_account(session, "m.payet1", make_guardian(session, school, make_student(session, school)))
    merge_accounts(session, kept.id, account.id, NOW, COMMAND)


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
    disable(session, marie, fiche, NOW, COMMAND)
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
    assert expire_accounts(session, TODAY + timedelta(days=1), NOW, COMMAND) == 1
    assert session.scalar(select(func.count()).select_from(Passkey)) == 0


def test_what_is_held_names_them_and_nothing_that_opens(session: Session, marie: Account, telephone: Telephone) -> None:
    add(session, marie, telephone, name="Mon téléphone")
    [told] = everything_held(session, marie)["clés d'accès"]
    assert told == {"nom": "Mon téléphone", "ajoutée le": NOW.isoformat(), "dernière utilisation le": None}
