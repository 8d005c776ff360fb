"""A portal, a family with two children in two schools that chose one ENT, and the ENT."""

import shutil
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.database import Database
from shared.establishments.ent_links import add_ent_link
from shared.journal import SYSTEM
from shared.models.access.ents import EntService
from shared.models.school import Establishment
from shared.models.teleservices import EntLink, EstablishmentSettings, LetterType
from shared.provider.ent.registering import ENTS, connect_ent
from tests.conftest import skip_or_fail
from tests.provider.conftest import schools  # noqa: F401 - a fixture
from tests.provider.ents.ent import Ent

Connect = Callable[..., Ent]


@pytest.fixture(autouse=True)
def _xmlsec() -> None:
    if shutil.which("xmlsec1") is None:
        skip_or_fail("no xmlsec1 on this machine (apt install xmlsec1)")


@pytest.fixture
def choose(database: Database) -> Callable[..., None]:
    """Have an establishment choose an ENT of the list, or none, and open or shut it."""

    def chosen(establishment_id: int, label: str | None = "METICE", *, is_open: bool = True) -> None:
        with database.writing() as session:
            link = session.scalars(select(EntLink.id).where(EntLink.label == label)).one_or_none()
            row = session.get(EstablishmentSettings, establishment_id)
            if row is None:
                row = EstablishmentSettings(establishment_id=establishment_id, letter_type=LetterType.MIXED)
                session.add(row)
            row.ent_link_id, row.ent_is_open = link, is_open

    return chosen


@pytest.fixture
def connect(
    schools: tuple[int, int],  # noqa: F811
    portal: Flask,
    database: Database,
    sealer: Sealer,
    choose: Callable[..., None],
) -> Connect:
    """Connect an ENT, which both schools choose."""

    def connected(label: str = "METICE", *, opens: bool = True, chosen: bool = True, **own: str) -> Ent:
        ent = Ent(portal, **own)
        with database.writing() as session:
            link = add_ent_link(Act(session, SYSTEM, clock.now()), label, "https://metice.example.org/")
            service = connect_ent(Act(session, SYSTEM, clock.now()), link.id, ent.metadata().encode(), sealer)
            if opens:
                ENTS.turn(Act(session, SYSTEM, clock.now()), service, service.version, opens=True)
            ent.number = service.id
        for establishment_id in schools if chosen else ():
            choose(establishment_id, label)
        return ent

    return connected


@pytest.fixture
def ent(connect: Connect) -> Ent:
    return connect()


@pytest.fixture
def service_row(database: Database) -> Callable[[Ent], EntService]:
    def read(ent: Ent) -> EntService:
        with database.reading() as session:
            return session.get_one(EntService, ent.number)

    return read


@pytest.fixture
def uais(database: Database, schools: tuple[int, int]) -> list[str]:  # noqa: F811
    with database.reading() as session:
        return [session.get_one(Establishment, one).uai for one in schools]
