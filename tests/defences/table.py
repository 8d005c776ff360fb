"""Each defence, how it is taken away, and the tests that must fail then: what no test holds is no defence.

`of` says what it answers: a row of the attacks that were made (`row 4`), or a threat of `docs/security.md`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Defence:
    """A text of the code that stands once in its file, and what is written there to do without it."""

    of: str
    path: str
    text: str
    instead: str
    tests: tuple[str, ...]


DEFENCES = (
    Defence(
        "row 1",
        "shared/siecle/files/prolog.py",
        '_BLANKS = re.compile(rb"\\s*+")',
        '_BLANKS = re.compile(rb"(?:\\s+)+x|\\s*")',
        ("tests/test_patterns.py",),
    ),
    Defence(
        "row 2",
        "shared/siecle/files/streaming.py",
        '        if held > RECORD_BYTES:\n            raise enormous(source.label, "un enregistrement démesuré")\n',
        "",
        ("tests/siecle/reading/test_bad_input.py::test_an_enormous_record_is_refused",),
    ),
    Defence(
        "row 3",
        "shared/worker/queue.py",
        'kept = {"results": False, "serializer": PlainNames()}',
        'kept = {"results": False}',
        ("tests/worker/test_queue.py::test_what_somebody_else_wrote_runs_nothing_and_what_follows_is_found",),
    ),
    Defence(
        "row 4",
        "shared/accounts/login/shutting_out.py",
        "    withdraw_links(session, account, None, now)\n",
        "",
        ("tests/accounts/login/test_shutting_out.py::test_a_change_of_email_asked_by_an_intruder_dies_with_it",),
    ),
    Defence(
        "row 4, passkeys",
        "shared/accounts/login/shutting_out.py",
        "    withdraw_challenges(session, account.id)\n",
        "",
        ("tests/accounts/login/test_shutting_out.py::test_a_passkey_that_an_intruder_was_adding_is_not_added",),
    ),
    Defence(
        "row 5",
        "shared/staff/handover.py",
        "    forget_factor(session, staff)\n    forget_identities(session, staff)\n"
        "    staff.email = None\n    hand_over(session, staff, drawn)\n",
        "    pass\n",
        ("tests/admin/test_academy.py::test_whoever_created_a_login_does_not_hold_it_once_it_is_named_head_elsewhere",),
    ),
    Defence(
        "row 5, delegations",
        "shared/staff/access.py",
        ", StaffRole.invitation_hash.is_(None))\n",
        ")\n",
        ("tests/admin/test_personnel.py::test_a_person_of_another_school_accepts_with_the_code_and_another_password",),
    ),
    Defence(
        "row 6",
        "shared/staff/sessions.py",
        "_holding(token, now).where(~StaffSession.awaits_code, proved)",
        "_holding(token, now).where(~StaffSession.awaits_code)",
        (
            "tests/admin/test_second_factor.py::test_a_browser_counts_for_what_it_proved_and_not_for_what_its_login_could",
        ),
    ),
    Defence(
        "row 7, connections of one network",
        "shared/web/serving.py",
        "        if self.limits_homes and len(neighbours) > self.most_waiting_of_home:\n",
        "        if False:\n",
        ("tests/web/test_serving.py::test_of_one_network_that_has_too_many_the_one_that_waits_longest_is_closed",),
    ),
    Defence(
        "row 7, connections of all networks",
        "shared/web/serving.py",
        "        if self.nr_conns >= self.worker_connections:\n",
        "        if False:\n",
        ("tests/web/test_serving.py::test_when_there_are_too_many_in_all_the_network_that_has_most_makes_room",),
    ),
    Defence(
        "row 8, a turn for each network",
        "shared/limits/throttling.py",
        "    if weather.takes_turns and pair not in counts:\n",
        "    if False:\n",
        ("tests/limits/test_throttling.py::test_one_guess_from_each_of_many_networks_gets_nothing_once_it_is_seen",),
    ),
    Defence(
        "row 8, where the family came in before",
        "shared/limits/throttling.py",
        "    if familiar:\n",
        "    if False:\n",
        (
            "tests/portal/test_throttling.py::test_a_stranger_cannot_keep_a_family_out_of_where_it_logged_in_before",
            "tests/portal/test_throttling.py::test_nor_out_of_another_browser_at_home",
        ),
    ),
    Defence(
        "row 8, addresses of IPv4 in the form of IPv6",
        "shared/limits/networks.py",
        "    address = _behind_translation(address)\n",
        "",
        ("tests/limits/test_networks.py::test_one_address_of_ipv4_is_one_home_however_it_is_written",),
    ),
    Defence(
        "row 9",
        "shared/accounts/holder/own_password.py",
        "Account.state.in_(USED), ~Account.must_change_password\n",
        "Account.state.in_(USED)\n",
        (
            "tests/accounts/login/test_shutting_out.py::test_while_a_password_given_by_staff_waits_the_mailbox_opens_nothing",
        ),
    ),
    Defence(
        "row 10",
        "shared/accounts/login/password_login.py",
        "        except SealBroken:\n",
        "        except ZeroDivisionError:\n",
        (
            "tests/portal/test_login.py"
            "::test_a_lost_key_makes_the_password_of_a_letter_a_wrong_one_and_shows_nothing_more",
        ),
    ),
    Defence(
        "row 11, previews",
        "admin_app/views/settings/letters.py",
        "    # Nobody waits for the renderer but who asked.\n    let_go()\n",
        "",
        ("tests/admin/test_slow_work.py::test_others_write_while_a_page_does_what_takes_time",),
    ),
    Defence(
        "row 11, a renderer that yields",
        "shared/notifications/letters/renderer.py",
        "    os.nice(BEHIND_OTHERS)\n",
        "",
        ("tests/notifications/letters/test_letters.py::test_the_renderer_lets_whoever_logs_in_go_first",),
    ),
    Defence(
        "row 11, downloads",
        "admin_app/views/notifying/campaigns.py",
        "        # Nobody waits while the letters are bound.\n        let_go()\n",
        "",
        ("tests/admin/test_slow_work.py::test_others_write_while_letters_are_bound",),
    ),
    Defence(
        "row 11, limits",
        "admin_app/views/settings/letters.py",
        "    use_own(PREVIEWS)\n",
        "",
        ("tests/admin/test_slow_work.py::test_previews_are_limited_for_each_person_and_in_words",),
    ),
    Defence(
        "row 11, passwords of families",
        "parent_portal/views/password_change.py",
        "    # Nobody waits for what takes time.\n    let_go()\n",
        "",
        ("tests/portal/test_slow_work.py::test_others_write_while_a_password_is_hashed",),
    ),
    Defence(
        "row 11, duplicates of the night",
        "shared/duplicates/pairs/whole_school.py",
        "        comparison = compare_fiches(establishment_id, rows)\n"
        "        try:\n            with database.writing() as session:\n",
        "        try:\n            with database.writing() as session:\n"
        "                session.execute(select(Establishment.id))\n"
        "                comparison = compare_fiches(establishment_id, rows)\n",
        ("tests/worker/test_daily.py::test_others_write_while_fiches_are_compared",),
    ),
    Defence(
        "row 11, fiches that changed meanwhile",
        "shared/duplicates/pairs/refresh.py",
        "        raise FichesChangedMeanwhile\n",
        "        pass\n",
        ("tests/worker/test_daily.py::test_what_was_found_among_fiches_that_changed_meanwhile_is_looked_for_again",),
    ),
    Defence(
        "row 11, erasures of the night",
        "shared/accounts/directory/expiry.py",
        "due.limit(limit).with_for_update()",
        "due.with_for_update()",
        ("tests/worker/test_daily.py::test_accounts_that_expire_are_erased_some_at_a_time",),
    ),
    Defence(
        "row 12",
        "shared/cli/__init__.py",
        "    os.umask(OURS_ONLY)\n",
        "",
        ("tests/test_private_files.py::test_commands_write_for_their_owner_alone",),
    ),
    Defence(
        "row 13",
        "shared/siecle/uploads/files.py",
        '.encode()[-NAME_BYTES:].decode(errors="ignore")',
        "",
        ("tests/siecle/uploads/test_uploads.py::test_names_of_files_cannot_leave_their_folder",),
    ),
    Defence(
        "row 14",
        "shared/notifications/letters/worker.py",
        "        lot.hold.hold_for(LONGEST_JOB)\n",
        "",
        (
            "tests/notifications/letters/test_worker.py"
            "::test_letters_that_hang_longer_than_a_lease_are_neither_doubled_nor_taken_over",
        ),
    ),
    Defence(
        "row 15",
        "shared/notifications/mail/causes.py",
        "    if not is_certain and (of_sender or _NOT_THE_RECIPIENT.search(said)):\n",
        "    if False:\n",
        (
            "tests/notifications/bounces/test_bounces.py::test_what_speaks_of_the_server_or_of_the_day_leaves_the_address_alone",
        ),
    ),
    Defence(
        "row 15, domains without mail",
        "shared/notifications/mail/causes.py",
        'not (_any(statuses, "5.1.10") or _NULL_MX.search(said))',
        "True",
        (
            "tests/notifications/bounces/test_bounces.py"
            "::test_what_says_that_the_recipient_is_unknown_marks_the_address",
        ),
    ),
    Defence(
        "row 16",
        "shared/accounts/credentials/strength/guessing.py",
        "\n_tell_zxcvbn()\n",
        "\n",
        ("tests/accounts/credentials/strength/test_passwords.py::test_what_families_choose_first_is_refused",),
    ),
    Defence(
        "row 16, rare words",
        "shared/accounts/credentials/strength/guessing.py",
        "    if is_one_word(password):\n",
        "    if False:\n",
        ("tests/accounts/credentials/strength/test_passwords.py::test_one_word_is_refused_however_rare_and_long",),
    ),
    Defence(
        "row 16, sentences",
        "shared/accounts/credentials/strength/guessing.py",
        "[*_sentence_matches(text, {}), *_walk_matches(text)]",
        "[*_walk_matches(text)]",
        ("tests/accounts/credentials/strength/test_passwords.py::test_the_refusal_says_why",),
    ),
    Defence(
        "row 16, leaks",
        "shared/accounts/credentials/strength/guessing.py",
        "is_leaked(password) or is_fingerprint(password, _FINGERPRINTED)",
        "is_fingerprint(password, _FINGERPRINTED)",
        ("tests/accounts/credentials/strength/test_passwords.py::test_what_leaked_is_refused_whatever_it_means",),
    ),
    Defence(
        "row 16, fingerprints",
        "shared/accounts/credentials/strength/guessing.py",
        "is_leaked(password) or is_fingerprint(password, _FINGERPRINTED)",
        "is_leaked(password)",
        (
            "tests/accounts/credentials/strength/test_passwords.py"
            "::test_the_fingerprint_of_a_common_word_is_no_better_than_the_word",
        ),
    ),
    Defence(
        "row 17, the renderer",
        "shared/notifications/letters/renderer.py",
        "    say_nothing()\n",
        "",
        (
            "tests/notifications/test_discretion.py::test_what_the_renderer_says_is_heard_by_nobody",
            "tests/notifications/test_discretion.py::test_the_worker_writes_no_word_of_a_family",
        ),
    ),
    Defence(
        "row 17, what fails",
        "shared/logs/discretion.py",
        '    return f"{before}{what(error)}\\n{lines}"\n',
        '    return f"{error!r}\\n{lines}"\n',
        ("tests/notifications/test_discretion.py::test_where_tells_no_message",),
    ),
    Defence(
        "a second factor required of heads",
        "admin_app/access.py",
        "return known.must_have_factor_here and is_factor_required_here()",
        "return known.must_have_factor_here and is_of_academy()",
        ("tests/admin/test_security_policy.py::test_a_head_opens_nothing_else_before_it_is_set_and_everything_after",),
    ),
    Defence(
        "a mail of new devices of staff",
        "shared/staff/logins.py",
        "    tell_staff_of_new_device(caller.session, staff, place, caller.now)\n",
        "",
        ("tests/admin/test_own_account.py::test_a_browser_never_seen_is_told_and_the_first_one_is_not",),
    ),
    Defence(
        "an address of staff that dies with a stolen session",
        "shared/staff/sessions.py",
        "    forget_asked_email(session, staff)\n",
        "",
        (
            "tests/admin/test_own_account.py"
            "::test_an_address_asked_by_an_intruder_never_counts_once_the_password_was_changed",
        ),
    ),
    Defence(
        "an address of staff that goes with its holder",
        "shared/staff/handover.py",
        "    staff.email = None\n",
        "",
        ("tests/admin/test_own_account.py::test_whoever_held_a_login_is_not_written_to_once_it_is_given_to_somebody",),
    ),
    Defence(
        "links of staff signed",
        "shared/staff/own_email.py",
        "if asked is None or not is_signature(proof_in(token), _signature(settings, asked)):",
        "if asked is None:",
        ("tests/admin/test_own_account.py::test_a_link_of_somebody_else_replaced_or_too_old_confirms_nothing",),
    ),
    Defence(
        "a mail of new devices",
        "shared/accounts/login/password_login.py",
        "    if is_new_device:\n        tell_of_new_device(caller.session, account, caller.now)\n",
        "",
        ("tests/portal/test_new_devices.py::test_a_browser_never_seen_is_told_to_the_verified_address",),
    ),
    Defence(
        "… and none at the first login",
        "shared/accounts/login/new_devices.py",
        "        OF_ACCOUNTS.any_known(),\n",
        "",
        ("tests/portal/test_new_devices.py::test_the_first_login_is_told_to_nobody",),
    ),
    Defence(
        "a password replaced while another one was hashed",
        "shared/accounts/holder/own_password.py",
        "    account = lock(caller.session, account)\n    new.require_present(opening_of(account))\n",
        "    account = lock(caller.session, account)\n",
        ("tests/portal/test_slow_work.py::test_a_password_given_by_staff_meanwhile_is_not_replaced",),
    ),
)
