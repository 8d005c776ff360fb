"""The CSV of the accounts of a school, against Flask-Admin's own export of the same columns."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from admin_app.ui.labels import word
from shared.database import Database
from shared.models.accounts import Account
from shared.models.school import Guardian, Guardianship, Student
from tests.admin.browser import Browser
from tests.benchmarks.measuring import Target, empty_databases, report, seconds
from tests.benchmarks.screens import work_there

ROUNDS = 9
TARGET = Target(1.5)


def run() -> None:
    """Print the figures of both databases."""
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
            if kind in databases:
                measure(kind, databases[kind], Path(folder))


def measure(kind: str, database: Database, folder: Path) -> None:
    """In turns, through HTTP."""
    browser, _fiche = work_there(database, 1, folder)
    with database.reading() as session:
        theirs = flask_admin(session).test_client()
        ours, plain = [], []
        for _ in range(ROUNDS + 1):
            ours.append(1000 * seconds(lambda: export(browser)))
            plain.append(1000 * seconds(lambda: export_plainly(theirs)))
            session.expire_all()
    report(f"CSV of a school, {kind}", ours[1:], plain[1:], "Flask-Admin's own export", TARGET, unit="ms")


def export(browser: Browser) -> None:
    """The file of staff, with its line in the journal."""
    answer = browser.post(
        "/responsables/exports/", {"fichier": "comptes", "format": "csv"}, on="/responsables/exports/"
    )
    assert answer.data.count(b"\n") > 900, answer.status_code


def export_plainly(client: Any) -> None:
    """The same of Flask-Admin."""
    answer = client.get("/admin/guardian/export/csv/")
    assert answer.data.count(b"\n") > 900, answer.status_code


def flask_admin(session: Session) -> Flask:
    """A bare application with one view, which reads what it shows in as few queries as it can."""

    def students(_view: Any, _context: Any, model: Guardian, _name: str) -> str:
        return ", ".join(f"{one.student.full_name} ({one.student.division.code})" for one in model.guardianships)

    def of_account(_view: Any, _context: Any, model: Guardian, name: str) -> Any:
        value = getattr(accounts[model.account_id], name)
        return word(value) if name == "state" else value

    accounts = {one.id: one for one in session.scalars(select(Account))}
    of_accounts = ("identifier", "state", "email", "created_at", "notified_at", "first_login_at", "activated_at")
    dates = ("last_login_at", "expires_on", "email_verified_at")

    class Guardians(ModelView):
        can_export, export_max_rows, page_size = True, 0, 0
        column_list = (*of_accounts, *dates, "civility", "last_name", "first_name", "account_kept", "students", "ranks")
        column_formatters_export = {  # noqa: RUF012
            **dict.fromkeys((*of_accounts, *dates), of_account),
            "students": students,
            "ranks": lambda _v, _c, model, _n: min(one.legal_rank or 9 for one in model.guardianships),
        }

        def get_query(self) -> Any:
            accounts.update({one.id: one for one in session.scalars(select(Account))})
            tied = selectinload(Guardian.guardianships).joinedload(Guardianship.student)
            return session.query(Guardian).options(tied.joinedload(Student.division))

    app = Flask("bare")
    app.secret_key = "k" * 32
    app.config["PROPAGATE_EXCEPTIONS"] = True
    Admin(app).add_view(Guardians(Guardian, session))
    return app


if __name__ == "__main__":
    run()
