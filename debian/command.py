#!/usr/bin/python3 -I
"""`teleservices`, as the package installs it: with the settings of /etc/teleservices, as the account of the services.

Root alone may read the secrets, so root alone starts it; the program itself never runs as root. Its secrets are in its
environment, which nobody but root and that account can read.
"""

import json
import os
import pwd
import re
import sys
from pathlib import Path
from typing import NoReturn

ACCOUNT = "teleservices"
PROGRAM = "/opt/teleservices/bin/teleservices"
SETTINGS = Path("/etc/teleservices/teleservices.env")
SECRETS = Path("/etc/teleservices/secrets")
STATE = "/var/lib/teleservices"

OF_THE_TERMINAL = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TERM", "COLUMNS", "NO_COLOR")
COMPLETION = "_TELESERVICES_COMPLETE"
OF_COMPLETION = (COMPLETION, "COMP_WORDS", "COMP_CWORD")
FOR_ANYBODY = {"--help", "-h", "--version"}

LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)")
PLAIN = re.compile(r"""(?P<quote>["']?)(?P<value>[^"'\\]*)(?P=quote)""")
NAME = re.compile(r"[A-Z][A-Z0-9_]*")


class Refused(Exception):
    """Said in French, on standard error."""


def settings_of(text: str) -> dict[str, str]:
    """What `EnvironmentFile` of systemd reads in `text`; what two readers could take differently is refused."""
    settings = {}
    if text.startswith("\N{BYTE ORDER MARK}"):
        raise Refused(f"{SETTINGS} commence par une marque invisible (BOM) : enregistrez-le en UTF-8 sans BOM.")
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        named = LINE.fullmatch(stripped)
        plain = PLAIN.fullmatch(named[2]) if named else None
        if named is None or plain is None:
            raise Refused(
                f'{SETTINGS}, ligne {number} : écrivez NOM=valeur, ou NOM="valeur" (sans autre guillemet, '
                "ni apostrophe, ni barre inverse)."
            )
        settings[named[1]] = plain["value"]
    return settings


def secrets_in(folder: Path) -> dict[str, str]:
    """Each file of `folder`, named after the setting that it holds."""
    files = [file for file in sorted(folder.iterdir()) if NAME.fullmatch(file.name) and file.is_file()]
    return {file.name: file.read_text("utf-8").strip() for file in files}


def environment_of(account: pwd.struct_passwd, kept: tuple[str, ...]) -> dict[str, str]:
    """What the program starts with: as a unit, nothing of whoever started it but how the terminal is."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": account.pw_dir,
        "USER": account.pw_name,
        "LOGNAME": account.pw_name,
        **{name: os.environ[name] for name in kept if name in os.environ},
    }


def settled(environment: dict[str, str]) -> dict[str, str]:
    """`environment` with the settings: those of the file go before the secrets, as they do in a unit."""
    try:
        return {"VAR_DIR": STATE, **environment, **secrets_in(SECRETS), **settings_of(SETTINGS.read_text("utf-8"))}
    except (OSError, UnicodeDecodeError) as error:
        place = getattr(error, "filename", None) or SETTINGS
        raise Refused(f"{place} ne peut pas être lu ({getattr(error, 'strerror', None) or 'UTF-8'}).") from None


def become(account: pwd.struct_passwd) -> None:
    """Give up root for good."""
    os.initgroups(account.pw_name, account.pw_gid)
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)


def account_of_the_services() -> pwd.struct_passwd:
    """The account that the package made."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise Refused(f"Le compte « {ACCOUNT} » n'existe pas : réinstallez le paquet.") from None


def run(arguments: list[str]) -> NoReturn:
    """Become the program."""
    if COMPLETION in os.environ or FOR_ANYBODY & set(arguments):
        # They need no setting: the terminal of anybody shows them.
        here = pwd.getpwuid(os.getuid())
        os.execve(PROGRAM, [PROGRAM, *arguments], environment_of(here, OF_THE_TERMINAL + OF_COMPLETION))  # noqa: S606
    if os.geteuid() != 0:
        raise Refused(
            "À lancer en root (sudo teleservices …) : les clés de /etc/teleservices ne se lisent pas autrement. "
            f"La commande travaille ensuite sous le compte « {ACCOUNT} »."
        )
    account = account_of_the_services()
    environment = settled(environment_of(account, OF_THE_TERMINAL))
    become(account)
    os.execve(PROGRAM, [PROGRAM, *arguments], environment)  # noqa: S606 - no shell


def main() -> NoReturn:
    """Run, or say why not as the program does."""
    try:
        run(sys.argv[1:])
    except Refused as refused:
        if "--json" in sys.argv:
            print(json.dumps({"error": str(refused)}, ensure_ascii=False))  # noqa: T201 - its answer
        else:
            sys.stderr.write(f"Error: {refused}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
