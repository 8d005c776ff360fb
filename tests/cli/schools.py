"""What tests of files as schools send them ask of the command and of the school base."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from shared.database import Database
from shared.models.accounts import Account
from shared.models.school import Guardian, Guardianship, Student
from tests.cli.conftest import Command
from tests.siecle.written import UAI


def imported(run: Command, paths: Iterable[Path], *options: str) -> dict:
    answer = run("import", *paths, *options, "--json")
    assert answer.status == 0, answer.err
    return answer.json


def identifiers(run: Command, uai: str = UAI, *options: str) -> list[str]:
    run("generate-accounts", "--uai", uai, *options, "--json")
    return sorted(one["identifier"] for one in run("accounts", "--uai", uai, *options, "--json").json["accounts"])


def naming(report: dict, *words: str) -> list[str]:
    return [text for text in report["warnings"] if all(word in text for word in words)]


def holders(database: Database) -> dict[str, set[str]]:
    """Whose each account is, by the fiches that hold it."""
    with database.reading() as session:
        found: dict[str, set[str]] = {}
        for fiche in (Guardian, Student):
            for identifier, one in session.execute(
                select(Account.identifier, fiche).join(fiche, fiche.account_id == Account.id)
            ):
                found.setdefault(identifier, set()).add(f"{one.first_name} {one.family_name}")
        return found


def families(database: Database) -> set[tuple[str, str]]:
    """Whose child is whose, of those who are there."""
    with database.reading() as session:
        rows = session.execute(
            select(Guardian, Student)
            .join(Guardianship, Guardianship.guardian_id == Guardian.id)
            .join(Student, Student.id == Guardianship.student_id)
            .where(Guardianship.gone_at.is_(None), Guardian.gone_at.is_(None), Student.gone_at.is_(None))
        )
        return {(parent.first_name, child.first_name) for parent, child in rows}
