"""« Élèves signalés »: the school sees what a parent reports on its Accueil, and answers."""

from shared.establishments.wrong_children import find_report
from shared.models.wrong_children import WrongChildAnswer
from tests.admin.browser import words

REPORTS = "/responsables/signalements/"


def report_of(database, school):
    with database.reading() as session:
        return find_report(session, school.id, school.report_id).row


def test_accueil_tells_and_the_answer_settles_it(head, database, school_a):
    assert "1 élève signalé par un parent" in words(head.get("/"))
    page = words(head.get(f"{REPORTS}{school_a.report_id}/"))
    assert "Marie Zarzuela dit ne pas être responsable de Léa Zarzuela" in page
    assert "Pas Zarzuela." in page
    answer = head.post(f"{REPORTS}{school_a.report_id}/", {"reponse": "kept", "message": "Voyez avec nous."})
    assert answer.status_code == 303
    row = report_of(database, school_a)
    assert (row.answer, row.answer_words) == (WrongChildAnswer.KEPT, "Voyez avec nous.")
    assert "signalé par un parent" not in words(head.get("/"))
    assert "Aucun signalement à traiter." in words(head.get(REPORTS))
    assert "Lien gardé" in words(head.get(REPORTS, traites=1))
    assert "Élève signalé : réponse donnée" in words(head.get("/journal/"))


def test_an_answer_that_says_nothing_is_refused_and_the_message_is_kept(head, database, school_a):
    page = head.post(f"{REPORTS}{school_a.report_id}/", {"reponse": "peut-être", "message": "Voyez avec nous."})
    assert page.status_code == 422
    assert "Choisissez une réponse" in words(page)
    assert "Voyez avec nous." in words(page)
    assert report_of(database, school_a).answer is None


def test_a_second_answer_changes_nothing(head, database, school_a):
    path = f"{REPORTS}{school_a.report_id}/"
    head.post(path, {"reponse": "kept", "message": ""})
    page = head.post(path, {"reponse": "removed", "message": ""})
    assert page.status_code == 409
    assert "Quelqu'un de l'établissement a répondu" in words(page)
    assert report_of(database, school_a).answer is WrongChildAnswer.KEPT


def test_another_school_neither_reads_nor_answers(browse, database, school_a, school_b):
    stranger = browse(school_b.login)
    path = f"{REPORTS}{school_a.report_id}/"
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"reponse": "removed"}).status_code == 404
    assert report_of(database, school_a).answer is None
