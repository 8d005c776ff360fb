"""Settings are checked before anything starts, and what is wrong is said without its value."""

import base64
from pathlib import Path

import pytest

from shared.config import ConfigurationError, Settings, load_settings

STRONG = "zT9-test-only-key-1c0e5f7a8b2d4c6e"
KEY = base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY est trop courte"),
        ("SECRET_KEY", "a" * 64, "SECRET_KEY est trop facile à deviner"),
        ("INITIAL_PASSWORD_KEY", "not base64 !", "INITIAL_PASSWORD_KEY doit contenir 32 octets"),
        ("INITIAL_PASSWORD_KEY", f"{KEY},dG9vIHNob3J0", "INITIAL_PASSWORD_KEY doit contenir 32 octets"),
        ("PUBLIC_PORTAL_URL", "portail.example.org", "PUBLIC_PORTAL_URL doit être une adresse complète"),
        ("PUBLIC_PORTAL_URL", "http://portail.example.org", "PUBLIC_PORTAL_URL doit commencer par https://"),
        ("TIME_ZONE", "Europe/Pari", "TIME_ZONE n'est pas un fuseau connu"),
        ("TIME_ZONE", "../../etc/passwd", "TIME_ZONE n'est pas un fuseau connu"),
        ("DATABASE_URL", "mysql://secret@h/b", "DATABASE_URL doit commencer par postgresql://"),
        ("MAIL_FROM", "Le secrétariat <a@example.org>", "MAIL_FROM doit être une adresse seule"),
        ("MAIL_FROM", "nobody", "MAIL_FROM doit être une adresse seule"),
        ("SMTP_PASSWORD", "only-a-password", "SMTP_PASSWORD ne va pas sans SMTP_USER"),
        ("SMTP_USER", "only-a-user", "SMTP_PASSWORD ne va pas sans SMTP_USER"),
        ("FRONT_SECRET", "court", "FRONT_SECRET est trop courte"),
        ("FRONT_USER_HEADER", "ct_remote_user", "FRONT_USER_HEADER n'est pas valable"),
        ("FRONT_HEADERS", "ctfn=a=b", "FRONT_HEADERS n'est pas valable"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT n'est pas une valeur permise"),
        ("SMTP_HOTS", "mail.example.org", "Réglage inconnu : SMTP_HOTS. Vouliez-vous dire SMTP_HOST ?"),
        ("PUBLIC_PORTAIL_URL", "https://p.example.org", "Vouliez-vous dire PUBLIC_PORTAL_URL ?"),
        ("SMTP_PORT", "vingt-cinq", "SMTP_PORT doit être un nombre entier"),
        ("SMTP_PORT", "99999", "SMTP_PORT est trop grand"),
        ("SMTP_TLS", "ssl", "SMTP_TLS n'est pas une valeur permise"),
        ("JOURNAL_MONTHS", "6", "JOURNAL_MONTHS doit être 0 (tout garder) ou 13 au moins"),
        ("BOUNCES_IMAP_HOST", "imap.example.org", "BOUNCES_IMAP_HOST ne va pas sans BOUNCES_IMAP_USER"),
        ("BOUNCES_IMAP_FOLDER", "Dossier reçu", "BOUNCES_IMAP_FOLDER doit être le nom d'un dossier, sans accent"),
        ("MAIL_PER_MINUTE", "-1", "MAIL_PER_MINUTE est trop petit"),
    ],
)
def test_a_bad_value_is_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(tmp_path)
    assert said in str(refused.value)
    if "KEY" in name:
        assert value not in str(refused.value)


def test_the_name_of_a_host_is_taken_as_browsers_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_PORTAL_URL", "HTTPS://Portail.Example.ORG:8443/Ici/")
    assert load_settings(tmp_path).public_portal_url == "https://portail.example.org:8443/Ici"


def test_the_mailbox_of_bounces_is_never_read_in_clear_over_a_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = {"HOST": "imap.example.org", "USER": "retours", "PASSWORD": "un secret", "TLS": "none"}
    for name, value in values.items():
        monkeypatch.setenv(f"BOUNCES_IMAP_{name}", value)
    with pytest.raises(ConfigurationError, match="BOUNCES_IMAP_HOST ne peut pas être lu sans chiffrement"):
        load_settings(tmp_path)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "INITIAL_PASSWORD_KEY"])
def test_real_accounts_are_not_served_without_both_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: str
) -> None:
    for name, value in {"SECRET_KEY": STRONG, "INITIAL_PASSWORD_KEY": KEY}.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=missing):
        load_settings(tmp_path).require_secrets()


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = {"SECRET_KEY": STRONG, "INITIAL_PASSWORD_KEY": KEY, "SMTP_PASSWORD": "tout-doux"}
    for name, value in {**secrets, "SMTP_USER": "portail"}.items():
        monkeypatch.setenv(name, value)
    printed = repr(load_settings(tmp_path))
    assert not any(value in printed for value in secrets.values())


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path, secret_key=STRONG, initial_password_key=KEY)
    keys = {settings.signing_key(purpose) for purpose in ("admin", "portal", "mailed-link")}
    assert len(keys) == 3
    assert STRONG not in keys


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_address_is_taken_as_hosts_give_it(tmp_path: Path, scheme: str) -> None:
    settings = Settings(var_dir=tmp_path, database_url=f"{scheme}://somebody@127.0.0.1/base")
    assert settings.database == "postgresql+psycopg://somebody@127.0.0.1/base"


def test_without_a_database_address_it_is_a_file_of_its_own(tmp_path: Path) -> None:
    assert Settings(var_dir=tmp_path).database == f"sqlite:///{tmp_path / 'teleservices.db'}"


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379/0",
        "redis://localhost/1",
        "redis://[::1]:6379/0",
        "unix:///run/redis/redis.sock",
        "rediss://:secret@redis.example.org:6379/0",
    ],
)
def test_a_redis_of_this_machine_or_with_a_password_is_taken(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://redis.example.org:6379/0", "mot de passe"),
        ("rediss://utilisateur@10.0.0.5/0", "mot de passe"),
        ("http://127.0.0.1:6379", "doit commencer par redis://"),
        ("redis://:secret@redis.example.org:port/0", "n'est pas une adresse"),
    ],
)
def test_a_redis_that_anybody_could_write_to_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, reason: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(ConfigurationError, match=reason):
        load_settings()


@pytest.mark.parametrize(
    "name", ["HOME", "PATH", "TZ", "REDIS_PORT", "SMTP_PORT_25_TCP", "POSTGRES_PASSWORD", "TEST_DATABASE_URL"]
)
def test_what_others_keep_in_the_environment_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(name, "whatever")
    load_settings(tmp_path)
