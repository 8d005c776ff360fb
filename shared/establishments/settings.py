"""What an establishment sets for its families: welcome message, contact (R22, R23); the ENT is in `ent`."""

import enum
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.emails import EmailInvalid, normal_email
from shared.establishments.rich_text import clean, visible_characters
from shared.establishments.web_addresses import AddressInvalid, normal_address
from shared.models.journal import Action
from shared.models.teleservices import WELCOME_CHARACTERS, EstablishmentSettings, LetterType
from shared.rows.editing import ChangedMeanwhile, save_or_add

LABEL_LENGTH = 100


class SettingProblem(enum.StrEnum):
    """Why a setting is refused; said to staff."""

    WELCOME_TOO_LONG = f"Le message est trop long : {WELCOME_CHARACTERS} caractères au plus."
    EMAIL_INVALID = "Cette adresse e-mail n'est pas valable. Exemple : ce.9740001a@exemple.fr"
    ADDRESS_INVALID = "Cette adresse n'est pas valable. Elle doit commencer par https:// ou http://."
    LABEL_MISSING = "Donnez un libellé : c'est ce que les familles liront."
    LABEL_TAKEN = "Un autre lien porte déjà ce libellé, dans la liste ou parmi les liens retirés."
    ENT_MISSING = (
        "« ENT seul » n'a pas d'autre adresse à montrer que celle de l'ENT : choisissez un lien, ou saisissez-le."
    )
    ENT_NOT_LISTED = "Choisissez un lien dans la liste de l'académie : celui-ci n'y est pas, ou n'y est plus."
    ENT_NOT_CONNECTED = "L'ENT de l'établissement n'est pas raccordé au portail : il n'y a rien à ouvrir ni à fermer."
    LABEL_TOO_LONG = f"Le libellé est trop long : {LABEL_LENGTH} caractères au plus."
    DESCRIPTION_TOO_LONG = "La description est trop longue : 300 caractères au plus."
    AUDIENCE_MISSING = "Dites pour qui est ce téléservice : responsables, élèves, ou les deux."
    LEVEL_UNKNOWN = "Choisissez les niveaux de classe parmi ceux de la liste, ou aucun pour tous."
    CHANGED_MEANWHILE = (
        "Quelqu'un d'autre a modifié ces réglages pendant que vous les regardiez. "
        "Voici la version actuelle : vérifiez-la avant de recommencer."
    )


class SettingRefused(Exception):
    """A setting is refused; `problem` is safe to show."""

    def __init__(self, problem: SettingProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def settings_of(session: Session, establishment_id: int) -> EstablishmentSettings:
    """The settings of an establishment; those of a new one when it has set nothing yet."""
    return session.get(EstablishmentSettings, establishment_id) or unset_settings(establishment_id)


def unset_settings(establishment_id: int) -> EstablishmentSettings:
    """The settings of an establishment that has set nothing yet; not in the database."""
    return EstablishmentSettings(
        establishment_id=establishment_id,
        welcome_message="",
        contact_active=False,
        letter_type=LetterType.MIXED,
        ent_leads_here=False,
        ent_is_open=True,
        self_activation=True,
        sends_sms=True,
        version=0,
    )


def set_welcome_message(desk: Desk, message: str, version: int) -> EstablishmentSettings:
    """Replace the welcome message: 2,000 visible characters at most, basic formatting only (R22).

    Raises:
        SettingRefused: too long, or somebody else changed the settings since `version` was read.
    """
    if visible_characters(message) > WELCOME_CHARACTERS:
        raise SettingRefused(SettingProblem.WELCOME_TOO_LONG)
    values = {"welcome_message": clean(message), "welcome_settled_at": desk.now}
    save_settings(desk.session, desk.establishment_id, version, values)
    desk.note(Action.WELCOME_MESSAGE_CHANGED)
    return desk.session.get_one(EstablishmentSettings, desk.establishment_id, populate_existing=True)


def set_contact(desk: Desk, *, active: bool, email: str, version: int) -> EstablishmentSettings:
    """Show or hide the contact of the establishment on the portal (R23).

    Raises:
        SettingRefused: active without a valid e-mail, or changed meanwhile.
    """
    try:
        address = normal_email(email) if email.strip() or active else None
    except EmailInvalid:
        raise SettingRefused(SettingProblem.EMAIL_INVALID) from None
    values = {"contact_active": active, "contact_email": address, "contact_settled_at": desk.now}
    save_settings(desk.session, desk.establishment_id, version, values)
    desk.note(Action.CONTACT_CHANGED)
    return desk.session.get_one(EstablishmentSettings, desk.establishment_id, populate_existing=True)


def set_self_activation(desk: Desk, *, is_open: bool, version: int) -> EstablishmentSettings:
    """Let families activate their accounts without their letter, or not (R37).

    Raises:
        SettingRefused: changed meanwhile.
    """
    save_settings(desk.session, desk.establishment_id, version, {"self_activation": is_open})
    if is_open:
        desk.note(Action.SELF_ACTIVATION_OPENED)
    else:
        desk.note(Action.SELF_ACTIVATION_CLOSED)
    return desk.session.get_one(EstablishmentSettings, desk.establishment_id, populate_existing=True)


def set_sends_sms(desk: Desk, *, is_open: bool, version: int) -> EstablishmentSettings:
    """Let families be notified by SMS, or not, whatever the installation can (R36).

    What waits in a notification launched before leaves all the same: that one is cancelled on its own page.

    Raises:
        SettingRefused: changed meanwhile.
    """
    save_settings(desk.session, desk.establishment_id, version, {"sends_sms": is_open})
    desk.note(Action.SMS_OPENED if is_open else Action.SMS_CLOSED)
    return desk.session.get_one(EstablishmentSettings, desk.establishment_id, populate_existing=True)


def checked_link(label: str, address: str) -> tuple[str, str]:
    """A label and an address that families can be shown.

    Raises:
        SettingRefused: the label is missing or too long, or the address is none of the web.
    """
    label = " ".join(label.split())
    if not label:
        raise SettingRefused(SettingProblem.LABEL_MISSING)
    if len(label) > LABEL_LENGTH:
        raise SettingRefused(SettingProblem.LABEL_TOO_LONG)
    try:
        return label, normal_address(address)
    except AddressInvalid:
        raise SettingRefused(SettingProblem.ADDRESS_INVALID) from None


def save_settings(session: Session, establishment_id: int, version: int, values: Mapping[str, Any]) -> None:
    """Write some of the settings of an establishment, for somebody who read `version` of them; 0 where there are none.

    Raises:
        SettingRefused: somebody else changed them since.
    """
    try:
        save_or_add(session, EstablishmentSettings, {"establishment_id": establishment_id}, version, values)
    except ChangedMeanwhile:
        raise SettingRefused(SettingProblem.CHANGED_MEANWHILE) from None
