"""Signing in. Passwords are verified outside any transaction: hashing would hold its connection."""

from dataclasses import dataclass
from uuid import UUID

from quantloom_server.identity import confirming, factors, opening, repository, trying
from quantloom_server.identity.cookies import refuse_forged
from quantloom_server.identity.errors import (
    AccountDisabled,
    CodeNeeded,
    EmailNotVerified,
    RegistrationClosed,
    WrongCode,
    WrongCredentials,
)
from quantloom_server.identity.means import SIGN_IN, Means, Visit
from quantloom_server.identity.opening import Refused, Tokens
from quantloom_server.identity.passwords import refuse_weak
from quantloom_server.identity.refreshing import retry_digest
from quantloom_server.identity.registering import NewAccount, add_account, scope_of_new
from quantloom_server.identity.tables import SessionRow
from quantloom_server.identity.telling import note, warn
from quantloom_server.identity.throttling import REGISTRATIONS
from quantloom_server.platform.database import Scope
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody typed to sign in."""

    login: str
    password: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A refresh token that was presented, and how."""

    token: str
    is_cookie: bool
    proof: str | None
    retry_key: str | None


@dataclass(frozen=True, slots=True)
class _Account:
    """What signing in needs of the account that was named; no hash where there is none."""

    charge: trying.Charge
    user_id: UUID | None = None
    workspace_id: UUID | None = None
    password_hash: str | None = None


async def register(
    parts: Parts, means: Means, *, account: NewAccount, password: str, visit: Visit
) -> UUID:
    """Register an account; its id. Where that is asked for, a mail goes to its address.

    Raises:
        RegistrationClosed: administrators add users here.
        WeakPassword: others would try this password.
        NameTaken: another account has the username or the e-mail address.
        TooMany: too many were registered from around here.
    """
    if not parts.settings.registration_open:
        raise RegistrationClosed
    refuse_weak(password, account.username, account.email)
    async with parts.transaction(scope=SIGN_IN) as tx:
        await trying.charge(tx, means.ring, [trying.of_address(visit, REGISTRATIONS)])
    hashed = await means.hasher.hash(password)
    scope = scope_of_new(parts)
    async with parts.transaction(scope=scope, request_id=visit.request_id) as tx:
        user = await add_account(tx, scope, account=account, password_hash=hashed)
        await note(tx, "registered", user.id, visit=visit, workspace_id=scope.workspace_id)
        if user.must_verify_email:
            await confirming.send_verification(tx, email=user.email, visit=visit)
    return user.id


async def sign_in(parts: Parts, means: Means, *, given: Credentials, visit: Visit) -> Tokens:
    """Begin a session.

    Raises:
        WrongCredentials: there is no such account, or the password is another.
        AccountDisabled: an administrator shut it.
        EmailNotVerified: its e-mail address has to be proven first.
        CodeNeeded: the password is right, and a second factor is set up.
        WrongCode: its code is not valid.
        TooMany: there were too many tries.
    """
    account = await _find_account(parts, given.login)
    charges = (account.charge, trying.of_address(visit))
    async with trying.one_try(parts, means, *charges) as is_last:
        try:
            return await _open(parts, means, account, given=given, visit=visit)
        except (WrongCredentials, WrongCode):
            if is_last:
                await _tell_of_lock(parts, means, account, visit)
            raise


async def refresh(parts: Parts, means: Means, *, given: Renewal, visit: Visit) -> Tokens:
    """Exchange a refresh token for the next pair.

    Raises:
        BadToken: it was never given.
        CsrfMissing: it came as a cookie, without what only a page of ours can send.
        SessionOver: its session has ended.
        TokenReused: it was used before; its session ends now.
    """
    retry = retry_digest(given.retry_key, visit.user_agent, means.ring)
    async with parts.transaction(scope=SIGN_IN) as tx:
        row = await opening.find_presented(tx, means, given.token)
        if given.is_cookie:
            refuse_forged(given.proof, row.session_id, means.ring)
        outcome = await opening.refresh(tx, means, row=row, token=given.token, retry=retry)
        if isinstance(outcome, Refused) and outcome.session is not None:
            await _tell_of_theft(tx, means, outcome.session, visit)
    # Raised only now: the end of a session whose token was stolen must not be undone.
    if isinstance(outcome, Refused):
        raise outcome.error
    return outcome


async def _find_account(parts: Parts, login: str) -> _Account:
    async with parts.transaction(scope=SIGN_IN) as tx:
        user = await repository.find_user(tx.session, login)
        if user is None:
            return _Account(trying.of_unknown(login))
        membership = await repository.first_membership(tx.session, user.id)
        workspace_id = membership.workspace_id if membership else None
        return _Account(trying.of_account(user.id), user.id, workspace_id, user.password_hash)


async def _open(
    parts: Parts,
    means: Means,
    account: _Account,
    *,
    given: Credentials,
    visit: Visit,
) -> Tokens:
    is_right, renewed = await means.hasher.verify(given.password, account.password_hash)
    if not is_right:
        raise WrongCredentials
    scope = Scope(user_id=account.user_id, workspace_id=account.workspace_id, purpose="sign_in")
    async with parts.transaction(scope=scope, request_id=visit.request_id) as tx:
        user = account.user_id and await repository.find_user_by_id(tx.session, account.user_id)
        # Read anew: while the password was hashed, it may have been changed.
        if not user or user.password_hash != account.password_hash:
            raise WrongCredentials
        if not user.is_active or account.workspace_id is None:
            raise AccountDisabled
        if user.must_verify_email:
            raise EmailNotVerified
        await _check_code(tx, means, user.id, given.code)
        if renewed:
            user.password_hash = renewed
        await note(tx, "signed_in", user.id, visit=visit, workspace_id=account.workspace_id)
        return await opening.open_session(
            tx, means, user=user, workspace_id=account.workspace_id, visit=visit
        )


async def _check_code(tx: Transaction, means: Means, user_id: UUID, code: str | None) -> None:
    if not await factors.has_factor(tx, user_id):
        return
    if code is None:
        raise CodeNeeded
    if not await factors.use_code(tx, means, user_id, code=code):
        raise WrongCode


async def _tell_of_lock(parts: Parts, means: Means, account: _Account, visit: Visit) -> None:
    async with parts.transaction(scope=SIGN_IN, request_id=visit.request_id) as tx:
        user = account.user_id and await repository.find_user_by_id(tx.session, account.user_id)
        if user:
            workspace_id = account.workspace_id
            await note(tx, "account_locked", user.id, visit=visit, workspace_id=workspace_id)
            await warn(tx, means, "account_locked", user, visit=visit)


async def _tell_of_theft(tx: Transaction, means: Means, session: SessionRow, visit: Visit) -> None:
    workspace_id = session.workspace_id
    await note(tx, "token_reused", session.user_id, visit=visit, workspace_id=workspace_id)
    user = await repository.find_user_by_id(tx.session, session.user_id)
    if user:
        await warn(tx, means, "session_stolen", user, visit=visit)
