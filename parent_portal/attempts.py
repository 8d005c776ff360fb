"""Looking at a password that somebody typed, wherever the portal asks for one (R10)."""

from parent_portal.installation import installation, let_go, session
from parent_portal.visitors import caller, own_account
from shared.accounts.login.password_login import Candidate, begin_login, refuse_login
from shared.database import hasten
from shared.limits.throttling import take_back


def try_password(identifier: str, password: str) -> tuple[Candidate, bool]:
    """Count an attempt, commit, and tell whether the password is right; no transaction is open while it is looked at.

    The count stands for everybody from then on. It is on the disk once what became of the attempt is, before anybody is
    told that: a power cut forgets only attempts that got no answer.

    Raises:
        TooManyAttempts: wait first.
    """
    hasten(session())
    candidate = begin_login(caller(), identifier)
    let_go()
    return candidate, candidate.accepts(password, installation().sealer)


def is_own_password(password: str) -> bool:
    """Whether `password` is the one of the account logged in, asked for again before something that matters.

    Raises:
        TooManyAttempts: wait first.
    """
    candidate, accepted = try_password(own_account().identifier, password)
    if accepted:
        take_back(session(), candidate.attempt)
    else:
        refuse_login(caller(), candidate)
    let_go()
    return accepted
