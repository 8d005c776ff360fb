"""The defences of the portal as an OpenID provider."""

from tests.defences.table import Defence

BAD = "tests/provider/test_bad_requests.py"
SESSIONS = "tests/provider/test_sessions.py"
FLOW = "tests/provider/test_code_flow.py"
KEYS = "tests/provider/test_keys.py"
SERVER = "shared/provider/server.py"
PASSES = "shared/provider/passes.py"
DOORS = "shared/provider/doors.py"
ASKING = "shared/provider/asking.py"
JOINED = "        .join(AccountSession, AccountSession.token_hash == OpenidLogin.session_hash)\n"
CONSENTED = (
    "        .join(\n            OpenidConsent,\n            (OpenidConsent.account_id == Account.id)"
    " & (OpenidConsent.openid_client_id == OpenidClient.id),\n        )\n        .where(\n"
)

OF_PROVIDER = (
    Defence(
        "provider: an address of return with a suffix",
        SERVER,
        "        return redirect_uri in self.row.return_addresses\n",
        "        return any(redirect_uri.startswith(known) for known in self.row.return_addresses)\n",
        (f"{BAD}::test_an_address_that_is_none_of_its_own_is_never_gone_to",),
    ),
    Defence(
        "provider: no PKCE, or plain",
        SERVER,
        '        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":\n',
        "        if False:\n",
        (f"{BAD}::test_what_is_asked_wrongly_is_told_to_the_teleservice",),
    ),
    Defence(
        "provider: a code used twice",
        PASSES,
        "        session.execute(named.values(token_hash=None).execution_options(synchronize_session=False))\n",
        "        pass\n",
        (f"{BAD}::test_a_code_is_good_once_and_the_second_time_kills_what_it_gave",),
    ),
    Defence(
        "provider: what was tried in vain is kept",
        "parent_portal/openid/machines.py",
        "    let_go()\n",
        "    pass\n",
        (
            f"{BAD}::test_a_code_with_something_wrong_beside_it_is_used",
            f"{BAD}::test_a_code_is_good_once_and_the_second_time_kills_what_it_gave",
        ),
    ),
    Defence(
        "provider: a code of another client",
        PASSES,
        "    named = update(OpenidPass).where(OpenidPass.code_hash == hashed(code), own)\n",
        "    named = update(OpenidPass).where(OpenidPass.code_hash == hashed(code))\n",
        (f"{BAD}::test_another_client_neither_uses_a_code_nor_spoils_it",),
    ),
    Defence(
        "provider: a code that is old",
        PASSES,
        "OpenidPass.used_at.is_(None), OpenidPass.code_until > now)",
        "OpenidPass.used_at.is_(None))",
        (f"{FLOW}::test_a_code_lasts_a_minute_and_a_token_ten",),
    ),
    Defence(
        "provider: a school that closed the téléservice",
        DOORS,
        "        is_open_there(),\n",
        "",
        (
            f"{BAD}::test_a_door_that_closes_gives_no_code_no_token_and_nothing_for_one",
            f"{BAD}::test_a_school_that_closes_it_is_told_of_no_more",
        ),
    ),
    Defence(
        "provider: a téléservice for other classes",
        DOORS,
        "        if is_for_level(row.levels, row.code)\n",
        "",
        (f"{BAD}::test_a_teleservice_for_other_classes_hears_of_no_child",),
    ),
    Defence(
        "provider: a client of another school",
        DOORS,
        "            OpenidClient.everywhere,\n",
        "            OpenidClient.everywhere | True,\n",
        (f"{BAD}::test_a_client_of_another_school_hears_of_its_own_children_only",),
    ),
    Defence(
        "provider: a tie that nobody confirmed",
        DOORS,
        "        if allows(Power.SHOW_ITS_OWN, row.state, Role.HEAD)\n",
        "",
        (f"{BAD}::test_a_tie_that_waits_for_the_family_gives_nothing",),
    ),
    Defence(
        "provider: a token once the session ended",
        PASSES,
        f"{JOINED}{CONSENTED}            AccountSession.expires_at > now,\n",
        CONSENTED,
        (f"{SESSIONS}::test_what_a_session_gave_dies_with_it",),
    ),
    Defence(
        "provider: an account that must choose a password first",
        "parent_portal/provider.py",
        "    if known is None or what_opens(known.account) is not Opens.PORTAL:\n",
        "    if known is None:\n",
        (f"{BAD}::test_who_must_do_something_first_does_it_first",),
    ),
    Defence(
        "provider: a scope that the académie did not open",
        "shared/provider/claims.py",
        "    if not asked <= set(client.data):\n        return None\n",
        "",
        (f"{BAD}::test_a_scope_that_the_academie_did_not_open_is_refused_whole",),
    ),
    Defence(
        "provider: data that nobody agreed to give",
        "shared/provider/consents.py",
        "    if consent is None or not set(data) <= set(consent.data):\n",
        "    if consent is None:\n",
        (f"{FLOW}::test_another_data_or_another_child_is_asked_for",),
    ),
    Defence(
        "provider: a child that nobody agreed to name",
        "shared/provider/consents.py",
        "{child.student_id for child in children} <= set(consent.students)",
        "True",
        (f"{FLOW}::test_another_data_or_another_child_is_asked_for",),
    ),
    Defence(
        "provider: a child that nobody agreed to name, told all the same",
        "shared/provider/claims.py",
        "[child for child in children if child.student_id in held.consent.students]",
        "list(children)",
        (f"{FLOW}::test_another_data_or_another_child_is_asked_for",),
    ),
    Defence(
        "provider: agreeing to what another page said",
        "parent_portal/openid/authorization.py",
        "    if waiting is None or waiting.sent != sent:\n",
        "    if waiting is None:\n",
        (f"{FLOW}::test_agreeing_is_for_what_the_page_said",),
    ),
    Defence(
        "provider: prompt=login by a session that is there",
        ASKING,
        '    return not too_old and "login" not in asked.prompts\n',
        "    return not too_old\n",
        (f"{SESSIONS}::test_who_logged_in_too_long_ago_types_the_password_again",),
    ),
    Defence(
        "provider: a hint of somebody else",
        ASKING,
        "    if asked.hint is not None and not _is_hinted(at, asked, visit.account):\n",
        "    if False:\n",
        (f"{SESSIONS}::test_a_hint_of_somebody_else_gets_no_answer",),
    ),
    Defence(
        "provider: a logout that nobody shows to be of this browser",
        "parent_portal/openid/ending.py",
        "    if known is not None and not ending.is_sure(known.token):\n",
        "    if False:\n",
        (
            f"{SESSIONS}::test_without_proof_its_holder_is_asked",
            f"{SESSIONS}::test_a_hint_of_another_browser_ends_nothing_by_itself",
        ),
    ),
    Defence(
        "provider: private keys sealed",
        "shared/provider/keys.py",
        "        private=sealer.seal_bytes(key.as_pem(private=True)),\n",
        "        private=key.as_pem(private=True),\n",
        (f"{KEYS}::test_a_private_half_is_sealed_and_read_once",),
    ),
    Defence(
        "provider: keys given up at once",
        "shared/provider/rotation.py",
        "        act.session.execute(given_up.values(retired_at=act.now)",
        "        (lambda *_: None)(given_up.values(retired_at=act.now)",
        (f"{KEYS}::test_keys_that_somebody_may_have_are_given_up_at_once",),
    ),
    Defence(
        "provider: one name for every téléservice",
        "shared/provider/claims.py",
        '    return pairwise(sealer.open(client.pairwise_key), f"account {account.id}")\n',
        '    return pairwise("", f"account {account.id}")\n',
        (f"{FLOW}::test_no_two_teleservices_know_a_family_or_a_child_by_the_same_name",),
    ),
    Defence(
        "provider: addresses that are not https",
        "shared/provider/clients.py",
        '            if len(address) > ADDRESS_LENGTH or not is_safe(address) or "*" in address:\n',
        "            if False:\n",
        ("tests/admin/test_connected_services.py::test_what_cannot_be_is_refused_with_a_reason",),
    ),
)
