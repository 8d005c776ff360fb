"""How mails leave and how those that came back are fetched."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from shared.settings.values import LOCAL_HOSTS, OptionalText


class MailSettings(BaseSettings):
    """The server that mails are handed to, who they come from, and the mailbox or folder of those that came back."""

    smtp_host: OptionalText = None
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_user: OptionalText = None
    smtp_password: OptionalText = Field(default=None, repr=False, validate_default=True)
    mail_from: str = "ne-pas-repondre@localhost"
    mail_per_minute: int = Field(default=0, ge=0)
    bounces_dir: Path | None = None
    bounces_imap_port: int = Field(default=993, ge=1, le=65535)
    bounces_imap_tls: Literal["tls", "starttls", "none"] = "tls"
    bounces_imap_user: OptionalText = None
    bounces_imap_password: OptionalText = Field(default=None, repr=False)
    bounces_imap_folder: str = "INBOX"
    # After what it is checked with.
    bounces_imap_host: OptionalText = None

    @field_validator("mail_from")
    @classmethod
    def _one_sender(cls, value: str) -> str:
        local, at, domain = value.rpartition("@")
        if (
            not (local and at and domain)
            or not value.isascii()
            or not value.isprintable()
            or set(value) & set(" <>,;:")
        ):
            raise ValueError("doit être une adresse seule, sans nom ni espace, comme ne-pas-repondre@exemple.fr")
        return value

    @field_validator("smtp_password")
    @classmethod
    def _login_of_two_parts(cls, value: str | None, info: ValidationInfo) -> str | None:
        if (value is None) != (info.data.get("smtp_user") is None):
            raise ValueError("ne va pas sans SMTP_USER, ni l'inverse")
        return value

    @field_validator("bounces_imap_folder")
    @classmethod
    def _one_folder(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable():
            raise ValueError("doit être le nom d'un dossier, sans accent (en UTF-7 modifié s'il en porte)")
        return value

    @field_validator("bounces_imap_host")
    @classmethod
    def _mailbox_with_its_key(cls, value: str | None, info: ValidationInfo) -> str | None:
        known = info.data
        if value is None:
            return value
        login = [known.get("bounces_imap_user"), known.get("bounces_imap_password")]
        if not all(one and one.isascii() for one in login):
            raise ValueError("ne va pas sans BOUNCES_IMAP_USER ni BOUNCES_IMAP_PASSWORD, sans accents")
        if known.get("bounces_imap_tls") == "none" and value not in LOCAL_HOSTS:
            raise ValueError("ne peut pas être lu sans chiffrement : BOUNCES_IMAP_TLS=tls ou starttls")
        return value
