"""What staff do to one account: new identifier and password, new password, correct, disable, open again (R19)."""

import enum
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from shared.accounts.credentials.initial_passwords import draw_initial_password
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.holds import why_held
from shared.accounts.directory.identifiers import give_identifiers, identifier_base
from shared.accounts.directory.states import expiry_date
from shared.accounts.login.first_login import send_activation
from shared.accounts.login.letter_marks import forget_mark
from shared.accounts.login.passkeys import remove_every_passkey
from shared.accounts.login.shutting_out import shut_out
from shared.accounts.state_policy import EXPIRING, Opens, Step, advance, may, what_opens
from shared.accounts.trail import lock, note_in_every_school
from shared.acting.desk import Desk
from shared.emails import normal_email
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.notifications import AccountMailKind
from shared.models.school import Establishment, Guardian, Student
from shared.outbox import AccountMessage, queue_account_mail


class RenewalRefusal(enum.StrEnum):
    """Why an action on an account is refused; said to staff."""

    MERGED = "Ce compte a été fusionné : agissez sur le compte conservé."
    DISABLED = "Ce compte est désactivé : réactivez-le d'abord."
    NOT_DISABLED = "Ce compte n'est pas désactivé."
    NOT_ACTIVE = (
        "Ce compte n'est pas encore utilisé : notifiez-le à nouveau, son mot de passe provisoire reste valable."
    )
    NOT_ACTIVATING = "Ce compte n'attend pas d'activation."
    HELD = "Rien ne part : la base élèves dit de ne pas écrire à cette personne. Décidez dans « Fiches retenues »."


_INSTEAD = {
    Step.RENEW_PASSWORD: RenewalRefusal.NOT_ACTIVE,
    Step.RESEND_ACTIVATION: RenewalRefusal.NOT_ACTIVATING,
    Step.CORRECT_EMAIL: RenewalRefusal.NOT_ACTIVATING,
}
"""What is said of an open account to which a step cannot happen; the other steps can happen to all of them."""


class RenewalRefused(Exception):
    """The account is not in a state in which this can be done; `reason` is safe to show."""

    def __init__(self, reason: RenewalRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def renew_identifier(desk: Desk, account: Account, fiche: Guardian | Student, sealer: Sealer) -> Account:
    """Give the account a new identifier and a new initial password; the old identifier is never used again.

    The account starts anew: its e-mail, its password and its passkeys are gone, its browsers are logged out. It is told
    by the next notification, which the caller launches.

    Raises:
        RenewalRefused: merged or disabled.
    """
    account = lock(desk.session, account)
    _refuse_unless(account, Step.RENEW_IDENTIFIER)
    # Untold: the address may be that of whoever read the letter.
    remove_every_passkey(desk, account, tell=False)
    _tell(desk.session, account, fiche, Action.IDENTIFIER_RENEWED, desk.now)
    old = account.identifier
    [account.identifier] = give_identifiers(
        desk.session, [identifier_base(fiche.last_name, fiche.first_name)], desk.now
    )
    account.initial_password = sealer.seal(draw_initial_password())
    forget_mark(desk.session, account)
    account.password_hash = account.email = account.email_verified_at = None
    account.activated_at = account.first_login_at = None
    account.must_change_password = False
    advance(account, Step.RENEW_IDENTIFIER)
    account.expires_on = expiry_date(desk.today)
    shut_out(desk.session, account, desk.now)
    note_in_every_school(desk, Action.IDENTIFIER_RENEWED, account, {"old": old}, by=fiche.establishment_id)
    return account


def renew_password(
    desk: Desk, account: Account, fiche: Guardian | Student, sealer: Sealer, *, forgets_email: bool = False
) -> Account:
    """Give a used account a new initial password, to be changed at the next login; nothing else opens it any more.

    With `forgets_email` its address goes too, once it is told: whoever reads that mailbox is why staff were asked. The
    notification leaves to the address of the school base, and the holder gives another one in the portal.

    Raises:
        RenewalRefused: it is not active.
    """
    account = lock(desk.session, account)
    _refuse_unless(account, Step.RENEW_PASSWORD)
    account.initial_password = sealer.seal(draw_initial_password())
    forget_mark(desk.session, account)
    account.must_change_password = True
    remove_every_passkey(desk, account)
    details = {"email_forgotten": "True"} if forgets_email else {}
    _tell(desk.session, account, fiche, Action.PASSWORD_RENEWED, desk.now, details)
    if forgets_email:
        account.email = account.email_verified_at = None
    shut_out(desk.session, account, desk.now)
    note_in_every_school(desk, Action.PASSWORD_RENEWED, account, details, by=fiche.establishment_id)
    return account


def correct_email_of_holder(desk: Desk, account: Account, fiche: Guardian | Student, email: str) -> None:
    """Correct the e-mail of an account being activated; a new activation mail leaves to it.

    The address of before is told where it was confirmed: one that was not may be a stranger's.

    Raises:
        EmailInvalid: it is no e-mail address.
        RenewalRefused: the account is not being activated, or nothing is to be written to its holder.
    """
    account = _lock_to_mail(desk.session, account, fiche, Step.CORRECT_EMAIL, desk.today)
    corrected = normal_email(email)
    _tell(desk.session, account, fiche, Action.EMAIL_CORRECTED, desk.now)
    account.email, account.email_verified_at = corrected, None
    send_activation(desk.session, account, desk.now)
    note_in_every_school(desk, Action.EMAIL_CORRECTED, account, by=fiche.establishment_id)


def resend_activation_to_holder(desk: Desk, account: Account, fiche: Guardian | Student) -> None:
    """Let a new activation mail leave.

    Raises:
        RenewalRefused: the account is not being activated, or nothing is to be written to its holder.
    """
    account = _lock_to_mail(desk.session, account, fiche, Step.RESEND_ACTIVATION, desk.today)
    send_activation(desk.session, account, desk.now)
    note_in_every_school(desk, Action.ACTIVATION_RESENT, account, by=fiche.establishment_id)


def disable(desk: Desk, account: Account, fiche: Guardian | Student) -> None:
    """Close an account until staff open it again; its browsers are logged out, its links open nothing.

    Raises:
        RenewalRefused: merged, or disabled before.
    """
    account = lock(desk.session, account)
    _refuse_unless(account, Step.DISABLE)
    account.disabled_from = account.state
    advance(account, Step.DISABLE)
    account.expires_on = None
    _tell(desk.session, account, fiche, Action.ACCOUNT_DISABLED, desk.now)
    shut_out(desk.session, account, desk.now)
    note_in_every_school(desk, Action.ACCOUNT_DISABLED, account, by=fiche.establishment_id)


def enable(desk: Desk, account: Account, fiche: Guardian | Student) -> None:
    """Open a disabled account again, in the state in which it was; three months run anew if it was not active (R9).

    Raises:
        RenewalRefused: it is not disabled.
    """
    account = lock(desk.session, account)
    if not may(account, Step.ENABLE) or account.disabled_from is None:
        raise RenewalRefused(RenewalRefusal.NOT_DISABLED)
    advance(account, Step.ENABLE)
    account.disabled_from = None
    account.expires_on = expiry_date(desk.today) if account.state in EXPIRING else None
    note_in_every_school(desk, Action.ACCOUNT_ENABLED, account, by=fiche.establishment_id)


def _tell(
    session: Session,
    account: Account,
    fiche: Guardian | Student,
    change: Action,
    now: datetime,
    more: Mapping[str, str] | None = None,
) -> None:
    """Let the address that the holder confirmed know who changed the account (R4)."""
    if account.email and account.email_verified_at:
        school = session.get_one(Establishment, fiche.establishment_id).name
        # The identifier of before: whoever reads this mailbox is not told a new one.
        details = {"school": school, "change": change.value, "identifier": account.identifier, **(more or {})}
        queue_account_mail(
            session, AccountMessage(AccountMailKind.CHANGED_BY_STAFF, details=details), account, account.email, now
        )


def _lock_to_mail(session: Session, account: Account, fiche: Guardian | Student, step: Step, today: date) -> Account:
    account = lock(session, account)
    _refuse_unless(account, step)
    if why_held(session, fiche.establishment_id, account.id, today):
        raise RenewalRefused(RenewalRefusal.HELD)
    return account


def _refuse_unless(account: Account, step: Step) -> None:
    if may(account, step):
        return
    if account.merged_into_id is not None:
        raise RenewalRefused(RenewalRefusal.MERGED)
    if what_opens(account) is Opens.NOTHING:
        raise RenewalRefused(RenewalRefusal.DISABLED)
    raise RenewalRefused(_INSTEAD[step])
