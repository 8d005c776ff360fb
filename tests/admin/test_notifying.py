"""« Notifier en masse »: criteria, list, confirmation, campaign, letters (R15–R18)."""

import html
import re
from threading import Event
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from admin_app.views.notifying.address_fields import MOST_BYTES, read_numbers, write_numbers
from shared.models.accounts import AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode, Notification
from shared.models.school import Establishment, Guardian
from shared.notifications.letters.worker import Printer
from tests.admin.browser import hidden, words
from tests.factories import make_account, make_division, make_guardian, make_student

NOTIFY = "/responsables/notifier/"
EVERYBODY = {"vu": "1", "mode": "both"}


@pytest.fixture
def families(database, sealer, school_a):
    """Sixty families in two divisions: two in three have an e-mail, one has no address at all."""
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        divisions = [make_division(session, school, code) for code in ("5A", "5B")]
        for number in range(60):
            student = make_student(session, school, divisions[number % 2], f"FAMILLE{number:02}")
            email = f"famille{number}@exemple.fr" if number % 3 else None
            columns = {"address_line1": None, "postal_code": None, "city": None} if number == 0 else {}
            guardian = make_guardian(session, school, student, last_name=f"FAMILLE{number:02}", email=email, **columns)
            make_account(session, f"m.famille{number:02}", guardian, state=AccountState.NOT_NOTIFIED, sealer=sealer)


def rows(database, campaign_id):
    with database.reading() as session:
        return session.scalars(select(Notification).where(Notification.campaign_id == campaign_id)).all()


def ids_of(response):
    return [int(number) for number in re.findall(r'name="garde" value="(\d+)"', response.text)]


def campaign_of(response):
    return int(response.location.rstrip("/").rsplit("/", 1)[1])


def test_where_no_account_exists_yet_the_way_to_generate_them_is_shown(head, database, families, school_a):
    none = "Aucun compte n'existe encore : il n'y a personne à notifier. Générer les comptes"
    assert none not in words(head.get(NOTIFY))
    with database.writing() as session:
        session.execute(update(Guardian).where(Guardian.establishment_id == school_a.id).values(account_id=None))
    page = head.get(NOTIFY)
    assert none in words(page)
    assert 'href="/responsables/generer/"' in page.text


def test_first_the_accounts_never_notified_are_proposed(head, families):
    page = head.get(NOTIFY).text

    assert re.search(r'value="not_notified" checked', page)
    assert "5A" in page
    assert "compte(s) sélectionné(s)" not in page


def test_the_list_shows_whom_the_criteria_select(head, families):
    page = words(head.get(NOTIFY, vu=1, division="5A", etat="not_notified", mode="both"))

    assert "30 compte(s) sélectionné(s)" in page
    assert "FAMILLE02" in page
    assert "FAMILLE01" not in page
    assert "aucune adresse" in page


def test_the_confirmation_says_what_will_leave_and_nothing_leaves_before_it(head, database, families):
    chosen = {**EVERYBODY, "division": "5A", "aller": "confirmer"}
    page = words(head.get(NOTIFY, **chosen))

    assert "30 comptes sélectionnés" in page
    assert "20 courriels partiront" in page
    assert "9 courriers seront préparés" in page
    assert "1 compte laissé de côté : pas d'adresse postale" in page
    with database.reading() as session:
        assert len(session.scalars(select(Campaign).where(Campaign.mode == Mode.BOTH)).all()) == 0


def test_once_confirmed_every_row_is_written_once(head, database, families):
    page = head.get(NOTIFY, **EVERYBODY, division="5A", aller="confirmer")
    fields = {**EVERYBODY, "division": "5A", "cle": hidden(page, "cle")}

    first, second = head.post(NOTIFY, fields), head.post(NOTIFY, fields)

    assert first.location == second.location
    written = rows(database, campaign_of(first))
    assert len(written) == 30
    assert sum(row.channel is Channel.MAIL and row.delivery is DeliveryState.TO_SEND for row in written) == 20
    assert "En cours" in words(head.get(first.location))


def test_a_line_unticked_on_one_page_stays_out_on_the_others(head, database, families):
    first = head.get(NOTIFY, **EVERYBODY, etat="not_notified")
    shown = ids_of(first)
    assert len(shown) == 50
    out, kept = shown[0], shown[1:]
    following = re.search(r'name="apres" value="([^"]+)"', first.text)[1]
    carried = {**EVERYBODY, "etat": "not_notified", "lignes": hidden(first, "lignes"), "garde": kept}

    second = head.get(NOTIFY, **carried, apres=following)
    assert read_numbers(hidden(second, "sauf")) == {out}
    assert not set(ids_of(second)) & set(shown)

    back = head.get(
        NOTIFY,
        **{**carried, "lignes": hidden(second, "lignes"), "garde": ids_of(second), "sauf": write_numbers([out])},
        avant=re.search(r'name="avant" value="([^"]+)"', second.text)[1],
    )
    assert ids_of(back) == shown
    assert f'value="{out}" aria-label' in back.text

    confirmation = head.get(NOTIFY, **EVERYBODY, etat="not_notified", sauf=write_numbers([out]), aller="confirmer")
    fields = {"etat": "not_notified", "sauf": write_numbers([out]), "cle": hidden(confirmation, "cle")}
    response = head.post(NOTIFY, {**EVERYBODY, **fields})
    assert out not in {row.account_id for row in rows(database, campaign_of(response))}


@pytest.mark.parametrize(
    "numbers", [[], [1], [127, 128, 129], list(range(7, 407)), [1, 2**31 - 1], [300, 16_384, 2_097_152]]
)
def test_numbers_travel_in_one_short_word(numbers):
    assert read_numbers(write_numbers(numbers)) == frozenset(numbers)


@pytest.mark.parametrize("word", ["é", "!!!", "=", "_" * 50_000, "A", "a-b", "gICAgICAgICAgAE", "\x00"])
def test_a_word_that_nobody_wrote_is_read_in_no_time_and_breaks_nothing(head, families, word):
    assert len(read_numbers(word)) <= MOST_BYTES
    assert head.get(NOTIFY, **EVERYBODY, sauf=word, lignes=word).status_code < 500


def test_four_hundred_unticked_lines_fit_an_address(head, families):
    """Servers and browsers take some four thousand signs; the numbers are those of a large académie."""
    unticked = range(1_000_000, 1_000_000 + 400 * 900, 900)
    shown = [2_000_000 + 700 * line for line in range(50)]
    address = urlencode(
        [
            *EVERYBODY.items(),
            *(("division", f"{level}EME{number}") for level in range(3, 7) for number in range(10)),
            ("sauf", write_numbers(unticked)),
            ("lignes", write_numbers(shown)),
            *(("garde", line) for line in shown),
            ("aller", "confirmer"),
        ]
    )
    assert len(address) < 3_800
    assert read_numbers(write_numbers(unticked)) == frozenset(unticked)


def numbers_of(page) -> dict[str, int]:
    return {code: int(number) for code, number in re.findall(r'data-number="([^"]+)">([^<]+)<', page.text)}


def test_each_division_says_how_many_it_would_notify_alone(head, families):
    page = head.get(NOTIFY)
    numbers = numbers_of(page)

    assert sum(numbers.values()) > 50
    for code, number in numbers.items():
        alone = words(head.get(NOTIFY, **EVERYBODY, etat="not_notified", division=code))
        assert f"{number} compte(s) sélectionné(s)" in alone or "Aucun compte ne correspond" in alone, code
        assert (number == 0) == ("Aucun compte ne correspond" in alone)
    counted = head.get(f"{NOTIFY}compter", vu="1", mode="paper", division="5A", rang="2", etat="not_notified").json
    assert set(counted["divisions"]) == set(numbers)
    assert counted["summary"].endswith("5A – Légal 2 – Non notifié – courrier")
    assert head.get(f"{NOTIFY}compter", vu="1", division="9Z").status_code == 422


def test_a_whole_level_is_chosen_at_once(head, families):
    page = head.get(NOTIFY)
    [fifth] = [
        html.unescape(one) for one in re.findall(r'href="([^"]+)" data-level', page.text) if "division=5A" in one
    ]
    listed = words(head.get(fifth))
    number = re.search(r'data-level-number="5e">(\d+)<', page.text)[1]
    assert f"{number} compte(s) sélectionné(s)" in listed
    assert "division=5B" in fifth
    assert "division=6Zar" not in fifth


def test_the_next_division_is_offered_with_the_same_criteria(head, families):
    confirmation = head.get(NOTIFY, **EVERYBODY, etat="not_notified", rang="1", division="5A", aller="confirmer")
    fields = {"etat": "not_notified", "rang": "1", "division": "5A", "cle": hidden(confirmation, "cle")}
    campaign = head.get(head.post(NOTIFY, {**EVERYBODY, **fields}).location)

    [following] = re.findall(r'href="([^"]+)">Division suivante\xa0: 5B', campaign.text)
    asked = head.get(html.unescape(following))
    assert "Confirmer la notification" in words(asked)
    for name in ("division", "rang", "etat"):
        assert hidden(asked, name) == {"division": "5B", "rang": "1", "etat": "not_notified"}[name]


def test_nobody_selected_is_told(head, families):
    response = head.get(NOTIFY, **EVERYBODY, etat="activating", aller="confirmer")

    assert response.status_code == 422
    assert "Aucun compte n'est sélectionné" in words(response)


def test_criteria_that_make_no_sense_break_nothing(head, families):
    odd = {
        "rang": "9",
        "etat": "merged",
        "mode": "pigeon",
        "utilise_avant": "hier",
        "apres": "x|y",
        "sauf": "a-b",
    }
    unknown = head.get(NOTIFY, vu="1", division="9Z")

    assert head.get(NOTIFY, vu=1, **odd).status_code == 200
    assert unknown.status_code == 422
    assert "Division inconnue" in words(unknown)


def test_too_many_lines_unticked_by_hand_asks_for_narrower_criteria(head, families):
    response = head.get(NOTIFY, **EVERYBODY, sauf=write_numbers(range(1, 403)))

    assert response.status_code == 422
    assert "critères plus étroits" in words(response)


def test_the_division_of_another_school_is_unknown(head, school_b):
    assert head.get(NOTIFY, vu="1", division="6Qui").status_code == 422


def test_what_failed_is_shown_and_tried_again(head, database, school_a):
    page = f"/responsables/notifications/{school_a.campaign_id}/"
    assert "boîte inconnue à Zarzuela" in words(head.get(page, voir="echecs"))
    assert "1 envoi en échec" in words(head.get("/"))

    assert head.post(f"{page}reessayer/{school_a.notification_id}").status_code == 303

    [row] = [row for row in rows(database, school_a.campaign_id) if row.id == school_a.notification_id]
    assert row.delivery is DeliveryState.TO_SEND
    again = head.post(f"{page}reessayer/{school_a.notification_id}")
    assert again.status_code == 303
    assert "n'est pas en échec" in words(head.get(page))


def test_everything_that_failed_is_tried_again_at_once(head, database, school_a):
    page = f"/responsables/notifications/{school_a.campaign_id}/"
    head.post(page + "reessayer")

    assert "1 envoi est réessayé" in words(head.get(page))
    assert all(row.delivery is not DeliveryState.REFUSED for row in rows(database, school_a.campaign_id))


def test_the_letters_are_for_their_author_and_the_head_only(
    head, delegate, database, settings, sealer, families, school_a
):
    author, other = delegate("guardians"), delegate("guardians", "settings")
    confirmation = author.get(NOTIFY, vu="1", mode="paper", division="5B", aller="confirmer")
    location = author.post(
        NOTIFY, {"vu": "1", "mode": "paper", "division": "5B", "cle": hidden(confirmation, "cle")}
    ).location
    early = author.post(location + "courriers")
    assert early.status_code == 303
    Printer(database, settings, Event()).print_due()

    refused = other.post(location + "courriers")
    assert refused.status_code == 303
    assert "Seuls la personne qui a demandé" in words(other.get(location))
    for reader in (author, head):
        response = reader.post(location + "courriers")
        assert response.content_type == "application/pdf"
        assert response.data.startswith(b"%PDF")
        assert response.headers["Cache-Control"] == "no-store"
        assert re.fullmatch(r'attachment; filename="courriers-\d+\.pdf"', response.headers["Content-Disposition"])
    with database.reading() as session:
        taken = session.scalars(select(JournalEvent).where(JournalEvent.action == "letters_downloaded")).all()
    assert len(taken) == 2


def test_what_waits_in_another_campaign_does_not_leave_twice(head, school_a):
    """The confirmation of a second tab."""
    confirmation = words(head.get("/eleves/notifier/", vu="1", mode="mail", aller="confirmer"))

    assert "Rien ne peut partir" in confirmation
    assert "1 compte laissé de côté : déjà en attente dans une autre notification" in confirmation


def test_a_campaign_of_students_is_sent_from_their_tab(head, database, school_a):
    head.post(f"/eleves/notifications/{school_a.student_campaign_id}/annuler")
    confirmation = head.get("/eleves/notifier/", vu="1", mode="mail", aller="confirmer")
    response = head.post("/eleves/notifier/", {"vu": "1", "mode": "mail", "cle": hidden(confirmation, "cle")})

    assert response.location.startswith("/eleves/notifications/")
    assert [row.student_id for row in rows(database, campaign_of(response))] == [school_a.student_fiche_id]


@pytest.mark.both_databases
def test_a_key_that_nobody_drew_breaks_nothing(head, school_a):
    fields = {"vu": "1", "mode": "paper", "cle": "9" * 5000}
    assert head.post(NOTIFY, fields).status_code == 303
    address = f"/responsables/compte/{school_a.fiche_id}/notifier/"
    assert head.post(address, fields).status_code < 500


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_no_clock_can_tell_is_passed_over(head, day):
    assert head.get(NOTIFY, vu="1", utilise_avant=day).status_code == 200
    assert head.post(NOTIFY, {"vu": "1", "mode": "paper", "utilise_avant": day}).status_code == 303


@pytest.mark.parametrize("typed", ["2026-09-01", "01/09/2026", "1/9/2026"])
def test_a_day_typed_where_the_browser_has_no_calendar_is_that_day(head, typed):
    """Passed over, it would have chosen every account in use."""
    page = head.get(NOTIFY, vu="1", etat="active", mode="paper", utilise_avant=typed)
    assert 'value="2026-09-01"' in page.text


def test_a_school_without_name_or_telephone_is_warned_of_before_anything_leaves(head, database, school_a):
    pages = (
        f"/responsables/compte/{school_a.fiche_id}/notifier/",
        "/responsables/notifier/?vu=1&mode=both&aller=confirmer",
    )
    assert all("il manque" not in words(head.get(page)) for page in pages)
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        school.phone = None
    assert all("il manque son téléphone" in words(head.get(page)) for page in pages)
    with database.writing() as session:
        session.get_one(Establishment, school_a.id).name = school_a.uai
    for page in pages:
        assert f"il manque son nom (les envois seraient signés « {school_a.uai} »)" in words(head.get(page))
        assert "importez le fichier Communs de SIECLE" in words(head.get(page))
