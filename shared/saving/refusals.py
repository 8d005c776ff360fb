"""Why a copy was not made, or not put back: sentences for whoever runs the machine (R28)."""

from pathlib import Path

from shared.refusals import Refusal


class SavingRefused(Refusal):
    """Nothing was changed; the message says what is wrong, where, and what to do."""


class CopyDamaged(SavingRefused):
    """A file of the copy is not what was written; the message names it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} {why}\u00a0: cette copie est abîmée, prenez-en une autre. Rien n'a changé.")


class ProgramMissing(SavingRefused):
    """A program of PostgreSQL is not installed here."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} est introuvable sur cette machine\u00a0: installez « postgresql-client », de la version "
            "du serveur ou plus récent. Rien n'a changé."
        )


class DiskRefused(SavingRefused):
    """The disk took no more, or the folder is not ours to write."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}\u00a0: {reason}. Rien n'a changé.")
