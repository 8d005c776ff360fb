"""Two schools that know nothing of each other, and the people who work there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_app import create_app
from admin_app.installation import EXTENSION
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.holder.merging import merge_accounts
from shared.acting.caller import Caller
from shared.acting.desk import Act, Desk
from shared.config import Settings
from shared.database import Database
from shared.duplicates.fusion.batches import treat_lot
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.duplicates.standing.decisions import not_a_duplicate
from shared.establishments.ent_links import add_ent_link, ent_links
from shared.establishments.links import add_link
from shared.establishments.services import fill_catalogue
from shared.establishments.wrong_children import report_wrong_child
from shared.journal import COMMAND
from shared.models.access.ents import EntService
from shared.models.access.identity_providers import IdentityProvider
from shared.models.access.openid import OpenidClient
from shared.models.access.ties import TieState
from shared.models.accounts import AccountKind, AccountMerge, AccountState
from shared.models.fusions import Fusion
from shared.models.imports.changes import ImportChange, ImportRun, PersonChange
from shared.models.imports.identity import IdentityChange, IdentityChangeKind
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.notifications import DeliveryState, Mode, Notification
from shared.models.school import Establishment
from shared.models.staff import StaffRole, StaffRoleKind, Tab
from shared.models.teleservices import EntLink, Teleservice
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import NOTHING_MORE
from shared.notifications.staged.starting import start
from shared.notifications.staged.steps import Steps
from shared.overview.figures import count_school, keep_figures
from shared.provider.clients import Registration, register_client
from shared.provider.ent.registering import connect_ent
from shared.sign_on.saml.party import Party, metadata_of
from tests.admin.browser import SECRET, Browser, code_of
from tests.admin.sign_on_door import door, provider  # noqa: F401 - fixtures
from tests.applications import lent
from tests.at_rest import watch_slow_work
from tests.duplicates.base import make_pair
from tests.factories import (
    at_desk,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_provider,
    make_staff,
    make_student,
    second_factor,
    tie,
)
from tests.sign_on.saml_provider import key_of
from tests.snapshots import made_once


@pytest.fixture
def app(settings: Settings, database: Database) -> Iterator[Flask]:
    with lent(create_app, EXTENSION, settings, database) as app:
        yield app


@pytest.fixture(autouse=True)
def nothing_slow_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_slow_work(monkeypatch, EXTENSION)


@dataclass
class School:
    """The numbers of the rows of one school, by what they are; `marks` are words that only its pages may show."""

    id: int
    uai: str
    marks: list[str]
    fiche_id: int
    student_fiche_id: int
    active_id: int
    merge_id: int
    link_id: int
    ent_id: int
    """On the list of the académie, for every school."""
    provider_id: int
    """Of identities, shut; the same for every school."""
    registration_id: int
    """Of a téléservice that knows families by the portal; the same for every school."""
    ent_service_id: int
    """Of an ENT that knows families by the portal; the same for every school."""
    report_id: int
    """A parent says that a student is not theirs."""
    change_id: int
    """A key of SIECLE that stands for somebody else now."""
    run_id: int
    """An import that was done."""
    service_id: int
    """Of the catalogue; closed at first."""
    upload_id: int
    campaign_id: int
    student_campaign_id: int
    notification_id: int
    staged_id: int
    student_staged_id: int
    login: str
    delegation_id: int
    """Of somebody to whom its head delegated the duplicates."""
    pair_ids: tuple[int, int]
    """Two fiches that are likely one person."""
    fusion_id: int
    lot_id: int
    decision_id: int
    """« Pas un doublon »."""
    helper_id: int
    """Of somebody of the help desk, in all the establishments; the same for every school."""
    tie_id: int
    """To an account that only its files claim."""


@pytest.fixture
def school_a(database: Database, database_url: str, sealer: Sealer) -> School:
    def make() -> School:
        return make_school(database, sealer, "9740001A", "Zarzuela", "chef-a")

    return made_once("school_a", make, database_url)


@pytest.fixture
def school_b(database: Database, sealer: Sealer, school_a: School) -> School:
    return make_school(database, sealer, "9740002B", "Quindecim", "chef-b")


def registered(session: Session, sealer: Sealer, now: datetime) -> int:
    """The number of a téléservice that knows families by the portal, registered with the first school."""
    known = session.scalars(select(OpenidClient.id)).first()
    if known is None:
        service = session.scalars(select(Teleservice.id).where(Teleservice.code == "orientation")).one()
        back = Registration(("https://orientation.example.org/retour",))
        known = register_client(Act(session, COMMAND, now), service, back, sealer)[0].id
    return known


def connected(session: Session, link: EntLink, sealer: Sealer, now: datetime) -> int:
    """The number of an ENT that knows families by the portal, connected with the first school."""
    known = session.scalars(select(EntService.id)).first()
    if known is None:
        address = "https://ent.example.org/saml"
        own = metadata_of(Party(address, f"{address}/acs", key_of("an ENT")))
        known = connect_ent(Act(session, COMMAND, now), link.id, own, sealer).id
    return known


def begin_steps(desk: Desk, criteria: Criteria, key: str) -> int:
    """The number of a campaign in steps, of mails and letters."""
    channels = tuple(one.channel for one in NOTHING_MORE.channels if one.is_always_told)
    return start(desk, criteria, Steps(channels, 7), request_key=key, offer=NOTHING_MORE).id


def helper(session: Session) -> int:
    """The number of the role of somebody of the help desk, made with the first school."""
    of_help_desk = select(StaffRole.id).where(StaffRole.kind == StaffRoleKind.HELP_DESK)
    if session.scalars(of_help_desk).first() is None:
        make_staff(session, "aide", kind=StaffRoleKind.HELP_DESK)
    return session.scalars(of_help_desk).one()


def make_school(database: Database, sealer: Sealer, uai: str, name: str, login: str) -> School:
    """One of everything the back office shows; the names of persons and of the school all hold `name`."""
    now = clock.now()
    low = name.lower()
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session, uai, f"Collège {name}")
        division = make_division(session, school, f"6{name[:3]}")
        lea = make_student(session, school, division, name, "Léa", email=f"lea@{low}.fr")
        tom = make_student(session, school, division, name, "Tom")
        marie = make_guardian(session, school, lea, last_name=name, email=f"marie@{low}.fr")
        paul = make_guardian(session, school, tom, last_name=name, first_name="Paul", legal_rank=2)
        twice = make_guardian(session, school, tom, last_name=name, first_name="Paul", legal_rank=1)
        first, second = (make_guardian(session, school, last_name=name, first_name="Zoé") for _ in range(2))
        make_pair(session, first, second, 0.99)
        lot = treat_lot(at_desk(session, school.id, now, COMMAND, today=now.date()), 0.99)
        [decision] = not_a_duplicate(at_desk(session, school.id, now, COMMAND), [marie.id, paul.id])
        waiting = AccountState.NOT_NOTIFIED
        refresh_pairs(session, school.id, now)
        of_marie = make_account(session, f"m.{low}", marie, state=waiting, sealer=sealer)
        report = report_wrong_child(Caller(session, now, "192.0.2.9"), of_marie, lea.id, f"Pas {name}.")
        change = IdentityChange(
            establishment_id=school.id,
            kind=IdentityChangeKind.NOW_ANOTHER,
            siecle_id="101",
            former_guardian_id=marie.id,
            present_guardian_id=first.id,
            account_id=of_marie.id,
            reasons=["prénoms différents"],
            found_at=now,
        )
        session.add(change)
        kept = make_account(session, f"p.{low}", paul)
        absorbed = make_account(session, f"p.{low}1", twice)
        make_account(session, f"l.{low}", lea, state=waiting, sealer=sealer)
        merge_accounts(Act(session, COMMAND, now), kept.id, absorbed.id)
        link = add_link(at_desk(session, school.id, now=now, actor=COMMAND), f"Lien {name}", "https://exemple.fr")
        provider = session.scalars(select(IdentityProvider)).first() or make_provider(session)
        [ent] = ent_links(session) or [add_ent_link(Act(session, COMMAND, now), "METICE", "https://metice.example.org")]
        upload = SchoolImport(
            establishment_id=school.id,
            state=ImportState.REFUSED,
            file_names=[f"{name}.xml"],
            folder=f"dossier-{low}",
            refusal=f"Refusé : {name}.",
            report={
                "warnings": [f"Une phrase sur {name}."],
                "warnings_count": 1,
                "changes": [{"sort": "student", "change": "left", "count": 1, "names": [f"Léa {name}"]}],
            },
            created_at=now,
            finished_at=now,
        )
        session.add(upload)
        run = ImportRun(
            establishment_id=school.id,
            file_names=[f"{name}.xml"],
            imported_at=now,
            imported_by=f"Chef {name}",
            loses=True,
            losses=[{"sentence": f"1 élève de {name} n'est plus là"}],
            seen_at=now,
            seen_by=f"Chef {name}",
        )
        session.add(run)
        session.flush()
        left = ImportChange(establishment_id=school.id, change=PersonChange.LEFT, student_id=tom.id, former=name)
        left.run_id = run.id
        session.add(left)
        keep_figures(session, count_school(session, school.id, now, now.date()))
        desk = at_desk(session, school.id, now=now, actor=COMMAND)
        campaign = launch(desk, Criteria(), Mode.MAIL, request_key=f"{low}-1")
        student_criteria = Criteria(kind=AccountKind.STUDENT)
        of_students = launch(desk, student_criteria, Mode.MAIL, request_key=f"{low}-2")
        staged, of_students_staged = (
            begin_steps(desk, wanted, f"{low}-{wanted.kind}") for wanted in (Criteria(), student_criteria)
        )
        mailed = select(Notification).where(
            Notification.campaign_id == campaign.id, Notification.delivery == DeliveryState.TO_SEND
        )
        failed = session.scalars(mailed.order_by(Notification.id)).first()
        failed.delivery, failed.error = DeliveryState.REFUSED, f"boîte inconnue à {name}"
        make_staff(session, login, school)
        adjoint = make_staff(
            session, f"adjoint.{low}", school, StaffRoleKind.DELEGATE, (Tab.DUPLICATES,), name=f"Adjoint {name}"
        )
        session.flush()
        merge_id = session.scalars(select(AccountMerge.id).where(AccountMerge.absorbed_id == absorbed.id)).one()
        return School(
            id=school.id,
            uai=uai,
            marks=[name, low, uai, name.upper()],
            fiche_id=marie.id,
            student_fiche_id=lea.id,
            active_id=paul.id,
            merge_id=merge_id,
            link_id=link.id,
            ent_id=ent.id,
            provider_id=provider.id,
            registration_id=registered(session, sealer, now),
            ent_service_id=connected(session, ent, sealer, now),
            report_id=report.id,
            change_id=change.id,
            run_id=run.id,
            service_id=session.scalars(select(Teleservice.id).where(Teleservice.code == "orientation")).one(),
            upload_id=upload.id,
            campaign_id=campaign.id,
            student_campaign_id=of_students.id,
            notification_id=failed.id,
            staged_id=staged,
            student_staged_id=of_students_staged,
            login=login,
            pair_ids=(paul.id, twice.id),
            fusion_id=session.scalars(select(Fusion.id).where(Fusion.lot_id == lot.id)).one(),
            lot_id=lot.id,
            decision_id=decision.id,
            helper_id=helper(session),
            tie_id=tie(session, make_account(session, f"c.{low}"), school.id, TieState.PROPOSED).id,
            delegation_id=session.scalars(select(StaffRole.id).where(StaffRole.staff_id == adjoint.id)).one(),
        )


@pytest.fixture
def browse(app: Flask) -> Callable[[str], Browser]:
    """A browser in which somebody is logged in."""

    def log_in(login: str) -> Browser:
        browser = Browser(app)
        assert browser.log_in(login).status_code == 303
        return browser

    return log_in


@pytest.fixture
def head(browse: Callable[[str], Browser], school_a: School) -> Browser:
    """The head of the first school."""
    return browse(school_a.login)


@pytest.fixture
def academy(database: Database, browse: Callable[[str], Browser], school_a: School, sealer: Sealer) -> Browser:
    """An administrator of the académie, at work in the first school."""
    with database.writing() as session:
        make_staff(session, "academie", kind=StaffRoleKind.ACADEMY, **second_factor(sealer))
    browser = browse("academie")
    browser.give_code(code_of(SECRET))
    browser.choose(school_a.id)
    return browser


@pytest.fixture
def help_desk(
    database: Database, browse: Callable[[str], Browser], school_a: School, sealer: Sealer
) -> Callable[..., Browser]:
    """Somebody of the help desk of the académie, or of some of its establishments."""

    def make(*establishment_ids: int) -> Browser:
        login = f"assistance{'-'.join(map(str, establishment_ids))}"
        first, *others = establishment_ids or (None,)
        with database.writing() as session:
            place = session.get_one(Establishment, first) if first else None
            staff = make_staff(session, login, place, StaffRoleKind.HELP_DESK, **second_factor(sealer))
            for other in others:
                session.add(StaffRole(staff_id=staff.id, kind="help_desk", establishment_id=other, tabs=[]))
        browser = browse(login)
        browser.give_code(code_of(SECRET))
        return browser

    return make


@pytest.fixture
def delegate(database: Database, browse: Callable[[str], Browser], school_a: School) -> Callable[..., Browser]:
    """Somebody to whom the head of the first school delegated some tabs."""

    def make(*tabs: str, ends_in: timedelta | None = None) -> Browser:
        login = f"delegue-{'-'.join(tabs)}"
        ends_on = clock.now().date() + ends_in if ends_in is not None else None
        with database.writing() as session:
            school = session.get_one(Establishment, school_a.id)
            make_staff(session, login, school, StaffRoleKind.DELEGATE, tabs, ends_on=ends_on)
        return browse(login)

    return make
