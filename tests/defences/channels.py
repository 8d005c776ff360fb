"""What keeps the ways of notifying from being spoken for by others: the gateway of SMS, the printing service (R36)."""

from tests.defences.table import Defence

_VIEW = "parent_portal/views/sms_receipts.py"
_CALLED = "shared/notifications/sms_receipts/calls.py"
_CALLS = "tests/notifications/sms/test_called.py"

OF_CHANNELS = (
    Defence(
        "SMS receipts: the secret of the gateway",
        _VIEW,
        "    if not _is_the_gateway(token):\n",
        "    if False:\n",
        (f"{_CALLS}::test_nobody_is_listened_to_without_the_secret",),
    ),
    Defence(
        "SMS receipts: shut without a secret",
        _VIEW,
        "    if secret is None:\n        return False\n",
        '    secret = secret or "None"\n',
        (f"{_CALLS}::test_nothing_is_there_without_a_secret_of_the_installation",),
    ),
    Defence(
        "SMS receipts: nothing noted when only asked about",
        _VIEW,
        '    if request.method == "HEAD":\n',
        "    if False:\n",
        (f"{_CALLS}::test_to_ask_what_the_page_would_say_notes_nothing",),
    ),
    Defence(
        "SMS receipts: lists in lists",
        _VIEW,
        "        except RecursionError:\n            return None\n",
        "        except KeyError:\n            return None\n",
        (f"{_CALLS}::test_nonsense_of_the_gateway_changes_nothing",),
    ),
    Defence(
        "SMS receipts: kept only while a message is in hand",
        _CALLED,
        "        elif in_hand:\n",
        "        else:\n",
        (f"{_CALLS}::test_what_is_of_no_message_of_ours_is_answered_alike_and_forgotten",),
    ),
    Defence(
        "SMS receipts: not kept without end",
        _CALLED,
        ">= MOST_KEPT:\n",
        ">= 10 * MOST_KEPT:\n",
        (f"{_CALLS}::test_what_is_of_no_message_of_ours_is_answered_alike_and_forgotten",),
    ),
    Defence(
        "SMS receipts: noted once",
        "shared/notifications/sms_receipts/noting.py",
        "OPEN = (SmsState.ACCEPTED, SmsState.UNKNOWN)\n",
        "OPEN = tuple(SmsState)\n",
        (f"{_CALLS}::test_a_receipt_that_comes_twice_or_late_changes_nothing_more",),
    ),
)
