"""What the link of a family without its letter lets do: name a child's birth date, then choose a password (R37)."""

from datetime import date, timedelta

from shared.accounts.credentials.passwords import NewPassword, PasswordReplaced
from shared.accounts.login.first_login import opening_of, take_password
from shared.accounts.login.mailed_links import LinkRefusal
from shared.accounts.login.password_login import admit
from shared.accounts.login.shutting_out import shut_out
from shared.accounts.state_policy import Step, advance
from shared.accounts.trail import act_of, lock, note_in_every_school
from shared.accounts.without_letter.children import birth_dates_of
from shared.accounts.without_letter.links import SelfActivationRefused, require_open
from shared.acting.caller import Caller
from shared.limits.familiar_places import Familiarity, Place
from shared.limits.throttling import count_birth_date_attempt, take_back
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.proofs.secrets import drawn, hashed, is_same

TIME_TO_CHOOSE = timedelta(minutes=30)


class BirthDateWrong(Exception):
    """No child of the account was born on that day."""


class ProofMissing(Exception):
    """This browser did not name a birth date, or too long ago."""


def prove_birth_date(caller: Caller, link: SelfActivation, born: date, today: date) -> str:
    """What the browser that named the birth date of a child goes on with; kept by its hash only.

    Whatever is raised, the caller commits: the attempt counts, and the refusal is noted.

    Raises:
        TooManyAttempts: wait first.
        BirthDateWrong: of none of the children.
    """
    account = caller.session.get_one(Account, link.account_id)
    attempt = count_birth_date_attempt(caller, account.id)
    if born not in caller.session.scalars(birth_dates_of(account.id, today)).all():
        note_in_every_school(caller.by_nobody(), Action.SELF_ACTIVATION_REFUSED, account)
        raise BirthDateWrong
    take_back(caller.session, attempt)
    proof = drawn()
    link.proof_hash, link.proved_at = hashed(proof), caller.now
    return proof


def require_proof(caller: Caller, link: SelfActivation, proof: str) -> None:
    """Raise `ProofMissing` unless `proof` is what `prove_birth_date` gave for `link`, not long ago."""
    in_time = link.proved_at is not None and caller.now - link.proved_at <= TIME_TO_CHOOSE
    if not in_time or not is_same(proof, link.proof_hash):
        raise ProofMissing


def activate_alone(caller: Caller, link: SelfActivation, proof: str, new: NewPassword) -> Account:
    """Activate the account, with the password chosen and the address that the link was mailed to; returns it.

    The initial password is destroyed, and whoever came in with it is logged out; every link opens nothing any more.

    Raises:
        ProofMissing: the birth date is to be named again.
        SelfActivationRefused: the account was activated in between, closed, or given anew by staff.
    """
    account = lock(caller.session, caller.session.get_one(Account, link.account_id))
    caller.session.refresh(link)
    require_open(caller.session, link, account, caller.now)
    require_proof(caller, link, proof)
    try:
        new.require_present(opening_of(account))
    except PasswordReplaced:
        raise SelfActivationRefused(LinkRefusal.USED) from None
    advance(account, Step.ACTIVATE_ALONE)
    take_password(caller.session, account, new, caller.now)
    account.email, account.email_verified_at = link.email, caller.now
    account.first_login_at = account.activated_at = caller.now
    account.activated_alone, account.expires_on = True, None
    shut_out(caller.session, account, caller.now)
    note_in_every_school(act_of(caller, account), Action.SELF_ACTIVATED, account)
    places = Familiarity(None, None).to_note(Place.of(caller.address, caller.device), caller.now)
    return admit(caller, account, new_places=places)
