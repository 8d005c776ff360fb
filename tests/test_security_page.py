"""docs/security.md names tests that exist: a threat without one is not answered."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from parent_portal.quotas import MAILS, QUESTIONS, REPORTS
from shared.limits.browsers import OF_ACCOUNTS, OF_STAFF
from shared.limits.policy import (
    BY_ADDRESS,
    BY_NETWORK,
    BY_OPERATOR,
    CODES,
    FROM_ANYWHERE,
    FROM_THIS_ADDRESS,
    OF_DIRECTORY,
    ON_OPERATOR,
    TURN,
)

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
THREATS = PAGE.partition("\n## ")[0]
LINES = [line for line in THREATS.splitlines() if line.startswith("| ") and not line.startswith(("| **", "| menace"))]
NAMED = (
    "annuaire",
    "stuffing",
    "fermer la porte",
    "temps de réponse",
    "fixation",
    "session volée",
    "scanner",
    "Referer",
    "rejouer un lien",
    "autre compte",
    "Host",
    "redirection ouverte",
    "CSRF",
    "clickjacking",
    "nom de SIECLE",
    "libellé d'un lien",
    "javascript:",
    "en-têtes de courriel",
    "mass assignment",
    "autre établissement",
    "cookie d'une application",
    "downgrade",
    "rejouer celui de la lettre",
    "dans le journal technique",
    "dans une page d'erreur",
    "dans une adresse",
    "dans un cache",
    "fichier SIECLE piégé",
    "trop lentement",
    "trop lourd",
)


def test_every_threat_names_a_test() -> None:
    assert len(LINES) > 90
    assert [line for line in LINES if "`tests/" not in line.rpartition(" | ")[2]] == []


def test_every_test_named_exists() -> None:
    missing = []
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE):
        file = ROOT / path
        if not file.exists() or (name and f"def {name}(" not in file.read_text("utf-8")):
            missing.append(f"{path}::{name}")
    assert missing == []


@pytest.mark.parametrize("threat", NAMED)
def test_every_threat_that_was_named_has_a_line_of_its_own(threat: str) -> None:
    assert [line for line in LINES if threat in line.partition(" | ")[0]]


def figures(line: str) -> list[int]:
    """The numbers of the line of « Les limites, en chiffres » that begins so, but for what it says of networks."""
    [cells] = [each.strip("| ").split(" | ")[1:] for each in PAGE.splitlines() if each.startswith(f"| {line} |")]
    told = re.sub(r"/\d+", "", " ".join(cells)).replace("\u00a0", " ")
    return [int(number.replace(" ", "")) for number in re.findall(r"\d+(?: \d{3})*", told)]


@pytest.mark.parametrize(
    ("line", "held"),
    [
        (
            "un identifiant depuis une adresse (ou un navigateur connu)",
            (FROM_THIS_ADDRESS.free, 30, 15, FROM_THIS_ADDRESS.free_in_alarm, 1),
        ),
        ("une adresse (un /64 en IPv6)", (BY_ADDRESS.free, 1, 15, BY_ADDRESS.free_in_alarm)),
        ("un identifiant de partout", (FROM_ANYWHERE.free, TURN.seconds, FROM_ANYWHERE.free_in_alarm)),
        ("les codes d'une double authentification, de partout", (CODES.free, 1)),
        ("tout l'annuaire en une heure", (OF_DIRECTORY.free,)),
        ("les courriels demandés d'un réseau ; les signalements d'élèves", (MAILS.most,)),
        ("les questions posées à des clés d'accès, d'un réseau", (QUESTIONS.most,)),
    ],
)
def test_the_limits_in_figures_are_those_of_the_code(line: str, held: tuple[int, ...]) -> None:
    assert tuple(figures(line)) == held


def test_the_limits_of_networks_and_sessions_are_those_of_the_code() -> None:
    assert figures("un voisinage (un /24, un /48 en IPv6)")[0] == BY_NETWORK.free
    assert figures("un opérateur d'IPv6 (un /32), sur un identifiant ; en tout")[:2] == [
        ON_OPERATOR.free,
        BY_OPERATOR.free,
    ]
    assert REPORTS.most == MAILS.most
    assert (OF_ACCOUNTS.idle, OF_STAFF.idle) == (timedelta(hours=1), timedelta(hours=3))
    assert (OF_ACCOUNTS.lifetime, OF_STAFF.lifetime) == (timedelta(hours=8), timedelta(hours=10))
    assert "Une heure sans rien demander y met fin (trois pour les personnels), et 8 heures" in PAGE
    assert "(10 pour les personnels" in PAGE
