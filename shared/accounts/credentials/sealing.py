"""Authenticated encryption of what must be shown again later: initial passwords and rendered letters (R3)."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shared.refusals import Refusal


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
