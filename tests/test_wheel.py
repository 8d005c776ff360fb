"""What is installed is whole: templates, static files, fonts and migrations travel in the wheel, and it runs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUN = "import wsgi; from werkzeug.test import Client; print(Client(wsgi.portal).get('/connexion').status_code)"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run([*map(str, command)], check=True)
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_holds_everything_that_git_has_of_the_packages(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "admin_app", "parent_portal", "shared", "templates", "wsgi.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    missing = set(listed.stdout.split("\n")[:-1]) - set(zipfile.ZipFile(wheel).namelist())
    assert missing == set()


def test_the_wheel_runs_away_from_its_sources(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**kept, "PYTHONPATH": str(site), "VAR_DIR": str(tmp_path / "var")}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-P", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(site) in run("-c", "import shared; print(shared.__file__)")
    run("-m", "shared.cli", "demo", "--students", "15", "--json")
    assert run("-c", RUN).strip() == "200"
