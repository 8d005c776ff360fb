"""Whether the tables are those of this version; what asks for it at every start reads no migration."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from shared.refusals import Refusal

MIGRATIONS = Path(__file__).parent
_VERSION = table("alembic_version", column("version_num"))


class SchemaOutOfDate(Refusal):
    """The database has no tables, or those of another version; the message says what to run."""

    def __init__(self) -> None:
        super().__init__("La base de données n'est pas à jour : lancez « teleservices init-db ».")


class SchemaNewer(SchemaOutOfDate):
    """The tables are those of a later version; the message says which, and what to do."""

    def __init__(self, present: str) -> None:
        Refusal.__init__(
            self,
            f"Base plus récente que le logiciel (tables {present}, celles d'ici {known_revisions()[0]})\u00a0: mettez "
            "ce logiciel à jour sur cette machine, ou ramenez la base, avec la version plus récente, par "
            f"« teleservices downgrade --to {known_revisions()[0]} ».",
        )


@cache
def known_revisions() -> tuple[str, ...]:
    """Every revision of this version, newest first: each file begins with its own number, one after the other."""
    names = (path.name for path in MIGRATIONS.glob("versions/[0-9]*.py"))
    return tuple(sorted((name.partition("_")[0] for name in names), reverse=True))


def serves(connection: Connection) -> bool:
    """Whether this version works on the tables as they are: its own, or those of a later one (R38).

    A process that goes on while the tables are brought forward under it serves until it is replaced.
    """
    present, known = revision_of(connection), known_revisions()
    return present is not None and (present == known[0] or present not in known)


def is_up_to_date(connection: Connection) -> bool:
    """Whether the tables are just those of this version."""
    return revision_of(connection) == known_revisions()[0]


def require_up_to_date(engine: Engine) -> None:
    """Raise `SchemaOutOfDate` unless the tables are those of this version, `SchemaNewer` for those of a later one."""
    require_not_newer(engine)
    with engine.connect() as connection:
        if not is_up_to_date(connection):
            raise SchemaOutOfDate


def require_not_newer(engine: Engine) -> None:
    """Raise `SchemaNewer` where the tables are of a version that this one does not know."""
    with engine.connect() as connection:
        present = revision_of(connection)
    if present is not None and present not in known_revisions():
        raise SchemaNewer(present)


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables that are there; none where there are none of ours."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.scalar(select(_VERSION.c.version_num))
    return revision
