"""Whoever can write to the queue can ring a bell, and run nothing; what travels to Redis can be encrypted."""

import contextlib
import os
import pickle
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from huey.registry import Message

from shared.config import Settings
from shared.worker.queue import MessageRefused, PlainNames, Queue, open_queue
from shared.worker.rounds import Rounds
from tests.conftest import skip_or_fail
from tests.patience import STILL_SECONDS
from tests.ports import free_port


class Exploit:
    """What runs a command where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture(params=["sqlite", "redis"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Queue]:
    redis = request.getfixturevalue("redis_url") if request.param == "redis" else None
    opened = open_queue(Settings(var_dir=tmp_path / "var", redis_url=redis))
    yield opened
    opened.storage.flush_all()


def test_what_somebody_else_wrote_runs_nothing_and_what_follows_is_found(queue: Queue, tmp_path: Path) -> None:
    bell = queue.task(name="send_mails")(lambda: None)
    mark = tmp_path / "ran"
    for payload in (
        pickle.dumps(Exploit(mark)),
        pickle.dumps(Message(id="1", name="shared.worker.tasks.send_mails", args=(Exploit(mark),), kwargs={})),
        b'{"task": "tests.worker.test_queue.send_mails", "id": "1", "args": [1]}',
        b"[" * 10_000,
        b"\xff\xfe",
        b"null",
        b"",
    ):
        queue.storage.enqueue(payload)
    bell()
    assert [queue.next_kind() for _ in range(8)] == [None] * 7 + ["send_mails"]
    assert not mark.exists()


def test_a_name_of_somebody_else_is_left_and_ours_is_heard(queue: Queue) -> None:
    done, stopping = threading.Event(), threading.Event()
    rounds = Rounds({"send_mails": done.set}, {}, stopping)
    queue.storage.enqueue(b'{"task": "os.system", "id": "1"}')
    queue.task(name="send_mails")(lambda: None)()
    rounds.start(queue, ())
    assert done.wait(STILL_SECONDS)
    rounds.stop(STILL_SECONDS)


def test_a_refusal_is_one_line_that_repeats_nothing(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    queue.storage.enqueue(b"secret of somebody")
    assert queue.next_kind() is None
    assert len(caplog.records) == 1
    assert "secret" not in caplog.text


@pytest.mark.parametrize("other", [{"until": 1}, (None, True), Message(id="1", name="a", args=(1,), kwargs={})])
def test_nothing_but_a_task_without_arguments_is_written(other: object) -> None:
    with pytest.raises(MessageRefused):
        PlainNames().serialize(other)


@pytest.fixture
def encrypted_redis(tmp_path: Path) -> Iterator[str]:
    """A real Redis that listens with TLS only and asks for a password; the address to reach it."""
    server = shutil.which("redis-server")
    if server is None:
        skip_or_fail("no redis-server on this machine")
    certificate, key = _self_signed(tmp_path)
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"]
    quiet = ["--save", "", "--appendonly", "no", "--requirepass", "s3cret", "--dir", str(tmp_path)]
    started = subprocess.Popen([str(server), "--port", "0", *tls, *quiet], stdout=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(port, started)
        yield f"rediss://:s3cret@localhost:{port}/0?ssl_ca_certs={certificate}"
    finally:
        started.terminate()
        started.wait()


def test_the_queue_works_through_an_encrypted_redis(encrypted_redis: str, tmp_path: Path) -> None:
    queue = open_queue(Settings(var_dir=tmp_path / "var", redis_url=encrypted_redis))
    queue.task(name="send_mails")(lambda: None)()
    assert queue.next_kind() == "send_mails"


def test_a_redis_that_nobody_vouches_for_is_not_spoken_to(encrypted_redis: str, tmp_path: Path) -> None:
    queue = open_queue(Settings(var_dir=tmp_path / "var", redis_url=encrypted_redis.partition("?")[0]))
    bell = queue.task(name="send_mails")(lambda: None)
    with pytest.raises(Exception, match="certificate verify failed"):
        bell()


def _self_signed(folder: Path) -> tuple[str, str]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written, held = folder / "redis.crt", folder / "redis.key"
    written.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    held.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return str(written), str(held)


def _wait_until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    pytest.fail("redis-server did not start")
