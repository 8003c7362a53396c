"""Refresh tokens: each counts once, and a second use ends its whole session.

A client whose answer was lost may repeat its request for a moment: with the same `Idempotency-Key`
and from the same program it is given the same answer. The next token comes of the one that was
used, so that it can be made a second time without being kept.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from quantloom_server.platform.keyring import KeyRing

PREFIX = "qlr_"
STORED, NEXT, RETRY = "refresh-token", "refresh-token-next", "refresh-token-retry"
GRACE = timedelta(seconds=10)
_LONGEST = 128


class Verdict(Enum):
    """What a refresh token that was presented is."""

    FRESH = auto()
    REPEATED = auto()
    REUSED = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What is known of the token that was presented, and of its session."""

    used_at: datetime | None
    retry_hmac: bytes | None
    is_session_open: bool


def first_token() -> str:
    return PREFIX + _text(secrets.token_bytes(32))


def new_seed() -> bytes:
    return secrets.token_bytes(32)


def next_token(token: str, seed: bytes, ring: KeyRing) -> str:
    """The token that follows: made of one that only its holder has, and of a key only we have."""
    return PREFIX + _text(ring.digest(NEXT, seed + token.encode()))


def retry_digest(key: str | None, program: str, ring: KeyRing) -> bytes | None:
    """What tells a repeated request from a stolen token; None where the client names no key."""
    return ring.digest(RETRY, f"{key}\n{program}".encode()) if key else None


def is_plausible(token: str) -> bool:
    return token.startswith(PREFIX) and len(token) <= _LONGEST


def judge(presented: Presented, now: datetime, retry: bytes | None) -> Verdict:
    """Decide what a presented token is.

    Args:
        presented: what is stored of it.
        now: the present.
        retry: `retry_digest` of the request.
    """
    if not presented.is_session_open:
        return Verdict.OVER
    if presented.used_at is None:
        return Verdict.FRESH
    is_repeated = (
        retry is not None
        and presented.retry_hmac is not None
        and hmac.compare_digest(retry, presented.retry_hmac)
        and now - presented.used_at < GRACE
    )
    return Verdict.REPEATED if is_repeated else Verdict.REUSED


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
