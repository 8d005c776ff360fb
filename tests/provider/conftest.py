"""A portal, a family with two children in two schools, and a téléservice that knows it by the portal."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.journal import SYSTEM
from shared.models.access.openid import OpenidClient, Shared
from shared.models.teleservices import Teleservice
from shared.provider.clients import CLIENTS, Registration, register_client
from tests.factories import make_account, make_division, make_establishment, make_guardian, make_student
from tests.portal.conftest import (  # noqa: F401 - fixtures
    Directory,
    browser,
    directory,
    logged_in,
    nothing_slow_in_a_transaction,
    portal,
    quick_answers,
    settings,
)
from tests.provider.service import AFTER, BACK, Service

MANDATORY, OPTIONAL = "bourse-college", "fiche-renseignements"
EVERYTHING = frozenset({Shared.NAMES, Shared.EMAIL, Shared.CHILDREN})
Register = Callable[..., Service]


@pytest.fixture
def schools(database: Database) -> tuple[int, int]:
    """Marie Payet has Léa in a collège and Tom in a lycée; the numbers of both."""
    with database.writing() as session:
        fill_catalogue(session)
        # For every class: a test that says otherwise says which.
        session.execute(update(Teleservice).values(levels=[]))
        college = make_establishment(session)
        lycee = make_establishment(session, "9740002B", "Lycée des Flamboyants")
        lea = make_student(session, college, make_division(session, college), ine="123456789AA")
        tom = make_student(session, lycee, make_division(session, lycee, "2A"), first_name="Tom", ine="123456789BB")
        make_account(session, "m.payet", make_guardian(session, college, lea), make_guardian(session, lycee, tom))
        return college.id, lycee.id


@pytest.fixture
def register(schools: tuple[int, int], portal: Flask, database: Database, sealer: Sealer) -> Register:  # noqa: F811
    def registered(code: str = OPTIONAL, *, opens: bool = True, **wanted: object) -> Service:
        asked = {"return_addresses": (BACK,), "after_logout_addresses": (AFTER,), "data": EVERYTHING} | wanted
        with database.writing() as session:
            number = session.scalars(select(Teleservice.id).where(Teleservice.code == code)).one()
            client, secret = register_client(Act(session, SYSTEM, clock.now()), number, Registration(**asked), sealer)
            if opens:
                CLIENTS.turn(Act(session, SYSTEM, clock.now()), client, client.version, opens=True)
            return Service(portal, client.client_id, secret, client.id)

    return registered


@pytest.fixture
def service(register: Register) -> Service:
    """Open everywhere by default, and may be given names, e-mail and children."""
    return register()


@pytest.fixture
def client_row(database: Database) -> Callable[[Service], OpenidClient]:
    def read(service: Service) -> OpenidClient:
        with database.reading() as session:
            return session.get_one(OpenidClient, service.number)

    return read
