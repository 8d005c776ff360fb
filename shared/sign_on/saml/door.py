"""The door itself: what we are for one provider, the way there, and who came back."""

from datetime import datetime

from shared.accounts.credentials.sealing import Sealer
from shared.models.access.identity_providers import IdentityProvider
from shared.sign_on.attempts import Question
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.saml.documents import opened
from shared.sign_on.saml.federation import FEDERATION, Entity
from shared.sign_on.saml.party import Party, asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shared.sign_on.saml.assertion import Asserted


def party_of(provider: IdentityProvider, sealer: Sealer, entity_id: str, consumer: str) -> Party:
    """What we are for a provider.

    Raises:
        SealBroken: the key that sealed our own is no longer in the configuration.
        SignOnRefused: it was written down without a key of ours.
    """
    if provider.secret is None:
        raise SignOnRefused(Refusal.UNAVAILABLE, "no key of ours")
    return Party(entity_id, consumer, sealer.open(provider.secret))


def way_to_saml(
    party: Party, address: str, entity_id: str, question: Question, now: datetime, *, again: bool = False
) -> str:
    """Where to send a browser; `address` is that of the metadata of the provider `entity_id`.

    Raises:
        SignOnRefused: they cannot be read.
    """
    return asked(party, FEDERATION.entity(address, entity_id).sign_on, question, now, again=again)


def said_by_saml(party: Party, address: str, entity_id: str, encoded: str, nonce: str, now: datetime) -> "Asserted":
    """What the provider says of whoever came back with the response `encoded`.

    Raises:
        SignOnRefused: it is not its word, or not for us, for this question and of now.
    """
    # What reads it takes long to load, once.
    from shared.sign_on.saml.assertion import asserted

    answer = opened(encoded)
    try:
        return asserted(party, FEDERATION.entity(address, entity_id), answer, nonce, now)
    except SignOnRefused as refused:
        # Its keys may have been changed since they were read.
        if not refused.detail.startswith("assertion: ") or not FEDERATION.may_have_changed(address, entity_id):
            raise
        return asserted(party, FEDERATION.entity(address, entity_id), answer, nonce, now)


def read_anew(address: str, entity_id: str) -> Entity:
    """What a provider says of itself now.

    Raises:
        SignOnRefused: it does not answer, or says it is somebody else.
    """
    FEDERATION.forget(address)
    return FEDERATION.entity(address, entity_id)
