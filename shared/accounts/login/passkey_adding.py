"""Adding a passkey to an account, whose password was just given again: what a browser is asked, and what it answered.

Apart from what lists and removes them: only here, and where one comes in by a passkey, is WebAuthn loaded.
"""

from datetime import datetime

import webauthn
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webauthn.helpers import generate_user_handle, parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from shared.accounts.login.passkey_challenges import (
    TIME_TO_ANSWER,
    PasskeyRefusal,
    PasskeyRefused,
    PasskeySite,
    Question,
    put_challenge,
    take_challenge,
)
from shared.accounts.login.passkeys import passkeys_of, tell_holder, tidy_name
from shared.accounts.state_policy import Opens, what_opens
from shared.accounts.trail import act_of, lock, note
from shared.acting.caller import Caller
from shared.database import insert_or
from shared.models.access.passkeys import CREDENTIAL_ID_LENGTH, Passkey
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.notifications import AccountMailKind

MOST_PASSKEYS = 10
SITE_NAME = "Téléservices"


def ask_for_passkey(session: Session, site: PasskeySite, account: Account, now: datetime) -> Question:
    """What a browser is asked, to add a passkey to `account`, whose password was just given again.

    The passkey must say by itself whose it is, and must want a fingerprint, a face or a code each time.

    Raises:
        PasskeyRefused: not active, or as many passkeys as there may be.
    """
    account = lock(session, account)
    _refuse_unless_one_more(session, account)
    account.passkey_handle = account.passkey_handle or generate_user_handle()
    token, challenge = put_challenge(session, now, account_id=account.id)
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=SITE_NAME,
        user_id=account.passkey_handle,
        user_name=account.identifier,
        challenge=challenge,
        timeout=int(TIME_TO_ANSWER.total_seconds() * 1000),
        exclude_credentials=[_description(passkey) for passkey in passkeys_of(session, account)],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return Question(webauthn.options_to_json(options), token)


def add_passkey(caller: Caller, site: PasskeySite, account: Account, *, token: str, answer: str, name: str) -> Passkey:
    """Add the passkey that the browser holding `token` answered with, in JSON; a mail tells the holder.

    Raises:
        PasskeyRefused: too late, not what was asked for, known already, without a name, or the account was closed.
    """
    challenge = take_challenge(caller.session, token, caller.now, account_id=account.id)
    columns = _read(site, challenge, answer)
    account = lock(caller.session, account)
    _refuse_unless_one_more(caller.session, account)
    row = {**columns, "account_id": account.id, "name": tidy_name(name), "created_at": caller.now}
    added = caller.session.scalars(
        insert_or(caller.session, Passkey)
        .values(row)
        .on_conflict_do_nothing(index_elements=[Passkey.credential_id])
        .returning(Passkey)
    ).one_or_none()
    if added is None:
        raise PasskeyRefused(PasskeyRefusal.KNOWN)
    note(act_of(caller, account), Action.PASSKEY_ADDED, account, {"passkey": added.id})
    tell_holder(caller.session, AccountMailKind.PASSKEY_ADDED, account, caller.now)
    return added


def _refuse_unless_one_more(session: Session, account: Account) -> None:
    if what_opens(account) is not Opens.PORTAL:
        raise PasskeyRefused(PasskeyRefusal.NOT_ACTIVE)
    held = select(func.count()).select_from(Passkey).where(Passkey.account_id == account.id)
    if session.scalars(held).one() >= MOST_PASSKEYS:
        raise PasskeyRefused(PasskeyRefusal.TOO_MANY)


def _read(site: PasskeySite, challenge: bytes, answer: str) -> dict[str, object]:
    try:
        credential = parse_registration_credential_json(answer)
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:
        # Anything may have been sent, and the library does not name everything it stumbles over.
        raise PasskeyRefused(PasskeyRefusal.NOT_PROVEN) from error
    if len(verified.credential_id) > CREDENTIAL_ID_LENGTH:
        raise PasskeyRefused(PasskeyRefusal.NOT_PROVEN)
    return {
        "credential_id": verified.credential_id,
        "public_key": verified.credential_public_key,
        "sign_count": verified.sign_count,
        "transports": sorted({transport.value for transport in credential.response.transports or ()}),
    }


def _description(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(transport) for transport in passkey.transports]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports)
