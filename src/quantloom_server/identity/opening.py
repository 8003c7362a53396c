"""Opening sessions and keeping them open: pairs of an access and a refresh token."""

from dataclasses import dataclass
from uuid import UUID

from quantloom_server.identity import refreshing, repository, tokens
from quantloom_server.identity.ended import Ended, announce
from quantloom_server.identity.errors import BadToken, SessionOver, TokenReused
from quantloom_server.identity.means import Means, Visit
from quantloom_server.identity.refreshing import Presented, Verdict
from quantloom_server.identity.tables import RefreshTokenRow, SessionRow, UserRow
from quantloom_server.identity.tokens import Claims
from quantloom_server.platform.transaction import Transaction

_LONGEST_AGENT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a sign-in or a refresh gives; the texts exist here and with the client alone."""

    access: str
    refresh: str
    expires_in: int
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Refused:
    """A refresh that is refused, and what it did must be kept all the same."""

    error: BadToken | SessionOver | TokenReused
    session: SessionRow | None = None


async def open_session(
    tx: Transaction, means: Means, *, user: UserRow, workspace_id: UUID, visit: Visit
) -> Tokens:
    """Begin a session of a user in one of their workspaces."""
    now = tx.now()
    session = SessionRow(
        id=tx.new_id(),
        user_id=user.id,
        workspace_id=workspace_id,
        version=user.session_version,
        address=visit.address,
        user_agent=visit.user_agent[:_LONGEST_AGENT],
        created_at=now,
        last_used_at=now,
        expires_at=now + means.session_life,
    )
    await repository.add_rows(tx.session, session)
    return await give_pair(tx, means, session)


async def give_pair(
    tx: Transaction, means: Means, session: SessionRow, refresh: str | None = None
) -> Tokens:
    """Give a new pair of tokens for a session."""
    refresh = refresh or refreshing.first_token()
    row = RefreshTokenRow(
        id=tx.new_id(),
        session_id=session.id,
        user_id=session.user_id,
        token_hmac=means.ring.digest(refreshing.STORED, refresh.encode()),
        created_at=tx.now(),
    )
    await repository.add_rows(tx.session, row)
    return _pair(tx, means, session, refresh)


def renew_access(tx: Transaction, means: Means, session: SessionRow) -> Tokens:
    """A new access token for what a session is now; its refresh token stays as it is."""
    return _pair(tx, means, session, "")


async def find_presented(tx: Transaction, means: Means, token: str) -> RefreshTokenRow:
    """Find a refresh token, held until the transaction ends: of many at once one is the first.

    Raises:
        BadToken: it was never given.
    """
    digests = means.ring.digests(refreshing.STORED, token.encode())
    if not refreshing.is_plausible(token):
        raise BadToken
    row = await repository.lock_refresh_token(tx.session, digests)
    if row is None:
        raise BadToken
    return row


async def refresh(
    tx: Transaction, means: Means, *, row: RefreshTokenRow, token: str, retry: bytes | None
) -> Tokens | Refused:
    """Exchange a refresh token for the next pair; one used before ends its session."""
    session = await repository.find_session(tx.session, row.session_id)
    user = await repository.find_user_by_id(tx.session, row.user_id)
    if session is None or user is None:
        return Refused(SessionOver())
    verdict = refreshing.judge(
        Presented(
            used_at=row.used_at,
            retry_hmac=row.retry_hmac,
            is_session_open=_is_open(session, user, tx),
        ),
        tx.now(),
        retry,
    )
    if verdict is Verdict.OVER:
        return Refused(SessionOver())
    if verdict is Verdict.REUSED:
        await repository.end_session(tx.session, session.id, tx.now())
        await announce(tx, Ended(user_id=user.id, session_id=session.id))
        return Refused(TokenReused(), session)
    session.last_used_at = tx.now()
    if verdict is Verdict.REPEATED:
        return _pair(tx, means, session, _next(row, token, means))
    row.used_at, row.retry_hmac, row.seed = tx.now(), retry, refreshing.new_seed()
    return await give_pair(tx, means, session, _next(row, token, means))


def _next(row: RefreshTokenRow, token: str, means: Means) -> str:
    return refreshing.next_token(token, row.seed or b"", means.ring)


def _is_open(session: SessionRow, user: UserRow, tx: Transaction) -> bool:
    return (
        session.ended_at is None
        and tx.now() < session.expires_at
        and user.is_active
        and session.version == user.session_version
    )


def _pair(tx: Transaction, means: Means, session: SessionRow, refresh: str) -> Tokens:
    now = tx.now()
    expires_at = min(now + means.access_life, session.expires_at)
    claims = Claims(
        user_id=session.user_id,
        workspace_id=session.workspace_id,
        session_id=session.id,
        version=session.version,
        issued_at=now,
        expires_at=expires_at,
    )
    return Tokens(
        access=tokens.sign(claims, tx.new_id(), means.ring),
        refresh=refresh,
        expires_in=int((expires_at - now).total_seconds()),
        session_id=session.id,
    )
