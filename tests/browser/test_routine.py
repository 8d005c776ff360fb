"""The routine of September from « À faire » alone: each step is opened from « Accueil », until « Tout est fait ».

`ROUTINE_STUDENTS` says how many students the school has; the clicks are counted and printed.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.installation import RunningInstallation, new_password
from tests.browser.pages import BackOffice, keep_picture
from tests.patience import STILL_MS, wait_until

pytestmark = pytest.mark.browser

STUDENTS = os.environ.get("ROUTINE_STUDENTS", "60")
CLICKS_AND_KEYS = 18
"""Beside one for each pair of fiches that is not sure enough to be treated with the others."""
OTHERWISE = 6
"""For all who have no address at all, where a school has some."""
MOST_PAIRS = 500
STEPS = (
    "1. Importer la base élèves",
    "2. Traiter les doublons de responsables",
    "3. Générer les comptes",
    "4. Régler ce que les familles lisent",
    "5. Notifier les responsables",
    "6. Télécharger et imprimer les courriers",
    "7. Joindre autrement qui n'a rien reçu",
)


class Secretary:
    """Who reads « À faire », and nothing else; what she clicks and types is counted."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.acts = 0
        self.at_each_step: dict[str, int] = {}

    def click(self, what: Locator) -> None:
        what.click()
        self.acts += 1

    def press(self, key: str) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.acts += 1

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(name)).first

    def state_of(self, step: str) -> str:
        """What « Accueil » says of a step: « Fait », « À faire »…"""
        self.page.goto(self.address)
        return self.step(step).locator(".step-state").inner_text()

    def begin(self, step: str) -> None:
        """From « Accueil », open the page of a step."""
        assert self.state_of(step) in {"À faire", "Fait"}
        self.at_each_step[step] = -self.acts
        self.click(self.page.get_by_role("link", name=step[3:], exact=True))
        keep_picture(self.page, f"rentree-{step[0]}")

    def end(self, step: str) -> None:
        """Back on « Accueil », see that the step is done, or that nothing is left but to wait."""
        self.at_each_step[step] += self.acts
        wait_until(lambda: self.state_of(step) in {"Fait", "En cours"}, f"« {step} » is done")

    def what_is_said(self) -> str:
        """All of « À faire », which moves as the work of the background does."""
        return self.page.locator("ol.routine").inner_text()

    def step(self, step: str) -> Locator:
        """Where « Accueil » tells of a step."""
        return self.page.locator("li.step").filter(has=self.page.get_by_role("link", name=step[3:], exact=True))


@pytest.mark.runs_on("sqlite")
def test_the_routine_of_september_goes_from_a_faire_alone_to_everything_done(
    installation: RunningInstallation, desk: Page
) -> None:
    school = installation.command("demo", "--students", STUDENTS)["schools"][0]
    installation.start()
    head = next(person for person in school["staff"] if person["login"] == "chef1")
    BackOffice(desk, installation.admin).log_in("chef1", head["password"], new_password())
    secretary = Secretary(desk, installation.admin)

    import_again(secretary, [Path(file) for file in school["files"]])
    pairs = treat_duplicates(secretary)
    generate(secretary)
    settle(secretary)
    notify(secretary)
    print_letters(secretary)
    otherwise = reach_otherwise(secretary)

    wait_until(lambda: secretary.state_of(STEPS[4]) == "Fait", "every mail has left", secretary.what_is_said)
    keep_picture(desk, "rentree-fin")
    print(f"{STUDENTS} students: {secretary.acts} clicks and keys, {pairs} of them for pairs: {secretary.at_each_step}")
    expect(desk.get_by_text("Tout est fait.")).to_be_visible()
    assert secretary.acts - pairs - otherwise <= CLICKS_AND_KEYS
    assert otherwise <= OTHERWISE


def import_again(secretary: Secretary, files: list[Path]) -> None:
    secretary.begin(STEPS[0])
    secretary.page.get_by_label("Fichiers SIECLE").set_input_files([str(file) for file in files])
    secretary.click(secretary.button("^Envoyer et vérifier"))
    confirm = secretary.button("^Confirmer l'import")
    confirm.wait_for(timeout=STILL_MS)
    secretary.click(confirm)
    expect(secretary.page.get_by_text("Import terminé")).to_be_visible(timeout=STILL_MS)
    secretary.end(STEPS[0])


def treat_duplicates(secretary: Secretary) -> int:
    """The sure ones together, then the others one by one; how many those are."""
    page, pairs = secretary.page, 0
    secretary.begin(STEPS[1])
    secretary.click(page.get_by_role("link", name="Traiter par lot").first)
    secretary.click(secretary.button("^Faire les fusions"))
    page.goto(f"{secretary.address}/base/doublons/")
    if page.get_by_role("link", name="Traiter un par un").is_visible():
        secretary.click(page.get_by_role("link", name="Traiter un par un"))
        while not page.get_by_text("Aucun doublon probable à traiter").is_visible():
            secretary.press("m" if page.get_by_role("button", name="à fusionner par le parent").is_visible() else "o")
            pairs += 1
            assert pairs < MOST_PAIRS, "the list goes round"
    secretary.end(STEPS[1])
    return pairs


def generate(secretary: Secretary) -> None:
    secretary.begin(STEPS[2])
    secretary.click(secretary.button("^Générer .*compte"))
    secretary.end(STEPS[2])


def settle(secretary: Secretary) -> None:
    """Whatever is not settled is what the step opens."""
    assert secretary.state_of(STEPS[3]) == "Fait"


def notify(secretary: Secretary) -> None:
    secretary.begin(STEPS[4])
    secretary.click(secretary.button("^Continuer"))
    secretary.click(secretary.button("^Notifier .*compte"))
    secretary.end(STEPS[4])


def print_letters(secretary: Secretary) -> None:
    page = secretary.page
    wait_until(lambda: secretary.state_of(STEPS[5]) == "À faire", "the letters are ready", secretary.what_is_said)
    secretary.begin(STEPS[5])
    download = page.get_by_role("button", name=re.compile("Télécharger"))
    if not download.count():
        secretary.click(page.locator("main table a").first)
    download.first.wait_for(timeout=STILL_MS)
    with page.expect_download() as downloaded:
        secretary.click(download.first)
    assert Path(downloaded.value.path()).read_bytes().startswith(b"%PDF")
    # The page says so by itself: nobody wonders whether it worked.
    expect(page.locator("#progression").get_by_text("Téléchargés")).to_be_visible()
    secretary.end(STEPS[5])


def reach_otherwise(secretary: Secretary) -> int:
    """Who has no address at all gets a coupon, given out in class; how many clicks that takes."""
    page, before = secretary.page, secretary.acts
    if secretary.state_of(STEPS[6]) == "Fait":
        return 0
    secretary.at_each_step[STEPS[6]] = -secretary.acts
    secretary.click(secretary.step(STEPS[6]).get_by_role("link", name=re.compile("sans adresse")))
    keep_picture(page, "rentree-7")
    secretary.click(secretary.button("^Continuer"))
    secretary.click(secretary.button("^Notifier .*compte"))
    secretary.end(STEPS[6])
    print_letters(secretary)
    return secretary.acts - before
