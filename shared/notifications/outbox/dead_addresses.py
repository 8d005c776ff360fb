"""Addresses that nobody has any more: nothing is sent there until staff correct them or try again (R18)."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.sending.refusals import FailingAddress


def mark_failing(session: Session, email: str | None, reason: str, now: datetime) -> None:
    """Mark `email` as failing; it keeps its first reason."""
    if email:
        session.execute(
            insert_or(session, FailingAddress)
            .values(email=email.lower(), since=now, reason=reason)
            .on_conflict_do_nothing()
        )
