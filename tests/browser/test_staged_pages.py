"""Notifying in steps, from the choice to the stop: with axe, on a phone, a tablet and a desk; and what tells of it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.models.sending.staged import StageCause, StagedCampaign, StageState
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.letters_school import HEAD, families_to_notify, school_to_notify
from tests.browser.long_named_school import log_in
from tests.browser.pages import keep_picture, violations_of
from tests.browser.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
TABLET = {"width": 768, "height": 1024}


@pytest.fixture
def school(database: Database, sealer: Sealer) -> int:
    """Twelve families: two in three have an e-mail, half of them accept SMS."""
    with database.writing() as session:
        school = school_to_notify(session)
        names = [f"FAMILLE{number:02}" for number in range(12)]
        families_to_notify(session, sealer, school, names, ("6A", "5A"), known)
        return school.id


def known(number: int) -> dict[str, object]:
    email = {"email": f"famille{number}@exemple.fr"} if number % 3 else {}
    return {**email, "mobile_phone": f"0692 10 00 {number:02}", "accepts_sms": number % 2 == 0}


@pytest.fixture
def address(settings: Settings, database: Database) -> Iterator[str]:
    sending = settings.model_copy(
        update={"sms_driver": "http", "sms_sender": "COLLEGE", "sms_price": Decimal("0.065"), "sms_token": "a token"}
    )
    with served(create_app(sending, database)) as at:
        yield at


def propose(database: Database) -> None:
    with database.writing() as session:
        stage = session.query(StagedCampaign).one().stages[1]
        stage.due_on, stage.state, stage.cause = now().date(), StageState.PROPOSED, StageCause.DEARER


@pytest.mark.parametrize("size", [PHONE, TABLET, DESK], ids=["phone", "tablet", "desk"])
def test_every_page_of_steps_is_read_and_used(
    browser: Browser, address: str, school: int, database: Database, size: dict[str, int]
) -> None:
    page = open_page(browser, size)
    log_in(page, address, HEAD)
    complaints = []

    def look(name: str) -> None:
        keep_picture(page, f"admin-etapes-{name}")
        complaints.extend(f"{name}: {violation}" for violation in violations_of(page))

    page.goto(f"{address}/responsables/notifier/")
    page.get_by_label("Par étapes : le moyen suivant").check()
    expect(page.get_by_label("Étape 1")).to_have_value("mail")
    expect(page.get_by_label("Étape 3")).to_have_value("paper")
    look("choisir")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Étape 2 : le")).to_be_visible()
    look("confirmer")
    page.get_by_role("button", name="Commencer").click()
    expect(page.get_by_text("Étape 2 (SMS) le")).to_be_visible()
    look("une")
    propose(database)
    page.reload()
    expect(page.get_by_text("L'étape 2 attend votre confirmation")).to_be_visible()
    look("a-confirmer")
    page.get_by_role("link", name="Confirmer l'étape 2…").click()
    look("suite")
    page.get_by_role("link", name="Ne rien faire").click()
    page.get_by_role("link", name="Arrêter les étapes…").click()
    look("arreter")
    page.get_by_role("button", name="Arrêter les étapes").click()
    expect(page.get_by_text("Arrêtée le")).to_be_visible()
    page.goto(f"{address}/responsables/etapes/")
    look("liste")
    page.goto(f"{address}/parametrage/sans-lettre/")
    look("sms-de-l-etablissement")
    page.goto(f"{address}/parametrage/courriers/?courrier=guardian_new_account&partie=coupon")
    look("coupon")
    page.context.close()
    assert complaints == []
