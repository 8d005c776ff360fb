"""The language in which the holder of an account reads pages and mails."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.accounts.trail import holder, lock, note
from shared.languages import Language
from shared.models.accounts import Account
from shared.models.journal import Action


def choose_language(session: Session, account: Account, language: Language, now: datetime, address: str) -> None:
    """Write to the holder of `account` in `language` from now on; nothing happens when it is so already."""
    if account.language == language.code:
        return
    account = lock(session, account)
    account.language = language.code
    note(session, Action.LANGUAGE_CHOSEN, account, now, holder(account, address))
