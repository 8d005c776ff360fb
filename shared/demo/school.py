"""The school of a demonstration: SIECLE files on disk, imported as staff would."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.acting.desk import Act, Desk
from shared.database import Database
from shared.establishments.ent import set_ent
from shared.establishments.ent_links import add_ent_link, ent_links
from shared.establishments.links import add_link, links_of
from shared.establishments.settings import set_contact, set_welcome_message, settings_of
from shared.journal import COMMAND
from shared.models.school import Establishment
from shared.models.staff import StaffRoleKind
from shared.models.teleservices import LetterType
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from shared.siecle.invented import Invention, WrittenSchool, write_schools
from shared.siecle.report import ImportReport
from shared.staff.creation import NewStaff, StaffRefused, create_staff
from shared.staff.handover import Drawn, draw_password

WELCOME = (
    "<p>Bienvenue dans les téléservices de notre établissement.</p>"
    "<p>Vous pouvez vérifier vos coordonnées dans la <strong>fiche de renseignements</strong>, demander une bourse et "
    "suivre la scolarité de votre enfant.</p>"
)
LINKS = (
    ("Créer une adresse e-mail", "https://www.laposte.net/"),
    ("Le site de l'académie", "https://www.ac-reunion.fr/"),
)
OF_ALL_SCHOOLS = (
    (NewStaff("academie", StaffRoleKind.ACADEMY), "administrateur de l'académie"),
    (NewStaff("assistance", StaffRoleKind.HELP_DESK), "assistance de tous les établissements : trouve et débloque"),
)
METICE = ("METICE", "https://metice.ac-reunion.fr")


@dataclass(frozen=True)
class DemoSchool:
    """What was made: the files, what the import said, and the logins drawn."""

    written: WrittenSchool
    report: ImportReport
    logins: Sequence[tuple[str, str, str]]
    """Login, what it may do, and its password; empty for a login that existed before."""


def make_demo_school(
    database: Database, folder: Path, *, students: int, uai: str | None, now: datetime
) -> list[DemoSchool]:
    """Write two invented schools with families in common, import them, set them up and create their staff.

    An edge: it commits. Running it again imports the same files again, and creates nobody twice.

    Raises:
        InventionRefused: the number of students or the UAI cannot be.
    """
    written = write_schools(folder, Invention(students=students, establishments=2, uai=uai))
    reports = [
        import_files(
            database,
            school.files,
            # They are invented: what they lose, and when they say to be of, hurts nobody.
            Asked(actor=COMMAND, now=now, uai=school.uai, accept_older=True, accept_losses=True),
        )
        for school in written
    ]
    schools = []
    for number, (school, report) in enumerate(zip(written, reports, strict=True), start=1):
        wanted = [(NewStaff(f"chef{number}", StaffRoleKind.HEAD, school.uai), f"chef d'établissement {school.uai}")]
        if number == 1:
            wanted += OF_ALL_SCHOOLS
        drawn = [draw_password() for _ in wanted]
        with database.writing() as session:
            _set_up(session, school.uai, now)
            logins = [
                _create(session, staff, place, password, now)
                for (staff, place), password in zip(wanted, drawn, strict=True)
            ]
        schools.append(DemoSchool(school, report, logins))
    return schools


def _create(session: Session, wanted: NewStaff, place: str, drawn: Drawn, now: datetime) -> tuple[str, str, str]:
    try:
        create_staff(Act(session, COMMAND, now), wanted, drawn)
    except StaffRefused:
        return wanted.login, place, ""
    return wanted.login, place, drawn.password


def _set_up(session: Session, uai: str, now: datetime) -> None:
    establishment = session.scalars(select(Establishment).where(Establishment.uai == uai)).one()
    settings = settings_of(session, establishment.id)
    if settings.version:
        return
    desk = Desk(session, COMMAND, now, establishment.id, now.date())
    settings = set_welcome_message(desk, WELCOME, 0)
    [metice, *_] = ent_links(session) or [add_ent_link(desk, *METICE)]
    settings = set_ent(
        desk,
        letter_type=LetterType.MIXED,
        link_id=metice.id,
        version=settings.version,
    )
    if establishment.email:
        set_contact(
            desk,
            active=True,
            email=establishment.email,
            version=settings.version,
        )
    if not links_of(session, establishment.id):
        for label, address in LINKS:
            add_link(desk, label, address)
