"""The same for envelopes that come back: whose they are, what is misread, what is noted twice."""

from tests.defences.table import Defence

SCANNING = "shared/notifications/returned/scanning.py"
RULES = "tests/notifications/returned/test_scanning.py"

OF_RETURNED = (
    Defence(
        "returned letters: references of another school",
        SCANNING,
        "        .where(Notification.id == number, Notification.establishment_id == desk.establishment_id)\n",
        "        .where(Notification.id == number)\n",
        (f"{RULES}::test_a_reference_of_another_school_is_unknown",),
    ),
    Defence(
        "returned letters: an error undone by another school",
        SCANNING,
        "    if posted is None or posted.establishment_id != desk.establishment_id:\n",
        "    if posted is None:\n",
        ("tests/admin/test_returned_letters.py::test_another_school_finds_nothing",),
    ),
    Defence(
        "returned letters: of last year",
        SCANNING,
        "    if found.created_at.date() < _year_began(desk.today):\n",
        "    if False:\n",
        (f"{RULES}::test_a_reference_of_last_year_changes_nothing",),
    ),
    Defence(
        "returned letters: scanned twice",
        SCANNING,
        "        .where(PostedLetter.notification_id == posted, PostedLetter.returned_at.is_(None))\n",
        "        .where(PostedLetter.notification_id == posted)\n",
        (f"{RULES}::test_scanned_twice_it_is_said_once",),
    ),
    Defence(
        "returned letters: signs that do not agree",
        "shared/notifications/content/reference.py",
        "    if (one, other) != _proofs(values):\n",
        "    if False:\n",
        ("tests/notifications/returned/test_reference.py::test_signs_that_changed_places_name_nothing",),
    ),
    Defence(
        "returned letters: the camera on one page alone",
        "admin_app/views/notifying/returned.py",
        'CAMERA = "camera=(self), ',
        'CAMERA = "camera=(), ',
        ("tests/admin/test_returned_letters.py::test_this_page_alone_may_ask_for_the_camera",),
    ),
)
