"""One definition of who counts: every number of « Accueil » is that of the list it opens, whatever was lost (R26).

The lists are read page by page, as staff do.
"""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from shared import clock
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountState
from shared.models.school import Establishment, Guardian, Student
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from tests.admin.browser import Browser, words
from tests.admin.test_home import counts
from tests.admin.test_statistics import table
from tests.factories import at_desk, make_establishment, make_staff
from tests.siecle.big_school import FAMILIES, big_school, child, name_of, parent
from tests.siecle.written import link

pytestmark = pytest.mark.both_databases

STAYING = range(1, 21)
IN_STATES = {
    AccountState.NOTIFIED: (5, 6, 25),
    AccountState.ACTIVATING: (7, 8, 26, 27),
    AccountState.ACTIVE: (9, 10, 11, 28),
    AccountState.DISABLED: (12, 29),
}
"""By the number of the family: some of each state stay, and some leave."""


def school_files(folder, families):
    """Families of which one child has no guardian, one parent has died, some names and addresses are wrong."""
    files = big_school(folder, families, linked=[number for number in families if number != 3])
    files.guardians[0] = parent(1, NOM_DE_FAMILLE=f"{name_of(1)} (DECEDE)")
    files.guardians[1] = parent(2, NOM_DE_FAMILLE=f"{name_of(2)} (oncle)")
    files.guardians[3] = parent(4, MEL=None)
    files.students[13] = child(14, NOM_DE_FAMILLE=f"{name_of(14)} (DECEDE)")
    # Two fiches of one person: a duplicate to treat.
    twin = parent(4, MEL=None).replace('PERSONNE_ID="104"', 'PERSONNE_ID="904"')
    files.guardians.append(twin)
    files.links.append(link(4, 904, 2))
    return files


@pytest.fixture
def head(app, database, sealer, tmp_path) -> Browser:
    """The head of a school whose accounts are in every state, then a third of which left."""
    with database.writing() as session:
        make_staff(session, "chef", make_establishment(session))
    asked = Asked(actor=COMMAND, now=clock.now(), accept_older=True)
    import_files(database, school_files(tmp_path / "1", FAMILIES).both(), asked)
    with database.writing() as session:
        school, now = session.scalars(select(Establishment)).one(), clock.now()
        for population in (GUARDIANS, STUDENTS):
            generate_accounts(at_desk(session, school.id, now=now, actor=COMMAND, today=now.date()), population, sealer)
        for state, families in IN_STATES.items():
            for number in families:
                put_into(session, state, number, now)
    import_files(database, school_files(tmp_path / "2", STAYING).both(), replace(asked, accept_losses=True))
    browser = Browser(app)
    assert browser.log_in("chef").status_code == 303
    return browser


def put_into(session, state, number, now):
    for fiche, key in ((Guardian, 100 + number), (Student, number)):
        account = session.scalars(
            select(Account).join(fiche, fiche.account_id == Account.id).where(fiche.siecle_id == str(key))
        ).one()
        account.state = state
        days = {AccountState.NOTIFIED: 3, AccountState.ACTIVATING: 60}.get(state)
        account.expires_on = now.date() + timedelta(days=days) if days else None
        if state in {AccountState.ACTIVATING, AccountState.ACTIVE}:
            account.initial_password, account.password_hash = None, "x"
            account.email = f"{account.identifier}@example.org"
            account.first_login_at = now - timedelta(days=20 if number % 2 else 1)
        if state is AccountState.ACTIVE:
            account.activated_at = account.email_verified_at = now
        if state is AccountState.DISABLED:
            account.initial_password, account.disabled_from = None, AccountState.NOT_NOTIFIED


def lines(browser, address) -> list[str]:
    """Every line of a list, from its first page to its last; of accounts, the identifier, once."""
    found: list[str] = []
    while address:
        page = browser.get(address)
        assert page.status_code == 200
        body = re.search(r"<tbody.*?</tbody>", page.text, re.DOTALL)
        rows = re.findall(r"<tr.*?</tr>", body[0], re.DOTALL) if body else []
        found += [
            re.search(r'data-label="Identifiant">(.*?)</td>', row)[1] if "Courriel" in row else row for row in rows
        ]
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = html.unescape(following[1]) if following else None
    return list(dict.fromkeys(found))


def test_every_number_of_accueil_is_that_of_its_list(head):
    shown = counts(head.get("/"))

    # Whatever the home can count is there, so that nothing goes unseen.
    for words_of_line in (
        "comptes à notifier",
        "comptes notifiés",
        "en cours d'activation",
        "compte en cours d'activation depuis plus d'une semaine",
        "comptes utilisés",
        "compte désactivé",
        "expirent bientôt",
        "personnes parties",
        "à corriger",
        "fiche retenue",
        "sans adresse e-mail",
        "sans représentant légal",
        "de responsables à traiter",
        "fait perdre",
        "comptes à notifier (élèves)",
    ):
        assert any(words_of_line in label for label in shown), (words_of_line, sorted(shown))
    for label, (number, address) in shown.items():
        if "sans compte" in label:
            continue
        listed = lines(head, address)
        assert len(listed) == number, (label, number, len(listed), address)


def test_who_left_or_is_held_back_is_not_to_be_notified(head):
    shown = counts(head.get("/"))
    # Thirty-one parents of whom one of a child without a link: those of the twenty who stay, the twin fiche included.
    staying = len(STAYING) + 1 - 1
    in_other_states = sum(number in STAYING for families in IN_STATES.values() for number in families)
    assert shown["comptes à notifier"][0] == staying - in_other_states - len(
        ("the dead", "the parent of the dead child")
    )
    listed = lines(head, shown["comptes à notifier"][1])
    selected = re.search(
        r"(\d+) compte", words(head.get("/responsables/notifier/", vu="1", mode="both", etat="not_notified"))
    )
    assert len(listed) == shown["comptes à notifier"][0]
    assert int(selected[1]) == len(listed) + 2, "those held back are on the list, and skipped with the reason"
    assert "dont 2 retenus" in words(head.get("/responsables/notifier/", vu="1", mode="both", etat="not_notified"))


@pytest.mark.parametrize(
    ("whose", "prefix", "mark"), [("responsables", "responsables", ""), ("eleves", "eleves", " (élèves)")]
)
def test_statistics_and_lists_count_as_accueil_does(head, whose, prefix, mark):
    shown = counts(head.get("/"))
    page = head.get("/statistiques/", de=whose)
    states = dict(table(page, "etat")[1:])
    expected = {
        "Notifié": "notifiés, première connexion",
        "En cours d'activation": "comptes en cours d'activation",
        "Utilisé": "comptes utilisés",
    }
    for state, label in expected.items():
        [number] = [
            found
            for one, (found, _) in shown.items()
            if label in one and "semaine" not in one and one.endswith(mark or one) and ("(élèves)" in one) == bool(mark)
        ]
        assert int(states[state]) == number, (state, label)
    header, *rows = table(page, "division")
    assert {state: sum(int(row[header.index(state)]) for row in rows) for state in states} == {
        state: int(number) for state, number in states.items()
    }
    for value, state in (
        ("not_notified", "Non notifié"),
        ("notified", "Notifié"),
        ("active", "Utilisé"),
        ("disabled", "Désactivé"),
    ):
        listed = lines(head, f"/{prefix}/comptes/?etat={value}&presence=presents")
        assert len(listed) == int(states[state]), state
    everybody = lines(head, f"/{prefix}/comptes/")
    present, left = (lines(head, f"/{prefix}/comptes/?presence={value}") for value in ("presents", "partis"))
    assert sorted(present + left) == sorted(everybody)
    assert f"{len(left)} comptes de personnes parties" in words(page)
