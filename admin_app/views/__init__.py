"""The pages of the back office, one module for each entry of the menu, in the order of the menu."""

from admin_app.areas import AREAS
from admin_app.page import Page
from admin_app.views.account import AccountPage
from admin_app.views.accounts import AccountsPage
from admin_app.views.campaigns import CampaignsPage
from admin_app.views.contact import ContactPage
from admin_app.views.duplicates import DuplicatesPage
from admin_app.views.ent import EntPage
from admin_app.views.generation import GenerationPage
from admin_app.views.health import HealthPage
from admin_app.views.home import HomePage
from admin_app.views.imports import ImportsPage
from admin_app.views.journal import JournalPage
from admin_app.views.links import LinksPage
from admin_app.views.login import LoginPage, LogoutPage
from admin_app.views.notifying import NotifyingPage
from admin_app.views.password import PasswordPage
from admin_app.views.schools import SchoolsPage
from admin_app.views.services import ServicesPage
from admin_app.views.welcome import WelcomePage

SETTINGS = (WelcomePage, EntPage, ContactPage, LinksPage)
OF_AN_AREA = (GenerationPage, NotifyingPage, AccountsPage, CampaignsPage, AccountPage)
UNLISTED = (LoginPage, LogoutPage, PasswordPage, SchoolsPage, HealthPage)


def make_index() -> Page:
    """« Accueil »."""
    return HomePage()


def make_views() -> list[Page]:
    """Every other page."""
    return [
        ImportsPage(),
        DuplicatesPage(),
        ServicesPage(),
        *(page() for page in SETTINGS),
        *(page(area) for area in AREAS for page in OF_AN_AREA),
        JournalPage(),
        *(page() for page in UNLISTED),
    ]
