"""Counting tries at secrets, in transactions of their own: a try counts whatever becomes of it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from quantloom.errors import Forbidden, Unavailable
from quantloom_server.identity import repository, throttling
from quantloom_server.identity.errors import (
    AccountDisabled,
    CodeNeeded,
    ConfirmationNotValid,
    EmailNotVerified,
    ResetNotValid,
)
from quantloom_server.identity.means import SIGN_IN, Means, Visit
from quantloom_server.identity.tables import TallyRow
from quantloom_server.identity.throttling import Pace, Tally
from quantloom_server.platform.addresses import neighbourhood, parse_address
from quantloom_server.platform.errors import TooMany
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.transaction import Transaction

log = structlog.get_logger("app")

_PURPOSE = "tally"
# Whatever is refused was a wrong try, but for these: there the secret was right.
_WRONG = (Forbidden, ResetNotValid, ConfirmationNotValid)
_RIGHT = (AccountDisabled, CodeNeeded, EmailNotVerified)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a try is counted against."""

    pace: Pace
    subject: str

    def key(self, ring: KeyRing) -> bytes:
        return ring.digest(_PURPOSE, f"{self.pace.name}\n{self.subject}".encode())


def of_account(user_id: UUID) -> Charge:
    return Charge(throttling.ACCOUNT, f"user {user_id}")


def of_proof(user_id: UUID) -> Charge:
    """Proofs within a session: whoever stole one must not shut the owner out of the account."""
    return Charge(throttling.ACCOUNT, f"proof {user_id}")


def of_unlock(user_id: UUID) -> Charge:
    return Charge(throttling.ACCOUNT, f"unlock {user_id}")


def of_mail(address: str) -> Charge:
    return Charge(throttling.MAILS, address.lower())


def of_changed_mail(user_id: UUID) -> Charge:
    """Mails to any address at all that one account asks for."""
    return Charge(throttling.MAILS, f"changes of {user_id}")


def of_unknown(name: str) -> Charge:
    """An account that is not there is counted too, or it could be told from one that is."""
    return Charge(throttling.ACCOUNT, f"name {name.lower()}")


def of_address(visit: Visit, pace: Pace = throttling.ADDRESS) -> Charge:
    """Everything near an address, which costs an attacker nothing to change within."""
    address = parse_address(visit.address or "")
    return Charge(pace, str(neighbourhood(address)) if address else "local")


@asynccontextmanager
async def one_try(parts: Parts, means: Means, *charges: Charge) -> AsyncIterator[bool]:
    """Count a try; where the block ends well, take it back, and forget those of the account.

    Returns:
        Whether this is the last try before the account is locked for a while.
    Raises:
        TooMany: there were too many; nothing is tried.
    """
    async with parts.transaction(scope=SIGN_IN) as tx:
        is_last = await charge(tx, means.ring, charges)
    try:
        yield is_last
    except BaseException as error:
        if isinstance(error, _RIGHT) or not isinstance(error, _WRONG):
            await _absolve_if_possible(parts, means.ring, charges, forget=False)
        raise
    await _absolve_if_possible(parts, means.ring, charges, forget=True)


async def charge(tx: Transaction, ring: KeyRing, charges: Iterable[Charge]) -> bool:
    """Count one more try against each.

    Returns:
        Whether this is the last try before an account is locked for a while.
    Raises:
        TooMany: one of them has had too many.
    """
    now = tx.now()
    rows = [
        (each.pace, await repository.lock_tally(tx.session, key, now))
        for key, each in _in_order(charges, ring)
    ]
    for pace, row in rows:
        if wait_s := repository.tally_of(row).wait_s(now):
            raise TooMany(wait_s, pace.name)
    for pace, row in rows:
        _store(row, throttling.count(repository.tally_of(row), now, pace), now)
    return any(pace is throttling.ACCOUNT and row.tries == pace.lock_at for pace, row in rows)


async def release(tx: Transaction, ring: KeyRing, user_id: UUID) -> None:
    """Let an account be tried again at once."""
    for each in (of_account(user_id), of_proof(user_id), of_unlock(user_id)):
        await repository.drop_tally(tx.session, each.key(ring))


async def _absolve_if_possible(
    parts: Parts, ring: KeyRing, charges: Iterable[Charge], *, forget: bool
) -> None:
    """What was tried has been told or kept by now: a try too many does not change that."""
    try:
        await _absolve(parts, ring, charges, forget=forget)
    except Unavailable as error:
        log.warning("identity.try_still_counted", code=error.code)


async def _absolve(parts: Parts, ring: KeyRing, charges: Iterable[Charge], *, forget: bool) -> None:
    async with parts.transaction(scope=SIGN_IN) as tx:
        now = tx.now()
        for key, each in _in_order(charges, ring):
            if forget and each.pace is throttling.ACCOUNT:
                await repository.drop_tally(tx.session, key)
                continue
            row = await repository.lock_tally(tx.session, key, now)
            _store(row, throttling.take_back(repository.tally_of(row)), row.last_at)


def _in_order(charges: Iterable[Charge], ring: KeyRing) -> list[tuple[bytes, Charge]]:
    """In one order everywhere, or two tries could wait for each other."""
    return sorted(((each.key(ring), each) for each in charges), key=lambda pair: pair[0])


def _store(row: TallyRow, tally: Tally, last_at: datetime) -> None:
    row.tries, row.last_at, row.shut_until = tally.tries, last_at, tally.shut_until
