"""A Debian with nothing on it, and a way into it, for the packages to be installed into (`make packages`)."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.conftest import skip_or_fail

ROOT = Path(__file__).parents[2]
Inside = Callable[..., "subprocess.CompletedProcess[str]"]


def need(*programs: str) -> None:
    """Skip, and say why, where this cannot be done."""
    if os.geteuid() != 0:
        skip_or_fail("only root can make a clean Debian to install the package into")
    if missing := [program for program in programs if shutil.which(program) is None]:
        skip_or_fail(f"missing on this machine: {', '.join(missing)} (`make packages` installs them)")


@pytest.fixture(scope="session")
def clean_debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest Debian 12 that apt runs on, in a file."""
    need("mmdebstrap")
    made = tmp_path_factory.mktemp("debian") / "root.tar"
    said = subprocess.run(
        ["mmdebstrap", "--variant=minbase", "bookworm", str(made)], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    return made


@pytest.fixture(scope="session")
def root(clean_debian: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That Debian, unpacked."""
    folder = tmp_path_factory.mktemp("root")
    folder.chmod(0o755)
    subprocess.run(["tar", "-xf", clean_debian, "-C", folder, "--numeric-owner", "--exclude=./dev/*"], check=True)
    return folder


@pytest.fixture(scope="session")
def inside(root: Path) -> Inside:
    """Run a shell script in that Debian, with nothing to answer a question with."""

    def run(script: str, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [*way_into(root), "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    return run


def way_into(root: Path) -> list[str]:
    """The command that runs another in `root`, whose processes and mounts end with it."""
    enter = (
        'mount --rbind /dev "$0/dev" && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 chroot "$0" "$@"'
    )
    within = ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={root}/proc"]
    return [*within, "sh", "-c", enter, str(root)]


def end(process: "subprocess.Popen[bytes]") -> None:
    """Tell what it started to stop, as systemd and a container's engine do: what is in between tells nobody."""
    for started in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            started.terminate()
    process.wait(timeout=120)


def built(folder: Path) -> Path:
    said = subprocess.run(["make", "deb", f"DIST={folder}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    [package] = folder.glob("*.deb")
    return package


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("dpkg-buildpackage", "dh")
    return built(tmp_path_factory.mktemp("deb"))


@pytest.fixture(scope="session")
def next_package(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same under a later version."""
    folder = tmp_path_factory.mktemp("next")
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder / "content"], check=True)
    control = folder / "content" / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^(Version: .*)$", r"\1+next", control.read_text("utf-8")), "utf-8")
    made = folder / "teleservices_next.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "--build", folder / "content", made], check=True)
    return made
