"""A family enters an ENT by the portal: one `FrEduVecteur` for each child of the schools that open it (R35)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from xml.etree.ElementTree import SubElement

import pytest
from flask import Flask
from saml2 import BINDING_HTTP_POST
from saml2.sigver import RSACrypto, import_rsa_key_from_file
from sqlalchemy import select

from shared import clock
from shared.database import Database
from shared.models.access.ents import EntConsent, EntEntry
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import AccountState
from shared.models.journal import Action, JournalEvent
from shared.models.school import Guardian, Student
from shared.provider.ent.entering import forget_entries
from tests.factories import PASSWORD, link, make_account, make_division, make_establishment, make_student
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory, logged_in
from tests.provider.ents.conftest import Connect
from tests.provider.ents.ent import (
    ASK,
    CONSUMER,
    PORTAL,
    REDIRECT,
    STATE,
    Ent,
    agree,
    form_of,
    is_told,
    local,
    response_in,
)
from tests.statements import sent

Choose = Callable[..., None]
STATUS = "{urn:oasis:names:tc:SAML:2.0:protocol}StatusCode"


def numbers(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {one.first_name: one.siecle_id for one in session.scalars(select(Student))}


def test_a_parent_logs_in_reads_what_is_told_agrees_and_is_known(
    portal: Flask, ent: Ent, database: Database, uais: list[str]
) -> None:
    browser, request = Browser(portal), ent.question()
    assert browser.get(ent.address(request)).headers["Location"] == "/connexion"
    page = browser.follow(browser.log_in("m.payet", PASSWORD))
    read = words(page)
    for told in ("METICE", "votre nom et votre prénom", "numéro d'élève", "Léa", "Tom", "Lycée des Flamboyants"):
        assert told in read
    answer = agree(browser, page)
    assert form_of(answer)[1]["RelayState"] == STATE
    policy = answer.headers["Content-Security-Policy"]
    assert "form-action 'self' https:;" in policy
    told = ent.read(answer, request.get("ID", ""))
    number = numbers(database)
    assert sorted(told.ava["FrEduVecteur"]) == sorted(
        [f"2|PAYET|Marie|{number['Léa']}|{uais[0]}", f"2|PAYET|Marie|{number['Tom']}|{uais[1]}"]
    )
    assert list(told.ava) == ["FrEduVecteur"]
    assert told.name_id.format.endswith("persistent")
    assert told.assertion.issuer.text == f"{PORTAL}/metadonnees"
    # Asked once only.
    assert is_told(browser.get(ent.address()))


def test_pysaml2_as_an_ent_asks_and_knows_a_family(portal: Flask, ent: Ent, tmp_path: Path) -> None:
    client, key = ent.client(), tmp_path / "cle.pem"
    key.write_text(ent.key)
    client.sec.sec_backend = RSACrypto(import_rsa_key_from_file(str(key)))
    request_id, sent = client.prepare_for_authenticate(
        binding=REDIRECT, relay_state=STATE, sign=True, sigalg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    )
    address = dict(sent["headers"])["Location"]
    assert address.startswith(f"{ASK}?")
    browser = logged_in(portal, "m.payet")
    page = agree(browser, browser.get(local(address)))
    encoded = form_of(page)[1]["SAMLResponse"]
    told = client.parse_authn_request_response(encoded, BINDING_HTTP_POST, {request_id: "/"})
    assert len(told.ava["FrEduVecteur"]) == 2


def test_a_student_is_told_as_a_student(portal: Flask, ent: Ent, database: Database, uais: list[str]) -> None:
    with database.writing() as session:
        lea = session.scalars(select(Student).where(Student.first_name == "Léa")).one()
        make_account(session, "l.payet", lea)
        number = lea.siecle_id
    assert ent.enter(logged_in(portal, "l.payet")) == [f"4|PAYET|Léa|{number}|{uais[0]}"]


def test_a_school_that_shuts_the_ent_or_chose_another_is_told_of_no_more(
    portal: Flask, ent: Ent, choose: Choose, schools: tuple[int, int], uais: list[str]
) -> None:
    browser = logged_in(portal, "m.payet")
    assert len(ent.enter(browser)) == 2
    choose(schools[1], is_open=False)
    assert [vector.rpartition("|")[2] for vector in ent.enter(browser)] == [uais[0]]
    choose(schools[0], None)
    closed = browser.get(ent.address())
    assert closed.status_code == 403
    assert "n'est ouverte dans aucun établissement" in words(closed)
    assert "SAMLResponse" not in closed.text


def test_an_account_with_only_a_closed_school_is_told_so(
    portal: Flask, ent: Ent, choose: Choose, schools: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    for school in schools:
        choose(school, is_open=False)
    closed = logged_in(portal, "m.payet").get(ent.address())
    assert closed.status_code == 403
    assert f"ent_closed: ent {ent.number}" in caplog.text


def test_a_school_whose_tie_is_not_confirmed_tells_nothing(
    portal: Flask, ent: Ent, database: Database, schools: tuple[int, int], uais: list[str]
) -> None:
    with database.writing() as session:
        tie = session.scalars(select(AccountTie).where(AccountTie.establishment_id == schools[1])).one()
        tie.state, tie.confirmed_by, tie.settled_at = TieState.PROPOSED, None, None
    assert [vector.rpartition("|")[2] for vector in ent.enter(logged_in(portal, "m.payet"))] == [uais[0]]


def test_a_name_with_the_separator_names_no_other_child(portal: Flask, ent: Ent, database: Database) -> None:
    with database.writing() as session:
        for fiche in session.scalars(select(Guardian)):
            fiche.family_name, fiche.usage_name = "PAYET|Marie|999", None
            fiche.first_name = "Ma\nrie|9740001A"
    for vector in ent.enter(logged_in(portal, "m.payet")):
        fields = vector.split("|")
        assert len(fields) == 5
        assert fields[1:3] == ["PAYET Marie 999", "Ma rie 9740001A"]


def test_a_long_name_goes_through_whole_and_stays_itself(portal: Flask, ent: Ent, database: Database) -> None:
    with database.writing() as session:
        for fiche in session.scalars(select(Guardian)):
            fiche.family_name, fiche.usage_name = "<É&\"'>" * 15, None
    vectors = ent.enter(logged_in(portal, "m.payet"))
    assert {vector.split("|")[1] for vector in vectors} == {"<É&\"'>" * 15}


def test_a_child_whose_number_is_somebody_elses_by_now_is_not_told(portal: Flask, ent: Ent, database: Database) -> None:
    with database.writing() as session:
        tom = session.scalars(select(Student).where(Student.first_name == "Tom")).one()
        tom.former_siecle_id, tom.siecle_id = tom.siecle_id, f"~{tom.id}"
    assert len(ent.enter(logged_in(portal, "m.payet"))) == 1


def test_another_child_is_asked_for_anew(portal: Flask, ent: Ent, choose: Choose, schools: tuple[int, int]) -> None:
    browser = logged_in(portal, "m.payet")
    choose(schools[1], is_open=False)
    assert len(ent.enter(browser)) == 1
    choose(schools[1])
    page = browser.get(ent.address())
    assert "SAMLResponse" not in page.text
    assert "Tom" in words(page)
    assert is_told(agree(browser, page))


def test_who_declines_goes_back_and_nothing_is_told(portal: Flask, ent: Ent, database: Database) -> None:
    browser = logged_in(portal, "m.payet")
    page = agree(browser, browser.get(ent.address()), "no")
    assert form_of(page)[0] == CONSUMER
    assert [one.get("Value", "").rpartition(":")[2] for one in response_in(page).iter(STATUS)] == [
        "Responder",
        "RequestDenied",
    ]
    assert not is_told(page)
    with database.reading() as session:
        assert session.scalars(select(EntConsent)).all() == []


def test_nothing_is_shown_where_nothing_may_be(portal: Flask, ent: Ent) -> None:
    browser = Browser(portal)
    stranger = browser.get(ent.address(ent.question(IsPassive="true")))
    assert [one.get("Value", "").rpartition(":")[2] for one in response_in(stranger).iter(STATUS)][1:] == ["NoPassive"]
    known = logged_in(portal, "m.payet")
    assert not is_told(known.get(ent.address(ent.question(IsPassive="true"))))
    ent.enter(known)
    assert is_told(known.get(ent.address(ent.question(IsPassive="true"))))


def test_an_ent_that_wants_to_be_sure_has_the_password_typed_again(portal: Flask, ent: Ent) -> None:
    browser = logged_in(portal, "m.payet")
    ent.enter(browser)
    sent = browser.get(ent.address(ent.question(ForceAuthn="true")))
    assert sent.headers["Location"] == "/openid/verification"
    assert "mot de passe" in words(browser.get("/openid/verification"))
    assert browser.post("/openid/verification", current="faux mot de passe").status_code == 422
    assert is_told(browser.follow(browser.post("/openid/verification", current=PASSWORD)))


def test_no_two_ents_know_a_family_by_the_same_name(
    portal: Flask, connect: Connect, choose: Choose, schools: tuple[int, int]
) -> None:
    one = connect()
    browser, names = logged_in(portal, "m.payet"), []
    other = connect("Lycée connecté", entity_id="https://autre.example.org", consumer="https://autre.example.org/acs")
    for ent, label in ((one, "METICE"), (other, "Lycée connecté"), (one, "METICE")):
        for school in schools:
            choose(school, label)
        request = ent.question()
        page = browser.get(ent.address(request))
        page = page if "SAMLResponse" in page.text else agree(browser, page)
        names.append(ent.read(page, request.get("ID", "")).name_id.text)
    assert names[0] == names[2] != names[1]


def test_a_transient_name_is_another_one_each_time(portal: Flask, ent: Ent) -> None:
    browser, names = logged_in(portal, "m.payet"), set()
    for _ in range(2):
        request = ent.question()
        policy = "{urn:oasis:names:tc:SAML:2.0:protocol}NameIDPolicy"
        SubElement(request, policy, Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
        page = browser.get(ent.address(request))
        page = page if "SAMLResponse" in page.text else agree(browser, page)
        names.add(ent.read(page, request.get("ID", "")).name_id.text)
    assert len(names) == 2


def test_what_is_told_stands_in_the_journal_and_in_what_is_held_and_is_taken_back(
    portal: Flask, ent: Ent, database: Database
) -> None:
    browser = logged_in(portal, "m.payet")
    ent.enter(browser)
    with database.reading() as session:
        events = session.scalars(select(JournalEvent).where(JournalEvent.account_id.is_not(None))).all()
    told = {event.action: event.details for event in events}
    assert told[Action.CONSENT_GIVEN]["service"] == told[Action.SERVICE_ENTERED]["service"] == "METICE"
    assert told[Action.SERVICE_ENTERED]["count"] == 2
    held = browser.get("/compte/mes-donnees")
    assert "METICE" in words(held)
    page = browser.get("/compte/teleservices")
    assert "METICE" in words(page)
    assert browser.post(f"/compte/ent/{ent.number}/retirer").status_code == 303
    assert "METICE ne reçoit plus rien de vous" in words(browser.get("/compte/teleservices"))
    assert "METICE" not in words(browser.get("/compte/teleservices"))
    assert browser.post(f"/compte/ent/{ent.number}/retirer").status_code == 404
    assert "Accepter" in words(browser.get(ent.address()))


@pytest.mark.parametrize(
    "change",
    [
        {"state": AccountState.DISABLED, "disabled_from": AccountState.ACTIVE},
        {"must_change_password": True},
    ],
)
def test_an_account_that_opens_nothing_tells_nothing(
    portal: Flask, ent: Ent, directory: Directory, change: dict[str, object]
) -> None:
    browser = logged_in(portal, "m.payet")
    ent.enter(browser)
    directory.change("m.payet", **change)
    answer = browser.follow(browser.get(ent.address()))
    assert "SAMLResponse" not in answer.text


def test_a_merged_account_tells_nothing(portal: Flask, ent: Ent, directory: Directory, database: Database) -> None:
    browser = logged_in(portal, "m.payet")
    ent.enter(browser)
    with database.writing() as session:
        school = make_establishment(session, "9740003C", "Autre")
        kept = make_account(session, "x.autre", make_student(session, school, make_division(session, school, "6Z")))
        number = kept.id
    directory.change("m.payet", state=AccountState.MERGED, merged_into_id=number)
    assert "SAMLResponse" not in browser.follow(browser.get(ent.address())).text


def test_an_answer_to_a_page_that_was_shown_for_another_question_is_not_taken(portal: Flask, ent: Ent) -> None:
    browser = logged_in(portal, "m.payet")
    first = browser.get(ent.address())
    browser.get(ent.address())
    assert agree(browser, first).headers["Location"] == "/ent/suite"


def test_entries_are_forgotten_once_over(portal: Flask, ent: Ent, database: Database) -> None:
    ent.enter(logged_in(portal, "m.payet"))
    with database.writing() as session:
        forget_entries(session, clock.now())
        assert len(session.scalars(select(EntEntry)).all()) == 1
        forget_entries(session, clock.now() + timedelta(days=30))
        assert session.scalars(select(EntEntry)).all() == []


def queries_of(database: Database, browser: Browser, address: str) -> int:
    with sent(database) as asked:
        assert is_told(browser.get(address))
    return len(asked)


def test_an_entry_takes_as_many_queries_however_many_children(
    portal: Flask, ent: Ent, database: Database, schools: tuple[int, int]
) -> None:
    browser = logged_in(portal, "m.payet")
    ent.enter(browser)
    few = queries_of(database, browser, ent.address())
    with database.writing() as session:
        mother = session.scalars(select(Guardian).where(Guardian.establishment_id == schools[0])).one()
        for number in range(8):
            link(session, make_student(session, mother.establishment, first_name=f"Enfant{number}"), mother)
    assert len(ent.enter(browser)) == 10
    assert queries_of(database, browser, ent.address()) == few
