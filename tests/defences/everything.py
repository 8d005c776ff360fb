"""Every defence of the table, and of the pages that `docs/asvs.md` answers with."""

from tests.defences.asvs import OF_ASVS
from tests.defences.asvs_rights import OF_RIGHTS
from tests.defences.asvs_secrets import OF_SECRETS
from tests.defences.provider import OF_PROVIDER
from tests.defences.sign_on import OF_SIGN_ON
from tests.defences.table import DEFENCES
from tests.defences.without_letter import OF_WITHOUT_LETTER

EVERY_DEFENCE = (*DEFENCES, *OF_ASVS, *OF_SECRETS, *OF_RIGHTS, *OF_SIGN_ON, *OF_WITHOUT_LETTER, *OF_PROVIDER)
