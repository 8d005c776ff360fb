"""R13: every fusion can be undone, and leaves nothing behind."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.expiry import expire_accounts
from shared.accounts.directory.renewal import disable
from shared.accounts.directory.states import expiry_date
from shared.acting.desk import Act
from shared.duplicates.fusion.fuse import Wanted, fuse_fiches
from shared.duplicates.fusion.undo import undo_fusion
from shared.duplicates.standing.errors import AlreadyUndone, FichesNotFound, TreatmentRefused, UndoLaterFirst
from shared.duplicates.standing.records import PARTS
from shared.journal import COMMAND, SYSTEM
from shared.models.access.ties import ProposedFiche, TieState
from shared.models.accounts import AccountState
from shared.models.fusions import Fusion
from shared.models.journal import JournalEvent
from shared.models.notifications import Mode
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from tests.duplicates.base import dump, fuse
from tests.factories import (
    NOW,
    TODAY,
    at_desk,
    link,
    make_account,
    make_establishment,
    make_guardian,
    make_student,
    tie,
)

AS_THEY_ARE: dict[str, Any] = {"now": NOW, "today": TODAY, "actor": COMMAND}
STATES = [None, AccountState.NOT_NOTIFIED, AccountState.NOTIFIED, AccountState.ACTIVATING, AccountState.ACTIVE]

families = st.lists(
    st.fixed_dictionaries(
        {
            "students": st.dictionaries(st.integers(0, 2), st.sampled_from([1, 2, None])),
            "account": st.sampled_from(STATES),
            "awaits": st.sampled_from([None, *TieState]),
            "columns": st.fixed_dictionaries(
                {},
                optional={
                    "email": st.sampled_from(["a@exemple.fr", "b@exemple.fr"]),
                    "mobile_phone": st.sampled_from(["0692000001", "0692000002"]),
                    "usage_name": st.just("HOARAU"),
                    "address_line1": st.sampled_from(["1 rue A", "2 rue B"]),
                },
            ),
        }
    ),
    min_size=4,
    max_size=4,
)
orders = st.lists(
    st.tuples(
        st.lists(st.integers(0, 3), min_size=2, max_size=3, unique=True),
        st.dictionaries(st.sampled_from(sorted(PARTS)), st.integers(0, 2)),
    ),
    max_size=4,
)


def undo(session: Session, fusion: Fusion) -> None:
    undo_fusion(at_desk(session, fusion.establishment_id, **AS_THEY_ARE), fusion.id)


def make_family(session: Session, sealer: Sealer, family: list[dict[str, Any]]) -> tuple[int, list[int]]:
    school = make_establishment(session)
    students = [make_student(session, school, first_name=name) for name in ("Léa", "Tom", "Zoé")]
    ids = []
    for number, described in enumerate(family):
        guardian = make_guardian(session, school, **described["columns"])
        for student, rank in described["students"].items():
            link(session, students[student], guardian, rank)
        if described["account"] is not None:
            make_account(session, f"m.payet{number}", guardian, state=described["account"], sealer=sealer)
        elif described["awaits"] is not None:
            # Another school's account, which this fiche would hold if the family knew this school.
            away = tie(session, make_account(session, f"m.ailleurs{number}"), school.id, described["awaits"])
            if described["awaits"] is TieState.CONFIRMED:
                guardian.account_id = away.account_id
            else:
                session.add(ProposedFiche(tie_id=away.id, guardian_id=guardian.id))
        ids.append(guardian.id)
    launch(at_desk(session, school.id, **AS_THEY_ARE), Criteria(), Mode.BOTH, request_key="k")
    return school.id, ids


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(family=families, wanted=orders)
@example(
    # The first fiche hands its account to the third, which waits for another school's, and which then absorbs others.
    family=[
        {"columns": {}, "students": {0: 1}, "account": AccountState.NOT_NOTIFIED, "awaits": None},
        {"columns": {}, "students": {}, "account": None, "awaits": None},
        {"columns": {}, "students": {}, "account": None, "awaits": TieState.PROPOSED},
        {"columns": {}, "students": {1: 2}, "account": AccountState.ACTIVATING, "awaits": None},
    ],
    wanted=[([2, 0], {}), ([2, 1, 3], {})],
)
@example(
    # The family of the fiche kept said no, and a fiche absorbed waits for another account.
    family=[
        {"columns": {}, "students": {}, "account": None, "awaits": None},
        {"columns": {}, "students": {}, "account": None, "awaits": TieState.PROPOSED},
        {"columns": {}, "students": {}, "account": None, "awaits": TieState.REFUSED},
        {"columns": {}, "students": {}, "account": None, "awaits": None},
    ],
    wanted=[([2, 0, 1], {})],
)
def test_fusing_and_undoing_leaves_everything_as_it_was(
    session: Session, sealer: Sealer, family: list[dict[str, Any]], wanted: list[Any]
) -> None:
    trial = session.begin_nested()
    try:
        _fuse_and_undo(session, sealer, family, wanted)
    finally:
        # Whatever was found, the next example begins on empty tables.
        trial.rollback()
        session.expire_all()


def _fuse_and_undo(session: Session, sealer: Sealer, family: list[dict[str, Any]], wanted: list[Any]) -> None:
    school_id, ids = make_family(session, sealer, family)
    states = [dump(session)]
    made: list[Fusion] = []
    for members, choices in wanted:
        kept, *absorbed = (ids[number] for number in members)
        parts = {name: ids[members[chosen % len(members)]] for name, chosen in choices.items()}
        try:
            made.append(fuse_fiches(at_desk(session, school_id, **AS_THEY_ARE), Wanted(kept, tuple(absorbed), parts)))
        except TreatmentRefused:
            assert dump(session) == states[-1]
        else:
            states.append(dump(session))
            assert states[-1] != states[-2]
    for fusion in reversed(made):
        assert dump(session) == states.pop()
        undo(session, fusion)
    assert dump(session) == states.pop()
    assert dump(session, "set_aside_fiche") == {"set_aside_fiche": []}


def test_a_fusion_upon_which_another_was_made_waits_for_it(session: Session) -> None:
    school = make_establishment(session)
    first, second, third = (make_guardian(session, school) for _ in range(3))
    earlier = fuse(session, first, second)
    later = fuse(session, third, first)
    with pytest.raises(UndoLaterFirst, match=f"n° {later.id}"):
        undo(session, earlier)
    undo(session, later)
    undo(session, earlier)
    with pytest.raises(AlreadyUndone):
        undo(session, earlier)


def test_another_school_undoes_nothing(session: Session) -> None:
    school, other = make_establishment(session), make_establishment(session, "9740002B")
    fusion = fuse(session, make_guardian(session, school), make_guardian(session, school))
    with pytest.raises(FichesNotFound):
        undo_fusion(at_desk(session, other.id, **AS_THEY_ARE), fusion.id)


def test_an_account_used_meanwhile_goes_back_as_it_is_now(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    account = make_account(session, "m.payet", absorbed, state=AccountState.NOTIFIED, sealer=sealer)
    fusion = fuse(session, kept, absorbed)
    account.state, account.password_hash, account.expires_on = AccountState.ACTIVE, "x", None
    undo(session, fusion)
    assert (kept.account_id, absorbed.account_id, account.state) == (None, account.id, AccountState.ACTIVE)


def test_an_account_erased_meanwhile_is_missed_by_nobody(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    account = make_account(session, "m.payet", absorbed, state=AccountState.NOTIFIED, sealer=sealer)
    fusion = fuse(session, kept, absorbed)
    session.delete(account)
    session.flush()
    undo(session, fusion)
    assert (kept.account_id, absorbed.account_id) == (None, None)


@pytest.mark.parametrize("undone", [True, False])
def test_an_account_disabled_with_its_fiche_is_erased_on_its_day_and_one_given_back_and_closed_by_staff_is_not(
    session: Session, sealer: Sealer, undone: bool
) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    make_account(session, "m.payet", kept, state=AccountState.ACTIVE)
    account = make_account(session, "m.payet1", absorbed, state=AccountState.NOTIFIED, sealer=sealer)
    day = account.expires_on
    assert day is not None
    fusion = fuse(session, kept, absorbed)
    assert expire_accounts(Act(session, SYSTEM, NOW), day - timedelta(days=1)) == 0
    if undone:
        undo(session, fusion)
        disable(at_desk(session, absorbed.establishment_id, actor=COMMAND), account, absorbed)
    assert expire_accounts(Act(session, SYSTEM, NOW), day) == (0 if undone else 1)
    if not undone:
        event = session.scalars(select(JournalEvent).where(JournalEvent.action == "account_expired")).one()
        assert (event.subject, event.establishment_id) == ("m.payet1", school.id)
        undo(session, fusion)
        assert absorbed.account_id is None


def test_an_account_disabled_for_more_than_three_months_gets_three_more(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    make_account(session, "m.payet", kept, state=AccountState.NOTIFIED, sealer=sealer)
    account = make_account(session, "m.payet1", absorbed, state=AccountState.NOTIFIED, sealer=sealer)
    fusion = fuse(session, kept, absorbed)
    late = TODAY + timedelta(days=200)
    undo_fusion(at_desk(session, school.id, NOW, COMMAND, today=late), fusion.id)
    assert account.state is AccountState.NOTIFIED
    assert account.expires_on == expiry_date(late)
