"""The command `accounts`."""

from collections.abc import Iterator
from typing import Any

import click

from shared.accounts.directory.listing import Entry, Filters, page_of_accounts
from shared.accounts.populations import GUARDIANS, STUDENTS, Register
from shared.cli.installation import Installation, answer, establishment_id, json_option, pass_installation, uai_option
from shared.models.accounts import AccountState
from shared.models.school import Guardian

ROWS_AT_ONCE = 1_000
STATES = click.Choice([state.value for state in AccountState])


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
        register = Register(session, school, population, installation.today)
        listed = [_as_row(entry) for entry in _every_account(register, filters)]
    lines = [
        f"{row['identifier']:<24} {row['state']:<13} {row['last_name']} {row['first_name']}  "
        f"{', '.join(row['divisions'])}"
        for row in listed
    ]
    answer(as_json, {"accounts": listed}, lines)


def _every_account(register: Register, filters: Filters) -> Iterator[Entry]:
    after = ""
    while page := page_of_accounts(register, filters, after=after, limit=ROWS_AT_ONCE):
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
