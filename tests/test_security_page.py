"""docs/security.md names tests that exist: a threat without one is not answered."""

import re
from pathlib import Path

import pytest

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
