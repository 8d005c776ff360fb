"""What keeps the ways of notifying from being spoken for by others: the gateway of SMS, the printing service (R36)."""

from tests.defences.table import Defence

_VIEW = "parent_portal/views/sms_receipts.py"
_CALLED = "shared/notifications/sms_receipts/calls.py"
_CALLS = "tests/notifications/sms/test_called.py"

_PRINT = "shared/notifications/print_service/worker.py"
_PRINTS = "tests/notifications/print_service/test_print_service.py"

OF_CHANNELS = (
    Defence(
        "printing service: the school is told that its folder takes nothing",
        _PRINT,
        "                note_outage(session, Channel.PRINT_SERVICE, ",
        "                print(session, Channel.PRINT_SERVICE, ",
        (
            f"{_PRINTS}::test_where_the_folder_takes_nothing_the_school_is_told_and_prints_itself_and_no_letter_is"
            "_printed_twice",
        ),
    ),
    Defence(
        "printing service: the same lot once",
        _PRINT,
        "            if not is_there(folder, name):\n",
        "            if True:\n",
        (f"{_PRINTS}::test_whoever_dies_between_two_steps_loses_nothing_and_writes_no_second_lot",),
    ),
    Defence(
        "printing service: passwords do not stay in its folder",
        _PRINT,
        "        silent = PrintLot.written_at <= now() - LONGEST_SILENCE\n",
        "        silent = PrintLot.written_at <= now() - 99 * LONGEST_SILENCE\n",
        (f"{_PRINTS}::test_a_service_that_says_nothing_for_a_week_is_told_and_its_files_hold_passwords_no_longer",),
    ),
    Defence(
        "printing service: receipts that make no sense",
        _PRINT,
        "            except WrongReceipt as wrong:\n                _set_aside(path, str(wrong))\n",
        "            except WrongReceipt:\n                pass\n",
        (f"{_PRINTS}::test_a_receipt_that_makes_no_sense_is_set_aside_with_a_sentence_and_changes_nothing",),
    ),
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
