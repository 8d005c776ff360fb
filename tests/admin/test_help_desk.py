"""« Assistance »: finds an account in its establishments and unblocks it; it prints, sets and shows nothing secret."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from admin_app.ui.help_desk import ADVICE
from parent_portal import create_app as create_portal
from parent_portal.installation import EXTENSION as PORTAL_EXTENSION
from shared import clock
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account, AccountState
from shared.models.journal import Action, JournalEvent
from shared.models.notifications import AccountMail
from shared.models.school import Establishment, Guardian
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from tests.admin.browser import SECRET, code_of, words
from tests.applications import lent
from tests.factories import PASSWORD, make_account, make_guardian, make_student, second_factor
from tests.portal.browser import Browser as Family
from tests.statements import sent


@pytest.fixture
def portal(settings, database):
    with lent(create_portal, PORTAL_EXTENSION, settings, database) as portal:
        yield portal


@pytest.fixture
def family(database, school_b):
    """A family of the second school, whose account is used; its number, and the address of its card."""
    with database.writing() as session:
        school = session.get_one(Establishment, school_b.id)
        child = make_student(session, school, None, "HOAREAU", "Zoé")
        mother = make_guardian(session, school, child, last_name="HOAREAU", first_name="Marie-Ève", email="m@base.re")
        account = make_account(session, "m.hoareau", mother, email="marie@exemple.re")
        return account.id, f"/assistance/{school.id}/responsables/{mother.id}/"


def events(database, account_id, action):
    with database.reading() as session:
        told = select(JournalEvent).where(JournalEvent.account_id == account_id, JournalEvent.action == action)
        return session.scalars(told.order_by(JournalEvent.id)).all()


@pytest.mark.parametrize(
    "typed",
    [
        *("m.hoareau", " M.HOAREAU ", "m.hoar", "marie@exemple.re", "Marie@Exemple.re", "m@base.re"),
        *("Hoareau", "hoareau marie eve", "Marie-Ève HOAREAU", "HOAREAU Marie"),
    ],
)
def test_an_account_of_any_establishment_is_found_by_what_a_family_says(help_desk, family, typed):
    assert help_desk().get("/assistance/", q=typed).location == family[1]


@pytest.mark.parametrize("typed", ["zoé", "oareau", "hoaraeu"])
def test_in_one_establishment_it_is_found_by_any_part_of_anything(help_desk, family, school_b, typed):
    browser = help_desk()
    assert browser.get("/assistance/", q=typed).status_code == 200
    assert "m.hoareau" not in browser.get("/assistance/", q=typed).text
    assert "m.hoareau" in browser.get("/assistance/", q=typed, etablissement=school_b.uai).text
    assert "m.hoareau" in browser.get("/assistance/", q=typed, etablissement="Quindecim").text


@pytest.mark.parametrize(
    ("q", "called", "said"),
    [
        ("", "", "tapez ce que la famille vous dit"),
        ("personne", "", "Personne n'est trouvé"),
        ("%", "", "Personne n'est trouvé"),
        ("@", "", "Personne n'est trouvé"),
        ("\x00 ' --", "", "Personne n'est trouvé"),
        ("payet", "9749999Z", "Aucun établissement n'a cet UAI ni ce nom"),
        ("hoareau", "collège", "2 établissements ont « collège » dans leur nom"),
        ("a" * 5000, "b" * 5000, "Aucun établissement"),
    ],
)
def test_what_finds_nobody_says_what_to_do(help_desk, family, q, called, said):
    answer = help_desk().get("/assistance/", q=q, etablissement=called)
    assert answer.status_code == 200
    assert said in words(answer)


def test_who_helps_one_establishment_finds_nothing_of_another(help_desk, family, school_a):
    browser = help_desk(school_a.id)
    for typed in ("m.hoareau", "marie@exemple.re", "m@base.re", "hoareau"):
        assert "Personne n'est trouvé" in words(browser.get("/assistance/", q=typed))
    assert "Aucun établissement parmi les vôtres" in words(
        browser.get("/assistance/", q="x", etablissement="Quindecim")
    )
    for method, path in (("get", ""), ("post", "debloquer"), ("post", "renvoyer")):
        assert getattr(browser, method)(family[1] + path).status_code == 404
    assert browser.get("/assistance/", q="paul", etablissement="Zarzuela").status_code in {200, 303}


def test_who_helps_two_establishments_finds_in_both(help_desk, family, school_a, school_b):
    browser = help_desk(school_a.id, school_b.id)
    assert browser.get("/assistance/", q="m.hoareau").location == family[1]
    assert "m.zarzuela" in browser.get("/assistance/", q="m.zarzuela").text + words(
        browser.get(browser.get("/assistance/", q="m.zarzuela").location)
    )


def test_a_family_that_did_not_answer_yet_is_not_found_where_it_is_only_claimed(database, help_desk, family, school_a):
    account_id, card = family
    with database.writing() as session:
        session.add(
            AccountTie(
                account_id=account_id, establishment_id=school_a.id, state=TieState.PROPOSED, made_at=clock.now()
            )
        )
    assert "Personne n'est trouvé" in words(help_desk(school_a.id).get("/assistance/", q="m.hoareau"))
    with database.writing() as session:
        guardian = session.get_one(Guardian, int(card.split("/")[-2]))
        tie = session.scalars(
            select(AccountTie).where(
                AccountTie.account_id == account_id, AccountTie.establishment_id == guardian.establishment_id
            )
        ).one()
        tie.state, tie.confirmed_by = TieState.REFUSED, None
    assert help_desk().get(card).status_code == 404
    assert "Personne n'est trouvé" in words(help_desk(guardian.establishment_id).get("/assistance/", q="m.hoareau"))


def test_wrong_passwords_no_longer_make_the_family_wait(database, portal, help_desk, family):
    account_id, card = family
    at_home = Family(portal)
    for _ in range(7):
        at_home.log_in("m.hoareau", "pas-le-bon-mot")
    assert at_home.log_in("m.hoareau", PASSWORD).status_code == 429
    browser = help_desk()
    assert "bloqué" in words(browser.get(card))

    answer = browser.post(f"{card}debloquer")

    assert answer.status_code == 303
    assert "essayer de nouveau, tout de suite" in words(browser.get(answer.location))
    assert "bloqué jusqu" not in words(browser.get(card))
    assert at_home.log_in("m.hoareau", PASSWORD).status_code == 303
    [told] = events(database, account_id, Action.ACCOUNT_UNBLOCKED)
    assert (told.actor_name, told.establishment_id) == ("Assistance", int(card.split("/")[2]))


def test_what_a_home_tried_of_other_accounts_stays_counted(database, portal, help_desk, family, school_a):
    at_home = Family(portal)
    for _ in range(7):
        at_home.log_in("p.zarzuela", "pas-le-bon-mot")
    help_desk().post(f"{family[1]}debloquer")
    assert at_home.log_in("p.zarzuela", PASSWORD).status_code == 429


def waiting_for_activation(database, account_id):
    with database.writing() as session:
        account = session.get_one(Account, account_id)
        account.state, account.email_verified_at = AccountState.ACTIVATING, None
        account.activated_at, account.first_login_at = None, clock.now()
        account.expires_on = clock.now().date() + timedelta(days=60)


def test_the_activation_mail_leaves_again_to_the_address_that_the_family_gave(database, help_desk, family):
    account_id, card = family
    waiting_for_activation(database, account_id)
    browser = help_desk()
    assert "Renvoyer le courriel d'activation à marie@exemple.re" in words(browser.get(card))

    answer = browser.post(f"{card}renvoyer", {"email": "autre@exemple.re"})

    assert "part à marie@exemple.re" in words(browser.get(answer.location))
    with database.reading() as session:
        mails = session.scalars(select(AccountMail.recipient).where(AccountMail.account_id == account_id)).all()
        assert mails == ["marie@exemple.re"]
        assert session.get_one(Account, account_id).email == "marie@exemple.re"
    assert len(events(database, account_id, Action.ACTIVATION_RESENT)) == 1


def test_no_mail_leaves_for_an_account_that_waits_for_none(database, help_desk, family):
    account_id, card = family
    browser = help_desk()
    answer = browser.post(f"{card}renvoyer")
    assert "n'attend pas d'activation" in words(browser.get(answer.location))
    with database.reading() as session:
        assert session.scalars(select(AccountMail).where(AccountMail.account_id == account_id)).all() == []


def test_the_card_shows_no_password_and_leads_to_nothing_that_changes_more(database, help_desk, school_a, sealer):
    browser = help_desk()
    page = browser.get(f"/assistance/{school_a.id}/responsables/{school_a.fiche_id}/")
    with database.reading() as session:
        sealed = session.get_one(Guardian, school_a.fiche_id).account_id
        initial = sealer.open(session.get_one(Account, sealed).initial_password)
    assert initial not in page.text
    assert "192.0.2" not in page.text
    assert "/responsables/compte/" not in page.text
    assert "Non notifié" in words(page)


def test_a_state_without_advice_is_found_here():
    assert set(ADVICE) == set(AccountState)


def test_the_academie_names_somebody_and_takes_the_role_back(database, academy, browse, school_a):
    page = academy.post(
        "/academie/personnels/", {"personne": "Zélie Aide", "identifiant": "zelie", "uai": school_a.uai.lower()}
    )
    assert "ne sera plus jamais montré" in words(page)
    with database.reading() as session:
        role = session.scalars(select(StaffRole).join(Staff).where(Staff.login == "zelie")).one()
        assert (role.kind, role.establishment_id, role.tabs) == (StaffRoleKind.HELP_DESK, school_a.id, [])
    assert "Zélie Aide" in words(academy.get("/academie/personnels/"))
    assert "Trouver un compte et le débloquer" in words(academy.get(f"/academie/etablissements/{school_a.id}/"))

    assert academy.post(f"/academie/personnels/assistance/{role.id}/retirer").status_code == 303

    with database.reading() as session:
        assert session.get(StaffRole, role.id) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"personne": "", "identifiant": "zelie"}, "Écrivez le nom"),
        ({"personne": "Zélie", "identifiant": "é à"}, "ne convient pas"),
        ({"personne": "Zélie", "identifiant": "zelie", "uai": "9749999Z"}, "Aucun établissement n'a l'UAI"),
        ({"personne": "Autre", "identifiant": "chef-a"}, "déjà celui d'une autre personne"),
        ({"personne": "Academie", "identifiant": "academie"}, "administre aussi l'académie"),
    ],
)
def test_whoever_cannot_be_named_is_not_and_nothing_changes(database, academy, typed, said):
    with database.reading() as session:
        before = session.execute(select(Staff.login, Staff.password_hash).order_by(Staff.id)).all()
    answer = academy.post("/academie/personnels/", typed)
    assert answer.status_code == 422
    assert said in words(answer)
    with database.reading() as session:
        assert session.execute(select(Staff.login, Staff.password_hash).order_by(Staff.id)).all() == before


def test_nothing_opens_before_a_second_factor_is_set(browse, school_a):
    browser = browse("aide")
    assert browser.get("/assistance/").location == "/double-authentification/"


def test_a_head_who_helps_too_has_both_menus(database, browse, school_a, school_b, sealer):
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_a.login)).one()
        session.add(StaffRole(staff_id=staff.id, kind="help_desk", establishment_id=school_b.id, tabs=[]))
        for name, value in second_factor(sealer).items():
            setattr(staff, name, value)
    browser = browse(school_a.login)
    browser.give_code(code_of(SECRET))
    page = words(browser.get("/"))
    assert "Collège Zarzuela" in page
    assert "Assistance" in page
    assert "m.quindecim" in browser.get(browser.get("/assistance/", q="m.quindecim").location).text
    assert browser.choose(school_b.id).status_code == 404
    assert browser.get(f"/assistance/{school_a.id}/responsables/{school_a.fiche_id}/").status_code == 404


def test_cost_does_not_follow_what_is_found(database, help_desk, family, school_b):
    browser = help_desk()

    def queries():
        with sent(database) as seen:
            assert browser.get("/assistance/", q="commun").status_code == 200
        return len(seen)

    def add(count, start):
        with database.writing() as session:
            school = session.get_one(Establishment, school_b.id)
            for number in range(start, start + count):
                child = make_student(session, school, None, f"COMMUN{number}", "Zoé")
                mother = make_guardian(session, school, child, last_name=f"COMMUN{number}", first_name="Marie")
                make_account(session, f"m.commun{number}", mother)

    add(2, 0)
    few = queries()
    add(10, 2)
    assert queries() == few
