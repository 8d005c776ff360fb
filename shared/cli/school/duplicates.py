"""The command `duplicates`."""

from pathlib import Path
from typing import Any

import click

from shared.cli.installation import Installation, answer, establishment_id, json_option, pass_installation, uai_option
from shared.duplicates.pairs.daily_file import REFERRALS, duplicates_csv, listed_duplicates
from shared.duplicates.pairs.queries import Pair


@click.command()
@uai_option()
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Écrire aussi ce fichier CSV.")
@json_option
@pass_installation
def duplicates(installation: Installation, uai: str, csv_file: Path | None, as_json: bool) -> None:
    """Lister les fiches de responsables qui sont sans doute la même personne."""
    with installation.database.reading() as session:
        listed = listed_duplicates(session, establishment_id(session, uai))
    pairs = [pair for pair in listed if pair.referral is None]
    referred = [pair for pair in listed if pair.referral is not None]
    if csv_file is not None:
        csv_file.write_bytes(duplicates_csv(listed))
    lines = [_pair_in_words(pair) for pair in pairs] or ["Aucun doublon probable à traiter."]
    lines += [f"{_pair_in_words(pair)} – {REFERRALS[pair.referral]}" for pair in referred if pair.referral]
    told = {
        "pairs": [_pair_as_row(pair) for pair in pairs],
        "referred": [{**_pair_as_row(pair), "to": pair.referral.value} for pair in referred if pair.referral],
    }
    answer(as_json, told, lines)


def _pair_as_row(pair: Pair) -> dict[str, Any]:
    return {
        "a": pair.first.shown_key,
        "b": pair.second.shown_key,
        "confidence": pair.confidence,
        "reasons": list(pair.reasons),
    }


def _pair_in_words(pair: Pair) -> str:
    return f"{pair.confidence:.0%}  {pair.first.shown_key} / {pair.second.shown_key} : {', '.join(pair.reasons)}"
