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
INVITATIONS = "/delegations/"
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


def test_what_is_shown_once_is_printed_from_the_screen_and_no_link_of_the_page_loses_it(head):
    page = head.post(PAGE, MARIE)

    assert "ne sera plus jamais montré" in words(page)
    assert "imprimer=1" not in page.text
    assert re.search(r"<button[^>]*data-print[^>]*>Impression</button>", page.text)
    assert re.search(r"<button[^>]*data-print[^>]*>Imprimer</button>", page.text)
    assert re.search(r'<a href="[^"]+"[^>]*>Impression</a>', head.get(PAGE).text)


def test_the_same_form_sent_twice_gives_one_delegation(head):
    assert head.post(PAGE, MARIE).status_code == 200

    again = head.post(PAGE, MARIE)
    assert again.status_code == 422
    assert "déjà un rôle" in words(again)


def test_a_person_of_another_school_accepts_with_the_code_and_another_password(
    head, app, database, browse, school_a, school_b
):
    other_school(database, school_b)
    code = password_shown(head.post(PAGE, MARIE))
    # Somebody who knows her password of today does not get what it will open.
    thief = browse("marie.hoarau")
    marie = Browser(app)
    assert marie.log_in("marie.hoarau").location == INVITATIONS
    marie.choose(school_a.id)
    assert marie.get("/parametrage/liens/").status_code == 403
    role = role_of(database, "marie.hoarau", school_a.id)
    assert "Collège Zarzuela" in words(marie.get(INVITATIONS))
    path, typed = f"{INVITATIONS}{role.id}/accepter", {"code": code, "new": NEW, "again": NEW}
    assert marie.post(path, {**typed, "code": "pas le bon"}).status_code == 422
    assert marie.post(path, {**typed, "again": "autre"}).status_code == 422
    assert marie.post(path, {**typed, "new": "court", "again": "court"}).status_code == 422
    assert marie.post(path, typed).status_code == 303
    marie.choose(school_a.id)
    assert marie.get("/parametrage/liens/").status_code == 200
    assert marie.get("/eleves/comptes/").status_code == 403
    assert thief.get("/").location == "/connexion/"
    assert marie.post(path, typed).status_code == 404
    assert "Délégation acceptée" in words(head.get("/journal/"))


def test_the_list_finds_nothing_that_is_known_elsewhere_of_somebody_invited(head, database, school_a, school_b):
    other_school(database, school_b)
    head.post(PAGE, {**MARIE, "nom": "Ma voisine"})
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == "marie.hoarau")).one()
        staff.name, staff.disabled_at, staff.last_login_at = "Nom Secret", clock.now(), clock.now()

    assert "Ma voisine" in words(head.get(PAGE, q="voisine"))
    assert "Ma voisine" not in words(head.get(PAGE, q="secret"))
    assert "Ma voisine" not in words(head.get(PAGE, etat="fermes"))
    assert "Ma voisine" in words(head.get(PAGE, etat="invites"))
    for sort in range(4):
        assert "Nom Secret" not in head.get(PAGE, sort=sort).text
    exported = head.post(f"{PAGE}export/csv/").data.decode()
    assert "Ma voisine" in exported
    assert "Nom Secret" not in exported


def test_the_list_is_narrowed_by_what_people_may_open(head, school_a):
    head.post(PAGE, MARIE)

    assert "marie.hoarau" in words(head.get(PAGE, peut_ouvrir="settings"))
    assert "marie.hoarau" not in words(head.get(PAGE, peut_ouvrir="students"))


def test_an_invitation_is_refused_by_its_owner_alone(head, browse, database, school_a, school_b):
    other_school(database, school_b)
    head.post(PAGE, MARIE)
    role = role_of(database, "marie.hoarau", school_a.id)
    assert browse(school_b.login).post(f"{INVITATIONS}{role.id}/refuser").status_code == 404
    assert browse("marie.hoarau").post(f"{INVITATIONS}{role.id}/refuser").status_code == 303
    assert role_of(database, "marie.hoarau", school_a.id) is None
    assert "Délégation refusée" in words(head.get("/journal/"))


def test_guessing_the_code_makes_one_wait(head, browse, database, school_a, school_b):
    other_school(database, school_b)
    code = password_shown(head.post(PAGE, MARIE))
    marie = browse("marie.hoarau")
    path = f"{INVITATIONS}{role_of(database, 'marie.hoarau', school_a.id).id}/accepter"
    for _ in range(7):
        marie.post(path, {"code": "faux", "new": NEW, "again": NEW})
    assert marie.post(path, {"code": code, "new": NEW, "again": NEW}).status_code == 429


def test_a_head_does_not_learn_who_has_a_login(head, database, school_a, school_b):
    """A new login, one of another school under another name, one that was closed: pages alike but for the login."""
    other_school(database, school_b, disabled_at=clock.now())
    pages = []
    for login in ("nouvelle.personne", school_b.login, "marie.hoarau"):
        handed = head.post(PAGE, {**MARIE, "identifiant": login, "nom": "Anne Nouvelle"})
        assert handed.status_code == 200
        role = role_of(database, login, school_a.id)
        again = head.post(f"{PAGE}{role.id}/mot-de-passe")
        shown = [handed, again, head.get(PAGE), head.get(f"{PAGE}{role.id}/"), head.get(f"{PAGE}{role.id}/fin")]
        pages.append([_without(answer, login, role.id) for answer in shown])
        # What was ended is told on the page after.
        assert head.get(head.post(f"{PAGE}{role.id}/fin").location).status_code == 200
    assert pages[0] == pages[1] == pages[2]
    assert "Chef-B" not in str(pages)


def _without(answer, login: str, role_id: int) -> str:
    """A page without what differs from one login to another by itself."""
    page = answer.text.replace(login, "LOGIN").replace(f"/personnels/{role_id}/", "/personnels/N/")
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
    return re.sub(r'Mot de passe</dt><dd class="identifier">[^<]+<', "", page)


def other_school(database, school, **columns) -> None:
    """Marie Hoarau works in `school` already."""
    with database.writing() as session:
        there = session.get_one(Establishment, school.id)
        make_staff(
            session, "marie.hoarau", there, StaffRoleKind.DELEGATE, (Tab.STUDENTS,), name="Marie Hoarau", **columns
        )


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


def test_a_new_password_does_without_no_second_factor(head, app, database, sealer, school_a):
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == "adjoint.zarzuela")).one()
        for column, value in second_factor(sealer).items():
            setattr(staff, column, value)
    password = password_shown(head.post(f"{PAGE}{school_a.delegation_id}/mot-de-passe"))

    assert Browser(app).log_in("adjoint.zarzuela", password).location == "/connexion/code/"


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
        code = password_shown(head.post(PAGE, {**MARIE, "identifiant": login, "nom": name}))
        role = role_of(database, login, school_a.id)
        another = password_shown(head.post(f"{PAGE}{role.id}/mot-de-passe"))
        assert Browser(app).log_in(login, code).status_code == 422
        assert Browser(app).log_in(login, another).status_code == 422
        assert Browser(app).log_in(login, PASSWORD).status_code == 303


def test_once_accepted_the_login_of_another_school_is_for_the_academy_to_give_back(
    head, app, browse, database, school_a, school_b
):
    other_school(database, school_b)
    code = password_shown(head.post(PAGE, MARIE))
    role = role_of(database, "marie.hoarau", school_a.id)
    typed = {"code": code, "new": NEW, "again": NEW}
    assert browse("marie.hoarau").post(f"{INVITATIONS}{role.id}/accepter", typed).status_code == 303
    for change in ("mot-de-passe", "double-authentification"):
        assert head.post(f"{PAGE}{role.id}/{change}").status_code == 303
        assert "seule l'académie" in words(head.get(PAGE))
    assert Browser(app).log_in("marie.hoarau", NEW).status_code == 303


def test_every_change_is_in_the_journal_of_the_school(head, database, school_a):
    head.post(PAGE, MARIE)
    role = role_of(database, "marie.hoarau", school_a.id)
    head.post(f"{PAGE}{role.id}/", {"onglet": ["imports"], "fin": tomorrow(), "version": role.version})
    head.post(f"{PAGE}{role.id}/fin")

    page = words(head.get("/journal/"))
    for event in ("Accès d'un personnel créé", "Délégation modifiée", "Délégation terminée"):
        assert event in page
    assert "onglets : Import de la base élèves" in page
