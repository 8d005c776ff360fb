"""The letters that an establishment wrote itself: read, change, take back (R20)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.editing import save_or_add
from shared.journal import Actor, record
from shared.models.journal import Action
from shared.models.letters import LetterKind, LetterPart, LetterText
from shared.notifications.letters.kinds import checked_text, delivered_text


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


def set_text(
    session: Session,
    establishment_id: int,
    letter: LetterKind,
    part: LetterPart,
    typed: str,
    *,
    version: int,
    now: datetime,
    actor: Actor,
) -> None:
    """Replace the words of one part of one letter.

    Raises:
        TextRefused: they insert a variable that this letter has not, or lack one that it needs.
        ChangedMeanwhile: somebody else changed them since `version` was read.
    """
    content = checked_text(letter, part, typed)
    _change(session, establishment_id, letter, part, content, version)
    _record(session, Action.LETTER_CHANGED, establishment_id, letter, part, now, actor)


def reset_text(
    session: Session,
    establishment_id: int,
    letter: LetterKind,
    part: LetterPart,
    *,
    version: int,
    now: datetime,
    actor: Actor,
) -> None:
    """Go back to the words delivered with the software.

    Raises:
        ChangedMeanwhile: somebody else changed them since `version` was read.
    """
    _change(session, establishment_id, letter, part, None, version)
    _record(session, Action.LETTER_RESET, establishment_id, letter, part, now, actor)


def _change(
    session: Session, establishment_id: int, letter: LetterKind, part: LetterPart, content: str | None, version: int
) -> None:
    key = {"establishment_id": establishment_id, "letter": letter, "part": part}
    save_or_add(session, LetterText, key, version, {"content": content})


def _record(
    session: Session,
    action: Action,
    establishment_id: int,
    letter: LetterKind,
    part: LetterPart,
    now: datetime,
    actor: Actor,
) -> None:
    details = {"letter": letter.value, "part": part.value}
    record(session, action, actor, now, establishment_id=establishment_id, details=details)
