"""The help desk, and the mark of the letter's password: what keeps them to what they are for."""

from tests.defences.table import Defence

OF_HELP_DESK, OF_ACCESS = "tests/admin/test_help_desk.py", "tests/admin/test_access.py"
OF_LETTER = "tests/portal/test_letter_password.py"

OF_HELPING = (
    Defence(
        "help desk, its own establishments",
        "admin_app/views/academy/help_desk.py",
        "    if not _scope().holds(school) or find_establishment",
        "    if find_establishment",
        (f"{OF_HELP_DESK}::test_who_helps_one_establishment_finds_nothing_of_another",),
    ),
    Defence(
        "help desk, finding in its own establishments",
        "shared/accounts/helping/finding.py",
        "scope.condition(fiche.establishment_id), _may_be_found(fiche)",
        "_may_be_found(fiche)",
        (f"{OF_HELP_DESK}::test_who_helps_one_establishment_finds_nothing_of_another",),
    ),
    Defence(
        "help desk, works in no establishment",
        "shared/staff/access.py",
        "    roles = [role for role in found if role.kind is not StaffRoleKind.HELP_DESK]\n",
        "    roles = list(found)\n",
        (f"{OF_ACCESS}::test_the_help_desk_cannot_choose_a_school_to_work_in",),
    ),
    Defence(
        "help desk, second factor",
        "shared/limits/security_policy.py",
        "frozenset({StaffRoleKind.ACADEMY, StaffRoleKind.HELP_DESK})",
        "frozenset({StaffRoleKind.ACADEMY})",
        (f"{OF_HELP_DESK}::test_nothing_opens_before_a_second_factor_is_set",),
    ),
    Defence(
        "help desk, the logins of administrators",
        "shared/staff/help_desk.py",
        "        require_no_administrator(act.session, staff)\n",
        "        pass\n",
        (f"{OF_HELP_DESK}::test_whoever_cannot_be_named_is_not_and_nothing_changes",),
    ),
    Defence(
        "letter, no more than some bits of its password",
        "shared/models/access/letter_marks.py",
        "MARK_BYTES = 3",
        "MARK_BYTES = 32",
        (f"{OF_LETTER}::test_no_password_can_be_read_of_what_is_kept",),
    ),
    Defence(
        "letter, under a key and for one account",
        "shared/accounts/credentials/sealing.py",
        'hmac.digest(key, f"{owner}\\x1f{text}".encode(), hashlib.sha256)',
        'hmac.digest(b"", text.encode(), hashlib.sha256)',
        (f"{OF_LETTER}::test_no_password_can_be_read_of_what_is_kept",),
    ),
    Defence(
        "letter, for a while",
        "shared/accounts/login/password_login.py",
        ', LetterMark.forgotten_at > bindparam("now")',
        "",
        (f"{OF_LETTER}::test_it_is_forgotten_after_a_while",),
    ),
)
