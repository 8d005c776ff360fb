"""What fusions set aside comes and goes; fusions, and what fiches wait for since, stay."""

from sqlalchemy import text

from shared import schema
from shared.database import Database
from shared.models.access.ties import ProposedFiche, TieState
from tests.duplicates.base import fuse
from tests.factories import make_account, make_establishment, make_guardian, tie

COUNTS = "SELECT (SELECT count(*) FROM fusion), (SELECT count(*) FROM proposed_fiche)"


def test_what_was_set_aside_comes_and_goes_and_fusions_stay(database: Database) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        kept, absorbed = make_guardian(session, school), make_guardian(session, school)
        for fiche, state in ((kept, TieState.REFUSED), (absorbed, TieState.PROPOSED)):
            away = tie(session, make_account(session, f"m.{state.value}"), school.id, state)
            session.add(ProposedFiche(tie_id=away.id, guardian_id=fiche.id))
        session.flush()
        fuse(session, kept, absorbed)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM set_aside_wait")) == 1
    schema.downgrade(database.engine, "0045")
    with database.engine.connect() as connection:
        assert tuple(connection.execute(text(COUNTS)).one()) == (1, 2)
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        assert tuple(connection.execute(text(COUNTS)).one()) == (1, 2)
        assert connection.scalar(text("SELECT count(*) FROM set_aside_wait")) == 0
