"""Unlocking trading: a short-lived elevation of one session, made from two secrets of its owner."""

from datetime import datetime, timedelta
from uuid import UUID

from quantloom_server.identity import factors, repository, service, trying
from quantloom_server.identity.errors import NoFactor, NoTradingPassword, SessionOver, UnlockRefused
from quantloom_server.identity.proving import Acting
from quantloom_server.identity.telling import note
from quantloom_server.platform import trail
from quantloom_server.platform.transaction import Transaction

LIFE = timedelta(minutes=15)


async def unlock(acting: Acting, *, trading_password: str, code: str) -> datetime:
    """Unlock trading in the caller's session; until when.

    Raises:
        UnlockRefused: the trading password or the code is wrong; it is not told which.
        NoTradingPassword: none was set.
        NoFactor: no second factor is set up.
        TooMany: there were too many tries.
    """
    user_id = acting.caller.user_id
    async with acting.transaction() as tx:
        session_id = service.own_session(tx)
        stored = await _what_is_set_up(tx, user_id)
    async with trying.one_try(acting.parts, acting.means, trying.of_unlock(user_id)):
        is_right, _ = await acting.means.hasher.verify(trading_password, stored)
        async with acting.transaction() as tx:
            is_code_right = await factors.use_code(tx, acting.means, user_id, code=code)
            # Undone with the transaction, so a code beside a wrong password is not used up.
            if not (is_right and is_code_right):
                raise UnlockRefused
            until = await _elevate(tx, session_id)
            await note(tx, "trading_unlocked", user_id, visit=acting.visit)
    return until


async def lock(tx: Transaction) -> None:
    """Lock trading again in the caller's session."""
    session = await repository.find_session(tx.session, service.own_session(tx), lock=True)
    if session is not None and session.unlocked_until is not None:
        session.unlocked_until = None
        await trail.record(
            tx, action="identity.trading_locked", object_kind="user", object_id=session.user_id
        )


async def _what_is_set_up(tx: Transaction, user_id: UUID) -> str:
    row = await repository.find_trading_password(tx.session, user_id)
    if row is None:
        raise NoTradingPassword
    if not await factors.has_factor(tx, user_id):
        raise NoFactor
    return row.password_hash


async def _elevate(tx: Transaction, session_id: UUID) -> datetime:
    session = await repository.find_session(tx.session, session_id, lock=True)
    if session is None or session.ended_at is not None:
        raise SessionOver
    until = min(tx.now() + LIFE, session.expires_at)
    session.unlocked_until = until
    return until
