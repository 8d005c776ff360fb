"""What cannot be saved or put back is said in a French sentence, and changes nothing (R28, R38)."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect

from shared.database import Database
from tests.cli.conftest import Command
from tests.factories import make_account
from tests.saving.conftest import Machine, rows_of
from tests.watching.versions import LATER, tables_of

pytestmark = pytest.mark.both_databases
Spoil = Callable[[Path], None]


@pytest.fixture
def copy(run: Command, database: Database, tmp_path: Path, environment: dict[str, str]) -> Path:
    theme = Path(environment["VAR_DIR"]) / "theme"
    theme.mkdir(parents=True)
    (theme / "theme.css").write_text("body { color: navy }")
    with database.writing() as session:
        make_account(session, "p.un")
    assert run("backup", tmp_path / "copy").status == 0
    return tmp_path / "copy"


def base_of(folder: Path) -> Path:
    [path] = folder.glob("database.*")
    return path


def sum_up_again(folder: Path) -> None:
    """As somebody would who knows how the copy is written."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in paths]
    (folder / "SHA256SUMS").write_text("".join(lines))


def cut_the_base(folder: Path) -> None:
    path = base_of(folder)
    path.write_bytes(path.read_bytes()[:-100])


def cut_the_base_and_sum_up(folder: Path) -> None:
    path = base_of(folder)
    path.write_bytes(path.read_bytes()[:3000])
    sum_up_again(folder)


def alter_the_theme(folder: Path) -> None:
    (folder / "files" / "theme" / "theme.css").write_text("body { color: green }")


def lose_the_base(folder: Path) -> None:
    base_of(folder).unlink()


def cut_the_sums(folder: Path) -> None:
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text()[:-20])


def add_a_file(folder: Path) -> None:
    (folder / "files" / "theme" / "more.css").write_text("x")


def point_outside(folder: Path) -> None:
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text() + f"{'0' * 64}  ../../etc/passwd\n")


def lead_elsewhere(folder: Path) -> None:
    (folder / "files" / "theme" / "theme.css").unlink()
    (folder / "files" / "theme" / "theme.css").symlink_to("/etc/passwd")


def say(folder: Path, **changes: object) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))
    sum_up_again(folder)


def of_a_later_form(folder: Path) -> None:
    say(folder, form=2)


def of_later_tables(folder: Path) -> None:
    say(folder, revision=LATER)


def without_a_date(folder: Path) -> None:
    say(folder, made_at="hier")


def of_nothing(folder: Path) -> None:
    shutil.rmtree(folder)


SPOILT: dict[Spoil, str] = {
    cut_the_base: "tronqué ou altéré",
    cut_the_base_and_sum_up: "",
    alter_the_theme: "theme.css est tronqué ou altéré",
    lose_the_base: "manque",
    cut_the_sums: "tronqué ou altéré",
    add_a_file: "more.css n'est pas de la copie",
    point_outside: "hors de la copie",
    lead_elsewhere: "n'est pas un fichier ordinaire",
    of_a_later_form: "version plus récente de ce logiciel",
    of_later_tables: "version plus récente de ce logiciel",
    without_a_date: "manifest.json n'est pas lisible",
    of_nothing: "n'est pas une copie faite par « teleservices backup »",
}


def is_untouched(machine: Machine) -> bool:
    left = [path for path in machine.var_dir.rglob("*") if path.is_file()] if machine.var_dir.exists() else []
    if any(not path.name.startswith("restored.db") for path in left):
        return False
    database = machine.database()
    tables = inspect(database.engine).get_table_names()
    database.dispose()
    return not tables


def test_a_copy_that_is_not_whole_is_refused_and_nothing_changed(run: Command, copy: Path, elsewhere: Machine) -> None:
    for spoil, sentence in SPOILT.items():
        spoilt = copy.with_name(spoil.__name__)
        shutil.copytree(copy, spoilt)
        spoil(spoilt)
        answer = run("restore", spoilt, **elsewhere.changes)
        assert (answer.status, answer.out) == (1, ""), spoil
        assert sentence in answer.err
        assert answer.err.count("\n") == 1, answer.err
        assert is_untouched(elsewhere), spoil
    assert run("restore", copy, **elsewhere.changes).status == 0


def test_a_base_or_a_folder_that_is_in_use_is_not_written_into(
    run: Command, copy: Path, database: Database, elsewhere: Machine, environment: dict[str, str]
) -> None:
    before = rows_of(database)
    answer = run("restore", copy, VAR_DIR=str(elsewhere.var_dir))
    assert answer.status == 1
    assert "n'est pas vide" in answer.err
    assert "une base neuve" in answer.err
    assert rows_of(database) == before
    answer = run("restore", copy, **{**elsewhere.changes, "VAR_DIR": environment["VAR_DIR"]})
    assert (answer.status, "theme n'est pas vide" in answer.err) == (1, True)
    assert is_untouched(elsewhere)


def test_a_copy_of_the_other_database_is_refused(
    run: Command, copy: Path, database: Database, elsewhere: Machine, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    if database.engine.dialect.name == "sqlite":
        other = "postgresql://nobody@127.0.0.1:1/none"
    answer = run("restore", copy, DATABASE_URL=other, VAR_DIR=str(elsewhere.var_dir))
    assert (answer.status, "est une copie de" in answer.err) == (1, True)


def test_a_copy_takes_the_place_of_nothing(run: Command, copy: Path) -> None:
    before = base_of(copy).read_bytes()
    answer = run("backup", copy)
    assert (answer.status, "existe déjà" in answer.err) == (1, True)
    assert base_of(copy).read_bytes() == before


def test_tables_of_a_later_version_are_not_copied(run: Command, database: Database, tmp_path: Path) -> None:
    with tables_of(database, LATER):
        answer = run("backup", tmp_path / "copy")
    assert (answer.status, "plus récente que ce logiciel" in answer.err) == (1, True)
    assert not (tmp_path / "copy").exists()


@pytest.mark.slow
def test_a_disk_that_takes_no_more_leaves_no_half_of_a_copy(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    # No file may grow beyond 64 kB, as if the disk were full.
    command = f"ulimit -f 64; exec {sys.executable} -m shared.cli backup {tmp_path}/full/copy"
    done = subprocess.run(
        ["/bin/bash", "-c", command], env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Rien n'a changé" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "full").iterdir()) == []


def test_a_folder_that_may_not_be_written_is_named(run: Command, database: Database) -> None:
    answer = run("backup", "/proc/copy")
    assert (answer.status, "Rien n'a changé" in answer.err) == (1, True)
    assert answer.err.startswith("/proc/copy\N{NO-BREAK SPACE}: ")


def test_programs_that_are_not_installed_are_named(
    run: Command, copy: Path, database: Database, elsewhere: Machine, tmp_path: Path
) -> None:
    for command in (("backup", tmp_path / "new"), ("restore", copy)):
        answer = run(*command, PATH=str(tmp_path), **(elsewhere.changes if command[0] == "restore" else {}))
        if database.engine.dialect.name == "sqlite":
            assert answer.status == 0
        else:
            assert (answer.status, "postgresql-client" in answer.err) == (1, True)
            assert is_untouched(elsewhere)


def test_a_list_of_identifiers_that_is_none_is_refused(
    run: Command, copy: Path, elsewhere: Machine, tmp_path: Path
) -> None:
    (tmp_path / "given").write_text("p.un\nMadame Payet\n")
    answer = run("restore", copy, "--given", tmp_path / "given", **elsewhere.changes)
    assert (answer.status, "ligne 2" in answer.err) == (1, True)
    assert is_untouched(elsewhere)


def test_nothing_is_released_where_nothing_is_held(run: Command, database: Database) -> None:
    answer = run("release")
    assert (answer.status, "Rien n'est retenu" in answer.err) == (1, True)
