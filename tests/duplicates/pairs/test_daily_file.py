"""R14: the daily file of likely duplicates."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from shared.config import Settings
from shared.database import Database
from shared.duplicates.pairs.daily_file import write_daily_files
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.worker.daily import run_daily
from tests.factories import NOW, TODAY, make_establishment, make_guardian


def test_each_establishment_gets_its_own_file_and_nobody_elses_names(session: Session, tmp_path: Path) -> None:
    one, other = make_establishment(session), make_establishment(session, "9740002B")
    for school, name in ((one, "PAYET"), (other, "HOARAU")):
        make_guardian(session, school, last_name=name)
        make_guardian(session, school, last_name=name)
        refresh_pairs(session, school.id, NOW)
    assert write_daily_files(session, tmp_path, TODAY) == 2
    content = (tmp_path / "doublons_9740001A_2026-09-01.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfPERSONNE_ID 1;Nom 1;")
    assert b"PAYET" in content
    assert b"HOARAU" not in content


def test_a_name_that_looks_like_a_formula_is_not_computed(session: Session, tmp_path: Path) -> None:
    school = make_establishment(session)
    for _ in range(2):
        make_guardian(session, school, last_name='=HYPERLINK("http://x";"y")')
    refresh_pairs(session, school.id, NOW)
    write_daily_files(session, tmp_path, TODAY)
    text = (tmp_path / "doublons_9740001A_2026-09-01.csv").read_text("utf-8-sig")
    assert ";=" not in text
    assert "'=HYPERLINK" in text


def test_files_are_kept_for_thirty_days(session: Session, tmp_path: Path) -> None:
    make_establishment(session)
    for days_later in (0, 1, 31):
        write_daily_files(session, tmp_path, TODAY - timedelta(days=31 - days_later))
    assert sorted(path.name for path in tmp_path.glob("doublons_*")) == [
        "doublons_9740001A_2026-08-02.csv",
        "doublons_9740001A_2026-09-01.csv",
    ]


def test_the_nightly_work_finds_the_duplicates_that_no_import_did(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        for _ in range(2):
            make_guardian(session, school)
    run_daily(database, settings.model_copy(update={"duplicates_dir": tmp_path}), NOW)
    assert "PAYET" in (tmp_path / "doublons_9740001A_2026-09-01.csv").read_text("utf-8-sig")
