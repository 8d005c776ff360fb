"""Families to notify, families that come in, and two schools with their heads: written by the code of the release.

Run as a program, with the code of that release before ours on the path: what it knows of its tables is what counts.
It uses of `tests.factories` what has been there since the oldest release that is upgraded in a test.
"""

import sys

from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from tests.factories import (
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_staff,
    make_student,
)

NOTIFYING, IMPORTING = "9740001A", "9740002B"
"""The school that notifies, and the one that imports."""
TO_NOTIFY = "famille"
"""How the addresses of the families to notify begin."""
HEADS = {NOTIFYING: "chef.a", IMPORTING: "chef.b"}


def fill(database: Database, sealer: Sealer, parents: int, divisions: int, mails: int) -> None:
    """`parents` who have a password, and `divisions` of `mails` families each that no mail told yet."""
    with database.writing() as session:
        for uai, login in HEADS.items():
            school = make_establishment(session, uai, f"Collège {uai}")
            school.head_civility, school.head_name = "M.", "Jean HOARAU"
            make_staff(session, login, school)
            if uai == IMPORTING:
                continue
            told = make_division(session, school, "TOUS")
            for number in range(parents):
                make_account(
                    session, f"p.nom{number}", make_guardian(session, school, make_student(session, school, told))
                )
            for number in range(divisions * mails):
                if number % mails == 0:
                    division = make_division(session, school, f"D{number // mails}")
                guardian = make_guardian(
                    session, school, make_student(session, school, division), email=f"{TO_NOTIFY}{number}@example.org"
                )
                make_account(session, f"f.nom{number}", guardian, state=AccountState.NOT_NOTIFIED, sealer=sealer)


if __name__ == "__main__":
    settings = Settings()
    fill(Database(settings.database), Sealer(settings.initial_password_keys), *map(int, sys.argv[1:]))
