"""How bad it is: what monitoring and the académie are told of the work in the background (R38)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.models.background import DailyRun
from shared.models.sending.outages import ChannelOutage
from shared.watching.judgement import Level, judge, worst
from shared.watching.state import Background, Queue
from tests.factories import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOOD = Background(
    workers=2,
    worker_seen_at=NOW,
    working_since=NOW - 30 * DAY,
    daily=DailyRun(id=1, finished_at=NOW - 5 * HOUR, seconds=12.0),
    waiting_since=dict.fromkeys(queue for queue in Queue if queue is not Queue.SMS),
    outage=None,
)


def waiting(queue: Queue, since: timedelta) -> Background:
    return replace(GOOD, waiting_since=GOOD.waiting_since | {queue: NOW - since})


def outage(since: timedelta) -> Background:
    return replace(GOOD, outage=ChannelOutage(since=NOW - since, reason="connexion refusée"))


def daily(ago: timedelta | None, working: timedelta = 30 * DAY) -> Background:
    run = None if ago is None else DailyRun(id=1, finished_at=NOW - ago, seconds=1.0)
    return replace(GOOD, daily=run, working_since=NOW - working)


@pytest.mark.parametrize(
    ("background", "level", "said"),
    [
        (GOOD, Level.GOOD, ""),
        (replace(GOOD, workers=0, worker_seen_at=NOW - 4 * MINUTE), Level.CRITICAL, "le dernier signe date de 4 min"),
        (replace(GOOD, workers=0, worker_seen_at=None), Level.CRITICAL, "jamais donné signe de vie"),
        (waiting(Queue.MAILS, 2 * MINUTE), Level.GOOD, ""),
        (waiting(Queue.MAILS, 16 * MINUTE), Level.WARNING, "le plus ancien courriel à envoyer attend depuis 16 min"),
        (waiting(Queue.MAILS, 3 * HOUR), Level.CRITICAL, "attend depuis 3 h"),
        (waiting(Queue.LETTERS, 16 * MINUTE), Level.WARNING, "le plus ancien courrier"),
        (waiting(Queue.IMPORTS, 3 * DAY), Level.CRITICAL, "attend depuis 3 jours"),
        (waiting(Queue.SMS, 16 * MINUTE), Level.WARNING, "le plus ancien SMS"),
        (replace(GOOD, sms_outage=outage(MINUTE).outage), Level.WARNING, "en panne depuis 1 min"),
        (replace(GOOD, print_outage=outage(MINUTE).outage), Level.WARNING, "en panne depuis 1 min"),
        (outage(MINUTE), Level.WARNING, "en panne depuis 1 min : connexion refusée"),
        (outage(2 * HOUR), Level.CRITICAL, "en panne depuis 2 h"),
        (daily(37 * HOUR), Level.WARNING, "terminé il y a 37 h"),
        (daily(73 * HOUR), Level.CRITICAL, "terminé il y a 3 jours"),
        (daily(None), Level.CRITICAL, "jamais terminé"),
        (daily(None, working=HOUR), Level.GOOD, ""),
    ],
)
def test_what_is_wrong_has_its_level_and_is_said(background: Background, level: Level, said: str) -> None:
    findings = judge(background, NOW)
    wrong = [one for one in findings if one.level is not Level.GOOD]
    assert worst(findings) is level
    assert len(wrong) == (level is not Level.GOOD)
    assert all(said in one.sentence for one in wrong)
    # Nothing is said of SMS where none wait.
    of_sms = (Queue.SMS in background.waiting_since) + (background.sms_outage is not None)
    assert len(findings) == 6 + of_sms + (background.print_outage is not None)
