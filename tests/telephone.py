"""A telephone of the tests: makes a passkey and answers with it, as the browser of a real one hands it over."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HOLDS_A_KEY = 1, 4, 64


class Telephone:
    """It holds one passkey; what it answers can be made wrong in one thing at a time."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin = origin
        self.counts = counts
        self.count = 0
        self.credential_id = secrets.token_bytes(32)
        self.user_handle: str | None = None
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: str, **wrong: Any) -> str:
        """The answer to what `navigator.credentials.create` was asked."""
        asked = json.loads(options)
        self.user_handle = asked["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(key)
        data = self._data(asked["rp"]["id"], HOLDS_A_KEY, wrong) + held
        return self._answer(
            wrong,
            clientDataJSON=self._client_data("webauthn.create", asked["challenge"], wrong),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
            transports=["internal", "hybrid"],
        )

    def get(self, options: str, **wrong: Any) -> str:
        """The answer to what `navigator.credentials.get` was asked."""
        asked = json.loads(options)
        data = self._data(asked["rpId"], 0, wrong)
        client_data = self._client_data("webauthn.get", asked["challenge"], wrong)
        key = wrong.get("key", self._key)
        signature = key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            wrong,
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=signature,
            userHandle=wrong.get("user_handle", self.user_handle),
        )

    def _data(self, rp_id: str, flags: int, wrong: dict[str, Any]) -> bytes:
        self.count = wrong.get("count", self.count + int(self.counts))
        flags |= wrong.get("flags", PRESENT | VERIFIED)
        hashed = hashlib.sha256(wrong.get("rp_id", rp_id).encode()).digest()
        return hashed + bytes([flags]) + int(self.count).to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str, wrong: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps({**told, **{name: wrong[name] for name in told if name in wrong}}).encode()

    def _answer(self, wrong: dict[str, Any], **response: Any) -> str:
        credential_id = _text(wrong.get("credential_id", self.credential_id))
        inside = {name: _text(value) if isinstance(value, bytes) else value for name, value in response.items()}
        return json.dumps({"id": credential_id, "rawId": credential_id, "type": "public-key", "response": inside})


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
