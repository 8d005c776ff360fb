"""The back office: its menu, and the way from the files to the letters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pages.pictures import keep_picture
from tests.patience import STILL_MS

PAPER, MAIL = "Document papier seulement", "Courrier électronique seulement"


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
        self.page.get_by_role("button", name="Confirmer l'import").wait_for(timeout=STILL_MS)
        keep_picture(self.page, "admin-import-verifie")
        self.page.get_by_role("button", name="Confirmer l'import").click()

    def see_import_done(self) -> None:
        """Wait for the report."""
        expect(self.page.get_by_text("Import terminé")).to_be_visible(timeout=STILL_MS)
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
            self.page.get_by_label(re.compile(rf"^{re.escape(division)} ·")).check()
        self.page.get_by_label(mode).check()
        self.page.get_by_role("button", name="Afficher la liste").click()
        keep_picture(self.page, "admin-notifier")
        self.page.get_by_role("button", name="Continuer").first.click()
        keep_picture(self.page, "admin-notifier-confirmer")
        self.page.get_by_role("button", name=re.compile("Notifier .*compte")).click()

    def download_letters(self) -> bytes:
        """Wait for the letters of the campaign, and take the PDF."""
        download = self.page.get_by_role("button", name="Télécharger les courriers")
        download.wait_for(timeout=STILL_MS)
        keep_picture(self.page, "admin-campagne")
        with self.page.expect_download() as downloaded:
            download.click()
        return Path(downloaded.value.path()).read_bytes()

    def see_campaign_done(self) -> None:
        """Wait until nothing of the campaign is left to send."""
        expect(self.page.get_by_text("Terminé le")).to_be_visible(timeout=STILL_MS)
