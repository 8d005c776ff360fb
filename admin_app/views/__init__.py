"""The pages of the back office, one module for each entry of the menu, in the order of the menu."""

from admin_app.page import Page
from admin_app.ui.populations import AREAS
from admin_app.views.academy.catalogue import CataloguePage
from admin_app.views.academy.claims import ClaimsPage
from admin_app.views.academy.connected_ents import ConnectedEntsPage
from admin_app.views.academy.connected_services import ConnectedServicesPage
from admin_app.views.academy.ent_links import EntLinksPage
from admin_app.views.academy.establishments import EstablishmentsPage
from admin_app.views.academy.figures import FiguresPage
from admin_app.views.academy.help_desk import HelpDeskPage
from admin_app.views.academy.journal import AcademyJournalPage
from admin_app.views.academy.providers import ProvidersPage
from admin_app.views.academy.security_policy import SecurityPolicyPage
from admin_app.views.academy.staff import AcademyStaffPage
from admin_app.views.academy.two_schools import TwoSchoolsPage
from admin_app.views.help import HelpPage
from admin_app.views.home import HomePage
from admin_app.views.journal import JournalPage
from admin_app.views.news import NewsPage
from admin_app.views.notifying.campaigns import CampaignsPage
from admin_app.views.notifying.in_mass import NotifyingPage
from admin_app.views.notifying.returned import ReturnedLettersPage
from admin_app.views.notifying.staged import StagedPage
from admin_app.views.people.account import AccountPage
from admin_app.views.people.accounts import AccountsPage
from admin_app.views.people.corrections import CorrectionsPage
from admin_app.views.people.exports import ExportsPage
from admin_app.views.people.generation import GenerationPage
from admin_app.views.people.held import HeldPage
from admin_app.views.people.pending import PendingPage
from admin_app.views.people.unaccompanied import UnaccompaniedPage
from admin_app.views.people.wrong_children import WrongChildrenPage
from admin_app.views.school_base.duplicate_batches import DuplicateLotsPage
from admin_app.views.school_base.duplicate_history import DuplicateHistoryPage
from admin_app.views.school_base.duplicates import DuplicatesPage
from admin_app.views.school_base.duplicates_alert import DuplicatesAlertPage
from admin_app.views.school_base.duplicates_by_name import DuplicatesByNamePage
from admin_app.views.school_base.identity_changes import IdentityChangesPage
from admin_app.views.school_base.import_history import ImportHistoryPage
from admin_app.views.school_base.imports import ImportsPage
from admin_app.views.search import SearchPage
from admin_app.views.security_contact import SecurityContactPage
from admin_app.views.services import ServicesPage
from admin_app.views.session.login import LoginCodePage, LoginPage, LogoutPage
from admin_app.views.session.own_account import OwnAccountPage
from admin_app.views.session.password import PasswordPage
from admin_app.views.session.saml import SamlPage
from admin_app.views.session.schools import SchoolsPage
from admin_app.views.session.second_factor import SecondFactorPage
from admin_app.views.session.sign_on import SignedOutPage, SignOnPage
from admin_app.views.session.ways_in import WaysInPage
from admin_app.views.settings.contact import ContactPage
from admin_app.views.settings.ent import EntPage
from admin_app.views.settings.letters import LettersPage
from admin_app.views.settings.links import LinksPage
from admin_app.views.settings.logo import LogoPage
from admin_app.views.settings.welcome import WelcomePage
from admin_app.views.settings.without_letter import WithoutLetterPage
from admin_app.views.staff.invitations import InvitationsPage
from admin_app.views.staff.personnel import PersonnelPage
from admin_app.views.statistics import StatisticsPage

OF_DUPLICATES = (DuplicatesPage, DuplicatesByNamePage, DuplicateLotsPage, DuplicateHistoryPage, DuplicatesAlertPage)
SETTINGS = (WelcomePage, EntPage, LettersPage, LogoPage, ContactPage, LinksPage, WithoutLetterPage)
OF_AN_AREA = (
    GenerationPage,
    NotifyingPage,
    PendingPage,
    AccountsPage,
    CampaignsPage,
    StagedPage,
    ReturnedLettersPage,
    CorrectionsPage,
    HeldPage,
    ExportsPage,
    AccountPage,
)
OF_THE_ACADEMY = (
    FiguresPage,
    EstablishmentsPage,
    CataloguePage,
    ConnectedServicesPage,
    EntLinksPage,
    ConnectedEntsPage,
    AcademyStaffPage,
    ClaimsPage,
    TwoSchoolsPage,
    SecurityPolicyPage,
    ProvidersPage,
    AcademyJournalPage,
)
UNLISTED = (
    LoginPage,
    LoginCodePage,
    LogoutPage,
    SamlPage,
    SignOnPage,
    SignedOutPage,
    WaysInPage,
    OwnAccountPage,
    PasswordPage,
    SecondFactorPage,
    InvitationsPage,
    SchoolsPage,
    HelpPage,
    NewsPage,
    SearchPage,
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
        HelpDeskPage(),
        *(page() for page in OF_THE_ACADEMY),
        *(page() for page in UNLISTED),
    ]
