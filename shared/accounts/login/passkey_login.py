"""Logging in with a passkey, without typing anything: the passkey says whose it is."""

from datetime import datetime

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import AuthenticationCredential, UserVerificationRequirement

from shared.accounts.login.passkey_challenges import (
    TIME_TO_ANSWER,
    PasskeyRefusal,
    PasskeyRefused,
    PasskeySite,
    Question,
    put_challenge,
    take_challenge,
)
from shared.accounts.login.password_login import DIRECTORY, admit
from shared.accounts.trail import lock
from shared.acting.caller import Caller
from shared.limits.familiar_places import OF_ACCOUNTS, Familiarity, Place
from shared.limits.throttling import count_network_attempt, take_back
from shared.models.access.passkeys import Passkey
from shared.models.accounts import Account
from shared.models.journal import Action

BY_PASSKEY = {"by": "passkey"}
"""What the journal adds to a login that took no password."""


def ask_who(session: Session, site: PasskeySite, now: datetime) -> Question:
    """What a browser is asked, to log in to whichever account its passkey is of."""
    token, challenge = put_challenge(session, now, account_id=None)
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=challenge,
        timeout=int(TIME_TO_ANSWER.total_seconds() * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Question(webauthn.options_to_json(options), token)


def log_in_with_passkey(caller: Caller, site: PasskeySite, token: str, answer: str) -> Account:
    """The account to open, whose passkey answered in JSON from the browser that holds `token`.

    Whatever is raised, the caller commits: the question was answered and the refusal noted.

    Raises:
        TooManyAttempts: wait first (R10).
        PasskeyRefused: too late, unknown, not proven, or a copy whose count went back.
        AccountDisabled, AccountMerged: as with the password.
    """
    attempt = count_network_attempt(caller, DIRECTORY)
    challenge = take_challenge(caller.session, token, caller.now, account_id=None)
    credential = _read(answer)
    passkey = _passkey_of(caller.session, credential)
    try:
        account = _proven_holder(caller.session, site, passkey, challenge, credential)
    except PasskeyRefused:
        caller.by_nobody().record(Action.PASSKEY_REFUSED, account_id=passkey.account_id)
        raise
    take_back(caller.session, attempt)
    passkey.last_used_at = caller.now
    place = Place.of(caller.address, caller.device)
    places = Familiarity(None, None).to_note(place, caller.now)
    is_new = bool(place.device) and not OF_ACCOUNTS.knows(caller.session, account.id, place.device, caller.now)
    return admit(caller, account, BY_PASSKEY, new_places=places, is_new_device=is_new)


def _read(answer: str) -> AuthenticationCredential:
    try:
        return parse_authentication_credential_json(answer)
    except Exception as error:
        # Anything may have been sent, and the library does not name everything it stumbles over.
        raise PasskeyRefused(PasskeyRefusal.NOT_PROVEN) from error


def _passkey_of(session: Session, credential: AuthenticationCredential) -> Passkey:
    passkey = session.scalars(select(Passkey).where(Passkey.credential_id == credential.raw_id)).one_or_none()
    if passkey is None:
        raise PasskeyRefused(PasskeyRefusal.OPENS_NOTHING)
    return passkey


def _proven_holder(
    session: Session, site: PasskeySite, passkey: Passkey, challenge: bytes, credential: AuthenticationCredential
) -> Account:
    account = lock(session, session.get_one(Account, passkey.account_id))
    # Whatever removes a passkey holds the row of the account: what is read now stays.
    if session.get(Passkey, passkey.id, populate_existing=True) is None:
        raise PasskeyRefused(PasskeyRefusal.OPENS_NOTHING)
    # As with the password: nothing else opens the account while an initial one waits to be replaced.
    if account.initial_password is not None or credential.response.user_handle != account.passkey_handle:
        raise PasskeyRefused(PasskeyRefusal.OPENS_NOTHING)
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused(PasskeyRefusal.NOT_PROVEN) from error
    passkey.sign_count = verified.new_sign_count
    return account
