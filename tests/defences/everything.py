"""Every defence of the table, and of the pages that `docs/asvs.md` answers with."""

from tests.defences.asvs import OF_ASVS
from tests.defences.asvs_rights import OF_RIGHTS
from tests.defences.asvs_secrets import OF_SECRETS
from tests.defences.channels import OF_CHANNELS
from tests.defences.ents import OF_ENTS
from tests.defences.guessing import OF_GUESSING, OF_WITHOUT_LETTER
from tests.defences.helping import OF_HELPING
from tests.defences.holders import OF_HOLDERS
from tests.defences.keeping import OF_FIGURES, OF_RETENTION, OF_SAVING
from tests.defences.pages import OF_PAGES
from tests.defences.portal_in_front import OF_PORTAL_IN_FRONT
from tests.defences.provider import OF_PROVIDER
from tests.defences.records import OF_RECORDS
from tests.defences.returned import OF_RETURNED
from tests.defences.saml import OF_SAML
from tests.defences.sign_on import OF_SIGN_ON
from tests.defences.steps import OF_STEPS
from tests.defences.table import DEFENCES

EVERY_DEFENCE = (
    *DEFENCES,
    *OF_ASVS,
    *OF_SECRETS,
    *OF_RIGHTS,
    *OF_SIGN_ON,
    *OF_PORTAL_IN_FRONT,
    *OF_SAML,
    *OF_GUESSING,
    *OF_HOLDERS,
    *OF_PAGES,
    *OF_RECORDS,
    *OF_RETURNED,
    *OF_WITHOUT_LETTER,
    *OF_SAVING,
    *OF_RETENTION,
    *OF_FIGURES,
    *OF_PROVIDER,
    *OF_ENTS,
    *OF_STEPS,
    *OF_HELPING,
    *OF_CHANNELS,
)

_FAILED = {test for defence in EVERY_DEFENCE for test in defence.tests}
_SEEN_BY_THEMSELVES = "tests/test_absences.py::"
"""Each of these has a test beside it that it would see what it looks for."""


def is_seen_to_fail(test: str) -> bool:
    """Whether a test, `path::name` or a whole file, fails when the defence that it is for is taken away."""
    return test in _FAILED or test.partition("::")[0] in _FAILED or test.startswith(_SEEN_BY_THEMSELVES)
