"""The same for files, passwords and sessions."""

from tests.defences.table import Defence

LOGIN = "tests/portal/test_login.py"
PORTAL = "tests/portal/test_security.py"
OTHER_SIDE = "tests/portal/test_other_side.py"
TOKENS = "tests/accounts/credentials/test_tokens.py"
PASSWORDS = "shared/accounts/credentials/passwords.py"
VISITORS = "parent_portal/visitors.py"

OF_SECRETS = (
    Defence(
        "5.2.1 size of forms",
        "shared/web/headers.py",
        '            "MAX_CONTENT_LENGTH": self.largest_request,\n',
        "",
        (
            f"{PORTAL}::test_too_long_a_form_is_refused",
            "tests/admin/test_security.py::test_too_much_at_once_is_refused_kindly",
        ),
    ),
    Defence(
        "5.2.1 size of files",
        "shared/siecle/uploads/files.py",
        "            if size > room:\n",
        "            if False:\n",
        ("tests/siecle/uploads/test_uploads.py::test_a_file_that_is_too_big_is_refused_and_leaves_nothing",),
    ),
    Defence(
        "5.2.1 number of files",
        "shared/siecle/uploads/files.py",
        "    if len(chosen) > FILES_IN_UPLOAD:\n",
        "    if False:\n",
        ("tests/siecle/uploads/test_uploads.py::test_no_file_or_too_many_are_refused",),
    ),
    Defence(
        "5.2.3 what a zip grows to",
        "shared/siecle/files/opening.py",
        "                if expanded > EXPANDED_BYTES:\n",
        "                if False:\n",
        ("tests/siecle/reading/test_bad_input.py::test_a_zip_that_lies_about_its_size_is_refused",),
    ),
    Defence(
        "5.3.2 names of files",
        "shared/siecle/uploads/files.py",
        '    kept = _UNSAFE.sub("_", last)',
        "    kept = name",
        ("tests/siecle/uploads/test_uploads.py::test_names_of_files_cannot_leave_their_folder",),
    ),
    Defence(
        "private uploads",
        "shared/siecle/uploads/files.py",
        "os.O_EXCL, 0o600)",
        "os.O_EXCL, 0o644)",
        ("tests/test_private_files.py::test_uploads_are_private_in_a_folder_that_is_open",),
    ),
    Defence(
        "private databases",
        "shared/private_files.py",
        "os.O_WRONLY | os.O_CREAT, 0o600)",
        "os.O_WRONLY | os.O_CREAT, 0o644)",
        ("tests/test_private_files.py::test_a_database_and_a_queue_are_private_whoever_makes_them",),
    ),
    Defence(
        "6.2.1 twelve characters",
        PASSWORDS,
        "    if len(password) < MINIMUM_CHARACTERS:\n",
        "    if False:\n",
        (
            "tests/accounts/login/test_first_login.py::test_a_weak_password_is_refused_for_what_it_is",
            "tests/portal/test_first_login.py::test_what_is_wrong_is_said_and_changes_nothing",
        ),
    ),
    Defence(
        "6.2.3 the present password",
        "parent_portal/views/password_change.py",
        "    if not form.validate_on_submit() or not _current_is_right(form):\n",
        "    if not form.validate_on_submit():\n",
        ("tests/portal/test_own_account.py::test_a_password_refused_stays_what_it_was",),
    ),
    Defence(
        "6.2.6 hidden while it is typed",
        "parent_portal/ui/forms.py",
        "HiddenField, PasswordField, RadioField, StringField, TextAreaField\n",
        "HiddenField, RadioField, StringField, TextAreaField\nfrom wtforms import StringField as PasswordField\n",
        (f"{OTHER_SIDE}::test_password_managers_know_every_field",),
    ),
    Defence(
        "6.2.8 every sign counts",
        PASSWORDS,
        "    return hash_of(_composed(password))\n",
        "    return hash_of(_composed(password)[:64])\n",
        (f"{TOKENS}::test_a_long_password_is_taken_and_every_sign_of_it_counts",),
    ),
    Defence(
        "6.2.9 long passwords",
        PASSWORDS,
        "MAXIMUM_CHARACTERS = 200\n",
        "MAXIMUM_CHARACTERS = 32\n",
        (f"{TOKENS}::test_a_long_password_is_taken_and_every_sign_of_it_counts",),
    ),
    Defence(
        "6.3.1 attempts counted",
        "shared/limits/policy.py",
        '    "pair", 5, timedelta(seconds=30)',
        '    "pair", 5000, timedelta(seconds=30)',
        (
            "tests/portal/test_throttling.py::test_after_some_wrong_passwords_the_right_one_must_wait_too",
            "tests/test_security_page.py::test_the_limits_in_figures_are_those_of_the_code",
        ),
    ),
    Defence(
        "6.3.4 doors that say nothing",
        "parent_portal/access.py",
        "            abort(404)\n        if stage() in DOORS[request.endpoint]:\n",
        "            return None\n        if stage() in DOORS[request.endpoint]:\n",
        ("tests/portal/test_access.py::test_a_page_that_says_nothing_opens_for_nobody",),
    ),
    Defence(
        "6.4.1 the initial password destroyed",
        "shared/accounts/login/first_login.py",
        "    account.initial_password = None\n",
        "",
        ("tests/accounts/login/test_first_login.py::test_the_initial_password_is_destroyed_and_the_chosen_one_hashed",),
    ),
    Defence(
        "6.5.1 a code used once",
        "shared/staff/second_factor.py",
        "update(Staff).where(Staff.id == staff.id, newer)",
        "update(Staff).where(Staff.id == staff.id)",
        ("tests/admin/test_second_factor.py::test_a_code_is_good_once",),
    ),
    Defence(
        "6.5.2 recovery codes hashed",
        "shared/staff/second_factor.py",
        '    return hashlib.sha256(f"{staff.id}\\x1f{as_typed(code)}".encode()).hexdigest()\n',
        "    return as_typed(code)\n",
        (f"{TOKENS}::test_recovery_codes_have_116_bits_and_the_base_only_their_prints",),
    ),
    Defence(
        "7.2.1 tokens hashed",
        "shared/proofs/secrets.py",
        "    return hashlib.sha256(secret.encode()).hexdigest()\n",
        "    return secret\n",
        (f"{TOKENS}::test_a_token_that_the_base_holds_opens_nothing",),
    ),
    Defence(
        "7.2.3 tokens of 256 bits",
        "shared/proofs/secrets.py",
        "    return secrets.token_urlsafe(32)\n",
        "    return secrets.token_urlsafe(8)\n",
        (f"{TOKENS}::test_a_session_has_a_token_of_256_bits_of_its_own_and_the_base_only_its_print",),
    ),
    Defence(
        "7.2.4 a new cookie at login",
        VISITORS,
        "    flask.session.clear()\n    came_in()\n",
        "    came_in()\n",
        (f"{LOGIN}::test_a_cookie_prepared_by_somebody_else_is_not_the_one_logged_in",),
    ),
    Defence(
        "7.3.1 browsers left alone",
        "shared/limits/browsers.py",
        "return not isinstance(seen, int) or now.timestamp() - seen > self.idle.total_seconds()",
        "return not isinstance(seen, int)",
        (
            f"{LOGIN}::test_a_browser_left_alone_is_logged_out_and_its_cookie_stays_shut",
            "tests/admin/test_login.py::test_a_browser_left_alone_is_logged_out",
        ),
    ),
    Defence(
        "7.3.2 sessions that end",
        "shared/limits/browsers.py",
        'bindparam("token_hash"), self.table.expires_at > bindparam("now"))',
        'bindparam("token_hash"), self.table.token_hash.is_not(None))',
        (f"{LOGIN}::test_a_session_ends_by_itself_and_says_so",),
    ),
    Defence(
        "7.4.1 closed for good",
        "shared/limits/browsers.py",
        "        session.execute(delete(self.table).where(self.table.token_hash == hashed(token)))\n",
        "        pass\n",
        (
            f"{LOGIN}::test_a_cookie_replayed_after_logout_opens_nothing",
            "tests/admin/test_login.py::test_a_cookie_kept_after_logging_out_opens_nothing",
        ),
    ),
    Defence(
        "7.4.2 logins that were closed",
        "shared/staff/sessions.py",
        "OF_STAFF.holds(token, now), Staff.disabled_at.is_(None))",
        "OF_STAFF.holds(token, now))",
        ("tests/admin/test_login.py::test_a_closed_login_is_logged_out_and_cannot_come_back",),
    ),
    Defence(
        "7.4.3 other browsers closed",
        "shared/limits/browsers.py",
        "        session.execute(others if but is None else others.where(self.table.token_hash != hashed(but)))\n",
        "        _ = others\n",
        ("tests/portal/test_own_account.py::test_changing_the_password_ends_the_other_browsers_and_tells_the_holder",),
    ),
    Defence(
        "7.5.1 the password asked again",
        "admin_app/views/session/second_factor.py",
        "        if not is_own_password(PasswordAgainForm().password.data):\n",
        "        if False:\n",
        ("tests/admin/test_second_factor.py::test_setting_one_asks_for_the_password_again",),
    ),
)
