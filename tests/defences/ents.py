"""The defences of the portal as ENTs know it."""

from tests.defences.table import Defence

BAD = "tests/provider/ents/test_bad_questions.py"
ENTERING = "tests/provider/ents/test_entering.py"
ENDING = "tests/provider/ents/test_ending.py"
METADATA = "tests/provider/ents/test_metadata.py::test_metadata_that_are_none_are_refused_with_a_reason"
WRONG = f"{BAD}::test_a_question_that_is_not_what_it_must_be"
SIGNED = f"{BAD}::test_a_question_that_is_not_signed_or_by_somebody_else"
QUESTIONS = "shared/provider/ent/questions.py"
MESSAGES = "shared/provider/ent/messages.py"
LEAVING = "tests/provider/ents/test_leaving.py"
VECTORS = "shared/provider/ent/vectors.py"
READ = "shared/provider/ent/metadata.py"

OF_ENTS = (
    Defence(
        "ENT: an address with a suffix",
        QUESTIONS,
        "    found = place if place in service.consumers else",
        "    found = place if any((place or '').startswith(one) for one in service.consumers) else",
        (WRONG,),
    ),
    Defence(
        "ENT: a question that is not signed",
        MESSAGES,
        "    if service.certificates:\n        _require_signature(service, fields, sent)\n",
        "",
        (SIGNED, f"{BAD}::test_an_ent_may_not_ask_in_the_name_of_another"),
    ),
    Defence(
        "ENT: a question that is of long ago",
        MESSAGES,
        "    if is_late or is_early:\n",
        "    if False:\n",
        (f"{BAD}::test_a_question_that_is_not_of_now",),
    ),
    Defence(
        "ENT: a question answered twice",
        "shared/provider/ent/entering.py",
        '        "request_id": question.request_id,\n',
        '        "request_id": drawn(),\n',
        (f"{BAD}::test_a_question_is_answered_once", f"{BAD}::test_a_question_that_waits_twice_is_answered_once"),
    ),
    Defence(
        "ENT: a question that swells",
        MESSAGES,
        "        if inflating.unconsumed_tail or not inflating.eof:\n",
        "        if False:\n",
        (f"{BAD}::test_a_document_is_refused_for_what_it_is",),
    ),
    Defence(
        "ENT: a state that is too long",
        MESSAGES,
        "    if len(state) > LONGEST_STATE or not (state.isprintable() or not state):\n",
        "    if False:\n",
        (f"{BAD}::test_a_relay_state_that_is_too_long_is_refused_even_signed",),
    ),
    Defence(
        "ENT: one that is shut",
        MESSAGES,
        "EntService.entity_id == entity_id, EntService.is_open)",
        "EntService.entity_id == entity_id)",
        (f"{BAD}::test_an_ent_that_is_shut_is_told_nothing_even_while_somebody_reads",),
    ),
    Defence(
        "ENT: a school that chose another one",
        VECTORS,
        "    .join(EntService, EntService.ent_link_id == EstablishmentSettings.ent_link_id)\n",
        "    .join(EntService, EntService.id > 0)\n",
        (f"{BAD}::test_an_ent_that_no_school_of_the_family_chose_is_told_nothing",),
    ),
    Defence(
        "ENT: a school that shut it",
        VECTORS,
        "        EstablishmentSettings.ent_is_open,\n",
        "",
        (
            f"{ENTERING}::test_a_school_that_shuts_the_ent_or_chose_another_is_told_of_no_more",
            f"{ENTERING}::test_an_account_with_only_a_closed_school_is_told_so",
        ),
    ),
    Defence(
        "ENT: a tie that nobody confirmed",
        VECTORS,
        "        if allows(Power.SHOW_ITS_OWN, row.state, Role.HEAD)\n",
        "",
        (f"{ENTERING}::test_a_school_whose_tie_is_not_confirmed_tells_nothing",),
    ),
    Defence(
        "ENT: a name that holds the separator",
        VECTORS,
        'field.replace(SEPARATOR, " ").split()',
        "field.split()",
        (f"{ENTERING}::test_a_name_with_the_separator_names_no_other_child",),
    ),
    Defence(
        "ENT: a number that is somebody else's by now",
        VECTORS,
        '        Student.siecle_id.not_like(f"{FORMER_KEY}%"),\n',
        "",
        (f"{ENTERING}::test_a_child_whose_number_is_somebody_elses_by_now_is_not_told",),
    ),
    Defence(
        "ENT: a child that nobody agreed to name",
        "shared/provider/ent/consents.py",
        "{child.student_id for child in children} <= set(consent.students)",
        "True",
        (f"{ENTERING}::test_another_child_is_asked_for_anew",),
    ),
    Defence(
        "ENT: the page of another question",
        "parent_portal/ent/entering.py",
        '    if waiting is None or here is None or request.form.get("asked") != waiting.question.request_id:\n',
        "    if waiting is None or here is None:\n",
        (f"{ENTERING}::test_an_answer_to_a_page_that_was_shown_for_another_question_is_not_taken",),
    ),
    Defence(
        "ENT: the session of another browser",
        "shared/provider/ent/ending.py",
        "        EntEntry.session_hash == hashed(token),\n",
        "",
        (f"{ENDING}::test_the_session_of_another_browser_is_not_ended_by_it",),
    ),
    Defence(
        "ENT: an answer of another ENT",
        "shared/provider/ent/leaving.py",
        "    if message.service.id != asked.service_id or ",
        "    if ",
        (f"{LEAVING}::test_an_answer_of_another_ent_confirms_nothing",),
    ),
    Defence(
        "ENT: an answer to another request",
        "shared/provider/ent/leaving.py",
        'or message.root.get("InResponseTo") != asked.name:',
        ":",
        (f"{LEAVING}::test_an_ent_that_does_not_confirm_is_named_and_nothing_is_held_up",),
    ),
    Defence(
        "ENT: the session of another browser, told of a logout",
        "shared/provider/ent/leaving.py",
        "            EntEntry.session_hash == hashed(token),\n",
        "",
        (f"{LEAVING}::test_who_entered_no_ent_goes_to_none",),
    ),
    Defence(
        "ENT: metadata that are too long",
        READ,
        "    if len(document) > LARGEST:\n",
        "    if False:\n",
        (METADATA,),
    ),
    Defence(
        "ENT: an address that is not safe",
        READ,
        '    if len(place) > ADDRESS_LENGTH or not is_safe(place) or "*" in place:\n',
        "    if False:\n",
        (METADATA,),
    ),
    Defence(
        "ENT: a weak key",
        READ,
        "    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY:\n",
        "    if False:\n",
        (METADATA,),
    ),
)
