"""The `demo` command."""

import shutil
import sys

import click

from shared.cli.installation import Installation, answer, json_option, pass_installation, uai_option
from shared.cli.preparing import prepare_database
from shared.cli.school.importing import report_lines
from shared.config import Settings
from shared.demo.lemonldap import PACKAGES, is_installed
from shared.demo.school import DemoSchool, make_demo_school
from shared.demo.secrets import keep_demo_secrets
from shared.demo.servers import FIRST_PORT, Places
from shared.demo.sso import Sso, prepare_sso


@click.command()
@click.option("--students", type=int, default=300, show_default=True, metavar="N", help="Élèves par établissement.")
@uai_option(required=False)
@click.option("--sso", is_flag=True, help="Raccorder aussi LemonLDAP::NG, un ENT et un téléservice (docs/sso.md).")
@click.option("--sso-port", type=int, default=FIRST_PORT, show_default=True, help="Le premier de leurs trois ports.")
@json_option
@pass_installation
def demo(installation: Installation, students: int, uai: str | None, sso: bool, sso_port: int, as_json: bool) -> None:
    """Préparer une démonstration : deux établissements inventés, importés, et leurs personnels."""
    if sso and not is_installed():
        raise click.ClickException(f"LemonLDAP::NG n'est pas installé : apt install {PACKAGES}")
    keep_demo_secrets(Settings().var_dir)
    settings = installation.settings
    prepare_database(installation)
    folder = settings.var_dir / "siecle"
    shutil.rmtree(folder, ignore_errors=True)
    schools = make_demo_school(installation.database, folder, students=students, uai=uai, now=installation.now)
    said: dict[str, object] = {"schools": [_as_json(school) for school in schools]}
    lines = _in_words(schools)
    if sso:
        uais = [school.written.uai for school in schools]
        made = prepare_sso(installation.database, settings, uais, Places(sso_port), installation.now)
        said["parents"] = [vars(parent) for parent in made.parents]
        lines += _of_sso(made, uais[0])
    answer(as_json, said, lines)


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
        "L'administrateur de l'académie et l'assistance installent une double authentification à leur première "
        "connexion. Sans téléphone, la clé affichée sous le QR code donne un code ainsi :",
        f"  {sys.executable} -c \"import pyotp; print(pyotp.TOTP(input('Clé : ').replace(' ', '')).now())\"",
        "Le chef d'établissement n'en a pas besoin.",
    ]
    return lines


def _of_sso(made: Sso, uai: str) -> list[str]:
    lines = [
        "",
        "Authentification (docs/sso.md, « Un essai complet ») :",
        f"  {made.places.academy}  portail de l'académie : dwho dirige {uai}, rtyler en a une délégation,",
        "                         msmith n'a rien ; le mot de passe de chacun est son nom",
        f"  {made.places.ent}  ENT : on y entre par le portail des familles",
        f"  {made.places.service}  téléservice : de même",
    ]
    lines += [
        f"  parent : {parent.identifier}, mot de passe provisoire {parent.password} ({parent.children} enfants ici)"
        for parent in made.parents
    ]
    return lines
