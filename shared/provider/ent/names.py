"""What an ENT knows an account by (NameID): a name of its own, which means nothing to another ENT (R35)."""

from shared.accounts.credentials.sealing import Sealer
from shared.models.access.ents import EntService
from shared.provider.claims import pairwise

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


def format_of(*, is_transient: bool) -> str:
    """What SAML calls such a name."""
    return TRANSIENT if is_transient else PERSISTENT


def name_of(sealer: Sealer, service: EntService, account_id: int, session_index: str, *, is_transient: bool) -> str:
    """The same for an account each time, or of one entry alone where the ENT wants a name that is transient.

    Raises:
        SealBroken: the key that sealed what it is computed with is no longer in the configuration.
    """
    of = f"session {session_index}" if is_transient else f"account {account_id}"
    return pairwise(sealer.open(service.pairwise_key), of)
