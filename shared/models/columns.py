"""Kinds of columns that several tables use."""

import enum

from sqlalchemy import Enum


def one_of(kind: type[enum.StrEnum], name: str) -> Enum:
    """A text column that the database itself holds to the values of `kind`.

    Text and a check constraint, rather than a native type, so that both databases and every migration behave alike.
    """
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )
