"""The `demo` command."""

import shutil
import sys

import click

from shared.cli.installation import Installation, answer, json_option, pass_installation, uai_option
from shared.cli.preparing import prepare_database
from shared.cli.school.importing import report_lines
from shared.config import Settings
from shared.demo.school import DemoSchool, make_demo_school
from shared.demo.secrets import keep_demo_secrets


@click.command()
@click.option("--students", type=int, default=300, show_default=True, metavar="N", help="Élèves par établissement.")
@uai_option(required=False)
@json_option
@pass_installation
def demo(installation: Installation, students: int, uai: str | None, as_json: bool) -> None:
    """Préparer une démonstration : deux établissements inventés, importés, et leurs personnels."""
    keep_demo_secrets(Settings().var_dir)
    settings = installation.settings
    prepare_database(installation)
    folder = settings.var_dir / "siecle"
    shutil.rmtree(folder, ignore_errors=True)
    schools = make_demo_school(installation.database, folder, students=students, uai=uai, now=installation.now)
    answer(as_json, {"schools": [_as_json(school) for school in schools]}, _in_words(schools))


def _as_json(school: DemoSchool) -> dict[str, object]:
    return {
        "uai": school.written.uai,
        "name": school.written.name,
        "files": [str(file) for file in school.written.files],
        "import": school.report.as_json(),
        "staff": [{"login": login, "role": role, "password": password} for login, role, password in school.logins],
    }


def _in_words(schools: list[DemoSchool]) -> list[str]:
    lines = []
    for school in schools:
        lines += [*report_lines(school.report)[:5], f"  fichiers SIECLE : {school.written.folder}", ""]
    lines.append("Personnels (mot de passe à changer à la première connexion) :")
    for school in schools:
        for login, role, password in school.logins:
            lines.append(f"  {login:<10} {password or '(mot de passe déjà donné)':<22} {role}")
    lines += [
        "L'administrateur de l'académie installe une double authentification à sa première connexion. Sans téléphone, "
        "la clé affichée sous le QR code donne un code ainsi :",
        f"  {sys.executable} -c \"import pyotp; print(pyotp.TOTP(input('Clé : ').replace(' ', '')).now())\"",
        "Le chef d'établissement n'en a pas besoin.",
    ]
    return lines
