"""What settings of every kind are made of."""

from typing import Annotated

from pydantic import BeforeValidator

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
"""This machine: what goes to it crosses no network."""


def _empty_is_missing(value: object) -> object:
    return None if value == "" else value


OptionalText = Annotated[str | None, BeforeValidator(_empty_is_missing)]
"""A text that an empty variable leaves out."""
