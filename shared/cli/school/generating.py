"""The command `generate-accounts`."""

import click

from shared.accounts.directory.generation import generate_accounts as generate
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.cli.installation import (
    Installation,
    answer,
    desk_of,
    establishment_id,
    json_option,
    pass_installation,
    uai_option,
)
from shared.duplicates.pairs.queries import count_untreated
from shared.french import agreed
from shared.siecle.effects.unaccompanied import count_without_legal_guardian, said_of


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
        desk = desk_of(installation, session, uai)
        generated = generate(desk, STUDENTS if students else GUARDIANS, installation.sealer)
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
