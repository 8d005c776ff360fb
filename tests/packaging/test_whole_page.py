"""docs/exploitation.md followed from a clean machine on: installed, used, lost, restored, brought forward, removed.

Every command of `FOLLOWED` is run as it stands, by root, under a systemd that runs. The tests run one after the other.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operating.page import commands, commands_in_sentences, settings
from tests.packaging.conftest import ROOT, need
from tests.packaging.machines import CERTIFICATES, FOLLOWED, FOR_PIP, Machine, booted, follow
from tests.patience import wait_until

ENVIRONMENT = "etc/teleservices/teleservices.env"
SECRETS = "etc/teleservices/secrets"
HOSTS = "127.0.0.1 localhost portail.example.org administration.example.org\n"
SOURCES = "/root/sources"


@pytest.fixture(scope="module")
def with_systemd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian 12 of which no more is installed than what starts it, in a file."""
    need("mmdebstrap", "systemd-nspawn", "curl", "nsenter")
    made = tmp_path_factory.mktemp("systemd") / "root.tar"
    command = ["mmdebstrap", "--variant=minbase", "--include=systemd-sysv,dbus", "bookworm", str(made)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return made


def new_root(made: Path, folder: Path) -> Path:
    folder.chmod(0o755)
    subprocess.run(["tar", "-xf", made, "-C", folder, "--numeric-owner", "--exclude=./dev/*"], check=True)
    (folder / "etc" / "hosts").write_text(HOSTS)
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    return folder


@pytest.fixture(scope="module")
def machine(with_systemd: Path, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    root = new_root(with_systemd, tmp_path_factory.mktemp("machine"))
    shutil.copy(package, root)
    with booted(root) as machine:
        machine.run("apt-get update", outside=True)
        yield machine


def install(machine: Machine) -> None:
    """The section of the package, as far as the relay."""
    follow(machine, "Le paquet Debian", until="runuser -u postgres -- createdb")
    with (machine.root / ENVIRONMENT).open("a", encoding="utf-8") as written:
        written.write("".join(f"{line}\n" for line in settings("Le paquet Debian")))
    follow(machine, "Le paquet Debian", since="install -D", until="nginx -t")


def portal_answers(machine: Machine) -> bool:
    return machine.run("systemctl is-active teleservices-portal", check=False).returncode == 0 and _shows(machine)


def _shows(machine: Machine) -> bool:
    try:
        return "<form" in machine.page("portail", "/connexion")
    except AssertionError:
        return False


def test_it_is_installed_with_postgresql_redis_and_nginx_and_answers(machine: Machine) -> None:
    install(machine)
    said = follow(machine, "Le paquet Debian", since="teleservices init-db", until="teleservices status")
    assert "répond (postgresql 15" in said
    wait_until(lambda: portal_answers(machine), "the portal answers", lambda: None)
    wait_until(lambda: machine.run("teleservices status", check=False).returncode == 0, "the worker gives a sign")
    told = machine.run("teleservices check", check=False)
    assert (told.returncode, "CRITIQUE" in told.stdout) == (1, False), told.stdout
    assert "<form" in machine.page("administration", "/connexion/")
    assert machine.page("portail", "/sante/pret").strip() == "ok"
    states = machine.run("systemctl is-active teleservices-admin teleservices-worker teleservices-daily.timer").stdout
    assert set(states.split()) == {"active"}


def test_prometheus_reads_it(machine: Machine) -> None:
    wait_until(lambda: "teleservices_" in machine.metrics(), "the metrics answer")


def test_its_processes_say_what_they_do_where_the_page_says(machine: Machine) -> None:
    [journal] = [command for command in commands_in_sentences() if command.startswith("journalctl ")]
    said = machine.run(f"{journal} --no-pager").stdout
    assert "the worker is at work" in said
    assert "Traceback" not in said


def test_letters_are_printed_by_the_service(machine: Machine) -> None:
    """The process that lays them out is started from the command of the package, under its unit."""
    school = "/var/lib/teleservices/ecole"
    machine.run(f"install -d -o teleservices -m 0700 {school} && teleservices make-siecle --students 8 {school}")
    [uai] = machine.run(f"ls {school}").stdout.split()
    machine.run(f"teleservices import --uai {uai} {school}/{uai}/*.zip && teleservices generate-accounts --uai {uai}")
    machine.run(f"teleservices notify --uai {uai} --by paper --yes")
    printed = (
        "journalctl -u teleservices-worker --no-pager | grep --quiet 'a lot of letters: [1-9][0-9]* printed, 0 refused'"
    )
    wait_until(lambda: machine.run(printed, check=False).returncode == 0, "they are printed", lambda: None)


def test_the_first_administrator_comes_in(machine: Machine) -> None:
    assert "Mot de passe" in follow(machine, "Personnels")


def test_it_is_saved(machine: Machine) -> None:
    follow(machine, "Sauvegarder")
    machine.run("cd /srv/copies/*-* && sha256sum --check SHA256SUMS")


def test_it_comes_back_to_an_instant(machine: Machine) -> None:
    section = "Revenir à un instant (pgBackRest)"
    follow(machine, section, until="apt install")
    archive, cluster = settings(section)[:-2], settings(section)[-2:]
    (machine.root / "etc" / "pgbackrest.conf").write_text("\n".join(archive).replace("…", "a" * 32) + "\n")
    with (machine.root / "etc" / "postgresql" / "15" / "main" / "postgresql.conf").open("a") as written:
        written.write("\n".join(cluster) + "\n")
    follow(machine, section, since="systemctl restart postgresql", until=_ending(section, "backup"))
    before = "teleservices create-staff --login avant --role academy --name Avant"
    machine.run(f"{before} && sleep 2")
    moment = machine.run("date '+%F %T%:z'").stdout.strip()
    machine.run("sleep 2 && teleservices create-staff --login erreur --role academy --name Erreur")
    machine.run(_ending(section, "check"))
    follow(machine, section, since="systemctl stop", until="systemctl start postgresql", moment=moment)
    recovering = "runuser -u postgres -- psql -Atc 'SELECT pg_is_in_recovery()'"
    wait_until(lambda: machine.run(recovering, check=False).stdout.strip() == "f", "the recovery ends")
    said = follow(machine, section, since="runuser -u postgres -- psql -c")
    assert "retenu" in said
    assert machine.run("teleservices reset-staff --login avant").returncode == 0
    assert machine.run("teleservices reset-staff --login erreur", check=False).returncode == 1
    machine.run("teleservices release --yes")
    wait_until(lambda: portal_answers(machine), "the portal answers again", lambda: None)


def _ending(section: str, word: str) -> str:
    return next(command.text for command in commands(section) if command.text.endswith(f" {word}"))


def test_a_standby_takes_over(machine: Machine) -> None:
    """On another port of the same machine: the network between two is that of PostgreSQL's own documentation."""
    copied, promoted = (
        next(command for command in commands_in_sentences() if command.startswith(name))
        for name in ("pg_basebackup ", "pg_ctlcluster ")
    )
    data = "/var/lib/postgresql/15/secours"
    machine.run(f"pg_createcluster 15 secours && rm -r {data}")
    machine.run(f"runuser -u postgres -- {copied} --pgdata={data} && pg_ctlcluster 15 secours start")
    asked = "runuser -u postgres -- psql --cluster=15/secours -Atc 'SELECT pg_is_in_recovery()'"
    assert machine.run(asked).stdout.strip() == "t"
    # It says no after a minute, which a busy machine may need.
    machine.run(f"PGCTLTIMEOUT=600 {promoted.replace(' main ', ' secours ')}")
    assert machine.run(asked).stdout.strip() == "f"
    machine.run("pg_dropcluster --stop 15 secours")


def test_another_machine_takes_over_from_the_copy(
    machine: Machine,
    with_systemd: Path,
    package: Path,
    tmp_path: Path,
) -> None:
    other_root = new_root(with_systemd, tmp_path)
    shutil.copy(package, other_root)
    with booted(other_root) as other:
        other.run("apt-get update", outside=True)
        install(other)
        for key in ("SECRET_KEY", "INITIAL_PASSWORD_KEY"):
            shutil.copy(machine.root / SECRETS / key, other_root / SECRETS / key)
        shutil.copytree(machine.root / "srv" / "copies", other_root / "srv" / "copies")
        # The day on which it was made: it may be another one by now.
        [day] = other.run("ls /srv/copies").stdout.split()
        said = follow(other, "Restaurer", day=day)
        assert "retenu" in said
        assert "n'ouvre plus" not in said
        follow(other, "Le paquet Debian", since="systemctl enable", until="teleservices status")
        wait_until(lambda: portal_answers(other), "the portal of the other machine answers", lambda: None)
        other.run("teleservices reset-staff --login recteur")
        machine.ran |= other.ran


def test_it_is_brought_forward_without_losing_a_setting(machine: Machine, next_package: Path) -> None:
    for former in machine.root.glob("teleservices_*.deb"):
        former.unlink()
    shutil.copy(next_package, machine.root)
    settled = (machine.root / ENVIRONMENT).read_text("utf-8")
    follow(machine, "Le paquet Debian", since="apt install --yes ./", until="apt install --yes ./")
    follow(machine, "Le paquet Debian", since="systemctl restart", until="systemctl restart")
    follow(machine, "Mettre à jour sans arrêt")
    assert (machine.root / ENVIRONMENT).read_text("utf-8") == settled
    wait_until(lambda: portal_answers(machine), "the new portal answers", lambda: None)
    assert "+next" in machine.run("dpkg-query --show teleservices").stdout


def test_the_version_of_before_comes_back(machine: Machine, package: Path) -> None:
    """As the page says, by the command that brings any version."""
    for former in machine.root.glob("teleservices_*.deb"):
        former.unlink()
    shutil.copy(package, machine.root)
    [back] = [command for command in commands_in_sentences() if command.startswith("apt install --allow")]
    machine.run(f"{back} --yes ./teleservices_*.deb && teleservices init-db && systemctl restart teleservices-portal")
    assert "+next" not in machine.run("dpkg-query --show teleservices").stdout
    wait_until(lambda: portal_answers(machine), "the former portal answers", lambda: None)


def test_it_is_removed_and_stops(machine: Machine) -> None:
    follow(machine, "Le paquet Debian", since="apt remove")
    assert machine.run("systemctl is-active teleservices-portal teleservices-metrics", check=False).returncode != 0
    assert machine.run("pgrep -u teleservices", check=False).stdout == ""


def test_it_is_installed_without_the_package(machine: Machine, with_systemd: Path, tmp_path: Path) -> None:
    root = new_root(with_systemd, tmp_path)
    sources = root / SOURCES[1:]
    for name in ("docs", "requirements"):
        shutil.copytree(ROOT / name, sources / name)
    wheel = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        sources / "dist",
    ]
    subprocess.run([*map(str, wheel), str(ROOT)], check=True)
    (root / "etc" / "pip.conf").write_text(FOR_PIP)
    shutil.copy(CERTIFICATES, root / "etc" / "pip.crt")
    with booted(root) as by_hand:
        by_hand.run("apt-get update", outside=True)
        follow(by_hand, "Avec systemd, sans le paquet", folder=SOURCES)
        wait_until(
            lambda: by_hand.run("systemctl is-active teleservices-portal", check=False).returncode == 0, "it serves"
        )
        follow(by_hand, "Mettre à jour", folder=SOURCES, but="teleservices init-db")
        machine.ran |= by_hand.ran


def test_every_command_of_these_sections_was_run(machine: Machine) -> None:
    """Those that `tests/operating/test_commands.py` runs as well may be left out here."""
    wanted = {one.text for one in commands() if one.section in FOLLOWED and one.text != "teleservices init-db"}
    assert wanted - machine.ran == set()
