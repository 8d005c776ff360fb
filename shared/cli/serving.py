"""Commands that answer: `serve`, and `mailbox` beside it in a demonstration."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click
from honcho.manager import Manager

from shared.cli.installation import Installation, pass_installation, warn_of_a_lost_key
from shared.config import Settings
from shared.demo.lemonldap import is_installed
from shared.demo.mailbox import can_take_mails, serve_mailbox
from shared.demo.servers import ACADEMY, ENT, FOLDER, SERVICE_ENV, Server, kept_places, run_lemonldap, servers
from shared.web.ports import PortTaken, refuse_a_taken_port
from shared.web.wrapper import WRAPPER, end_with_the_wrapper

BY_SIGNAL = {128 + signal.SIGTERM, 128 + signal.SIGINT}
"""What the manager of processes ends with when it was told to stop."""

_OTHER_PORTS = "d'autres ports (--admin-port, --portal-port, --mailbox-port)"
_OTHER_SMTP_PORT = "un autre port pour les courriels de la démonstration (SMTP_PORT, dans demo.env)"
_EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - told from the others, not listened at


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Adresse où répondre.")
@click.option("--admin-port", type=int, default=5001, show_default=True, help="Port de l'administration.")
@click.option("--portal-port", type=int, default=5002, show_default=True, help="Port du portail.")
@click.option("--mailbox-port", type=int, help="Montrer à ce port les courriels de la démonstration.")
@click.option("--sso", is_flag=True, help="Lancer aussi LemonLDAP::NG, l'ENT et le téléservice de « demo --sso ».")
@click.option(
    "--only", type=click.Choice(["admin", "portal"]), help="Une seule application, sans l'autre ni le travail de fond."
)
@pass_installation
def serve(
    installation: Installation,
    host: str,
    admin_port: int,
    portal_port: int,
    mailbox_port: int | None,
    sso: bool,
    only: str | None,
) -> None:
    """Servir les deux applications et un travail de fond, sur une seule machine."""
    settings = installation.settings.require_secrets()
    if only is not None and mailbox_port is not None:
        raise click.UsageError("--mailbox-port ne va pas avec --only : aucun travail de fond n'y est lancé.")
    if mailbox_port is not None and not can_take_mails():
        raise click.ClickException(
            "La boîte aux lettres de la démonstration n'est pas installée : ajoutez « teleservices[demo] » avec pip, "
            "ou servez sans --mailbox-port."
        )
    others = _sso_servers(settings) if sso and only is None else ()
    warn_of_a_lost_key(installation)
    served = _served(only, admin_port, portal_port)
    _refuse_taken_ports(_OTHER_PORTS, host, *(port for _, port in served.values()), mailbox_port)
    if mailbox_port is not None:
        _refuse_taken_ports(_OTHER_SMTP_PORT, "127.0.0.1", settings.smtp_port)
    for application, (name, port) in served.items():
        click.echo(f"{name} : {_opened_at(settings, application, f'http://{host}:{port}')}")
    if mailbox_port is not None:
        click.echo(f"Courriels de la démonstration : http://{host}:{mailbox_port}")
    environment = _environment(settings) | addresses_left_to_us(settings, host, admin_port, portal_port)
    commands = {name.split()[0].lower(): _gunicorn(one, host, port) for one, (name, port) in served.items()}
    more = {one.name: one.command for one in others}
    _run({**commands, **_beside(host, mailbox_port, only), **more}, environment)


def _environment(settings: Settings) -> dict[str, str]:
    """That of the children, which names the folder: each reads the settings as this process did."""
    return {**os.environ, "VAR_DIR": str(settings.var_dir.absolute()), WRAPPER: str(os.getpid())}


def _served(only: str | None, admin_port: int, portal_port: int) -> dict[str, tuple[str, int]]:
    """The applications that were asked for, each with its name and its port."""
    places = {"admin": ("Administration", admin_port), "portal": ("Portail des parents", portal_port)}
    return {application: place for application, place in places.items() if only in (None, application)}


def _opened_at(settings: Settings, application: str, listening: str) -> str:
    """Where people open an application: at its public address, where there is one; browsers keep cookies by name."""
    field = f"public_{application}_url"
    if field not in settings.model_fields_set:
        return listening
    public = getattr(settings, field)
    return f"{public} (servi à {listening})"


def _beside(host: str, mailbox_port: int | None, only: str | None) -> dict[str, str]:
    """The commands of what runs beside the applications: the background work, and the mailbox of a demonstration."""
    own = _own()
    if only is not None:
        return {}
    if mailbox_port is None:
        return {"travail": f"{own} worker"}
    return {
        "travail": f"{own} worker --after-mailbox",
        "courriels": f"{own} mailbox --host {host} --port {mailbox_port}",
    }


def _run(commands: dict[str, str], environment: dict[str, str]) -> NoReturn:
    """Run these commands side by side until one ends, or until it is told to stop; then all of them end."""
    manager = Manager()
    for name, command in commands.items():
        manager.add_process(name, command, env=environment)
    _end_with_the_terminal()
    manager.loop()
    # It stopped as it was told to: for systemd that is no failure.
    raise SystemExit(0 if manager.returncode in BY_SIGNAL else manager.returncode)


def _sso_servers(settings: Settings) -> Sequence[Server]:
    """Those that « demo --sso » prepared, told of."""
    found = servers(settings.var_dir, _own())
    if not found or not is_installed():
        raise click.ClickException("Rien à lancer : préparez d'abord la démonstration (teleservices demo --sso).")
    _refuse_taken_ports("ces ports, une fois libres : ils ne changent pas", "127.0.0.1", *(one.port for one in found))
    for one in found:
        click.echo(f"{one.name} : {one.address}")
    return found


def addresses_left_to_us(settings: Settings, host: str, admin_port: int, portal_port: int) -> dict[str, str]:
    """The public addresses that nobody configured, as they are served: letters and mails hold them."""
    name = "127.0.0.1" if host in _EVERY_ADDRESS else f"[{host}]" if ":" in host else host
    served = {"public_admin_url": admin_port, "public_portal_url": portal_port}
    left = {field: port for field, port in served.items() if field not in settings.model_fields_set}
    return {field.upper(): f"http://{name}:{port}" for field, port in left.items()}


def _refuse_taken_ports(advice: str, host: str, *ports: int | None) -> None:
    try:
        for port in filter(None, ports):
            refuse_a_taken_port(host, port, advice)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from None


def _end_with_the_terminal() -> None:
    """A terminal that is closed ends everything, as Ctrl + C does, unless it was told not to (nohup)."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda _signal, _frame: signal.raise_signal(signal.SIGTERM))


def _gunicorn(application: str, host: str, port: int) -> str:
    return f"{_quoted(sys.executable)} -m gunicorn -c python:shared.web.gunicorn.{application} --bind {host}:{port}"


def _own() -> str:
    """What starts a command of ours."""
    return f"{_quoted(sys.executable)} -m shared.cli"


def _quoted(path: str) -> str:
    return f'"{path}"'


@click.command(hidden=True)
@click.option("--host", default="127.0.0.1", help="Adresse où répondre.")
@click.option("--port", type=int, required=True, help="Port où répondre.")
@pass_installation
def mailbox(installation: Installation, host: str, port: int) -> None:
    """Prendre les courriels de la démonstration et les montrer."""
    end_with_the_wrapper()
    serve_mailbox(installation.settings.var_dir / "courriels", host, installation.settings.smtp_port, port)


@click.command("demo-service", hidden=True)
@pass_installation
def demo_service(installation: Installation) -> None:
    """Répondre comme le téléservice de la démonstration."""
    # What speaks OpenID Connect takes long to load.
    from shared.demo.teleservice import serve_teleservice

    end_with_the_wrapper()
    var_dir = installation.settings.var_dir
    serve_teleservice(var_dir / FOLDER / SERVICE_ENV, kept_places(var_dir).service)


@click.command("demo-lemonldap", hidden=True)
@click.argument("name", type=click.Choice([ACADEMY, ENT]))
@pass_installation
def demo_lemonldap(installation: Installation, name: str) -> NoReturn:
    """Lancer un des deux LemonLDAP::NG de la démonstration."""
    end_with_the_wrapper()
    raise SystemExit(run_lemonldap(installation.settings.var_dir, name))
