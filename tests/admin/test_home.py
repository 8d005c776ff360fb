"""« Accueil »: every count opens the list of just what it counts (R26)."""

import html
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from shared import clock
from shared.models.accounts import Account, AccountState
from shared.models.duplicates import DuplicatePair
from shared.models.notifications import Campaign, Channel, DeliveryState, Notification
from shared.models.reasons import Reason
from shared.models.school import Division, Establishment, FileKind, Guardian, LastExport, NameFlag
from tests.admin.browser import words
from tests.factories import NOW, make_account, make_division, make_guardian, make_student


def counts(page) -> dict[str, tuple[int, str]]:
    """What each line of the home counts, and where it leads."""
    lines = re.findall(r'<a href="([^"]+)"><span class="figure">([^<]+)</span> ([^<]+)</a>', page.text)
    return {
        html.unescape(label) + (" (élèves)" if "/eleves/" in address else ""): (int(figure), html.unescape(address))
        for address, figure, label in lines
    }


def lines_of(page) -> set[str]:
    """What tells the lines of a list apart: of accounts, the identifier, since several fiches may share one."""
    body = re.search(r"<tbody.*?</tbody>", page.text, re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", body[0], re.DOTALL) if body else []
    return {re.search(r'data-label="Identifiant">(.*?)</td>', row)[1] if "Courriel" in row else row for row in rows}


@pytest.fixture
def today(settings):
    """The day it is in the académie."""
    return clock.local_date(clock.now(), settings.time_zone)


def add_waiting(database, sealer, school, today) -> None:
    """Accounts in every state that deserves attention, flagged and addressless fiches with and without account."""
    now = clock.now()
    late = {"first_login_at": now - timedelta(days=9)}
    with database.writing() as session:
        establishment = session.get_one(Establishment, school.id)
        division = session.query(Division).filter_by(establishment_id=school.id).first()
        child = make_student(session, establishment, division, "Zarzuela", "Zoé")

        def guardian(name: str, **columns: object) -> Guardian:
            return make_guardian(session, establishment, child, last_name=name, **columns)

        make_account(session, "a.long", guardian("Long"), state=AccountState.ACTIVATING, **late)
        make_account(session, "a.court", guardian("Court"), state=AccountState.ACTIVATING, first_login_at=now)
        soon = make_account(session, "a.bientot", guardian("Bientôt"), state=AccountState.NOTIFIED, sealer=sealer)
        soon.expires_on = today + timedelta(days=5)
        guardian("Commentaire (oncle)", name_flag=NameFlag.COMMENT, email="c@example.org")
        flagged = guardian("Chiffre 2", name_flag=NameFlag.DIGITS, email="d@example.org")
        make_account(session, "c.chiffre", flagged)
        session.add(
            LastExport(
                establishment_id=school.id,
                kind=FileKind.STUDENTS,
                exported_at=datetime.combine(today - timedelta(days=12), datetime.min.time()),
                imported_at=now,
            )
        )


def test_every_count_opens_the_list_of_just_what_it_counts(head, database, sealer, school_a, today):
    add_waiting(database, sealer, school_a, today)
    seen = counts(head.get("/"))

    expected = {
        "comptes en cours d'activation": 2,
        "compte en cours d'activation depuis plus d'une semaine": 1,
        "compte notifié, première connexion attendue": 1,
        "noms à corriger dans la base élèves": 2,
        "responsables sans adresse e-mail": 5,
        "compte à notifier": 1,
        "envoi en échec": 1,
    }
    assert {label: seen[label][0] for label in expected} == expected
    for label, (count, address) in seen.items():
        if "doublon" in label or "sans compte" in label:
            continue
        listed = head.get(address)
        assert listed.status_code == 200, label
        assert len(lines_of(listed)) == count, label


def test_the_age_of_the_last_import_is_told(head, database, sealer, school_a, today):
    add_waiting(database, sealer, school_a, today)

    assert "il y a 12 jours" in words(head.get("/"))


def test_the_services_are_shown_with_their_state(head, school_a):
    page = words(head.get("/"))

    assert "Ouvert Bourse de collège" in page
    assert "Fermé Orientation" in page


def steps(page) -> dict[str, str]:
    """The title of each step of « À faire », and its state."""
    found = re.findall(
        r'class="step step-\w+"><div class="step-title"><a href="[^"]+">([^<]+)</a> <span class="step-state">([^<]+)<',
        page.text,
    )
    return dict(found)


def test_the_routine_is_there_step_by_step_with_what_each_opens(head, database, sealer, school_a, today):
    add_waiting(database, sealer, school_a, today)
    page = head.get("/")

    assert steps(page) == {
        "Importer la base élèves": "Fait",
        "Traiter les doublons de responsables": "À faire",
        "Générer les comptes": "À faire",
        "Régler ce que les familles lisent": "À faire",
        "Notifier les responsables": "À faire",
        "Télécharger et imprimer les courriers": "En cours",
        "Joindre autrement qui n&#39;a rien reçu": "À faire",
        "Suivre l&#39;activation": "En cours",
    } | {"Importer la base élèves": steps(page)["Importer la base élèves"]}
    assert "Tout est fait" not in words(page)
    for address in re.findall(r'class="step-title"><a href="([^"]+)"', page.text):
        assert head.get(html.unescape(address)).status_code == 200


def test_everything_is_done_when_nothing_is_left(head, database, school_a, today):
    """All that the school still has to do is taken away."""
    with database.writing() as session:
        session.execute(delete(DuplicatePair))
        session.execute(delete(Notification))
        session.execute(update(Campaign).values(finished_at=clock.now()))
        for guardian in session.scalars(select(Guardian).where(Guardian.account_id.is_(None))):
            guardian.gone_at = clock.now()
        session.execute(update(Account).where(Account.state == AccountState.NOT_NOTIFIED).values(state="notified"))
        school = session.get_one(Establishment, school_a.id)
        school.compared_by, school.phone = "1", "0262 00 00 00"
        at = datetime.combine(today, datetime.min.time())
        made = LastExport(establishment_id=school.id, kind=FileKind.STUDENTS, exported_at=at, imported_at=clock.now())
        session.add(made)
    assert "Tout est fait" not in words(head.get("/"))
    head.post("/parametrage/message/", {"message": "", "version": 0})
    head.post("/parametrage/ent/", {"type": "mixed", "lien": "aucun", "version": 1})
    head.post("/parametrage/contact/", {"version": 2})

    page = head.get("/")
    assert {title: state for title, state in steps(page).items() if state != "Fait"} == {
        "Suivre l&#39;activation": "En cours"
    }
    assert "Tout est fait" in words(page)


@pytest.mark.parametrize(
    ("tabs", "titles"),
    [
        (("services",), []),
        (("settings",), ["Régler ce que les familles lisent"]),
        (("duplicates",), ["Traiter les doublons de responsables"]),
        (("students",), []),
    ],
)
def test_a_delegate_has_the_steps_of_the_own_tabs_alone(delegate, tabs, titles):
    assert list(steps(delegate(*tabs).get("/"))) == titles


def test_who_failed_is_listed_and_notified_by_a_letter_after_a_confirmation(head, school_a):
    page = head.get("/responsables/notifications/echecs/")
    assert "boîte inconnue à Zarzuela" in words(page)

    [address] = re.findall(r'href="([^"]+)">Les notifier par courrier', page.text)
    confirmation = head.get(html.unescape(address))
    assert "1 compte sélectionné" in words(confirmation)


def test_failures_of_another_school_are_not_to_be_had(browse, school_a, school_b):
    other = browse(school_b.login)
    assert "Zarzuela" not in other.get("/responsables/notifications/echecs/").text
    asked = other.get(
        "/responsables/notifier/", vu="1", mode="paper", ceux="echecs", envoi=school_a.campaign_id, aller="confirmer"
    )
    assert "Aucun compte n'est sélectionné" in words(asked)


def test_who_has_no_address_at_all_is_led_to_coupons_and_not_to_be_notified_again(head, database, sealer, school_a):
    with database.writing() as session:
        here = session.get_one(Establishment, school_a.id)
        division = make_division(session, here, "4Z")
        fiche = make_guardian(session, here, make_student(session, here, division), last_name="SANSADRESSE")
        fiche.address_line1 = fiche.postal_code = fiche.city = fiche.email = None
        account = make_account(session, "s.sansadresse", fiche, state=AccountState.NOT_NOTIFIED, sealer=sealer)
        campaign = session.scalars(select(Campaign).where(Campaign.id == school_a.campaign_id)).one()
        aside = {"channel": Channel.PAPER, "delivery": DeliveryState.SKIPPED, "error": Reason.NO_POSTAL_ADDRESS}
        session.add(
            Notification(
                campaign_id=campaign.id,
                establishment_id=here.id,
                account_id=account.id,
                guardian_id=fiche.id,
                position=99,
                settled_at=NOW,
                **aside,
            )
        )
    home = head.get("/")
    [there] = re.findall(r'href="([^"]*mode=coupon[^"]*)"', home.text)

    assert "1 responsable sans adresse" in words(home)
    assert "1 n'a aucune adresse : à joindre autrement." in words(home)
    assert "SANSADRESSE" in words(head.get(html.unescape(there).removesuffix("#liste")))
    # Once no other failure is left, the title of the step leads to them as well: the list of failures is empty.
    with database.writing() as session:
        session.execute(delete(Notification).where(Notification.delivery == DeliveryState.REFUSED))
    [title] = re.findall(r'href="([^"]*)">Joindre autrement', head.get("/").text)
    assert "SANSADRESSE" in words(head.get(html.unescape(title).removesuffix("#liste")))
