"""The catalogue of the académie: what families find, in which order; who opened what, and when."""

from sqlalchemy import select

from shared.establishments.catalogue import LEVELS
from shared.establishments.services import open_services, set_open
from shared.journal import COMMAND
from shared.models.teleservices import Audience, Teleservice, TeleserviceOpening
from tests.admin.browser import hidden, words
from tests.factories import NOW, at_desk

PAGE = "/academie/catalogue/"
CANTEEN = {
    "libelle": "Réservation des repas",
    "adresse": "https://repas.exemple.fr",
    "description": "Réserver les repas de la semaine.",
    "public": "guardians",
    "obligatoire": "oui",
}


def seen_by_families(database, school, audience=Audience.GUARDIANS) -> list[str]:
    with database.reading() as session:
        return [service.label for service in open_services(session, [school.id], audience)[school.id]]


def one(database, label) -> Teleservice:
    with database.reading() as session:
        return session.scalars(select(Teleservice).where(Teleservice.label == label)).one()


def test_a_mandatory_service_added_is_open_in_every_school(academy, database, school_a, school_b):
    assert academy.post(PAGE, CANTEEN).status_code == 303

    for school in (school_a, school_b):
        assert seen_by_families(database, school)[-1] == "Réservation des repas"
        assert "Réservation des repas" not in seen_by_families(database, school, Audience.STUDENTS)
    assert academy.post(f"/services/{one(database, CANTEEN['libelle']).id}/", {"ouvrir": "non"}).status_code == 303
    assert "Réservation des repas" in seen_by_families(database, school_a)


def test_two_services_of_one_label_have_codes_of_their_own(academy, database, school_a):
    academy.post(PAGE, CANTEEN)
    academy.post(PAGE, CANTEEN)
    with database.reading() as session:
        codes = session.scalars(select(Teleservice.code).where(Teleservice.label == CANTEEN["libelle"])).all()

    assert sorted(codes) == ["reservation-des-repas", "reservation-des-repas-2"]


def test_what_families_could_not_use_is_refused(academy, database, school_a):
    for wrong, sentence in (
        ({"libelle": ""}, "libellé"),
        ({"adresse": "javascript:alert(1)"}, "adresse n'est pas valable"),
        ({"description": "x" * 301}, "300 caractères"),
        ({"public": "tous"}, "pour qui"),
        ({"niveaux": ["3e", "7e"]}, "niveaux de classe"),
    ):
        refused = academy.post(PAGE, {**CANTEEN, **wrong})
        assert refused.status_code == 422, wrong
        assert sentence in words(refused), wrong
    assert "repas" not in str(seen_by_families(database, school_a))


def test_the_classes_that_a_service_is_for_are_chosen_shown_and_told_to_schools(academy, database, school_a):
    assert academy.post(PAGE, {**CANTEEN, "niveaux": ["2de", "3e"]}).status_code == 303
    service = one(database, CANTEEN["libelle"])
    assert service.levels == ["3e", "2de"]
    assert "3e, 2de" in words(academy.get(PAGE))
    assert "Réserver les repas de la semaine. Classes : 3e, 2de." in words(academy.get("/services/"))
    assert academy.get(f"{PAGE}{service.id}/").text.count(" checked") >= 3
    everything = {**CANTEEN, "niveaux": list(LEVELS), "version": service.version}
    assert academy.post(f"{PAGE}{service.id}/", everything).status_code == 303
    assert one(database, CANTEEN["libelle"]).levels == []


def test_a_correction_is_read_in_every_school(academy, database, school_a):
    path = f"{PAGE}{school_a.service_id}/"
    page = academy.get(path)
    changed = {**CANTEEN, "libelle": "Orientation et vœux", "version": hidden(page, "version")}

    assert academy.post(path, changed).status_code == 303
    assert "Orientation et vœux" in seen_by_families(database, school_a)
    assert "Orientation et vœux" in words(academy.get("/services/"))


def test_two_people_editing_a_service_the_second_is_told(academy, database, school_a):
    path = f"{PAGE}{school_a.service_id}/"
    version = hidden(academy.get(path), "version")
    assert academy.post(path, {**CANTEEN, "libelle": "Le mien", "version": version}).status_code == 303

    second = academy.post(path, {**CANTEEN, "libelle": "Le leur", "version": version})
    assert second.status_code == 409
    assert "Quelqu'un d'autre a modifié" in words(second)
    assert one(database, "Le mien").id == school_a.service_id


def test_fields_that_the_form_does_not_have_change_nothing(academy, database, school_a):
    path = f"{PAGE}{school_a.service_id}/"
    forged = {"code": "pris", "position": 0, "id": 1, "retired_at": "2026-09-01"}
    academy.post(path, {**CANTEEN, "version": hidden(academy.get(path), "version"), **forged})

    service = one(database, CANTEEN["libelle"])
    assert (service.code, service.retired_at) == ("orientation", None)
    assert service.position > 1


def test_a_retired_service_is_found_by_nobody_and_comes_back_as_it_was(academy, database, school_a, school_b):
    with database.writing() as session:
        set_open(at_desk(session, school_a.id, NOW, COMMAND), school_a.service_id, is_open=True)
    assert "Orientation" in words(academy.get(f"{PAGE}{school_a.service_id}/retirer"))
    assert academy.post(f"{PAGE}{school_a.service_id}/retirer").status_code == 303

    assert "Orientation" not in seen_by_families(database, school_a)
    assert academy.get(f"/services/{school_a.service_id}/").status_code == 404
    assert academy.post(f"/services/{school_a.service_id}/", {"ouvrir": "oui"}).status_code == 404
    assert academy.post(f"{PAGE}{school_a.service_id}/remettre").status_code == 303
    assert "Orientation" in seen_by_families(database, school_a)
    assert "Orientation" not in seen_by_families(database, school_b)


def test_the_order_of_the_catalogue_is_the_one_families_see(academy, database, school_a):
    first, second, *_ = seen_by_families(database, school_a)
    academy.post(f"{PAGE}{one(database, second).id}/deplacer", {"sens": "haut"})
    assert seen_by_families(database, school_a)[:2] == [second, first]

    before = seen_by_families(database, school_a)
    academy.post(f"{PAGE}{one(database, second).id}/deplacer", {"sens": "haut"})
    assert seen_by_families(database, school_a) == before


def test_who_opened_a_service_and_when_is_shown(head, database, school_a):
    head.post(f"/services/{school_a.service_id}/", {"ouvrir": "oui"})

    assert ", par Chef-A" in words(head.get("/services/"))
    assert "par Chef-A" in words(head.get(f"/services/{school_a.service_id}/"))
    with database.reading() as session:
        assert session.scalars(select(TeleserviceOpening.changed_by)).one() == "Chef-A"


def test_a_head_changes_nothing_in_the_catalogue(head, database, school_a):
    assert head.post(PAGE, CANTEEN).status_code == 403
    for path in ("", "retirer", "remettre", "deplacer"):
        assert head.post(f"{PAGE}{school_a.service_id}/{path}", CANTEEN).status_code == 403


def test_a_service_that_does_not_exist_is_not_found(academy, school_a):
    for path in ("999999/", "999999/retirer"):
        assert academy.get(PAGE + path).status_code == 404
        assert academy.post(PAGE + path, CANTEEN).status_code == 404
