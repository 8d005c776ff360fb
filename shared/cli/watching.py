"""Commands of whoever watches: `status`, `check`, `metrics` (R38)."""

from collections.abc import Iterable

import click

from shared.cli.installation import Installation, answer, json_option, pass_installation
from shared.database import Database
from shared.watching.judgement import Finding, Level, worst
from shared.watching.machine import status_of
from shared.watching.metrics import serve_metrics
from shared.watching.trials import try_settings

MARKS = {Level.GOOD: "OK       ", Level.WARNING: "ATTENTION", Level.CRITICAL: "CRITIQUE "}


@click.command()
@json_option
@pass_installation
def status(installation: Installation, as_json: bool) -> None:
    """Dire comment va l'installation ; code 0 (bien), 1 (attention) ou 2 (critique), comme la surveillance l'attend."""
    settings = installation.settings
    tell(status_of(Database(settings.database), settings, installation.now), as_json)


@click.command()
@json_option
@pass_installation
def check(installation: Installation, as_json: bool) -> None:
    """Essayer chaque réglage : base, Redis, courriel, clé, dossiers, horloge, adresses ; mêmes codes que « status »."""
    tell(list(try_settings(installation.settings)), as_json)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Adresse où répondre à Prometheus.")
@click.option("--port", type=int, default=9464, show_default=True, help="Port où répondre à Prometheus.")
@pass_installation
def metrics(installation: Installation, host: str, port: int) -> None:
    """Servir à Prometheus ce que dit la base, jusqu'à ce qu'on l'arrête."""
    serve_metrics(installation.database, host, port)


def tell(findings: Iterable[Finding], as_json: bool) -> None:
    """Print what was looked at, and end with the worst of it."""
    found = list(findings)
    level = worst(found)
    result = {
        "level": level.name.lower(),
        "findings": [{"name": one.name, "level": one.level.name.lower(), "sentence": one.sentence} for one in found],
    }
    answer(as_json, result, (f"{MARKS[one.level]} {one.name} : {one.sentence}" for one in found))
    raise SystemExit(level.value)
