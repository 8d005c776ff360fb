"""A campaign told in words: what left, what was refused and why, what is to be printed (R18)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.french import count, number
from shared.models.notifications import WAITING, Channel, DeliveryState, Notification
from shared.models.school import Division, Student
from shared.notifications.channels.channel import ChannelType, Counted
from shared.notifications.channels.registry import CHANNELS
from shared.notifications.words import reason_words

NAMED_ADDRESSES = 5
COLON = "\N{NO-BREAK SPACE}: "
SEMICOLON = "\N{NO-BREAK SPACE}; "


@dataclass(frozen=True)
class Summary:
    """Counts of the rows of a campaign, or of those of one division, by channel and state."""

    counts: Counter[tuple[Channel, DeliveryState]]

    def of(self, channel: Channel, *states: DeliveryState) -> int:
        """How many rows of a channel are in one of these states."""
        return sum(self.counts[channel, state] for state in states)

    @property
    def skipped(self) -> int:
        """How many accounts nothing is sent to."""
        return sum(self.of(channel, DeliveryState.SKIPPED) for channel in Channel)


def by_division(session: Session, campaign_id: int) -> dict[str, Summary]:
    """What became of the rows of each division, in order; those of students without one come first, under no name."""
    rows = session.execute(
        select(func.coalesce(Division.code, ""), Notification.channel, Notification.delivery, func.count())
        .outerjoin(Student, Student.id == Notification.student_id)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(Notification.campaign_id == campaign_id)
        .group_by(Division.code, Notification.channel, Notification.delivery)
    )
    found: dict[str, Summary] = {}
    for code, channel, delivery, rows_so in rows:
        found.setdefault(code, Summary(Counter())).counts[channel, delivery] += rows_so
    return dict(sorted(found.items()))


def in_words(session: Session, campaign_id: int, summary: Summary) -> str:
    """« 1 412 courriels partis, 3 adresses refusées : …, 211 courriers à imprimer. »"""
    parts = [words for one in CHANNELS.values() for words in _of_channel(session, campaign_id, summary, one)]
    parts.append(_skipped(session, campaign_id, summary.skipped))
    return ", ".join(filter(None, parts)) + "." if any(parts) else "Aucun compte n'était concerné."


def total(divisions: dict[str, Summary]) -> Summary:
    """The whole campaign, from its divisions."""
    counts: Counter[tuple[Channel, DeliveryState]] = Counter()
    for summary in divisions.values():
        counts.update(summary.counts)
    return Summary(counts)


def _of_channel(session: Session, campaign_id: int, summary: Summary, one: ChannelType) -> Iterator[str]:
    yield _some(summary.of(one.channel, one.delivered), one.words.done)
    yield _some(summary.of(one.channel, *WAITING), one.words.waiting)
    refused = summary.of(one.channel, DeliveryState.REFUSED)
    named = _named(session, campaign_id, one.channel, refused) if refused and one.names_recipients else ""
    yield _some(refused, one.words.refused) + named


def _some(value: int, words: Counted) -> str:
    return count(value, words.one, words.many) if value else ""


def _named(session: Session, campaign_id: int, channel: Channel, value: int) -> str:
    """The first of the `value` addresses refused, each with what was said of it."""
    named = session.execute(
        select(Notification.recipient, Notification.error)
        .where(
            Notification.campaign_id == campaign_id,
            Notification.channel == channel,
            Notification.delivery == DeliveryState.REFUSED,
        )
        .order_by(Notification.position)
        .limit(NAMED_ADDRESSES)
    )
    words = [f"{recipient} ({reason_words(error)})" for recipient, error in named]
    if value > len(words):
        words.append(f"et {number(value - len(words))} de plus")
    return COLON + SEMICOLON.join(words)


def _skipped(session: Session, campaign_id: int, value: int) -> str:
    if not value:
        return ""
    reasons = session.execute(
        select(Notification.error, func.count())
        .where(Notification.campaign_id == campaign_id, Notification.delivery == DeliveryState.SKIPPED)
        .group_by(Notification.error)
        .order_by(func.count().desc(), Notification.error)
    )
    words = [f"{reason_words(reason)} ({number(rows)})" for reason, rows in reasons]
    return count(value, "compte laissé de côté", "comptes laissés de côté") + COLON + SEMICOLON.join(words)
