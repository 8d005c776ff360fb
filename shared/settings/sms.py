"""How SMS leave: the gateway they are handed to, what they cost, whom they are for. Off unless a driver is named."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from shared.settings.values import LOCAL_HOSTS, OptionalText

UNITS_OF_A_EURO = 10_000
SENDER = re.compile(r"[A-Za-z0-9 ]{3,11}|\+?[0-9]{3,15}")
FIELDS = r"^[A-Za-z]{1,30}=[A-Za-z0-9_]{1,30}(, ?[A-Za-z]{1,30}=[A-Za-z0-9_]{1,30})*$"
STATES = r"^[A-Za-z0-9_.-]{1,30}=(arrived|lost|nobody)(, ?[A-Za-z0-9_.-]{1,30}=(arrived|lost|nobody))*$"
COUNTRIES = r"^[A-Z]{2}(, ?[A-Z]{2})*$"
FEWEST_SIGNS = 8
SECRET = re.compile(r"[A-Za-z0-9_-]{32,100}")
USUAL_STATES: Mapping[str, str] = MappingProxyType(
    {
        "1": "arrived",
        "2": "lost",
        "16": "lost",
        **dict.fromkeys(("delivrd", "delivered"), "arrived"),
        **dict.fromkeys(("undeliv", "undelivered", "failed", "expired", "deleted", "rejectd", "rejected"), "lost"),
    }
)
"""What OVH's figures and the words of SMPP mean; any other says that it is not known yet."""


class SmsSettings(BaseSettings):
    """The gateway, by HTTP (the shape of OVH, or a token) or by SMPP; `none` where families get no SMS."""

    sms_driver: Literal["none", "http", "smpp"] = "none"
    sms_sender: OptionalText = Field(default=None, validate_default=True)
    """What telephones show: up to eleven letters and figures, as the gateway allowed them."""
    sms_price: Decimal = Field(default=Decimal(0), ge=0, le=10, decimal_places=4)
    """Of one message, in euros: told before anything leaves, and counted."""
    sms_per_minute: int = Field(default=0, ge=0)
    sms_countries: OptionalText = Field(default=None, pattern=COUNTRIES)
    """Whose mobile numbers are written to as well, `BE,CH`: else those of France and overseas alone."""
    sms_http_url: OptionalText = Field(default=None, validate_default=True)
    """Where messages are posted: https://eu.api.ovh.com/1.0/sms/sms-xx00000-1/jobs."""
    sms_http_receipts_url: OptionalText = Field(default=None, validate_default=True)
    """Where one receipt is read, {id} in place of what the gateway called the message."""
    sms_http_fields: OptionalText = Field(default=None, pattern=FIELDS)
    """How a gateway that is not OVH calls what is posted and answered: `message=text,receivers=to,ids=id`."""
    sms_http_states: OptionalText = Field(default=None, pattern=STATES)
    """What it says of a message, and means: `3=arrived,5=lost,6=nobody`; the last is a number that nobody has."""
    sms_receipts_secret: OptionalText = Field(default=None, repr=False, validate_default=True)
    """What a gateway that calls us shows with each receipt (`/sms/accuses`); nobody is listened to without it."""
    sms_token: OptionalText = Field(default=None, repr=False)
    """Of a gateway that takes `Authorization: Bearer`."""
    sms_application_key: OptionalText = Field(default=None, repr=False)
    sms_application_secret: OptionalText = Field(default=None, repr=False)
    sms_consumer_key: OptionalText = Field(default=None, repr=False, validate_default=True)
    """With the two before: how requests to OVH are signed."""
    sms_smpp_host: OptionalText = Field(default=None, validate_default=True)
    sms_smpp_port: int = Field(default=2775, ge=1, le=65535)
    sms_smpp_user: OptionalText = Field(default=None, max_length=15)
    sms_smpp_password: OptionalText = Field(default=None, repr=False, max_length=8)
    sms_smpp_window: int = Field(default=10, ge=1, le=50)
    """Messages handed over before the first answer is waited for: so many are lost to sight when a worker is killed."""
    sms_smpp_tls: Literal["tls", "none"] = Field(default="tls", validate_default=True)

    @field_validator("sms_sender")
    @classmethod
    def _what_telephones_show(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("sms_driver", "none") != "none":
            raise ValueError("manque : c'est le nom que montrent les téléphones")
        if value is not None and not SENDER.fullmatch(value):
            raise ValueError("doit avoir de 3 à 11 lettres et chiffres, sans accent, ou être un numéro")
        return value

    @field_validator("sms_countries")
    @classmethod
    def _countries_that_exist(cls, value: str | None) -> str | None:
        if not _split(value):
            return value
        # Read only here: nearly no installation needs it.
        from phonenumbers import SUPPORTED_REGIONS

        unknown = _split(value) - SUPPORTED_REGIONS
        if unknown:
            raise ValueError(f"nomme un pays inconnu : {', '.join(sorted(unknown))}")
        return value

    @field_validator("sms_http_url")
    @classmethod
    def _posted_in_secret(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("sms_driver") == "http":
            raise ValueError("manque : c'est là que les SMS sont postés")
        return _https(value)

    @field_validator("sms_http_receipts_url")
    @classmethod
    def _names_the_message(cls, value: str | None) -> str | None:
        if value is not None and value.count("{id}") != 1:
            raise ValueError("doit contenir {id}, à la place du numéro que la passerelle a donné")
        return _https(value)

    @field_validator("sms_receipts_secret")
    @classmethod
    def _not_guessed(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if not SECRET.fullmatch(value) or len(set(value)) < FEWEST_SIGNS:
            raise ValueError("doit avoir de 32 à 100 lettres, chiffres, - ou _, tirés au hasard : openssl rand -hex 32")
        if info.data.get("sms_driver") != "http":
            raise ValueError("ne sert qu'avec SMS_DRIVER=http : les autres passerelles disent leurs accusés autrement")
        return value

    @field_validator("sms_consumer_key")
    @classmethod
    def _three_keys_or_a_token(cls, value: str | None, info: ValidationInfo) -> str | None:
        others = [info.data.get("sms_application_key"), info.data.get("sms_application_secret")]
        if any(one is None for one in (value, *others)) and any((value, *others)):
            raise ValueError("ne va pas sans SMS_APPLICATION_KEY ni SMS_APPLICATION_SECRET, ni l'inverse")
        if info.data.get("sms_driver") == "http" and (value is None) == (info.data.get("sms_token") is None):
            raise ValueError("ou SMS_TOKEN doit être donné, l'un des deux seulement")
        return value

    @field_validator("sms_smpp_host")
    @classmethod
    def _somewhere(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("sms_driver") == "smpp":
            raise ValueError("manque : c'est la machine de la passerelle SMPP")
        return value

    @field_validator("sms_smpp_tls")
    @classmethod
    def _encrypted_elsewhere(cls, value: str, info: ValidationInfo) -> str:
        if value == "none" and (info.data.get("sms_smpp_host") or "localhost") not in LOCAL_HOSTS:
            raise ValueError("ne peut pas être none hors de cette machine : des codes y passent")
        return value

    @property
    def sms_country_codes(self) -> frozenset[str]:
        """The countries beside France, by their two letters."""
        return _split(self.sms_countries)

    @property
    def sms_price_units(self) -> int:
        """The price of one message, in ten-thousandths of a euro."""
        return int(self.sms_price * UNITS_OF_A_EURO)

    @property
    def sms_field_names(self) -> dict[str, str]:
        """What the gateway calls each field, where it is not as OVH does."""
        return _pairs(self.sms_http_fields)

    @property
    def sms_states(self) -> Mapping[str, str]:
        """What each word of the gateway, in small letters, says of a message: arrived, lost, nobody."""
        own = _pairs(self.sms_http_states)
        return {word.casefold(): meaning for word, meaning in own.items()} or USUAL_STATES


def _items(value: str | None) -> list[str]:
    return [item.strip() for item in (value or "").split(",") if item.strip()]


def _pairs(value: str | None) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in _items(value)]
    return {name.strip(): called.strip() for name, _, called in pairs}


def _split(value: str | None) -> frozenset[str]:
    return frozenset(_items(value))


def _https(value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname:
        return value
    if parts.scheme != "http" or parts.hostname not in LOCAL_HOSTS:
        raise ValueError("doit être une adresse en https://")
    return value
