"""`create-staff`, `reset-staff`: who may log in to the back office."""

import click

from shared.acting.desk import Act
from shared.cli.installation import Installation, answer, json_option, pass_installation, uai_option
from shared.journal import COMMAND
from shared.models.staff import StaffRoleKind
from shared.staff.creation import NewStaff
from shared.staff.creation import create_staff as create
from shared.staff.handover import draw_password
from shared.staff.lost_access import reset_staff as reset


@click.command("create-staff")
@click.option("--login", required=True, help="Identifiant de connexion.")
@click.option(
    "--role",
    type=click.Choice([one.value for one in (StaffRoleKind.HEAD, StaffRoleKind.ACADEMY, StaffRoleKind.HELP_DESK)]),
    required=True,
    help="Chef d'établissement (head), administrateur d'académie (academy) ou assistance (help_desk), de toute "
    "l'académie, ou d'un établissement avec --uai.",
)
@uai_option(required=False)
@click.option("--name", default="", help="Nom et prénom, tels que le journal les montrera.")
@click.option("--email", default=None, help="Adresse e-mail, où partent les avis sur cet accès (nouvel appareil).")
@json_option
@pass_installation
def create_staff(
    installation: Installation, login: str, role: str, uai: str | None, name: str, email: str | None, as_json: bool
) -> None:
    """Créer un chef d'établissement (head), un administrateur d'académie (academy), ou l'assistance (help_desk).

    Un identifiant qui existe déjà reçoit un nouveau mot de passe, et sa double authentification est retirée.
    """
    installation.settings.require_secrets()
    drawn = draw_password()
    with installation.database.writing() as session:
        create(Act(session, COMMAND, installation.now), NewStaff(login, StaffRoleKind(role), uai, name, email), drawn)
    lines = [f"Identifiant : {login}", f"Mot de passe, à changer à la première connexion : {drawn.password}"]
    answer(as_json, {"login": login, "password": drawn.password}, lines)


@click.command("reset-staff")
@click.option("--login", required=True, help="Identifiant de connexion.")
@json_option
@pass_installation
def reset_staff(installation: Installation, login: str, as_json: bool) -> None:
    """Rendre son accès à un personnel : nouveau mot de passe, double authentification retirée, accès rouvert."""
    installation.settings.require_secrets()
    drawn = draw_password()
    with installation.database.writing() as session:
        reset(Act(session, COMMAND, installation.now), login, drawn)
    lines = [
        f"Identifiant : {login}",
        f"Mot de passe, à changer à la première connexion : {drawn.password}",
        "La double authentification est retirée : un administrateur d'académie la réinstallera en se connectant.",
    ]
    answer(as_json, {"login": login, "password": drawn.password}, lines)
