"""What an ENT is told, in SAML, signed by xmlsec1: loaded by whoever enters one, since pysaml2 is heavy.

The assertion is signed, and the response around it: ENTs look at the one or at the other.
"""

import base64
import logging
from datetime import timedelta
from tempfile import NamedTemporaryFile
from typing import Any

from saml2 import VERSION, class_name, saml, samlp
from saml2.s_utils import sid
from saml2.sigver import CryptoBackendXmlSec1, SigverError, pre_signature_part
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from shared.provider.ent.entering import NotTold, Told
from shared.provider.refusals import Refusal, Refused
from shared.sign_on.refusals import SignOnRefused
from shared.sign_on.saml.party import certificate_of, instant
from shared.sign_on.saml.plain import xmlsec

# It logs whole answers, with what they say of people.
logging.getLogger("saml2").setLevel(logging.CRITICAL + 1)

GOOD_FOR = timedelta(minutes=5)
SKEW = timedelta(minutes=1)
VECTOR = "FrEduVecteur"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
WAYS = {
    "pwd": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    "pop": "urn:oasis:names:tc:SAML:2.0:ac:classes:X509",
}
"""What SAML calls a login: it has no word for passkeys, and that of a key held comes nearest."""
Element = Any
"""pysaml2 has no types."""


def signed(told: Told | NotTold) -> str:
    """The response, in base64, as the form of the browser brings it. It runs a program: no transaction is open.

    Raises:
        Refused: it cannot be signed on this machine.
    """
    response = _response(told, "Success" if isinstance(told, Told) else told.status)
    to_sign = [response]
    if isinstance(told, Told):
        response.assertion = _assertion(told)
        to_sign.insert(0, response.assertion)
    certificate = certificate_of(told.key)
    for one in to_sign:
        one.signature = pre_signature_part(one.id, certificate, digest_alg=DIGEST_SHA256, sign_alg=SIG_RSA_SHA256)
    return base64.b64encode(_signed(response, to_sign, told.key).encode()).decode()


def _signed(response: Element, to_sign: list[Element], key: str) -> str:
    try:
        tool = CryptoBackendXmlSec1(xmlsec(), delete_tmpfiles=True)
        # The program reads the key from a file of this process alone, gone before anybody is answered.
        with NamedTemporaryFile(suffix=".pem") as file:
            file.write(key.encode())
            file.flush()
            document = response.to_string().decode()
            for one in to_sign:
                document = tool.sign_statement(document, class_name(one), file.name, one.id)
    except SignOnRefused as refused:
        raise Refused(Refusal.ENT_UNAVAILABLE, refused.detail) from None
    except (SigverError, OSError) as error:
        raise Refused(Refusal.ENT_UNAVAILABLE, f"xmlsec1: {type(error).__name__}") from None
    return str(document)


def _response(told: Told | NotTold, status: str) -> Element:
    code = samlp.StatusCode(value=STATUS + (status if status == "Success" else "Responder"))
    if status != "Success":
        code.status_code = samlp.StatusCode(value=STATUS + status)
    return samlp.Response(
        id=sid(),
        version=VERSION,
        issue_instant=instant(told.now),
        destination=told.consumer,
        in_response_to=told.request_id,
        issuer=_issuer(told.issuer),
        status=samlp.Status(status_code=code),
    )


def _assertion(told: Told) -> Element:
    until = instant(told.now + GOOD_FOR)
    audience = saml.AudienceRestriction(audience=[saml.Audience(text=told.entity_id)])
    return saml.Assertion(
        id=sid(),
        version=VERSION,
        issue_instant=instant(told.now),
        issuer=_issuer(told.issuer),
        subject=_subject(told, until),
        conditions=saml.Conditions(
            not_before=instant(told.now - SKEW), not_on_or_after=until, audience_restriction=[audience]
        ),
        authn_statement=[
            saml.AuthnStatement(
                authn_instant=instant(told.proof.at),
                session_index=told.session_index,
                session_not_on_or_after=instant(told.session_until),
                authn_context=saml.AuthnContext(
                    authn_context_class_ref=saml.AuthnContextClassRef(text=WAYS.get(told.proof.way, WAYS["pwd"]))
                ),
            )
        ],
        attribute_statement=[saml.AttributeStatement(attribute=[_vectors(told)])],
    )


def _subject(told: Told, until: str) -> Element:
    data = saml.SubjectConfirmationData(recipient=told.consumer, in_response_to=told.request_id, not_on_or_after=until)
    return saml.Subject(
        name_id=saml.NameID(
            text=told.subject, format=told.subject_format, name_qualifier=told.issuer, sp_name_qualifier=told.entity_id
        ),
        subject_confirmation=[saml.SubjectConfirmation(method=saml.SCM_BEARER, subject_confirmation_data=data)],
    )


def _vectors(told: Told) -> Element:
    values = []
    for vector in told.vectors:
        value = saml.AttributeValue()
        value.set_text(vector)
        values.append(value)
    return saml.Attribute(name=VECTOR, name_format=saml.NAME_FORMAT_BASIC, friendly_name=VECTOR, attribute_value=values)


def _issuer(name: str) -> Element:
    return saml.Issuer(text=name, format=saml.NAMEID_FORMAT_ENTITY)
