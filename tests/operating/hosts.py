"""Two hosts on this machine: network namespaces, each with a cable that can be cut without a word."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.conftest import skip_or_fail

SERVICES = "10.213.0.1"
"""Where PostgreSQL, Redis, the mail server and the relay are."""
NETWORK = "10.213.0.0/16"
NOBODY = "02:00:00:00:00:99"
"""The address of no card: what is sent there is lost."""


@dataclass(frozen=True)
class Host:
    """One of them."""

    number: int

    @property
    def name(self) -> str:
        return f"teleservices-{self.number}"

    @property
    def address(self) -> str:
        return f"10.213.{self.number}.2"

    @property
    def _gateway(self) -> str:
        return f"10.213.{self.number}.1"

    @property
    def within(self) -> list[str]:
        """What runs a command there."""
        return ["ip", "netns", "exec", self.name]

    @property
    def _cables(self) -> tuple[str, str]:
        return f"tsv{self.number}a", f"tsv{self.number}b"

    def make(self) -> None:
        here, there = self._cables
        _ip("netns", "add", self.name)
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", self.name)
        _ip("addr", "add", f"{self._gateway}/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", self.name, "addr", "add", f"{self.address}/30", "dev", there)
        for device in (there, "lo"):
            _ip("-n", self.name, "link", "set", device, "up")
        _ip("-n", self.name, "route", "add", "default", "via", self._gateway)

    def remove(self) -> None:
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self._cables[0]], check=False, capture_output=True)

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Nothing comes through either way, and nobody is told."""
        here, there = self._cables
        for netns, device, address in (([], here, self.address), (["-n", self.name], there, self._gateway)):
            _ip(*netns, "neigh", "replace", address, "lladdr", NOBODY, "dev", device, "nud", "permanent")
        try:
            yield
        finally:
            for netns, device, address in (([], here, self.address), (["-n", self.name], there, self._gateway)):
                _ip(*netns, "neigh", "del", address, "dev", device)


@contextmanager
def two_hosts() -> Iterator[list[Host]]:
    """Both, and the address of the services, for as long as they are needed."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        skip_or_fail("only root can make hosts of namespaces, with ip (apt install iproute2)")
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    hosts = [Host(1), Host(2)]
    with ExitStack() as made:
        subprocess.run(["ip", "addr", "del", f"{SERVICES}/32", "dev", "lo"], check=False, capture_output=True)
        _ip("addr", "add", f"{SERVICES}/32", "dev", "lo")
        made.callback(_ip, "addr", "del", f"{SERVICES}/32", "dev", "lo")
        for host in hosts:
            host.remove()
            made.callback(host.remove)
            host.make()
        yield hosts


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
