"""Changing what proves who somebody is: passwords, the second factor, the trading password.

Each change ends every session of the account and begins a new one for whoever made it.
"""

from dataclasses import dataclass
from uuid import UUID

from quantloom_server.identity import factors, opening, repository, service, trying
from quantloom_server.identity.errors import NoFactor, ProofRefused, SameAsPassword, WeakPassword
from quantloom_server.identity.opening import Tokens
from quantloom_server.identity.proving import Acting, Proof, Proven, proven
from quantloom_server.identity.tables import TradingPasswordRow, UserRow
from quantloom_server.identity.telling import note, warn
from quantloom_server.identity.totp import enrolment_uri, in_base32
from quantloom_server.platform.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator needs to know, typed or read from a QR code."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The recovery codes, told this once, and a new session."""

    recovery_codes: list[str]
    tokens: Tokens


async def change_password(acting: Acting, *, current: str, new: str) -> Tokens:
    """Change the password; all other sessions end.

    Raises:
        ProofRefused: the current one is wrong.
        WeakPassword: others would try the new one, or it is the current one.
    """
    if current == new:
        raise WeakPassword("is the one you have")
    proof = Proof(password=current)
    async with proven(acting, proof, asks_code=False, new_password=new) as given:
        given.user.password_hash, given.user.must_change_password = given.hashed, False
        await repository.drop_resets(given.tx.session, given.user.id)
        await repository.drop_confirmations(given.tx.session, given.user.id)
        await _tell(acting, given, "password_changed")
        return await _begin_anew(acting, given.tx, given.user)


async def enrol(acting: Acting, proof: Proof) -> Enrolment:
    """Begin to set a second factor up.

    Raises:
        ProofRefused: the password is wrong.
        FactorThere: one is set up already.
    """
    async with proven(acting, proof, asks_code=False) as given:
        secret = await factors.enrol(given.tx, acting.means, given.user.id)
        return Enrolment(in_base32(secret), enrolment_uri(secret, given.user.username))


async def confirm(acting: Acting, code: str) -> Confirmed:
    """Finish setting a second factor up by its first code.

    Raises:
        ProofRefused: the code is wrong.
        NoFactor: none was begun.
        FactorThere: it was finished before.
    """
    means, user_id = acting.means, acting.caller.user_id
    one_try = trying.one_try(acting.parts, means, trying.of_proof(user_id))
    async with one_try, acting.transaction() as tx:
        codes = await factors.confirm(tx, means, user_id, code=code)
        if codes is None:
            raise ProofRefused
        user = await service.get_user(tx, user_id)
        await _tell(acting, Proven(tx, user, ""), "factor_added")
        return Confirmed(codes, await _begin_anew(acting, tx, user))


async def renew_codes(acting: Acting, proof: Proof) -> list[str]:
    """Give new recovery codes in place of all before.

    Raises:
        ProofRefused: the password or the code is wrong.
        NoFactor: no second factor is set up.
    """
    async with proven(acting, proof) as given:
        if not await factors.has_factor(given.tx, given.user.id):
            raise NoFactor
        await note(given.tx, "recovery_codes_renewed", given.user.id, visit=acting.visit)
        return await factors.renew_codes(given.tx, acting.means, given.user.id)


async def remove_factor(acting: Acting, proof: Proof) -> Tokens:
    """Take the second factor away.

    Raises:
        ProofRefused: the password or the code is wrong.
        NoFactor: there is none.
    """
    async with proven(acting, proof) as given:
        await factors.remove(given.tx, given.user.id)
        await _tell(acting, given, "factor_removed")
        return await _begin_anew(acting, given.tx, given.user)


async def set_trading_password(acting: Acting, proof: Proof, *, new: str) -> None:
    """Set the password that unlocks trading; what was unlocked is locked.

    Raises:
        ProofRefused: the password or the code is wrong.
        WeakPassword: others would try the trading password.
        SameAsPassword: it is the one that signs in.
    """
    if proof.password == new:
        raise SameAsPassword
    async with proven(acting, proof, new_password=new) as given:
        row = await repository.find_trading_password(given.tx.session, given.user.id)
        if row is None:
            row = TradingPasswordRow(user_id=given.user.id, password_hash=given.hashed)
            await repository.add_rows(given.tx.session, row)
        row.password_hash = given.hashed
        await repository.lock_trading(given.tx.session, given.user.id)
        await _tell(acting, given, "trading_password_set")


async def _tell(acting: Acting, given: Proven, action: str) -> None:
    await note(given.tx, action, given.user.id, visit=acting.visit)
    await warn(given.tx, acting.means, action, given.user, visit=acting.visit)


async def _begin_anew(acting: Acting, tx: Transaction, user: UserRow) -> Tokens:
    await service.end_sessions(tx, user.id)
    await tx.session.refresh(user)
    workspace_id: UUID = acting.caller.workspace_id
    return await opening.open_session(
        tx, acting.means, user=user, workspace_id=workspace_id, visit=acting.visit
    )
