"""Coupons given out in class, chosen in « Notifier en masse » and on the card of an account (R16, R17, R19)."""

import io
import re
from threading import Event

import pytest
from pypdf import PdfReader

from shared.models.accounts import AccountState
from shared.models.school import Establishment
from shared.notifications.letters.worker import Printer
from tests.admin.browser import hidden, words
from tests.factories import make_account, make_division, make_guardian, make_student

NOTIFY = "/responsables/notifier/"


@pytest.fixture
def families(database, sealer, school_a):
    """Nine families of one division, none of which has an address, and a division without anybody."""
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        division = make_division(session, school, "5A")
        make_division(session, school, "5Z")
        nowhere = {"address_line1": None, "postal_code": None, "city": None}
        for number in range(9):
            student = make_student(session, school, division, f"FAMILLE{number}")
            guardian = make_guardian(session, school, student, last_name=f"FAMILLE{number}", **nowhere)
            make_account(session, f"m.famille{number}", guardian, state=AccountState.NOT_NOTIFIED, sealer=sealer)
        return guardian.id


def test_they_are_chosen_confirmed_and_downloaded(head, database, settings, families):
    chosen = {"vu": "1", "mode": "coupon", "division": ["5A", "5Z"]}
    confirmation = head.get(NOTIFY, **chosen, aller="confirmer")
    page = words(confirmation)
    assert "9 coupons seront préparés en PDF, huit par page" in page
    assert "courriel" not in page.split("9 coupons", 1)[1].split("Notifier 9", 1)[0]
    assert "Aucun élève présent dans la division 5Z." in page

    location = head.post(NOTIFY, {**chosen, "cle": hidden(confirmation, "cle")}).location
    Printer(database, settings, Event()).print_due()
    page = words(head.get(location))
    assert "Télécharger les coupons (PDF)" in page
    assert "9 coupons préparés" in page
    response = head.post(location + "courriers")
    assert re.fullmatch(r'attachment; filename="coupons-\d+\.pdf"', response.headers["Content-Disposition"])
    slip, first, second = (page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages)
    assert re.search(r"5Z\s+0\s+aucun élève", slip)
    assert ("m.famille7" in first, "m.famille8" in second) == (True, True)


def test_a_division_without_anybody_says_so(head, families):
    response = head.get(NOTIFY, vu="1", mode="coupon", division="5Z", aller="confirmer")
    assert response.status_code == 422
    assert "Aucun élève présent dans la division 5Z. Aucun compte n'est sélectionné" in words(response)


def test_one_account_gets_one_from_its_card(head, database, settings, families):
    address = f"/responsables/compte/{families}/notifier/"
    page = head.get(address)
    assert "Par un coupon en PDF, à imprimer et à remettre : par l'élève, en classe" in words(page)
    location = head.post(address, {"mode": "coupon", "cle": hidden(page, "cle")}).location
    Printer(database, settings, Event()).print_due()
    assert "1 coupon préparé" in words(head.get(location))
