"""The files that belong with the base: uploads that wait for their import, and the appearance of the portal."""

import shutil
from pathlib import Path

from shared.saving.copy_folder import KEPT_FOLDERS
from shared.saving.refusals import SavingRefused


def copy_files(var_dir: Path, into: Path) -> None:
    """Copy what is there by now, and leave out what goes meanwhile; again later, it adds what came since.

    Files of imports never change once they are written: called before the base is read and after, whatever a row of it
    speaks of is there.
    """
    for name in KEPT_FOLDERS:
        for path in sorted((var_dir / name).rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            target = into / path.relative_to(var_dir)
            if not target.exists():
                _copy(path, target)


def require_no_files(var_dir: Path) -> None:
    """Go on only where nothing would be mixed with what is put back.

    Raises:
        SavingRefused: there is something; the message says where.
    """
    for name in KEPT_FOLDERS:
        folder = var_dir / name
        if folder.is_dir() and any(folder.iterdir()):
            raise SavingRefused(
                f"{folder} n'est pas vide\u00a0: restaurez dans un VAR_DIR nouveau, ou déplacez ce qui s'y "
                "trouve. Rien n'a changé."
            )


def put_back(staged: Path, var_dir: Path) -> None:
    """Move each folder to its place; they are on the same disk."""
    for name in KEPT_FOLDERS:
        if (staged / name).is_dir():
            folder = var_dir / name
            if folder.is_dir():
                folder.rmdir()
            (staged / name).rename(folder)


def _copy(path: Path, target: Path) -> None:
    for folder in reversed([*target.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700)
    try:
        shutil.copyfile(path, target)
    except FileNotFoundError:
        # Its import ended meanwhile.
        target.unlink(missing_ok=True)
        return
    target.chmod(0o600)
