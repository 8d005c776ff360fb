"""How bad it is, purely: each finding with its level, as monitoring knows them, and a sentence that says what to do."""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.models.sending.outages import ChannelOutage
from shared.watching.state import SILENT_AFTER, Background, Queue


class Level(enum.IntEnum):
    """As monitoring knows them: the number is the exit status of `teleservices status`."""

    GOOD = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    level: Level
    sentence: str


LATE = timedelta(minutes=15)
VERY_LATE = timedelta(hours=1)
NIGHT_MISSED = timedelta(hours=36)
NIGHTS_MISSED = timedelta(hours=72)

_WAITING = {
    Queue.MAILS: ("Courriels", "le plus ancien courriel à envoyer"),
    Queue.SMS: ("SMS", "le plus ancien SMS à envoyer"),
    Queue.LETTERS: ("Courriers", "le plus ancien courrier à imprimer"),
    Queue.IMPORTS: ("Imports", "le plus ancien import déposé"),
}


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the worst of them."""
    return max((one.level for one in findings), default=Level.GOOD)


def judge(background: Background, now: datetime) -> list[Finding]:
    """What there is to say of the work in the background at `now`."""
    return [
        _workers(background, now),
        *_held(background, now),
        *_queues(background, now),
        _outage("Serveur de courriel", background.outage, now),
        *([_outage("Passerelle SMS", background.sms_outage, now)] if background.sms_outage else []),
        *([_outage("Prestataire d'impression", background.print_outage, now)] if background.print_outage else []),
        _daily(background, now),
    ]


def _workers(background: Background, now: datetime) -> Finding:
    if background.workers:
        return Finding("Travail de fond", Level.GOOD, f"{background.workers} au travail")
    seen = background.worker_seen_at
    heard = "aucun n'a jamais donné signe de vie" if seen is None else f"le dernier signe date de {_ago(seen, now)}"
    return Finding(
        "Travail de fond",
        Level.CRITICAL,
        f"aucun ne tourne ({heard}) : rien ne part et aucun import n'avance. Lancez « teleservices worker » ; ses "
        "journaux disent pourquoi il s'est arrêté",
    )


def _held(background: Background, now: datetime) -> Iterator[Finding]:
    if background.held_since is not None:
        sentence = (
            f"la base a été restaurée il y a {_ago(background.held_since, now)}, et tout ce qui attendait est retenu : "
            "« teleservices release » dit ce qui partirait de nouveau"
        )
        yield Finding("Restauration", Level.WARNING, sentence)


def _queues(background: Background, now: datetime) -> Iterator[Finding]:
    for queue, since in background.waiting_since.items():
        name, oldest = _WAITING[queue]
        if since is None or now - since < SILENT_AFTER:
            yield Finding(name, Level.GOOD, "rien n'attend")
        else:
            yield Finding(name, _level(now - since, LATE, VERY_LATE), f"{oldest} attend depuis {_ago(since, now)}")


def _outage(name: str, outage: ChannelOutage | None, now: datetime) -> Finding:
    if outage is None:
        return Finding(name, Level.GOOD, "aucune panne connue")
    level = max(Level.WARNING, _level(now - outage.since, LATE, VERY_LATE))
    return Finding(name, level, f"en panne depuis {_ago(outage.since, now)} : {outage.reason}")


def _daily(background: Background, now: datetime) -> Finding:
    if background.daily is not None:
        finished = background.daily.finished_at
        level = _level(now - finished, NIGHT_MISSED, NIGHTS_MISSED)
        return Finding("Travail quotidien", level, f"terminé il y a {_ago(finished, now)}")
    since = background.working_since or now
    level = _level(now - since, NIGHT_MISSED, NIGHTS_MISSED)
    return Finding("Travail quotidien", level, "jamais terminé : le travail de fond le fait à 3 h et à 11 h UTC")


def _level(age: timedelta, warning: timedelta, critical: timedelta) -> Level:
    return Level.CRITICAL if age >= critical else Level.WARNING if age >= warning else Level.GOOD


def _ago(then: datetime, now: datetime) -> str:
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} jours"
