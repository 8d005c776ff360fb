"""The image of the Containerfile: built by podman from a clean Debian, and its entry point run under its account.

It is run by buildah, in the same store: podman starts no container where the limits of its host may not be raised.
"""

import base64
import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.benchmarks.portal_login import wait_for
from tests.operating.page import commands, commands_in_sentences
from tests.packaging.conftest import ROOT, end, need
from tests.packaging.machines import OF_IMAGE
from tests.ports import free_port

Buildah = Callable[..., str]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command, with its images in a folder of this test."""
    need("buildah")
    folder = tmp_path_factory.mktemp("buildah")
    return ["buildah", "--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]


@pytest.fixture(scope="module")
def buildah(store: list[str]) -> Buildah:
    def run(*arguments: str) -> str:
        done = subprocess.run([*store, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture(scope="module")
def image(store: list[str], buildah: Buildah, clean_debian: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    base = buildah("from", "scratch")
    buildah("add", base, str(clean_debian), "/")
    buildah("commit", "--rm", base, "localhost/debian")
    # pip trusts whom this machine trusts, and is patient.
    pip = tmp_path_factory.mktemp("pip") / "pip.conf"
    pip.write_text("[global]\ncert = /etc/pip.crt\ntimeout = 180\n")
    here = [f"--volume={pip}:/etc/pip.conf:ro", f"--volume={CERTIFICATES}:/etc/pip.crt:ro"]
    options = ["--isolation=chroot", "--network=host", "--format=docker", "--build-arg=BASE=localhost/debian", *here]
    need("podman")
    [command] = commands(OF_IMAGE)
    program, verb, *arguments = command.text.split()
    # As the page says, with what this machine needs beside; a copy of all of it for each line would fill its memory.
    podman = [program, *store[1:], verb, "--layers=false", *options, *arguments]
    built = subprocess.run(podman, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return "localhost/teleservices"


@pytest.fixture(scope="module")
def config(buildah: Buildah, image: str) -> dict[str, Any]:
    return dict(json.loads(buildah("inspect", "--type=image", image))["Docker"]["config"])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    (folder / "SECRET_KEY").write_text(secrets.token_urlsafe(48))
    (folder / "INITIAL_PASSWORD_KEY").write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    for file in (folder, *folder.iterdir()):
        file.chmod(0o755 if file.is_dir() else 0o444)
    return folder


@pytest.fixture(scope="module")
def container(buildah: Buildah, image: str) -> str:
    return buildah("from", image)


@pytest.fixture(scope="module")
def command(store: list[str], container: str, keys: Path) -> Callable[..., list[str]]:
    """A command in the container, with the account and the environment of the image."""
    return lambda *inside: [
        *store,
        "run",
        "--isolation=chroot",
        f"--volume={keys}:/run/secrets:ro",
        container,
        "--",
        *inside,
    ]


def test_it_says_how_it_is_run(config: dict[str, Any]) -> None:
    assert config["User"] == "10001:10001"
    assert set(config["ExposedPorts"]) == {"5001/tcp", "5002/tcp"}
    assert set(config["Volumes"]) == {"/var/lib/teleservices"}
    assert config["Healthcheck"]["Test"][0] == "CMD"
    assert " ".join(config["Cmd"]) in commands_in_sentences()
    assert not [said for said in config["Env"] if "KEY=" in said or "PASSWORD=" in said]


def test_what_it_holds_belongs_to_root_but_its_data(command: Callable[..., list[str]]) -> None:
    asked = ["stat", "-c", "%a %U %n", "/opt/teleservices", "/var/lib/teleservices"]
    said = subprocess.run(command(*asked), capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == ["755 root /opt/teleservices", "700 teleservices /var/lib/teleservices"]


@contextmanager
def served(command: Callable[..., list[str]], *inside: str) -> Iterator[None]:
    with subprocess.Popen(command(*inside)) as process:
        try:
            yield
        finally:
            end(process)


def portal_answers(port: int) -> None:
    wait_for(port)
    with urlopen(f"http://127.0.0.1:{port}/connexion") as answer:
        assert "<form" in answer.read().decode()


def test_its_entry_point_makes_the_tables_and_serves_under_its_account(
    command: Callable[..., list[str]], config: dict[str, Any]
) -> None:
    [entry] = config["Entrypoint"]
    subprocess.run(command(entry, "init-db"), check=True, capture_output=True)
    serve, *options = config["Cmd"]
    portal, admin = free_port(), free_port()
    ports = ["--portal-port", str(portal), "--admin-port", str(admin)]
    with served(command, entry, serve, *options, *ports):
        portal_answers(portal)
        files = subprocess.run(
            command("find", "/var/lib/teleservices", "-type", "f", "-printf", "%U %m\n"),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        assert set(files) == {"10001 600"}


def test_its_health_is_that_of_what_it_serves(command: Callable[..., list[str]], config: dict[str, Any]) -> None:
    check = config["Healthcheck"]["Test"][1:]
    try:
        with served(command, *config["Entrypoint"], "serve", "--only", "portal", "--host", "0.0.0.0"):
            portal_answers(5002)
            assert subprocess.run(command(*check), capture_output=True, check=False).returncode == 0
    finally:
        assert subprocess.run(command(*check), capture_output=True, check=False).returncode != 0
