"""The servers of the demonstration of sign-on: where each of them answers, and what starts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.demo.lemonldap import run

FIRST_PORT = 5011
FOLDER = "sso"
"""Under `VAR_DIR`: a folder for each LemonLDAP::NG, and what the téléservice knows."""
ACADEMY, ENT, SERVICE_ENV, PORT = "academie", "ent", "teleservice.env", "port"


@dataclass(frozen=True)
class Places:
    """Where they answer: one port after the other, and one name, for which alone LemonLDAP::NG sets its cookies."""

    first: int = FIRST_PORT

    @property
    def academy(self) -> str:
        """The portal of the académie."""
        return f"http://localhost:{self.first}"

    @property
    def ent(self) -> str:
        """The ENT."""
        return f"http://localhost:{self.first + 1}"

    @property
    def service(self) -> str:
        """The téléservice."""
        return f"http://localhost:{self.first + 2}"


@dataclass(frozen=True)
class Server:
    """One of them, as `teleservices serve` starts it."""

    name: str
    address: str
    command: str

    @property
    def port(self) -> int:
        """Where it listens, on this machine only."""
        return int(self.address.rpartition(":")[2])


def kept_places(var_dir: Path) -> Places:
    """Where `demo --sso` said that they would answer.

    Raises:
        FileNotFoundError: it did not.
    """
    return Places(int((var_dir / FOLDER / PORT).read_text("utf-8")))


def servers(var_dir: Path, own: str) -> Sequence[Server]:
    """Those that `demo --sso` prepared, none if it did not; `own` is what starts a command of ours."""
    folder = var_dir.absolute() / FOLDER
    if not (folder / PORT).is_file():
        return ()
    at = kept_places(var_dir)
    return (
        Server(ACADEMY, at.academy, f"{own} demo-lemonldap {ACADEMY}"),
        Server(ENT, at.ent, f"{own} demo-lemonldap {ENT}"),
        Server("teleservice", at.service, f"{own} demo-service"),
    )


def run_lemonldap(var_dir: Path, name: str) -> int:
    """Run one of the two LemonLDAP::NG until it ends; returns its status.

    Raises:
        FileNotFoundError: `demo --sso` prepared none.
    """
    at = kept_places(var_dir)
    address = {ACADEMY: at.academy, ENT: at.ent}[name]
    return run(int(address.rpartition(":")[2]), var_dir.absolute() / FOLDER / name)
