"""What the portal publishes for ENTs, and what it takes of theirs (R35)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from flask import Flask
from saml2.attribute_converter import ac_factory
from saml2.mdstore import InMemoryMetaData

from shared.provider.ent.metadata import LARGEST, MetadataRefused, read_metadata
from shared.sign_on.saml.party import certificate_of
from tests.provider.ents.ent import CONSUMER, ENTITY, GOODBYE, PORTAL, Ent
from tests.sign_on.saml_provider import key_of

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def test_the_metadata_say_who_we_are_and_where_and_pysaml2_reads_them(portal: Flask, ent: Ent) -> None:
    answer = portal.test_client().get("/ent/metadonnees", headers={"Host": "localhost"})
    assert answer.status_code == 200
    assert answer.content_type == "application/samlmetadata+xml"
    assert "max-age" in answer.headers["Cache-Control"]
    read = InMemoryMetaData(ac_factory(), answer.text)
    read.load()
    entity = f"{PORTAL}/metadonnees"
    assert list(read.keys()) == [entity]
    [sign_on] = read.service(entity, "idpsso_descriptor", "single_sign_on_service").values()
    assert [one["location"] for one in sign_on] == [f"{PORTAL}/connexion"]
    assert len(read.certs(entity, "idpsso", "signing")) == 1


def test_before_any_ent_is_connected_there_are_metadata_without_a_key(portal: Flask) -> None:
    answer = portal.test_client().get("/ent/metadonnees")
    assert answer.status_code == 200
    assert "X509Certificate" not in answer.text


def sample(portal: Flask) -> str:
    return Ent(portal).metadata()


def test_metadata_of_an_ent_are_read(portal: Flask) -> None:
    commented = "<?xml version='1.0' encoding='UTF-8'?>\n<!-- tenu à la main -->" + sample(portal).partition("?>")[2]
    read = read_metadata(commented.encode(), NOW)
    assert (read.entity_id, read.consumers, read.consumer_indexes) == (ENTITY, (CONSUMER,), (0,))
    assert read.certificates == (certificate_of(key_of("an ENT")),)
    assert read.logout_address == GOODBYE


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return base64.b64encode(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)).decode()


WEAK = certificate(rsa.generate_private_key(65537, 1024))
CURVE = certificate(ec.generate_private_key(ec.SECP256R1()))
OWN = certificate_of(key_of("an ENT"))
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (None, "", "Collez les métadonnées"),
        (None, "   ", "Collez les métadonnées"),
        (None, "bonjour", "Ce n'est pas du XML"),
        (None, "\ud83d", "Ce n'est pas du XML"),
        (None, "<a/>", "EntityDescriptor"),
        (None, ENTITIES + "<a>&b;</a>", "Ce n'est pas du XML"),
        (None, '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "Ce n'est pas du XML"),
        (None, "<?php ?><a/>", "Ce n'est pas du XML"),
        (None, "<a>" * 50_000, "Ce n'est pas du XML"),
        (None, "x" * (LARGEST + 1), "trop longues"),
        ("EntityDescriptor", "EntitiesDescriptor", "EntityDescriptor"),
        ("SPSSODescriptor", "IDPSSODescriptor", "fournisseur de service"),
        (ENTITY, "", "entityID"),
        (ENTITY, "x" * 501, "entityID"),
        (ENTITY, "a&#10;b", "entityID"),
        ("bindings:HTTP-POST", "bindings:HTTP-Artifact", "HTTP-POST"),
        (CONSUMER, "http://metice.example.org/acs", "https://"),
        (CONSUMER, "javascript:alert(1)", "https://"),
        (CONSUMER, "https://*.example.org/", "https://"),
        (CONSUMER, f"{CONSUMER}#x", "https://"),
        (CONSUMER, "https://moi:secret@metice.example.org/", "https://"),
        (CONSUMER, "https://" + "x" * 100_000, "https://"),
        (GOODBYE, "http://metice.example.org/", "https://"),
        ('index="0"', 'index="-1"', "index"),
        ('index="0"', 'index="x"', "index"),
        ('index="0"', 'index="99999999999999999999"', "index"),
        (OWN, "AAAA", "certificat"),
        (OWN, "é", "certificat"),
        (OWN, WEAK, "2048 bits"),
        (OWN, CURVE, "RSA"),
        (f'entityID="{ENTITY}"', f'entityID="{ENTITY}" validUntil="2026-11-28T00:00:00Z"', "plus valables"),
        (f'entityID="{ENTITY}"', f'entityID="{ENTITY}" validUntil="demain"', "ne se lit pas"),
    ],
)
def test_metadata_that_are_none_are_refused_with_a_reason(
    portal: Flask, old: str | None, new: str, sentence: str
) -> None:
    document = new if old is None else sample(portal).replace(old, new)
    assert old is None or old in sample(portal)
    with pytest.raises(MetadataRefused) as refused:
        read_metadata(document.encode("utf-8", "surrogatepass"), NOW)
    assert sentence in str(refused.value)


def test_there_are_not_more_addresses_than_an_ent_has(portal: Flask) -> None:
    one = sample(portal)
    start = one.index("<ns0:AssertionConsumerService")
    service = one[start : one.index("/>", start) + 2]
    many = "".join(service.replace('index="0"', f'index="{n}"').replace(CONSUMER, f"{CONSUMER}/{n}") for n in range(21))
    with pytest.raises(MetadataRefused, match="20 au plus"):
        read_metadata(one.replace(service, many).encode(), NOW)
