"""`notify --by sms`: refused where no gateway is configured, else it says how many would leave and what they cost."""

from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.models.accounts import AccountState
from tests.cli.conftest import Command
from tests.factories import make_account, make_division, make_establishment, make_guardian, make_student

GATEWAY = {
    "SMS_DRIVER": "http",
    "SMS_SENDER": "COLLEGE",
    "SMS_HTTP_URL": "https://sms.example.org/jobs",
    "SMS_TOKEN": "t",
}


def test_what_would_leave_and_what_it_costs_is_said(database: Database, run: Command, sealer: Sealer) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        student = make_student(session, school, make_division(session, school))
        guardian = make_guardian(session, school, student, mobile_phone="0692 12 34 56", accepts_sms=True)
        make_account(session, "m.payet", guardian, state=AccountState.NOT_NOTIFIED, sealer=sealer)
        uai = school.uai
    asked = ("notify", "--uai", uai, "--by", "sms")
    refused = run(*asked)
    assert refused.status == 1
    assert "n'est pas proposé ici" in refused.err
    said = run(*asked, **GATEWAY, SMS_PRICE="0.065")
    assert said.status == 0
    assert "1 SMS" in said.out
    assert "0,065\N{NO-BREAK SPACE}€ l'un" in said.out
    assert run(*asked, "--json", **GATEWAY).json["sms"] == 1


def test_a_setting_that_cannot_work_is_refused_at_the_start(run: Command) -> None:
    wrong = {
        "SMS_SENDER": "COLLÈGE",
        "SMS_HTTP_URL": "http://sms.example.org/jobs",
        "SMS_TOKEN": None,
        "SMS_COUNTRIES": "ZZ",
    }
    for name, value in wrong.items():
        refused = run("notify", "--uai", "9740001A", "--by", "sms", **{**GATEWAY, name: value})
        assert refused.status == 1, name
        assert "Réglage refusé" in refused.err
