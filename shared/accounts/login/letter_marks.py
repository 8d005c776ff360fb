"""The password of the letter, typed once it opens nothing: whoever holds the letter is told so, and nobody else (R3).

Of the initial password there remain 24 bits of a digest under a key that the database does not hold. Without the key
they say nothing. With it, a search through all 2^58 passwords ends with 2^34 that all agree, and no door to try them
at, since the password opens nothing any more: no speed of computing finds it, which a slow hash would only put off.
One wrong password in 16 million meets the mark, and is told the sentence for nothing.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.models.access.letter_marks import LetterMark
from shared.models.accounts import Account

KEPT_FOR = timedelta(days=90)
"""Since another password was chosen: longer than a letter lies about."""


def keep_mark(session: Session, account: Account, mark: bytes, now: datetime) -> None:
    """Note that the initial password of `account`, of which `mark` is left, was replaced just now."""
    # The account is half changed by now: to look for an earlier mark must not write it.
    with session.no_autoflush:
        session.merge(LetterMark(account_id=account.id, mark=mark, chosen_at=now, forgotten_at=now + KEPT_FOR))


def forget_mark(session: Session, account: Account) -> None:
    """Staff gave `account` another password: a newer letter is on its way, and the mark of the last would mislead."""
    session.execute(delete(LetterMark).where(LetterMark.account_id == account.id))


def remove_old_marks(session: Session, now: datetime) -> None:
    """Remove the marks whose time is over; for the daily job."""
    session.execute(delete(LetterMark).where(LetterMark.forgotten_at <= now))
