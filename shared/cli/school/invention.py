"""The command `make-siecle`."""

from pathlib import Path

import click

from shared.cli.installation import answer, json_option
from shared.french import agreed
from shared.siecle.invented import Invention, write_schools


@click.command("make-siecle")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--students", type=int, required=True, metavar="N", help="Élèves par établissement.")
@click.option("--establishments", type=int, default=1, show_default=True, metavar="K", help="Nombre d'établissements.")
@click.option("--duplicates", type=float, default=0.1, show_default=True, metavar="TAUX", help="De 0 à 1.")
@click.option("--seed", type=int, default=1, show_default=True, help="Le même nombre donne les mêmes écoles.")
@click.option(
    "--dialect", type=click.Choice(["2017", "2019"]), default="2019", show_default=True, help="Forme des fichiers."
)
@json_option
def make_siecle(
    directory: Path, students: int, establishments: int, duplicates: float, seed: int, dialect: str, as_json: bool
) -> None:
    """Écrire dans DIRECTORY les exports SIECLE d'établissements inventés."""
    schools = write_schools(
        directory,
        Invention(
            students=students,
            establishments=establishments,
            duplicates=duplicates,
            seed=seed,
            dialect="2017" if dialect == "2017" else "2019",
        ),
    )
    result = {
        "schools": [
            {
                "uai": school.uai,
                "name": school.name,
                "folder": str(school.folder),
                "files": [str(file) for file in school.files],
                "counts": school.counts,
            }
            for school in schools
        ]
    }
    lines = []
    for school in schools:
        students = school.counts["students"]
        lines.append(f"{school.uai}  {school.name} : {students} {agreed(students, 'élève')}, {school.folder}")
    answer(as_json, result, lines)
