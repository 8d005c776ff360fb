"""R13 through the browser: pairs side by side, lots, history; what is protected stays, and everything can be undone."""

import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, select

from shared.duplicates.pairs.alert_settings import alert_of
from shared.models.accounts import AccountState
from shared.models.duplicates import AlertRecipient, DuplicatePair
from shared.models.fusions import DistinctFiches, Fusion
from shared.models.school import Division, Establishment, Guardian, NameFlag, Student
from shared.models.staff import Tab
from shared.persons.names import name_key
from tests.admin.browser import hidden, words
from tests.duplicates.base import make_pair
from tests.factories import make_account, make_guardian, make_student

TICKED = re.compile(r'name="fiche" value="([^"]+)"')
KEPT = re.compile(r'type="checkbox" name="garde" value="(\d+)"')
UNDO = re.compile(r'action="([^"]+/annuler)"')
HIDDEN = re.compile(r'type="hidden" name="(quoi|numero)" value="([^"]+)"')


@pytest.fixture
def pair(database, school_a):
    """Two fiches of one mother, and what staff see of them."""
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        division = session.query(Division).filter_by(establishment_id=school.id).first()
        children = [make_student(session, school, division, "HOARAU", name) for name in ("Lou", "Max")]
        fiches = [
            make_guardian(
                session, school, child, last_name="HOARAU", first_name="Anne", email=f"anne{number}@exemple.fr"
            )
            for number, child in enumerate(children)
        ]
        make_pair(session, *fiches, 0.97)
        return tuple(fiche.id for fiche in fiches)


def address(pair, action=""):
    return f"/base/doublons/{pair[0]}-{pair[1]}/{action}"


def form_of(page, **fields):
    return {"fiche": TICKED.findall(page.text), **fields}


def fiche(database, number):
    with database.reading() as session:
        return session.get_one(Guardian, number)


def test_the_comparison_says_why_what_speaks_against_and_what_is_attached(head, database, sealer, pair):
    with database.writing() as session:
        make_account(
            session, "a.hoarau", session.get_one(Guardian, pair[1]), state=AccountState.NOTIFIED, sealer=sealer
        )
    assert address(pair) in head.get("/base/doublons/").text

    page = head.get(address(pair))

    said = words(page)
    for expected in ("97 %", "même nom", "Mais autre adresse", "anne0@exemple.fr", "anne1@exemple.fr", "Lou HOARAU"):
        assert expected in said
    assert "a.hoarau" in said
    assert "Notifié" in said
    # Both say the same there: nothing to choose.
    assert "partie-email" in page.text
    assert "partie-address" not in page.text


def test_a_number_written_otherwise_is_no_difference_and_a_name_without_comment_is_proposed(head, database, pair):
    with database.writing() as session:
        first, second = (session.get_one(Guardian, number) for number in pair)
        first.mobile_phone, second.mobile_phone = "06 92 00 00 12", "+262692000012"
        first.family_name, first.name_flag = "HOARAU (mère de Lou)", NameFlag.COMMENT

    page = head.get(address(pair))

    assert "partie-mobile_phone" not in page.text
    assert re.search(rf'name="garde" value="{pair[0]}" checked', page.text)
    assert re.search(rf'name="partie-names" value="{pair[1]}" checked', page.text)


def test_fusing_keeps_what_was_chosen_and_goes_on_to_the_next(head, database, pair, school_a):
    page = head.get(address(pair))

    done = head.post(address(pair), form_of(page, garde=pair[0], **{"partie-email": pair[1]}))

    assert done.status_code == 303
    following = head.get(done.location)
    assert urlsplit(done.location).path == address(school_a.pair_ids)
    kept, absorbed = (fiche(database, number).siecle_id for number in pair)
    assert f"HOARAU Anne (fiche {kept}) est gardée, HOARAU Anne (fiche {absorbed}) est absorbée" in words(following)
    assert 'data-key="a"' in following.text
    assert (fiche(database, pair[0]).email, fiche(database, pair[1]).gone_at is None) == ("anne1@exemple.fr", False)
    assert address(pair) not in head.get("/base/doublons/").text
    assert "Fiches de responsables fusionnées" in words(head.get("/journal/"))


def test_what_is_not_a_duplicate_is_not_proposed_again(head, database, pair):
    page = head.get(address(pair))

    done = head.post(address(pair, "distincts"), form_of(page))
    assert done.status_code == 303
    assert "sont des personnes différentes" in words(head.get(done.location))

    assert address(pair) not in head.get("/base/doublons/").text
    assert "HOARAU Anne" in words(head.get("/base/doublons/historique/distincts"))
    with database.reading() as session:
        decision = session.scalars(select(DistinctFiches).where(DistinctFiches.first_id == pair[0])).one()
    head.post(f"/base/doublons/historique/distincts/{decision.id}")
    assert address(pair) in head.get("/base/doublons/").text


def test_who_comes_second_is_told_and_changes_nothing(head, academy, database, pair):
    page, seen_by_the_other = head.get(address(pair)), academy.get(address(pair))
    head.post(address(pair), form_of(page, garde=pair[0]))

    for action, fields in (("", {"garde": pair[1]}), ("distincts", {})):
        second = academy.post(address(pair, action), form_of(seen_by_the_other, **fields))
        assert second.status_code == 303
        assert "vient d'être traité" in words(academy.get(second.location))

    assert fiche(database, pair[0]).gone_at is None
    assert "déjà traité" in words(academy.get(academy.get(address(pair)).location))


def test_what_changed_since_it_was_shown_is_shown_again(head, database, pair):
    page = head.get(address(pair))
    with database.writing() as session:
        session.get_one(Guardian, pair[1]).email = "neuve@exemple.fr"

    refused = head.post(address(pair), form_of(page, garde=pair[0]))

    assert refused.status_code == 409
    assert "ont changé" in words(refused)
    assert "neuve@exemple.fr" in refused.text


def test_protected_fiches_stay_whatever_the_form_says(head, database, pair):
    with database.writing() as session:
        make_account(session, "a.hoarau", session.get_one(Guardian, pair[1]))
    page = head.get(address(pair))
    assert re.search(rf'name="garde" value="{pair[1]}" checked', page.text)

    refused = head.post(address(pair), form_of(page, garde=pair[0]))
    assert refused.status_code == 409
    assert "son compte est activé" in words(refused)

    with database.writing() as session:
        session.scalars(select(Student).where(Student.first_name == "Lou")).one().scholarship = True
    page = head.get(address(pair))
    assert "Réunir mes deux comptes" in words(page)
    assert 'data-key="o"' not in page.text
    for kept in pair:
        refused = head.post(address(pair), form_of(page, garde=kept))
        assert refused.status_code == 409
        assert "Réunir mes deux comptes" in words(refused)
    assert all(fiche(database, number).gone_at is None for number in pair)


def test_a_form_without_two_fiches_is_told_what_is_missing(head, pair):
    page = head.get(address(pair))
    for fields in (
        {"fiche": TICKED.findall(page.text)[:1], "garde": pair[0]},
        form_of(page),
        {"fiche": ["x-y", "99999999999999-z"], "garde": "mille"},
    ):
        refused = head.post(address(pair), fields)
        assert refused.status_code == 409
        assert "au moins deux fiches" in words(refused)


def test_fiches_of_another_school_cannot_be_slipped_in(head, database, pair, school_b):
    page = head.get(address(pair))
    stranger = school_b.pair_ids[0]
    for fields in (
        form_of(page, garde=pair[0], fiche=[*TICKED.findall(page.text), f"{stranger}-x"]),
        form_of(page, garde=stranger, fiche=[*TICKED.findall(page.text), f"{stranger}-x"]),
    ):
        assert head.post(address(pair), fields).status_code == 404
    assert head.get(address((pair[0], stranger))).status_code == 404
    assert fiche(database, stranger).gone_at is None


def test_three_fiches_are_treated_as_one_or_without_the_one_unticked(head, database, school_a, pair):
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        third = make_guardian(session, school, last_name="HOARAU", first_name="Anne")
        make_pair(session, session.get_one(Guardian, pair[1]), third, 0.9)
        number = third.id
    page = head.get(address(pair))
    assert len(TICKED.findall(page.text)) == 3

    two = [value for value in TICKED.findall(page.text) if not value.startswith(f"{number}-")]
    head.post(address(pair), {"fiche": two, "garde": pair[0]})

    assert (fiche(database, pair[1]).gone_at is None, fiche(database, number).gone_at is None) == (False, True)


def test_a_fusion_is_undone_from_the_history(head, database, pair):
    head.post(address(pair), form_of(head.get(address(pair)), garde=pair[0]))
    with database.reading() as session:
        fusion = session.scalars(select(Fusion).where(Fusion.kept_id == pair[0])).one()
    undo = f"/base/doublons/historique/fusions/{fusion.id}"
    assert undo in head.get("/base/doublons/historique/").text
    assert "Annuler la fusion" in words(head.get(undo))

    head.post(undo)

    assert fiche(database, pair[1]).gone_at is None
    assert "Annulée le" in words(head.get("/base/doublons/historique/"))
    assert "déjà été annulée" in words(head.get(head.post(undo).location))


def undo_form(page):
    """Where the button that undoes the last decision goes, and with what."""
    fields = {}
    for name, value in HIDDEN.findall(page.text):
        fields.setdefault(name, []).append(value)
    return UNDO.search(page.text)[1], fields


@pytest.mark.parametrize("action", ["", "distincts", "suite"])
def test_what_was_just_decided_is_undone_at_once_and_its_pair_shown_again(head, academy, database, pair, action):
    if action == "suite":
        with database.writing() as session:
            for number, one in enumerate(pair):
                make_account(session, f"a.hoarau{number}", session.get_one(Guardian, one))
    page = head.get(address(pair))
    done = head.post(address(pair, action), form_of(page, garde=pair[0], suite="siecle"))
    assert done.status_code == 303
    where, fields = undo_form(head.get(done.location))
    assert address(pair) not in head.get("/base/doublons/").text

    undone = head.post(where, fields)

    assert urlsplit(undone.location).path == address(pair)
    again = words(head.get(undone.location))
    assert "Décidez à nouveau" in again
    assert all(fiche(database, number).gone_at is None for number in pair)
    assert "déjà été annulée" in words(head.get(head.post(where, fields).location))
    # Decided again, otherwise: nothing of the first decision is left.
    page = head.get(address(pair))
    assert head.post(address(pair, "distincts"), form_of(page)).status_code == 303


def test_only_decisions_of_the_school_are_undone(head, pair, school_b):
    undo = address(pair, "annuler")
    for fields in (
        {"quoi": "fusion", "numero": school_b.fusion_id},
        {"quoi": "distincts", "numero": school_b.decision_id},
        {"quoi": "suite", "numero": 1},
        {"quoi": "suite"},
        {"quoi": "tout", "numero": 1},
        {},
    ):
        assert head.post(undo, fields).status_code == 404
    assert head.post(f"/base/doublons/{school_b.pair_ids[0]}-{school_b.pair_ids[1]}/annuler", {}).status_code == 404


def test_a_protected_pair_is_left_to_the_parent_and_listed_apart(head, database, pair):
    with database.writing() as session:
        for number, one in enumerate(pair):
            make_account(session, f"a.hoarau{number}", session.get_one(Guardian, one))
    page = head.get(address(pair))
    assert 'data-key="m"' in page.text
    # Nothing can be fused: there is nothing to choose, and no key to choose with.
    assert 'type="radio"' not in page.text
    assert "anne0@exemple.fr" in page.text
    assert "anne1@exemple.fr" in page.text
    assert "garder l'autre fiche" not in words(page)

    assert head.post(address(pair, "suite"), form_of(page, suite="ailleurs")).status_code == 400
    done = head.post(address(pair, "suite"), form_of(page, suite="parent"))

    assert done.status_code == 303
    assert "Même personne, à fusionner par le parent : HOARAU Anne" in words(head.get(done.location))
    assert address(pair) not in head.get("/base/doublons/").text
    listed = head.get("/base/doublons/historique/suite")
    assert "En attente" in words(listed)
    assert "À suivre" in words(head.get(address(pair)))
    assert "par le parent, sur le portail" in words(head.get("/journal/"))
    file = head.post("/base/doublons/", {"format": "csv"}).data.decode("utf-8-sig")
    assert "Même personne, à fusionner par le parent" in file
    head.post(re.search(r'action="(/base/doublons/historique/suite/\d+)"', listed.text)[1])
    assert address(pair) in head.get("/base/doublons/").text


def test_an_empty_list_leads_on_to_generating_whoever_may(head, delegate, database, school_a):
    with database.writing() as session:
        session.execute(delete(DuplicatePair))
    assert 'href="/responsables/generer/">générer les comptes</a>' in head.get("/base/doublons/").text

    page = delegate(Tab.DUPLICATES).get("/base/doublons/")
    assert "les comptes peuvent être générés" in words(page)
    assert "/responsables/generer/" not in page.text


def test_a_pair_that_can_be_fused_is_not_left_to_somebody_else(head, database, pair):
    page = head.get(address(pair))
    assert 'data-key="m"' not in page.text
    refused = head.post(address(pair, "suite"), form_of(page, suite="parent"))
    assert (refused.status_code, "ne sont pas toutes deux protégées" in words(refused)) == (409, True)


def test_what_is_skipped_comes_last(head, database, pair, school_a):
    """The pair of the fixture is the surest; the one of the school follows."""
    first = head.post(address(pair, "passer"), form_of(head.get(address(pair))))
    assert urlsplit(first.location).path == address(school_a.pair_ids)
    listed = head.get("/base/doublons/").text
    assert listed.index(address(school_a.pair_ids)) < listed.index(address(pair))
    assert "dont 1 passé" in words(head.get(address(school_a.pair_ids)))
    # What is last leads to the first of those left for later.
    assert urlsplit(head.post(address(school_a.pair_ids, "passer")).location).path == address(pair)


def test_a_line_unticked_stays_to_be_treated(head, database, school_a, pair):
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        others = [make_guardian(session, school, last_name="ZITTE", first_name="Rose") for _ in range(2)]
        make_pair(session, *others, 0.99)
        unticked = [one.id for one in others]
    dry_run = head.get("/base/doublons/lot/", confiance=95)
    seen = re.search(r'name="vu" value="([^"]+)"', dry_run.text)[1]
    lines = {int(key) for key in KEPT.findall(dry_run.text)} - set(unticked)

    head.post("/base/doublons/lot/", {"confiance": 95, "vu": seen, "garde": sorted(lines)})

    assert fiche(database, pair[1]).gone_at is not None
    assert all(fiche(database, number).gone_at is None for number in unticked)
    assert "décochés : 1" in words(head.get("/journal/"))


def test_a_lot_is_shown_before_and_undone_after(head, database, pair):
    dry_run = head.get("/base/doublons/lot/", confiance=95)
    assert "Rien n'est encore fait" in words(dry_run)
    assert fiche(database, pair[1]).gone_at is None
    seen = re.search(r'name="vu" value="([^"]+)"', dry_run.text)[1]

    stale = head.post("/base/doublons/lot/", {"confiance": 95, "vu": "autre"})
    assert stale.status_code == 409
    assert fiche(database, pair[1]).gone_at is None

    assert "même nom" in words(dry_run)
    none = head.post("/base/doublons/lot/", {"confiance": 95, "vu": seen})
    assert (none.status_code, "Aucune ligne n'est cochée" in words(none)) == (409, True)
    assert fiche(database, pair[1]).gone_at is None

    form = {"confiance": 95, "vu": seen, "garde": KEPT.findall(dry_run.text)}
    assert head.post("/base/doublons/lot/", form).status_code == 303
    assert fiche(database, pair[1]).gone_at is not None
    with database.reading() as session:
        lot_id = session.scalars(select(Fusion.lot_id).where(Fusion.kept_id == pair[0])).one()
    assert "encore en place" in words(head.get(f"/base/doublons/historique/lots/{lot_id}"))
    head.post(f"/base/doublons/historique/lots/{lot_id}")
    assert fiche(database, pair[1]).gone_at is None


def test_support_reads_who_has_accounts_in_two_schools_and_a_head_does_not(academy, head, database, school_a, school_b):
    with database.writing() as session:
        for school in (school_a, school_b):
            student = session.get_one(Student, school.student_fiche_id)
            student.ine, student.family_name = "0123456789A", "PAYET"
            student.name_key = student.birth_name_key = name_key("PAYET", student.first_name)
            session.get_one(Guardian, school.fiche_id).family_name = "PAYET"

    page = words(academy.get("/academie/deux-comptes/"))

    assert "Collège Zarzuela" in page
    assert "Collège Quindecim" in page
    assert "même nom" in page
    assert "même prénom" in page
    assert head.get("/academie/deux-comptes/").status_code == 403


def test_a_school_chooses_who_is_told_of_new_duplicates(delegate, head, database, school_a, school_b):
    secretary, alert = delegate(Tab.DUPLICATES), "/base/doublons/alerte/"
    page = secretary.get(alert)
    assert "personne ne serait prévenu" in words(page)
    chosen = {"destinataire": "address", "version": hidden(page, "version")}

    refused = secretary.post(alert, {**chosen, "email": "vie scolaire"})
    assert (refused.status_code, "vie scolaire" in refused.text) == (422, True)
    assert secretary.post(alert, {**chosen, "email": "doublons@exemple.fr"}).status_code == 303

    assert 'value="doublons@exemple.fr"' in head.get(alert).text
    assert "une adresse" in words(head.get("/journal/"))
    second = head.post(alert, {"destinataire": "nobody", "version": 0})
    assert (second.status_code, "Quelqu'un d'autre" in words(second)) == (409, True)
    with database.reading() as session:
        assert alert_of(session, school_a.id).email == "doublons@exemple.fr"
        assert alert_of(session, school_b.id).sent_to is AlertRecipient.STAFF


def test_who_does_not_treat_duplicates_reads_and_changes_nothing_of_it(delegate):
    stranger = delegate(Tab.SETTINGS)
    for path in ("/base/doublons/", "/base/doublons/alerte/"):
        assert stranger.get(path).status_code == 403
        assert stranger.post(path, {"destinataire": "nobody", "version": 0}).status_code == 403


def test_the_list_is_a_file_in_the_order_in_which_to_treat_it(head, pair, database, school_a, school_b):
    with database.writing() as session:
        surest = session.scalars(select(DuplicatePair).where(DuplicatePair.first_id == school_a.pair_ids[0])).one()
        surest.confidence = 0.98
    file = head.post("/base/doublons/", {"format": "csv"})
    assert file.headers["Content-Disposition"].startswith(f"attachment; filename=doublons-{school_a.uai}-")
    lines = file.data.decode("utf-8-sig").splitlines()
    assert [line.split(";")[1] for line in lines] == ["Nom 1", "Zarzuela", "HOARAU"]
