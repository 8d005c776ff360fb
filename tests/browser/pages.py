"""What people do on each screen, in their words: the tests say what happens, these say where to press."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.notifications.drawings import drawings

BACKGROUND_MS = 120_000
"""How long a page may wait for the worker: past a killed one, the next sweep comes within a minute."""

PAPER, MAIL = "Document papier seulement", "Courrier électronique seulement"


def keep_picture(page: Page, name: str) -> None:
    """Keep what is on the screen for whoever wants to look, and make sure that nothing is cut off on the right."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"


@dataclass
class BackOffice:
    """The back office, as a member of staff uses it."""

    page: Page
    address: str

    def log_in(self, login: str, password: str, new_password: str) -> None:
        """Log in for the first time, and choose another password."""
        self.page.goto(self.address)
        keep_picture(self.page, "admin-connexion")
        self.page.get_by_label("Identifiant").fill(login)
        self.page.get_by_label("Mot de passe").fill(password)
        self.page.get_by_role("button", name="Se connecter").click()
        keep_picture(self.page, "admin-mot-de-passe")
        self.page.get_by_label("Nouveau mot de passe").fill(new_password)
        self.page.get_by_label("Le même, une seconde fois").fill(new_password)
        self.page.get_by_role("button", name="Changer le mot de passe").click()
        keep_picture(self.page, "admin-accueil")

    def open(self, menu: str, entry: str) -> None:
        """Open an entry of the menu, through the button that a phone shows."""
        button = self.page.get_by_role("button", name=re.compile("^Menu"))
        if button.is_visible() and button.get_attribute("aria-expanded") != "true":
            button.click()
        category = self.page.locator("nav.menu details").filter(has=self.page.locator("summary", has_text=menu))
        if category.get_attribute("open") is None:
            category.locator("summary").click()
        category.get_by_role("link", name=entry, exact=True).click()

    def import_files(self, files: Sequence[Path]) -> None:
        """Send files, read what would change, confirm, and wait for the report."""
        self.send_files(files)
        self.confirm_import()
        self.see_import_done()

    def send_files(self, files: Sequence[Path]) -> None:
        """Send files to be checked."""
        self.open("Base élèves", "Importer")
        keep_picture(self.page, "admin-importer")
        self.page.get_by_label("Fichiers SIECLE").set_input_files([str(file) for file in files])
        self.page.get_by_role("button", name="Envoyer et vérifier").click()

    def confirm_import(self) -> None:
        """Wait for what would change, and confirm."""
        self.page.get_by_role("button", name="Confirmer l'import").wait_for(timeout=BACKGROUND_MS)
        keep_picture(self.page, "admin-import-verifie")
        self.page.get_by_role("button", name="Confirmer l'import").click()

    def see_import_done(self) -> None:
        """Wait for the report."""
        expect(self.page.get_by_text("Import terminé")).to_be_visible(timeout=BACKGROUND_MS)
        keep_picture(self.page, "admin-import-termine")

    def generate(self) -> None:
        """Generate the accounts of guardians, duplicates seen."""
        self.open("Accès des responsables", "Générer les comptes")
        keep_picture(self.page, "admin-generer")
        seen = self.page.get_by_label("J'ai vu les doublons")
        if seen.count():
            seen.check()
        self.page.get_by_role("button", name=re.compile("Générer .*compte")).click()
        keep_picture(self.page, "admin-genere")

    def notify(self, divisions: Sequence[str], mode: str) -> None:
        """Notify divisions (all when none is given), and come to the page of the campaign."""
        self.open("Accès des responsables", "Notifier en masse")
        for division in divisions:
            self.page.get_by_label(division, exact=True).check()
        self.page.get_by_label(mode).check()
        self.page.get_by_role("button", name="Afficher la liste").click()
        keep_picture(self.page, "admin-notifier")
        self.page.get_by_role("button", name="Continuer").first.click()
        keep_picture(self.page, "admin-notifier-confirmer")
        self.page.get_by_role("button", name=re.compile("Notifier .*compte")).click()

    def download_letters(self) -> bytes:
        """Wait for the letters of the campaign, and take the PDF."""
        download = self.page.get_by_role("button", name="Télécharger les courriers")
        download.wait_for(timeout=BACKGROUND_MS)
        keep_picture(self.page, "admin-campagne")
        with self.page.expect_download() as downloaded:
            download.click()
        return Path(downloaded.value.path()).read_bytes()

    def see_campaign_done(self) -> None:
        """Wait until nothing of the campaign is left to send."""
        expect(self.page.get_by_text("Terminé le")).to_be_visible(timeout=BACKGROUND_MS)


@dataclass(frozen=True)
class Letter:
    """What a parent reads on the letter."""

    identifier: str
    password: str


def letters_in(pdf: bytes) -> dict[str, Letter]:
    """Each letter of a PDF, by its identifier; the slip in front is passed over."""
    letters = {}
    for page in drawings(pdf):
        keys = [run.text for run in page.runs if "HyperlegibleMono" in run.font]
        if len(keys) == 2:
            letters[keys[0]] = Letter(*keys)
    return letters


@dataclass
class Portal:
    """The portal, as a parent uses it."""

    page: Page
    address: str

    def log_in(self, identifier: str, password: str) -> None:
        """Type an identifier and a password."""
        self.page.goto(f"{self.address}/connexion")
        keep_picture(self.page, "portail-connexion")
        self.page.get_by_label("Identifiant").fill(identifier)
        self.page.get_by_label("Mot de passe", exact=True).fill(password)
        self.page.get_by_role("button", name="Se connecter").click()

    def first_login(self, letter: Letter, email: str, password: str) -> None:
        """Step 1: from the letter to the page that says a mail was sent."""
        self.log_in(letter.identifier, letter.password)
        keep_picture(self.page, "portail-premiere-connexion")
        self.page.get_by_label("Adresse e-mail", exact=True).fill(email)
        self.page.get_by_label("La même adresse").fill(email)
        self.page.get_by_label("Nouveau mot de passe", exact=True).fill(password)
        self.page.get_by_label("Le même mot de passe, encore une fois", exact=True).fill(password)
        self.page.get_by_role("button", name="Continuer").first.click()
        expect(self.page.get_by_role("heading", name="Un message vous attend")).to_be_visible()
        keep_picture(self.page, "portail-activation-attente")

    def activate(self, link: str) -> None:
        """Step 2: open the link of the mail, and press its button."""
        self.page.goto(link)
        keep_picture(self.page, "portail-activation")
        self.page.get_by_role("button", name="Activer mon compte").click()

    def log_out(self) -> None:
        """Leave."""
        self.page.goto(self.address)
        self.page.get_by_role("button", name="Se déconnecter").click()

    def merge(self, identifier: str, password: str) -> None:
        """Merge another account into the one of now."""
        self.page.goto(f"{self.address}/fusion")
        keep_picture(self.page, "portail-fusion")
        self.page.get_by_label("Identifiant de l'autre compte").fill(identifier)
        self.page.get_by_label("Mot de passe de l'autre compte", exact=True).fill(password)
        self.page.get_by_role("button", name="Réunir les deux comptes").click()

    def children(self) -> list[str]:
        """The children that the home shows."""
        self.page.goto(self.address)
        keep_picture(self.page, "portail-accueil")
        return [heading.strip() for heading in self.page.locator(".child h3").all_inner_texts()]


@dataclass
class MailReader:
    """The place where the mails of a demonstration are read."""

    page: Page
    address: str

    def open_newest(self, subject: str, to: str) -> None:
        """Wait for a mail, and open it."""
        mail = self.page.locator("li").filter(has_text=to).get_by_role("link", name=re.compile(subject)).first
        for _ in range(60):
            self.page.goto(self.address)
            if mail.count():
                mail.click()
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"no mail « {subject} » for {to}")

    def link(self) -> str:
        """The address that the mail asks to open."""
        return self.page.locator("pre a").first.get_attribute("href") or ""
