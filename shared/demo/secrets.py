"""The secrets of a demonstration, drawn once and kept with its data."""

import base64
import os
import secrets
from pathlib import Path

DEMO_ENV = "demo.env"
SMTP_PORT = 1025


def keep_demo_secrets(var_dir: Path) -> Path:
    """Write `demo.env` under `var_dir` unless it is there, readable by its owner only; returns its path."""
    path = var_dir / DEMO_ENV
    var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [
        f"SECRET_KEY={secrets.token_urlsafe(48)}",
        f"INITIAL_PASSWORD_KEY={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
        "SMTP_HOST=127.0.0.1",
        f"SMTP_PORT={SMTP_PORT}",
        "MAIL_FROM=ne-pas-repondre@teleservices.example",
        "",
    ]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines))
    return path
