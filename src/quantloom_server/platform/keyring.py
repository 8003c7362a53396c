"""The service's signing keys, all of them made from the secret key and those before it.

Each purpose has a key of its own, so that what one part signs means nothing to another. Secrets are
rotated by putting the new one first: what an earlier one signed is still read.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Self

from quantloom.errors import Invalid
from quantloom_server.platform.errors import NotConfigured
from quantloom_server.settings import Settings

SHORTEST = 32
_SECRET_KEY, _ENCRYPTION_KEY = "QUANTLOOM_SECRET_KEY", "QUANTLOOM_ENCRYPTION_KEY"
# Long enough, and still a word from somebody's example.
_FAMILIAR = ("changeme", "change-me", "change_me", "your-secret", "your_secret", "example")


class WeakSecret(Invalid):
    """A secret key that others can guess; nothing that it signs could be trusted."""

    code = "settings.weak_secret"

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(setting, problem)
        self.setting = setting
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.setting} {self.problem}; set it to what `openssl rand -base64 48` prints"


class KeyRing:
    """Keys by purpose; the first secret signs, all of them verify.

    Args:
        secrets: the one that counts, and those before it.
        setting: where they come from, for whoever has to set a better one.
    Raises:
        WeakSecret: a secret is too short, or one that anybody would try.
    """

    def __init__(self, secrets: Iterable[bytes], *, setting: str = _SECRET_KEY) -> None:
        self._secrets = tuple(secrets)
        for secret in self._secrets:
            _refuse_weak(secret, setting)
        self._keys: dict[str, dict[str, bytes]] = {}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The ring that settings describe.

        Raises:
            NotConfigured: there is no secret key.
            WeakSecret: there is one that others can guess.
        """
        if settings.secret_key is None:
            raise NotConfigured(_SECRET_KEY)
        secrets = (settings.secret_key, *settings.previous_secret_keys)
        return cls(secret.get_secret_value().encode() for secret in secrets)

    @classmethod
    def at_rest(cls, settings: Settings) -> Self:
        """The ring that seals secrets at rest; the keys of `of` until there is one of its own.

        Raises:
            NotConfigured: there is neither an encryption key nor a secret key.
            WeakSecret: there is one that others can guess.
        """
        if settings.encryption_key is None:
            return cls.of(settings)
        own = (settings.encryption_key, *settings.previous_encryption_keys)
        earlier = () if settings.secret_key is None else (settings.secret_key,)
        found = (secret.get_secret_value().encode() for secret in (*own, *earlier))
        return cls(found, setting=_ENCRYPTION_KEY)

    def keys(self, purpose: str) -> dict[str, bytes]:
        """The keys of one purpose by their ids, the one that signs first."""
        found = self._keys.get(purpose)
        if found is None:
            label = f"quantloom/{purpose}".encode()
            made = (hmac.digest(secret, label, "sha256") for secret in self._secrets)
            found = self._keys[purpose] = {_id_of(key): key for key in made}
        return found

    def current(self, purpose: str) -> tuple[str, bytes]:
        """The id and the key that sign now."""
        return next(iter(self.keys(purpose).items()))

    def digest(self, purpose: str, message: bytes) -> bytes:
        """What is stored of a token instead of the token: its HMAC."""
        return hmac.digest(self.current(purpose)[1], message, "sha256")

    def digests(self, purpose: str, message: bytes) -> list[bytes]:
        """What may be stored of a token, by the present key and those before it."""
        return [hmac.digest(key, message, "sha256") for key in self.keys(purpose).values()]

    def is_digest(self, purpose: str, message: bytes, given: bytes) -> bool:
        return any(hmac.compare_digest(made, given) for made in self.digests(purpose, message))


def _id_of(key: bytes) -> str:
    return hashlib.sha256(b"id" + key).hexdigest()[:16]


def _refuse_weak(secret: bytes, setting: str) -> None:
    if len(secret) < SHORTEST:
        raise WeakSecret(setting, f"has {len(secret)} bytes of the {SHORTEST} it needs")
    if len(set(secret)) < 10:
        raise WeakSecret(setting, "repeats itself")
    if any(word in secret.decode(errors="ignore").lower() for word in _FAMILIAR):
        raise WeakSecret(setting, "is from an example")
