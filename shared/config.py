"""Typed settings, read from the environment and checked before anything starts."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict

from shared.clock import TIME_ZONE
from shared.refusals import Refusal
from shared.settings.legal import LegalSettings
from shared.settings.mail import MailSettings
from shared.settings.sms import SmsSettings
from shared.settings.values import LOCAL_HOSTS, OptionalText

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = PACKAGE_ROOT / "templates"

MINIMUM_SECRET_CHARACTERS = 32
INITIAL_PASSWORD_KEY_BYTES = 32
SHORTEST_JOURNAL_MONTHS = 13
"""The database itself refuses to forget a year."""
DATABASES = {"postgresql", "postgresql+psycopg", "postgres", "sqlite"}
ALIKE = 0.86
"""How near to the name of a setting another name is that was surely meant to be it."""
HEADER = r"^[A-Za-z0-9-]{1,100}$"
HEADERS = r"^[A-Za-z0-9-]{1,100}(=[A-Za-z0-9-]{1,100})?( *, *[A-Za-z0-9-]{1,100}(=[A-Za-z0-9-]{1,100})?)*$"
HEADERS_OF_ARENA = "ctfn,ctln,ctemail,ctgrps,title,FrEduFonctAdm,FrEduGestResp,FrEduRneResp,FrEduResDel,FrEduRne,rne"

_FRENCH_ERRORS = {
    "int_parsing": "doit être un nombre entier",
    "greater_than_equal": "est trop petit",
    "less_than_equal": "est trop grand",
    "literal_error": "n'est pas une valeur permise ; valeurs possibles : {expected}",
}


class ConfigurationError(Refusal):
    """A setting is missing, weak or malformed; the message names each one, in French, without its value."""


class Settings(LegalSettings, MailSettings, SmsSettings):
    """Everything that differs between two installations.

    Secrets may be absent here, since some commands need none: `require_secrets` is what refuses to start without.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    var_dir: Path = Path("var")
    print_service_dir: Path | None = None
    """Where a printing service takes the letters that it posts; none where there is no such service."""
    database_url: OptionalText = None
    redis_url: OptionalText = None
    secret_key: OptionalText = Field(default=None, repr=False)
    initial_password_key: OptionalText = Field(default=None, repr=False)
    public_portal_url: str = "http://127.0.0.1:5002"
    public_admin_url: str = "http://127.0.0.1:5001"
    duplicates_dir: Path | None = None
    journal_months: int = Field(default=0, ge=0, le=240)
    """How long the journal keeps an event; 0: for ever."""
    retention_fiche_months: int = Field(default=3, ge=3, le=24)
    """How long a fiche is kept once no student of it is present (R33)."""
    retention_account_days: int = Field(default=365, ge=365, le=1095)
    """How long an active account is kept that nobody uses (R33)."""
    security_contact: OptionalText = None
    """Where flaws are reported: an e-mail address, or the https address of a page."""
    time_zone: str = TIME_ZONE
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    log_format: Literal["text", "json"] = "text"
    """How the processes write on their standard error (`shared.logs.configuration`)."""
    front_secret: OptionalText = Field(default=None, repr=False)
    """What a portal in front adds to each request that it hands over (`shared.web.front_portal`)."""
    front_secret_header: str = Field(default="X-Teleservices-Secret", pattern=HEADER)
    front_user_header: str = Field(default="ct-remote-user", pattern=HEADER)
    front_strength_header: OptionalText = Field(default=None, pattern=HEADER)
    front_headers: str = Field(default=HEADERS_OF_ARENA, pattern=HEADERS)
    """Those that hold an attribute, under its own name or the one written after `=`."""

    @field_validator("secret_key", "front_secret")
    @classmethod
    def _strong_enough(cls, value: str | None) -> str | None:
        if value is not None and len(value) < MINIMUM_SECRET_CHARACTERS:
            raise ValueError(f"est trop courte : {MINIMUM_SECRET_CHARACTERS} caractères au moins")
        if value is not None and len(set(value)) < MINIMUM_SECRET_CHARACTERS // 4:
            raise ValueError("est trop facile à deviner : tirez-la au hasard")
        return value

    @field_validator("initial_password_key")
    @classmethod
    def _keys_of_the_right_size(cls, value: str | None) -> str | None:
        if value is not None:
            _decode_keys(value)
        return value

    @field_validator("security_contact")
    @classmethod
    def _address_or_page(cls, value: str | None) -> str | None:
        if value is None or (value.isprintable() and urlsplit(value).scheme == "https" and urlsplit(value).hostname):
            return value
        # Read only here: the tables that it knows of are no business of settings.
        from shared.emails import EmailInvalid, normal_email

        try:
            return normal_email(value)
        except EmailInvalid:
            raise ValueError("doit être une adresse e-mail, ou une page en https://") from None

    @field_validator("redis_url")
    @classmethod
    def _redis_that_not_anybody_writes_to(cls, value: str | None) -> str | None:
        if value is None:
            return value
        try:
            parts = urlsplit(value)
            host, password, _port = parts.hostname, parts.password, parts.port
        except ValueError:
            raise ValueError("n'est pas une adresse : redis://:motdepasse@hote:6379/0") from None
        if parts.scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("doit commencer par redis://, par rediss:// (chiffré) ou par unix://")
        if parts.scheme != "unix" and host not in LOCAL_HOSTS and not password:
            raise ValueError("doit porter un mot de passe hors de cette machine : rediss://:motdepasse@hote:6379/0")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_that_is_known(cls, value: str | None) -> str | None:
        if value is not None and value.partition("://")[0] not in DATABASES:
            raise ValueError("doit commencer par postgresql:// ou par sqlite:///")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone_that_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise ValueError("n'est pas un fuseau connu, comme Europe/Paris ou Indian/Reunion") from None
        return value

    @field_validator("journal_months")
    @classmethod
    def _a_year_or_for_ever(cls, value: int) -> int:
        if 0 < value < SHORTEST_JOURNAL_MONTHS:
            raise ValueError(f"doit être 0 (tout garder) ou {SHORTEST_JOURNAL_MONTHS} au moins")
        return value

    @field_validator("public_portal_url", "public_admin_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("doit être une adresse complète, comme https://portail.example.org")
        if parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS:
            raise ValueError("doit commencer par https:// : des mots de passe y passent")
        # A browser writes the name of a host in small letters, whatever was typed here.
        return parts._replace(netloc=parts.netloc.lower()).geturl().rstrip("/")

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy address of the database: SQLite under `var_dir` unless told otherwise."""
        if self.database_url is None:
            return f"sqlite:///{(self.var_dir / 'teleservices.db').absolute()}"
        return self.database_url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+psycopg://", 1
        )

    @cached_property
    def initial_password_keys(self) -> tuple[bytes, ...]:
        """The keys that seal initial passwords, 32 bytes each: the first seals, all of them open (R3)."""
        self.require_secrets()
        return _decode_keys(self.initial_password_key or "")

    def signing_key(self, purpose: str) -> str:
        """A key derived for one purpose only, so that what one application signs means nothing to the other.

        Raises:
            ConfigurationError: `SECRET_KEY` is missing.
        """
        self.require_secrets()
        return hmac.new((self.secret_key or "").encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def require_secrets(self) -> Self:
        """These settings, once it is sure that they can serve real accounts.

        Raises:
            ConfigurationError: a secret is missing.
        """
        missing = [name.upper() for name in ("secret_key", "initial_password_key") if getattr(self, name) is None]
        if missing:
            raise ConfigurationError(
                f"Réglages absents : {', '.join(missing)}. "
                "Donnez-les dans l'environnement (voir « Installer » dans le README), "
                "ou lancez « teleservices demo » pour essayer sur une école inventée."
            )
        return self


def _decode_keys(text: str) -> tuple[bytes, ...]:
    keys = []
    for part in text.split(","):
        try:
            key = base64.b64decode(part.strip(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != INITIAL_PASSWORD_KEY_BYTES:
            raise ValueError(
                f"doit contenir {INITIAL_PASSWORD_KEY_BYTES} octets en base64 « URL-safe » "
                "(plusieurs clés se séparent par des virgules)"
            )
        keys.append(key)
    return tuple(keys)


def load_settings(var_dir: Path | None = None) -> Settings:
    """The settings of this process: the environment first, then what the demonstration kept in `var/demo.env`.

    Last come the files of `CREDENTIALS_DIRECTORY`, each named after a setting: what `LoadCredential` of systemd hands
    over, or the secrets of a container.

    Raises:
        ConfigurationError: a value is malformed or weak, or that folder does not exist.
    """
    _refuse_misspelt(os.environ)
    overrides: dict[str, Path] = {} if var_dir is None else {"var_dir": var_dir}
    if files := os.environ.get("CREDENTIALS_DIRECTORY"):
        if not Path(files).is_dir():
            raise ConfigurationError(f"CREDENTIALS_DIRECTORY nomme un dossier qui n'existe pas : {files}.")
        overrides["_secrets_dir"] = Path(files)
    try:
        located = Settings(**overrides)  # type: ignore[arg-type]  # Pydantic checks them
        return Settings(_env_file=located.var_dir / "demo.env", **overrides)  # type: ignore[call-arg, arg-type]  # likewise
    except ValidationError as refused:
        raise ConfigurationError(_in_french(refused)) from None


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    known = {name.upper() for name in Settings.model_fields}
    for name in sorted(environment.keys() - known):
        if name.upper() in known:
            # Taken whatever its case.
            continue
        if meant := get_close_matches(name.upper(), known, 1, ALIKE):
            raise ConfigurationError(
                f"Réglage inconnu : {name}. Vouliez-vous dire {meant[0]} ? Corrigez ou retirez-le."
            )


def _in_french(refused: ValidationError) -> str:
    sentences = []
    for error in refused.errors(include_input=False, include_url=False):
        name = str(error["loc"][0]).upper()
        if error["type"] == "value_error":
            reason = str(error["ctx"]["error"])
        else:
            reason = _FRENCH_ERRORS.get(error["type"], "n'est pas valable").format(**error.get("ctx", {}))
        sentences.append(f"{name} {reason}.")
    return "Réglage refusé : " + " ".join(sentences)
