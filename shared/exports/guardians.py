"""The fiches of the responsables of an establishment as a sheet, with or without an account."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.directory.listing import Child, children_of
from shared.models.accounts import Account
from shared.models.school import Guardian
from shared.notifications.content.addresses import street_lines
from shared.rows.paging import by_name, name_key
from shared.spreadsheets import Sheet, Value

ROWS_AT_ONCE = 500
_HEADER = (
    "PERSONNE_ID",
    "Civilité",
    "Nom de famille",
    "Nom d'usage",
    "Prénom",
    "Élèves",
    "Courriel",
    "Téléphone",
    "Mobile",
    "Téléphone professionnel",
    "Adresse",
    "Code postal",
    "Ville",
    "Pays",
    "Nom à corriger",
    "Identifiant",
    "État du compte",
)


def guardians_sheet(session: Session, establishment_id: int, today: date) -> Sheet:
    """The fiches that the school base holds now, by name; two queries for each page of them."""
    return Sheet(_HEADER, _rows(session, establishment_id, today))


def _rows(session: Session, establishment_id: int, today: date) -> Iterator[list[Value]]:
    fiches = (
        select(Guardian, Account)
        .outerjoin(Account, Account.id == Guardian.account_id)
        .where(Guardian.establishment_id == establishment_id, Guardian.gone_at.is_(None))
    )
    after = ""
    while page := session.execute(by_name(fiches, Guardian, ROWS_AT_ONCE, after=after)).all():
        children = children_of(session, [guardian for guardian, _ in page], today)
        for guardian, account in page:
            yield _row(guardian, account, children.get(guardian.id, []))
        after = name_key(page[-1][0])


def _row(guardian: Guardian, account: Account | None, children: list[Child]) -> list[Value]:
    return [
        guardian.shown_key,
        guardian.civility,
        guardian.family_name,
        guardian.usage_name,
        guardian.first_name,
        ", ".join(_child(child) for child in children if child.present),
        guardian.email,
        guardian.home_phone,
        guardian.mobile_phone,
        guardian.work_phone,
        ", ".join(street_lines(guardian)),
        guardian.postal_code,
        guardian.city,
        guardian.country,
        guardian.name_flag,
        account.identifier if account else None,
        account.state if account else None,
    ]


def _child(child: Child) -> str:
    rank = f", Légal {child.legal_rank}" if child.legal_rank else ""
    return f"{child.name} ({child.division or 'sans division'}{rank})"
