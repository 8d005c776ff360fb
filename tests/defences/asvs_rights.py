"""The same for rights, keys and records."""

from tests.defences.table import Defence

PORTAL = "tests/portal/test_security.py"
OTHER_SIDE = "tests/portal/test_other_side.py"
TOKENS = "tests/accounts/credentials/test_tokens.py"
HASHING = "shared/accounts/credentials/hashing.py"
LINKS = "shared/accounts/login/mailed_links.py"

OF_RIGHTS = (
    Defence(
        "8.2.2 links of another school",
        "shared/rows/ownership.py",
        "    if found is None or owner != establishment_id:\n",
        "    if found is None:\n",
        ("tests/admin/test_access.py::test_nothing_of_another_school_is_found",),
    ),
    Defence(
        "8.4.1 roles of another school",
        "shared/staff/access.py",
        "    here = or_(held.c.establishment_id == there, held.c.establishment_id.is_(None))\n",
        "    here = held.c.kind.is_not(None)\n",
        ("tests/admin/test_access.py::test_a_school_without_a_role_cannot_be_chosen",),
    ),
    Defence(
        "9.1.1 signed links",
        LINKS,
        " or not is_signature(proof, _signature(settings, link)):",
        ":",
        ("tests/portal/test_first_login.py::test_a_forged_link_opens_nothing",),
    ),
    Defence(
        "9.2.1 links that end",
        LINKS,
        "    if link.expires_at <= now:\n",
        "    if False:\n",
        (
            "tests/portal/test_own_account.py::test_a_link_for_a_forgotten_password_lasts_two_hours",
            "tests/portal/test_first_login.py::test_a_link_expires_after_three_days_and_a_new_one_can_be_asked_for",
        ),
    ),
    Defence(
        "9.2.2 links of another purpose",
        LINKS,
        " or link.purpose != purpose or",
        " or",
        (f"{OTHER_SIDE}::test_a_link_of_one_purpose_serves_no_other",),
    ),
    Defence(
        "links used once",
        LINKS,
        "    if link.used_at is not None:\n",
        "    if False:\n",
        ("tests/portal/test_first_login.py::test_a_used_link_says_so",),
    ),
    Defence(
        "9.2.3 a key for each application",
        "shared/web/headers.py",
        '"SECRET_KEY": settings.signing_key(self.purpose),',
        '"SECRET_KEY": settings.signing_key("admin"),',
        (f"{PORTAL}::test_a_cookie_signed_for_the_back_office_means_nothing_here",),
    ),
    Defence(
        "11.3.3 sealed",
        "shared/accounts/credentials/sealing.py",
        "            return self._keys.decrypt(sealed)\n",
        "            return sealed\n",
        (f"{TOKENS}::test_what_is_sealed_never_looks_the_same_and_no_sign_of_it_can_change",),
    ),
    Defence(
        "11.4.1 hashes that are not broken",
        "shared/proofs/secrets.py",
        "    return hashlib.sha256(secret.encode()).hexdigest()\n",
        "    return hashlib.sha1(secret.encode()).hexdigest()\n",
        ("tests/test_absences.py::test_the_code_has_nowhere",),
    ),
    Defence(
        "11.4.2 Argon2id",
        HASHING,
        "PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)",
        "PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)",
        (f"{TOKENS}::test_a_chosen_password_is_hashed_by_argon2id_with_19_mib_and_2_passes",),
    ),
    Defence(
        "12.3.2 certificates",
        "shared/notifications/mail/smtp.py",
        "    return ssl.create_default_context()\n",
        "    return ssl._create_unverified_context()\n",
        ("tests/test_absences.py::test_the_code_has_nowhere",),
    ),
    Defence(
        "14.3.2 no-store",
        "shared/web/security.py",
        '            response.headers["Cache-Control"] = "no-store"\n',
        "            pass\n",
        (f"{PORTAL}::test_every_answer_is_protected",),
    ),
    Defence(
        "16.4.2 the journal only grows, in SQLite",
        "shared/migrations/versions/0001_first_tables.py",
        "SELECT RAISE(ABORT, 'the journal is append-only'); END",
        "SELECT 1; END",
        ("tests/test_journal.py::test_the_database_refuses_to_change_or_delete_an_event",),
    ),
    Defence(
        "16.4.2 the journal only grows, in PostgreSQL",
        "shared/migrations/versions/0001_first_tables.py",
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
        "$$ BEGIN RETURN NULL; END $$",
        ("tests/test_journal.py::test_the_database_refuses_to_change_or_delete_an_event",),
    ),
    Defence(
        "16.4.2 nothing of the last year goes",
        "shared/migrations/versions/0013_journal_purge.py",
        "WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%S', 'now', '-12 months') ",
        "WHEN 1 = 0 ",
        ("tests/test_journal.py::test_no_setting_makes_the_database_forget_the_last_year",),
    ),
)
