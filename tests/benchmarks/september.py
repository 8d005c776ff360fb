"""A simulated September of the demonstration school: in steps, and by paper alone; the paper is counted (issue 19).

What families do is assumed (`tests.september.answers` says what, and why): the figure to look at is what the two ways
have of each other under the same assumptions, and under gloomier ones. Everything else is real: files imported,
accounts generated, mails, SMS and letters made by the worker's own code, the portal used over HTTP.

`STUDENTS=120 SEEDS=5 python -m tests.benchmarks september` takes a larger school, and more months.
"""

import base64
import os
import secrets
import tempfile
from pathlib import Path

from shared import schema
from shared.config import Settings
from shared.database import Database
from shared.notifications.sms.costs import euros
from tests.september.answers import ASSUMED, GLOOMY, Answers
from tests.september.month import DAYS_BETWEEN, NAMES, SECOND_LETTER, September, live

STUDENTS = int(os.environ.get("STUDENTS", "60"))
SEEDS = range(2026, 2026 + int(os.environ.get("SEEDS", "3")))
"""The same school, whose families draw their answers anew: one month alone may be a lucky one."""
WANTED = 0.9
WEEK = 7


def run() -> None:
    """Print both months, under both assumptions."""
    print(
        f"{STUDENTS} students; in steps: mail, SMS, letter, coupon, {DAYS_BETWEEN} days apart; by paper alone: a "
        f"letter to all, and a second one after {SECOND_LETTER} days to those who did not activate"
    )
    for answers in (ASSUMED, GLOOMY):
        said = ", ".join(f"{NAMES[channel]} {share:.0%}" for channel, share in answers.shares.items())
        print(f"{answers.name}: of those reached, so many activate: {said}")
        rates = []
        for seed in SEEDS:
            in_steps, by_paper = (measure(answers, in_steps=in_steps, seed=seed) for in_steps in (True, False))
            _tell(f"{seed}, in steps", in_steps)
            _tell(f"{seed}, by paper alone", by_paper)
            spared = 1 - in_steps.pages / by_paper.pages
            print(f"    pages of paper: {in_steps.pages} and {by_paper.pages}, {spared:.0%} spared", flush=True)
            rates.append((in_steps.rate, by_paper.rate))
        means = [sum(each) / len(rates) for each in zip(*rates, strict=True)]
        print(f"  activated in steps {means[0]:.1%}, by paper alone {means[1]:.1%}, in the mean of {len(rates)} months")
        if answers is ASSUMED:
            lowest = min(rate for rate, _ in rates)
            verdict = "met" if lowest >= WANTED else "NOT MET"
            print(f"  in the worst of them {lowest:.1%} in steps, at least {WANTED:.0%} wanted: {verdict}", flush=True)


def measure(answers: Answers, *, in_steps: bool, seed: int) -> September:
    """One month, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        database = Database(settings.database)
        try:
            schema.upgrade(database.engine)
            return live(database, settings, students=STUDENTS, in_steps=in_steps, answers=answers, seed=seed)
        finally:
            database.dispose()


def _settings(folder: Path) -> Settings:
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return Settings(var_dir=folder, secret_key=secrets.token_urlsafe(32), initial_password_key=key)


def _tell(way: str, month: September) -> None:
    left = ", ".join(f"{month.left.get(channel, 0)} {name}" for channel, name in NAMES.items())
    weeks = " → ".join(f"{active / month.accounts:.0%}" for active in month.active_by_day[WEEK - 1 :: WEEK])
    cost = f", {euros(month.cost)} of SMS" if month.cost else ""
    print(
        f"  {way}: {month.accounts} accounts, {left}{cost}; activated week by week {weeks}, in the end {month.rate:.1%}"
    )
    for channel, one in month.channels.items():
        if one.median_days is not None:
            did = f"{one.reached} reached, {one.activated} activated after it, median {one.median_days:.1f} days"
            print(f"    {NAMES.get(channel, channel.value)}: {did}")


if __name__ == "__main__":
    run()
