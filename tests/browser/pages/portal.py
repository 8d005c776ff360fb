"""The portal of the parents, and where the mails of a demonstration are read."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages.letters import Letter
from tests.browser.pages.pictures import keep_picture
from tests.patience import wait_until


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
        self.page.get_by_role("button", name="Se connecter", exact=True).click()

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
        self.find(subject, to).click()

    def find(self, subject: str, to: str) -> Locator:
        """Wait for a mail in the list."""
        mail = self.page.locator("li").filter(has_text=to).get_by_role("link", name=re.compile(subject)).first
        mails = self.page.locator("li")

        def has_come() -> bool:
            self.page.goto(self.address)
            return mail.count() > 0

        wait_until(has_come, f"a mail « {subject} » for {to}", progress=mails.count)
        return mail

    def link(self) -> str:
        """The address that the mail asks to open."""
        return self.page.locator("pre a").first.get_attribute("href") or ""
