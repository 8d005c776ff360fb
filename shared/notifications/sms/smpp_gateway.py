"""Hands messages to a gateway by SMPP 3.4, over one connection a round, and reads the receipts that it sends by itself.

Messages are submitted a handful at a time (`SMS_SMPP_WINDOW`), and their answers known by their sequence numbers, in
whatever order they come: a line with latency is waited for once a handful. Other PDU that come meanwhile (receipts,
signs of life) are answered as they come.
"""

import re
import socket
import ssl
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.smpp

from shared.config import Settings
from shared.models.reasons import Reason
from shared.models.sending.refusals import Cause
from shared.notifications.outbox.leases import (
    DeliveryFailed,
    HandOverUnknown,
    PermanentFailure,
    ServerBusy,
    ServerUnavailable,
)
from shared.notifications.sms.alphabet import encoded, is_gsm
from shared.notifications.sms.gateway import Sms, Taken
from shared.notifications.sms_receipts.receipt import Receipt

SECONDS_TO_ANSWER = 10
"""How long the next answer may take."""
SECONDS_OF_A_HANDFUL = 120
"""How long all of them may."""
SECONDS_OF_RECEIPTS = 2.0
"""How long nothing may come before the round ends; what comes later waits at the gateway for the next one."""
LARGEST_PDU = 64 * 1024
RECEIPT_BYTES = 1000
THROTTLED = {smpplib.consts.SMPP_ESME_RTHROTTLED, smpplib.consts.SMPP_ESME_RMSGQFUL}
WRONG_NUMBER = {smpplib.consts.SMPP_ESME_RINVDSTADR}
GSM, UCS2 = 0, 8
"""`data_coding`: the alphabet of telephones, or any."""
WITH_RECEIPT = 1
IS_RECEIPT = 0x04
DEAD = {"REJECTD"}
_TEXT = re.compile(r"(?:^|\s)id:(\S{1,100})", re.IGNORECASE)
_STATE = re.compile(r"(?:^|\s)stat:([A-Z]{1,10})", re.IGNORECASE)
_ERROR = re.compile(r"(?:^|\s)err:(\S{1,10})", re.IGNORECASE)
_UNDELIVERED = {"EXPIRED", "DELETED", "UNDELIV", "REJECTD"}
_NATIONAL, _INTERNATIONAL, _ALPHANUMERIC, _ISDN, _UNKNOWN = 2, 1, 5, 1, 0


_ACKNOWLEDGE_NOW = getattr(socket, "TCP_QUICKACK", None)


class _Client(smpplib.client.Client):
    """With the name of the server checked, messages that leave at once, and no PDU larger than any there is."""

    def _create_socket(self) -> socket.socket:
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        raw.settimeout(self.timeout)
        # Else the second message of a handful waits until the first was acknowledged.
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return raw if self._ssl_context is None else self._ssl_context.wrap_socket(raw, server_hostname=self.host)

    def _recv_exact(self, exact_size: int) -> bytes:
        if not 0 <= exact_size <= LARGEST_PDU:
            raise smpplib.exceptions.ConnectionError("PDU too large")
        if _ACKNOWLEDGE_NOW is not None:
            # The system turns it off again by itself. Else a gateway that waits for it before it goes on with its
            # answers takes 40 ms a handful.
            self._socket.setsockopt(socket.IPPROTO_TCP, _ACKNOWLEDGE_NOW, 1)
        return bytes(super()._recv_exact(exact_size))


class SmppGateway:
    """One bind as a transceiver, made when it is first needed."""

    asks_for_receipts = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.at_once = settings.sms_smpp_window
        self._client: _Client | None = None
        self._received: list[Receipt] = []

    def __enter__(self) -> "SmppGateway":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave(politely=True)

    def send(self, messages: Sequence[Sms]) -> Sequence[Taken]:
        """Submit messages, then wait for their answers.

        What was submitted and not answered when the connection breaks may have been taken: nobody knows.
        """
        try:
            client = self._bound()
        except ServerUnavailable as away:
            return [away]
        submitted: list[int | None] = []
        answers: dict[int, Taken] = {}
        try:
            for message in messages:
                submitted.append(None)
                submitted[-1] = client.send_message(**self._submitted(message)).sequence
            self._wait_for(client, {one for one in submitted if one is not None}, answers)
        except (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError):
            self._leave()
        unknown = HandOverUnknown(Reason.SMS_STATE_UNKNOWN)
        return [unknown if one is None else answers.get(one, unknown) for one in submitted]

    def knock(self) -> None:
        """Bind.

        Raises:
            ServerUnavailable: no connection, or the login is refused.
        """
        self._bound()

    def receipt_of(self, reference: str) -> Receipt | None:
        """Nothing: receipts come by themselves."""
        return None

    def receipts(self) -> Sequence[Receipt]:
        """What came so far, and what comes until the gateway is quiet."""
        client = self._bound()
        client._socket.settimeout(SECONDS_OF_RECEIPTS)
        try:
            while True:
                self._take(client, client.read_pdu())
        except (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError):
            # Quiet, or gone: what was not answered comes again.
            pass
        received, self._received = self._received, []
        return received

    def _bound(self) -> _Client:
        if self._client is not None:
            return self._client
        settings = self._settings
        context = ssl.create_default_context() if settings.sms_smpp_tls == "tls" else None
        client = _Client(
            settings.sms_smpp_host,
            settings.sms_smpp_port,
            timeout=SECONDS_TO_ANSWER,
            logger_name=__name__,
            ssl_context=context,
            allow_unknown_opt_params=True,
        )
        self._client = client
        try:
            client.connect()
            client.bind_transceiver(system_id=settings.sms_smpp_user or "", password=settings.sms_smpp_password or "")
        except (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError) as error:
            self._leave()
            raise ServerUnavailable(f"la passerelle SMPP ne répond pas ({type(error).__name__})") from None
        return client

    def _submitted(self, message: Sms) -> dict[str, Any]:
        sender, in_gsm = self._settings.sms_sender or "", is_gsm(message.text)
        is_number = sender.lstrip("+").isdigit()
        return {
            "source_addr_ton": _INTERNATIONAL if is_number else _ALPHANUMERIC,
            "source_addr_npi": _ISDN if is_number else _UNKNOWN,
            "source_addr": sender.lstrip("+"),
            "dest_addr_ton": _INTERNATIONAL,
            "dest_addr_npi": _ISDN,
            "destination_addr": message.number.lstrip("+"),
            "short_message": encoded(message.text) if in_gsm else message.text.encode("utf-16-be"),
            "data_coding": GSM if in_gsm else UCS2,
            "registered_delivery": WITH_RECEIPT,
        }

    def _wait_for(self, client: _Client, sequences: set[int], answers: dict[int, Taken]) -> None:
        """Read the answers to these sequence numbers, each once; what else comes is answered."""
        client._socket.settimeout(SECONDS_TO_ANSWER)
        over_at = time.monotonic() + SECONDS_OF_A_HANDFUL
        next_by = time.monotonic() + SECONDS_TO_ANSWER
        while len(answers) < len(sequences):
            if time.monotonic() > min(next_by, over_at):
                raise smpplib.exceptions.ConnectionError("no answer")
            pdu = client.read_pdu()
            if pdu.command == "submit_sm_resp" and pdu.sequence in sequences and pdu.sequence not in answers:
                answers[pdu.sequence] = _taken(pdu)
                next_by = time.monotonic() + SECONDS_TO_ANSWER
            else:
                self._take(client, pdu)

    def _take(self, client: _Client, pdu: Any) -> None:  # noqa: ANN401 - a PDU of the library
        """Answer what the gateway says by itself; receipts are kept."""
        if pdu.command == "deliver_sm":
            if (receipt := read_receipt(pdu)) is not None:
                self._received.append(receipt)
            self._answer(client, "deliver_sm_resp", pdu.sequence)
        elif pdu.command == "enquire_link":
            self._answer(client, "enquire_link_resp", pdu.sequence)
        elif pdu.command == "unbind":
            raise smpplib.exceptions.ConnectionError("unbound")

    def _answer(self, client: _Client, command: str, sequence: int) -> None:
        answer = smpplib.smpp.make_pdu(command, client=client)
        answer.sequence = sequence
        client.send_pdu(answer)

    def _leave(self, *, politely: bool = False) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            if politely:
                client._socket.settimeout(SECONDS_OF_RECEIPTS)
                client.unbind()
        except (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError):
            pass
        client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN
        client.disconnect()


def read_receipt(pdu: Any) -> Receipt | None:  # noqa: ANN401 - a PDU of the library
    """The receipt that a `deliver_sm` is; none when it is a message from a telephone, or does not say yet."""
    if not (pdu.esm_class or 0) & IS_RECEIPT:
        return None
    text = (pdu.short_message or b"")[:RECEIPT_BYTES].decode("latin-1")
    named = (getattr(pdu, "receipted_message_id", None) or b"").decode("latin-1") or _first(_TEXT, text)
    state = _first(_STATE, text).upper()
    if not named:
        return None
    if state == "DELIVRD":
        return Receipt(named, arrived=True)
    if state not in _UNDELIVERED:
        return None
    said = f"{state} {_first(_ERROR, text)}".strip()
    return Receipt(named, arrived=False, said=said, is_dead_number=state in DEAD)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""


def _taken(answer: Any) -> Taken:  # noqa: ANN401 - a PDU of the library
    if answer.status == smpplib.consts.SMPP_ESME_ROK:
        return (answer.message_id or b"").decode("ascii", "replace") or None
    return _refusal(answer.status)


def _refusal(status: int) -> DeliveryFailed:
    described = smpplib.consts.DESCRIPTIONS.get(status, "")
    said = f"réponse de la passerelle SMPP : {status:#04x} {described}".strip()
    if status in THROTTLED:
        return ServerBusy(said)
    return PermanentFailure(said, Cause.ADDRESS if status in WRONG_NUMBER else None)
