"""The same for guessing, for shutting out, for learning who exists (R10), and for activating without a letter (R37)."""

from tests.defences.table import Defence

THROTTLING = "shared/limits/throttling.py"
LOGIN = "shared/accounts/login/password_login.py"
OF_STAFF = "shared/staff/logins.py"
OF_RULE = "tests/limits/test_throttling.py"
OF_PORTAL = "tests/portal/test_throttling.py"
ADMIN = "tests/admin/test_login.py"
_ASKING = "shared/accounts/without_letter/asking.py"
_ACTIVATING = "shared/accounts/without_letter/activating.py"
_PORTAL = "tests/portal/test_without_letter.py"
_RULES = "tests/accounts/without_letter/test_asking.py"
_CODES = "shared/accounts/without_letter/codes.py"
_SMS_PORTAL = "tests/portal/test_sms_code.py"
_SMS_WORKER = "tests/notifications/sms/test_worker.py"
_SMS_PLANS = "tests/notifications/sms/test_planning.py"

OF_GUESSING = (
    Defence(
        "6.3.1 many guesses at once",
        THROTTLING,
        "    counts = count(session, strict, now)\n    _refuse_what_waits(counts, strict, now)\n",
        "    counts = count(session, strict, now)\n",
        (f"{OF_RULE}::test_many_attempts_at_once_gain_nothing",),
    ),
    Defence(
        "2.4.1 one address through the directory",
        THROTTLING,
        "    strict = {pair: weather.is_bad, home: weather.on_directory or weather.in_neighbourhood}\n",
        "    strict = {pair: weather.is_bad}\n",
        (f"{OF_PORTAL}::test_one_address_cannot_go_through_the_directory",),
    ),
    Defence(
        "guesses, providers of IPv6",
        THROTTLING,
        "    _refuse_what_waits(counts, [pair, home, *around.of_operator], caller.now)\n",
        "    _refuse_what_waits(counts, [pair, home], caller.now)\n",
        (f"{OF_RULE}::test_whoever_rents_a_provider_of_ipv6_has_no_end_of_guesses",),
    ),
    Defence(
        "guesses, homes of IPv6",
        THROTTLING,
        "    home = around.line if weather.in_neighbourhood else around.home\n",
        "    home = around.home\n",
        (f"{OF_RULE}::test_homes_of_ipv6_are_no_way_around_a_neighbourhood_that_fails",),
    ),
    Defence(
        "guesses, neighbourhoods",
        "shared/limits/policy.py",
        "        return cls(alarm, raised(FROM_ANYWHERE), raised(BY_NETWORK))\n",
        "        return cls(alarm, raised(FROM_ANYWHERE), False)\n",
        (f"{OF_RULE}::test_a_neighbourhood_that_fails_makes_its_other_homes_wait_once",),
    ),
    Defence(
        "guesses, the whole directory",
        "shared/limits/policy.py",
        "        alarm = counts.get(OF_DIRECTORY.realm, NEVER).failures >= OF_DIRECTORY.free\n",
        "        alarm = False\n",
        (f"{OF_RULE}::test_guesses_over_the_whole_directory_make_limits_stricter_and_lock_nobody_out",),
    ),
    Defence(
        "16.3.3 an attack is told",
        THROTTLING,
        "counted.failures == OF_DIRECTORY.free:\n",
        "counted.failures == -1:\n",
        (f"{OF_RULE}::test_whoever_watches_is_told_once_of_an_attack_on_the_directory",),
    ),
    Defence(
        "guesses, a /64 of IPv6",
        "shared/limits/networks.py",
        "    return str(ip_network((address, bits), strict=False))\n",
        "    return str(address)\n",
        (f"{OF_RULE}::test_the_whole_network_of_a_phone_counts_as_one_address",),
    ),
    Defence(
        "guesses, codes from anywhere",
        THROTTLING,
        "    subjects = [pair] if familiar else [pair, _subject(CODES, directory, owner)]\n",
        "    subjects = [pair]\n",
        (f"{OF_RULE}::test_codes_are_counted_together_wherever_they_come_from",),
    ),
    Defence(
        "guesses, those refused do not lengthen the wait",
        THROTTLING,
        "    _refuse_what_waits(counts, [pair, home, *around.of_operator], caller.now)\n",
        "    count(caller.session, [pair], caller.now)\n"
        "    _refuse_what_waits(counts, [pair, home, *around.of_operator], caller.now)\n",
        (f"{OF_RULE}::test_attempts_refused_do_not_lengthen_the_wait",),
    ),
    Defence(
        "guesses, mistakes of a whole school",
        THROTTLING,
        "            lower(session, subject, 1 + (forgiven if realm == BY_ADDRESS.realm else 0))\n",
        "            lower(session, subject, 1)\n",
        (f"{OF_RULE}::test_families_that_come_in_from_one_address_do_not_close_it_by_their_mistakes",),
    ),
    Defence(
        "guesses, a neighbour behind the same address",
        THROTTLING,
        "_subject(FROM_THIS_ADDRESS, directory, login, device or network.home)",
        "_subject(FROM_THIS_ADDRESS, directory, login, network.home)",
        (f"{OF_PORTAL}::test_a_neighbour_behind_the_same_address_does_not_keep_a_family_out",),
    ),
    Defence(
        "guesses, a cookie made up",
        LOGIN,
        'familiar=seen.is_any, device=place.device if seen.device else ""',
        "familiar=seen.is_any or bool(place.device), device=place.device",
        (f"{OF_PORTAL}::test_a_cookie_made_up_is_no_known_browser",),
    ),
    Defence(
        "guesses, places of a stranger",
        "shared/limits/browsers.py",
        "            self.places.forget(session, owner_id)\n",
        "            pass\n",
        ("tests/limits/test_familiar_places.py::test_what_shuts_a_stranger_out_forgets_them",),
    ),
    Defence(
        "guesses, the merge page",
        "parent_portal/views/merging.py",
        "    other, accepted = try_password(form.identifier.data, form.password.data)\n",
        "    other, accepted = try_password(form.identifier.data, form.password.data)\n"
        "    from shared.limits.throttling import take_back\n"
        "    take_back(session(), other.attempt)\n",
        (f"{OF_PORTAL}::test_guessing_through_the_merge_page_is_slowed_down_too",),
    ),
    Defence(
        "who exists, an identifier of nobody waits too",
        LOGIN,
        "    if account is None:\n        return Candidate(identifier, attempt, None, None, None)\n",
        "    if account is None:\n        take_back(caller.session, attempt)\n"
        "        return Candidate(identifier, attempt, None, None, None)\n",
        (f"{OF_PORTAL}::test_an_unknown_identifier_is_slowed_down_just_the_same",),
    ),
    Defence(
        "who exists, what strangers type",
        LOGIN,
        '    subject = "" if candidate.account_id is None else candidate.identifier\n',
        "    subject = candidate.identifier\n",
        ("tests/accounts/login/test_password_login.py::test_what_strangers_type_is_not_written_down",),
    ),
    Defence(
        "who exists, what strangers type as staff",
        OF_STAFF,
        '    subject = "" if candidate.staff_id is None else candidate.login\n',
        "    subject = candidate.login\n",
        (f"{ADMIN}::test_a_login_of_nobody_costs_the_same_writing_and_leaves_no_word",),
    ),
    Defence(
        "who exists, forgotten passwords",
        "parent_portal/views/forgotten.py",
        "    with no_sooner_than(ANSWER_SECONDS):\n",
        "    with no_sooner_than(0):\n",
        ("tests/portal/test_own_account.py::test_a_forgotten_password_is_answered_as_late_whoever_is_asked_for",),
    ),
    Defence(
        "who exists, merging without the password",
        "shared/accounts/holder/merging.py",
        "    if not accepted or other.account_id is None:\n",
        "    if other.account_id is None:\n",
        ("tests/portal/test_merging.py::test_without_the_password_nothing_is_learnt_of_another_account",),
    ),
    Defence(
        "16.3.1 logins are noted",
        LOGIN,
        "    note(act_of(caller, account), Action.LOGIN, account, details)\n",
        "",
        ("tests/accounts/login/test_password_login.py::test_what_happened_is_in_the_journal_without_what_was_typed",),
    ),
    Defence(
        "a password replaced while it was looked at",
        LOGIN,
        "    if account is None or not candidate.still_opens(account):\n",
        "    if account is None:\n",
        ("tests/accounts/login/test_password_login.py::test_what_was_replaced_while_it_was_looked_at_does_not_open",),
    ),
    Defence(
        "a password replaced while it was looked at, of staff",
        OF_STAFF,
        "    if staff is None or staff.password_hash != candidate.password_hash:\n",
        "    if staff is None:\n",
        (f"{ADMIN}::test_a_password_replaced_while_it_was_looked_at_does_not_open",),
    ),
    Defence(
        "the password of before",
        LOGIN,
        "        if self.initial_password is None:\n            return matches\n",
        "        if self.initial_password is None or matches:\n            return matches\n",
        (
            "tests/accounts/login/test_password_login.py"
            "::test_the_password_of_before_opens_nothing_once_staff_gave_a_new_one",
        ),
    ),
    Defence(
        "6.2.11 names of children and schools",
        "shared/accounts/login/first_login.py",
        "    family = family_of(session, account)\n",
        "    family: list[str] = []\n",
        ("tests/accounts/login/test_first_login.py::test_names_of_the_children_and_of_the_school_are_refused",),
    ),
    Defence(
        "a password that was on paper",
        "shared/accounts/login/first_login.py",
        "handed_over=initial, letter_mark=mark",
        "letter_mark=mark",
        ("tests/accounts/holder/test_own_password.py::test_what_staff_gave_on_paper_is_no_new_password",),
    ),
    Defence(
        "13.2.3 own secrets",
        "shared/config.py",
        "MINIMUM_SECRET_CHARACTERS = 32\n",
        "MINIMUM_SECRET_CHARACTERS = 0\n",
        ("tests/test_config.py::test_a_bad_value_is_named_and_never_shown",),
    ),
    Defence(
        "12.2.1 public addresses in clear",
        "shared/config.py",
        '        if parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS:\n',
        "        if False:\n",
        ("tests/test_config.py::test_a_bad_value_is_named_and_never_shown",),
    ),
    Defence(
        "row 3, a Redis without a password",
        "shared/config.py",
        '        if parts.scheme != "unix" and host not in LOCAL_HOSTS and not password:\n',
        "        if False:\n",
        ("tests/test_config.py::test_a_redis_that_anybody_could_write_to_is_refused",),
    ),
    Defence(
        "9.1.3 a key for each purpose",
        "shared/config.py",
        '        return hmac.new((self.secret_key or "").encode(), purpose.encode(), hashlib.sha256).hexdigest()\n',
        '        return hmac.new((self.secret_key or "").encode(), b"", hashlib.sha256).hexdigest()\n',
        ("tests/test_config.py::test_each_purpose_has_a_key_of_its_own",),
    ),
)

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
    Defence(
        "SMS, a code once",
        _CODES,
        "    return code.used_at is None and code.expires_at > now and",
        "    return code.expires_at > now and",
        (f"{_SMS_PORTAL}::test_a_code_is_good_once",),
    ),
    Defence(
        "SMS, a code for a week",
        _CODES,
        "code.used_at is None and code.expires_at > now and",
        "code.used_at is None and",
        (f"{_SMS_PORTAL}::test_a_code_is_good_for_a_week",),
    ),
    Defence(
        "SMS, codes guessed",
        _CODES,
        "    attempt = count_network_attempt(caller, DIRECTORY)\n",
        "    attempt = type('Uncounted', (), {'subjects': {}})()\n",
        (f"{_SMS_PORTAL}::test_codes_are_not_guessed_one_after_the_other",),
    ),
    Defence(
        "SMS, birth dates guessed",
        _CODES,
        "    guess = count_birth_date_attempt(caller, account.id)\n",
        "    guess = type('Uncounted', (), {'subjects': {}})()\n",
        (f"{_SMS_PORTAL}::test_birth_dates_are_not_tried_one_after_the_other",),
    ),
    Defence(
        "SMS, a code of before other credentials",
        "shared/accounts/login/shutting_out.py",
        '    session.execute(untyped.values(used_at=now), execution_options={"synchronize_session": "fetch"})\n',
        "",
        (f"{_SMS_PORTAL}::test_other_credentials_given_by_staff_make_the_code_worthless",),
    ),
    Defence(
        "SMS, never twice when a worker dies",
        "shared/notifications/sms/worker.py",
        "        note_unknown(session, instant)\n",
        "",
        (f"{_SMS_WORKER}::test_a_message_that_was_on_its_way_when_the_worker_died_is_not_sent_again",),
    ),
    Defence(
        "SMS, never twice when the gateway falls silent",
        "shared/notifications/outbox/leases.py",
        "class HandOverUnknown(PermanentFailure):",
        "class HandOverUnknown(TemporaryFailure):",
        (f"{_SMS_WORKER}::test_a_gateway_that_falls_silent_with_a_message_in_hand_gets_it_once",),
    ),
    Defence(
        "SMS, numbers of two families",
        "shared/notifications/channels/sms.py",
        "    if person.mobile in known.shared:\n        return Reach(why_not=Reason.SHARED_NUMBER)\n",
        "",
        (f"{_SMS_PLANS}::test_a_number_of_two_families_is_not_written_to_and_that_of_two_parents_is",),
    ),
    Defence(
        "SMS, where none are configured",
        "shared/notifications/campaigns/planning.py",
        "    offer.require(mode)\n",
        "",
        (f"{_SMS_PLANS}::test_nothing_is_offered_before_a_gateway_is_named",),
    ),
)
