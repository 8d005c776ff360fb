"""What is held on somebody is all there, and nothing that opens anything is."""

import json

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.holder.merging import merge_accounts
from shared.accounts.holder.own_data import everything_held
from shared.accounts.login.sessions import open_session
from shared.accounts.trail import holder, note
from shared.acting.desk import Act
from shared.journal import COMMAND, Actor
from shared.models.accounts import Account, AccountSession, AccountState, MailedLink
from shared.models.journal import ActorKind
from shared.models.school import Guardian, Person, Student
from tests.choosing import complete_first_login
from tests.factories import NOW, make_account, make_division, make_establishment, make_guardian, make_student

OF_STAFF = {"staff_note", "hold", "written_family_name", "written_usage_name", "written_first_name"}
"""What staff wrote in SIECLE beside a name: the school is asked for it."""
KEYS = {"id", "establishment_id", "account_id", "siecle_id", "name_key", "birth_name_key", "name_flag", "gone_at"}
NOT_TOLD = KEYS | OF_STAFF
NOT_TOLD |= {"former_siecle_id", "division_id", "account_kept", "scholarship"}


def test_every_column_about_the_person_is_told(session: Session) -> None:
    school = make_establishment(session)
    for table, kind in ((Guardian, make_guardian), (Student, make_student)):
        fiche: Person = kind(session, school)
        marks = {}
        for column in table.__table__.columns:
            if isinstance(column, Column) and column.name not in NOT_TOLD and column.type.python_type is str:
                marks[column.name] = chr(ord("a") + len(marks))
                setattr(fiche, column.name, marks[column.name])
        account = make_account(session, f"m.{table.__tablename__}", fiche)
        told = json.dumps(everything_held(session, account), ensure_ascii=False)
        assert [name for name, mark in marks.items() if f': "{mark}"' not in told] == []


def test_children_history_and_what_a_merge_brought_are_told(session: Session) -> None:
    school = make_establishment(session)
    lea = make_student(session, school, make_division(session, school))
    kept = make_account(session, "m.payet", make_guardian(session, school, lea))
    absorbed = make_account(session, "m.payet1", make_guardian(session, school, make_student(session, school)))
    note(Act(session, holder(absorbed, "198.51.100.7"), NOW), "login", absorbed)
    merge_accounts(Act(session, COMMAND, NOW), kept.id, absorbed.id)
    session.flush()
    told = everything_held(session, kept)
    assert told["établissements"][0]["élèves"][0]["élève"] == "Léa PAYET"
    assert len(told["établissements"]) == 2
    assert {"login"} <= {event["événement"] for event in told["journal"]}
    assert told["courriels du portail"]


def test_nothing_that_opens_anything_and_no_name_of_staff_is_told(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    fiche = make_guardian(session, school, make_student(session, school))
    account = make_account(session, "m.payet", fiche, state=AccountState.NOTIFIED, sealer=sealer)
    token = open_session(session, account, NOW, "198.51.100.7", "Firefox/140")
    chosen = "lagon calme du dimanche"
    complete_first_login(session, account, "m@example.org", chosen, NOW, "198.51.100.7", token=token)
    note(Act(session, Actor(ActorKind.STAFF, "Mme Grondin", 1, "192.0.2.9"), NOW), "account_notified", account)
    session.flush()
    told = json.dumps(everything_held(session, account), ensure_ascii=False)
    secrets = [
        token,
        chosen,
        session.scalars(select(AccountSession.token_hash)).one(),
        session.scalars(select(MailedLink.nonce)).one(),
        session.scalars(select(Account.password_hash)).one(),
        "Mme Grondin",
        "192.0.2.9",
    ]
    assert "m@example.org" in told
    assert "Firefox/140" in told
    assert [secret for secret in secrets if secret and secret in told] == []


def test_nothing_of_anybody_else_is_told(session: Session) -> None:
    school = make_establishment(session)
    lea = make_student(session, school)
    account = make_account(session, "m.payet", make_guardian(session, school, lea))
    other = make_guardian(session, school, lea, last_name="HOARAU", first_name="Zoé", email="zoe@example.org")
    second = make_account(session, "z.hoarau", other)
    note(Act(session, holder(second, "203.0.113.9"), NOW), "login", second)
    session.flush()
    told = json.dumps(everything_held(session, account), ensure_ascii=False)
    assert not any(word in told for word in ("HOARAU", "Zoé", "zoe@", "z.hoarau", "203.0.113.9"))
