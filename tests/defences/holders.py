"""The same for sessions, passkeys, mailed links, and what belongs to somebody else."""

from tests.defences.table import Defence

PASSKEYS = "shared/accounts/login/passkeys.py"
BY_PASSKEY = "shared/accounts/login/passkey_login.py"
QUESTIONS = "shared/accounts/login/passkey_challenges.py"
OF_PORTAL = "tests/portal/test_passkeys.py"
OF_RULE = "tests/accounts/login/test_passkeys.py"
REMOVED = "tests/accounts/login/test_passkeys_removed.py"
OTHER_SIDE = "tests/portal/test_other_side.py"
OWN = "tests/portal/test_own_account.py"

OF_HOLDERS = (
    Defence(
        "passkeys, a question answered once",
        QUESTIONS,
        "    asked = delete(PasskeyChallenge).where(\n",
        "    same = {'challenge': PasskeyChallenge.challenge}\n"
        "    asked = __import__('sqlalchemy').update(PasskeyChallenge).values(same).where(\n",
        (f"{OF_RULE}::test_a_question_is_taken_once",),
    ),
    Defence(
        "passkeys, another site",
        BY_PASSKEY,
        "            expected_origin=site.origin,\n",
        "            expected_origin=[site.origin, 'https://portail.example.org.voleur.example'],\n",
        (f"{OF_RULE}::test_an_answer_wrong_in_one_thing_opens_nothing_and_is_noted",),
    ),
    Defence(
        "11.6.1 passkeys, somebody present",
        BY_PASSKEY,
        "            require_user_verification=True,\n",
        "            require_user_verification=False,\n",
        (f"{OF_RULE}::test_an_answer_wrong_in_one_thing_opens_nothing_and_is_noted",),
    ),
    Defence(
        "passkeys, copies",
        BY_PASSKEY,
        "            credential_current_sign_count=passkey.sign_count,\n",
        "            credential_current_sign_count=0,\n",
        (f"{OF_RULE}::test_a_count_that_goes_back_is_a_copy",),
    ),
    Defence(
        "passkeys, the password asked again",
        "parent_portal/views/passkeys.py",
        "    if not is_own_password(form.current.data):\n",
        "    if False:\n",
        (f"{OF_PORTAL}::test_nothing_is_asked_of_the_telephone_without_the_password_and_a_name",),
    ),
    Defence(
        "passkeys, the holder is told",
        "shared/accounts/login/passkey_adding.py",
        "    tell_holder(caller.session, AccountMailKind.PASSKEY_ADDED, account, caller.now)\n",
        "",
        (f"{OF_RULE}::test_a_passkey_added_opens_its_account_and_the_holder_is_told",),
    ),
    Defence(
        "passkeys, those of somebody else",
        PASSKEYS,
        "    own = select(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account.id)\n",
        "    own = select(Passkey).where(Passkey.id == passkey_id)\n",
        (f"{OF_PORTAL}::test_a_passkey_of_somebody_else_is_not_found",),
    ),
    Defence(
        "row 4, passkeys that stay",
        PASSKEYS,
        "session.scalars(delete(Passkey).where(Passkey.account_id == account.id).returning(Passkey.id)).all()",
        "[]",
        (f"{REMOVED}::test_what_shuts_a_stranger_out_removes_the_passkeys",),
    ),
    Defence(
        "passkeys, while a provisional password waits",
        BY_PASSKEY,
        "    if account.initial_password is not None or credential.response.user_handle != account.passkey_handle:\n",
        "    if credential.response.user_handle != account.passkey_handle:\n",
        (f"{REMOVED}::test_nothing_opens_while_an_initial_password_waits",),
    ),
    Defence(
        "passkeys, answers without end",
        BY_PASSKEY,
        "    attempt = count_network_attempt(caller, DIRECTORY)\n",
        "    attempt = count_network_attempt(caller, DIRECTORY)\n    take_back(caller.session, attempt)\n",
        (f"{REMOVED}::test_an_address_that_is_refused_too_often_waits_and_right_answers_are_not_held_against_it",),
    ),
    Defence(
        "passkeys, the host of a request",
        QUESTIONS,
        "    parts = urlsplit(public_portal_url)\n",
        "    import flask\n"
        "    parts = urlsplit(flask.request.host_url if flask.has_request_context() else public_portal_url)\n",
        (f"{OF_PORTAL}::test_the_host_of_a_request_never_says_what_passkeys_are_made_for",),
    ),
    Defence(
        "sessions, after a merge",
        "shared/accounts/holder/merging.py",
        "    shut_out(act.session, kept, act.now)\n",
        "",
        (
            f"{OTHER_SIDE}"
            "::test_a_merge_ends_the_sessions_of_the_account_absorbed_and_its_undoing_those_of_the_one_kept",
        ),
    ),
    Defence(
        "7.4.5 sessions, after a new password given by staff",
        "shared/accounts/login/shutting_out.py",
        "    close_sessions(session, account.id, but=but)\n",
        "",
        (
            f"{OTHER_SIDE}::test_a_new_password_given_by_staff_ends_every_session",
            "tests/portal/test_login.py::test_logging_out_everywhere_ends_every_browser",
            "tests/portal/test_first_login.py::test_another_browser_that_the_initial_password_opened_is_logged_out",
        ),
    ),
    Defence(
        "6.4.1 what the letter holds opens once",
        "shared/accounts/login/first_login.py",
        "    account.password_hash = new.hash\n    account.initial_password = None\n",
        "    account.password_hash = new.hash\n",
        ("tests/portal/test_first_login.py::test_the_initial_password_opens_nothing_any_more",),
    ),
    Defence(
        "row 6, a secret that no code confirmed",
        "shared/staff/sessions.py",
        "    if staff.factor_set_at is None:\n        staff.factor_secret = None\n",
        "",
        ("tests/admin/test_second_factor.py::test_a_secret_drawn_by_an_intruder_is_forgotten_with_a_new_password",),
    ),
    Defence(
        "row 4, the old address is told at once",
        "shared/accounts/holder/email_change.py",
        "    if account.email and account.email_verified_at and account.email != email:\n",
        "    if False:\n",
        ("tests/accounts/holder/test_email_change.py::test_nothing_changes_before_the_new_address_confirms",),
    ),
    Defence(
        "7.5.1 a new address asks for the password",
        "parent_portal/views/email_change.py",
        "is_own_password(",
        "bool(",
        (f"{OWN}::test_a_new_email_needs_the_password_and_the_address_twice",),
    ),
    Defence(
        "links of another account",
        "shared/accounts/login/mailed_links.py",
        "    locked = select(Account).where(Account.id == link.account_id).with_for_update()\n",
        "    locked = select(Account).order_by(Account.id.desc()).limit(1).with_for_update()\n",
        (f"{OTHER_SIDE}::test_a_link_changes_the_account_it_was_sent_to_and_no_other",),
    ),
    Defence(
        "links to another host",
        "shared/accounts/login/mailed_links.py",
        '    return f"{settings.public_portal_url}/{PATHS[link.purpose]}/',
        "    import flask\n"
        "    base = flask.request.host_url if flask.has_request_context() else 'http://' + 'ailleurs.example.org/'\n"
        '    return f"{base}{PATHS[link.purpose]}/',
        (f"{OTHER_SIDE}::test_a_mailed_link_leads_to_our_address_whatever_host_was_asked_for",),
    ),
    Defence(
        "11.4.3 links of 160 bits",
        "shared/proofs/signatures.py",
        "hashlib.sha256).hexdigest()[:_LENGTH]\n",
        "hashlib.sha256).hexdigest()[:20]\n",
        ("tests/accounts/credentials/test_tokens.py::test_a_link_is_signed_with_160_bits",),
    ),
    Defence(
        "forms of another school",
        "admin_app/access.py",
        "        if in_school and request.form.get(SCHOOL_FIELD) != str(chosen_access().establishment.id):\n",
        "        if False:\n",
        ("tests/admin/test_access.py::test_a_form_of_another_school_does_nothing",),
    ),
    Defence(
        "8.3.1 pages that say nothing",
        "admin_app/access.py",
        "        if need is None:\n            abort(404)\n",
        "        if need is None:\n            return None\n",
        ("tests/admin/test_access.py::test_an_endpoint_that_says_nothing_opens_for_nobody",),
    ),
    Defence(
        "8.2.1 roles that ended",
        "shared/staff/access.py",
        "and_(or_(StaffRole.ends_on.is_(None), StaffRole.ends_on >= today), StaffRole.invitation_hash.is_(None))",
        "StaffRole.invitation_hash.is_(None)",
        ("tests/admin/test_access.py::test_a_delegation_that_ended_opens_nothing",),
    ),
    Defence(
        "formulas in files",
        "shared/spreadsheets.py",
        "        writer.writerow([harmless(text) for text in row])\n",
        "        writer.writerow(row)\n",
        (
            "tests/test_spreadsheets.py::test_no_text_is_a_formula",
            "tests/duplicates/pairs/test_daily_file.py::test_a_name_that_looks_like_a_formula_is_not_computed",
        ),
    ),
    Defence(
        "logos, what is no picture",
        "shared/notifications/letters/logo.py",
        'formats=("PNG", "JPEG")) as picture:\n',
        "formats=None) as picture:\n",
        ("tests/notifications/letters/test_logo.py::test_what_is_no_whole_png_or_jpeg_is_refused",),
    ),
    Defence(
        "logos, pictures that fill the memory",
        "shared/notifications/letters/logo.py",
        "            if max(picture.size) > LONGEST_SIDE or picture.width * picture.height > MOST_PIXELS:\n",
        "            if False:\n",
        (
            "tests/notifications/letters/test_logo.py"
            "::test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_opened",
        ),
    ),
    Defence(
        "logos, what hides behind",
        "shared/notifications/letters/logo.py",
        "    return written.getvalue()\n",
        "    return content\n",
        ("tests/notifications/letters/test_logo.py::test_nothing_but_pixels_is_kept",),
    ),
    Defence(
        "row 7, slow clients hold no thread",
        "shared/web/gunicorn/both.py",
        'worker_class = "shared.web.serving.HurriedWorker"\n',
        'worker_class = "gthread"\n',
        ("tests/web/test_slow_clients.py::test_both_applications_answer_while_others_are_slow_in_every_way",),
    ),
    Defence(
        "4.2.1 a request whose end is not known",
        "shared/web/serving.py",
        "        if conn.incoming.is_chunked:\n",
        "        if False:\n",
        ("tests/web/test_serving.py::test_a_request_whose_end_is_not_known_is_the_last_of_its_connection",),
    ),
)
