"""What a téléservice sends and is answered, as plain values: Authlib speaks OAuth, the portal speaks to the web."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.provider.keys import Keyring


@dataclass(frozen=True)
class At:
    """The portal as a provider, at one moment, in one transaction; the edge made it, and commits."""

    session: Session
    sealer: Sealer
    keyring: Keyring
    issuer: str
    now: datetime
    today: date
    """The day it is in the académie."""


@dataclass(frozen=True)
class Heard:
    """A request: its fields, each with its values, and its headers."""

    method: str
    fields: Mapping[str, Sequence[str]]
    headers: Mapping[str, str] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The only value of a field; empty when there is none, or several."""
        values = self.fields.get(name, ())
        return values[0] if len(values) == 1 else ""


@dataclass(frozen=True)
class Reply:
    """An answer: a JSON object, or an address to send the browser to."""

    status: int
    body: Mapping[str, Any] | str
    headers: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where the browser is sent; empty when it stays."""
        return self.headers.get("Location", "")

    def said_by(self, issuer: str) -> "Reply":
        """The same, with the name of who answers, so that no two providers are mixed up (RFC 9207)."""
        if not self.address:
            return self
        return Reply(self.status, self.body, {**self.headers, "Location": with_issuer(self.address, issuer)})


def with_issuer(address: str, issuer: str) -> str:
    """`address` and the name of who answers."""
    return str(add_params_to_uri(address, {"iss": issuer}))


class _Fields(OAuth2Payload):
    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._lists = {name: list(values) for name, values in fields.items() if values}
        self._data = {name: values[0] for name, values in self._lists.items()}

    @property
    def data(self) -> dict[str, str]:
        return self._data

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class AskedRequest(OAuth2Request):
    """A request as Authlib reads it."""

    def __init__(self, heard: Heard) -> None:
        # Authlib wants to see https; whether it is was seen to by the settings and by what stands in front.
        super().__init__(heard.method, "https://portal.invalid/", headers=heard.headers)
        self.payload = _Fields(heard.fields)
        self.entry: object = None

    @property
    def form(self) -> dict[str, str]:
        """The fields; each endpoint reads those of the body only, or those of the address only."""
        return self.payload.data
