"""R14: the mail about new likely duplicates says how many and where, names nobody, and leaves only while it is true."""

import time_machine
from sqlalchemy import select, update

from shared import clock
from shared.duplicates.pairs.announcements import announce_duplicates
from shared.duplicates.standing.decisions import not_a_duplicate
from shared.journal import COMMAND
from shared.models.duplicates import DuplicatePair
from shared.models.notifications import DeliveryState, DuplicatesMail
from shared.models.reasons import Reason
from shared.models.school import Guardian
from shared.notifications.mail.worker import Postman
from tests.duplicates.base import make_pair
from tests.factories import at_desk, make_guardian, make_staff
from tests.notifications.conftest import School
from tests.smtp import Mailbox, html_of, text_of


def announce(school: School, names: list[str], login: str = "chef") -> list[list[Guardian]]:
    """New pairs of these names, announced to a head of that login who has just come."""
    make_staff(school.session, login, school.establishment, email=f"{login}@example.org")
    pairs = [[make_guardian(school.session, school.establishment, last_name=name) for _ in range(2)] for name in names]
    for pair in pairs:
        make_pair(school.session, *pair)
    now = clock.now()
    announce_duplicates(school.session, school.establishment.id, now=now, today=now.date())
    school.session.commit()
    return pairs


def test_it_says_how_many_and_where_and_names_nobody(school: School, postman: Postman, mailbox: Mailbox) -> None:
    first, second = announce(school, ["PAYET", "HOARAU"])
    make_pair(school.session, first[0], second[0])
    school.session.commit()
    assert postman.send_due() == 1
    assert postman.send_due() == 0
    (mail,) = mailbox.to("chef@example.org")
    assert str(mail["Subject"]).replace("\N{NO-BREAK SPACE}", " ") == "2 nouveaux doublons probables de responsables"
    for written in (text_of(mail), html_of(mail)):
        said = " ".join(written.split())
        assert "2 nouveaux doublons" in said
        assert "3 attendent en tout" in said
        assert "http://127.0.0.1:5001/base/doublons/" in said
        assert not any(word in said for word in ("PAYET", "HOARAU", "Marie"))


def test_two_announcements_of_one_instant_tell_each_of_their_own(
    school: School, postman: Postman, mailbox: Mailbox
) -> None:
    with time_machine.travel(clock.now(), tick=False):
        announce(school, ["PAYET", "HOARAU"])
        announce(school, ["FONTAINE"], login="adjointe")
    assert postman.send_due() == 3
    subjects = sorted(str(mail["Subject"]).replace("\N{NO-BREAK SPACE}", " ") for mail in mailbox.messages)
    one, two = "1 nouveau doublon probable de responsables", "2 nouveaux doublons probables de responsables"
    assert subjects == [one, one, two]


def test_the_mails_that_version_1_0_left_still_tell_of_their_pairs(
    school: School, postman: Postman, mailbox: Mailbox
) -> None:
    announce(school, ["PAYET"])
    with school.database.writing() as session:
        for table in (DuplicatePair, DuplicatesMail):
            session.execute(update(table).values(announcement=None))
    assert postman.send_due() == 1


def test_nothing_leaves_once_all_is_treated(school: School, postman: Postman, mailbox: Mailbox) -> None:
    [pair] = announce(school, ["PAYET"])
    not_a_duplicate(at_desk(school.session, school.establishment.id, clock.now(), COMMAND), [one.id for one in pair])
    school.session.commit()
    assert postman.send_due() == 0
    with school.database.reading() as session:
        mail = session.scalars(select(DuplicatesMail)).one()
    assert (mail.delivery, mail.error) == (DeliveryState.SKIPPED, Reason.DUPLICATES_TREATED_SINCE)
    assert mailbox.to("chef@example.org") == []
