"""The Debian package, built twice, installed in a clean Debian, used, brought forward, removed and purged.

The tests run one after the other. No systemd runs there: the commands of the units are started as the units say, and
`tests/test_systemd.py` judges the units themselves. `test_whole_page.py` follows docs/exploitation.md where one runs.
"""

import hashlib
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.benchmarks.portal_login import wait_for
from tests.operating.page import PAGE, commands
from tests.packaging.conftest import ROOT, Inside, built, end, way_into
from tests.ports import free_port

COMMANDS = [command.text for command in commands("Le paquet Debian")]
ENVIRONMENT = "/etc/teleservices/teleservices.env"


@pytest.fixture(scope="module")
def port(root: Path) -> int:
    return free_port()


def run_of_the_page(inside: Inside, beginning: str) -> str:
    """Run the one command of the page that begins so."""
    [command] = {command for command in COMMANDS if command.startswith(beginning)}
    done = inside(command)
    return done.stdout + done.stderr


def bring(package: Path, root: Path, inside: Inside) -> str:
    """Install as the page says, whatever the version."""
    for former in root.glob("teleservices_*.deb"):
        former.unlink()
    shutil.copy(package, root)
    return run_of_the_page(inside, "apt install --yes ./")


def test_two_builds_give_the_same_bytes(package: Path, tmp_path: Path) -> None:
    again = built(tmp_path / "another" / "place")
    assert hashlib.sha256(again.read_bytes()).hexdigest() == hashlib.sha256(package.read_bytes()).hexdigest()


def test_it_installs_on_a_clean_debian_without_a_question(package: Path, root: Path, inside: Inside) -> None:
    inside("apt-get update")
    said = bring(package, root, inside)
    assert "rien ne tourne encore" in said
    assert (root / "usr/share/doc/teleservices/exploitation.md").read_text("utf-8") == PAGE
    led = re.findall(r"\]\((?!#|https?:)([^)#]+)", PAGE)
    assert [one for one in led if not (root / "usr/share/doc/teleservices" / one).exists()] == []
    owners = inside("stat -c '%a %U:%G %n' /etc/teleservices /etc/teleservices/* /var/lib/teleservices").stdout
    assert owners.splitlines() == [
        "750 root:teleservices /etc/teleservices",
        "700 root:root /etc/teleservices/secrets",
        f"640 root:teleservices {ENVIRONMENT}",
        "700 teleservices:teleservices /var/lib/teleservices",
    ]
    assert inside("ls -A /var/lib/teleservices").stdout == ""


def test_nothing_is_enabled(inside: Inside) -> None:
    states = inside("systemctl is-enabled teleservices-portal teleservices-daily.timer", check=False).stdout.split()
    assert states == ["disabled", "disabled"]


@pytest.mark.parametrize("unit", sorted((ROOT / "docs" / "systemd").glob("teleservices-*")), ids=lambda unit: unit.name)
def test_a_unit_of_the_page_is_the_one_of_the_package(unit: Path, root: Path) -> None:
    assert (root / "lib" / "systemd" / "system" / unit.name).read_text("utf-8") == unit.read_text("utf-8")


def test_anybody_reads_the_help_and_the_version(inside: Inside) -> None:
    for option in ("--version", "--help"):
        said = inside(f"setpriv --reuid=nobody --regid=nogroup --clear-groups teleservices {option}").stdout
        assert "teleservices" in said


def test_another_account_is_told_how(inside: Inside) -> None:
    refused = inside("setpriv --reuid=nobody --regid=nogroup --clear-groups teleservices status", check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "À lancer en root" in refused.stderr


def test_without_keys_it_says_which(inside: Inside) -> None:
    refused = inside("teleservices serve", check=False)
    assert (refused.returncode, "SECRET_KEY" in refused.stderr) == (1, True)


def test_the_keys_and_the_tables_come_as_the_page_says(inside: Inside, port: int) -> None:
    run_of_the_page(inside, "(umask")
    keys = inside("stat -c '%a %U' /etc/teleservices/secrets/*").stdout.splitlines()
    assert keys == ["600 root", "600 root"]
    inside(f"printf 'PORTAL_BIND=127.0.0.1:{port}\\nWEB_CONCURRENCY=1\\n' >> {ENVIRONMENT}")
    run_of_the_page(inside, "teleservices init-db")
    files = set(inside("stat -c '%a %U:%G' /var/lib/teleservices/*").stdout.splitlines())
    assert files == {"600 teleservices:teleservices"}


def test_its_state_is_told(inside: Inside) -> None:
    said = inside("teleservices status --json", check=False)
    assert said.returncode in (0, 1, 2)
    assert '"findings"' in said.stdout


def test_a_school_is_imported_and_its_letters_are_laid_out(root: Path, inside: Inside) -> None:
    """By a process that is started from the command of the package, and reads it."""
    school, printed = "/var/lib/teleservices/ecole", "/var/lib/teleservices/lettres.pdf"
    asked = f"runuser -u teleservices -- install -d -m 0700 {school} && teleservices make-siecle --students 8 {school}"
    [uai] = inside(f"{asked} >&2 && ls {school}").stdout.split()
    inside(f"teleservices import --uai {uai} {school}/{uai}/*.zip && teleservices generate-accounts --uai {uai}")
    said = inside(f"timeout 300 teleservices notify --uai {uai} --by paper --pdf {printed} --yes")
    assert (root / printed[1:]).read_bytes().startswith(b"%PDF"), said.stdout + said.stderr
    inside(f"rm -r {school} {printed}")


@contextmanager
def as_its_unit_starts_it(root: Path, name: str) -> Iterator[None]:
    """The command of a unit, under its account, with the settings and the secrets that the unit names."""
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(root / "lib" / "systemd" / "system" / f"teleservices-{name}.service", "utf-8")
    service = read["Service"]
    script = (
        "umask 0077; install -d -o teleservices -m 0700 /run/credentials; "
        "install -o teleservices -m 0400 /etc/teleservices/secrets/* /run/credentials; "
        f"set -a; . {service['EnvironmentFile']}; "
        "VAR_DIR=/var/lib/teleservices; CREDENTIALS_DIRECTORY=/run/credentials; "
        f"exec setpriv --reuid={service['User']} --regid={service['Group']} --init-groups --no-new-privs "
        f"{shlex.join(shlex.split(service['ExecStart']))}"
    )
    with subprocess.Popen([*way_into(root), "sh", "-c", script]) as process:
        try:
            yield
        finally:
            end(process)
    assert process.returncode == 0


def page_of_the_portal(port: int) -> str:
    wait_for(port)
    with urlopen(f"http://127.0.0.1:{port}/connexion") as answer:
        return str(answer.read().decode())


def test_the_portal_answers(root: Path, port: int) -> None:
    with as_its_unit_starts_it(root, "portal"):
        page = page_of_the_portal(port)
        with urlopen(f"http://127.0.0.1:{port}/sante/pret") as answer:
            assert answer.status == 200
    assert "<form" in page


def test_a_later_version_keeps_settings_and_tables_and_restarts_nothing(
    next_package: Path, root: Path, inside: Inside, port: int
) -> None:
    settings = (root / ENVIRONMENT[1:]).read_text("utf-8")
    with as_its_unit_starts_it(root, "portal"):
        wait_for(port)
        said = bring(next_package, root, inside)
        assert "<form" in page_of_the_portal(port)
    assert "rien n'a été redémarré" in said
    assert (root / ENVIRONMENT[1:]).read_text("utf-8") == settings
    assert inside(f"stat -c '%a %U:%G' {ENVIRONMENT}").stdout.strip() == "640 root:teleservices"
    run_of_the_page(inside, "teleservices init-db")
    with as_its_unit_starts_it(root, "portal"):
        assert "<form" in page_of_the_portal(port)


def test_removed_it_leaves_settings_and_data(root: Path, inside: Inside) -> None:
    run_of_the_page(inside, "apt remove")
    assert not (root / "opt" / "teleservices").exists()
    assert not (root / "usr" / "bin" / "teleservices").exists()
    assert (root / ENVIRONMENT[1:]).exists()
    assert list((root / "var" / "lib" / "teleservices").iterdir())


def test_an_installation_made_by_hand_is_not_overwritten(package: Path, root: Path, inside: Inside) -> None:
    (root / "opt" / "teleservices").mkdir(parents=True)
    (root / "opt" / "teleservices" / "pyvenv.cfg").touch()
    shutil.copy(package, root / "by-hand.deb")
    refused = inside("apt-get install --yes --allow-downgrades ./by-hand.deb", check=False)
    assert refused.returncode != 0
    assert "installation faite à la main" in refused.stdout + refused.stderr
    shutil.rmtree(root / "opt" / "teleservices")


def test_purged_it_takes_the_keys_and_says_what_it_leaves(root: Path, inside: Inside) -> None:
    said = run_of_the_page(inside, "apt purge")
    assert not (root / "etc" / "teleservices").exists()
    assert list((root / "var" / "lib" / "teleservices").iterdir())
    assert "/var/lib/teleservices reste aussi, avec les données des familles" in said
