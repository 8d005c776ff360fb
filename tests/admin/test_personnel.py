"""Delegations: given, changed, ended; forged requests; whose login a head may give back."""

import re
from datetime import timedelta

from sqlalchemy import select

from shared import clock
from shared.models.journal import JournalEvent
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole, StaffRoleKind, Tab
from tests.admin.browser import Browser, hidden, words
from tests.factories import PASSWORD, make_staff, second_factor

PAGE = "/personnels/"
MARIE = {"nom": "Marie Hoarau", "identifiant": "marie.hoarau", "onglet": ["settings", "services"]}
NEW = "quatre mouettes sous la varangue"


def password_shown(response) -> str:
    return re.search(r"Mot de passe</dt><dd class=\"identifier\">([^<]+)<", response.text)[1]


def role_of(database, login, establishment_id) -> StaffRole | None:
    with database.reading() as session:
        of_person = select(StaffRole).join(Staff).where(Staff.login == login)
        return session.scalars(of_person.where(StaffRole.establishment_id == establishment_id)).one_or_none()


def tomorrow(days: int = 1) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


def test_a_new_person_gets_a_password_that_opens_what_was_delegated(head, app, school_a):
    handed = head.post(PAGE, {**MARIE, "fin": tomorrow(30)})
    marie = Browser(app)
    marie.log_in("marie.hoarau", password_shown(handed))
    marie.post("/mot-de-passe/", {"new": NEW, "again": NEW})

    assert marie.get("/parametrage/liens/").status_code == 200
    assert marie.get("/responsables/comptes/").status_code == 403
    assert marie.get(PAGE).status_code == 403
    page = words(head.get(PAGE))
    assert "Marie Hoarau" in page
    assert "Paramétrage" in page


def test_the_password_is_shown_once_and_kept_nowhere(head, database):
    password = password_shown(head.post(PAGE, MARIE))

    assert password not in head.get(PAGE).text
    with database.reading() as session:
        assert password not in str([vars(event) for event in session.scalars(select(JournalEvent))])


def test_the_same_form_sent_twice_gives_one_delegation(head):
    assert head.post(PAGE, MARIE).status_code == 200

    again = head.post(PAGE, MARIE)
    assert again.status_code == 422
    assert "déjà un rôle" in words(again)


def test_a_person_of_another_school_keeps_the_password(head, database, browse, school_a, school_b):
    with database.writing() as session:
        school = session.get_one(Establishment, school_b.id)
        make_staff(session, "marie.hoarau", school, StaffRoleKind.DELEGATE, (Tab.STUDENTS,), name="Marie Hoarau")

    assert head.post(PAGE, MARIE).status_code == 303
    marie = browse("marie.hoarau")
    marie.choose(school_a.id)
    assert marie.get("/parametrage/liens/").status_code == 200
    assert marie.get("/eleves/comptes/").status_code == 403


def test_the_login_of_somebody_else_is_refused_without_telling_whose(head, database, school_a, school_b):
    refused = head.post(PAGE, {**MARIE, "identifiant": school_b.login})

    assert refused.status_code == 422
    assert "déjà celui d'une autre personne" in words(refused)
    assert "Chef-B" not in refused.text
    assert role_of(database, school_b.login, school_a.id) is None


def test_what_makes_no_sense_is_refused_and_changes_nothing(head, database, school_a):
    attempts = [
        ({"onglet": []}, "au moins un onglet"),
        ({"onglet": ["settings", "personnel"]}, "ne se délègue pas"),
        ({"onglet": ["head"]}, "ne se délègue pas"),
        ({"fin": "2020-01-01"}, "déjà passé"),
        ({"fin": "demain"}, "n'est pas une date"),
        ({"nom": "  "}, "nom et le prénom"),
        ({"nom": "x" * 201}, "trop long"),
        ({"identifiant": "élodie"}, "sans accent"),
        ({"identifiant": "a" * 101}, "100 caractères"),
    ]
    for wrong, sentence in attempts:
        refused = head.post(PAGE, {**MARIE, **wrong})
        assert refused.status_code == 422, wrong
        assert sentence in words(refused), wrong
    assert role_of(database, "marie.hoarau", school_a.id) is None


def test_fields_that_the_form_does_not_have_change_nothing(head, database, school_a, school_b):
    forged = {
        "kind": "head",
        "role": "academy",
        "establishment_id": school_b.id,
        "school_id": school_b.id,
        "must_change_password": "",
        "staff_id": 1,
    }
    head.post(PAGE, {**MARIE, **forged})
    role = role_of(database, "marie.hoarau", school_a.id)

    assert role.kind is StaffRoleKind.DELEGATE
    assert role_of(database, "marie.hoarau", school_b.id) is None
    with database.reading() as session:
        assert session.scalars(select(Staff).where(Staff.login == "marie.hoarau")).one().must_change_password


def test_a_delegate_cannot_delegate_even_with_every_tab(delegate, database, school_a):
    browser = delegate(*(tab.value for tab in Tab))
    own = role_of(database, f"delegue-{'-'.join(Tab)}", school_a.id)

    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, MARIE).status_code == 403
    assert browser.post(f"{PAGE}{own.id}/", {"onglet": ["settings"], "version": own.version}).status_code == 403
    for change in ("fin", "mot-de-passe", "double-authentification"):
        assert browser.post(f"{PAGE}{school_a.delegation_id}/{change}").status_code == 403


def test_a_change_counts_from_the_next_page_on(head, delegate, database, school_a):
    browser = delegate("settings")
    role = role_of(database, "delegue-settings", school_a.id)
    page = head.get(f"{PAGE}{role.id}/")
    changed = head.post(f"{PAGE}{role.id}/", {"onglet": ["services"], "fin": "", "version": hidden(page, "version")})

    assert changed.status_code == 303
    assert browser.get("/parametrage/liens/").status_code == 403
    assert browser.get("/services/").status_code == 200


def test_a_delegation_ended_while_its_owner_works_closes_the_next_page(head, delegate, database, school_a):
    browser = delegate("settings")
    role = role_of(database, "delegue-settings", school_a.id)
    assert browser.get("/parametrage/liens/").status_code == 200
    form = {"libelle": "Cantine", "adresse": "https://exemple.fr", "csrf_token": browser.token("/mot-de-passe/")}
    assert "Terminer la délégation" in words(head.get(f"{PAGE}{role.id}/fin"))
    assert head.post(f"{PAGE}{role.id}/fin").status_code == 303

    sent = browser.client.post("/parametrage/liens/", data={**form, "etablissement": school_a.id})
    assert sent.status_code == 404
    assert "Cantine" not in head.get("/parametrage/liens/").text
    assert "delegue-settings" not in head.get(PAGE).text


def test_two_people_editing_a_delegation_the_second_is_told(browse, head, database, school_a):
    other = browse(school_a.login)
    path = f"{PAGE}{school_a.delegation_id}/"
    version = hidden(head.get(path), "version")
    assert head.post(path, {"onglet": ["settings"], "version": version}).status_code == 303

    second = other.post(path, {"onglet": ["guardians", "students"], "version": version})
    assert second.status_code == 409
    assert "Quelqu'un d'autre a modifié" in words(second)
    assert role_of(database, "adjoint.zarzuela", school_a.id).tabs == ["settings"]
    assert other.post(path, {"onglet": ["imports"], "version": hidden(second, "version")}).status_code == 303


def test_a_head_touches_nobody_of_another_school(head, database, school_a, school_b):
    before = role_of(database, "adjoint.quindecim", school_b.id)
    path = f"{PAGE}{school_b.delegation_id}"

    assert head.post(f"{path}/", {"onglet": ["settings"], "version": before.version}).status_code == 404
    for change in ("fin", "mot-de-passe", "double-authentification"):
        assert head.get(f"{path}/{change}").status_code == 404
        assert head.post(f"{path}/{change}").status_code == 404
    after = role_of(database, "adjoint.quindecim", school_b.id)
    assert (after.tabs, after.version) == (before.tabs, before.version)


def test_a_head_changes_no_head(head, database, school_a):
    own = role_of(database, school_a.login, school_a.id)

    assert head.post(f"{PAGE}{own.id}/", {"onglet": ["settings"], "version": 1}).status_code == 404
    assert head.post(f"{PAGE}{own.id}/fin").status_code == 404


def test_a_change_that_does_not_exist_is_not_found(head, school_a):
    for change in ("fermer", "retirer", "nimporte"):
        assert head.post(f"{PAGE}{school_a.delegation_id}/{change}").status_code == 404


def test_a_lost_telephone_is_forgotten_by_the_head(head, app, database, sealer, school_a):
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == "adjoint.zarzuela")).one()
        for column, value in second_factor(sealer).items():
            setattr(staff, column, value)
    assert Browser(app).log_in("adjoint.zarzuela").location == "/connexion/code/"
    assert "Retirer la double authentification" in words(head.get(PAGE))

    assert head.post(f"{PAGE}{school_a.delegation_id}/double-authentification").status_code == 303
    assert Browser(app).log_in("adjoint.zarzuela").location == "/"
    assert "Double authentification retirée à la demande" in words(head.get("/journal/"))


def test_a_new_password_logs_out_and_replaces_the_lost_one(head, browse, app, school_a):
    browser = browse("adjoint.zarzuela")
    password = password_shown(head.post(f"{PAGE}{school_a.delegation_id}/mot-de-passe"))

    assert browser.get("/").location == "/connexion/"
    assert Browser(app).log_in("adjoint.zarzuela", PASSWORD).status_code == 422
    assert Browser(app).log_in("adjoint.zarzuela", password).status_code == 303


def test_a_head_cannot_become_somebody_who_has_more(head, app, database, school_a, school_b):
    """Delegating to the head of another school, or to the académie, gives no hold on their login."""
    with database.writing() as session:
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY, name="Recteur")
    for login, name in ((school_b.login, "Chef-B"), ("recteur", "Recteur")):
        assert head.post(PAGE, {**MARIE, "identifiant": login, "nom": name}).status_code == 303
        role = role_of(database, login, school_a.id)
        for change in ("mot-de-passe", "double-authentification"):
            response = head.post(f"{PAGE}{role.id}/{change}")
            assert response.status_code == 303
            assert "seule l'académie" in words(head.get(PAGE))
        assert Browser(app).log_in(login, PASSWORD).status_code == 303


def test_a_closed_login_gets_no_delegation(head, database, school_a):
    with database.writing() as session:
        staff = make_staff(session, "marie.hoarau", None, StaffRoleKind.ACADEMY, name="Marie Hoarau")
        staff.disabled_at = clock.now()

    refused = head.post(PAGE, MARIE)
    assert refused.status_code == 422
    assert "fermé par l'académie" in words(refused)


def test_every_change_is_in_the_journal_of_the_school(head, database, school_a):
    head.post(PAGE, MARIE)
    role = role_of(database, "marie.hoarau", school_a.id)
    head.post(f"{PAGE}{role.id}/", {"onglet": ["imports"], "fin": tomorrow(), "version": role.version})
    head.post(f"{PAGE}{role.id}/fin")

    page = words(head.get("/journal/"))
    for event in ("Accès d'un personnel créé", "Délégation modifiée", "Délégation terminée"):
        assert event in page
    assert "onglets : Import de la base élèves" in page
