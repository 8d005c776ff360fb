"""Whom an establishment wants told of new likely duplicates: its staff, one address, or nobody (R14)."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.editing import ChangedMeanwhile, save_or_add
from shared.emails import EmailInvalid, normal_email
from shared.establishments.settings import SettingProblem, SettingRefused
from shared.journal import Actor, record
from shared.models.duplicates import AlertRecipient, DuplicatesAlert
from shared.models.journal import Action


def alert_of(session: Session, establishment_id: int) -> DuplicatesAlert:
    """What the establishment chose; its staff are told as long as it chose nothing."""
    chosen = session.get(DuplicatesAlert, establishment_id, populate_existing=True)
    return chosen or DuplicatesAlert(establishment_id=establishment_id, sent_to=AlertRecipient.STAFF, version=0)


def set_alert(
    session: Session,
    establishment_id: int,
    sent_to: AlertRecipient,
    email: str,
    *,
    version: int,
    now: datetime,
    actor: Actor,
) -> DuplicatesAlert:
    """Choose whom the next mails go to; `email` counts only when they go to an address.

    Raises:
        SettingRefused: the address is none, or somebody else chose since `version` was read.
    """
    try:
        address = normal_email(email) if sent_to is AlertRecipient.ADDRESS else None
        key, values = {"establishment_id": establishment_id}, {"sent_to": sent_to, "email": address}
        save_or_add(session, DuplicatesAlert, key, version, values)
    except EmailInvalid:
        raise SettingRefused(SettingProblem.EMAIL_INVALID) from None
    except ChangedMeanwhile:
        raise SettingRefused(SettingProblem.CHANGED_MEANWHILE) from None
    details = {"sent_to": sent_to.value}
    record(session, Action.DUPLICATES_ALERT_CHANGED, actor, now, establishment_id=establishment_id, details=details)
    return alert_of(session, establishment_id)
