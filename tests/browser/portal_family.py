"""Families in every situation that the portal knows, with the longest names and texts a school writes."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.login.mailed_links import create_link, link_address
from shared.accounts.without_letter.asking import ask_self_activation
from shared.accounts.without_letter.links import link_address as self_activation_address
from shared.acting.caller import Caller
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.establishments.wrong_children import answer_report, report_wrong_child
from shared.journal import COMMAND
from shared.models.access.passkeys import Passkey
from shared.models.access.self_activations import SelfActivation
from shared.models.access.ties import ProposedFiche, TieState
from shared.models.accounts import Account, AccountState, LinkPurpose
from shared.models.school import Establishment
from shared.models.teleservices import EstablishmentSettings, LetterType, UsefulLink
from shared.models.wrong_children import WrongChildAnswer
from tests.factories import at_desk, make_account, make_division, make_establishment, make_guardian, make_student, tie

LONG_ADDRESS = "une.adresse.vraiment.tres.longue.pour.un.telephone@exemple-de-domaine.re"
WELCOME = "<p>Bienvenue sur le portail du <strong>collège</strong>.</p><ul><li>Cantine</li></ul>"
NETWORK = "198.51.100.7"
KNOWN_ADDRESS = "famille.lebon@example.org"
NILS_BORN = date(2013, 5, 6)


@dataclass(frozen=True)
class Family:
    """Where the mailed links of these families lead, good ones and bad ones; what belongs to Marie Payet."""

    without_letter: str
    """Where the link of Sophie Lebon leads, who has not received her letter."""
    links: list[str]
    child: int
    passkey: int


def make_families(database: Database, settings: Settings, sealer: Sealer) -> Family:
    """An account in each state; Marie Payet has three children in two schools, and may have a second account."""
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session, name="Collège polyvalent de la Grande-Chaloupe Célimène-Gaudieux Zarzuela")
        other = make_establishment(session, "9740002B", "Lycée des Vacoas")
        _furnish(session, school)
        child = _make_marie(session, school, other)
        passkey = _make_passkey(session, account_of(session, "m.payet"))
        make_account(session, "l.payet", make_student(session, school), email="lea@example.org")
        make_account(session, "p.hoarau", make_guardian(session, school), state=AccountState.NOTIFIED, sealer=sealer)
        make_account(session, "a.grondin", state=AccountState.ACTIVATING, email=LONG_ADDRESS)
        make_account(session, "c.boyer", must_change_password=True)
        closed = make_account(session, "f.erme")
        closed.state, closed.disabled_from = AccountState.DISABLED, AccountState.ACTIVE
        gone = make_account(session, "m.payet2")
        gone.state, gone.merged_into_id = AccountState.MERGED, account_of(session, "m.payet").id
        _make_asked(session, school, other)
        without_letter = _make_sophie(session, settings, sealer, school)
        return Family(without_letter, _make_links(session, settings), child, passkey)


def account_of(session: Session, identifier: str) -> Account:
    """The account called `identifier`."""
    return session.scalars(select(Account).where(Account.identifier == identifier)).one()


def _furnish(session: Session, school: Establishment) -> None:
    session.add(
        EstablishmentSettings(
            establishment_id=school.id,
            welcome_message=WELCOME,
            contact_active=True,
            contact_email="ce.9740001a@example.org",
            letter_type=LetterType.MIXED,
            ent_label="METICE",
            ent_url="https://metice.example.org/",
        )
    )
    session.add(UsefulLink(establishment_id=school.id, label="Menus", url="https://menus.example.org", position=1))


def _make_marie(session: Session, school: Establishment, other: Establishment) -> int:
    division, instant = make_division(session, school), now()
    lea = make_student(session, school, division)
    joe = make_student(session, school, division, first_name="Joé-Alexandre Sully", last_name="DE LA ROCHE")
    tom = make_student(session, other, make_division(session, other, "2GT4"), first_name="Tom")
    fiches = make_guardian(session, school, lea, joe), make_guardian(session, other, tom)
    marie = make_account(session, "m.payet", *fiches)
    make_account(session, "m.payet1", make_guardian(session, school))
    for student in (lea, joe):
        report = report_wrong_child(Caller(session, instant, NETWORK), marie, student.id, "Je ne le connais pas.")
    answer_report(
        at_desk(session, school.id, now=instant, actor=COMMAND), report.id, WrongChildAnswer.KEPT, "C'est bien lui."
    )
    return tom.id


def _make_asked(session: Session, school: Establishment, other: Establishment) -> None:
    """Nadia Zitte, whom a second school believes to know."""
    account = make_account(session, "n.zitte", make_guardian(session, school, make_student(session, school)))
    claimed = make_guardian(session, other, make_student(session, other, first_name="Zoé"))
    asked = tie(session, account, other.id, TieState.PROPOSED)
    session.add(ProposedFiche(tie_id=asked.id, guardian_id=claimed.id))


def _make_passkey(session: Session, account: Account) -> int:
    passkey = Passkey(account_id=account.id, credential_id=b"1", public_key=b"", sign_count=0, transports=[])
    passkey.name, passkey.created_at = "Téléphone de Marie-Célimène, le neuf !", now()
    session.add(passkey)
    session.flush()
    return passkey.id


def _make_sophie(session: Session, settings: Settings, sealer: Sealer, school: Establishment) -> str:
    nils = make_student(session, school, last_name="LEBON", first_name="Nils", birth_date=NILS_BORN)
    sophie = make_guardian(session, school, nils, last_name="LEBON", first_name="Sophie", email=KNOWN_ADDRESS)
    make_account(session, "s.lebon", sophie, state=AccountState.NOTIFIED, sealer=sealer)
    instant = now()
    ask_self_activation(Caller(session, instant, NETWORK), KNOWN_ADDRESS, instant.date(), language="fr")
    session.flush()
    link = session.scalars(select(SelfActivation)).one()
    # Long ago enough to ask for another one.
    link.created_at -= timedelta(hours=1)
    return self_activation_address(settings, link).removeprefix(settings.public_portal_url)


def _make_links(session: Session, settings: Settings) -> list[str]:
    waiting, marie, instant = account_of(session, "a.grondin"), account_of(session, "m.payet"), now()
    links = []
    for purpose, account in (
        (LinkPurpose.ACTIVATION, waiting),
        (LinkPurpose.PASSWORD_RESET, marie),
        (LinkPurpose.EMAIL_CHANGE, marie),
    ):
        bad = create_link(session, account, purpose, "n@example.org", instant)
        good = create_link(session, account, purpose, "n@example.org", instant)
        if purpose is not LinkPurpose.ACTIVATION:
            bad.used_at, bad.expires_at = None, instant - timedelta(days=1)
        session.flush()
        links += [link_address(settings, link).removeprefix(settings.public_portal_url) for link in (good, bad)]
    return links
