"""A password chosen and kept in one step, for tests of what follows from it; views end their transaction between."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import NewPassword
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.holder import own_password
from shared.accounts.login import first_login
from shared.accounts.login.first_login import email_of_first_login, password_demands
from shared.acting.caller import Caller
from shared.models.accounts import Account, MailedLink
from shared.models.staff import Staff
from shared.staff import logins
from shared.staff.logins import staff_password_demands


def judged(session: Session, account: Account, password: str, sealer: Sealer | None = None) -> NewPassword:
    return password_demands(session, account, sealer).judge(password)


def complete_first_login(
    session: Session, account: Account, email: str, password: str, now: datetime, address: str, *, token: str | None
) -> MailedLink:
    kept = email_of_first_login(email)
    new = password_demands(session, account, email=kept).judge(password)
    return first_login.complete_first_login(Caller(session, now, address, token=token), account, email, new)


def change_password(
    session: Session,
    account: Account,
    password: str,
    now: datetime,
    address: str,
    *,
    token: str | None,
    sealer: Sealer | None = None,
) -> None:
    new = judged(session, account, password, sealer)
    own_password.change_password(Caller(session, now, address, token=token), account, new)


def choose_forgotten_password(
    session: Session, link: MailedLink, password: str, now: datetime, address: str, *, sealer: Sealer | None = None
) -> Account:
    new = judged(session, session.get_one(Account, link.account_id), password, sealer)
    return own_password.choose_forgotten_password(Caller(session, now, address), link, new)


def change_staff_password(
    session: Session, staff: Staff, password: str, now: datetime, address: str, *, token: str | None
) -> None:
    new = staff_password_demands(session, staff).judge(password)
    logins.change_staff_password(Caller(session, now, address, token=token), staff, new)
