"""Tries every setting for real, before families do: `teleservices check` (R38)."""

import imaplib
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.accounts.credentials.key_trial import key_opens
from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.logs.discretion import what
from shared.migrations import version as schema_version
from shared.models.notifications import Text
from shared.notifications.bounces.imap_mailbox import MailboxRefused, opened_mailbox
from shared.notifications.mail.smtp import MailServer
from shared.notifications.outbox.leases import DeliveryFailed
from shared.notifications.sms.gateway import connected
from shared.notifications.sms.text import Said, write_sms
from shared.notifications.words import reason_words
from shared.refusals import Refusal
from shared.settings.values import LOCAL_HOSTS
from shared.watching.address_trials import try_address
from shared.watching.judgement import Finding, Level

SECONDS = 10
OLDEST_POSTGRESQL = 13
LATE_CLOCK = timedelta(seconds=5)
WRONG_CLOCK = timedelta(minutes=2)
"""Leases would run out too soon or too late."""
SAMPLE_CODE = "k7mqx-2hd9w"


def try_settings(settings: Settings) -> Iterator[Finding]:
    """Each setting tried in turn; what one does not need is left out. Writes nothing that stays.

    Raises:
        ConfigurationError: a secret is missing.
    """
    settings.require_secrets()
    yield from _try_database(settings)
    if settings.redis_url:
        yield _tried("Redis", lambda: _ping(settings.redis_url or ""), "répond")
    yield from _try_mail(settings)
    if settings.bounces_imap_host:
        yield _tried("Boîte des retours", lambda: _open_mailbox(settings), "s'ouvre")
    if settings.sms_driver != "none":
        yield _try_sms(settings)
    yield from _try_folders(settings)
    yield try_address("Portail", settings.public_portal_url, settings)
    yield try_address("Administration", settings.public_admin_url, settings)
    if urlsplit(settings.public_portal_url).hostname not in LOCAL_HOSTS:
        yield _legal(settings)


def _legal(settings: Settings) -> Finding:
    if unfilled := settings.legal_unfilled:
        sentence = f"les pages /accessibilite, /donnees et /mentions le disent vides : réglez {', '.join(unfilled)}"
        return Finding("Mentions légales", Level.WARNING, sentence)
    return Finding("Mentions légales", Level.GOOD, "sont remplies")


def _tried(name: str, trial: Callable[[], object], good: str) -> Finding:
    try:
        trial()
    except (OSError, redis.RedisError, smtplib.SMTPException, imaplib.IMAP4.error, MailboxRefused) as error:
        return Finding(name, Level.CRITICAL, f"{type(error).__name__} : {error}")
    return Finding(name, Level.GOOD, good)


def _try_database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database)
    try:
        with database.reading() as session:
            connection = session.connection()
            yield _version(connection.dialect.name, connection.dialect.server_version_info or ())
            if not schema_version.is_up_to_date(connection):
                sentence = "ne sont pas celles de cette version : lancez « teleservices init-db »"
                yield Finding("Tables", Level.CRITICAL, sentence)
                return
            yield Finding("Tables", Level.GOOD, "sont celles de cette version")
            if connection.dialect.name == "postgresql":
                theirs = session.scalar(text("SELECT clock_timestamp()"))
                yield _clock(abs(now() - theirs) if isinstance(theirs, datetime) else WRONG_CLOCK)
            opens = key_opens(session, Sealer(settings.initial_password_keys))
    except SQLAlchemyError as error:
        yield Finding("Base de données", Level.CRITICAL, f"ne répond pas : {what(error)}")
        return
    except Refusal as refused:
        yield Finding("Base de données", Level.CRITICAL, str(refused))
        return
    finally:
        database.dispose()
    level = Level.GOOD if opens else Level.CRITICAL
    closed = "n'ouvre plus les mots de passe provisoires : remettez l'ancienne clé à la suite de la nouvelle"
    yield Finding("INITIAL_PASSWORD_KEY", level, "ouvre ce qui est scellé" if opens else closed)


def _version(dialect: str, version: tuple[int | str, ...]) -> Finding:
    said = ".".join(map(str, version))
    if dialect == "postgresql" and int(version[0]) < OLDEST_POSTGRESQL:
        sentence = f"PostgreSQL {said} n'est pas pris en charge : {OLDEST_POSTGRESQL} au moins"
        return Finding("Base de données", Level.CRITICAL, sentence)
    return Finding("Base de données", Level.GOOD, f"répond ({dialect} {said})")


def _clock(difference: timedelta) -> Finding:
    level = Level.CRITICAL if difference > WRONG_CLOCK else Level.WARNING if difference > LATE_CLOCK else Level.GOOD
    sentence = f"{difference.total_seconds():.1f} s d'écart entre cette machine et la base"
    return Finding("Horloge", level, sentence if level is Level.GOOD else f"{sentence} : réglez NTP sur les deux")


def _ping(url: str) -> None:
    server = redis.Redis.from_url(url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS)
    try:
        server.ping()
    finally:
        server.close()


def _try_mail(settings: Settings) -> Iterator[Finding]:
    name = "Serveur de courriel"
    if settings.smtp_host is None:
        yield Finding(name, Level.WARNING, "aucun n'est réglé (SMTP_HOST) : aucun courriel ne part")
        return
    yield _tried(name, MailServer(settings).knock, "accepte la connexion, et le mot de passe s'il y en a un")


def _try_sms(settings: Settings) -> Finding:
    """The gateway answers, and the address of the portal fits in a message; none is sent."""
    name, day = "Passerelle SMS", now()
    try:
        write_sms(Said(Text.NEW_ACCOUNT, "", "", settings.public_portal_url, SAMPLE_CODE, day))
        with connected(settings) as gateway:
            gateway.knock()
    except DeliveryFailed as failure:
        return Finding(name, Level.CRITICAL, reason_words(failure.reason))
    return Finding(name, Level.GOOD, "répond")


def _open_mailbox(settings: Settings) -> None:
    with opened_mailbox(settings):
        pass


def _try_folders(settings: Settings) -> Iterator[Finding]:
    folders = {
        "VAR_DIR": settings.var_dir,
        "DUPLICATES_DIR": settings.duplicates_dir,
        "BOUNCES_DIR": settings.bounces_dir,
        "PRINT_SERVICE_DIR": settings.print_service_dir,
    }
    for name, folder in folders.items():
        if folder is not None:
            yield _try_folder(name, folder)


def _try_folder(name: str, folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(name, Level.CRITICAL, f"on ne peut pas écrire dans {folder} : {error.strerror}")
    if name == "VAR_DIR" and folder.stat().st_mode & 0o007:
        sentence = f"{folder} est ouvert à tous les comptes de la machine : chmod 700"
        return Finding(name, Level.WARNING, sentence)
    return Finding(name, Level.GOOD, f"{folder} se laisse écrire")
