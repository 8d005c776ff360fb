"""The command `crossed-accounts`: what to look at in a base of before keys and identity were told apart (R31)."""

from typing import Any

import click

from shared.accounts.directory.crossed import CrossedAccount, crossed_accounts
from shared.cli.installation import Installation, answer, establishment_id, json_option, pass_installation


@click.command("crossed-accounts")
@click.option("--uai", help="Seulement les comptes de cet établissement.")
@json_option
@pass_installation
def crossed(installation: Installation, uai: str | None, as_json: bool) -> None:
    """Lister, sans rien changer, les comptes qui semblent être passés d'une personne à une autre."""
    with installation.database.reading() as session:
        school = establishment_id(session, uai) if uai else None
        found = [_as_row(one) for one in crossed_accounts(session, school)]
    answer(as_json, {"crossed": found}, [_line(row) for row in found] or ["Aucun compte ne semble croisé."])


def _as_row(crossed: CrossedAccount) -> dict[str, Any]:
    return {
        "identifier": crossed.identifier,
        "kind": crossed.kind.value,
        "state": crossed.state.value,
        "reasons": list(crossed.reasons),
        "holders": [
            {
                "uai": holder.uai,
                "siecle_id": holder.key,
                "last_name": holder.names.usage_name or holder.names.family_name,
                "first_name": holder.names.first_name,
                "present": holder.present,
            }
            for holder in crossed.holders
        ],
    }


def _line(row: dict[str, Any]) -> str:
    holders = " ; ".join(
        f"{holder['last_name']} {holder['first_name']} ({holder['uai']}, fiche {holder['siecle_id']})"
        for holder in row["holders"]
    )
    return f"{row['identifier']:<24} {', '.join(row['reasons'])} : {holders}"
