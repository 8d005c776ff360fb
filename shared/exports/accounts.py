"""The accounts and the fiches of an establishment as sheets: read by pages, so that memory stays flat."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, cast

from sqlalchemy import func, select

from shared.accounts.directory.listing import Child, Entry, Filters, children_of, page_of_accounts
from shared.accounts.populations import Fiche, Register
from shared.models.school import Guardian
from shared.notifications.content.addresses import mail_address
from shared.spreadsheets import Sheet, Value

ROWS_AT_ONCE = 500

Columns = Sequence[tuple[str, Callable[[Entry], Value]]]


def accounts_sheet(register: Register, filters: Filters) -> Sheet:
    """Everything staff know of the accounts that `filters` keep, by name; never a password."""
    return _sheet(_EVERYTHING, every_account(register, filters))


def ent_sheet(register: Register, filters: Filters) -> Sheet:
    """The accounts in the columns that ENT software imports: one line an account, with its present students."""
    return _sheet(_FOR_ENT, every_account(register, filters))


def every_account(register: Register, filters: Filters) -> Iterator[Entry]:
    """The accounts that `filters` keep, by name, each once, with the students of all its fiches.

    A few queries for each page of them.
    """
    after, with_several_fiches = "", set[int]()
    while page := page_of_accounts(register, filters, after=after, limit=ROWS_AT_ONCE):
        shared_accounts = _children_of_several_fiches(register, page)
        for entry in page:
            if entry.account.id not in shared_accounts:
                yield entry
            elif entry.account.id not in with_several_fiches:
                with_several_fiches.add(entry.account.id)
                yield replace(entry, children=shared_accounts[entry.account.id])
        after = page[-1].key


def _children_of_several_fiches(register: Register, page: Sequence[Entry]) -> dict[int, list[Child]]:
    """The students of each account of the page that several fiches share, as after a merge by the parent."""
    session, fiche = register.session, cast(Any, register.population.fiche)
    of_page = fiche.account_id.in_([entry.account.id for entry in page])
    held = select(fiche.account_id).where(fiche.establishment_id == register.establishment_id, of_page)
    shared_accounts = session.scalars(held.group_by(fiche.account_id).having(func.count() > 1)).all()
    if not shared_accounts:
        return {}
    several: dict[int, list[Fiche]] = {}
    of_several = fiche.account_id.in_(shared_accounts)
    for one in session.scalars(select(fiche).where(fiche.establishment_id == register.establishment_id, of_several)):
        several.setdefault(one.account_id, []).append(one)
    children = children_of(session, list(chain(*several.values())), register.today)
    return {
        account_id: list(dict.fromkeys(chain(*(children.get(one.id, []) for one in those))))
        for account_id, those in several.items()
    }


def _sheet(columns: Columns, entries: Iterator[Entry]) -> Sheet:
    return Sheet(
        header=[title for title, _ in columns],
        rows=([value_of(entry) for _, value_of in columns] for entry in entries),
    )


def _civility(entry: Entry) -> str | None:
    return entry.fiche.civility if isinstance(entry.fiche, Guardian) else None


def _rank(entry: Entry) -> str:
    ranks = [child.legal_rank for child in entry.children if child.legal_rank]
    return f"Légal {min(ranks)}" if ranks else ""


def _present(entry: Entry) -> list[Child]:
    return [child for child in entry.children if child.present]


def _students(entry: Entry) -> str:
    # Two fiches of one person may lead to the same child.
    named = (f"{child.name} ({child.division or 'sans division'})" for child in _present(entry))
    return ", ".join(dict.fromkeys(named))


def _divisions(entry: Entry) -> str:
    return ", ".join(sorted({child.division for child in _present(entry) if child.division}))


def _email(entry: Entry) -> str | None:
    account = entry.account
    return mail_address(account.email, account.email_verified_at, entry.fiche.email)


_EVERYTHING: Columns = (
    ("Identifiant", lambda entry: entry.account.identifier),
    ("État", lambda entry: entry.account.state),
    ("Civilité", _civility),
    ("Nom", lambda entry: entry.fiche.last_name),
    ("Prénom", lambda entry: entry.fiche.first_name),
    ("Qualité", _rank),
    ("Élèves", _students),
    ("Divisions", _divisions),
    ("Courriel du compte", lambda entry: entry.account.email),
    ("Courriel confirmé", lambda entry: entry.account.email_verified_at is not None),
    ("Courriel de la base élèves", lambda entry: entry.fiche.email),
    ("Compte conservé", lambda entry: entry.fiche.account_kept),
    ("Généré le", lambda entry: entry.account.created_at),
    ("Notifié le", lambda entry: entry.account.notified_at),
    ("Première connexion", lambda entry: entry.account.first_login_at),
    ("Activé le", lambda entry: entry.account.activated_at),
    ("Dernière connexion", lambda entry: entry.account.last_login_at),
    ("Effacé le, sans activation", lambda entry: entry.account.expires_on),
)
_FOR_ENT: Columns = (
    ("Identifiant", lambda entry: entry.account.identifier),
    ("Civilité", _civility),
    ("Nom", lambda entry: entry.fiche.last_name),
    ("Prénom", lambda entry: entry.fiche.first_name),
    ("Élèves", _students),
    ("Courriel", _email),
    ("État", lambda entry: entry.account.state),
)
