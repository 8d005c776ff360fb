"""The same for SAML 2.0."""

from tests.defences.table import Defence

DOCUMENTS = "shared/sign_on/saml/documents.py"
PLAIN = "shared/sign_on/saml/plain.py"
ASSERTION = "shared/sign_on/saml/assertion.py"
FEDERATION = "shared/sign_on/saml/federation.py"
VIEW = "admin_app/views/session/saml.py"
COMING = "tests/admin/test_sign_on_saml.py"
SAYS_ELSE = f"{COMING}::test_an_assertion_that_says_something_else_opens_nothing"
METADATA = f"{COMING}::test_a_provider_whose_metadata_say_something_else_is_not_asked"
IN_THE_BROWSER = f"{COMING}::test_an_answer_is_good_once_and_in_its_own_browser"
LOGIN_CSRF = f"{COMING}::test_nobody_is_made_to_log_in_as_somebody_else"
BEFORE = f"{COMING}::test_an_assertion_of_before_answers_no_later_question"

OF_SAML = (
    Defence("SAML, means", DOCUMENTS, "        _require_means(signature)\n", "        pass\n", (SAYS_ELSE,)),
    Defence(
        "SAML, names that last",
        ASSERTION,
        "    if name.format == NAMEID_FORMAT_TRANSIENT:\n",
        "    if False:\n",
        (SAYS_ELSE,),
    ),
    Defence(
        "SAML, replay",
        VIEW,
        '        use_once(session(), f"{provider.id} {found.assertion_id}", found.until)\n',
        "",
        (f"{COMING}::test_the_name_of_an_assertion_is_kept_and_accepted_once",),
    ),
    Defence(
        "SAML, the answer in another browser",
        "shared/sign_on/attempts.py",
        "    if not is_same(browser, row.browser_hash):\n",
        "    if False:\n",
        (IN_THE_BROWSER, LOGIN_CSRF),
    ),
    Defence(
        "SAML, another provider",
        VIEW,
        "        if provider.id != provider_id or provider.kind",
        "        if False or provider.kind",
        (f"{COMING}::test_the_answer_of_one_provider_is_none_of_another",),
    ),
    Defence(
        "SAML, metadata of somebody else",
        FEDERATION,
        ' or root.get("entityID") != entity_id:\n',
        ":\n",
        (METADATA,),
    ),
    Defence("SAML, metadata that are over", FEDERATION, "    _require_in_force(root)\n", "", (METADATA,)),
    Defence(
        "SAML, a document without end",
        DOCUMENTS,
        "    if not 0 < len(encoded) <= LONGEST_ANSWER:\n",
        "    if False:\n",
        (f"{COMING}::test_a_document_is_refused_for_what_it_is",),
    ),
    Defence(
        "SAML, declarations",
        PLAIN,
        '    if "<!" in text or "<?" in text:\n',
        "    if False:\n",
        (f"{COMING}::test_a_document_is_refused_for_what_it_is", METADATA),
    ),
    Defence(
        "SAML, wrapping",
        DOCUMENTS,
        "    if len(assertions) != 1 or assertions[0].getparent() is not root or len(names) != len(set(names)):\n",
        "    if not assertions:\n",
        (f"{COMING}::test_a_document_is_refused_for_what_it_is",),
    ),
    Defence(
        "SAML, a signature of its own",
        DOCUMENTS,
        "    if len(own) != 1 or any(",
        "    if False and any(",
        (f"{COMING}::test_a_response_signed_as_a_whole_is_not_enough",),
    ),
)
