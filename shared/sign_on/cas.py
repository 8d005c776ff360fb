"""CAS, as an ENT or an académie speaks it: a browser comes back with a ticket, which the server explains once."""

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from shared.sign_on.asking.addresses import require_safe
from shared.sign_on.attributes import Attributes
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.said import Said
from shared.sign_on.saml.plain import text_of

if TYPE_CHECKING:
    from cas import CASClientV3

# It logs whole answers, with what they say of people.
logging.getLogger("cas").setLevel(logging.WARNING)

LONGEST_TICKET = 500
LONGEST_SUBJECT = 255


def way_to_cas(server: str, service: str) -> str:
    """Where to send a browser; it comes back to `service`.

    Raises:
        SignOnRefused: an address that may not be spoken to.
    """
    require_safe(server)
    return str(_client(server, service).get_login_url())


def said_by_cas(server: str, service: str, ticket: str) -> Said:
    """What the server says of whoever came back to `service` with `ticket`: it says so once.

    Raises:
        SignOnRefused: it refuses the ticket, does not answer, or answers nothing that can be read.
    """
    require_safe(server)
    if not 0 < len(ticket) <= LONGEST_TICKET or not ticket.isascii():
        raise SignOnRefused(Refusal.INVALID, "no ticket")
    client = _client(server, service)
    try:
        answer = client.get_verification_response(ticket)
        # The library would expand what an answer declares; none of CAS declares anything.
        text_of(answer)
        subject, attributes, _granting = client.verify_response(answer)
    # What requests raises is an OSError.
    except OSError as error:
        raise SignOnRefused(Refusal.UNAVAILABLE, f"{urlsplit(server).hostname}: {type(error).__name__}") from None
    except (ParseError, ValueError, IndexError, AttributeError) as error:
        raise SignOnRefused(Refusal.UNAVAILABLE, f"answer: {type(error).__name__}") from None
    finally:
        client.session.close()
    if not subject:
        raise SignOnRefused(Refusal.INVALID, "ticket refused")
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise SignOnRefused(Refusal.INVALID, "user")
    return Said(subject, Attributes.of(attributes or {}), frozenset(), ticket[:LONGEST_SUBJECT])


def _client(server: str, service: str) -> "CASClientV3":
    # Loaded where somebody comes by CAS.
    import requests
    from cas import CASClientV3

    from shared.sign_on.asking.web import bound

    session = requests.Session()
    bound(session)
    return CASClientV3(service_url=service, server_url=server.rstrip("/") + "/", session=session)
