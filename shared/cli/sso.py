"""Commands about the ways in from elsewhere (R34, R35)."""

import click

from shared.cli.installation import Installation, json_option, pass_installation
from shared.cli.watching import tell
from shared.watching.sign_on_trials import try_doors


@click.group()
def sso() -> None:
    """Essayer les fournisseurs d'identité, et le portail comme fournisseur des téléservices et des ENT."""


@sso.command("check")
@json_option
@pass_installation
def check(installation: Installation, as_json: bool) -> None:
    """Essayer chaque porte : adresses, clés, horloge ; code 0 (bien), 1 (attention) ou 2 (critique)."""
    tell(try_doors(installation.database, installation.settings), as_json)
