"""A CAS server that answers anything lets in whom it names, and else nobody; it is asked about our own address."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.sign_on.cas import said_by_cas, way_to_cas
from shared.sign_on.refusals import Refusal, SignOnRefused
from tests.sign_on.cas_server import ANSWER, UNKNOWN, Cas, answering

SERVICE = "https://admin.example.org/connexion/par/retour?state=abc"
KNOWN = ANSWER.format(
    "<cas:authenticationSuccess><cas:user>{}</cas:user><cas:attributes><cas:title>DIR</cas:title></cas:attributes>"
    "</cas:authenticationSuccess>"
)
BOMB = (
    "<!DOCTYPE x [<!ENTITY a0 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]>"
    + KNOWN.format("&a11;")
)
OF_A_FILE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>" + KNOWN.format("&a;")


@pytest.fixture
def cas() -> Iterator[Cas]:
    with answering() as server:
        yield server


def test_whom_it_names_is_said_and_it_was_asked_about_our_own_address(cas: Cas) -> None:
    cas.answer = KNOWN.format("p-1")
    said = said_by_cas(cas.address, SERVICE, "ST-1")
    assert said.subject == "p-1"
    assert said.attributes.first("title") == "DIR"
    assert said.strengths == frozenset()
    assert cas.asked == [{"ticket": "ST-1", "service": SERVICE}]
    assert parse_qs(urlsplit(way_to_cas(cas.address, SERVICE)).query)["service"] == [SERVICE]


NOBODY = {
    "nothing": " ",
    "the first version": "yes\np-1\n",
    "another document": "<x/>",
    "unknown": UNKNOWN,
    "empty": ANSWER.format(""),
    "nobody": ANSWER.format("<cas:authenticationSuccess/>"),
    "an empty name": KNOWN.format(""),
    "a long name": KNOWN.format("x" * 256),
    "a name of two lines": KNOWN.format("p&#10;1"),
    "two answers": UNKNOWN + KNOWN.format("p-1"),
    "a bomb of entities": BOMB,
    "a file of this machine": OF_A_FILE,
    "JSON": '{"serviceResponse": {"authenticationSuccess": {"user": "p-1"}}}',
}


@pytest.mark.parametrize("answer", NOBODY.values(), ids=NOBODY)
def test_anything_else_lets_nobody_in(cas: Cas, answer: str) -> None:
    cas.answer = answer
    with pytest.raises(SignOnRefused):
        said_by_cas(cas.address, SERVICE, "ST-1")


@pytest.mark.parametrize("status", [302, 307])
def test_it_is_not_followed_elsewhere(cas: Cas, status: int) -> None:
    cas.status, cas.answer = status, KNOWN.format("p-1")
    with pytest.raises(SignOnRefused) as refused:
        said_by_cas(cas.address, SERVICE, "ST-1")
    assert refused.value.reason is Refusal.UNAVAILABLE
    assert len(cas.asked) == 1


@pytest.mark.parametrize("ticket", ["", "x" * 501, "ST-é"])
def test_what_is_no_ticket_is_not_asked_about(cas: Cas, ticket: str) -> None:
    with pytest.raises(SignOnRefused):
        said_by_cas(cas.address, SERVICE, ticket)
    assert cas.asked == []
