"""What keeps strangers from activating the accounts of families without their letter (R37)."""

from tests.defences.table import Defence

_ASKING = "shared/accounts/without_letter/asking.py"
_ACTIVATING = "shared/accounts/without_letter/activating.py"
_PORTAL = "tests/portal/test_without_letter.py"
_RULES = "tests/accounts/without_letter/test_asking.py"

OF_WITHOUT_LETTER = (
    Defence(
        "without letter: birth dates counted",
        _ACTIVATING,
        "    attempt = count_birth_date_attempt(caller, account.id)\n",
        "    attempt = None\n",
        (f"{_PORTAL}::test_birth_dates_are_not_tried_one_after_the_other",),
    ),
    Defence(
        "without letter: the browser that proved",
        _ACTIVATING,
        "    if not in_time or not is_same(proof, link.proof_hash):\n",
        "    if not in_time:\n",
        (f"{_PORTAL}::test_the_password_is_chosen_in_the_browser_that_named_the_birth_date",),
    ),
    Defence(
        "without letter: a proof for one account",
        _ACTIVATING,
        "    in_time = link.proved_at is not None and caller.now - link.proved_at <= TIME_TO_CHOOSE\n",
        "    in_time = True\n    link.proof_hash = hashed(proof)\n",
        (f"{_PORTAL}::test_a_birth_date_named_for_one_parent_opens_no_other_account",),
    ),
    Defence(
        "without letter: a mailbox of no family",
        _ASKING,
        "    if not 0 < len(waiting) <= PERSONS_OF_ONE_ADDRESS:\n",
        "    if not waiting:\n",
        (f"{_RULES}::test_an_address_of_more_persons_than_a_family_has_is_nobodys",),
    ),
    Defence(
        "without letter: mails spaced",
        _ASKING,
        "    if _mailed_enough(caller.session, email, caller.now):\n        return\n",
        "",
        (f"{_RULES}::test_a_stranger_who_asks_and_asks_fills_no_mailbox_and_spoils_no_link",),
    ),
    Defence(
        "without letter: whoever came in with the letter goes",
        _ACTIVATING,
        "    shut_out(caller.session, account, caller.now)\n",
        "",
        (f"{_PORTAL}::test_the_letter_opens_nothing_any_more_where_it_was_open",),
    ),
)
