"""A letter to an invented family: « Visualiser le courrier » shows what will be printed before anything is (R20)."""

from datetime import date

from sqlalchemy.orm import Session

from shared.accounts.states import expiry_date
from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.notifications.letters import letters_html
from shared.notifications.notices import Child, Notice, Text
from shared.notifications.schools import schools

SAMPLE_PASSWORD = "abcd-2346-wxyz"  # noqa: S105 - it opens nothing


def sample_letter_html(session: Session, establishment_id: int, settings: Settings, today: date) -> str:
    """The letter of a new account, one page, under the letterhead of the establishment."""
    notice = Notice(
        id=0,
        account_id=0,
        establishment_id=establishment_id,
        recipient=None,
        position=1,
        text=Text.NEW_ACCOUNT,
        kind=AccountKind.GUARDIAN,
        civility="Madame",
        name="Camille EXEMPLE",
        address=("Résidence des Lilas", "12 rue de l'Exemple", "97400 SAINT-DENIS"),
        identifier="c.exemple",
        initial_password=SAMPLE_PASSWORD,
        children=(Child("Léo EXEMPLE", "6A"), Child("Zoé EXEMPLE", "3B")),
        deadline=expiry_date(today),
    )
    return letters_html([notice], schools(session, [establishment_id]), settings, today)
