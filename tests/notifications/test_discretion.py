"""No word of a letter or a mail is in any log, of ours or of a library, of the worker that works for real (row 17)."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from shared.config import Settings
from shared.logs.discretion import TALKATIVE, silence_libraries, where
from shared.models.letters import LetterLogo
from shared.models.notifications import WAITING, Mode
from shared.notifications.letters.renderer import LayoutFailed, Press
from shared.worker.rounds import Post
from tests.factories import INITIAL_PASSWORD
from tests.notifications.conftest import School
from tests.notifications.letters.pictures import drawn_logo
from tests.patience import wait_until

NO_GLYPH = "Zorglub\U00013080\u4e2d\u6587Wakanda"
TOO_LONG = "Anticonstitutionnellement" * 4
"""As long as a name may be."""
SECRETS = ("Zorglub", "Wakanda", "Anticonstitut", "Quidditch", "zzparent", "mot.introuvable", INITIAL_PASSWORD)


@pytest.fixture
def oddities(school: School) -> None:
    """Families whose letters and mails make libraries wonder."""
    odd = {"address_line1": f"12 rue {NO_GLYPH}", "city": "Quidditch"}
    school.family(NO_GLYPH, child="Zorglub\u2603\U0001f984", identifier="zzparent1", **odd)
    school.family("Quidditch", child=TOO_LONG, identifier="zzparent2", address_line1=TOO_LONG)
    school.family("Quidditch", child=NO_GLYPH, identifier="zzparent3", email="mot.introuvable@example.org")
    broken = drawn_logo()[:-200] + b"Quidditch" * 10
    school.session.add(LetterLogo(establishment_id=school.establishment.id, picture=broken))


@pytest.mark.slow
@pytest.mark.runs_on("sqlite")
def test_the_worker_writes_no_word_of_a_family(
    school: School, settings: Settings, oddities: None, tmp_path: Path
) -> None:
    campaign = school.launch(Mode.BOTH)
    said = tmp_path / "said.txt"
    given = {name.upper(): str(value) for name, value in settings.model_dump().items() if value is not None}
    heard = {"FLASK_DEBUG": "1", "PYTHONWARNINGS": "always", "PYTHONUNBUFFERED": "1"}
    command = (
        "import logging; logging.basicConfig(level=logging.DEBUG); "
        "from shared.config import load_settings; "
        "from shared.worker.tasks import run_worker; run_worker(load_settings())"
    )

    def is_over() -> bool:
        return not set(WAITING) & set(school.states(campaign))

    with (
        said.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-c", command],
            env={**os.environ, **given, **heard},
            stdout=file,
            stderr=file,
            cwd=tmp_path,
        ) as process,
    ):
        try:
            wait_until(is_over, "everything left", progress=lambda: school.states(campaign))
        finally:
            process.terminate()
            process.wait()

    text = said.read_text(errors="replace")
    assert "shared.worker" in text, "the worker said nothing at all: this test would see nothing"
    logs = [text, *(path.read_text(errors="replace") for path in settings.var_dir.rglob("*.log"))]
    assert [word for word in SECRETS for log in logs if word in log] == []
    assert "\U00013080" not in text
    assert "U+13080" not in text


def test_what_the_renderer_says_is_heard_by_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    with Press() as press:
        assert press.print(f"<p>{NO_GLYPH}</p><img src='zzparent.png'><p>{TOO_LONG}</p>").startswith(b"%PDF")
        with pytest.raises(LayoutFailed):
            press._work(speak_and_fail, "Zorglub", 15)
    heard = capfd.readouterr()
    assert [word for word in (*SECRETS, "U+13080") if word in heard.out + heard.err] == []


def speak_and_fail(word: str) -> None:
    """What a library may do at worst, in the rendering process."""
    print(word)
    print(word, file=sys.stderr)
    os.write(2, word.encode())
    logging.getLogger("a library").critical(word)
    raise ValueError(word)


def test_a_task_that_fails_says_where_and_nothing_of_what_it_read(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise KeyError("Zorglub")

    Post("send_mails", fail, Event()).do_once()
    assert "KeyError" in caplog.text
    assert "test_discretion.py" in caplog.text
    # The line of the source is there, the value of what it handled is not.
    message = caplog.records[-1].getMessage()
    assert "'Zorglub'" not in message.replace('KeyError("Zorglub")', "")


@pytest.mark.parametrize("name", TALKATIVE)
def test_no_library_that_reads_letters_is_heard(name: str, caplog: pytest.LogCaptureFixture) -> None:
    library = logging.getLogger(name)
    before = library.handlers, library.propagate
    try:
        silence_libraries()
        logging.getLogger(f"{name}.deep.inside").critical("Zorglub")
        assert "Zorglub" not in caplog.text
    finally:
        library.handlers, library.propagate = before


def test_where_tells_no_message() -> None:
    word = "Zorglub"
    with pytest.raises(ValueError, match=word) as failed:
        raise ValueError(f"« {word} » n'a pas de glyphe")
    assert word not in where(failed.value)
