"""The letters that an establishment wrote itself: read, change, take back (R20)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.models.journal import Action
from shared.models.letters import LetterKind, LetterPart, LetterText
from shared.notifications.letters.kinds import checked_text, delivered_text
from shared.rows.editing import save_or_add


@dataclass(frozen=True)
class CurrentText:
    """The words in use for one part of one letter, whether they are the establishment's own, and their version."""

    content: str
    is_own: bool
    version: int


def current_text(session: Session, establishment_id: int, letter: LetterKind, part: LetterPart) -> CurrentText:
    """The words that the letters of this establishment say today."""
    own = session.get(LetterText, (establishment_id, letter, part), populate_existing=True)
    content = own.content if own else None
    delivered = delivered_text(letter.value, part)
    return CurrentText(content or delivered, content is not None, own.version if own else 0)


def own_texts(
    session: Session, establishment_ids: Collection[int]
) -> defaultdict[int, dict[tuple[str, LetterPart], str]]:
    """For each establishment, what it wrote, by name of letter and part. One query."""
    rows = session.scalars(
        select(LetterText).where(LetterText.establishment_id.in_(establishment_ids), LetterText.content.is_not(None))
    )
    texts: defaultdict[int, dict[tuple[str, LetterPart], str]] = defaultdict(dict)
    for row in rows:
        texts[row.establishment_id][row.letter.value, row.part] = row.content or ""
    return texts


def set_text(desk: Desk, letter: LetterKind, part: LetterPart, typed: str, *, version: int) -> None:
    """Replace the words of one part of one letter.

    Raises:
        TextRefused: they insert a variable that this letter has not, or lack one that it needs.
        ChangedMeanwhile: somebody else changed them since `version` was read.
    """
    _change(desk, Action.LETTER_CHANGED, letter, part, checked_text(letter, part, typed), version)


def reset_text(desk: Desk, letter: LetterKind, part: LetterPart, *, version: int) -> None:
    """Go back to the words delivered with the software.

    Raises:
        ChangedMeanwhile: somebody else changed them since `version` was read.
    """
    _change(desk, Action.LETTER_RESET, letter, part, None, version)


def _change(
    desk: Desk, action: Action, letter: LetterKind, part: LetterPart, content: str | None, version: int
) -> None:
    key = {"establishment_id": desk.establishment_id, "letter": letter, "part": part}
    save_or_add(desk.session, LetterText, key, version, {"content": content})
    desk.note(action, details={"letter": letter.value, "part": part.value})
