"""The académie: establishments created and corrected, heads named and given back their access, work everywhere."""

import re
from dataclasses import replace

from sqlalchemy import select

from admin_app.installation import EXTENSION
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.journal import COMMAND
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from shared.siecle.reading.records import SchoolRecord
from shared.siecle.updating.establishment import establish
from shared.staff.handover import draw_password
from shared.staff.lost_access import reset_staff
from tests.admin.browser import SECRET, Browser, code_of, hidden, words
from tests.factories import NOW, PASSWORD, make_staff, second_factor

PAGE = "/academie/etablissements/"


def lines(page, **changed) -> dict[str, str]:
    names = ("name", "address_line1", "address_line2", "postal_code", "city", "phone", "email")
    shown = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)[1] for name in names}
    return {**shown, "version": hidden(page, "version"), **changed}


def establishment(database, establishment_id) -> Establishment:
    with database.reading() as session:
        return session.get_one(Establishment, establishment_id)


def role_id(database, login) -> int:
    with database.reading() as session:
        return session.scalars(select(StaffRole.id).join(Staff).where(Staff.login == login)).one()


def test_a_new_school_gets_a_head_who_works_there(academy, app):
    created = academy.post(PAGE, {"uai": " 9740077r ", "nom": "Lycée de Mafate"})
    named = academy.post(f"{created.location}chefs", {"identifiant": "chef.mafate", "chef": "Paul Grondin"})
    password = re.search(r"Mot de passe</dt><dd class=\"identifier\">([^<]+)<", named.text)[1]
    head = Browser(app)
    head.log_in("chef.mafate", password)
    new = "quatre mouettes sous la varangue"
    head.post("/mot-de-passe/", {"new": new, "again": new})

    assert "Lycée de Mafate" in words(head.get("/"))
    assert "9740077R" in words(academy.get(PAGE, q="mafate"))
    assert head.get(PAGE).status_code == 403


def test_whoever_created_a_login_does_not_hold_it_once_it_is_named_head_elsewhere(
    academy, head, app, database, sealer, school_a, school_b
):
    """The head of one school delegates to a login of his own making, whose password and telephone he keeps."""
    handed = head.post("/personnels/", {"identifiant": "ami", "nom": "Ami", "onglet": ["settings"]})
    known = re.search(r"Mot de passe</dt><dd class=\"identifier\">([^<]+)<", handed.text)[1]
    accomplice, mine = Browser(app), "quatre mouettes sous la varangue"
    accomplice.log_in("ami", known)
    accomplice.post("/mot-de-passe/", {"new": mine, "again": mine})
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == "ami")).one()
        for column, value in second_factor(sealer).items():
            setattr(staff, column, value)
    named = academy.post(f"{PAGE}{school_b.id}/chefs", {"identifiant": "ami", "chef": "Ami"})

    password = re.search(r"Mot de passe</dt><dd class=\"identifier\">([^<]+)<", named.text)[1]
    assert accomplice.get("/").location == "/connexion/"
    assert Browser(app).log_in("ami", mine).status_code == 422
    assert Browser(app).log_in("ami", password).location == "/"
    with database.reading() as session:
        assert session.scalars(select(Staff.factor_set_at).where(Staff.login == "ami")).one() is None
        role = session.scalars(
            select(StaffRole.id)
            .where(StaffRole.establishment_id == school_a.id)
            .join(Staff)
            .where(Staff.login == "ami")
        ).one()
    assert head.post(f"/personnels/{role}/mot-de-passe").status_code == 303
    assert Browser(app).log_in("ami", password).location == "/"


def test_a_school_that_cannot_be_is_refused_with_a_reason(academy, school_a):
    for uai, name, sentence in (
        ("974001", "Collège", "sept chiffres et une lettre"),
        ("9740099A", "Collège", "la lettre serait P"),
        (school_a.uai, "Collège", "existe déjà"),
        ("9740099P", "  ", "nom de l'établissement"),
        ("9740099P", "x" * 201, "trop long"),
    ):
        refused = academy.post(PAGE, {"uai": uai, "nom": name})
        assert refused.status_code == 422
        assert sentence in words(refused)


def test_a_corrected_address_survives_the_next_import(academy, database, school_a):
    path = f"{PAGE}{school_a.id}/"
    corrected = lines(academy.get(path), name="Collège Célimène", address_line1="1 rue Neuve")
    assert academy.post(path, corrected).status_code == 303

    of_files = SchoolRecord("CLG", "9 RUE VIEILLE", None, "97400", "ST DENIS", None, None, "MME", "Nouvelle Cheffe")
    with database.writing() as session:
        establish(session, school_a.uai, of_files, NOW)
    kept = establishment(database, school_a.id)
    assert (kept.name, kept.address_line1) == ("Collège Célimène", "1 rue Neuve")
    assert kept.head_name == "Nouvelle Cheffe"

    assert academy.post(path, {"suivre": "oui", "version": kept.version}).status_code == 303
    with database.writing() as session:
        establish(session, school_a.uai, of_files, NOW)
    assert establishment(database, school_a.id).name == "CLG"


def test_wrong_lines_are_refused_and_change_nothing(academy, database, school_a):
    path, before = f"{PAGE}{school_a.id}/", establishment(database, school_a.id)
    for wrong, sentence in (
        ({"name": ""}, "nom de l'établissement"),
        ({"email": "rien"}, "adresse e-mail n'est pas valable"),
        ({"postal_code": "9" * 11}, "10 caractères au plus"),
    ):
        refused = academy.post(path, lines(academy.get(path), **wrong))
        assert refused.status_code == 422
        assert sentence in words(refused)
    after = establishment(database, school_a.id)
    assert (after.name, after.email, after.version) == (before.name, before.email, before.version)


def test_fields_that_the_form_does_not_have_change_nothing(academy, database, school_a):
    path = f"{PAGE}{school_a.id}/"
    forged = {"uai": "9749999Z", "id": 99, "head_name": "Moi", "created_at": ""}
    academy.post(path, lines(academy.get(path), **forged))

    after = establishment(database, school_a.id)
    assert (after.uai, after.head_name) == (school_a.uai, None)


def test_two_people_correcting_a_school_the_second_is_told(academy, database, school_a):
    path = f"{PAGE}{school_a.id}/"
    mine = lines(academy.get(path), name="Le mien")
    theirs = {**mine, "name": "Le leur"}
    assert academy.post(path, mine).status_code == 303

    second = academy.post(path, theirs)
    assert second.status_code == 409
    assert "Quelqu'un d'autre a corrigé" in words(second)
    assert establishment(database, school_a.id).name == "Le mien"


def test_the_academy_works_in_any_school(academy, school_a, school_b):
    assert academy.post(f"{PAGE}{school_b.id}/travailler").status_code == 303

    assert "Collège Quindecim" in academy.get("/").text
    assert academy.get("/personnels/").status_code == 200


def test_a_head_gets_access_back_and_can_be_closed_and_opened(academy, browse, app, database, sealer, school_b):
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_b.login)).one()
        for column, value in second_factor(sealer).items():
            setattr(staff, column, value)
    path = f"/academie/personnels/{school_b.id}/{role_id(database, school_b.login)}"

    assert academy.post(f"{path}/double-authentification").status_code == 303
    head = browse(school_b.login)
    assert academy.post(f"{path}/fermer").status_code == 303
    assert head.get("/").location == "/connexion/"
    assert Browser(app).log_in(school_b.login).status_code == 422
    assert academy.post(f"{path}/rouvrir").status_code == 303
    assert Browser(app).log_in(school_b.login).status_code == 303
    handed = academy.post(f"{path}/mot-de-passe")
    assert "Mot de passe à remettre" in words(handed)
    assert Browser(app).log_in(school_b.login, PASSWORD).status_code == 422


def test_a_role_taken_away_leaves_the_login(academy, browse, database, school_b):
    head = browse(school_b.login)
    path = f"/academie/personnels/{school_b.id}/{role_id(database, school_b.login)}/retirer"
    assert academy.post(path).status_code == 303

    assert head.get("/").status_code == 404
    assert "Aucun établissement ne vous est ouvert" in words(head.get("/etablissements/"))
    assert academy.post(path).status_code == 404


def test_an_administrator_has_no_hold_on_another(academy, app, database, school_b):
    with database.writing() as session:
        other = make_staff(session, "autre", kind=StaffRoleKind.ACADEMY)
        session.add(StaffRole(staff_id=other.id, kind="head", establishment_id=school_b.id, tabs=[]))
        session.flush()
        role = session.scalars(
            select(StaffRole.id).where(StaffRole.staff_id == other.id, StaffRole.establishment_id == school_b.id)
        ).one()
    for change in ("mot-de-passe", "double-authentification", "fermer"):
        assert academy.post(f"/academie/personnels/{school_b.id}/{role}/{change}").status_code == 303
    assert "ligne de commande" in words(academy.get(PAGE))
    assert Browser(app).log_in("autre").status_code == 303


def test_a_role_is_found_in_its_own_school_only(academy, database, school_a, school_b):
    role = role_id(database, school_b.login)

    assert academy.post(f"/academie/personnels/{school_a.id}/{role}/fermer").status_code == 404
    assert academy.post(f"/academie/personnels/{school_b.id}/{role}/nimporte").status_code == 404


def test_a_head_opens_nothing_of_the_academy(head, database, school_a, school_b):
    path = f"/academie/personnels/{school_b.id}/{role_id(database, school_b.login)}/mot-de-passe"

    assert head.post(path).status_code == 403
    assert head.post(PAGE, {"uai": "9740099Z", "nom": "Le mien"}).status_code == 403
    assert head.post(f"{PAGE}{school_a.id}/chefs", {"identifiant": "ami", "chef": "Ami"}).status_code == 403
    assert head.post(f"{PAGE}{school_b.id}/travailler").status_code == 403
    assert "Académie" not in words(head.get("/"))


def test_the_academy_starts_without_any_school(app, database, sealer):
    with database.writing() as session:
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY, **second_factor(sealer))
    browser = Browser(app)
    browser.log_in("recteur")
    browser.give_code(code_of(SECRET))

    page = words(browser.get(PAGE))
    assert "Aucun établissement pour l'instant" in page
    assert "Catalogue des téléservices" in page


def test_the_command_line_gives_any_login_back(app, database, sealer):
    with database.writing() as session:
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY, disabled_at=NOW, **second_factor(sealer))
        drawn = draw_password()
        reset_staff(Act(session, COMMAND, NOW), "Recteur", drawn)
        password = drawn.password
    browser = Browser(app)

    assert browser.log_in("recteur", password).location == "/"
    assert browser.get("/").location == "/mot-de-passe/"


def test_a_lost_key_is_told_to_the_academy(academy, app, school_a):
    whole = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(whole, sealer=Sealer([b"fedcba9876543210fedcba9876543210"]))
    try:
        pages = [words(academy.get(path)) for path in ("/", PAGE)]
    finally:
        app.extensions[EXTENSION] = whole

    assert all("INITIAL_PASSWORD_KEY n'ouvre plus" in page for page in pages)
    assert "INITIAL_PASSWORD_KEY" not in words(academy.get(PAGE))
