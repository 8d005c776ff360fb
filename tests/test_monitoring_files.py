"""`docs/surveillance`: rules that promtool accepts and that ring when they must, a dashboard of metrics that exist."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.database import Database
from shared.models.background import DailyRun
from shared.models.journal import Action
from shared.watching.metrics import InstallationMetrics
from tests.conftest import skip_or_fail
from tests.factories import NOW

FOLDER = Path(__file__).parent.parent / "docs" / "surveillance"
NAME = re.compile(r"teleservices_[a-z_]+")
ACTION = re.compile(r'action=~"([a-z_|]+)"')


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        skip_or_fail("no promtool on this machine (apt install prometheus)")
    return str(found)


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alertes.yml"), ("test", "rules", "alertes-essais.yml")],
)
def test_promtool_accepts_the_rules_and_they_ring(promtool: str, arguments: tuple[str, ...]) -> None:
    done = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_that_is_asked_for_exists(database: Database) -> None:
    with database.writing() as session:
        session.add(DailyRun(id=1, finished_at=NOW, seconds=1.0))
    collected = {metric.name for metric in InstallationMetrics(database).collect()}
    written = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.*")}
    asked = {name.removesuffix("_total") for text in written.values() for name in NAME.findall(text)}
    assert len(asked) > 8
    assert asked - collected == set()
    actions = {one for text in written.values() for found in ACTION.findall(text) for one in found.split("|")}
    assert actions - set(Action) == set()


def test_the_dashboard_asks_for_what_it_shows() -> None:
    panels = json.loads((FOLDER / "grafana.json").read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 8
    assert all(target["expr"] for panel in panels for target in panel["targets"])
