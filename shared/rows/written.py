"""Statements written down once: the text of one for a database, with what never changes in it.

SQLAlchemy goes through all the parts of a statement each time that it runs, were it only to recognise it. PostgreSQL
plans it anew each time that it expects more of the values told than planning costs: with the words of the rules in the
text, a plan without values is as good, and it keeps that one.
"""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Dialect, Select, TextualSelect, bindparam, column, text
from sqlalchemy.sql.visitors import iterate

Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]

_WORD = re.compile(r"[\w .-]*", re.ASCII)
"""What may stand in a text: nothing that ends it, whoever it comes from. Other values are told as the text runs."""


def write(statement: Statement, dialect: Dialect) -> TextualSelect:
    """The text of `statement`, which takes the same values when it runs and gives the same columns."""
    parameters = {one.key: one for one in iterate(statement) if isinstance(one, BindParameter) and not _is_written(one)}
    told = {key: _named(one, number) for number, (key, one) in enumerate(parameters.items())}
    compiled = statement.compile(dialect=_writing(dialect, told), compile_kwargs={"literal_binds": True})
    # Of the columns, by their place: several may have one name.
    columns = [column(name, type_) for name, _, _, type_ in compiled._result_columns]
    return text(str(compiled)).bindparams(*told.values()).columns(*columns)


def _is_written(parameter: BindParameter[Any]) -> bool:
    if parameter.required:
        return False
    values = parameter.value or () if parameter.expanding else (parameter.value,)
    return all(not isinstance(value, str) or _WORD.fullmatch(value) for value in values)


def _named(parameter: BindParameter[Any], number: int) -> BindParameter[Any]:
    """The same of a text, under its own name, or under one of its own where it brings its value along."""
    if parameter.required:
        return bindparam(parameter.key, type_=parameter.type, expanding=parameter.expanding)
    return bindparam(f"told_{number}", parameter.value, type_=parameter.type, expanding=parameter.expanding)


def _writing(dialect: Dialect, told: dict[str, BindParameter[Any]]) -> Dialect:
    """A dialect that writes the same, and leaves a name where a value is told."""

    class Writing(dialect.statement_compiler):  # type: ignore[name-defined,misc] # one for each database
        def visit_bindparam(self, parameter: BindParameter[Any], **options: Any) -> str:  # noqa: ANN401 - passed on
            if parameter.key in told:
                return f":{told[parameter.key].key}"
            written: str = super().visit_bindparam(parameter, **options)
            return written

    make: Callable[..., Dialect] = type(dialect)
    writing = make(paramstyle="named")
    writing.statement_compiler = Writing
    return writing
