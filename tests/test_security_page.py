"""docs/security.md names tests that exist: a threat without one is not answered."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from admin_app.quotas import DOWNLOADS, EMAILS, PREVIEWS, SIGN_ONS, UPLOADS
from admin_app.security import LARGEST_REQUEST as LARGEST_OF_STAFF
from parent_portal.quotas import MAILS, QUESTIONS, REPORTS
from parent_portal.security import LARGEST_REQUEST
from shared.accounts.login.mailed_links import LIFETIMES
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
from shared.models.accounts import LinkPurpose
from shared.siecle.uploads.files import FILES_IN_UPLOAD, UPLOADED_BYTES
from shared.sign_on.asking.web import AT_ONCE, LARGEST, SECONDS_TO_ANSWER
from shared.web.serving import HurriedWorker
from tests.defences.everything import is_seen_to_fail

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


WITHOUT: Mapping[str, str] = {
    "par l'annonce d'un deuxième compte": "nothing of the other account is read: no line holds it back",
    "par la délégation, chez les personnels": "two ways through a rule that answer alike: no one line makes them so",
    "… et à la fusion": "two defences: the session of before is closed as well",
    "mêler deux fournisseurs": "the client that others made refuses it, and its test has the answer that it takes",
    "se servir d'un compte d'une application dans l'autre": "two tables: nothing of the one is asked for the other",
    "un fournisseur, ou qui parle en son nom, dit n'importe quoi": "looks for what nobody knows yet",
    "envoyer des champs en trop (mass assignment)": "values are read one by one: no line takes them all",
    "casser une page par ce qu'on tape": "looks for what nobody knows yet",
    "obtenir le compte d'une famille d'un autre établissement par un export SIECLE forgé": (
        "the database itself refuses the link; each walk has a control that finds what is there"
    ),
    "… sur aucune route des deux applications ni par aucune commande, quel que soit le rôle": "the same",
    "… établissement par établissement, sans que personne le voie": "a page that shows: nothing is held back",
    "recevoir le compte d'un autre par un numéro de SIECLE donné à une autre personne": (
        "laws over thousands of histories, which many lines hold together"
    ),
    "dans une page d'erreur": "Flask shows nothing of a failure by itself",
    "dans un export": "columns are named one by one: none holds a secret",
    "un fichier abîmé de quelque façon que ce soit : octets, balises, encodages, zip, noms": (
        "looks for what nobody knows yet"
    ),
}
"""The threats for which no line can be taken away to see their test fail: each with its reason."""


def test_every_threat_names_a_test_that_was_seen_to_fail_or_says_why_none_can() -> None:
    def fails(line: str) -> bool:
        return any(map(is_seen_to_fail, re.findall(r"`(tests/[^`]+)`", line)))

    assert {line.strip("| ").partition(" | ")[0] for line in LINES if not fails(line)} == set(WITHOUT)


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


def minutes(period: timedelta) -> int:
    return int(period.total_seconds() // 60)


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
        ("les liens qu'un personnel demande pour confirmer son adresse", (EMAILS.most,)),
        (
            "les connexions commencées par un fournisseur, d'un réseau",
            (SIGN_ONS.most, minutes(SIGN_ONS.period), minutes(SIGN_ONS.period)),
        ),
        ("les aperçus d'un personnel", (PREVIEWS.most, minutes(PREVIEWS.period), minutes(PREVIEWS.period))),
        ("les fichiers qu'un personnel envoie ; les courriers qu'il télécharge", (UPLOADS.most, DOWNLOADS.most)),
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


def test_the_sizes_and_the_times_of_requests_are_those_of_the_code() -> None:
    assert f"| {LARGEST_REQUEST // 1024} ko ({LARGEST_OF_STAFF // 1024} ko à l'administration) |" in PAGE
    assert f"{UPLOADED_BYTES // 1024**2} Mo et {FILES_IN_UPLOAD} fichiers à la fois" in PAGE
    worker = HurriedWorker
    waits = f"{worker.seconds_for_headers} s pour les en-têtes, {worker.seconds_for_body} s pour un formulaire"
    assert f"{waits}, {worker.slowest_upload // 1000} ko/s pour un fichier" in PAGE
    connections = f"{worker.most_connections:,}".replace(",", " ")
    assert f"{connections} par processus, {worker.most_waiting_of_home} en attente par réseau" in PAGE
    providers = {3: "trois"}[AT_ONCE], {10: "dix"}[SECONDS_TO_ANSWER], LARGEST // 1024**2
    assert "{1} secondes, {2} Mio, {0} demandes à la fois".format(*providers) in PAGE
    lasting = {name: int(time.total_seconds() // 3600) for name, time in LIFETIMES.items()}
    assert (
        f"| {lasting[LinkPurpose.ACTIVATION]} heures, {lasting[LinkPurpose.PASSWORD_RESET]} pour un mot de passe |"
        in PAGE
    )
