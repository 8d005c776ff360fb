"""Commands that answer: `serve`, and `mailbox` beside it in a demonstration."""

import errno
import os
import signal
import socket
import sys
from pathlib import Path

import click
from honcho.manager import Manager

from shared.cli.installation import Installation, pass_installation, warn_of_a_lost_key
from shared.config import Settings
from shared.demo.mailbox import can_take_mails, serve_mailbox

THREADS = {"admin": 8, "portal": 4}
"""Of each process. A page of the back office may wait for a press; those of the portal are short, and more of them at
once would only wait for each other: Python runs one thread at a time."""

_OTHER_PORTS = "d'autres ports (--admin-port, --portal-port, --mailbox-port)"
_OTHER_SMTP_PORT = "un autre port pour les courriels de la démonstration (SMTP_PORT, dans demo.env)"
_EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - told from the others, not listened at


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--admin-port", type=int, default=5001, show_default=True)
@click.option("--portal-port", type=int, default=5002, show_default=True)
@click.option("--mailbox-port", type=int, help="Montrer à ce port les courriels de la démonstration.")
@pass_installation
def serve(installation: Installation, host: str, admin_port: int, portal_port: int, mailbox_port: int | None) -> None:
    """Servir les deux applications et un travail de fond, sur une seule machine."""
    settings = installation.settings.require_secrets()
    if mailbox_port is not None and not can_take_mails():
        raise click.ClickException(
            "La boîte aux lettres de la démonstration n'est pas installée : ajoutez « teleservices[demo] » avec pip, "
            "ou servez sans --mailbox-port."
        )
    warn_of_a_lost_key(installation)
    for port in filter(None, (admin_port, portal_port, mailbox_port)):
        _refuse_a_taken_port(host, port, _OTHER_PORTS)
    if mailbox_port is not None:
        _refuse_a_taken_port("127.0.0.1", settings.smtp_port, _OTHER_SMTP_PORT)
    manager = Manager()
    # The environment of the children names the folder: each reads the settings as this process did.
    environment = {
        **os.environ,
        "VAR_DIR": str(settings.var_dir.absolute()),
        **addresses_left_to_us(settings, host, admin_port, portal_port),
    }
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


def addresses_left_to_us(settings: Settings, host: str, admin_port: int, portal_port: int) -> dict[str, str]:
    """The public addresses that nobody configured, as they are served: letters and mails hold them."""
    name = "127.0.0.1" if host in _EVERY_ADDRESS else f"[{host}]" if ":" in host else host
    served = {"public_admin_url": admin_port, "public_portal_url": portal_port}
    left = {field: port for field, port in served.items() if field not in settings.model_fields_set}
    return {field.upper(): f"http://{name}:{port}" for field, port in left.items()}


def _refuse_a_taken_port(host: str, port: int, advice: str) -> None:
    # Two servers whose processes each listen for themselves could share a port without a word, each answering some of
    # the families: this asks for the port alone, as they do not.
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        # Whatever else is wrong with an address is for the server to say: it knows more kinds of them.
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"Le port {port} est déjà pris, peut-être par un « teleservices serve » qui tourne encore : "
                f"arrêtez-le, ou choisissez {advice}."
            ) from None


def _end_with_the_terminal() -> None:
    """A terminal that is closed ends everything, as Ctrl + C does, unless it was told not to (nohup)."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda _signal, _frame: signal.raise_signal(signal.SIGTERM))


def _gunicorn(application: str, host: str, port: int) -> str:
    # gunicorn reads it by itself; without it, a process for each core.
    workers = "" if os.environ.get("WEB_CONCURRENCY") else f"--workers {os.cpu_count() or 1} "
    return (
        f"{_quoted(sys.executable)} -m gunicorn --bind {host}:{port} {workers}--threads {THREADS[application]} "
        # Each process with its own queue, which the system fills by turns: from one queue for all, the first process
        # that wakes takes what the others could answer sooner.
        f"--worker-class shared.web.serving.HurriedWorker --reuse-port --no-control-socket "
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
