"""XML that somebody else wrote: looked at before any library acts on it."""

import base64
import binascii
from dataclasses import dataclass

from lxml import etree

from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.saml.party import ASSERTION, PROTOCOL, SIGNATURE
from shared.sign_on.saml.plain import text_of

LONGEST_ANSWER = 200_000
"""Signs of a response as it comes, in base64."""
SIGNED_BY = {
    *(
        f"http://www.w3.org/2001/04/xmldsig-more#{kind}-sha{size}"
        for kind in ("rsa", "ecdsa")
        for size in (256, 384, 512)
    ),
}
DIGESTED_BY = {
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
}
CANONICAL = "http://www.w3.org/2001/10/xml-exc-c14n#"
TRANSFORMED_BY = {f"{SIGNATURE}enveloped-signature", CANONICAL}


@dataclass(frozen=True)
class Answer:
    """A response with one assertion in it, which bears a signature of itself; whose, is still to be verified."""

    encoded: str
    assertion_id: str


def tree_of(document: bytes, what: str, reason: Refusal) -> etree._Element:
    """The root of a document that `text_of` takes.

    Raises:
        SignOnRefused: it does not, or it is no XML.
    """
    try:
        text = text_of(document)
    except ValueError as error:
        raise SignOnRefused(reason, f"{what}: {error}") from None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SignOnRefused(reason, f"{what}: no XML") from None


def opened(encoded: str) -> Answer:
    """A response, once it is sure that there is one assertion in it and that a signature can speak of no other.

    Raises:
        SignOnRefused: too long, no response, several assertions or names, a signature elsewhere or by weak means.
    """
    if not 0 < len(encoded) <= LONGEST_ANSWER:
        raise SignOnRefused(Refusal.INVALID, "no answer, or one that is too long")
    try:
        document = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise SignOnRefused(Refusal.INVALID, "answer: not in base64") from None
    root = tree_of(document, "answer", Refusal.INVALID)
    if root.tag != f"{{{PROTOCOL}}}Response":
        raise SignOnRefused(Refusal.INVALID, "answer: no response")
    if _status(root) != "urn:oasis:names:tc:SAML:2.0:status:Success":
        raise SignOnRefused(Refusal.DECLINED, "status")
    names = [element.get("ID") for element in root.iter() if element.get("ID") is not None]
    assertions = list(root.iter(f"{{{ASSERTION}}}Assertion"))
    if len(assertions) != 1 or assertions[0].getparent() is not root or len(names) != len(set(names)):
        raise SignOnRefused(Refusal.INVALID, "answer: not one assertion in its place")
    _require_own_signature(root, assertions[0])
    return Answer(base64.b64encode(document).decode(), assertions[0].get("ID", ""))


def _status(root: etree._Element) -> str:
    found = root.find(f"{{{PROTOCOL}}}Status/{{{PROTOCOL}}}StatusCode")
    return "" if found is None else found.get("Value", "")


def _require_own_signature(root: etree._Element, assertion: etree._Element) -> None:
    signatures = list(root.iter(f"{{{SIGNATURE}}}Signature"))
    own = [one for one in signatures if one.getparent() is assertion]
    if len(own) != 1 or any(one.getparent() not in (root, assertion) for one in signatures):
        raise SignOnRefused(Refusal.INVALID, "answer: the assertion is not signed itself")
    for signature in signatures:
        references = list(signature.iter(f"{{{SIGNATURE}}}Reference"))
        holder = signature.getparent()
        if holder is None or [one.get("URI") for one in references] != [f"#{holder.get('ID')}"]:
            raise SignOnRefused(Refusal.INVALID, "answer: a signature of something else")
        _require_means(signature)


def _require_means(signature: etree._Element) -> None:
    used = {
        name: {element.get("Algorithm") for element in signature.iter(f"{{{SIGNATURE}}}{name}")}
        for name in ("SignatureMethod", "DigestMethod", "Transform", "CanonicalizationMethod")
    }
    if (
        not used["SignatureMethod"] <= SIGNED_BY
        or not used["DigestMethod"] <= DIGESTED_BY
        or not used["Transform"] <= TRANSFORMED_BY
        or used["CanonicalizationMethod"] != {CANONICAL}
    ):
        raise SignOnRefused(Refusal.INVALID, "answer: signed by means that are not accepted")
