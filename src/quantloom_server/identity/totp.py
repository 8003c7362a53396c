"""Codes of an authenticator (RFC 6238): six digits of HMAC-SHA-1, a new one every 30 s."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
ISSUER = "Quantloom"
_SECRET_BYTES = 20
# One step either way: clocks differ, and typing takes time.
_DRIFT = 1


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code of one step.

    Source:
        RFC 4226, section 5.3, with the step of RFC 6238 as its counter.
    """
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_S


def matching_step(
    secret: bytes, code: str, now: datetime, *, last_step: int | None = None
) -> int | None:
    """Find the step that a code belongs to; None where it is wrong, too old, or used.

    Args:
        secret: the shared secret.
        code: six digits.
        now: the present.
        last_step: the step of the last code taken; neither it nor any before counts again.
    """
    present = step_of(now)
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        is_new = last_step is None or step > last_step
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and is_new:
            return step
    return None


def in_base32(secret: bytes) -> str:
    """The secret as people type it."""
    return base64.b32encode(secret).decode().rstrip("=")


def enrolment_uri(secret: bytes, username: str) -> str:
    """What an authenticator reads from a QR code."""
    label = quote(f"{ISSUER}:{username}", safe=":")
    query = urlencode({"secret": in_base32(secret), "issuer": ISSUER, "digits": DIGITS})
    return f"otpauth://totp/{label}?{query}&period={STEP_S}"
