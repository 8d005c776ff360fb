"""The school of `teleservices demo`, small, with one family that comes from the other school."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from shared.clock import now
from shared.database import Database
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student
from tests.browser.installation import RunningInstallation
from tests.factories import make_guardian, make_student

STUDENTS = 60


@dataclass(frozen=True)
class Demonstration:
    """The school of « chef1 », running, before anybody logged in."""

    installation: RunningInstallation
    uai: str
    email: str
    password: str
    files: list[Path]
    arrived: str
    """The division of a student whose guardian has an account since the school before."""

    def accounts(self, *options: str) -> list[dict[str, Any]]:
        """Those of the guardians, with what staff may know of each."""
        listed: list[dict[str, Any]] = self.installation.command("accounts", "--uai", self.uai, *options)["accounts"]
        return listed

    def elsewhere(self, accounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that a notification of the division of the family that arrived leaves alone, and that nobody shares."""
        names = Counter((account["last_name"], account["first_name"]) for account in accounts)
        return [
            account
            for account in accounts
            if self.arrived not in account["divisions"] and names[account["last_name"], account["first_name"]] == 1
        ]

    def duplicates(self) -> list[dict[str, Any]]:
        """The likely ones that nobody treated yet."""
        pairs: list[dict[str, Any]] = self.installation.command("duplicates", "--uai", self.uai)["pairs"]
        return pairs


def demonstrate(installation: RunningInstallation, database_url: str) -> Demonstration:
    """Make the two schools, give an account to a family of the second, and let it move to the first."""
    first, second = installation.command("demo", "--students", str(STUDENTS))["schools"]
    database = Database(database_url)
    division, left = _send_a_child_before(database, first["uai"], second["uai"])
    installation.command("generate-accounts", "--uai", second["uai"])
    with database.writing() as session:
        session.get_one(Student, left).left_on = now().date() - timedelta(days=1)
        school = session.scalars(select(Establishment).where(Establishment.uai == first["uai"])).one()
        email = school.email or ""
    database.dispose()
    installation.start()
    head = next(person for person in first["staff"] if person["login"] == "chef1")
    return Demonstration(
        installation, first["uai"], email, head["password"], [Path(file) for file in first["files"]], division
    )


def _send_a_child_before(database: Database, uai: str, before: str) -> tuple[str, int]:
    """Enter a student of the school in the one before, with one guardian; the division now, the student of then."""
    with database.writing() as session:
        here, there = (
            session.scalars(select(Establishment).where(Establishment.uai == one)).one() for one in (uai, before)
        )
        legal = select(Guardian, Student, Division.code).join(Guardianship, Guardianship.guardian_id == Guardian.id)
        legal = legal.join(Student, Student.id == Guardianship.student_id)
        legal = legal.join(Division, Division.id == Student.division_id).order_by(Student.id, Guardian.id)
        legal = legal.where(Guardianship.legal_rank == 1, Student.establishment_id == here.id)
        guardian, student, division = session.execute(legal.limit(1)).one()
        names = {"last_name": student.family_name, "first_name": student.first_name}
        then = make_student(session, there, ine=student.ine, birth_date=student.birth_date, **names)
        make_guardian(session, there, then, last_name=guardian.family_name, first_name=guardian.first_name)
        return division, then.id
