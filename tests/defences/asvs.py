"""The main lines of `docs/asvs.md`, each by the number of its requirement: the defence, and the test that misses it."""

from tests.defences.table import Defence

PORTAL = "tests/portal/test_security.py"
LOGIN = "tests/portal/test_login.py"
OTHER_SIDE = "tests/portal/test_other_side.py"
TOKENS = "tests/accounts/credentials/test_tokens.py"
BAD_INPUT = "tests/siecle/reading/test_bad_input.py"
PASSWORDS = "shared/accounts/credentials/passwords.py"
WEB = "shared/web/headers.py"

OF_ASVS = (
    Defence(
        "1.1.1 decoded once",
        "shared/accounts/login/password_login.py",
        "    typed = text if text.isascii() else anyascii(text)\n",
        '    typed = __import__("urllib.parse").parse.unquote(text)\n',
        (f"{OTHER_SIDE}::test_what_is_typed_is_decoded_once",),
    ),
    Defence(
        "1.1.2 escaped",
        "parent_portal/__init__.py",
        "    prepare_templates(app)\n",
        "    prepare_templates(app)\n    app.jinja_env.autoescape = False\n",
        (
            f"{OTHER_SIDE}::test_a_name_from_a_siecle_file_is_text_on_every_page",
            f"{OTHER_SIDE}::test_what_staff_write_is_text_on_every_page",
        ),
    ),
    Defence(
        "1.2.2 schemes of addresses",
        "shared/establishments/web_addresses.py",
        'parts.scheme not in {"http", "https"} or ',
        "",
        ("tests/admin/test_settings.py::test_a_link_that_is_none_of_the_web_is_refused",),
    ),
    Defence(
        "1.3.1 HTML cleaned",
        "shared/allowed_html.py",
        "text, tags=kept, attributes=attributes, url_schemes=set(self.link_schemes), link_rel=NO_REFERRER",
        "text, tags=kept | {'script'}, attributes={}, clean_content_tags=set(), link_rel=None",
        ("tests/establishments/test_rich_text.py::test_an_attack_is_cleaned_away",),
    ),
    Defence(
        "1.3.3 what no keyboard types",
        WEB,
        'return value.replace("\\0", "") if isinstance(value, str) else value',
        "return value",
        ("tests/admin/test_security.py::test_a_sign_that_no_keyboard_types_is_not_there",),
    ),
    Defence(
        "1.3.11 headers of mails",
        "shared/notifications/mail/smtp.py",
        "        refuse_line_breaks(message)\n",
        "",
        ("tests/notifications/mail/test_mail.py::test_nobody_writes_headers_or_recipients_of_their_own",),
    ),
    Defence(
        "1.3.11 addresses typed",
        "shared/notifications/mail/smtp.py",
        "        if not is_plain_address(mail.recipient):\n",
        "        if False:\n",
        ("tests/notifications/mail/test_mail.py::test_nobody_writes_headers_or_recipients_of_their_own",),
    ),
    Defence(
        "1.4.2 numbers",
        WEB,
        "        super().__init__(map, max=LARGEST_NUMBER)\n",
        "        super().__init__(map)\n",
        ("tests/admin/test_security.py::test_a_number_that_no_row_can_have_is_no_page",),
    ),
    Defence(
        "1.5.1 definitions of type",
        "shared/siecle/files/export_files.py",
        "    if prolog.root is None:\n",
        "    if False:\n",
        (f"{BAD_INPUT}::test_a_bad_file_is_refused",),
    ),
    Defence(
        "2.3.1 steps in their order",
        "parent_portal/access.py",
        "        if stage() in DOORS[request.endpoint]:\n",
        "        if stage() is not Stage.STRANGER or stage() in DOORS[request.endpoint]:\n",
        (
            "tests/portal/test_first_login.py::test_nothing_else_opens_before",
            "tests/portal/test_access.py::test_each_route_opens_for_whom_it_should_and_for_nobody_else",
        ),
    ),
    Defence(
        "2.3.2 quotas",
        "parent_portal/__init__.py",
        "    quotas.hold_to_quotas(app)\n",
        "",
        ("tests/portal/test_quotas.py::test_beyond_the_quota_an_address_waits_and_the_others_do_not",),
    ),
    Defence(
        "3.3.1 Secure",
        WEB,
        '"SESSION_COOKIE_SECURE": self.is_https,',
        '"SESSION_COOKIE_SECURE": False,',
        (
            f"{PORTAL}::test_over_https_the_cookie_is_bound_to_this_host_and_to_https",
            "tests/admin/test_security.py::test_behind_https_the_cookie_is_bound_to_the_host",
        ),
    ),
    Defence(
        "3.3.2 SameSite",
        WEB,
        '"SESSION_COOKIE_SAMESITE": "Lax",',
        '"SESSION_COOKIE_SAMESITE": None,',
        (
            f"{PORTAL}::test_over_https_the_cookie_is_bound_to_this_host_and_to_https",
            "tests/admin/test_security.py::test_behind_https_the_cookie_is_bound_to_the_host",
        ),
    ),
    Defence(
        "3.3.3 __Host-",
        WEB,
        'return f"__Host-{cookie}" if self.is_https else cookie',
        "return cookie",
        (
            f"{PORTAL}::test_over_https_the_cookie_is_bound_to_this_host_and_to_https",
            "tests/admin/test_security.py::test_behind_https_the_cookie_is_bound_to_the_host",
        ),
    ),
    Defence(
        "3.3.4 HttpOnly",
        WEB,
        '"SESSION_COOKIE_HTTPONLY": True,',
        '"SESSION_COOKIE_HTTPONLY": False,',
        (f"{PORTAL}::test_over_plain_http_on_this_machine_the_cookie_is_still_shut_to_scripts",),
    ),
    Defence(
        "3.4.1 HSTS",
        WEB,
        'return {**headers, "Strict-Transport-Security": HSTS} if self.is_https else headers',
        "return headers",
        (f"{PORTAL}::test_over_https_the_cookie_is_bound_to_this_host_and_to_https",),
    ),
    Defence(
        "3.4.2 CORS",
        WEB,
        '            "X-Robots-Tag": "noindex, nofollow",\n',
        '            "X-Robots-Tag": "noindex, nofollow",\n            "Access-Control-Allow-Origin": "*",\n',
        (f"{PORTAL}::test_every_answer_is_protected", "tests/test_absences.py::test_the_code_has_nowhere"),
    ),
    Defence(
        "3.4.3 CSP of the portal",
        "shared/web/security.py",
        "            response.headers.setdefault(name, value)\n",
        "            pass\n",
        (f"{PORTAL}::test_every_answer_is_protected",),
    ),
    Defence(
        "3.4.3 CSP of the back office",
        "shared/web/security.py",
        "            response.headers.setdefault(name, value)\n",
        "            pass\n",
        ("tests/admin/test_security.py::test_every_page_carries_the_headers",),
    ),
    Defence(
        "3.4.3 scripts inside pages",
        WEB,
        """    "script-src": "'self'",\n""",
        """    "script-src": "'self' 'unsafe-inline'",\n""",
        (
            f"{PORTAL}::test_every_answer_is_protected",
            "tests/admin/test_security.py::test_every_page_carries_the_headers",
        ),
    ),
    Defence(
        "3.4.4 nosniff",
        WEB,
        '            "X-Content-Type-Options": "nosniff",\n',
        "",
        (
            f"{PORTAL}::test_every_answer_is_protected",
            "tests/admin/test_security.py::test_every_page_carries_the_headers",
        ),
    ),
    Defence(
        "3.4.6 frames",
        WEB,
        """    "frame-ancestors": "'none'",\n""",
        "",
        (
            f"{PORTAL}::test_every_answer_is_protected",
            "tests/admin/test_security.py::test_every_page_carries_the_headers",
        ),
    ),
    Defence(
        "3.5.1 CSRF of the portal",
        "parent_portal/security.py",
        "    csrf.init_app(app)\n",
        '    app.jinja_env.globals["csrf_token"] = str\n',
        (f"{PORTAL}::test_no_form_is_accepted_without_the_token_of_this_browser",),
    ),
    Defence(
        "3.5.1 CSRF of the back office",
        "admin_app/security.py",
        "    csrf.init_app(app)\n",
        '    app.config["WTF_CSRF_CHECK_DEFAULT"] = False\n    csrf.init_app(app)\n',
        (
            "tests/admin/test_security.py::test_a_form_without_its_token_changes_nothing",
            "tests/admin/test_security.py::test_the_token_of_one_person_is_no_good_for_another",
        ),
    ),
    Defence(
        "3.7.2 open redirect",
        "parent_portal/views/language.py",
        "    except (HTTPException, RequestRedirect):\n        return to_own_page()\n",
        "    except (HTTPException, RequestRedirect):\n        return redirect(path, 303)\n",
        (f"{OTHER_SIDE}::test_choosing_a_language_goes_back_to_a_page_of_ours",),
    ),
    Defence(
        "4.1.3 forwarded addresses",
        "shared/web/security.py",
        "    if settings.trusted_proxies:\n        proxies = settings.trusted_proxies\n",
        "    if True:\n        proxies = 1\n",
        (f"{PORTAL}::test_the_address_of_a_request_is_the_proxy_s_word_only_where_a_proxy_is_trusted",),
    ),
    Defence(
        "host header",
        WEB,
        '            "TRUSTED_HOSTS": sorted({urlsplit(self.address).hostname or "", *LOCAL_HOSTS}),\n',
        "",
        (
            f"{PORTAL}::test_another_host_is_not_listened_to",
            "tests/admin/test_security.py::test_another_host_is_not_answered",
        ),
    ),
)
