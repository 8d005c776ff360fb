"""Tries the two public addresses from here, as a visitor would: name, certificate, relay, application (R38)."""

import http.client
import socket
import ssl
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from shared.clock import now
from shared.config import Settings
from shared.refusals import reason_of
from shared.settings.values import LOCAL_HOSTS
from shared.watching.judgement import Finding, Level
from shared.watching.probes import ALIVE

SECONDS = 10
LARGEST_ANSWER = 100
SOON = timedelta(days=14)
"""What renews certificates by itself does so a month before, and has failed several times by then."""
_REASONS = {
    10: "son certificat est périmé",
    18: "son certificat n'est signé par personne que cette machine connaisse",
    19: "son certificat n'est signé par personne que cette machine connaisse",
    20: "son certificat n'est signé par personne que cette machine connaisse : le relais donne-t-il toute la chaîne ?",
    21: "son certificat n'est signé par personne que cette machine connaisse : le relais donne-t-il toute la chaîne ?",
    62: "son certificat est à un autre nom",
}
"""By the numbers of OpenSSL."""
_OF_A_RELAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


def try_address(name: str, address: str, settings: Settings) -> Finding:
    """Ask the application at `address` whether it lives, and how long its certificate is good for."""
    probe = f"{address}{ALIVE}"
    try:
        status, said, until = _asked(probe)
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        return Finding(name, Level.CRITICAL, f"{probe} ne répond pas : {_reason(error)}")
    if status in _OF_A_RELAY:
        sentence = f"{probe} : le relais répond {status}, l'application derrière lui ne répond pas"
        return Finding(name, Level.CRITICAL, sentence)
    if said != "ok":
        return Finding(name, Level.CRITICAL, f"{probe} ne mène pas à cette application : le relais est-il bien réglé ?")
    if until is not None and until - now() < SOON:
        sentence = f"{address} répond ; son certificat finit le {until:%d/%m/%Y} : renouvelez-le"
        return Finding(name, Level.WARNING, sentence)
    if not settings.trusted_proxies and urlsplit(address).hostname not in LOCAL_HOSTS:
        sentence = f"{address} répond ; s'il y a un relais, dites TRUSTED_PROXIES=1 : les limites comptent par adresse"
        return Finding(name, Level.WARNING, sentence)
    return Finding(name, Level.GOOD, f"{address} répond")


def _asked(probe: str) -> tuple[int, str, datetime | None]:
    """The status, the first words, and the end of the certificate where there is one."""
    parts = urlsplit(probe)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
    )
    try:
        connection.connect()
        until = _end_of_certificate(connection.sock)
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        return answer.status, answer.read(LARGEST_ANSWER).decode(errors="replace").strip(), until
    finally:
        connection.close()


def _end_of_certificate(connected: socket.socket) -> datetime | None:
    certificate = connected.getpeercert() if isinstance(connected, ssl.SSLSocket) else None
    if not certificate:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _REASONS.get(error.verify_code, f"son certificat est refusé ({error.verify_message})")
    if isinstance(error, socket.gaierror):
        return "son nom ne mène nulle part depuis cette machine (DNS, ou /etc/hosts)"
    if isinstance(error, TimeoutError):
        return f"rien en {SECONDS} secondes"
    if isinstance(error, ConnectionResetError | http.client.HTTPException):
        return "la connexion est coupée"
    return reason_of(error) if isinstance(error, OSError) else type(error).__name__
