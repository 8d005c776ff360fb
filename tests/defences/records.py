"""The same for secrets, records, logs and files."""

from tests.defences.table import Defence

ADMIN = "tests/admin/test_security.py"

OF_RECORDS = (
    Defence(
        "11.1.1 keys that are changed",
        "shared/accounts/credentials/sealing.py",
        "for key in keys])\n",
        "for key in keys[:1]])\n",
        ("tests/accounts/directory/test_generation.py::test_a_new_key_seals_and_the_old_one_still_opens",),
    ),
    Defence(
        "11.2.2 secrets sealed anew",
        "shared/staff/second_factor.py",
        '    values = {"factor_last_step": step, "factor_secret": sealer.seal(secret)}\n',
        '    values = {"factor_last_step": step}\n',
        ("tests/admin/test_second_factor.py::test_a_secret_is_sealed_with_the_newest_key_when_it_is_used",),
    ),
    Defence(
        "provisional passwords sealed",
        "shared/accounts/directory/generation.py",
        "self.sealer.seal(draw_initial_password())",
        "draw_initial_password().encode()",
        (
            "tests/accounts/directory/test_generation.py"
            "::test_a_new_account_waits_for_its_notification_with_a_password_only_the_key_opens",
        ),
    ),
    Defence(
        "secrets of telephones sealed",
        "shared/staff/second_factor.py",
        "    staff.factor_secret = sealer.seal(pyotp.random_base32())\n",
        "    staff.factor_secret = pyotp.random_base32().encode()\n",
        ("tests/admin/test_second_factor.py::test_the_secret_is_sealed_and_shown_only_until_it_is_confirmed",),
    ),
    Defence(
        "13.2.3 both secrets",
        "shared/config.py",
        "        if missing:\n",
        "        if False:\n",
        ("tests/test_config.py::test_real_accounts_are_not_served_without_both_secrets",),
    ),
    Defence(
        "secrets in settings that are printed",
        "shared/settings/mail.py",
        "    smtp_password: OptionalText = Field(default=None, repr=False, validate_default=True)\n",
        "    smtp_password: OptionalText = Field(default=None, validate_default=True)\n",
        ("tests/test_config.py::test_secrets_do_not_show_when_settings_are_printed",),
    ),
    Defence(
        "16.3.2 refusals are told",
        "shared/web/security.py",
        'log_refusal(response.status_code, request.method, request.endpoint, network_address(), g.get("refusal"))',
        "pass",
        (f"{ADMIN}::test_what_is_refused_is_told_to_whoever_watches_without_what_was_typed",),
    ),
    Defence(
        "16.5.2 a queue that is away",
        "shared/worker/bells.py",
        "    except (sqlite3.Error, OSError) as error:\n",
        "    except ZeroDivisionError as error:\n",
        ("tests/worker/test_jobs.py::test_a_queue_that_cannot_be_written_fails_no_request",),
    ),
    Defence(
        "16.3.4 a queue that is away is told",
        "shared/worker/sweeps.py",
        "        except (RedisError, sqlite3.Error, HueyException, OSError) as error:\n",
        "        except ZeroDivisionError as error:\n",
        ("tests/worker/test_jobs.py::test_a_queue_that_is_away_fails_no_request",),
    ),
    Defence(
        "5.4.1 files that are taken away",
        "parent_portal/views/account.py",
        """'attachment; filename="mes-donnees.json"'""",
        """'inline; filename="mes-donnees.json"'""",
        ("tests/portal/test_own_account.py::test_own_data_is_read_and_taken_away",),
    ),
    Defence(
        "letters without end",
        "shared/notifications/letters/renderer.py",
        "        return self._work(render, html, SECONDS)\n",
        "        return self._work(render, html, 100 * SECONDS)\n",
        (
            "tests/notifications/letters/test_letters.py"
            "::test_a_rendering_that_takes_too_long_is_stopped_and_the_next_one_goes_on",
        ),
    ),
    Defence(
        "files that kill the worker",
        "shared/siecle/uploads/work.py",
        "        upload.attempts += 1\n",
        "        upload.attempts = 1\n",
        ("tests/siecle/uploads/test_uploads.py::test_files_that_kill_the_worker_each_time_are_refused_in_the_end",),
    ),
    Defence(
        "addresses said to the relay",
        "docs/nginx.conf",
        "ce que le visiteur en dit ne compte pas.\n        proxy_set_header X-Forwarded-For $remote_addr;\n",
        "ce que le visiteur en dit ne compte pas.\n"
        "        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n",
        ("tests/test_relay.py::test_what_a_visitor_says_of_the_own_address_does_not_count",),
    ),
    Defence(
        "row 13, the confirmation of an import",
        "shared/siecle/uploads/requests.py",
        '        "accepted_losses": (upload.report or {}).get("losses_mark"),\n',
        '        "accepted_losses": accept_losses,\n',
        ("tests/siecle/uploads/test_uploads.py::test_what_is_typed_for_the_losses_that_are_accepted_is_not_kept",),
    ),
    Defence(
        "2.3.3 events that stand alone",
        "shared/journal.py",
        "    session.add(\n        JournalEvent(\n",
        "    (lambda event: (session.add(event), session.commit()))(\n        JournalEvent(\n",
        ("tests/test_journal.py::test_an_event_stands_or_falls_with_what_it_tells_of",),
    ),
    Defence(
        "5.4.2 names of files",
        "admin_app/ui/downloads.py",
        "as_attachment=True, download_name=file_name)",
        'as_attachment=True, download_name=f"é {title} {file_name}")',
        ("tests/admin/test_exports.py::test_the_name_of_a_file_is_made_of_our_own_signs",),
    ),
    Defence(
        "7.4.4 a button to log out",
        "templates/portal/nav.html",
        """action="{{ url_for('login.log_out') }}\"""",
        """action="{{ url_for('home.show') }}\"""",
        ("tests/portal/test_other_side.py::test_every_page_of_an_account_has_a_button_to_log_out",),
    ),
    Defence(
        "8.1.1 endpoints that say what opens them",
        "admin_app/access.py",
        '    app.extensions["needs"] = needs\n',
        '    app.extensions["needs"] = {view: need for view, need in needs.items() if view != "journal"}\n',
        ("tests/admin/test_access.py::test_every_endpoint_says_what_opens_it",),
    ),
    Defence(
        "14.1.1 all that is held is told",
        "shared/accounts/holder/own_data.py",
        ', "code profession": "profession_code"}',
        "}",
        ("tests/accounts/holder/test_own_data.py::test_every_column_about_the_person_is_told",),
    ),
    Defence(
        "14.1.2 nothing that opens anything is told",
        "shared/accounts/holder/own_data.py",
        '    "langue": "language",\n',
        '    "langue": "language",\n    "empreinte": "password_hash",\n',
        ("tests/accounts/holder/test_own_data.py::test_nothing_that_opens_anything_and_no_name_of_staff_is_told",),
    ),
    Defence(
        "16.2.4 one object a line",
        "shared/logs/configuration.py",
        '        if wanted == "json"\n',
        "        if False\n",
        ("tests/logs/test_configuration.py::test_json_is_one_object_a_line_with_its_trace",),
    ),
    Defence(
        "2.2.3 « ENT seul » without an ENT",
        "shared/establishments/ent.py",
        "    elif letter_type is LetterType.ENT_ONLY:\n",
        "    elif False:\n",
        ("tests/admin/test_settings.py::test_ent_alone_without_an_ent_is_refused",),
    ),
    Defence(
        "3.7.2 pages of ours only",
        "parent_portal/access.py",
        "    return redirect(url_for(OWN_PAGE[now_at]), 303)\n",
        '    return redirect("https://ailleurs.example.org/", 303)\n',
        ("tests/portal/test_other_side.py::test_no_page_sends_elsewhere",),
    ),
    Defence(
        "passwords that come back",
        "parent_portal/ui/forms.py",
        "HiddenField, PasswordField, RadioField, StringField, TextAreaField\n",
        "HiddenField, RadioField, StringField, TextAreaField\nfrom wtforms import StringField as PasswordField\n",
        ("tests/portal/test_login.py::test_the_password_typed_never_comes_back",),
    ),
    Defence(
        "10.4.9 what was agreed to taken back",
        "shared/provider/consents.py",
        "    consent.withdrawn_at = now\n",
        "",
        ("tests/provider/test_sessions.py::test_what_is_given_is_shown_and_taken_back",),
    ),
    Defence(
        "10.4.10 secrets of clients",
        "shared/proofs/secrets.py",
        '    return secrets.compare_digest(hashed(secret), kept or "")\n',
        "    return True\n",
        ("tests/provider/test_bad_requests.py::test_a_token_request_that_is_wrong_says_so_and_leaves_the_code",),
    ),
    Defence(
        "10.7.2 what is agreed to is shown",
        "templates/portal/consent.html",
        "{% for words in data %}<li>{{ words }}</li>{% endfor %}",
        "",
        ("tests/provider/test_code_flow.py::test_a_family_logs_in_reads_what_is_asked_agrees_and_is_known",),
    ),
)
