"""The same for pages, forms, mails, files, logs, and what belongs to somebody else."""

from tests.defences.table import Defence

PORTAL = "tests/portal/test_security.py"
ADMIN = "tests/admin/test_security.py"
OTHER_SIDE = "tests/portal/test_other_side.py"
LOGIN = "tests/portal/test_login.py"
PERSONNEL = "tests/admin/test_personnel.py"
LAYOUT = "templates/portal/layout.html"
VIEW = "parent_portal/views/login.py"
VISITORS = "parent_portal/visitors.py"

OF_PAGES = (
    Defence(
        "1.2.3 scripts written in a page",
        LAYOUT,
        "</head>",
        "<script>var x = 1</script></head>",
        (f"{PORTAL}::test_no_page_holds_a_style_or_a_script_that_the_policy_would_stop",),
    ),
    Defence(
        "1.1.2 escaped in the back office",
        "admin_app/templating.py",
        "    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True\n",
        "    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True\n    app.jinja_env.autoescape = False\n",
        (f"{ADMIN}::test_a_name_from_a_siecle_file_is_text_on_every_page",),
    ),
    Defence(
        "1.1.2 escaped, what a parent writes",
        "parent_portal/__init__.py",
        "    prepare_templates(app)\n",
        "    prepare_templates(app)\n    app.jinja_env.autoescape = False\n",
        ("tests/portal/test_wrong_child.py::test_a_parent_reports_a_child_and_reads_the_answer",),
    ),
    Defence(
        "1.3.5 letters cleaned",
        "shared/allowed_html.py",
        "text, tags=kept, attributes=attributes, url_schemes=set(self.link_schemes), link_rel=NO_REFERRER",
        "text, tags=kept | {'script'}, attributes={}, clean_content_tags=set(), link_rel=None",
        ("tests/admin/test_letters.py::test_what_is_no_formatting_is_cleaned_away",),
    ),
    Defence(
        "names escaped in mails",
        "shared/notifications/content/environments.py",
        "autoescape=escapes,",
        "autoescape=False,",
        ("tests/notifications/mail/test_mail.py::test_names_are_escaped_in_the_html_part",),
    ),
    Defence(
        "an identifier in no log",
        "shared/notifications/letters/pages.py",
        "#id={identifier}",
        "?id={identifier}",
        (
            "tests/notifications/letters/test_letters.py"
            "::test_each_family_has_the_square_that_leads_to_its_own_login_and_no_password_is_in_it",
        ),
    ),
    Defence(
        "headers in an address",
        "shared/emails.py",
        "        return validate_email(address, check_deliverability=False, test_environment=True).normalized\n",
        "        return address\n",
        (f"{OTHER_SIDE}::test_an_address_that_would_write_headers_is_refused",),
    ),
    Defence(
        "3.5.3 logging out by an address",
        VIEW,
        '@bp.post("/deconnexion")\n',
        '@bp.route("/deconnexion", methods=["GET", "POST"])\n',
        (f"{LOGIN}::test_opening_the_address_of_logout_logs_nobody_out",),
    ),
    Defence(
        "15.3.7 passwords in an address",
        VIEW,
        "    form = LoginForm()\n    if not form.validate_on_submit():\n",
        '    form = LoginForm(__import__("flask").request.values)\n    if not form.validate_on_submit():\n',
        (f"{OTHER_SIDE}::test_a_password_in_an_address_is_not_looked_at",),
    ),
    Defence(
        "16.2.5 passwords in the log",
        VIEW,
        "    candidate, accepted = try_password(form.identifier.data, form.password.data)\n",
        "    candidate, accepted = try_password(form.identifier.data, form.password.data)\n"
        '    __import__("logging").getLogger("portal").warning("%s", form.password.data)\n',
        ("tests/portal/test_first_login.py::test_no_secret_is_ever_logged",),
    ),
    Defence(
        "who exists, the state of an account",
        VIEW,
        "_log_in(candidate) if accepted else _refuse(candidate, replaced_at)",
        "_log_in(candidate) if candidate.account_id else _refuse(candidate, replaced_at)",
        (
            f"{LOGIN}::test_a_disabled_account_is_told_so_only_with_its_password",
            f"{LOGIN}::test_a_wrong_password_and_an_unknown_identifier_get_the_same_answer",
        ),
    ),
    Defence(
        "who exists, among staff",
        "admin_app/views/session/login.py",
        "        return self._show(login, WRONG)\n",
        "        return self._show(login, WRONG if candidate.staff_id else CLOSED)\n",
        ("tests/admin/test_login.py::test_a_wrong_password_and_an_unknown_login_read_the_same",),
    ),
    Defence(
        "shutting staff out",
        "shared/staff/logins.py",
        "familiar=seen.is_any, device=place.device if seen.device",
        "familiar=False, device=place.device if seen.device",
        (
            "tests/admin/test_login.py::test_strangers_make_staff_wait_only_where_they_never_were_and_less_than_a_minute",
        ),
    ),
    Defence(
        "shutting a family out",
        "shared/limits/policy.py",
        "TURN = timedelta(seconds=30)\n",
        "TURN = timedelta(hours=3)\n",
        ("tests/portal/test_throttling.py::test_nor_out_of_a_new_place_for_longer_than_a_minute",),
    ),
    Defence(
        "7.2.1 cookies signed",
        "shared/web/security.py",
        "    app.request_class = TypedRequest\n",
        "    app.request_class = TypedRequest\n"
        "    from flask.sessions import SecureCookieSessionInterface\n"
        "    class Believing(SecureCookieSessionInterface):\n"
        "        def open_session(self, app, request):\n"
        "            reads, kept = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))\n"
        "            return self.session_class((reads.loads_unsafe(kept)[1] if kept else None) or {})\n"
        "    app.session_interface = Believing()\n",
        (f"{LOGIN}::test_a_forged_cookie_opens_nothing",),
    ),
    Defence(
        "14.3.3 what the cookie holds",
        VISITORS,
        "    login_user(Visitor(account, token))\n",
        '    login_user(Visitor(account, token))\n    flask.session["email"] = account.email\n',
        (f"{OTHER_SIDE}::test_the_cookie_holds_a_token_and_nothing_of_the_account",),
    ),
    Defence(
        "14.2.3 Referer",
        "parent_portal/security.py",
        'OWN_FILES_ONLY, "no-referrer")',
        'OWN_FILES_ONLY, "unsafe-url")',
        (f"{OTHER_SIDE}::test_the_page_of_a_link_loads_nothing_from_elsewhere_and_sends_no_referer",),
    ),
    Defence(
        "pages compressed with secrets",
        "parent_portal/compression.py",
        "if request.endpoint != STATIC or response.status_code != 200 or response.mimetype not in COMPRESSED:",
        "if response.status_code != 200:",
        ("tests/portal/test_weight.py::test_pages_with_secrets_are_never_compressed",),
    ),
    Defence(
        "quotas, questions to passkeys",
        "parent_portal/quotas.py",
        "use(session(), quota, network_of(network_address()).home, clock.now())",
        "use(session(), quota, network_address(), clock.now())",
        ("tests/portal/test_passkeys.py::test_one_address_cannot_ask_for_passkeys_without_end",),
    ),
    Defence(
        "6.3.4 pages that no table names",
        "parent_portal/access.py",
        '    "merging.show": OPEN_ONLY,\n',
        "",
        ("tests/portal/test_access.py::test_each_route_opens_for_whom_it_should_and_for_nobody_else",),
    ),
    Defence(
        "links that scanners open",
        "parent_portal/views/activating/activation.py",
        "    link = open_link(LinkPurpose.ACTIVATION, token)\n"
        '    return render_template("portal/activate.html", account=account_of_link(link))\n',
        "    link = open_link(LinkPurpose.ACTIVATION, token)\n"
        "    from parent_portal.installation import installation\n"
        "    with installation().database.writing() as writing:\n"
        "        from shared.models.accounts import MailedLink\n"
        "        writing.get_one(MailedLink, link.id).used_at = link.created_at\n"
        '    return render_template("portal/activate.html", account=account_of_link(link))\n',
        ("tests/portal/test_first_login.py::test_a_mail_scanner_that_opens_the_link_without_cookies_spends_nothing",),
    ),
    Defence(
        "children of others",
        "shared/establishments/wrong_children.py",
        "            Guardian.account_id == account.id,\n            Guardian.gone_at.is_(None),\n",
        "            Guardian.gone_at.is_(None),\n",
        ("tests/portal/test_wrong_child.py::test_a_child_of_somebody_else_is_not_found",),
    ),
    Defence(
        "15.3.1 own data, nothing of others",
        "shared/accounts/holder/own_data.py",
        "rows.where(fiche.account_id == account.id).order_by(fiche.id)",
        "rows.order_by(fiche.id)",
        ("tests/accounts/holder/test_own_data.py::test_nothing_of_anybody_else_is_told",),
    ),
    Defence(
        "told to the other schools",
        "shared/accounts/trail.py",
        "        .where(Account.id == account.id, AccountTie.state == TieState.CONFIRMED, or_(*holding))\n",
        "        .where(Account.id == account.id, AccountTie.establishment_id == by, or_(*holding))\n",
        ("tests/accounts/ties/test_told.py::test_each_establishment_of_the_account_reads_it_in_its_journal",),
    ),
    Defence(
        "one INE is not enough",
        "shared/persons/identity.py",
        "    return Verdict(not reasons, reasons or (",
        "    return Verdict(ine is True or not reasons, reasons or (",
        ("tests/persons/test_identity.py::test_one_ine_is_not_enough_in_two_schools",),
    ),
    Defence(
        "giving oneself a right",
        "shared/staff/lost_access.py",
        "    if _has_role(session, role.staff, elsewhere):\n",
        "    if False:\n",
        (f"{PERSONNEL}::test_once_accepted_the_login_of_another_school_is_for_the_academy_to_give_back",),
    ),
    Defence(
        "becoming somebody who has more",
        "shared/staff/lost_access.py",
        "    if invited is None:\n",
        "    if True:\n",
        (f"{PERSONNEL}::test_a_head_cannot_become_somebody_who_has_more",),
    ),
    Defence(
        "taking the académie over",
        "shared/staff/lost_access.py",
        "    if _has_role(session, staff, StaffRole.kind == StaffRoleKind.ACADEMY):\n",
        "    if False:\n",
        ("tests/admin/test_academy.py::test_an_administrator_has_no_hold_on_another",),
    ),
    Defence(
        "guessing the code of an invitation",
        "shared/staff/invitations.py",
        "    return InvitationAttempt(attempt, role.invitation_hash)\n",
        "    take_back(caller.session, attempt)\n    return InvitationAttempt(attempt, role.invitation_hash)\n",
        (f"{PERSONNEL}::test_guessing_the_code_makes_one_wait",),
    ),
    Defence(
        "6.4.3 a new password leaves the factor",
        "shared/staff/handover.py",
        "    staff.password_hash = drawn.hash\n    staff.must_change_password = True\n",
        "    forget_factor(session, staff)\n"
        "    staff.password_hash = drawn.hash\n    staff.must_change_password = True\n",
        (f"{PERSONNEL}::test_a_new_password_does_without_no_second_factor",),
    ),
    Defence(
        "6.8.1 a provider for another",
        "shared/sign_on/entering.py",
        "where(StaffIdentity.provider_id == provider.id, StaffIdentity.subject == subject)",
        "where(StaffIdentity.subject == subject)",
        ("tests/admin/test_sign_on.py::test_the_same_name_at_another_provider_is_somebody_else",),
    ),
    Defence(
        "7.1.3 sessions that end there",
        "admin_app/views/session/sign_on.py",
        "    return ended.close(session(), provider.id)\n",
        "    return 0\n",
        ("tests/admin/test_sign_on.py::test_a_session_that_ends_there_ends_here",),
    ),
    Defence(
        "10.1.1 what providers say in the log",
        "shared/sign_on/entering.py",
        '    return ", ".join(sorted({f"{one.attribute} {one.trouble.value}" for one in person.unread}))\n',
        "    return person.name\n",
        ("tests/admin/test_sign_on.py::test_nothing_of_what_a_provider_says_is_in_the_log",),
    ),
    Defence(
        "15.3.2 redirections of providers",
        "shared/sign_on/asking/web.py",
        "    session.max_redirects = 0\n",
        "",
        ("tests/sign_on/test_cas.py::test_it_is_not_followed_elsewhere",),
    ),
    Defence(
        "sign-on, names of CAS",
        "shared/sign_on/cas.py",
        "    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():\n",
        "    if False:\n",
        ("tests/sign_on/test_cas.py::test_anything_else_lets_nobody_in",),
    ),
)
