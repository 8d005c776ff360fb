"""Staff come in by a SAML 2.0 identity provider: its own word, for us, in answer to this browser, once (R34)."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.models.access.identity_providers import IdentityProvider, ProviderKind, StaffIdentity, UsedToken
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRoleKind, StaffSession
from shared.sign_on.attempts import TIME_TO_COME_BACK
from shared.sign_on.providers import Description
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.saml import door as saml_door
from shared.sign_on.saml.documents import opened as opened_document
from shared.sign_on.saml.federation import FEDERATION
from tests.admin.browser import Browser, hidden, sent_to, words
from tests.admin.sign_on_door import NOTHING_GIVEN, OTHER, UAI, join, kept_out, roles, sessions
from tests.factories import make_establishment, make_staff
from tests.sign_on.saml_provider import EXCLUSIVE, SIGNATURE, SamlProvider, Words, answering, key_of

HEAD = {"FrEduRneResp": f"{UAI}$UAJ$PU$N$T3$CLG$340", "FrEduFonctAdm": "DIR", "urn:oid:2.5.4.42": "Élise"}
OWN_KEY = "teleservices"


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[SamlProvider]:
    (tmp_path / "saml").mkdir()
    with answering(tmp_path / "saml") as provider:
        provider.words = {"attributes": HEAD}
        yield provider


@dataclass
class SamlDoor:
    """A provider that the académie opened, seen from a browser."""

    app: Flask
    id: int
    provider: SamlProvider

    def leave(self, browser: Browser) -> str:
        """Press its button, and say where that leads."""
        return sent_to(browser.post(f"/connexion/par/{self.id}", on="/connexion/"))

    def arrive(self, browser: Browser, fields: dict[str, str]) -> TestResponse:
        """The page of the provider sends its form, with no cookie of ours; our own page sends it again."""
        path = f"/connexion/par/saml/{self.id}/retour"
        page = self.app.test_client().post(path, data=fields, environ_base=browser.environ)
        if page.status_code != 200:
            return page
        assert "Set-Cookie" not in page.headers
        sent = {name: hidden(page, name) for name in ("SAMLResponse", "RelayState")}
        return browser.client.post(f"/connexion/par/saml/{self.id}/suite", data=sent, environ_base=browser.environ)

    def come_in(self, browser: Browser | None = None, **changes: object) -> tuple[Browser, TestResponse]:
        """The whole way there and back."""
        browser = browser or Browser(self.app)
        return browser, self.arrive(browser, self.provider.answer(self.leave(browser), **changes))


def opened(database: Database, sealer: Sealer, provider: SamlProvider, entity_id: str = "") -> int:
    entity = entity_id or provider.entity_id
    wanted = Description(ProviderKind.SAML, "le portail", f"{provider.address}/{entity[-4:]}", entity, key_of(OWN_KEY))
    # This process may have read another one there: ports come back.
    FEDERATION.forget(wanted.address)
    with database.writing() as session:
        row = IdentityProvider(**wanted.as_values(sealer), is_open=True, position=1, created_at=clock.now())
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def door(app: Flask, database: Database, sealer: Sealer, provider: SamlProvider) -> SamlDoor:
    with database.writing() as session:
        make_establishment(session, UAI)
        make_establishment(session, OTHER, "Lycée des Flamboyants")
    return SamlDoor(app, opened(database, sealer, provider), provider)


@pytest.mark.both_databases
def test_a_head_comes_in_and_works_in_the_school(door: SamlDoor, database: Database) -> None:
    browser, answer = door.come_in()
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Collège des Filaos" in words(browser.get("/"))
    assert roles(database) == [(StaffRoleKind.HEAD, UAI)]
    with database.reading() as session:
        assert session.scalars(select(Staff.name)).one() == "Élise"
        came = session.scalars(select(StaffSession)).one()
        assert (came.provider_id, came.provider_session) == (door.id, "s-1")


def test_the_question_is_signed_by_the_key_of_our_metadata(door: SamlDoor) -> None:
    address = door.leave(Browser(door.app))
    signed, _, mark = urlsplit(address).query.partition("&Signature=")
    metadata = door.app.test_client().get(f"/connexion/par/saml/{door.id}")
    assert metadata.status_code == 200
    assert "PRIVATE" not in metadata.text
    asked = door.provider.asked(address)
    assert f'entityID="{asked["issuer"]}"' in metadata.text
    assert f'Location="{asked["AssertionConsumerServiceURL"]}"' in metadata.text
    shown = metadata.text.partition("X509Certificate>")[2].partition("<")[0]
    key = x509.load_der_x509_certificate(base64.b64decode(shown)).public_key()
    whole = base64.b64decode(mark.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))
    key.verify(whole, signed.encode(), padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr, call-arg]
    assert len(asked["RelayState"]) >= 32
    assert asked["Destination"] == f"{door.provider.address}/sso"


WRONG: dict[str, dict[str, object]] = {
    "not signed": {"is_signed": False},
    "signed by another key": {"signs_with": "another"},
    "signed by sha1": {
        "method": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "digest": "http://www.w3.org/2000/09/xmldsig#sha1",
    },
    "another issuer": {"issuer": "https://ailleurs.example.org"},
    "another audience": {"audience": "https://ailleurs.example.org"},
    "another recipient": {"recipient": "https://ailleurs.example.org/retour"},
    "another destination": {"destination": "https://ailleurs.example.org/retour"},
    "another question": {"question": "_autre"},
    "no question": {"question": ""},
    "expired": {"since": timedelta(hours=-2), "until": timedelta(hours=-1)},
    "from the future": {"since": timedelta(hours=1), "until": timedelta(hours=2)},
    "no subject": {"subject": ""},
    "a subject without end": {"subject": "x" * 256},
    "a name of this session only": {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
    "a refusal": {"status": "Responder"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_an_assertion_that_says_something_else_opens_nothing(
    door: SamlDoor, database: Database, caplog: pytest.LogCaptureFixture, changes: dict[str, object]
) -> None:
    browser, answer = door.come_in(**changes)
    assert answer.status_code == 422
    assert "Recommencez" in words(answer)
    assert "sign-on refused" in caplog.text
    assert "FrEduRneResp" not in caplog.text
    assert sessions(database) == 0
    assert browser.get("/").location == "/connexion/"


def parts(document: str) -> tuple[str, str, str]:
    """What stands before the assertion, the assertion, and what stands after."""
    before, opening, rest = document.partition("<saml:Assertion")
    inside, closing, after = rest.partition("</saml:Assertion>")
    return before, opening + inside + closing, after


def evil(assertion: str) -> str:
    """The same of somebody else, with another name and without a signature."""
    unsigned = assertion.partition("<ds:Signature")[0] + assertion.partition("</ds:Signature>")[2]
    return unsigned.replace('ID="_a1"', 'ID="_evil"').replace(">p-1<", ">victime<")


def beside_before(document: str) -> str:
    before, assertion, after = parts(document)
    return before + evil(assertion) + assertion + after


def beside_after(document: str) -> str:
    before, assertion, after = parts(document)
    return before + assertion + evil(assertion) + after


def around_in_an_object(document: str) -> str:
    before, assertion, after = parts(document)
    signature = "<ds:Signature" + assertion.partition("<ds:Signature")[2].partition("</ds:Signature>")[0]
    wrapped = f"{signature}<ds:Object>{assertion}</ds:Object></ds:Signature>"
    return before + evil(assertion).replace("</saml:Issuer>", f"</saml:Issuer>{wrapped}", 1) + after


def around_in_extensions(document: str) -> str:
    before, assertion, after = parts(document)
    put = before.replace("<samlp:Status>", f"<samlp:Extensions>{assertion}</samlp:Extensions><samlp:Status>")
    return put + evil(assertion) + after


def same_name(document: str) -> str:
    before, assertion, after = parts(document)
    return before + evil(assertion).replace("_evil", "_a1") + assertion + after


def moved_signature(document: str) -> str:
    """The signature of the right one stands in the evil one, and the right one elsewhere."""
    before, assertion, after = parts(document)
    signature = "<ds:Signature" + assertion.partition("<ds:Signature")[2].partition("</ds:Signature>")[0]
    inside = evil(assertion).replace("</saml:Issuer>", f"</saml:Issuer>{signature}</ds:Signature>", 1)
    return before + inside + assertion + after


FORGED: dict[str, Callable[[str], str]] = {
    "another subject": lambda said: said.replace(">p-1<", ">victime<"),
    "another school": lambda said: said.replace(UAI, OTHER),
    "a subject cut by a comment": lambda said: said.replace(">p-1<", ">p-1<!-- x -->.ailleurs<"),
    "another assertion before": beside_before,
    "another assertion after": beside_after,
    "the signed one inside the signature": around_in_an_object,
    "the signed one in extensions": around_in_extensions,
    "two of one name": same_name,
    "a signature of the other one": moved_signature,
    "a reference to everything": lambda said: said.replace('URI="#_a1"', 'URI=""'),
    "a declaration": lambda said: f"<!DOCTYPE x>{said}",
    "entities": lambda said: (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + said.replace(">p-1<", ">&b;<")
    ),
    "a file of this machine": lambda said: (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + said.replace(">p-1<", ">&a;<")
    ),
    "instructions": lambda said: said.replace(">p-1<", "><?x y?>p-1<"),
    "no XML": lambda said: "rien",
    "something else": lambda said: "<a/>",
    "encrypted": lambda said: said.replace("saml:Assertion", "saml:EncryptedAssertion"),
    "too long": lambda said: said + " " * 200_000,
}


@pytest.mark.parametrize("forges", FORGED.values(), ids=FORGED)
def test_what_was_changed_or_wrapped_once_signed_opens_nothing(
    door: SamlDoor, database: Database, caplog: pytest.LogCaptureFixture, forges: Callable[[str], str]
) -> None:
    door.provider.forges = forges
    kept_out(door.come_in()[1], caplog, database, Refusal.INVALID)


@pytest.mark.parametrize("said", NOTHING_GIVEN.values(), ids=NOTHING_GIVEN)
def test_what_gives_nothing_opens_nothing_and_is_told(
    door: SamlDoor, database: Database, caplog: pytest.LogCaptureFixture, said: dict[str, str]
) -> None:
    door.provider.words = {"attributes": said}
    kept_out(door.come_in()[1], caplog, database, Refusal.NO_ROLE)


def test_a_closed_login_and_a_shut_provider_open_nothing(
    door: SamlDoor, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    door.come_in()
    with database.writing() as session:
        session.scalars(select(Staff)).one().disabled_at = clock.now()
    assert "Cet accès a été fermé" in words(door.come_in(name="_a2")[1])
    browser = Browser(door.app)
    fields = door.provider.answer(door.leave(browser), name="_a3")
    with database.writing() as session:
        session.scalars(select(IdentityProvider)).one().is_open = False
    assert door.arrive(browser, fields).status_code in {404, 422}
    assert browser.get("/").location == "/connexion/"
    assert "closed" in caplog.text


BY_ITS_SHAPE = {
    "a subject cut by a comment": "declarations or comments",
    "another assertion before": "not one assertion",
    "another assertion after": "not one assertion",
    "the signed one inside the signature": "not one assertion",
    "the signed one in extensions": "not one assertion",
    "two of one name": "not one assertion",
    "a signature of the other one": "not one assertion",
    "a reference to everything": "a signature of something else",
    "a declaration": "declarations or comments",
    "entities": "declarations or comments",
    "a file of this machine": "declarations or comments",
    "instructions": "declarations or comments",
    "no XML": "no XML",
    "something else": "no response",
    "encrypted": "not one assertion",
    "too long": "too long",
}


@pytest.mark.parametrize(("how", "why"), BY_ITS_SHAPE.items(), ids=BY_ITS_SHAPE)
def test_a_document_is_refused_for_what_it_is(tmp_path: Path, how: str, why: str) -> None:
    """Before any library acts on it, so that its shape alone is enough."""
    words_of_it = Words("https://entity.example.org", "_q", "https://a.example.org", "https://b.example.org")
    signed = SamlProvider("http://127.0.0.1:1", tmp_path).signed(words_of_it.response(words_of_it.assertion()))
    assert opened_document(base64.b64encode(signed.encode()).decode()).assertion_id == "_a1"
    with pytest.raises(SignOnRefused, match=why):
        opened_document(base64.b64encode(FORGED[how](signed).encode()).decode())


def test_a_response_signed_as_a_whole_is_not_enough(tmp_path: Path) -> None:
    words_of_it = Words("https://entity.example.org", "_q", "https://a.example.org", is_signed=False)
    whole = words_of_it.response(words_of_it.assertion())
    around = SIGNATURE.format(exclusive=EXCLUSIVE, name="_r1", method=words_of_it.method, digest=words_of_it.digest)
    signed = whole.replace("<samlp:Status>", f"{around}<samlp:Status>")
    with pytest.raises(SignOnRefused, match="not signed itself"):
        opened_document(base64.b64encode(signed.encode()).decode())


@pytest.mark.parametrize("sent", ["", "pas du base64 !", "w6k=", "x" * 200_001])
def test_what_is_no_answer_opens_nothing(
    door: SamlDoor, database: Database, caplog: pytest.LogCaptureFixture, sent: str
) -> None:
    browser = Browser(door.app)
    state = door.provider.asked(door.leave(browser))["RelayState"]
    answer = door.arrive(browser, {"SAMLResponse": sent, "RelayState": state})
    kept_out(answer, caplog, database, Refusal.INVALID)


def test_an_answer_is_good_once_and_in_its_own_browser(door: SamlDoor, database: Database) -> None:
    mine, stranger = Browser(door.app), Browser(door.app)
    fields = door.provider.answer(door.leave(mine))
    door.leave(stranger)
    assert door.arrive(stranger, fields).status_code == 422
    # It was shown to somebody: nobody comes in with it any more.
    assert door.arrive(mine, fields).status_code == 422
    fields = door.provider.answer(door.leave(mine), name="_a2")
    assert door.arrive(mine, fields).status_code == 303
    assert door.arrive(mine, fields).status_code == 422
    assert sessions(database) == 1


def test_nobody_is_made_to_log_in_as_somebody_else(door: SamlDoor, database: Database) -> None:
    """A page of elsewhere sends the answer of its own author, from a browser that never asked."""
    fields = door.provider.answer(door.leave(Browser(door.app)))
    assert door.arrive(Browser(door.app), fields).status_code == 422
    assert sessions(database) == 0


def test_an_answer_that_nobody_asked_for_opens_nothing(door: SamlDoor, database: Database) -> None:
    browser = Browser(door.app)
    fields = door.provider.answer(door.leave(browser))
    assert door.arrive(browser, fields | {"RelayState": ""}).status_code == 422
    assert sessions(database) == 0


def test_an_assertion_of_before_answers_no_later_question(door: SamlDoor, database: Database) -> None:
    browser = Browser(door.app)
    before = door.provider.answer(door.leave(browser))
    now = door.provider.asked(door.leave(browser))["RelayState"]
    assert door.arrive(browser, before | {"RelayState": now}).status_code == 422
    assert sessions(database) == 0


def test_the_name_of_an_assertion_is_kept_and_accepted_once(door: SamlDoor, database: Database) -> None:
    assert door.come_in(name="_same")[1].status_code == 303
    with database.reading() as session:
        assert session.scalars(select(UsedToken.expires_at)).one() > clock.now()
    _, again = door.come_in(name="_same")
    assert "déjà servi" in words(again)
    assert sessions(database) == 1


def test_an_answer_that_comes_too_late_opens_nothing(door: SamlDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(door.app)
    fields = door.provider.answer(door.leave(browser), until=timedelta(hours=2))
    late = clock.now() + TIME_TO_COME_BACK
    monkeypatch.setattr(clock, "now", lambda: late)
    assert door.arrive(browser, fields).status_code == 422


def test_the_answer_of_one_provider_is_none_of_another(
    door: SamlDoor, database: Database, sealer: Sealer, provider: SamlProvider
) -> None:
    other = SamlDoor(door.app, opened(database, sealer, provider, f"{provider.address}/deux"), provider)
    browser = Browser(door.app)
    fields = provider.answer(door.leave(browser))
    assert other.arrive(browser, fields).status_code == 422
    assert sessions(database) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('entityID="{entity}"', 'entityID="https://ailleurs.example.org"'),
        ("{sign_on}", "http://192.0.2.1/sso"),
        ("{certificate}", ""),
        ("IDPSSODescriptor", "SPSSODescriptor"),
        ("<EntityDescriptor", "<!DOCTYPE x><EntityDescriptor"),
        ("<EntityDescriptor", '<EntityDescriptor validUntil="2020-01-01T00:00:00Z"'),
        ("</EntityDescriptor>", ""),
    ],
)
def test_a_provider_whose_metadata_say_something_else_is_not_asked(door: SamlDoor, before: str, after: str) -> None:
    door.provider.metadata = door.provider.metadata.replace(before, after)
    answer = Browser(door.app).post(f"/connexion/par/{door.id}", on="/connexion/")
    assert answer.status_code == 422
    assert "ne répond pas" in words(answer)


def test_a_key_that_was_changed_there_is_read_anew(
    door: SamlDoor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert door.come_in()[1].status_code == 303
    door.provider.certificate_of, door.provider.words = "next", {"attributes": HEAD, "signs_with": "next"}
    # It was read just now: whoever sends many answers does not have it read each time.
    assert door.come_in(name="_a2")[1].status_code == 422
    monkeypatch.setattr("shared.sign_on.saml.federation.SECONDS_BETWEEN_READINGS", -1)
    assert door.come_in(name="_a3")[1].status_code == 303


def test_who_is_logged_in_is_joined_and_comes_in_by_there(door: SamlDoor, database: Database) -> None:
    with database.writing() as session:
        make_staff(session, "elise", session.scalars(select(Establishment).where(Establishment.uai == OTHER)).one())
    browser = Browser(door.app)
    browser.log_in("elise")
    address = sent_to(join(browser, door))  # type: ignore[arg-type]
    assert door.provider.asked(address)["ForceAuthn"] == "true"
    assert door.arrive(browser, door.provider.answer(address)).location == "/mes-connexions/"
    with database.reading() as session:
        assert session.scalars(select(StaffIdentity.subject)).all() == ["p-1"]


def test_without_the_program_that_verifies_nobody_comes_in(
    door: SamlDoor, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(door.app)
    fields = door.provider.answer(door.leave(browser))
    monkeypatch.setattr("shared.sign_on.saml.plain.shutil.which", lambda _: None)
    assert "ne répond pas" in words(door.arrive(browser, fields))
    assert "xmlsec1 is not installed" in caplog.text


def test_our_metadata_are_of_saml_providers_only(door: SamlDoor) -> None:
    assert door.app.test_client().get(f"/connexion/par/saml/{door.id + 100}").status_code == 404


def test_the_door_reads_what_a_provider_says_once_in_a_while(door: SamlDoor) -> None:
    entity = saml_door.read_anew(f"{door.provider.address}/tity", door.provider.entity_id)
    assert saml_door.FEDERATION.entity(f"{door.provider.address}/tity", door.provider.entity_id) is entity
