"""R13: fiches of one person become one; what is tied to a scholarship or to an activated account stays."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.duplicates.fusion.fuse import Wanted, fuse_fiches
from shared.duplicates.fusion.undo import undo_fusion
from shared.duplicates.pairs.queries import count_untreated
from shared.duplicates.pairs.whole_school import THIS_VERSION, schools_to_compare
from shared.duplicates.standing.decisions import not_a_duplicate
from shared.duplicates.standing.errors import (
    AlreadyTreated,
    FicheProtected,
    FichesChanged,
    FichesNotFound,
    SeveralProtected,
    ToldApart,
    TreatmentRefused,
)
from shared.duplicates.standing.locks import marks_of
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountState
from shared.models.notifications import Mode, Notification
from shared.models.school import Guardian, Guardianship, Hold
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.overview.attention import school_base_to_watch
from tests.duplicates.base import dump, fuse, make_pair
from tests.events import events_of_establishment
from tests.factories import NOW, TODAY, at_desk, link, make_account, make_establishment, make_guardian, make_student


def links_of(session: Session, guardian: Guardian) -> list[tuple[str, int | None]]:
    rows = session.scalars(select(Guardianship).where(Guardianship.guardian_id == guardian.id)).all()
    return sorted((row.student.first_name, row.legal_rank) for row in rows if row.gone_at is None)


def test_the_students_of_both_are_the_students_of_the_one_kept(session: Session) -> None:
    school = make_establishment(session)
    lea, tom = make_student(session, school, first_name="Léa"), make_student(session, school, first_name="Tom")
    kept = make_guardian(session, school, lea)
    absorbed = make_guardian(session, school, tom, legal_rank=2)
    make_pair(session, kept, absorbed)
    fuse(session, kept, absorbed)
    assert links_of(session, kept) == [("Léa", 1), ("Tom", 2)]
    assert kept.gone_at is None
    assert absorbed.gone_at is not None
    assert count_untreated(session, school.id) == 0


@pytest.mark.parametrize(("before", "is_waited_for"), [(THIS_VERSION, False), (None, True)])
def test_a_treatment_is_followed_by_no_search_to_wait_for_and_by_one_at_night(
    session: Session, before: str | None, is_waited_for: bool
) -> None:
    """« Tout est fait » comes the same day; a search that files asked for is waited for still."""
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    make_pair(session, kept, absorbed)
    school.compared_by = before
    session.flush()

    fusion = fuse(session, kept, absorbed)
    session.expire_all()
    assert school_base_to_watch(session, school.id).is_compared is not is_waited_for
    assert school.id in schools_to_compare(session)
    undo_fusion(at_desk(session, school.id, NOW, COMMAND), fusion.id)
    session.expire_all()
    assert school_base_to_watch(session, school.id).is_compared is not is_waited_for
    assert school.id in schools_to_compare(session)


def test_a_student_of_both_is_linked_once_with_the_better_rank(session: Session) -> None:
    school = make_establishment(session)
    student = make_student(session, school)
    kept = make_guardian(session, school, student, legal_rank=None)
    second, third = make_guardian(session, school), make_guardian(session, school)
    link(session, student, second, 2)
    link(session, student, third, 1).receives_aid = True
    fuse(session, kept, second, third)
    assert links_of(session, kept) == [("Léa", 1)]
    [shown] = session.scalars(select(Guardianship).where(Guardianship.guardian_id == kept.id))
    assert shown.receives_aid is True


def test_each_part_comes_from_the_fiche_chosen_and_the_rest_from_the_one_kept(session: Session) -> None:
    school = make_establishment(session)
    kept = make_guardian(session, school, email="ancienne@exemple.fr", address_line1="1 rue Ancienne")
    absorbed = make_guardian(session, school, email="neuve@exemple.fr", address_line1="2 rue Neuve", city="LE PORT")
    fuse(session, kept, absorbed, address=absorbed)
    assert (kept.email, kept.address_line1, kept.city) == ("ancienne@exemple.fr", "2 rue Neuve", "LE PORT")


def test_a_note_that_the_person_died_stays_whichever_names_are_chosen(session: Session) -> None:
    school = make_establishment(session)
    kept = make_guardian(session, school)
    absorbed = make_guardian(session, school, staff_note="DCD", hold=Hold.DECEASED, written_family_name="PAYET (DCD)")
    fusion = fuse(session, kept, absorbed)
    assert (kept.hold, kept.staff_note, kept.written_family_name) == (Hold.DECEASED, "DCD", None)
    undo_fusion(at_desk(session, school.id, NOW, COMMAND), fusion.id)
    assert (kept.hold, kept.staff_note) == (None, None)
    assert (absorbed.hold, absorbed.written_family_name) == (Hold.DECEASED, "PAYET (DCD)")


def test_a_part_cannot_be_taken_from_a_stranger_nor_be_made_up(session: Session) -> None:
    school = make_establishment(session)
    kept, absorbed, stranger = (make_guardian(session, school) for _ in range(3))
    before = dump(session)
    for choices in ({"email": stranger.id}, {"account_id": absorbed.id}):
        with pytest.raises(FichesNotFound):
            fuse_fiches(at_desk(session, school.id, NOW, COMMAND), Wanted(kept.id, (absorbed.id,), choices))
    assert dump(session) == before


def test_the_fiche_kept_takes_the_only_account_with_its_history(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    student = make_student(session, school)
    kept = make_guardian(session, school, student)
    absorbed = make_guardian(session, school, student, email="marie@exemple.fr")
    account = make_account(session, "m.payet", absorbed, state=AccountState.NOT_NOTIFIED, sealer=sealer)
    launch(at_desk(session, school.id, actor=COMMAND), Criteria(), Mode.MAIL, request_key="k")
    fuse(session, kept, absorbed)
    assert (kept.account_id, absorbed.account_id) == (account.id, None)
    assert account.state is AccountState.NOT_NOTIFIED
    assert session.scalars(select(Notification.guardian_id)).all() == [kept.id]


def test_the_other_account_is_disabled_and_the_journal_says_so(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    own = make_account(session, "m.payet", kept, state=AccountState.NOTIFIED, sealer=sealer)
    other = make_account(session, "m.payet1", absorbed, state=AccountState.NOTIFIED, sealer=sealer)
    fuse(session, kept, absorbed)
    assert (kept.account_id, absorbed.account_id, own.state) == (own.id, None, AccountState.NOTIFIED)
    assert (other.state, other.disabled_from) == (AccountState.DISABLED, AccountState.NOTIFIED)
    noted = {event.action: event for event in events_of_establishment(session, school.id)}
    assert noted["account_disabled"].subject == "m.payet1"
    assert noted["guardians_fused"].details["absorbed"] == [absorbed.siecle_id]


def test_an_account_that_serves_another_school_is_left_as_it_is(session: Session, sealer: Sealer) -> None:
    school, elsewhere = make_establishment(session), make_establishment(session, "9740002B")
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    make_account(session, "m.payet", kept, state=AccountState.NOTIFIED, sealer=sealer)
    there = make_guardian(session, elsewhere)
    shared = make_account(session, "m.payet1", absorbed, there, state=AccountState.NOTIFIED, sealer=sealer)
    fuse(session, kept, absorbed)
    assert (shared.state, there.account_id, absorbed.account_id) == (AccountState.NOTIFIED, shared.id, None)


def test_a_generation_gives_an_absorbed_fiche_no_account(session: Session, sealer: Sealer) -> None:
    school = make_establishment(session)
    student = make_student(session, school)
    kept, absorbed = make_guardian(session, school, student), make_guardian(session, school, student)

    def generate() -> None:
        generate_accounts(at_desk(session, school.id, actor=COMMAND), GUARDIANS, sealer)

    generate()
    fuse(session, kept, absorbed)
    # Somebody else comes, so that the next generation has something to do.
    make_guardian(session, school, student, first_name="Paul", legal_rank=2)
    generate()
    session.expire_all()
    assert absorbed.account_id is None
    assert session.get_one(Account, kept.account_id).identifier == "m.payet"


def test_the_fiche_tied_to_a_scholarship_is_never_absorbed(session: Session) -> None:
    school = make_establishment(session)
    boursier = make_student(session, school, scholarship=True)
    tied, other = make_guardian(session, school, boursier), make_guardian(session, school)
    before = dump(session)
    with pytest.raises(FicheProtected, match="liée à une bourse"):
        fuse(session, other, tied)
    assert dump(session) == before
    fuse(session, tied, other)
    assert other.gone_at is not None


def test_who_receives_the_aid_is_tied_and_nobody_else(session: Session) -> None:
    school = make_establishment(session)
    boursier = make_student(session, school, scholarship=True)
    first, receiver, duplicate = (make_guardian(session, school) for _ in range(3))
    link(session, boursier, first, 1)
    link(session, boursier, receiver, 2).receives_aid = True
    with pytest.raises(FicheProtected):
        fuse(session, duplicate, receiver)
    fuse(session, duplicate, first)
    assert first.gone_at is not None


def test_a_student_who_left_protects_nobody(session: Session) -> None:
    school = make_establishment(session)
    gone = make_student(session, school, scholarship=True, left_on=TODAY)
    tied, other = make_guardian(session, school, gone), make_guardian(session, school)
    fuse(session, other, tied)
    assert tied.gone_at is not None


@pytest.mark.parametrize("disabled", [False, True])
def test_the_fiche_whose_account_is_activated_is_never_absorbed(session: Session, disabled: bool) -> None:
    school = make_establishment(session)
    used, other = make_guardian(session, school), make_guardian(session, school)
    account = make_account(session, "m.payet", used)
    if disabled:
        account.state, account.disabled_from = AccountState.DISABLED, AccountState.ACTIVE
        session.flush()
    with pytest.raises(FicheProtected, match="compte est activé"):
        fuse(session, other, used)
    fuse(session, used, other)
    assert used.account_id == account.id


def test_where_both_must_stay_the_parent_is_to_merge_the_accounts(session: Session) -> None:
    school = make_establishment(session)
    boursier = make_student(session, school, scholarship=True)
    tied, used = make_guardian(session, school, boursier), make_guardian(session, school)
    make_account(session, "m.payet", used)
    before = dump(session)
    for kept, absorbed in ((tied, used), (used, tied)):
        with pytest.raises(SeveralProtected, match="Réunir mes deux comptes"):
            fuse(session, kept, absorbed)
    assert dump(session) == before


def test_fiches_whose_accounts_the_parent_merged_can_be_fused(session: Session) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    account = make_account(session, "m.payet", kept, absorbed)
    fuse(session, kept, absorbed)
    assert (kept.account_id, absorbed.account_id, account.state) == (account.id, None, AccountState.ACTIVE)


def test_another_school_is_not_found(session: Session) -> None:
    school, other = make_establishment(session), make_establishment(session, "9740002B")
    here, there = make_guardian(session, school), make_guardian(session, other)
    for kept, absorbed in ((here, there), (there, here)):
        with pytest.raises(FichesNotFound):
            fuse_fiches(at_desk(session, school.id, NOW, COMMAND), Wanted(kept.id, (absorbed.id,)))


def test_who_comes_second_is_told(session: Session) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    fuse(session, kept, absorbed)
    with pytest.raises(AlreadyTreated):
        fuse(session, absorbed, kept)
    with pytest.raises(AlreadyTreated):
        not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), [kept.id, absorbed.id])


def test_nothing_is_fused_that_was_not_shown(session: Session) -> None:
    school = make_establishment(session)
    kept, absorbed = make_guardian(session, school), make_guardian(session, school)
    seen = marks_of(session, [kept, absorbed])
    absorbed.email = "neuve@exemple.fr"
    session.flush()
    with pytest.raises(FichesChanged):
        fuse_fiches(at_desk(session, school.id, NOW, COMMAND), Wanted(kept.id, (absorbed.id,), seen=seen))


def test_what_staff_told_apart_is_not_fused(session: Session) -> None:
    school = make_establishment(session)
    first, second, third = (make_guardian(session, school) for _ in range(3))
    not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), [first.id, second.id])
    with pytest.raises(ToldApart):
        fuse(session, first, second, third)
    # Nor by a way round: who absorbs one of them is not the other one either.
    fuse(session, third, first)
    with pytest.raises(TreatmentRefused, match="pas un doublon"):
        fuse(session, third, second)


@pytest.mark.parametrize(
    ("number_of", "consent_of", "accepts"), [(0, 0, False), (1, 0, True), (1, 1, True), (0, 1, False)]
)
def test_who_accepts_sms_accepts_them_on_the_number_that_says_so(
    session: Session, number_of: int, consent_of: int, accepts: bool
) -> None:
    school = make_establishment(session)
    student = make_student(session, school)
    kept = make_guardian(session, school, student, mobile_phone="0692 00 00 01", accepts_sms=False)
    absorbed = make_guardian(session, school, student, mobile_phone="0692 00 00 02", accepts_sms=True)
    fiches = (kept, absorbed)
    choices = {"mobile_phone": fiches[number_of].id, "accepts_sms": fiches[consent_of].id}
    fuse_fiches(at_desk(session, school.id, actor=COMMAND), Wanted(kept.id, (absorbed.id,), choices))
    assert (kept.mobile_phone, kept.accepts_sms) == (f"0692 00 00 0{number_of + 1}", accepts)
