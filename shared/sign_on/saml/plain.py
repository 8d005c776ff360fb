"""XML as text, before any library reads it, and the program that signs and verifies it: what both sides of SAML need.

Loaded by whoever speaks SAML, so nothing here is heavy.
"""

import shutil

from shared.sign_on.refusals import Refusal, SignOnRefused


def text_of(document: bytes) -> str:
    """The text of a document that declares nothing, and holds neither comments nor instructions: ours need none.

    Entities and what is fetched from elsewhere begin there; and a comment cuts a text in two, of which libraries read
    the one half or the other.

    Raises:
        ValueError: it has some, or is not in UTF-8.
    """
    try:
        text = document.decode("utf-8").removeprefix("\ufeff").lstrip()
    except UnicodeDecodeError:
        raise ValueError("not in UTF-8") from None
    if text.startswith("<?xml"):
        text = text.partition("?>")[2]
    if "<!" in text or "<?" in text:
        raise ValueError("declarations or comments")
    return text


def without_comments(document: bytes) -> bytes:
    """Metadata are edited by hand, and commented: what is between is no part of them."""
    before, _, rest = document.partition(b"<!--")
    while rest:
        _, _, after = rest.partition(b"-->")
        between, _, rest = after.partition(b"<!--")
        before += between
    return before


def xmlsec() -> str:
    """The program that makes and verifies signatures.

    Raises:
        SignOnRefused: it is not on this machine.
    """
    found = shutil.which("xmlsec1")
    if found is None:
        raise SignOnRefused(Refusal.UNAVAILABLE, "xmlsec1 is not installed")
    return found
