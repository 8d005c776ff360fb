"""First login, in two steps: an e-mail and a new password, then the activation from the mail (R5)."""

import enum
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.initial_passwords import as_typed
from shared.accounts.credentials.passwords import Demands, NewPassword, Opening, PasswordReplaced
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.accounts.login.letter_marks import keep_mark
from shared.accounts.login.mailed_links import LinkRefused, create_link, refuse_expired, use_link
from shared.accounts.login.shutting_out import shut_out
from shared.accounts.state_policy import Step, advance, may
from shared.accounts.trail import act_of, lock, note
from shared.acting.caller import Caller
from shared.emails import EmailInvalid, normal_email
from shared.languages import to_translate
from shared.models.accounts import Account, AccountState, LinkPurpose, MailedLink
from shared.models.journal import Action
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.outbox import AccountMessage, queue_account_mail

TIME_BETWEEN_MAILS = timedelta(minutes=1)
CORRECTIONS_WATCHED, MOST_CORRECTIONS = timedelta(minutes=10), 3
"""Whoever corrects a slip need not wait, but cannot have us write to one address after the other."""


class FirstLoginProblem(enum.StrEnum):
    """Why the first step is refused; said to the parent."""

    EMAIL_INVALID = to_translate("Cette adresse e-mail n'est pas valable. Exemple : prenom.nom@exemple.fr")
    ALREADY_DONE = to_translate("La première connexion de ce compte est déjà faite.")


class FirstLoginRefused(Exception):
    """The first step is refused; `problem` is safe to show."""

    def __init__(self, problem: FirstLoginProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class MailTooSoon(Exception):
    """The same mail left less than a minute ago."""


def names_of(session: Session, account: Account) -> list[str]:
    """Every name by which the school base knows the holder of an account."""
    names: list[str] = []
    for fiche in (Guardian, Student):
        of_account = select(fiche.family_name, fiche.usage_name, fiche.first_name).where(fiche.account_id == account.id)
        names += [name for row in session.execute(of_account) for name in row if name]
    return names


def family_of(session: Session, account: Account) -> list[str]:
    """What those who know the holder of an account would try: names of the children and their schools (R6)."""
    of_account = select(Guardian.id).where(Guardian.account_id == account.id)
    of_children = select(Guardianship.student_id).where(Guardianship.guardian_id.in_(of_account))
    student_is_known = or_(Student.id.in_(of_children), Student.account_id == account.id)
    rows = session.execute(
        select(Student.first_name, Student.family_name, Student.usage_name, Establishment.name, Establishment.city)
        .join(Establishment, Establishment.id == Student.establishment_id)
        .where(student_is_known)
    )
    return list(dict.fromkeys(name for row in rows for name in row if name))


def password_demands(
    session: Session, account: Account, sealer: Sealer | None = None, *, email: str | None = None
) -> Demands:
    """What a new password of `account` is judged by, once the caller ended its transaction (R6).

    `email` is the address that it will have. With `sealer`, the initial password is refused too: it is on a letter that
    anybody may have read.
    """
    about = [account.identifier, email, account.email, *names_of(session, account)]
    initial = _initial_as_typed(account, sealer) if sealer is not None else None
    mark = sealer.mark(account.id, initial) if sealer is not None and initial is not None else None
    family = family_of(session, account)
    return Demands(about, family, opening_of(account), handed_over=initial, letter_mark=mark)


def opening_of(account: Account) -> Opening:
    """What `account` is opened with."""
    return Opening(account.password_hash, account.initial_password)


def take_password(session: Session, account: Account, new: NewPassword, now: datetime) -> None:
    """Let the password that its holder chose open `account`; the one handed over is destroyed, but for a mark (R3)."""
    if new.letter_mark is not None:
        keep_mark(session, account, new.letter_mark, now)
    account.password_hash = new.hash
    account.initial_password = None
    account.must_change_password = False


def email_of_first_login(email: str) -> str:
    """The e-mail typed, as it is kept.

    Raises:
        FirstLoginRefused: it is none.
    """
    try:
        return normal_email(email)
    except EmailInvalid:
        raise FirstLoginRefused(FirstLoginProblem.EMAIL_INVALID) from None


def complete_first_login(caller: Caller, account: Account, email: str, new: NewPassword) -> MailedLink:
    """Step 1: take the e-mail and the password chosen, destroy the initial one, and let the activation mail leave.

    Browsers that the initial password opened are logged out, except the one holding `token`.

    Raises:
        FirstLoginRefused: the e-mail is none, this was done before, or staff gave other credentials meanwhile.
    """
    email = email_of_first_login(email)
    account = lock(caller.session, account)
    if not may(account, Step.COMPLETE_FIRST_LOGIN):
        raise FirstLoginRefused(FirstLoginProblem.ALREADY_DONE)
    try:
        new.require_present(opening_of(account))
    except PasswordReplaced:
        raise FirstLoginRefused(FirstLoginProblem.ALREADY_DONE) from None
    take_password(caller.session, account, new, caller.now)
    account.email = email
    account.email_verified_at = None
    account.first_login_at = caller.now
    advance(account, Step.COMPLETE_FIRST_LOGIN)
    shut_out(caller.session, account, caller.now, but=caller.token)
    note(act_of(caller, account), Action.FIRST_LOGIN, account)
    return send_activation(caller.session, account, caller.now)


def _initial_as_typed(account: Account, sealer: Sealer) -> str | None:
    if account.initial_password is None:
        return None
    try:
        return as_typed(sealer.open(account.initial_password))
    except SealBroken:
        # Whoever came in did so before the key was lost, and chooses another password now.
        return None


def resend_activation(caller: Caller, account: Account) -> None:
    """Let a new activation mail leave; the link of the one before opens nothing any more.

    Raises:
        MailTooSoon: one left less than a minute ago.
    """
    account = lock(caller.session, account)
    if not may(account, Step.RESEND_ACTIVATION):
        return
    refuse_too_soon(caller.session, account, AccountMailKind.ACTIVATION, caller.now, TIME_BETWEEN_MAILS)
    note(act_of(caller, account), Action.ACTIVATION_RESENT, account)
    send_activation(caller.session, account, caller.now)


def correct_email(caller: Caller, account: Account, email: str) -> None:
    """Replace the e-mail of an account not yet active, by its holder, and let the activation mail leave to it.

    Raises:
        EmailInvalid: it is no e-mail address.
        MailTooSoon: a mail left to this address less than a minute ago, or to several in the last ten minutes.
    """
    email = normal_email(email)
    account = lock(caller.session, account)
    if not may(account, Step.CORRECT_EMAIL):
        return
    refuse_too_soon(caller.session, account, AccountMailKind.ACTIVATION, caller.now, TIME_BETWEEN_MAILS, to=email)
    _refuse_many_corrections(caller.session, account, caller.now)
    account.email = email
    note(act_of(caller, account), Action.EMAIL_CORRECTED, account)
    send_activation(caller.session, account, caller.now)


def activate(caller: Caller, link: MailedLink) -> Account:
    """Step 2: the button behind the mailed link was pressed; the account is active and no longer expires.

    Pressed twice, the second press is answered as the first: what it asks for is done.

    Raises:
        LinkRefused: expired, replaced, or used for something else.
    """
    if link.used_at is None:
        refuse_expired(link, caller.now)
    try:
        account = use_link(caller.session, link, caller.now)
    except LinkRefused:
        if (activated := _activated_by(caller.session, link)) is None:
            raise
        return activated
    if may(account, Step.ACTIVATE):
        advance(account, Step.ACTIVATE)
        account.activated_at = caller.now
        account.email_verified_at = caller.now
        account.expires_on = None
        note(act_of(caller, account), Action.ACCOUNT_ACTIVATED, account)
    return account


def _activated_by(session: Session, link: MailedLink) -> Account | None:
    """The account that this very link activated, which is still open; none when it was replaced or served nothing."""
    session.refresh(link)
    account = session.get_one(Account, link.account_id)
    is_done = account.activated_at is not None and account.activated_at == link.used_at
    return account if is_done and account.state is AccountState.ACTIVE else None


def refuse_too_soon(
    session: Session,
    account: Account,
    kind: AccountMailKind,
    now: datetime,
    interval: timedelta,
    *,
    to: str | None = None,
) -> None:
    """Raise `MailTooSoon` when a mail of this kind, to the address `to` if there is one, was asked for too recently."""
    recent = select(AccountMail.id).where(
        AccountMail.account_id == account.id, AccountMail.kind == kind, AccountMail.created_at > now - interval
    )
    if to is not None:
        recent = recent.where(AccountMail.recipient == to)
    if session.scalar(recent.limit(1)) is not None:
        raise MailTooSoon


def _refuse_many_corrections(session: Session, account: Account, now: datetime) -> None:
    recent = select(func.count()).where(
        AccountMail.account_id == account.id,
        AccountMail.kind == AccountMailKind.ACTIVATION,
        AccountMail.created_at > now - CORRECTIONS_WATCHED,
    )
    # The first of them was no correction.
    if (session.scalar(recent) or 0) > MOST_CORRECTIONS:
        raise MailTooSoon


def send_activation(session: Session, account: Account, now: datetime) -> MailedLink:
    """Let an activation mail leave to the e-mail of `account`; the links of those before open nothing any more."""
    assert account.email is not None  # noqa: S101 - the table's check constraint says so
    link = create_link(session, account, LinkPurpose.ACTIVATION, account.email, now)
    queue_account_mail(session, AccountMessage(AccountMailKind.ACTIVATION, link=link), account, account.email, now)
    return link
