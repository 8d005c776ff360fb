"""« Accessibilité », « Données personnelles », « Mentions légales »: for everybody; what nobody filled is told."""

from collections.abc import Callable

import pytest
from flask import Flask

import admin_app
from parent_portal import create_app
from shared.config import ConfigurationError, Settings, load_settings
from shared.database import Database
from shared.settings.legal import LINES, Conformity
from shared.watching.judgement import Level
from shared.watching.trials import _legal
from tests.portal.browser import Browser, words

PAGES = ("/accessibilite", "/donnees", "/mentions")
MISSING = "L'organisme qui a installé ce portail ne l'a pas encore écrit."
FILLED = {name: f"Valeur de {name}" for name in LINES}

Opened = Callable[..., Browser]


@pytest.fixture
def opened(settings: Settings, database: Database) -> Opened:
    """The portal with these settings beside."""

    def opened(**legal: object) -> Browser:
        portal: Flask = create_app(settings.model_copy(update=legal), database)
        return Browser(portal)

    return opened


@pytest.mark.parametrize("path", PAGES)
def test_what_nobody_filled_is_told(opened: Opened, path: str) -> None:
    page = opened().get(path)
    assert page.status_code == 200
    assert MISSING in words(page)


def test_what_is_filled_is_shown_and_nothing_is_missing(opened: Opened) -> None:
    browser = opened(**FILLED)
    said = " ".join(words(browser.get(path)) for path in PAGES)
    assert MISSING not in said
    # The contact of data is the officer where there is one.
    assert [value for value in FILLED.values() if value not in said] == []


@pytest.mark.parametrize(
    ("rate", "conformity", "said"),
    [
        (None, Conformity.NONE, "non conforme"),
        (49, Conformity.NONE, "non conforme"),
        (50, Conformity.PARTIAL, "partiellement conforme"),
        (99, Conformity.PARTIAL, "partiellement conforme"),
        (100, Conformity.TOTAL, "totalement conforme"),
    ],
)
def test_each_page_says_how_accessible_it_is_as_the_law_has_it(
    opened: Opened, settings: Settings, rate: int | None, conformity: Conformity, said: str
) -> None:
    assert settings.model_copy(update={"legal_accessibility_rate": rate}).conformity is conformity
    browser = opened(legal_accessibility_rate=rate)
    assert f"Accessibilité : {said}" in words(browser.get("/connexion"))
    page = words(browser.get("/accessibilite"))
    assert (f"Critères respectés, selon un audit : {rate} %" in page) == (rate is not None)
    assert "n'a pas encore fait faire d'audit" in page or rate is not None


def test_periods_are_those_of_the_settings(opened: Opened) -> None:
    said = words(opened(retention_account_days=700, retention_fiche_months=7).get("/donnees"))
    assert "pendant 700 jours" in said
    assert "effacé 7 mois après" in said


def test_the_back_office_leads_to_them(settings: Settings, database: Database) -> None:
    app = admin_app.create_app(settings.model_copy(update={"public_portal_url": "https://portail.fr"}), database)
    page = app.test_client().get("/connexion/").text
    assert [path for path in PAGES if f'href="https://portail.fr{path}"' not in page] == []
    assert "Accessibilité\u00a0: non conforme" in page


def test_who_installs_is_told_what_is_missing(settings: Settings) -> None:
    told = _legal(settings.model_copy(update={"legal_dpo": "dpo@exemple.fr"}))
    assert told.level is Level.WARNING
    assert "LEGAL_PUBLISHER" in told.sentence
    assert "LEGAL_DPO" not in told.sentence
    assert _legal(settings.model_copy(update=FILLED)).level is Level.GOOD


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("LEGAL_PUBLISHER", "x" * 501, "trop long"),
        ("LEGAL_CONTACT", "une\nligne", "une ligne"),
        ("LEGAL_ACCESSIBILITY_RATE", "101", "trop grand"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"{name}.*{reason}"):
        load_settings()
