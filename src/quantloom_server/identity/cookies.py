"""The refresh token in a cookie that scripts cannot read, and what another site cannot send.

A browser sends the cookie by itself. So a request by cookie must also carry, as a header, the value
of a second cookie that only pages of this site can read; it belongs to the session, and is ours.
"""

from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from quantloom_server.identity.errors import CsrfMissing
from quantloom_server.platform.keyring import KeyRing

REFRESH, CSRF = "quantloom_refresh", "quantloom_csrf"
HEADER = "X-CSRF-Token"
PATH = "/api/v1/auth"
_PURPOSE = "csrf"


def hand_out(
    response: Response, token: str, session_id: UUID, *, ring: KeyRing, life: timedelta
) -> None:
    """Put a refresh token into its cookie, and beside it what proves that a page of ours asks."""
    seconds = int(life.total_seconds())
    response.set_cookie(
        REFRESH, token, max_age=seconds, path=PATH, secure=True, httponly=True, samesite="strict"
    )
    proof = ring.digest(_PURPOSE, session_id.bytes).hex()
    response.set_cookie(
        CSRF, proof, max_age=seconds, path="/", secure=True, httponly=False, samesite="strict"
    )


def take_away(response: Response) -> None:
    response.delete_cookie(REFRESH, path=PATH, secure=True, httponly=True, samesite="strict")
    response.delete_cookie(CSRF, path="/", secure=True, samesite="strict")


def token_in(request: Request) -> str | None:
    return request.cookies.get(REFRESH)


def refuse_forged(proof: str | None, session_id: UUID, ring: KeyRing) -> None:
    """Refuse a request by cookie without the proof of its session.

    Raises:
        CsrfMissing: the header is missing, or another session's.
    """
    try:
        given = bytes.fromhex(proof or "")
    except ValueError as error:
        raise CsrfMissing from error
    if not ring.is_digest(_PURPOSE, session_id.bytes, given):
        raise CsrfMissing
