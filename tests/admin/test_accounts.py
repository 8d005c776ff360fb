"""Generating, finding and changing accounts (R1, R4, R11, R19)."""

import re

import pytest
from sqlalchemy import delete, select

from shared import clock
from shared.models.accounts import Account, AccountState
from shared.models.notifications import AccountMail, AccountMailKind, Campaign, Notification
from shared.models.school import Establishment, Guardian
from shared.models.sending.refusals import FailingAddress
from tests.admin.browser import hidden, words
from tests.duplicates.base import make_pair
from tests.factories import INITIAL_PASSWORD, make_account, make_guardian, make_student

LIST = "/responsables/comptes/"


def account(database, identifier):
    with database.reading() as session:
        return session.scalars(select(Account).where(Account.identifier == identifier)).one_or_none()


def change(database, identifier, **columns):
    with database.writing() as session:
        found = session.scalars(select(Account).where(Account.identifier == identifier)).one()
        for name, value in columns.items():
            setattr(found, name, value)


def family(database, school, **columns):
    with database.writing() as session:
        establishment = session.get_one(Establishment, school.id)
        return make_guardian(session, establishment, make_student(session, establishment), **columns).id


def test_generating_says_how_many_and_asks_to_look_at_duplicates_first(head, database, school_a):
    family(database, school_a, last_name="HOARAU", first_name="Anne")
    page = head.get("/responsables/generer/")
    assert "1 responsable n'a pas encore de compte" in words(page)
    assert "1 doublon probable à traiter" in words(page)

    refused = head.post("/responsables/generer/")
    assert refused.status_code == 422
    assert account(database, "a.hoarau") is None

    assert head.post("/responsables/generer/", {"malgre_doublons": "oui"}).status_code == 303
    assert "1 compte créé" in words(head.get("/responsables/generer/"))
    assert account(database, "a.hoarau").state is AccountState.NOT_NOTIFIED


def test_students_get_theirs_from_their_own_tab(head, database, school_a):
    assert head.post("/eleves/generer/").status_code == 303

    assert "1 compte créé" in words(head.get("/eleves/generer/"))
    assert account(database, "t.zarzuela") is not None


@pytest.mark.parametrize("searched", ["zarz", "m.zar", "Zarzuela Marie"])
def test_a_guardian_is_found_by_first_letters_identifier_and_student(head, searched):
    assert "m.zarzuela" in words(head.get(LIST, q=searched))


def test_nothing_found_says_what_to_try(head):
    assert "Aucun compte ne correspond" in words(head.get(LIST, q="xyz"))


def test_the_list_is_narrowed_by_state_and_division(head):
    assert "m.zarzuela" not in words(head.get(LIST, etat="active"))
    assert "p.zarzuela" in words(head.get(LIST, etat="active"))
    assert "m.zarzuela" in words(head.get(LIST, division="6Zar"))
    assert head.get(LIST, etat="n'importe quoi", avant="x", apres="|y").status_code == 200


def test_an_account_kept_from_another_school_is_said_so_in_words(head, database, school_a):
    with database.writing() as session:
        session.get_one(Guardian, school_a.fiche_id).account_kept = True

    assert "Compte conservé de l'établissement précédent" in words(head.get(LIST, q="zarzuela marie"))
    assert 'class="kept"' in head.get(LIST, q="zarzuela marie").text


def test_next_and_previous_lead_there_and_back(head, database, school_a):
    with database.writing() as session:
        establishment = session.get_one(Establishment, school_a.id)
        for number in range(120):
            guardian = make_guardian(session, establishment, last_name=f"NOM{number:03}")
            make_account(session, f"m.nom{number:03}", guardian)

    first = head.get(LIST)
    second = head.get(link(first, "next"))
    third = head.get(link(second, "next"))

    assert link(first, "prev") is None
    assert link(third, "next") is None
    assert "NOM050" in words(second)
    assert "NOM119" in words(third)
    back = head.get(link(third, "prev"))
    assert rows(back) == rows(second)
    assert rows(head.get(link(back, "prev"))) == rows(first)


def link(response, relation):
    found = re.search(rf'rel="{relation}" href="([^"]+)"', response.text)
    return found and found[1].replace("&amp;", "&")


def rows(response):
    return re.findall(r"/compte/\d+/", response.text)


def test_the_card_shows_the_person_the_account_and_what_happened(head, school_a):
    card = words(head.get(f"/responsables/compte/{school_a.fiche_id}/"))

    for expected in ("Marie", "m.zarzuela", "Non notifié", "marie@zarzuela.fr", "3 chemin des Lilas", "Léa Zarzuela"):
        assert expected in card
    assert "boîte inconnue à Zarzuela" in card


def test_no_page_ever_shows_an_initial_password(head, school_a, app):
    for path in (LIST, f"/responsables/compte/{school_a.fiche_id}/", "/journal/", "/responsables/notifications/"):
        assert INITIAL_PASSWORD not in head.get(path).text


def test_notifying_one_account_writes_one_campaign_however_often_the_button_is_pressed(head, database, school_a):
    address = f"/responsables/compte/{school_a.fiche_id}/notifier/"
    fields = {"mode": "mail", "cle": hidden(head.get(address), "cle")}

    first, second = head.post(address, fields), head.post(address, fields)

    assert first.location == second.location
    assert "m.zarzuela" in words(head.get(first.location))
    with database.reading() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.request_key == fields["cle"])).one()
        assert len(session.scalars(select(Notification).where(Notification.campaign_id == campaign.id)).all()) == 1


def test_an_account_that_nothing_can_reach_is_not_notified(head, database, school_a):
    with database.writing() as session:
        session.get_one(Guardian, school_a.fiche_id).email = None

    response = head.post(f"/responsables/compte/{school_a.fiche_id}/notifier/", {"mode": "mail", "cle": "k1"})

    assert response.status_code == 422
    assert "pas d'adresse électronique" in words(response)


def test_a_new_identifier_and_password_are_notified_and_the_old_identifier_is_gone(head, database, school_a):
    address = f"/responsables/compte/{school_a.fiche_id}/nouvel-identifiant/"
    response = head.post(address, {"mode": "paper", "cle": "k2"})

    assert response.status_code == 303
    assert account(database, "m.zarzuela") is None
    assert account(database, "m.zarzuela1").state is AccountState.NOTIFIED
    assert "Nouvel identifiant et nouveau mot de passe" in words(head.get("/journal/"))


def test_nothing_is_renewed_when_nothing_could_tell_it(head, database, school_a):
    with database.writing() as session:
        session.get_one(Guardian, school_a.fiche_id).email = None
    before = account(database, "m.zarzuela").initial_password

    head.post(f"/responsables/compte/{school_a.fiche_id}/nouvel-identifiant/", {"mode": "mail", "cle": "k3"})

    assert account(database, "m.zarzuela").initial_password == before


def test_a_used_account_gets_a_new_password_and_its_browsers_are_logged_out(head, database, school_a):
    address = f"/responsables/compte/{school_a.active_id}/nouveau-mot-de-passe/"
    assert "déconnectée de tous ses appareils" in words(head.get(address))

    assert head.post(address, {"mode": "paper", "cle": "k4"}).status_code == 303
    assert account(database, "p.zarzuela").must_change_password


@pytest.mark.parametrize("in_base", ["marie.base@example.org", None])
def test_the_address_of_the_account_can_be_forgotten_with_the_same_click(head, database, school_a, in_base):
    address = f"/responsables/compte/{school_a.active_id}/nouveau-mot-de-passe/"
    with database.writing() as session:
        session.get_one(Guardian, school_a.active_id).email = in_base
    assert "Oublier aussi l'adresse" in words(head.get(address))

    with database.writing() as session:
        # Or the same mail would wait there already.
        session.execute(delete(Notification).where(Notification.guardian_id == school_a.active_id))
    refused_or_done = head.post(address, {"mode": "mail", "cle": "k4", "oublier": "1"})

    if in_base is None:
        # Nothing could tell the new password: nothing is changed, and the tick stays.
        assert refused_or_done.status_code == 422
        assert 'name="oublier" value="1" checked' in refused_or_done.text
        assert account(database, "p.zarzuela").email
        return
    assert refused_or_done.status_code == 303, words(refused_or_done)
    assert account(database, "p.zarzuela").email is None
    with database.reading() as session:
        newest = select(Notification.recipient).order_by(Notification.id.desc()).limit(1)
        assert session.scalars(newest).one() == in_base


def test_the_address_stays_where_it_is_not_ticked(head, database, school_a):
    before = account(database, "p.zarzuela").email
    assert before
    head.post(f"/responsables/compte/{school_a.active_id}/nouveau-mot-de-passe/", {"mode": "paper", "cle": "k4"})
    assert account(database, "p.zarzuela").email == before


def test_an_action_that_the_state_does_not_allow_is_refused(head, school_a):
    address = f"/responsables/compte/{school_a.fiche_id}/nouveau-mot-de-passe/"

    assert "Ce n'est pas possible" in words(head.get(address))
    assert head.post(address, {"mode": "paper", "cle": "k5"}).status_code == 422
    assert head.get(f"/responsables/compte/{school_a.fiche_id}/tout-effacer/").status_code == 404


def test_the_email_of_an_account_being_activated_is_corrected(head, database, school_a):
    change(
        database,
        "m.zarzuela",
        state=AccountState.ACTIVATING,
        email="faute@zarzuela.fr",
        password_hash=account(database, "p.zarzuela").password_hash,
        initial_password=None,
    )
    address = f"/responsables/compte/{school_a.fiche_id}/corriger-adresse/"

    assert head.post(address, {"email": "toujours faux"}).status_code == 422
    assert head.post(address, {"email": "marie@exemple.fr"}).status_code == 303
    assert head.post(f"/responsables/compte/{school_a.fiche_id}/renvoyer-activation/").status_code == 303

    assert account(database, "m.zarzuela").email == "marie@exemple.fr"
    with database.reading() as session:
        mails = session.scalars(select(AccountMail).where(AccountMail.kind == AccountMailKind.ACTIVATION)).all()
    assert [mail.recipient for mail in mails] == ["marie@exemple.fr"] * 2


def test_an_account_is_disabled_and_opened_again(head, database, school_a):
    card = f"/responsables/compte/{school_a.active_id}/"
    head.post(card + "desactiver/")
    assert account(database, "p.zarzuela").state is AccountState.DISABLED
    assert "Réactiver" in words(head.get(card))

    head.post(card + "reactiver/")
    assert account(database, "p.zarzuela").state is AccountState.ACTIVE


def test_a_merge_is_undone_from_the_card(head, database, school_a):
    card = f"/responsables/compte/{school_a.active_id}/"
    assert "Annuler la fusion avec p.zarzuela1" in words(head.get(card))
    undoing = f"{card}fusion/{school_a.merge_id}"
    assert "p.zarzuela1" in words(head.get(undoing))

    head.post(undoing)

    assert account(database, "p.zarzuela1").state is AccountState.ACTIVE
    assert "Annuler la fusion" not in words(head.get(card))
    assert head.post(undoing).status_code == 404


def test_the_duplicates_are_listed_with_the_reasons(head):
    page = words(head.get("/base/doublons/"))

    assert "1 doublon probable" in page
    for reason in ("même nom", "même prénom", "même adresse"):
        assert reason in page


def test_the_duplicates_are_looked_up_by_last_and_first_name(head, database, school_a, monkeypatch):
    monkeypatch.setattr("admin_app.views.school_base.duplicates_by_name.PAGE_ROWS", 2)
    with database.writing() as session:
        here = session.get_one(Establishment, school_a.id)
        for last_name, first_name in (("PAYET", "Zoé"), ("HOARAU", "Léa"), ("PAYET", "Anne"), ("HO A-RAU", "Max")):
            fiches = [make_guardian(session, here, last_name=last_name, first_name=first_name) for _ in range(2)]
            make_pair(session, *fiches)
    shown = re.compile(r"<strong>([^<]+)</strong>")

    def names(page):
        return list(dict.fromkeys(shown.findall(page.text.partition("<caption")[2])))

    first = head.get("/base/doublons/par-nom/")
    assert names(first) == ["HO A-RAU Max", "HOARAU Léa"]
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    assert names(head.get(following))[:2] == ["PAYET Anne", "PAYET Zoé"]
    assert names(head.get("/base/doublons/par-nom/?q=payet z")) == ["PAYET Zoé"]
    assert "ne commence par « rien »" in words(head.get("/base/doublons/par-nom/?q=rien"))


def test_the_card_says_that_mails_come_back_and_what_to_do(head, database, school_a):
    with database.writing() as session:
        note = FailingAddress(email="marie@zarzuela.fr", since=clock.now(), reason="revenu : 550 inconnu")
        session.add(note)

    card = words(head.get(f"/responsables/compte/{school_a.fiche_id}/"))

    assert "Les courriels à marie@zarzuela.fr reviennent" in card
    assert "corrigez-la dans SIECLE" in card


TICKED = "/responsables/comptes/cochees"


@pytest.fixture
def three(database, school_a):
    """Three accounts of the school, by identifier: the numbers of their fiches."""
    fiches = {}
    for number, name in enumerate(("ABEL", "BATIN", "CADET")):
        fiche_id = family(database, school_a, last_name=name, first_name="Anne")
        with database.writing() as session:
            make_account(session, f"a.{name.lower()}", session.get_one(Guardian, fiche_id))
        fiches[f"a.{name.lower()}"] = fiche_id
        assert number < len(fiches)
    return fiches


def listed(page):
    return re.findall(r"\ba\.(?:abel|batin|cadet)\b(?!@)", words(page))


def test_the_list_is_sorted_by_the_column_asked_for_and_says_so(head, three):
    assert listed(head.get(LIST)) == ["a.abel", "a.batin", "a.cadet"]
    page = head.get(LIST + "?tri=identifiant&desc=1")
    assert listed(page) == ["a.cadet", "a.batin", "a.abel"]
    assert 'aria-sort="descending"' in page.get_data(as_text=True)
    assert listed(head.get(LIST + "?tri=rien&desc=x")) == ["a.abel", "a.batin", "a.cadet"]


def test_ticked_accounts_are_disabled_after_a_page_that_names_them(head, database, three):
    change(database, "a.batin", state=AccountState.DISABLED, disabled_from=AccountState.ACTIVE)
    asked = head.post(TICKED, {"action": "desactiver", "fiche": [three["a.abel"], three["a.batin"]]})
    assert "Désactiver : 1 compte" in words(asked)
    assert "a.batin" in words(asked)
    assert f'action="{TICKED}"' in asked.text
    assert account(database, "a.abel").state is AccountState.ACTIVE

    done = head.post(TICKED, {"action": "desactiver", "fiche": list(three.values())[:1], "confirme": "oui"})
    assert done.status_code == 303
    assert account(database, "a.abel").state is AccountState.DISABLED
    assert account(database, "a.cadet").state is AccountState.ACTIVE
    assert "Désactiver : 1 compte" in words(head.get(LIST))

    head.post(TICKED, {"action": "reactiver", "fiche": list(three.values())[:2], "confirme": "oui"})
    assert {account(database, one).state for one in three} == {AccountState.ACTIVE}


def test_ticked_accounts_go_to_notifying_and_to_the_exports_and_nobody_else(head, database, three):
    ticked = [three["a.abel"], three["a.cadet"]]
    notifying = head.get(head.post(TICKED, {"action": "notifier", "fiche": ticked}).location)
    assert "2 comptes cochés" in words(notifying)
    assert "2 comptes sélectionnés" in words(notifying)
    assert listed_emails(notifying) == 2

    exports = head.get(head.post(TICKED, {"action": "exporter", "fiche": ticked}).location)
    numbers = hidden(exports, "comptes")
    sheet = head.post("/responsables/exports/", {"fichier": "comptes", "format": "csv", "comptes": numbers})
    exported = sheet.get_data(as_text=True)
    assert ("a.abel" in exported, "a.batin" in exported, "a.cadet" in exported) == (True, False, True)


def listed_emails(page):
    return page.get_data(as_text=True).count('name="garde"')


@pytest.mark.parametrize("action", ["notifier", "exporter", "desactiver", "reactiver"])
def test_a_ticked_account_of_another_school_is_not_found_nor_are_the_others(head, database, three, school_b, action):
    stranger = family(database, school_b, last_name="AILLEURS", first_name="Anne")
    with database.writing() as session:
        make_account(session, "a.ailleurs", session.get_one(Guardian, stranger))
    form = {"action": action, "fiche": [three["a.abel"], stranger], "confirme": "oui"}
    assert head.post(TICKED, form).status_code == 404
    assert account(database, "a.abel").state is AccountState.ACTIVE
    assert account(database, "a.ailleurs").state is AccountState.ACTIVE


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "effacer", "fiche": ["1"]}, 404),
        ({"fiche": ["1"]}, 404),
        ({"action": "desactiver", "fiche": ["x"]}, 404),
        ({"action": "desactiver", "fiche": ["9" * 30]}, 404),
        ({"action": "desactiver", "fiche": [str(number) for number in range(1, 200)]}, 400),
        ({"action": "desactiver"}, 303),
    ],
)
def test_what_cannot_be_done_to_ticked_accounts_changes_nothing(head, form, status):
    assert head.post(TICKED, form).status_code == status


def test_the_card_says_in_which_language_the_parent_reads(head, database, school_a):
    card = f"/responsables/compte/{school_a.active_id}/"
    with database.writing() as session:
        session.get_one(Account, session.get_one(Guardian, school_a.active_id).account_id).language = "ar"

    assert "Lit le portail en arabe" in words(head.get(card))
    assert "Lit le portail" not in words(head.get(f"/responsables/compte/{school_a.fiche_id}/"))
