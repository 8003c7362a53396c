"""Access tokens: short-lived, signed by one algorithm, read strictly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from quantloom.kit.clock import from_ns
from quantloom_server.identity.errors import BadToken, TokenExpired
from quantloom_server.platform.keyring import KeyRing

LONGEST_LIFE = timedelta(minutes=15)
ISSUER = AUDIENCE = "quantloom"
KIND = "access"

_ALGORITHM = "HS256"
_PURPOSE = "access-token"
_LONGEST = 2048
_NEEDED = ("iss", "aud", "sub", "jti", "sid", "wid", "sv", "typ", "iat", "exp")
# Times are compared by our own clock, below.
_OPTIONS: Any = {
    "require": list(_NEEDED),
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an access token says; `version` must still be that of the user's sessions."""

    user_id: UUID
    workspace_id: UUID
    session_id: UUID
    version: int
    issued_at: datetime
    expires_at: datetime


def sign(claims: Claims, token_id: UUID, ring: KeyRing) -> str:
    """Write claims as a token."""
    key_id, key = ring.current(_PURPOSE)
    body = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(claims.user_id),
        "jti": str(token_id),
        "sid": str(claims.session_id),
        "wid": str(claims.workspace_id),
        "sv": claims.version,
        "typ": KIND,
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
    }
    return jwt.encode(body, key, _ALGORITHM, headers={"kid": key_id})


def read(token: str, now: datetime, ring: KeyRing) -> Claims:
    """Read a token of ours.

    Raises:
        TokenExpired: its time is over.
        BadToken: it was not made here, or is no access token.
    """
    try:
        claims = _claims_of(_decoded(token, ring))
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise BadToken from error
    if now >= claims.expires_at:
        raise TokenExpired
    return claims


def _decoded(token: str, ring: KeyRing) -> dict[str, Any]:
    if len(token) > _LONGEST:
        raise BadToken
    key = ring.keys(_PURPOSE).get(str(jwt.get_unverified_header(token).get("kid")))
    if key is None:
        raise BadToken
    body: dict[str, Any] = jwt.decode(
        token, key, algorithms=[_ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=_OPTIONS
    )
    if body["typ"] != KIND:
        raise BadToken
    return body


def _claims_of(body: dict[str, Any]) -> Claims:
    issued, expires = int(body["iat"]), int(body["exp"])
    if not 0 < expires - issued <= LONGEST_LIFE.total_seconds():
        raise BadToken
    return Claims(
        user_id=UUID(body["sub"]),
        workspace_id=UUID(body["wid"]),
        session_id=UUID(body["sid"]),
        version=int(body["sv"]),
        issued_at=from_ns(issued * 1_000_000_000),
        expires_at=from_ns(expires * 1_000_000_000),
    )
