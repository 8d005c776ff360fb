"""Whom an establishment wants told of new likely duplicates: its staff, one address, or nobody (R14)."""

from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.emails import EmailInvalid, normal_email
from shared.establishments.settings import SettingProblem, SettingRefused
from shared.models.duplicates import AlertRecipient, DuplicatesAlert
from shared.models.journal import Action
from shared.rows.editing import ChangedMeanwhile, save_or_add


def alert_of(session: Session, establishment_id: int) -> DuplicatesAlert:
    """What the establishment chose; its staff are told as long as it chose nothing."""
    chosen = session.get(DuplicatesAlert, establishment_id, populate_existing=True)
    return chosen or DuplicatesAlert(establishment_id=establishment_id, sent_to=AlertRecipient.STAFF, version=0)


def set_alert(desk: Desk, sent_to: AlertRecipient, email: str, *, version: int) -> DuplicatesAlert:
    """Choose whom the next mails go to; `email` counts only when they go to an address.

    Raises:
        SettingRefused: the address is none, or somebody else chose since `version` was read.
    """
    try:
        address = normal_email(email) if sent_to is AlertRecipient.ADDRESS else None
        key, values = {"establishment_id": desk.establishment_id}, {"sent_to": sent_to, "email": address}
        save_or_add(desk.session, DuplicatesAlert, key, version, values)
    except EmailInvalid:
        raise SettingRefused(SettingProblem.EMAIL_INVALID) from None
    except ChangedMeanwhile:
        raise SettingRefused(SettingProblem.CHANGED_MEANWHILE) from None
    details = {"sent_to": sent_to.value}
    desk.note(
        Action.DUPLICATES_ALERT_CHANGED,
        details=details,
    )
    return alert_of(desk.session, desk.establishment_id)
