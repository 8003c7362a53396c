"""Acts that ask somebody who is signed in to prove again that it is them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from quantloom_server.identity import factors, repository, trying
from quantloom_server.identity.errors import NoSuchUser, ProofRefused
from quantloom_server.identity.means import Means, Visit
from quantloom_server.identity.passwords import refuse_weak
from quantloom_server.identity.tables import UserRow
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Scope
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Acting:
    """Who asks for an act, by which request, in which process."""

    parts: Parts
    means: Means
    caller: Caller
    visit: Visit
    scope: Scope | None = None

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.parts.transaction(
            caller=self.caller, scope=self.scope, request_id=self.visit.request_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody typed. The code is asked for where a second factor is set up."""

    password: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """A transaction of somebody who has proven who they are, and the new hash they asked for."""

    tx: Transaction
    user: UserRow
    hashed: str


@asynccontextmanager
async def proven(
    acting: Acting,
    proof: Proof,
    *,
    asks_code: bool = True,
    new_password: str | None = None,
) -> AsyncIterator[Proven]:
    """Open a transaction of a caller who proves to be themselves; the code counts if it is kept.

    Args:
        acting: somebody signed in.
        proof: what they typed.
        asks_code: whether a code is needed where a second factor is set up.
        new_password: one to be hashed, which is refused where others would try it.
    Raises:
        ProofRefused: the password or the code is wrong.
        WeakPassword: others would try the new password.
        TooMany: there were too many tries.
    """
    means = acting.means
    async with acting.transaction() as tx:
        known = await _user_of(tx)
    if new_password is not None:
        refuse_weak(new_password, known.username, known.email)
    async with trying.one_try(acting.parts, means, trying.of_proof(acting.caller.user_id)):
        is_right, _ = await means.hasher.verify(proof.password, known.password_hash)
        hashed = ""
        if is_right and new_password is not None:
            hashed = await means.hasher.hash(new_password)
        async with acting.transaction() as tx:
            user = await _user_of(tx, lock=True)
            is_code_right = not asks_code or await _is_code_right(tx, means, proof.code)
            # Changed while this one was hashed: the proof is of yesterday.
            is_same = user.password_hash == known.password_hash
            if not (is_right and is_code_right and is_same):
                raise ProofRefused
            yield Proven(tx, user, hashed)


async def _user_of(tx: Transaction, *, lock: bool = False) -> UserRow:
    user = await repository.find_user_by_id(tx.session, tx.asked_by().user_id, lock=lock)
    if user is None:
        raise NoSuchUser
    return user


async def _is_code_right(tx: Transaction, means: Means, code: str | None) -> bool:
    user_id = tx.asked_by().user_id
    if not await factors.has_factor(tx, user_id):
        return True
    return code is not None and await factors.use_code(tx, means, user_id, code=code)
