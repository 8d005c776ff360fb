"""« Base élèves » and « Accès des responsables »: duplicates, notifying many, and one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.pages.back_office import BackOffice
from tests.browser.pages.letters import Letter, letters_in
from tests.browser.pages.pictures import keep_picture


@dataclass
class Duplicates:
    """« Doublons responsables », by last and first name."""

    staff: BackOffice

    @property
    def page(self) -> Page:
        return self.staff.page

    def show_by_name(self) -> None:
        """Open the list in the order of names."""
        self.staff.open("Base élèves", "Doublons responsables")
        self.page.get_by_role("link", name="Par nom et prénom").click()
        keep_picture(self.page, "admin-doublons-par-nom")

    def first_names(self) -> list[str]:
        """The name on the first fiche of each pair."""
        return self.page.locator("tbody tr td:first-child strong").all_inner_texts()

    def search(self, letters: str) -> None:
        """Type first letters, the last name before the first name."""
        self.page.get_by_label("Nom et prénom").fill(letters)
        self.page.get_by_role("button", name="Rechercher").click()

    def compare_first(self) -> None:
        """Open the first pair, side by side."""
        self.page.get_by_role("link", name=re.compile("^Comparer")).first.click()
        keep_picture(self.page, "admin-doublon")


@dataclass
class Notifying:
    """« Notifier en masse »."""

    staff: BackOffice

    @property
    def page(self) -> Page:
        return self.staff.page

    def choose(self, ticked: Sequence[str], *, used_before: str, by: str) -> None:
        """Tick criteria by their names, and show the list."""
        self.staff.open("Accès des responsables", "Notifier en masse")
        for criterion in ticked:
            # A division has a number after its code.
            self.page.get_by_label(re.compile(rf"^{re.escape(criterion)}( ·.*)?$")).check()
        self.page.get_by_label("Utilisé pour la dernière fois avant le").fill(used_before)
        self.page.get_by_label(by, exact=True).check()
        self.page.get_by_role("button", name="Afficher la liste").click()
        keep_picture(self.page, "admin-liste")

    def kept(self) -> list[tuple[int, ...]]:
        """The colours of the lines of accounts that come from another school, each found by its words."""
        words = self.page.get_by_text("Compte conservé de l'établissement précédent")
        colours = words.evaluate_all("all => all.map(one => getComputedStyle(one).color)")
        return [tuple(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours]

    def confirm(self) -> str:
        """Go on to what will happen, confirm it, and come to the page of the campaign; returns what was said."""
        self.page.get_by_role("button", name="Continuer").first.click()
        confirming = self.page.get_by_role("button", name=re.compile("Notifier .*compte"))
        # The page may be read before all of it came; the button is its end.
        confirming.wait_for()
        said = self.page.locator("main").inner_text().replace("\xa0", " ")
        keep_picture(self.page, "admin-liste-confirmer")
        confirming.click()
        return said


@dataclass
class Card:
    """« Gérer le compte responsable / élève »: the card of one account."""

    staff: BackOffice

    @property
    def page(self) -> Page:
        return self.staff.page

    def find(self, letters: str, name: str) -> None:
        """Search by first letters, and open the one of this name."""
        self.staff.open("Accès des responsables", "Gérer le compte responsable / élève")
        self.page.get_by_label("courriel ou téléphone").fill(letters)
        self.page.get_by_role("button", name="Rechercher").click()
        keep_picture(self.page, "admin-comptes")
        self.page.get_by_role("link", name=name, exact=True).first.click()
        keep_picture(self.page, "admin-compte")

    @property
    def identifier(self) -> str:
        """The one of the account."""
        return self.page.locator("dd.identifier").inner_text()

    def notify_on_paper(self, action: str = "Notifier") -> Letter:
        """Take an action of the card by letter, save the PDF, and come back; returns what the letter says."""
        card = self.page.url
        self.page.get_by_role("link", name=action, exact=True).click()
        self.page.get_by_label("Par un courrier en PDF").check()
        keep_picture(self.page, "admin-compte-notifier")
        self.page.get_by_role("button", name=action, exact=True).click()
        [letter] = letters_in(self.staff.download_letters()).values()
        self.page.goto(card)
        return letter
