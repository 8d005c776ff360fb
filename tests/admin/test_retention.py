"""R33 in the back office: staff see which accounts will be erased, and why; another school's tells them nothing."""

from datetime import date

import pytest
from sqlalchemy import select

from shared import clock
from shared.models.accounts import Account, AccountErasure, ErasureReason
from shared.models.school import Guardian
from tests.admin.browser import words

LISTED = "/responsables/comptes/?expire=1"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (ErasureReason.UNUSED, "personne ne l'a fait depuis longtemps"),
        (ErasureReason.WITHOUT_FICHE, "plus aucune fiche ne le portant"),
    ],
)
def test_the_card_and_the_list_tell_of_an_erasure_that_was_announced(head, database, school_a, reason, sentence):
    assert sentence not in words(head.get(f"/responsables/compte/{school_a.fiche_id}/"))
    with database.writing() as session:
        account = session.get_one(Account, session.get_one(Guardian, school_a.fiche_id).account_id)
        account.expires_on = None if account.expires_on is None else date(2099, 1, 1)
        name, number = account.identifier, account.id
    assert name not in words(head.get(LISTED))
    with database.writing() as session:
        session.add(
            AccountErasure(account_id=number, reason=reason, announced_at=clock.now(), due_on=date(2099, 10, 1))
        )
    card = words(head.get(f"/responsables/compte/{school_a.fiche_id}/"))
    assert sentence in card
    assert "2099" in card
    assert name in words(head.get(LISTED))


def test_another_school_is_not_told(head, database, school_a, school_b):
    with database.writing() as session:
        theirs = session.get_one(Guardian, school_b.fiche_id).account_id
        session.add(
            AccountErasure(
                account_id=theirs, reason=ErasureReason.UNUSED, announced_at=clock.now(), due_on=date(2099, 10, 1)
            )
        )
        name = session.scalars(select(Account.identifier).where(Account.id == theirs)).one()
    assert name not in words(head.get(LISTED))
    assert head.get(f"/responsables/compte/{school_b.fiche_id}/").status_code == 404
