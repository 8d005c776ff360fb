"""`docs/systemd`: units that systemd accepts, without privileges, whose commands start with their secrets in files."""

import base64
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.benchmarks.portal_login import wait_for
from tests.conftest import skip_or_fail
from tests.ports import free_port

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "docs" / "systemd").glob("teleservices-*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
INSTALLED_IN = "/opt/teleservices/bin"
MOST_EXPOSED = 3.0
"""Of ten, as `systemd-analyze security` counts."""


@pytest.fixture
def systemd_analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        skip_or_fail("no systemd-analyze on this machine (apt install systemd)")
    return str(found)


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units as they would stand here: with the commands of this environment."""
    return [written_for_here(unit, tmp_path) for unit in UNITS]


def written_for_here(unit: Path, folder: Path) -> Path:
    copy = folder / unit.name
    copy.write_text(unit.read_text("utf-8").replace(INSTALLED_IN, str(Path(sys.executable).parent)), "utf-8")
    return copy


def test_systemd_has_nothing_to_say_of_the_units(systemd_analyze: str, units: list[Path]) -> None:
    ours = subprocess.run([systemd_analyze, "verify", "--man=no", *map(str, units)], capture_output=True, text=True)
    complaints = [line for line in (ours.stdout + ours.stderr).splitlines() if "teleservices" in line]
    assert (ours.returncode, complaints) == (0, [])


@pytest.mark.parametrize("service", SERVICES, ids=lambda unit: unit.stem)
def test_a_process_that_was_taken_over_reaches_next_to_nothing(
    systemd_analyze: str, service: Path, tmp_path: Path
) -> None:
    at = written_for_here(service, tmp_path)
    said = subprocess.run(
        [systemd_analyze, "security", "--offline=true", str(at)], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) < MOST_EXPOSED


def settings_of(unit: Path, *but: str) -> list[str]:
    """The lines of `[Service]`, without those that begin with one of `but`."""
    text = unit.read_text("utf-8").partition("[Service]")[2].partition("[Install]")[0]
    return [line for line in text.splitlines() if line and not line.startswith(but)]


def test_all_processes_are_held_alike() -> None:
    own = ("Type=", "ExecStart=", "Restart", "KillMode=", "Timeout", "LimitNOFILE=", "LoadCredential=FRONT_SECRET:")
    assert len({tuple(settings_of(unit, *own)) for unit in SERVICES}) == 1


def test_no_secret_is_in_an_environment_that_other_programs_inherit() -> None:
    text = "".join(unit.read_text("utf-8") for unit in UNITS)
    assert not re.search(r"^Environment=.*(SECRET|KEY|PASSWORD)", text, re.MULTILINE)


@pytest.fixture
def secrets_in_files(tmp_path: Path) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "SECRET_KEY").write_text(secrets.token_urlsafe(48) + "\n")
    (folder / "FRONT_SECRET").write_text(secrets.token_urlsafe(48) + "\n")
    (folder / "INITIAL_PASSWORD_KEY").write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
    return folder


@pytest.fixture
def environment(tmp_path: Path, secrets_in_files: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    ports = {f"{one}_BIND": f"127.0.0.1:{free_port()}" for one in ("PORTAL", "ADMIN", "FRONT")}
    return kept | ports | {"VAR_DIR": str(tmp_path / "var"), "CREDENTIALS_DIRECTORY": str(secrets_in_files)}


def command_of(unit: Path) -> list[str]:
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(unit, "utf-8")
    return shlex.split(read["Service"]["ExecStart"].replace(INSTALLED_IN, str(Path(sys.executable).parent)))


def init_db(environment: dict[str, str]) -> None:
    program = Path(sys.executable).parent / "teleservices"
    subprocess.run([program, "init-db"], env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("application", ["portal", "admin", "front"])
def test_an_application_starts_with_its_secrets_in_files_and_ends_well(
    application: str, environment: dict[str, str], tmp_path: Path
) -> None:
    init_db(environment)
    unit = ROOT / "docs" / "systemd" / f"teleservices-{application}.service"
    bind = environment[f"{application.upper()}_BIND"]
    with subprocess.Popen(command_of(unit), env=environment, cwd=tmp_path) as process:
        try:
            wait_for(int(bind.rpartition(":")[2]))
            with urlopen(f"http://{bind}/sante") as answer:
                assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def test_the_work_of_the_night_runs_with_its_secrets_in_files(environment: dict[str, str], tmp_path: Path) -> None:
    init_db(environment)
    unit = ROOT / "docs" / "systemd" / "teleservices-daily.service"
    subprocess.run(command_of(unit), env=environment, cwd=tmp_path, check=True, capture_output=True)


def test_without_its_secrets_nothing_starts(environment: dict[str, str], secrets_in_files: Path) -> None:
    init_db(environment)
    (secrets_in_files / "SECRET_KEY").unlink()
    program = Path(sys.executable).parent / "teleservices"
    refused = subprocess.run([program, "daily"], env=environment, capture_output=True, text=True, check=False)
    assert (refused.returncode, "SECRET_KEY" in refused.stderr) == (1, True)


def test_behind_a_portal_whose_secret_is_missing_nothing_starts(
    environment: dict[str, str], secrets_in_files: Path, tmp_path: Path
) -> None:
    init_db(environment)
    (secrets_in_files / "FRONT_SECRET").unlink()
    command = command_of(ROOT / "docs" / "systemd" / "teleservices-front.service")
    refused = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (refused.returncode != 0, "FRONT_SECRET" in refused.stderr) == (True, True)


def test_a_folder_of_secrets_that_does_not_exist_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "teleservices"
    there = {**environment, "CREDENTIALS_DIRECTORY": str(tmp_path / "nowhere")}
    refused = subprocess.run([program, "status"], env=there, capture_output=True, text=True, check=False)
    assert f"CREDENTIALS_DIRECTORY nomme un dossier qui n'existe pas : {tmp_path / 'nowhere'}." in refused.stderr
