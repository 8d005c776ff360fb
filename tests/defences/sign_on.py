"""The same for signing in by an identity provider, and for what a stolen login may leave behind."""

from tests.defences.table import Defence

TOKENS = "shared/sign_on/tokens.py"
OIDC = "shared/sign_on/oidc.py"
ATTEMPTS = "shared/sign_on/attempts.py"
ASKING = "shared/sign_on/asking/web.py"
DISCOVERY = "shared/sign_on/discovery.py"
COMING = "tests/admin/test_sign_on.py"
KEPT_OUT = "tests/admin/test_sign_on_kept_out.py"
TRIES = "tests/sign_on/test_attempts.py"
SLOW = "tests/sign_on/test_web.py"
SAYS_ELSE = f"{COMING}::test_a_token_that_says_something_else_opens_nothing"
COMES_BACK = f"{COMING}::test_what_comes_back_otherwise_than_it_was_sent_opens_nothing"
LOGOUT = f"{COMING}::test_what_is_no_logout_token_ends_nothing"
THE_WAY = f"{COMING}::test_the_way_there_asks_for_a_code_with_pkce_and_says_nothing_of_us"
IN_THE_BROWSER = f"{COMING}::test_an_answer_is_good_once_and_in_its_own_browser"

OF_SIGN_ON = (
    Defence(
        "10.5.3 issuer of a token", TOKENS, '    if claims.get("iss") != issuer:\n', "    if False:\n", (SAYS_ELSE,)
    ),
    Defence("10.5.4 audience", TOKENS, "    if client_id not in listed:\n", "    if False:\n", (SAYS_ELSE,)),
    Defence(
        "10.5.4 authorised party",
        TOKENS,
        '    if (len(listed) > 1 or "azp" in claims) and claims.get("azp") != client_id:\n',
        "    if False:\n",
        (SAYS_ELSE,),
    ),
    Defence(
        "9.1.1 signature of a token",
        TOKENS,
        "            return jwt.decode(token, discovery.keys(issuer), algorithms=ALGORITHMS).claims\n",
        '            whole = token.split(".")[1] + "=="\n'
        '            return __import__("json").loads(__import__("base64").urlsafe_b64decode(whole))\n',
        (f"{COMING}::test_a_token_that_is_not_signed_by_the_provider_opens_nothing",),
    ),
    Defence(
        "10.5.1 nonce",
        TOKENS,
        '    if not nonce or claims.get("nonce") != nonce:\n',
        "    if False:\n",
        (SAYS_ELSE,),
    ),
    Defence("9.2.1 tokens that end", TOKENS, '    if times["exp"] <= now - LEEWAY:\n', "    if False:\n", (SAYS_ELSE,)),
    Defence(
        "9.2.1 tokens of the future",
        TOKENS,
        '    if max(times["iat"], times["nbf"]) > now + LEEWAY:\n',
        "    if False:\n",
        (SAYS_ELSE,),
    ),
    Defence(
        "9.2.1 tokens without end",
        TOKENS,
        '    if "exp" not in claims or "iat" not in claims:\n',
        "    if False:\n",
        (SAYS_ELSE,),
    ),
    Defence(
        "sign-on, times that are no numbers", TOKENS, " or not 0 <= value < math.inf:\n", ":\n", (SAYS_ELSE, LOGOUT)
    ),
    Defence(
        "10.1.2 an answer in another browser",
        ATTEMPTS,
        "    if not is_same(browser, row.browser_hash):\n",
        "    if False:\n",
        (
            IN_THE_BROWSER,
            f"{TRIES}::test_whoever_asks_in_another_browser_uses_it_up",
            "tests/admin/test_sign_on_portal.py::test_whoever_is_sent_there_by_somebody_else_is_not_logged_in",
        ),
    ),
    Defence(
        "10.1.2 an answer used once",
        ATTEMPTS,
        "        delete(SignOnAttempt)\n        .where(SignOnAttempt.state_hash == hashed(state))\n",
        "        __import__('sqlalchemy').update(SignOnAttempt).values(nonce=SignOnAttempt.nonce)\n"
        "        .where(SignOnAttempt.state_hash == hashed(state))\n",
        (f"{TRIES}::test_it_is_answered_once",),
    ),
    Defence(
        "10.1.2 an answer that comes soon",
        ATTEMPTS,
        "    if row.expires_at <= now:\n",
        "    if False:\n",
        (
            f"{COMING}::test_an_answer_that_comes_too_late_opens_nothing",
            f"{TRIES}::test_it_is_answered_within_ten_minutes",
        ),
    ),
    Defence(
        "10.2.1 PKCE, the challenge",
        OIDC,
        '        code_challenge_method="S256",\n',
        "",
        (THE_WAY,),
    ),
    Defence(
        "10.2.1 PKCE, the verifier",
        OIDC,
        'grant_type="authorization_code", code=code, code_verifier=verifier',
        'grant_type="authorization_code", code=code',
        (THE_WAY,),
    ),
    Defence(
        "10.2.2 another provider answers",
        OIDC,
        "    if said != metadata.issuer and (said is not None or metadata.says_issuer):\n",
        "    if False:\n",
        (COMES_BACK,),
    ),
    Defence(
        "10.5.3 metadata of somebody else",
        DISCOVERY,
        '    if said.get("issuer") != issuer:\n',
        "    if False:\n",
        (f"{COMING}::test_a_provider_that_says_it_is_somebody_else_is_not_asked",),
    ),
    Defence(
        "sign-on, userinfo of somebody else",
        OIDC,
        "    if more and subject_of(more) != subject_of(claims):\n",
        "    if False:\n",
        (f"{COMING}::test_userinfo_of_somebody_else_opens_nothing",),
    ),
    Defence(
        "1.3.6 what listens on this machine",
        DISCOVERY,
        '    return is_safe(address) and (str(address).startswith("https:") or issuer.startswith("http:"))\n',
        "    return is_safe(address)\n",
        (f"{SLOW}::test_a_provider_elsewhere_names_nothing_of_this_machine",),
    ),
    Defence(
        "12.2.1 providers asked in clear",
        "shared/sign_on/asking/addresses.py",
        '    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)\n',
        "    secure = True\n",
        (f"{SLOW}::test_no_address_is_asked_in_clear_elsewhere_nor_with_a_password",),
    ),
    Defence(
        "row 7, providers that drip",
        ASKING,
        "if len(body) > LARGEST or time.monotonic() > ends_at:\n",
        "if len(body) > LARGEST:\n",
        (f"{SLOW}::test_an_answer_that_comes_byte_after_byte_is_given_up",),
    ),
    Defence(
        "row 7, providers that hang",
        ASKING,
        "        if not _turns.acquire(timeout=SECONDS_FOR_A_TURN):\n",
        "        if False:\n",
        (f"{SLOW}::test_a_provider_that_hangs_holds_few_threads_and_the_others_are_told_at_once",),
    ),
    Defence(
        "row 2, answers of providers",
        ASKING,
        "if len(body) > LARGEST or time.monotonic() > ends_at:\n",
        "if time.monotonic() > ends_at:\n",
        (f"{SLOW}::test_an_answer_without_end_is_given_up",),
    ),
    Defence(
        "7.6.1 logout tokens that are none",
        TOKENS,
        "    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict):\n",
        "    if False:\n",
        (LOGOUT,),
    ),
    Defence(
        "7.6.1 logout tokens of before",
        "shared/sign_on/logout.py",
        "    if now - said_at > OLDEST:\n",
        "    if False:\n",
        (LOGOUT,),
    ),
    Defence(
        "7.6.1 logout tokens used once",
        "admin_app/views/session/sign_on.py",
        '    use_once(session(), f"{provider.id} {ended.token_id}", ended.until)\n',
        "",
        (f"{COMING}::test_a_logout_token_ends_sessions_once",),
    ),
    Defence(
        "sign-on, roles said elsewhere",
        "shared/staff/access.py",
        '    if provider is None:\n        return given.subquery("held")\n',
        "    if provider is None:\n        provider = ProvidedRole.provider_id\n",
        (f"{COMING}::test_roles_said_elsewhere_open_nothing_to_a_password",),
    ),
    Defence(
        "sign-on, joining whoever is logged in no more",
        "admin_app/views/session/passage.py",
        "    if known is None or known.staff.id != staff_id:\n",
        "    if False:\n",
        (f"{COMING}::test_joining_answers_nobody_whose_session_ended_meanwhile",),
    ),
    Defence(
        "7.5.1 the password asked before a provider is joined",
        "admin_app/views/session/ways_in.py",
        "if not has_password(own_staff()) or not is_own_password(PasswordAgainForm().password.data):",
        "if False:",
        (
            f"{KEPT_OUT}::test_a_browser_left_open_joins_nobody_without_the_password",
            f"{KEPT_OUT}::test_who_has_no_password_joins_no_second_provider",
        ),
    ),
    Defence(
        "row 4, providers joined by an intruder",
        "shared/staff/handover.py",
        "    if has_password(staff):\n        forget_identities(session, staff)\n",
        "",
        (f"{KEPT_OUT}::test_a_person_joined_by_an_intruder_opens_nothing_once_a_password_was_given",),
    ),
    Defence(
        "row 4, joinings begun",
        "shared/staff/sessions.py",
        "    forget_attempts(session, staff)\n",
        "",
        (f"{KEPT_OUT}::test_who_was_sent_to_be_joined_comes_back_in_vain_once_the_password_was_changed",),
    ),
    Defence(
        "row 4, sessions of a provider that was parted from",
        "shared/sign_on/entering.py",
        "    end_provided(act.session, provider_id, staff_id=staff.id)\n",
        "",
        (f"{KEPT_OUT}::test_parting_logs_out_whoever_came_in_by_there",),
    ),
    Defence(
        "a mail of a provider joined",
        "shared/sign_on/entering.py",
        "            queue_staff_mail(act.session, StaffMailKind.WAY_IN_JOINED, staff, staff.email, act.now)\n",
        "            pass\n",
        (f"{KEPT_OUT}::test_the_address_is_told_that_a_provider_opens_the_login",),
    ),
    Defence(
        "sign-on, the person of another login",
        "shared/sign_on/entering.py",
        "if identity is None or identity.staff_id != staff.id or not has_password(staff):",
        "if identity is None or not has_password(staff):",
        (f"{KEPT_OUT}::test_nobody_parts_the_person_of_another_login",),
    ),
    Defence(
        "sign-on, the second factor",
        "admin_app/views/session/passage.py",
        "    if staff.factor_set_at is None or proved:\n",
        "    if True:\n",
        (f"{COMING}::test_a_second_factor_is_asked_here_unless_the_provider_saw_it",),
    ),
    Defence(
        "row 6, a factor removed is asked again",
        "admin_app/visitors.py",
        "not (self.proved_factor and self.through is not None)",
        "not self.proved_factor",
        ("tests/admin/test_second_factor.py::test_an_administrator_who_changes_telephone_sets_it_again_at_once",),
    ),
    Defence(
        "links of staff that end",
        "shared/staff/own_email.py",
        "asked.asked_at > now - LINK_LASTS else None",
        "asked.asked_at else None",
        ("tests/admin/test_own_account.py::test_a_link_of_somebody_else_replaced_or_too_old_confirms_nothing",),
    ),
    Defence(
        "links of staff that change nothing when they are opened",
        "admin_app/views/session/own_account.py",
        "            asked = find_asked_email(session(), installation().settings, own_staff(), token, clock.now())\n",
        "            asked = find_asked_email(session(), installation().settings, own_staff(), token, clock.now())\n"
        "            own = installation().database.writing\n"
        "            with own() as writing:\n"
        "                writing.get_one(Staff, own_staff().id).email = asked.email\n",
        (
            "tests/admin/test_own_account.py"
            "::test_an_address_counts_once_its_link_is_confirmed_and_the_one_of_before_is_told",
        ),
    ),
    Defence(
        "8.2.2 search in another school",
        "shared/accounts/directory/search.py",
        "            fiche.establishment_id == establishment_id,\n",
        "",
        ("tests/admin/test_search.py::test_another_school_is_not_found",),
    ),
    Defence(
        "8.2.1 search in another tab",
        "admin_app/views/search.py",
        "    return [area for area in AREAS if is_open(area.tab)]\n",
        "    return list(AREAS)\n",
        ("tests/admin/test_search.py::test_a_delegate_finds_only_what_the_tab_shows",),
    ),
    Defence(
        "8.2.2 tables and the journal of another school",
        "admin_app/tables/view.py",
        "everything if self.owner is None else everything.where(getattr(self.model, self.owner) == school_id())",
        "everything",
        (
            "tests/admin/test_journal.py::test_another_school_is_never_in_it",
            "tests/admin/test_access.py::test_the_pages_of_one_school_never_name_another",
        ),
    ),
    Defence(
        "CAS: entities in an answer",
        "shared/sign_on/cas.py",
        "        text_of(answer)\n",
        "",
        ("tests/admin/test_sign_on_cas.py::test_what_the_server_says_of_nobody_lets_nobody_in",),
    ),
)
