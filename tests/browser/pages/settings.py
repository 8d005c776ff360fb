"""« Gestion des services » and « Paramétrage »."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages.back_office import BackOffice
from tests.browser.pages.pictures import keep_picture


@dataclass
class _Screen:
    """One entry of the menu."""

    staff: BackOffice

    @property
    def page(self) -> Page:
        return self.staff.page

    def submit(self) -> None:
        """Press « Valider »."""
        self.page.get_by_role("button", name="Valider", exact=True).click()


class Services(_Screen):
    """« Ouverture / Fermeture »."""

    def show(self) -> None:
        """Open the list of téléservices."""
        self.staff.open("Gestion des services", "Ouverture / Fermeture")
        keep_picture(self.page, "admin-services")

    def line(self, label: str) -> Locator:
        """The line of a téléservice."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=label))

    def change(self, label: str, verb: str) -> None:
        """Open or close a téléservice, and confirm."""
        self.line(label).get_by_role("link", name=re.compile(f"^{verb}")).click()
        keep_picture(self.page, "admin-service")
        self.page.get_by_role("button", name=verb, exact=True).click()


class Welcome(_Screen):
    """« Message d'accueil »."""

    def write(self, message: str) -> None:
        """Type a message as somebody does, without validating it."""
        self.staff.open("Paramétrage", "Message d'accueil")
        self.page.locator(".text-area").fill(message)
        keep_picture(self.page, "admin-message")

    @property
    def preview(self) -> Locator:
        """What families would see."""
        return self.page.locator(".preview")

    @property
    def counter(self) -> Locator:
        """How many characters of how many."""
        return self.page.locator("#message-count")


class Ent(_Screen):
    """« ENT et courrier de notification »."""

    def show(self) -> None:
        """Open the screen."""
        self.staff.open("Paramétrage", "ENT et courrier de notification")
        keep_picture(self.page, "admin-ent")

    def choose(self, letter_type: str, link: str) -> None:
        """Choose the type of letter and one of the predefined links by its name, and validate."""
        self.show()
        self.page.get_by_label(letter_type, exact=True).check()
        self.page.get_by_label("Lien ENT prédéfini").check()
        links = self.page.get_by_label("Dans la liste de l'académie")
        links.select_option(label=links.locator("option", has_text=link).inner_text())
        self.submit()

    def press_for(self, letter: str, button: str, part: str = "Corps") -> None:
        """Choose a letter to guardians and a part of it, and press a button under them."""
        self.show()
        self.page.get_by_label(part, exact=True).check()
        self.page.get_by_role("group", name="Courrier pour responsable").get_by_label(_begins(letter)).check()
        self.page.get_by_role("button", name=button, exact=True).click()
        keep_picture(self.page, f"admin-courrier-{button.split()[0].lower()}")

    def letter_shown(self) -> bytes:
        """The PDF in the page."""
        source = self.page.locator("iframe.letter").get_attribute("src") or ""
        return self.page.request.get(f"{self.staff.address}{source}").body()


class Contact(_Screen):
    """« Contact établissement »."""

    def make_active(self, email: str) -> None:
        """Choose « Actif » and give the address."""
        self.staff.open("Paramétrage", "Contact établissement")
        self.page.get_by_label("Actif", exact=True).check()
        self.page.get_by_label("Courriel de contact").fill(email)
        keep_picture(self.page, "admin-contact")
        self.submit()


class Links(_Screen):
    """« Liens utiles »."""

    def show(self) -> None:
        """Open the list of links."""
        self.staff.open("Paramétrage", "Liens utiles")
        keep_picture(self.page, "admin-liens")

    def line(self, label: str) -> Locator:
        """The line of a link."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=label, exact=True))

    def add(self, label: str, address: str) -> None:
        """The « + »."""
        self.page.get_by_label("Libellé").fill(label)
        self.page.get_by_label("Adresse").fill(address)
        self.page.get_by_role("button", name="Ajouter").click()
        expect(self.line(label)).to_be_visible()

    def rename(self, label: str, new_label: str) -> None:
        """The pencil."""
        self.line(label).get_by_role("link", name=re.compile("^Modifier")).click()
        keep_picture(self.page, "admin-lien")
        self.page.get_by_label("Libellé").fill(new_label)
        self.submit()

    def delete(self, label: str) -> None:
        """The bin."""
        self.line(label).get_by_role("link", name=re.compile("^Supprimer")).click()
        keep_picture(self.page, "admin-lien-supprimer")
        self.page.get_by_role("button", name="Supprimer", exact=True).click()
        self.page.wait_for_url("**/parametrage/liens/")

    def labels(self) -> list[str]:
        """The links, in their order."""
        return self.page.locator("tbody th[scope=row]").all_inner_texts()


def _begins(label: str) -> re.Pattern[str]:
    """A label that says after its name whether the school changed something."""
    return re.compile(f"^{re.escape(label)}")


def choose_variable(page: Page, name: str) -> None:
    """With the menu of variables open, go down to one of them and choose it."""
    items = page.get_by_role("menuitem")
    expect(items.first).to_be_visible()
    wanted = page.locator(f'[role=menuitem][data-name="{name}"]')
    for _ in range(items.count()):
        if wanted.evaluate("item => item === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
