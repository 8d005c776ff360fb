"""The keys that the portal signs what it tells téléservices with (R35)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from joserfc.jwk import KeySet, RSAKey
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.models.access.openid import OpenidClient, OpenidKey
from shared.models.journal import Action
from shared.proofs.secrets import drawn
from shared.provider.rotation import Rotation, published_at

ALGORITHM = "RS256"
"""The one that every téléservice knows (OpenID Connect Core 1.0, 15.1)."""
BITS = 2048
SIGNS_FOR = timedelta(days=90)
PUBLISHED_BEFORE = timedelta(days=1)
"""Longer than any téléservice keeps what it read of our keys."""


@dataclass(frozen=True)
class SigningKey:
    """A key and its name."""

    name: str
    private: RSAKey


@dataclass
class Keyring:
    """The private keys that one process opened: unsealing and reading one takes longer than signing with it."""

    _opened: dict[str, RSAKey] = field(default_factory=dict)

    def signing(self, session: Session, sealer: Sealer, now: datetime) -> SigningKey:
        """The key that signs at `now`.

        Raises:
            NoKey: there is none.
            SealBroken: the key that sealed it is no longer in the configuration.
        """
        row = KEYS.signing(session, now)
        if row.name not in self._opened:
            self._opened = {row.name: RSAKey.import_key(sealer.open_bytes(row.private))}
        return SigningKey(row.name, self._opened[row.name])


def key_set(session: Session, now: datetime) -> KeySet:
    """The public halves of those that are published."""
    return KeySet([RSAKey.import_key(key.public) for key in published_at(KEYS.kept(session), now)])


def _made(sealer: Sealer, now: datetime) -> OpenidKey:
    name = drawn()
    key = RSAKey.generate_key(BITS, {"kid": name, "use": "sig", "alg": ALGORITHM}, private=True)
    return OpenidKey(
        name=name,
        private=sealer.seal_bytes(key.as_pem(private=True)),
        public=dict(key.as_dict(private=False)),
        created_at=now,
    )


KEYS = Rotation(OpenidKey, OpenidClient.id, SIGNS_FOR, PUBLISHED_BEFORE, Action.OPENID_KEY_REPLACED, _made)
