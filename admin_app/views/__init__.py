"""The pages of the back office, one module for each entry of the menu, in the order of the menu."""

from admin_app.areas import AREAS
from admin_app.page import Page
from admin_app.views.academy import EstablishmentsPage
from admin_app.views.academy_staff import AcademyStaffPage
from admin_app.views.account import AccountPage
from admin_app.views.accounts import AccountsPage
from admin_app.views.campaigns import CampaignsPage
from admin_app.views.catalogue import CataloguePage
from admin_app.views.claims import ClaimsPage
from admin_app.views.contact import ContactPage
from admin_app.views.corrections import CorrectionsPage
from admin_app.views.duplicate_history import DuplicateHistoryPage
from admin_app.views.duplicate_lots import DuplicateLotsPage
from admin_app.views.duplicates import DuplicatesPage
from admin_app.views.duplicates_alert import DuplicatesAlertPage
from admin_app.views.duplicates_by_name import DuplicatesByNamePage
from admin_app.views.ent import EntPage
from admin_app.views.ent_links import EntLinksPage
from admin_app.views.exports import ExportsPage
from admin_app.views.generation import GenerationPage
from admin_app.views.health import HealthPage, SecurityContactPage
from admin_app.views.held import HeldPage
from admin_app.views.help import HelpPage
from admin_app.views.home import HomePage
from admin_app.views.identity_changes import IdentityChangesPage
from admin_app.views.import_history import ImportHistoryPage
from admin_app.views.imports import ImportsPage
from admin_app.views.invitations import InvitationsPage
from admin_app.views.journal import JournalPage
from admin_app.views.letters import LettersPage
from admin_app.views.links import LinksPage
from admin_app.views.login import LoginCodePage, LoginPage, LogoutPage
from admin_app.views.logo import LogoPage
from admin_app.views.news import NewsPage
from admin_app.views.notifying import NotifyingPage
from admin_app.views.password import PasswordPage
from admin_app.views.pending import PendingPage
from admin_app.views.personnel import PersonnelPage
from admin_app.views.schools import SchoolsPage
from admin_app.views.second_factor import SecondFactorPage
from admin_app.views.security_policy import SecurityPolicyPage
from admin_app.views.services import ServicesPage
from admin_app.views.statistics import StatisticsPage
from admin_app.views.two_schools import TwoSchoolsPage
from admin_app.views.unaccompanied import UnaccompaniedPage
from admin_app.views.welcome import WelcomePage
from admin_app.views.wrong_children import WrongChildrenPage

OF_DUPLICATES = (DuplicatesPage, DuplicatesByNamePage, DuplicateLotsPage, DuplicateHistoryPage, DuplicatesAlertPage)
SETTINGS = (WelcomePage, EntPage, LettersPage, LogoPage, ContactPage, LinksPage)
OF_AN_AREA = (
    GenerationPage,
    NotifyingPage,
    PendingPage,
    AccountsPage,
    CampaignsPage,
    CorrectionsPage,
    HeldPage,
    ExportsPage,
    AccountPage,
)
OF_THE_ACADEMY = (
    EstablishmentsPage,
    CataloguePage,
    EntLinksPage,
    AcademyStaffPage,
    ClaimsPage,
    TwoSchoolsPage,
    SecurityPolicyPage,
)
UNLISTED = (
    LoginPage,
    LoginCodePage,
    LogoutPage,
    PasswordPage,
    SecondFactorPage,
    InvitationsPage,
    SchoolsPage,
    HelpPage,
    NewsPage,
    HealthPage,
    SecurityContactPage,
)


def make_index() -> Page:
    """« Accueil »."""
    return HomePage()


def make_views() -> list[Page]:
    """Every other page."""
    return [
        ImportsPage(),
        ImportHistoryPage(),
        IdentityChangesPage(),
        *(page() for page in OF_DUPLICATES),
        ServicesPage(),
        *(page() for page in SETTINGS),
        *(page(area) for area in AREAS for page in OF_AN_AREA),
        UnaccompaniedPage(),
        PersonnelPage(),
        StatisticsPage(),
        WrongChildrenPage(),
        JournalPage(),
        *(page() for page in OF_THE_ACADEMY),
        *(page() for page in UNLISTED),
    ]
