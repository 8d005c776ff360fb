"""Commands on accounts and duplicates: `generate-accounts`, `accounts`, `duplicates`, `expire`, `daily`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from shared.accounts.directory.generation import generate_accounts as generate
from shared.accounts.directory.listing import Entry, Filters, page_of_accounts
from shared.accounts.populations import GUARDIANS, STUDENTS, Population
from shared.cli.program import Installation, answer, establishment_id, json_option, pass_installation, uai_option
from shared.duplicates.pairs.daily_file import REFERRALS, duplicates_csv, listed_duplicates
from shared.duplicates.pairs.queries import Pair, count_untreated
from shared.french import agreed
from shared.journal import COMMAND
from shared.models.accounts import AccountState
from shared.models.school import Guardian
from shared.siecle.effects.unaccompanied import count_without_legal_guardian, said_of
from shared.worker.daily import expire_due, run_daily

ROWS_AT_ONCE = 1_000
STATES = click.Choice([state.value for state in AccountState])


@click.command("generate-accounts")
@uai_option()
@click.option("--students", is_flag=True, help="Les comptes des élèves, plutôt que ceux des responsables.")
@json_option
@pass_installation
def generate_accounts(installation: Installation, uai: str, students: bool, as_json: bool) -> None:
    """Générer les comptes qui manquent dans un établissement."""
    with installation.database.writing() as session:
        school = establishment_id(session, uai)
        untreated = count_untreated(session, school)
        unaccompanied = 0 if students else count_without_legal_guardian(session, school, installation.today)
        generated = generate(
            session,
            school,
            STUDENTS if students else GUARDIANS,
            installation.sealer,
            now=installation.now,
            today=installation.today,
            actor=COMMAND,
        )
    result = {
        "created": generated.created,
        "kept": generated.kept,
        "proposed": generated.proposed,
        "untreated_duplicates": untreated,
        "students_without_legal_guardian": unaccompanied,
    }
    lines = [
        f"{generated.created} {agreed(generated.created, 'compte créé', 'comptes créés')}, {generated.kept} "
        f"{agreed(generated.kept, 'compte conservé', 'comptes conservés')} d'un autre établissement."
    ]
    if generated.proposed:
        wait = agreed(generated.proposed, "attend", "attendent")
        lines.append(f"Parmi eux, {generated.proposed} {wait} que la famille dise qu'elle connaît cet établissement.")
    if untreated:
        are = agreed(untreated, "doublon probable n'est pas traité", "doublons probables ne sont pas traités")
        lines.append(f"Attention : {untreated} {are} (teleservices duplicates).")
    if unaccompanied:
        lines.append(f"Attention : {said_of(unaccompanied)}, pour qui personne n'a de compte.")
    answer(as_json, result, lines)


@click.command()
@uai_option()
@click.option("--state", type=STATES, help="Seulement les comptes dans cet état.")
@click.option("--students", is_flag=True, help="Les comptes des élèves, plutôt que ceux des responsables.")
@json_option
@pass_installation
def accounts(installation: Installation, uai: str, state: str | None, students: bool, as_json: bool) -> None:
    """Lister les comptes d'un établissement (jamais les mots de passe)."""
    filters = Filters(state=AccountState(state) if state else None)
    with installation.database.reading() as session:
        school = establishment_id(session, uai)
        population = STUDENTS if students else GUARDIANS
        listed = [_as_row(entry) for entry in _every_account(installation, session, school, population, filters)]
    lines = [
        f"{row['identifier']:<24} {row['state']:<13} {row['last_name']} {row['first_name']}  "
        f"{', '.join(row['divisions'])}"
        for row in listed
    ]
    answer(as_json, {"accounts": listed}, lines)


def _every_account(
    installation: Installation, session: Session, school: int, population: Population, filters: Filters
) -> Iterator[Entry]:
    after = ""
    while page := page_of_accounts(
        session, school, population, filters, installation.today, after=after, limit=ROWS_AT_ONCE
    ):
        yield from page
        after = page[-1].key


def _as_row(entry: Entry) -> dict[str, Any]:
    fiche, account = entry.fiche, entry.account
    ranks = [child.legal_rank for child in entry.children if child.legal_rank]
    return {
        "identifier": account.identifier,
        "state": account.state.value,
        "civility": fiche.civility if isinstance(fiche, Guardian) else None,
        "last_name": fiche.last_name,
        "first_name": fiche.first_name,
        "siecle_id": fiche.shown_key,
        "legal_rank": min(ranks) if ranks else None,
        "divisions": sorted({child.division for child in entry.children if child.division and child.present}),
        "students": [child.name for child in entry.children],
        "email": account.email or fiche.email,
        "account_kept": fiche.account_kept,
        "created_at": account.created_at,
        "notified_at": account.notified_at,
        "activated_at": account.activated_at,
        "last_login_at": account.last_login_at,
        "expires_on": account.expires_on,
    }


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


@click.command()
@json_option
@pass_installation
def expire(installation: Installation, as_json: bool) -> None:
    """Effacer les comptes que personne n'a activés en trois mois ; pour cron."""
    erased = expire_due(installation.database, installation.now, installation.today, COMMAND)
    answer(as_json, {"erased": erased}, [f"{erased} {agreed(erased, 'compte effacé', 'comptes effacés')}."])


@click.command()
@json_option
@pass_installation
def daily(installation: Installation, as_json: bool) -> None:
    """Faire le travail de chaque jour : effacements, ménage ; pour cron, sans le travail de fond."""
    run_daily(installation.database, installation.settings, installation.now)
    answer(as_json, {"done": True}, ["Le travail du jour est fait."])
