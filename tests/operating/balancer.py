"""nginx as docs/nginx.conf sets it up, in front of as many machines as a test says."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.benchmarks.portal_login import wait_for
from tests.conftest import skip_or_fail
from tests.patience import wait_until
from tests.ports import free_port
from tests.test_relay import NAMES, certify, nginx_around, program_of

SHIPPED = (Path(__file__).parents[2] / "docs" / "nginx.conf").read_text("utf-8")
UPSTREAMS = {"portal": "server 127.0.0.1:5002;", "admin": "server 127.0.0.1:5001;"}
LISTENS = "listen 443 ssl"
SHUTTING_DOWN = "shutting down"
"""What a process of nginx is called once it takes no request any more."""

Addresses = Mapping[str, Sequence[str]]
"""Of each application, where it answers."""


class Balancer:
    """The relay of several machines."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder
        self._plain = free_port()

    def lead_to(self, addresses: Addresses) -> None:
        """Write where each application answers, and have a running nginx read it: who is being answered is not cut.

        It reads it some time after the command answered; until then, it asks the machines of before.
        """
        self.write(addresses)
        former = psutil.Process(int((self._folder / "pid").read_text("ascii"))).children()
        subprocess.run([program_of("nginx"), *self.options, "-s", "reload"], check=True, capture_output=True)
        wait_until(lambda: not any(map(_takes_requests, former)), "the machines of before are asked no more")

    def write(self, addresses: Addresses) -> None:
        """The shipped file, with the machines of `addresses` and the port of the test."""
        text = SHIPPED.replace("/etc/ssl/teleservices", str(self._folder))
        assert LISTENS in text
        text = text.replace(LISTENS, f"listen 127.0.0.1:{self.port} ssl")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{self._plain};")
        for application, line in UPSTREAMS.items():
            assert text.count(line) == 1
            servers = "\n    ".join(f"server {address} fail_timeout=5s;" for address in addresses[application])
            text = text.replace(line, servers)
        (self._folder / "relay.conf").write_text(text, "utf-8")

    @property
    def options(self) -> list[str]:
        """What nginx is run with."""
        return nginx_around(self._folder)


def _takes_requests(worker: psutil.Process) -> bool:
    try:
        return worker.status() != psutil.STATUS_ZOMBIE and SHUTTING_DOWN not in " ".join(worker.cmdline())
    except psutil.NoSuchProcess:
        return False


@contextmanager
def balanced(folder: Path, addresses: Addresses) -> Iterator[Balancer]:
    """A running one."""
    folder.mkdir()
    for name in NAMES:
        certify(name, folder)
    balancer = Balancer(folder, free_port())
    balancer.write(addresses)
    program = program_of("nginx")
    if not Path(program).exists():
        skip_or_fail("no nginx (apt install nginx-light)")
    with subprocess.Popen([program, *balancer.options]) as process:
        try:
            wait_for(balancer.port)
            yield balancer
        finally:
            process.terminate()
