"""What a process writes on its standard error: one line each, a number on each, nothing of a family."""

import json
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from shared.logs.configuration import configure
from shared.logs.discretion import what
from shared.logs.outage import Outage
from shared.logs.tracing import begin_trace, current_trace, traced

SECRET = "zorglub@example.org"


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Put the logs of the tests back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def fail() -> None:
    """What a library does with what it was reading."""
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(SECRET) from error


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_error_says_where_and_what_caused_it_and_never_its_message(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(log_format)
    try:
        fail()
    except ValueError:
        logging.getLogger("shared.test").exception("it failed")
    said = capsys.readouterr()
    assert said.out == ""
    assert "KeyError" in said.err
    assert "ValueError" in said.err
    assert "test_configuration.py" in said.err
    assert SECRET not in said.err


def test_json_is_one_object_a_line_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    trace = begin_trace()
    logging.getLogger("shared.test").info("é\n%s", 'two "lines"')
    fields = json.loads(capsys.readouterr().err)
    assert fields.pop("at")
    assert fields == {"level": "INFO", "logger": "shared.test", "trace": trace, "message": 'é\ntwo "lines"'}


def test_nobody_begins_a_line_of_his_own(capsys: pytest.CaptureFixture[str]) -> None:
    configure("text")
    logging.getLogger("shared.test").warning("asked for %s", "a\n2026-01-01 CRITICAL \x1b[31m forged\r")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_others_chat_of_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure("text")
    logging.getLogger("huey.consumer").info("chat")
    logging.getLogger("fontTools.subset").critical("a name")
    logging.getLogger("huey.consumer").warning("wrong")
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().err.splitlines()] == ["wrong"]


@pytest.mark.parametrize("given", [None, "", "short", "x" * 65, "abcd efgh", "abcdefgh\n", "é" * 10])
def test_a_number_that_is_none_is_replaced(given: str | None) -> None:
    assert begin_trace(given) != given
    assert len(current_trace()) == 16


def test_a_number_of_a_relay_is_kept_and_a_piece_of_work_has_its_own() -> None:
    assert begin_trace("4bf92f3577b34da6-01") == current_trace() == "4bf92f3577b34da6-01"
    with traced("send_mails"):
        assert current_trace().startswith("send_mails-")
    assert current_trace() == "4bf92f3577b34da6-01"


def test_an_outage_is_told_when_it_begins_and_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(logging.getLogger("shared.test"), "the queue", "work goes on")
    outage.worked()
    for _ in range(50):
        outage.failed("ConnectionError")
    assert outage.seconds is not None
    for _ in range(50):
        outage.worked()
    assert outage.seconds is None
    assert [one.partition(" after")[0] for one in caplog.messages] == [
        "the queue is away: ConnectionError; work goes on",
        "the queue is back",
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "/var/zorglub"), "OSError (No space left on device)"),
        (
            OperationalError("SELECT 'zorglub'", None, Exception("disk is full\nzorglub")),
            "OperationalError (disk is full)",
        ),
        (ValueError("zorglub"), "ValueError"),
    ],
)
def test_an_error_of_the_machine_is_told_in_its_words_and_no_other(error: Exception, said: str) -> None:
    assert what(error) == said
