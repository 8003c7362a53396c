"""Secrets at rest: each sealed under a key of its own, which is sealed under the platform's.

What is sealed is bound to its place (table, row and owner), so a ciphertext that is moved to
another row opens nothing there. Turning the platform's key over wraps the small keys anew; what
they protect is never opened for it.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quantloom.errors import Conflict
from quantloom_server.platform.keyring import KeyRing

PURPOSE = "secrets-at-rest"
_VERSION = b"\x01"
_KEY_ID_SIZE = 16
_NONCE = 12
_DEK = 32
_TAG = 16
_WRAPPED = _NONCE + _DEK + _TAG
_BODY = len(_VERSION) + _KEY_ID_SIZE + _WRAPPED


class CannotUnseal(Conflict):
    """A sealed secret that this ring, or this place, does not open."""

    code = "secrets.cannot_unseal"

    def __init__(self, bound_to: str, problem: str) -> None:
        super().__init__(bound_to, problem)
        self.bound_to, self.problem = bound_to, problem

    def __str__(self) -> str:
        return (
            f"the secret of {self.bound_to} cannot be opened ({self.problem}); put the key it was "
            "sealed with among QUANTLOOM_PREVIOUS_ENCRYPTION_KEYS, or enter the secret again"
        )


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and unseals by the keys of a ring; the first seals, all of them open."""

    ring: KeyRing

    def seal(self, secret: bytes, *, bound_to: str) -> bytes:
        """Seal a secret for one place, such as `totp/<id>/<user>`."""
        key_id, kek = self.ring.current(PURPOSE)
        dek = AESGCM.generate_key(bit_length=8 * _DEK)
        nonce = secrets.token_bytes(_NONCE)
        body = nonce + AESGCM(dek).encrypt(nonce, secret, bound_to.encode())
        return _head(key_id) + _wrap(kek, dek, bound_to) + body

    def unseal(self, sealed: bytes, *, bound_to: str) -> bytes:
        """Open a secret at its place.

        Raises:
            CannotUnseal: its key is gone, it was changed, or it belongs to another place.
        """
        dek = self._unwrap(sealed, bound_to)
        body = sealed[_BODY:]
        try:
            return AESGCM(dek).decrypt(body[:_NONCE], body[_NONCE:], bound_to.encode())
        except InvalidTag as error:
            raise CannotUnseal(bound_to, "it was changed") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether a secret is sealed under the key that seals now."""
        return sealed.startswith(_head(self.ring.current(PURPOSE)[0]))

    def rewrap(self, sealed: bytes, *, bound_to: str) -> bytes:
        """Seal the small key under the present one; the secret itself is not opened.

        Raises:
            CannotUnseal: its key is gone, it was changed, or it belongs to another place.
        """
        key_id, kek = self.ring.current(PURPOSE)
        dek = self._unwrap(sealed, bound_to)
        return _head(key_id) + _wrap(kek, dek, bound_to) + sealed[_BODY:]

    def _unwrap(self, sealed: bytes, bound_to: str) -> bytes:
        if len(sealed) < _BODY + _NONCE + _TAG or not sealed.startswith(_VERSION):
            raise CannotUnseal(bound_to, "it is damaged")
        key_id = sealed[1 : 1 + _KEY_ID_SIZE].decode("ascii", "replace")
        kek = self.ring.keys(PURPOSE).get(key_id)
        if kek is None:
            raise CannotUnseal(bound_to, f"its key {key_id} is not in the ring")
        wrapped = sealed[1 + _KEY_ID_SIZE : _BODY]
        try:
            return AESGCM(kek).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], bound_to.encode())
        except InvalidTag as error:
            raise CannotUnseal(bound_to, "it was changed, or belongs elsewhere") from error


def _head(key_id: str) -> bytes:
    return _VERSION + key_id.encode("ascii")


def _wrap(kek: bytes, dek: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(kek).encrypt(nonce, dek, bound_to.encode())
