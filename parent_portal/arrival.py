"""What every way in comes to: the account opens in this browser, or its holder hears why it does not."""

from flask_babel import gettext as _

from parent_portal.installation import session
from parent_portal.language import asked_language, chosen_language
from parent_portal.visitors import PASSWORD, caller, enter, welcome
from shared.accounts.holder.language import choose_language
from shared.accounts.login.password_login import AccountDisabled, AccountMerged
from shared.languages import Language
from shared.models.accounts import Account


def let_in(account: Account, way: str = PASSWORD) -> None:
    """Open `account` in this browser, which its holder came into by `way`.

    In the language chosen here if one was; at first, in that of the browser.
    """
    if (language := chosen_language() or _first_language(account)) is not None:
        choose_language(caller(), account, language)
    enter(account, welcome(session(), account), way)


def _first_language(account: Account) -> Language | None:
    """That of the browser, for an account that is not activated: its first mails are in the language of the pages."""
    return asked_language() if account.language is None and account.activated_at is None else None


def why_closed(closed: AccountDisabled | AccountMerged) -> str:
    """What is said to whoever proved to be the holder of an account that does not open."""
    if isinstance(closed, AccountMerged):
        return _(
            "Vos comptes sont réunis. Connectez-vous avec l'identifiant %(kept)s et son mot de passe.", kept=closed.kept
        )
    return _("Ce compte est fermé. Demandez pourquoi au secrétariat de l'établissement.")
