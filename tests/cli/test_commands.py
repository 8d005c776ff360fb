"""The command line: what scripts rely on, from empty tables to letters."""

import base64
import csv
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.cli.serving import addresses_left_to_us
from shared.config import Settings
from shared.database import Database
from shared.models.staff import Staff
from tests.cli.conftest import Command


@pytest.fixture
def school(run: Command, tmp_path: Path) -> tuple[str, list[str]]:
    """The UAI and the files of an invented school, imported."""
    made = run("make-siecle", tmp_path / "siecle", "--students", "30", "--seed", "3", "--json").json["schools"][0]
    run("import", *made["files"], "--json")
    return made["uai"], made["files"]


def test_the_whole_way_from_files_to_letters(run: Command, tmp_path: Path) -> None:
    made = run("make-siecle", tmp_path / "siecle", "--students", "30", "--json").json["schools"][0]
    uai, files = made["uai"], made["files"]

    trial = run("import", *files, "--dry-run", "--json").json
    assert trial["students"] == {"read": 30, "created": 30, "updated": 0, "gone": 0}
    assert run("accounts", "--uai", uai).status == 1

    imported = run("import", *files, "--json").json
    assert imported["students"]["created"] == 30
    assert imported["errors"] == []
    again = run("import", *files, "--json").json
    assert {kind: again[kind]["created"] for kind in ("students", "guardians", "links", "divisions")} == {
        "students": 0,
        "guardians": 0,
        "links": 0,
        "divisions": 0,
    }

    generated = run("generate-accounts", "--uai", uai, "--json").json
    assert generated["created"] > 0
    assert generated["kept"] == 0
    assert generated["untreated_duplicates"] == len(run("duplicates", "--uai", uai, "--json").json["pairs"])
    assert run("generate-accounts", "--uai", uai, "--json").json["created"] == 0

    accounts = run("accounts", "--uai", uai, "--json").json["accounts"]
    assert len(accounts) == generated["created"]
    assert all(re.fullmatch(r"[a-z0-9.]+", account["identifier"]) for account in accounts)
    assert not any("password" in key for account in accounts for key in account)

    would = run("notify", "--uai", uai, "--json").json
    assert would["selected"] == len(accounts) == would["mails"] + would["letters"] + len(would["skipped"])
    assert run("accounts", "--uai", uai, "--state", "notified", "--json").json["accounts"] == []

    pdf = tmp_path / "letters.pdf"
    printed = run("notify", "--uai", uai, "--by", "paper", "--pdf", pdf, "--yes", "--json").json
    assert printed["letters"] == len(run("accounts", "--uai", uai, "--state", "notified", "--json").json["accounts"])
    assert pdf.read_bytes().startswith(b"%PDF")
    assert pdf.stat().st_mode & 0o077 == 0

    # Nobody is left to notify: it says so, confides nothing to anybody, and writes no file.
    missing = tmp_path / "none.pdf"
    nobody = run("notify", "--uai", uai, "--by", "paper", "--state", "active", "--pdf", missing, "--yes")
    assert nobody.status == 0
    assert "personne n'est à notifier" in nobody.out
    assert f"{missing} n'est pas écrit" in nobody.out
    assert "confié" not in nobody.out
    assert not missing.exists()

    # A disk that is full: the letters are printed, and the sentence says where they are.
    full = run("notify", "--uai", uai, "--by", "paper", "--state", "notified", "--pdf", "/dev/full", "--yes")
    assert full.status == 1
    assert "Notifications faites" in full.err


def test_students_get_accounts_of_their_own(run: Command, school: tuple[str, list[str]]) -> None:
    uai, _ = school
    created = run("generate-accounts", "--uai", uai, "--students", "--json").json["created"]
    listed = run("accounts", "--uai", uai, "--students", "--json").json["accounts"]
    assert created == len(listed) > 0
    assert run("accounts", "--uai", uai, "--json").json["accounts"] == []


def test_duplicates_are_also_written_for_spreadsheets(
    run: Command, school: tuple[str, list[str]], tmp_path: Path
) -> None:
    uai, _ = school
    path = tmp_path / "doublons.csv"
    pairs = run("duplicates", "--uai", uai, "--csv", path, "--json").json["pairs"]
    assert all(0 < pair["confidence"] < 1 and pair["reasons"] for pair in pairs)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert [(row[0], row[3]) for row in rows[1:]] == [(pair["a"], pair["b"]) for pair in pairs]


def test_a_refused_file_changes_nothing_and_says_why(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "eleves.xml"
    path.write_text("ceci n'est pas du XML")
    answer = run("import", path, "--json")
    assert (answer.status, list(answer.json)) == (1, ["error"])
    assert "eleves.xml" in answer.err
    assert "Traceback" not in answer.err


def test_wrong_usage_ends_with_status_2(run: Command) -> None:
    assert run("import").status == 2
    assert run("generate-accounts").status == 2
    assert run("notify", "--uai", "9740001A", "--state", "merged").status == 2


def test_an_establishment_that_was_never_imported_is_said_to_be(run: Command) -> None:
    answer = run("generate-accounts", "--uai", "9740001A")
    assert answer.status == 1
    assert "9740001A" in answer.err
    assert "importez" in answer.err


def test_a_division_that_does_not_exist_is_said_to_be(run: Command, school: tuple[str, list[str]]) -> None:
    answer = run("notify", "--uai", school[0], "--division", "9Z", "--yes")
    assert answer.status == 1
    assert "9Z" in answer.err


def test_staff_are_created_once_with_a_password_to_hand_over(run: Command, school: tuple[str, list[str]]) -> None:
    created = run("create-staff", "--login", "Chef", "--role", "head", "--uai", school[0], "--json").json
    assert len(created["password"]) >= 16
    assert run("create-staff", "--login", "chef", "--role", "head", "--uai", school[0]).status == 1
    assert run("create-staff", "--login", "autre", "--role", "head").status == 1
    assert run("create-staff", "--login", "academie", "--role", "academy", "--uai", school[0]).status == 1
    assert run("create-staff", "--login", "academie", "--role", "academy", "--json").json["password"]


def test_an_address_of_staff_is_kept_or_refused(
    run: Command, school: tuple[str, list[str]], database: Database
) -> None:
    refused = run("create-staff", "--login", "chef", "--role", "head", "--uai", school[0], "--email", "pas une adresse")
    assert refused.status == 1
    assert "--email nom@domaine.fr" in refused.err
    kept = run("create-staff", "--login", "chef", "--role", "head", "--uai", school[0], "--email", " Chef@Example.org ")
    assert kept.status == 0
    with database.reading() as session:
        assert session.scalars(select(Staff.email).where(Staff.login == "chef")).all() == ["chef@example.org"]


def test_a_lost_login_is_given_back_with_another_password(run: Command, school: tuple[str, list[str]]) -> None:
    created = run("create-staff", "--login", "recteur", "--role", "academy", "--json").json
    given_back = run("reset-staff", "--login", "Recteur", "--json").json
    assert len(given_back["password"]) >= 16
    assert given_back["password"] != created["password"]
    unknown = run("reset-staff", "--login", "personne")
    assert unknown.status == 1
    assert "personne" in unknown.err


def test_expire_and_daily_run_for_cron(run: Command, school: tuple[str, list[str]], tmp_path: Path) -> None:
    assert run("expire", "--json").json == {"erased": 0}
    assert run("daily", "--json", DUPLICATES_DIR=str(tmp_path / "scribe")).json == {"done": True}
    assert [path.name for path in (tmp_path / "scribe").iterdir()] != []


@pytest.mark.parametrize("command", [("worker",), ("serve",), ("generate-accounts", "--uai", "9740001A")])
def test_nothing_that_touches_accounts_starts_without_its_secrets(
    run: Command, school: tuple[str, list[str]], command: tuple[str, ...]
) -> None:
    command = tuple(school[0] if word == "9740001A" else word for word in command)
    answer = run(*command, SECRET_KEY=None)
    assert answer.status == 1
    assert "SECRET_KEY" in answer.err


def test_tables_are_made_without_any_secret(run: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'fresh.db'}"
    without = {"SECRET_KEY": None, "INITIAL_PASSWORD_KEY": None, "DATABASE_URL": url}
    refused = run("accounts", "--uai", "9740001A", **without)
    assert refused.status == 1
    assert "init-db" in refused.err
    assert run("init-db", "--json", **without).json == {"ready": True}
    assert run("init-db", "--json", **without).json == {"ready": True}


def test_the_demonstration_prints_logins_and_can_be_made_again(run: Command, tmp_path: Path) -> None:
    own = {
        "VAR_DIR": str(tmp_path / "demo"),
        "DATABASE_URL": None,
        "SECRET_KEY": None,
        "INITIAL_PASSWORD_KEY": None,
    }
    first = run("demo", "--students", "20", "--json", **own).json["schools"]
    assert [person["login"] for school in first for person in school["staff"]] == [
        "chef1",
        "academie",
        "assistance",
        "chef2",
    ]
    assert all(person["password"] for school in first for person in school["staff"])
    second = run("demo", "--students", "20", "--json", **own).json["schools"]
    assert [school["uai"] for school in second] == [school["uai"] for school in first]
    assert not any(person["password"] for school in second for person in school["staff"])
    assert "pyotp.TOTP" in run("demo", "--students", "20", **own).out
    assert (tmp_path / "demo" / "demo.env").stat().st_mode & 0o077 == 0


def test_the_installed_command_answers_in_a_process_of_its_own(environment: dict[str, str]) -> None:
    command = Path(sys.executable).with_name("teleservices")
    refused = subprocess.run(
        [command, "accounts", "--uai", "9740001A"], env=environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "9740001A" in refused.stderr


@pytest.mark.parametrize("option", ["--admin-port", "--portal-port", "--mailbox-port"])
def test_a_port_where_somebody_listens_is_not_shared_without_a_word(run: Command, option: str) -> None:
    with socket.socket() as other:
        # As each process of a first `teleservices serve` does.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        # A demonstration may hold the usual ports of this machine; 0 is always free.
        refused = run("serve", "--admin-port", "0", "--portal-port", "0", option, str(taken))
    assert refused.status == 1
    assert f"Le port {taken} est déjà pris" in refused.err
    assert refused.out == ""


def test_the_port_of_the_mails_of_the_demonstration_is_asked_for_too(run: Command) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = [item for option in ("admin", "portal", "mailbox") for item in (f"--{option}-port", "0")]
        refused = run("serve", *ports, SMTP_PORT=str(taken))
    assert refused.status == 1
    assert f"Le port {taken} est déjà pris" in refused.err
    assert "SMTP_PORT" in refused.err


@pytest.mark.parametrize(
    ("configured", "host", "told"),
    [
        ({}, "127.0.0.1", {"PUBLIC_ADMIN_URL": "http://127.0.0.1:7001", "PUBLIC_PORTAL_URL": "http://127.0.0.1:7002"}),
        ({}, "0.0.0.0", {"PUBLIC_ADMIN_URL": "http://127.0.0.1:7001", "PUBLIC_PORTAL_URL": "http://127.0.0.1:7002"}),
        ({}, "::1", {"PUBLIC_ADMIN_URL": "http://[::1]:7001", "PUBLIC_PORTAL_URL": "http://[::1]:7002"}),
        ({"public_portal_url": "https://portail.example"}, "127.0.0.1", {"PUBLIC_ADMIN_URL": "http://127.0.0.1:7001"}),
    ],
)
def test_letters_hold_the_addresses_that_are_served_unless_others_are_configured(
    configured: dict[str, str], host: str, told: dict[str, str]
) -> None:
    assert addresses_left_to_us(Settings(**configured), host, 7001, 7002) == told  # type: ignore[arg-type]


def test_a_lost_key_is_told_and_notifies_nobody(run: Command, school: tuple[str, list[str]], tmp_path: Path) -> None:
    run("generate-accounts", "--uai", school[0])
    lost = base64.urlsafe_b64encode(b"f" * 32).decode()
    wanted = ("--uai", school[0], "--by", "paper", "--yes", "--pdf", tmp_path / "letters.pdf")
    answer = run("notify", *wanted, INITIAL_PASSWORD_KEY=lost)
    assert answer.status == 1
    assert "INITIAL_PASSWORD_KEY" in answer.err
    assert not (tmp_path / "letters.pdf").exists()
    assert run("accounts", "--uai", school[0], "--state", "notified", "--json").json["accounts"] == []


def test_a_mailbox_without_the_extra_that_takes_mails_is_refused_with_what_to_install(
    run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd", None)
    refused = run("serve", "--mailbox-port", "5003")
    assert refused.status == 1
    assert "teleservices[demo]" in refused.err
