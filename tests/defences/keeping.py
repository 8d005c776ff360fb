"""Copies put back whole and nothing done twice after that, erasures announced first, figures that tell of nobody."""

from tests.defences.table import Defence

_COPY = "shared/saving/copy_folder.py"
_BACK = "shared/saving/putting_back.py"
_AFTER = "shared/saving/aftermath.py"
_RELEASE = "shared/saving/release.py"
_BAD = "tests/saving/test_bad_copies.py"
_SAVED = "tests/saving/test_saving.py"
_ACCOUNTS = "shared/retention/accounts.py"
_FICHES = "shared/retention/fiches.py"
_YEARS = "tests/retention/test_three_years.py"
_FIGURES = "tests/overview/test_figures.py"
_JOURNAL = "tests/admin/test_academy_journal.py"

OF_SAVING = (
    Defence(
        "saving: each file summed up",
        _COPY,
        "        if _sum(path) != sums[name]:\n",
        "        if False:\n",
        (f"{_BAD}::test_a_copy_that_is_not_whole_is_refused_and_nothing_changed",),
    ),
    Defence(
        "saving: files added or lost",
        _COPY,
        "    for name in sorted(sums.keys() ^ found.keys()):\n",
        "    for name in ():\n",
        (f"{_BAD}::test_a_copy_that_is_not_whole_is_refused_and_nothing_changed",),
    ),
    Defence(
        "saving: links to elsewhere",
        _COPY,
        "        if path.is_symlink() or not (path.is_dir() or path.is_file()):\n",
        "        if False:\n",
        (f"{_BAD}::test_a_copy_that_is_not_whole_is_refused_and_nothing_changed",),
    ),
    Defence(
        "saving: nothing overwritten by a copy",
        _COPY,
        "    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):\n",
        "    if False:\n",
        (f"{_BAD}::test_a_copy_takes_the_place_of_nothing",),
    ),
    Defence(
        "saving: no half of a copy",
        _COPY,
        "    finally:\n        shutil.rmtree(beside, ignore_errors=True)\n",
        "    finally:\n        pass\n",
        (f"{_BAD}::test_a_disk_that_takes_no_more_leaves_no_half_of_a_copy",),
    ),
    Defence(
        "saving: only into an empty base",
        _BACK,
        "    if found:\n        where = ",
        "    if False:\n        where = ",
        (f"{_BAD}::test_a_base_or_a_folder_that_is_in_use_is_not_written_into",),
    ),
    Defence(
        "saving: only into an empty folder",
        "shared/saving/files.py",
        "        if folder.is_dir() and any(folder.iterdir()):\n            raise",
        "        if False:\n            raise",
        (f"{_BAD}::test_a_base_or_a_folder_that_is_in_use_is_not_written_into",),
    ),
    Defence(
        "saving: a copy that nobody else reads",
        _COPY,
        "        beside.mkdir(mode=0o700)\n",
        "        beside.mkdir(mode=0o755)\n        beside.chmod(0o755)\n",
        (f"{_SAVED}::test_every_row_and_every_file_is_found_again_on_another_machine",),
    ),
    Defence(
        "saving: identifiers printed since the copy",
        _AFTER,
        "        first += given.gap\n",
        "",
        (f"{_SAVED}::test_identifiers_printed_after_the_copy_are_given_to_nobody_else",),
    ),
    Defence(
        "saving: series that a restoration already moved",
        _AFTER,
        "        skip_indexes(session, given.gap)\n",
        "",
        (f"{_SAVED}::test_a_second_loss_leaves_another_gap",),
    ),
    Defence(
        "saving: the list of those given",
        _AFTER,
        "        reserve_identifiers(session, given.identifiers, now)\n",
        "        pass\n",
        (f"{_SAVED}::test_with_the_list_of_those_given_no_gap_is_left",),
    ),
    Defence(
        "saving: everybody logged out",
        _AFTER,
        "    for gone in (AccountSession, StaffSession, WorkerProcess):\n",
        "    for gone in (WorkerProcess,):\n",
        (f"{_SAVED}::test_everybody_is_logged_out_and_the_journal_goes_on_above_what_was_read_elsewhere",),
    ),
    Defence(
        "saving: numbers of the journal read elsewhere",
        _AFTER,
        "    number = last_event_id(session) + EVENTS_SKIPPED\n",
        "    number = last_event_id(session) + 1\n",
        (f"{_SAVED}::test_everybody_is_logged_out_and_the_journal_goes_on_above_what_was_read_elsewhere",),
    ),
    Defence(
        "saving: nothing leaves before it is released",
        "shared/notifications/outbox/leases.py",
        "        .where(due(rows, now, state), nothing_is_held(), *conditions)\n",
        "        .where(due(rows, now, state), *conditions)\n",
        (f"{_SAVED}::test_nothing_that_waited_leaves_before_it_is_released",),
    ),
    Defence(
        "saving: nothing is erased before it is released",
        "shared/worker/daily.py",
        "        require_nothing_held(session)\n",
        "        pass\n",
        (f"{_SAVED}::test_nothing_that_waited_leaves_before_it_is_released",),
    ),
    Defence(
        "saving: what was asked for since leaves",
        _RELEASE,
        "        dropped += _skip(session, rows, rows.created_at <= restored_at, now)\n",
        "        dropped += _skip(session, rows, rows.id > 0, now)\n",
        (f"{_SAVED}::test_what_is_dropped_never_leaves_and_what_was_asked_for_since_does",),
    ),
)

OF_RETENTION = (
    Defence(
        "retention: no erasure before its mail left",
        _ACCOUNTS,
        ".where(AccountErasure.due_on <= given.today, over(given), ~mail_waits)\n",
        ".where(AccountErasure.due_on <= given.today, over(given))\n",
        (f"{_YEARS}::test_nothing_is_erased_before_its_mail_has_left",),
    ),
    Defence(
        "retention: thirty days after the mail",
        _ACCOUNTS,
        "    due_on = given.today + NOTICE\n",
        "    due_on = given.today\n",
        (f"{_YEARS}::test_an_installation_that_slept_tells_before_it_erases",),
    ),
    Defence(
        "retention: a guardian of another child",
        _FICHES,
        "        ~still_of_one,\n",
        "",
        (f"{_YEARS}::test_three_years_of_one_school",),
    ),
    Defence(
        "retention: the journal tells of nobody",
        _FICHES,
        "details={name: number}",
        "details={name: number}, subject=str(ids)",
        (f"{_YEARS}::test_identifiers_stay_given_and_the_journal_tells_of_nobody",),
    ),
    Defence(
        "retention: longer where it is set so",
        "shared/retention/periods.py",
        "    left_by = today - relativedelta(months=settings.retention_fiche_months)\n",
        "    left_by = today - relativedelta(months=3)\n",
        (f"{_YEARS}::test_periods_can_be_lengthened",),
    ),
)

OF_FIGURES = (
    Defence(
        "figures: no mean that tells the rate of one other school",
        "shared/overview/figures.py",
        "    if figures.with_accounts - session.scalars(known).one() < FEWEST_OTHERS:\n",
        "    if figures.schools < 1:\n",
        (
            f"{_FIGURES}::test_no_school_reads_the_rate_of_another_in_the_mean",
            f"{_FIGURES}::test_a_head_of_several_schools_reads_the_rate_of_no_other_in_the_mean",
        ),
    ),
    Defence(
        "figures: the journal of the académie tells of no account",
        "shared/models/journal.py",
        "OF_ACADEMY = text(\"coalesce(establishment_id, account_id) IS NULL AND action <> 'login_refused'\")\n",
        "OF_ACADEMY = text(\"establishment_id IS NULL AND action <> 'login_refused'\")\n",
        (f"{_JOURNAL}::test_it_holds_what_is_of_no_school_and_of_no_account",),
    ),
    Defence(
        "figures: the académie reads what it did in schools, and no more",
        "admin_app/views/academy/journal.py",
        "        return events.where(IN_SCHOOLS, JournalEvent.actor_id.in_(administrators))\n",
        "        return events.where(JournalEvent.establishment_id.is_not(None))\n",
        (f"{_JOURNAL}::test_what_the_academie_did_in_schools_is_asked_for_apart",),
    ),
    Defence(
        "guesses: mails to whoever an identifier is guessed of",
        "shared/accounts/holder/own_password.py",
        '    interval = TIME_BETWEEN_RESETS if "@" in typed else TIME_BETWEEN_RESETS_BY_IDENTIFIER\n',
        "    interval = TIME_BETWEEN_RESETS\n",
        (
            "tests/accounts/holder/test_own_password.py"
            "::test_whoever_guesses_an_identifier_makes_one_mail_leave_in_an_hour",
        ),
    ),
)
