"""The language in which the holder of an account reads pages and mails."""

from shared.accounts.trail import act_of, lock, note
from shared.acting.caller import Caller
from shared.languages import Language
from shared.models.accounts import Account
from shared.models.journal import Action


def choose_language(caller: Caller, account: Account, language: Language) -> None:
    """Write to the holder of `account` in `language` from now on; nothing happens when it is so already."""
    if account.language == language.code:
        return
    account = lock(caller.session, account)
    account.language = language.code
    note(act_of(caller, account), Action.LANGUAGE_CHOSEN, account)
