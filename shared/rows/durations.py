"""How long it is from one instant to another, counted by the database."""

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class days_between(FunctionElement[float]):  # noqa: N801 - written as a function of SQL
    """The days, and parts of a day, from the first instant to the second."""

    type = Double()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _on_sqlite(element: FunctionElement[float], compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    begun, ended = (compiler.process(one, **options) for one in element.clauses)
    return f"(julianday({ended}) - julianday({begun}))"


@compiles(days_between, "postgresql")
def _on_postgresql(element: FunctionElement[float], compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    begun, ended = (compiler.process(one, **options) for one in element.clauses)
    return f"(extract(epoch from ({ended}) - ({begun}))::double precision / 86400)"
