"""Commands that run things: `worker`, `serve`, `demo`."""

import os
import shutil
import signal
import sys
from pathlib import Path

import click
from honcho.manager import Manager

from shared.cli.program import Installation, answer, json_option, pass_installation, uai_option
from shared.cli.school_base import prepare_database, report_lines
from shared.config import Settings
from shared.demo.mailbox import serve_mailbox, wait_for_mailbox
from shared.demo.school import DemoSchool, make_demo_school
from shared.demo.secrets import keep_demo_secrets
from shared.jobs import run_worker

THREADS = 8


@click.command()
@click.option("--after-mailbox", is_flag=True, hidden=True)
@pass_installation
def worker(installation: Installation, after_mailbox: bool) -> None:
    """Travailler en fond : courriels, courriers, imports, travail de chaque jour."""
    _ = installation.database
    settings = installation.settings
    if after_mailbox and settings.smtp_host is not None:
        # Both start together: the first mail would meet nobody, and the next one wait for the end of an outage.
        wait_for_mailbox(settings.smtp_host, settings.smtp_port)
    run_worker(settings)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--admin-port", type=int, default=5001, show_default=True)
@click.option("--portal-port", type=int, default=5002, show_default=True)
@click.option("--mailbox-port", type=int, help="Montrer à ce port les courriels de la démonstration.")
@pass_installation
def serve(installation: Installation, host: str, admin_port: int, portal_port: int, mailbox_port: int | None) -> None:
    """Servir les deux applications et un travail de fond, sur une seule machine."""
    settings = installation.settings.require_secrets()
    _ = installation.database
    manager = Manager()
    # The environment of the children names the folder: each reads the settings as this process did.
    environment = {**os.environ, "VAR_DIR": str(settings.var_dir.absolute())}
    own = f"{_quoted(sys.executable)} -m shared.cli"
    manager.add_process("administration", _gunicorn("admin", host, admin_port), env=environment)
    manager.add_process("portail", _gunicorn("portal", host, portal_port), env=environment)
    after = "" if mailbox_port is None else " --after-mailbox"
    manager.add_process("travail", f"{own} worker{after}", env=environment)
    click.echo(f"Administration : http://{host}:{admin_port}")
    click.echo(f"Portail des parents : http://{host}:{portal_port}")
    if mailbox_port is not None:
        manager.add_process("courriels", f"{own} mailbox --host {host} --port {mailbox_port}", env=environment)
        click.echo(f"Courriels de la démonstration : http://{host}:{mailbox_port}")
    _end_with_the_terminal()
    manager.loop()
    raise SystemExit(manager.returncode)


def _end_with_the_terminal() -> None:
    """A terminal that is closed ends everything, as Ctrl + C does, unless it was told not to (nohup)."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda _signal, _frame: signal.raise_signal(signal.SIGTERM))


def _gunicorn(application: str, host: str, port: int) -> str:
    # gunicorn reads it by itself; without it, a process for each core.
    workers = "" if os.environ.get("WEB_CONCURRENCY") else f"--workers {os.cpu_count() or 1} "
    return (
        f"{_quoted(sys.executable)} -m gunicorn --bind {host}:{port} {workers}--threads {THREADS} "
        f"--worker-class shared.serving.HurriedWorker --no-control-socket "
        f"--worker-tmp-dir {_quoted(_fast_folder())} --name {application} wsgi:{application}"
    )


def _fast_folder() -> str:
    # gunicorn touches a file every second; in memory where there is such a place, so that a slow disk blocks nothing.
    return "/dev/shm" if Path("/dev/shm").is_dir() else "."  # noqa: S108


def _quoted(path: str) -> str:
    return f'"{path}"'


@click.command(hidden=True)
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, required=True)
@pass_installation
def mailbox(installation: Installation, host: str, port: int) -> None:
    """Prendre les courriels de la démonstration et les montrer."""
    serve_mailbox(installation.settings.var_dir / "courriels", host, installation.settings.smtp_port, port)


@click.command()
@click.option("--students", type=int, default=300, show_default=True, metavar="N", help="Élèves par établissement.")
@uai_option(required=False)
@json_option
@pass_installation
def demo(installation: Installation, students: int, uai: str | None, as_json: bool) -> None:
    """Préparer une démonstration : deux établissements inventés, importés, et leurs personnels."""
    keep_demo_secrets(Settings().var_dir)
    settings = installation.settings
    prepare_database(installation)
    folder = settings.var_dir / "siecle"
    shutil.rmtree(folder, ignore_errors=True)
    schools = make_demo_school(installation.database, folder, students=students, uai=uai, now=installation.now)
    answer(as_json, {"schools": [_as_json(school) for school in schools]}, _in_words(schools))


def _as_json(school: DemoSchool) -> dict[str, object]:
    return {
        "uai": school.written.uai,
        "name": school.written.name,
        "files": [str(file) for file in school.written.files],
        "import": school.report.as_json(),
        "staff": [{"login": login, "role": role, "password": password} for login, role, password in school.logins],
    }


def _in_words(schools: list[DemoSchool]) -> list[str]:
    lines = []
    for school in schools:
        lines += [*report_lines(school.report)[:5], f"  fichiers SIECLE : {school.written.folder}", ""]
    lines.append("Personnels (mot de passe à changer à la première connexion) :")
    for school in schools:
        for login, role, password in school.logins:
            lines.append(f"  {login:<10} {password or '(mot de passe déjà donné)':<22} {role}")
    lines.append(
        "L'administrateur de l'académie installe une double authentification à sa première connexion : il lui faut un "
        "téléphone. Le chef d'établissement n'en a pas besoin."
    )
    return lines
