"""The fiches whose letters came back as a sheet, for whoever corrects the school base."""

from collections.abc import Iterator

from shared.accounts.directory.corrections import Correction, fiches_to_correct
from shared.accounts.populations import Register
from shared.models.accounts import AccountKind
from shared.notifications.content.addresses import postal_lines
from shared.spreadsheets import Sheet, Value

ROWS_AT_ONCE = 500
_KEYS = {AccountKind.GUARDIAN: "PERSONNE_ID", AccountKind.STUDENT: "ELEVE_ID"}


def returned_sheet(register: Register) -> Sheet:
    """By name; two queries for each page of them."""
    header = (
        _KEYS[register.population.kind],
        "Nom",
        "Prénom",
        "Adresse en échec",
        "Élèves",
        "Téléphone",
        "Portable",
        "Courriel",
    )
    return Sheet(header, _rows(register))


def _rows(register: Register) -> Iterator[list[Value]]:
    after = ""
    while page := fiches_to_correct(register, Correction.RETURNED, after=after, limit=ROWS_AT_ONCE):
        for line in page:
            fiche = line.fiche
            children = ", ".join(f"{child.name} ({child.division or 'sans division'})" for child in line.children)
            names = [fiche.shown_key, fiche.last_name, fiche.first_name, ", ".join(postal_lines(fiche))]
            yield [*names, children, fiche.home_phone, fiche.mobile_phone, fiche.email]
        after = page[-1].key
