"""Who is logged in: the cookie holds the token of one browser, the database what it opens."""

from datetime import UTC, datetime

import flask
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy.orm import Session

from parent_portal.installation import network_address, session, today
from parent_portal.language import LANGUAGE, chosen_language
from shared import clock
from shared.accounts.holder.second_account import may_have_second_account
from shared.accounts.login.sessions import account_of, open_session
from shared.accounts.ties.questions import is_asked
from shared.acting.caller import Caller
from shared.languages import FRENCH
from shared.limits.browsers import OF_ACCOUNTS, stamp
from shared.models.accounts import Account
from shared.provider.passes import Proof
from shared.web.devices import browser_name, came_in, device

MAY_HAVE_SECOND_ACCOUNT = "second"
QUESTION = "question"
"""Where the cookie keeps whether an establishment waits for an answer of the holder (R4)."""
ASKED, LATER = "asked", "later"
PROVED = "proved"
"""Where the cookie keeps when its holder last proved who they are, as a POSIX time, and how."""
WAITS = "openid"
"""Where the cookie keeps what a téléservice asked, while its holder logs in (`parent_portal.openid.waiting`)."""
WAITS_FOR_ENT = "ent"
"""The same of what an ENT asked (`parent_portal.ent.waiting`)."""
PASSWORD, PASSKEY = "pwd", "pop"

login_manager = LoginManager()
# It would log out a phone that changes network; each cookie has its own row in the database instead.
login_manager.session_protection = None


class Visitor(UserMixin):
    """A browser logged in to an account."""

    def __init__(self, account: Account, token: str) -> None:
        self.account = account
        self.token = token

    def get_id(self) -> str:
        """What the signed cookie holds."""
        return self.token


@login_manager.user_loader
def visitor_with(token: str) -> Visitor | None:
    """The visitor whose cookie holds `token`; none once logged out, here or elsewhere."""
    if OF_ACCOUNTS.is_left_alone(flask.session, clock.now()):
        return None
    account = account_of(session(), token, clock.now())
    if account is None:
        return None
    stamp(flask.session, clock.now())
    return Visitor(account, token)


def visitor() -> Visitor | None:
    """Whoever is logged in."""
    return current_user if isinstance(current_user._get_current_object(), Visitor) else None


def own_account() -> Account:
    """The account of whoever is logged in, on pages that nobody else opens."""
    account: Account = current_user.account
    return account


def own_token() -> str:
    """The token of this browser."""
    token: str = current_user.token
    return token


def caller() -> Caller:
    """Whoever sent this request, logged in or not, for a rule."""
    known = visitor()
    return Caller(session(), clock.now(), network_address(), device(), known.token if known else None)


def welcome(database_session: Session, account: Account) -> str:
    """Open a session of `account` for this browser, and return the token that `enter` puts in its cookie."""
    return open_session(database_session, account, clock.now(), network_address(), browser_name())


def enter(account: Account, token: str, way: str = PASSWORD) -> None:
    """Log this browser in: nothing of an earlier cookie survives, so that no one can prepare it.

    But for what a téléservice or an ENT asked, which anybody's link could ask for as well.
    """
    waiting = {name: flask.session[name] for name in (WAITS, WAITS_FOR_ENT) if name in flask.session}
    flask.session.clear()
    came_in()
    stamp(flask.session, clock.now())
    note_proof(way)
    flask.session.update(waiting)
    look_for_second_account(account)
    look_for_question(account)
    if account.language:
        flask.session[LANGUAGE] = account.language
    elif account.activated_at is not None and chosen_language() is None:
        # It was read in French before browsers were asked.
        flask.session[LANGUAGE] = FRENCH.code
    login_user(Visitor(account, token))


def look_for_second_account(account: Account) -> None:
    """Keep in the cookie whether `account` may have a second one: asked when it may change, not at each page."""
    flask.session[MAY_HAVE_SECOND_ACCOUNT] = may_have_second_account(session(), account)


def look_for_question(account: Account) -> None:
    """Keep in the cookie whether `account` is asked something: looked up at a login and after each answer."""
    flask.session[QUESTION] = ASKED if is_asked(session(), account, today(clock.now())) else None


def note_proof(way: str) -> None:
    """Keep in the cookie that its holder has just proved who they are, by a password or by a passkey."""
    flask.session[PROVED] = [clock.now().timestamp(), way]


def proof() -> Proof:
    """When and how the holder last proved who they are; long ago where the cookie is of before that was kept."""
    at, way = flask.session.get(PROVED) or (0, PASSWORD)
    return Proof(datetime.fromtimestamp(at, UTC), way)


def leave() -> None:
    """Forget this browser's cookie."""
    flask.session.clear()
