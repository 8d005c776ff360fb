"""What is new in the application, in the words of those who use it, for those to whom it opens.

An entry is added at the end, under the next number, when something appears that staff can see; the change log has all
the rest. Numbers are kept in the table of staff: none is given twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from admin_app.access import Need, Requirement, is_open
from shared.models.staff import Staff, Tab


@dataclass(frozen=True)
class Entry:
    """One novelty."""

    number: int
    since: date
    need: Requirement
    """To whom it is told: whoever may open it."""
    title: str
    text: str
    place: str | None = None
    """The view that it leads to, by its name in `url_for`."""


ENTRIES = (
    Entry(
        1,
        date(2026, 11, 1),
        Need.ESTABLISHMENT,
        "« À faire », sur l'accueil",
        "La rentrée étape par étape, chacune avec son état et le lien vers la bonne page.",
        "admin",
    ),
    Entry(
        2,
        date(2026, 11, 1),
        Need.ACCOUNTS,
        "Une seule recherche, en haut de chaque page",
        "Un bout de nom, le prénom d'un enfant, une division, un téléphone, dans n'importe quel ordre. La touche « / » "
        "y mène.",
        "search",
    ),
    Entry(
        3,
        date(2026, 11, 8),
        Tab.DUPLICATES,
        "Les doublons se traitent jusqu'au bout",
        "Les deux fiches côte à côte, au clavier si l'on veut, et chaque décision s'annule. La recherche apprend de "
        "votre base ce qui est rare et ce qui est courant.",
        "duplicates",
    ),
    Entry(
        4,
        date(2026, 11, 8),
        Tab.GUARDIANS,
        "« Notifier en masse » montre les divisions par niveau",
        "Chacune avec le nombre de comptes qu'elle sélectionne, et la division suivante à un clic.",
        "guardian_notifying",
    ),
    Entry(
        5,
        date(2026, 11, 15),
        Tab.GUARDIANS,
        "Des coupons à remettre en classe",
        "Huit par page, division par division, avec le carré à photographier qui ouvre le portail.",
        "guardian_notifying",
    ),
    Entry(
        6,
        date(2026, 11, 15),
        Tab.STATISTICS,
        "Des statistiques qui tiennent sur un écran",
        "Le taux d'activation de chaque division, la courbe, la comparaison avec l'an dernier et avec l'académie.",
        "statistics",
    ),
    Entry(
        7,
        date(2026, 11, 22),
        Tab.SETTINGS,
        "Les courriers s'écrivent sans balises",
        "Gras, titres, listes et variables par des boutons, et le courrier à côté pendant que vous tapez.",
        "letters",
    ),
    Entry(
        8,
        date(2026, 11, 22),
        Need.ACCOUNTS,
        "Trier la liste des comptes, et agir sur plusieurs",
        "Un clic sur le titre d'une colonne la trie ; cochez des lignes pour les notifier ou les exporter.",
        "guardian_accounts",
    ),
    Entry(
        9,
        date(2026, 11, 22),
        Need.ACADEMY,
        "Le tableau de bord de l'académie",
        "Tous les établissements sur une page : imports, comptes, notifications, doublons, échecs.",
        "academy_figures",
    ),
    Entry(
        10,
        date(2026, 11, 29),
        Need.HELP_DESK,
        "L'assistance",
        "Qui répond aux familles trouve leur compte dans toute l'académie, dit où il en est, et le débloque. Rien "
        "d'autre ne lui est ouvert.",
        "help_desk",
    ),
)
LAST = ENTRIES[-1].number


def entries_for_visitor() -> Sequence[Entry]:
    """What is told to the visitor, newest first."""
    return [entry for entry in reversed(ENTRIES) if is_open(entry.need)]


def is_new(entry: Entry, staff: Staff) -> bool:
    """Whether `staff` has not marked it as read; nothing is new to whoever came after it."""
    if staff.news_seen is not None:
        return entry.number > staff.news_seen
    return entry.since >= staff.created_at.date()


def count_new(staff: Staff) -> int:
    """How many entries that open to the visitor, who is `staff`, are new."""
    return sum(is_new(entry, staff) and is_open(entry.need) for entry in ENTRIES)
