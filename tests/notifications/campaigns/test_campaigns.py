"""What will happen is said first, then written once (R15, R16, R18)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from shared.models.accounts import AccountKind, AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode
from shared.models.reasons import Reason
from shared.notifications.campaigns.launching import CampaignNotFound, find_campaign, launch
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.progress import progress, report_lines
from shared.notifications.campaigns.selection import Criteria
from tests.factories import TODAY, at_desk, make_establishment
from tests.notifications.conftest import School


def three_families(school: School) -> None:
    school.family("ADAM", identifier="adam", email="adam@example.org")
    school.family("BEGUE", identifier="begue")
    school.family("CADET", identifier="cadet", city=None)


@pytest.mark.parametrize(
    ("mode", "mails", "letters", "reasons"),
    [
        (Mode.MAIL, 1, 0, {"begue": Reason.NO_MAIL_ADDRESS, "cadet": Reason.NO_MAIL_ADDRESS}),
        (Mode.PAPER, 0, 2, {"cadet": Reason.NO_POSTAL_ADDRESS}),
        (Mode.BOTH, 1, 1, {"cadet": Reason.NO_POSTAL_ADDRESS}),
    ],
)
def test_the_plan_says_what_leaves_and_what_does_not(
    school: School, mode: Mode, mails: int, letters: int, reasons: dict[str, str]
) -> None:
    three_families(school)
    planned = plan(school.session, school.establishment.id, Criteria(), mode, TODAY)
    assert (planned.selected, planned.of(Channel.MAIL), planned.of(Channel.PAPER)) == (3, mails, letters)
    assert {one.identifier: one.reason for one in planned.skipped} == reasons


def test_a_verified_address_is_preferred_and_an_unverified_one_is_never_written_to(school: School) -> None:
    active, _, _ = school.family("ADAM", state=AccountState.ACTIVE, email="base@example.org")
    activating, _, _ = school.family("BEGUE", state=AccountState.ACTIVATING)
    planned = plan(school.session, school.establishment.id, Criteria(), Mode.MAIL, TODAY)
    recipients = {one.account_id: one.recipient for one in planned.decisions}
    assert recipients == {active.id: active.email, activating.id: None}


def test_a_disabled_account_is_skipped_with_the_reason(school: School) -> None:
    account, _, _ = school.family("ADAM", email="adam@example.org")
    account.state, account.disabled_from, account.expires_on = AccountState.DISABLED, AccountState.NOT_NOTIFIED, None
    school.session.flush()
    criteria = Criteria(account_ids=frozenset({account.id}))
    planned = plan(school.session, school.establishment.id, criteria, Mode.BOTH, TODAY)
    assert [one.reason for one in planned.skipped] == [Reason.DISABLED]


def test_launching_writes_every_row_and_sends_nothing(school: School) -> None:
    three_families(school)
    campaign = school.launch(Mode.BOTH)
    rows = [(row.position, row.channel, row.delivery, row.error) for row in school.rows(campaign)]
    assert rows == [
        (1, Channel.MAIL, DeliveryState.TO_SEND, None),
        (2, Channel.PAPER, DeliveryState.TO_SEND, None),
        (3, Channel.PAPER, DeliveryState.SKIPPED, Reason.NO_POSTAL_ADDRESS),
    ]
    assert campaign.finished_at is None


def test_a_campaign_with_nothing_to_send_is_finished_at_once(school: School) -> None:
    school.family("ADAM")
    assert school.launch(Mode.MAIL).finished_at is not None


def test_confirming_twice_makes_one_campaign(school: School) -> None:
    three_families(school)
    first = school.launch(Mode.BOTH, key="the-same")
    assert school.launch(Mode.BOTH, key="the-same").id == first.id
    assert len(school.rows(first)) == 3
    assert school.session.scalars(select(Campaign.id)).all() == [first.id]


def test_confirming_twice_at_once_makes_one_campaign(school: School) -> None:
    three_families(school)
    school.session.commit()

    def confirm(_: int) -> int:
        with school.database.writing() as session:
            return launch(
                at_desk(session, school.establishment.id),
                Criteria(),
                Mode.BOTH,
                request_key="twice",
            ).id

    with ThreadPoolExecutor(2) as threads:
        ids = set(threads.map(confirm, range(2)))
    with school.database.reading() as session:
        assert set(session.scalars(select(Campaign.id))) == ids
    assert len(ids) == 1


def test_the_key_of_another_establishment_leads_nowhere(school: School) -> None:
    three_families(school)
    campaign = school.launch(key="theirs")
    other = make_establishment(school.session, "9740002B")
    with pytest.raises(CampaignNotFound):
        launch(
            at_desk(school.session, other.id),
            Criteria(),
            Mode.BOTH,
            request_key="theirs",
        )
    for look in (find_campaign, progress, report_lines):
        with pytest.raises(CampaignNotFound):
            look(school.session, other.id, campaign.id)


def test_progress_counts_what_became_of_the_rows(school: School) -> None:
    three_families(school)
    campaign = school.launch(Mode.BOTH)
    seen = progress(school.session, school.establishment.id, campaign.id)
    assert seen.of(Channel.MAIL) == {DeliveryState.TO_SEND: 1}
    assert seen.of(Channel.PAPER) == {DeliveryState.TO_SEND: 1, DeliveryState.SKIPPED: 1}
    assert (seen.total, seen.waiting, seen.is_finished) == (3, 2, False)


def test_the_report_names_the_skipped_with_the_reason(school: School) -> None:
    three_families(school)
    campaign = school.launch(Mode.BOTH)
    lines = report_lines(school.session, school.establishment.id, campaign.id, [DeliveryState.SKIPPED])
    assert [(line.identifier, line.notification.error) for line in lines] == [("cadet", Reason.NO_POSTAL_ADDRESS)]


def test_the_journal_tells_of_the_launch(school: School) -> None:
    three_families(school)
    school.launch(Mode.BOTH)
    event = school.session.scalars(select(JournalEvent).where(JournalEvent.action == "campaign_launched")).one()
    assert event.details["mails"] == 1
    assert event.details["letters"] == 1
    assert event.details["skipped"] == {Reason.NO_POSTAL_ADDRESS: 1}


@pytest.mark.parametrize(
    ("criteria", "title"),
    [
        (Criteria(), "Responsables – toutes les divisions – courriel ou courrier"),
        (
            Criteria(ranks=frozenset({1}), divisions=frozenset({"6A"})),
            "Responsables (Légal 1) – 6A – courriel ou courrier",
        ),
        (Criteria(kind=AccountKind.STUDENT), "Élèves – toutes les divisions – courriel ou courrier"),
    ],
)
def test_campaigns_have_names_that_tell_them_apart(school: School, criteria: Criteria, title: str) -> None:
    three_families(school)
    assert school.launch(criteria=criteria).title == title
