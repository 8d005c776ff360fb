"""Whom an establishment wants told of new likely duplicates: its staff, one address, or nobody (R14)."""

from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

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
    alert = alert_of(session, establishment_id)
    if alert.version != version:
        raise SettingRefused(SettingProblem.CHANGED_MEANWHILE)
    try:
        alert.email = normal_email(email) if sent_to is AlertRecipient.ADDRESS else None
    except EmailInvalid:
        raise SettingRefused(SettingProblem.EMAIL_INVALID) from None
    alert.sent_to = sent_to
    try:
        session.add(alert)
        session.flush()
    except StaleDataError:
        raise SettingRefused(SettingProblem.CHANGED_MEANWHILE) from None
    details = {"sent_to": sent_to.value}
    record(session, Action.DUPLICATES_ALERT_CHANGED, actor, now, establishment_id=establishment_id, details=details)
    return alert
