"""Authenticated encryption of what must be shown again later: initial passwords and rendered letters (R3)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shared.models.access.letter_marks import MARK_BYTES
from shared.refusals import Refusal

_OF_MARKS = b"teleservices: mark of an initial password"


class SealBroken(Refusal):
    """What was sealed was altered, or the key that sealed it is no longer in the configuration."""

    def __init__(self) -> None:
        super().__init__(
            "Un mot de passe provisoire ne peut pas être relu : la clé qui l'a chiffré n'est plus dans "
            "INITIAL_PASSWORD_KEY. Remettez-la à la suite de la nouvelle, séparée par une virgule."
        )


class Sealer:
    """Seals with the first key, opens with any of them, so that keys can be changed without losing what exists."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._marking = [hmac.digest(key, _OF_MARKS, hashlib.sha256) for key in keys]
        self._keys = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])

    def seal(self, plain: str) -> bytes:
        """`plain`, encrypted and authenticated."""
        return self.seal_bytes(plain.encode())

    def open(self, sealed: bytes) -> str:
        """What was sealed.

        Raises:
            SealBroken: it was altered, or no key opens it.
        """
        return self.open_bytes(sealed).decode()

    def mark(self, owner: int, text: str) -> bytes:
        """Some bits of a digest of `text`, by which it is known again as that of `owner`; nothing gives it back."""
        return _mark(self._marking[0], owner, text)

    def recognises(self, mark: bytes, owner: int, text: str) -> bool:
        """Whether `mark` may be of `text`, under any of the keys: surely when it is, once in 16 million when not."""
        return any(hmac.compare_digest(mark, _mark(key, owner, text)) for key in self._marking)

    def seal_bytes(self, plain: bytes) -> bytes:
        """`plain`, encrypted and authenticated."""
        return self._keys.encrypt(plain)

    def open_bytes(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            SealBroken: it was altered, or no key opens it.
        """
        try:
            return self._keys.decrypt(sealed)
        except InvalidToken:
            raise SealBroken from None


def _mark(key: bytes, owner: int, text: str) -> bytes:
    return hmac.digest(key, f"{owner}\x1f{text}".encode(), hashlib.sha256)[:MARK_BYTES]
