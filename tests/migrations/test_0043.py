"""A SAML provider may be written down; who came in by other providers, and what they were given, stays."""

import pytest

from shared.database import Database
from tests.migrations.test_0041 import comes_and_goes


@pytest.mark.both_databases
def test_a_saml_provider_comes_and_goes_and_the_others_stay(database: Database) -> None:
    comes_and_goes(database, "saml", before="0042", after="0043")
