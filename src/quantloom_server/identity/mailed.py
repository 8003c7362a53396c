"""Tokens that are in a mail alone: made from an id and a key, so that none is ever stored.

The same token comes out when its mail has to be sent again; the database knows its HMAC.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from quantloom_server.platform.keyring import KeyRing


@dataclass(frozen=True, slots=True)
class MailedToken:
    """One kind of them: how its tokens begin, and what they are for."""

    prefix: str
    purpose: str

    def write(self, each_id: UUID, ring: KeyRing) -> str:
        """The token of an id."""
        made = ring.digest(f"{self.purpose}-token", each_id.bytes)
        return self.prefix + base64.urlsafe_b64encode(made).decode().rstrip("=")

    def digest(self, each_id: UUID, ring: KeyRing) -> bytes:
        """What is stored of the token of an id."""
        return ring.digest(self.purpose, self.write(each_id, ring).encode())

    def digests(self, token: str, ring: KeyRing) -> list[bytes]:
        """What may be stored of a token that was sent, by any key that counts."""
        return list(ring.digests(self.purpose, token.encode()))
