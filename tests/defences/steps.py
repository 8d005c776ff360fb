"""What keeps campaigns in steps from writing to whom they must not, each taken away in turn (R36, R37)."""

from tests.defences.table import Defence

_NOTICE = "shared/notifications/content/notice.py"
_PLANNING = "shared/notifications/staged/planning.py"
_DUE = "shared/notifications/staged/falling_due.py"
_CONTROL = "shared/notifications/staged/control.py"
_FINDING = "shared/notifications/staged/finding.py"
_INVITING = "shared/accounts/without_letter/inviting.py"
_STEPS = "tests/notifications/staged/test_steps.py"
_INVITATIONS = "tests/notifications/staged/test_invitations.py"
_PAGES = "tests/admin/test_staged.py"

OF_STEPS = (
    Defence(
        "steps: activated before the printer",
        _NOTICE,
        "    if row.stage_id is not None and not policy.expires:\n",
        "    if False:\n",
        (f"{_STEPS}::test_who_activates_between_the_step_and_the_printer_gets_no_letter",),
    ),
    Defence(
        "steps: not twice by one channel",
        _PLANNING,
        "    if decision.skipped is None and decision.account_id in told:\n",
        "    if False:\n",
        (f"{_STEPS}::test_whoever_left_or_was_closed_merged_or_notified_so_since_leaves",),
    ),
    Defence(
        "steps: for those alone who did not activate",
        _PLANNING,
        "    return Criteria(kind=kind, states=frozenset(EXPIRING), listed_in=first)\n",
        "    return Criteria(kind=kind, listed_in=first)\n",
        (f"{_STEPS}::test_paper_is_for_those_alone_who_did_not_activate",),
    ),
    Defence(
        "steps: who asked may still",
        _DUE,
        "    if not may_still_notify(desk, staged):\n        return StageCause.AUTHOR\n",
        "",
        (f"{_STEPS}::test_where_who_asked_may_no_more_somebody_is_asked",),
    ),
    Defence(
        "steps: no dearer than was confirmed",
        _DUE,
        "    if planned.cost(stage.channel) > stage.most * stage.price:\n        return StageCause.DEARER\n",
        "",
        (f"{_STEPS}::test_it_asks_where_it_would_cost_more_than_was_confirmed",),
    ),
    Defence(
        "steps: not again after a restoration",
        _DUE,
        "    if desk.session.scalar(select(exists().where(Restoration.restored_at > before.created_at))):\n"
        "        return StageCause.RESTORED\n",
        "",
        (f"{_STEPS}::test_it_asks_after_a_restoration_and_does_nothing_before_it_is_released",),
    ),
    Defence(
        "steps: nothing while a restoration is held",
        _DUE,
        "            nothing_is_held(),\n",
        "",
        (f"{_STEPS}::test_it_asks_after_a_restoration_and_does_nothing_before_it_is_released",),
    ),
    Defence(
        "steps: confirmed twice, launched once",
        _CONTROL,
        "    if launched is not None:\n        return find_campaign(desk.session, desk.establishment_id, launched)\n",
        "",
        (f"{_STEPS}::test_a_step_is_put_forward_and_the_next_counts_from_it",),
    ),
    Defence(
        "steps: of another school, or the other tab",
        "admin_app/views/notifying/staged.py",
        '        if staged.criteria.get("kind") != self.area.population.kind.value:\n            abort(404)\n',
        "",
        (f"{_PAGES}::test_another_school_and_the_other_tab_find_nothing",),
    ),
    Defence(
        "invitation: a mailbox of no family",
        _INVITING,
        "            of_address.scalar_subquery() <= PERSONS_OF_ONE_ADDRESS,\n",
        "",
        (f"{_INVITATIONS}::test_who_cannot_come_so_is_notified_as_ever",),
    ),
    Defence(
        "invitation: where the school lets come",
        _INVITING,
        "            *may_be_written_to(today),\n",
        "",
        (f"{_INVITATIONS}::test_who_cannot_come_so_is_notified_as_ever",),
    ),
)
