"""Routes of accounts and sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Depends, Header, Request, Response

from quantloom_server.identity import (
    confirming,
    cookies,
    credentials,
    resetting,
    service,
    signing_in,
    unlocking,
)
from quantloom_server.identity.errors import (
    AccountDisabled,
    BadToken,
    CodeNeeded,
    ConfirmationNotValid,
    CsrfMissing,
    EmailNotVerified,
    FactorThere,
    NameTaken,
    NeedsSession,
    NoFactor,
    NoSuchSession,
    NoTradingPassword,
    ProofRefused,
    RegistrationClosed,
    ResetNotValid,
    SameAsPassword,
    SameEmail,
    SessionOver,
    TokenReused,
    UnlockRefused,
    WeakPassword,
    WrongCode,
    WrongCredentials,
)
from quantloom_server.identity.means import Means, Visit
from quantloom_server.identity.opening import Tokens
from quantloom_server.identity.proving import Acting, Proof
from quantloom_server.identity.registering import NewAccount
from quantloom_server.identity.schemas import (
    ChangeEmailIn,
    ChangePasswordIn,
    CodesOut,
    ConfirmedOut,
    ConfirmIn,
    EnrolmentOut,
    FactorProofIn,
    FactorsOut,
    LoginIn,
    MailTokenIn,
    ProfileIn,
    ProfileOut,
    ProofIn,
    RefreshIn,
    RegisteredOut,
    RegisterIn,
    ResetConfirmIn,
    ResetIn,
    SessionsOut,
    TokensOut,
    ToldOut,
    TradingPasswordIn,
    UnlockedOut,
    UnlockIn,
    VerifyIn,
)
from quantloom_server.identity.service import ProfileChange
from quantloom_server.identity.signing_in import Credentials, Renewal
from quantloom_server.platform.addresses import client_address
from quantloom_server.platform.edge.conditions import IfMatch
from quantloom_server.platform.errors import PreconditionFailed, TooMany, Unauthenticated
from quantloom_server.platform.hot import ReaderOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.reading import told
from quantloom_server.platform.routing import PUBLIC, PartsOf, Routes, Tx, caller_of

routes = Routes("/api/v1/auth", tag="Identity")


async def _means_of(request: Request) -> Means:
    means: Means = request.app.state.identity
    return means


async def _visit_of(request: Request, parts: PartsOf) -> Visit:
    address = client_address(request, parts.settings.trusted_proxies)
    return Visit(
        address=str(address) if address else None,
        user_agent=request.headers.get("user-agent", ""),
        request_id=getattr(request.state, "request_id", ""),
        is_chinese=request.headers.get("accept-language", "").lower().startswith("zh"),
    )


MeansOf = Annotated[Means, Depends(_means_of)]
VisitOf = Annotated[Visit, Depends(_visit_of)]


async def _acting(request: Request, parts: PartsOf, means: MeansOf, visit: VisitOf) -> Acting:
    """Somebody signed in; no key may change what proves who its owner is."""
    caller = caller_of(request)
    if caller is None:
        raise Unauthenticated
    if caller.session_id is None:
        raise NeedsSession
    return Acting(parts, means, caller, visit)


ActingOf = Annotated[Acting, Depends(_acting)]


@routes.post(
    "/register",
    needs=PUBLIC,
    pace=Pace.AUTH,
    errors=(RegistrationClosed, WeakPassword, NameTaken, TooMany),
    status_code=201,
    summary="Make an account",
)
async def register(
    body: RegisterIn, parts: PartsOf, means: MeansOf, visit: VisitOf
) -> RegisteredOut:
    """It begins in a workspace of its own.

    Where the service asks for a proven address, a mail is sent that has to be answered before the
    first sign-in.
    """
    account = NewAccount(
        username=body.username,
        email=body.email,
        full_name=body.full_name,
        phone=body.phone,
        has_agreed=body.agree_terms,
        must_verify_email=parts.settings.verify_email,
    )
    password = body.password.get_secret_value()
    made = await signing_in.register(parts, means, account=account, password=password, visit=visit)
    return RegisteredOut(
        id=made,
        username=account.username,
        email=account.email,
        must_verify_email=account.must_verify_email,
    )


@routes.post(
    "/login",
    needs=PUBLIC,
    pace=Pace.AUTH,
    errors=(WrongCredentials, CodeNeeded, WrongCode, AccountDisabled, EmailNotVerified, TooMany),
    summary="Sign in",
)
async def login(
    body: LoginIn, response: Response, parts: PartsOf, means: MeansOf, visit: VisitOf
) -> TokensOut:
    """Programs keep both tokens; pages ask for `use_cookie` and never see the refresh token.

    Tries are counted by account and by address; too many make it wait, a quarter of an hour at
    most.
    """
    given = Credentials(
        login=body.username, password=body.password.get_secret_value(), code=body.code
    )
    tokens = await signing_in.sign_in(parts, means, given=given, visit=visit)
    return _hand_out(response, tokens, means, by_cookie=body.use_cookie)


@routes.post(
    "/refresh",
    needs=PUBLIC,
    pace=Pace.AUTH,
    errors=(BadToken, SessionOver, TokenReused, CsrfMissing),
    summary="Exchange a refresh token for new tokens",
)
async def refresh(
    request: Request,
    response: Response,
    parts: PartsOf,
    *,
    means: MeansOf,
    visit: VisitOf,
    body: Annotated[RefreshIn | None, Body()] = None,
    proof: Annotated[str | None, Header(alias=cookies.HEADER, max_length=128)] = None,
    retry_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)] = None,
) -> TokensOut:
    """A refresh token counts once: keep the one of the answer.

    Sent a second time it ends the session, unless the same request is repeated with its
    `Idempotency-Key` within ten seconds.

    Without a body the token is read from the cookie, and `X-CSRF-Token` has to come with it.
    """
    sent = body.refresh_token.get_secret_value() if body and body.refresh_token else None
    token = sent or cookies.token_in(request)
    if token is None:
        raise BadToken
    given = Renewal(token=token, is_cookie=sent is None, proof=proof, retry_key=retry_key)
    tokens = await signing_in.refresh(parts, means, given=given, visit=visit)
    return _hand_out(response, tokens, means, by_cookie=given.is_cookie)


@routes.post(
    "/logout",
    needs=Permission.PROFILE,
    errors=(NeedsSession,),
    status_code=204,
    summary="End this session",
)
async def logout(tx: Tx, response: Response) -> None:
    """Its tokens count no more, within a second everywhere, and the cookie is taken away."""
    await service.end_session(tx, service.own_session(tx))
    cookies.take_away(response)


@routes.post(
    "/logout-all",
    needs=Permission.PROFILE,
    errors=(NeedsSession,),
    status_code=204,
    summary="End all own sessions",
)
async def logout_all(tx: Tx, response: Response) -> None:
    """Wherever the account is signed in, this session too; within a second everywhere."""
    service.own_session(tx)
    await service.end_own_sessions(tx)
    cookies.take_away(response)


@routes.get("/me", needs=Permission.PROFILE, response_model=ProfileOut, summary="The own account")
@routes.get(
    "/profile", needs=Permission.PROFILE, response_model=ProfileOut, summary="The own account"
)
async def read_profile(reader: ReaderOf) -> Response:
    """Who is signed in, in which workspace, and what they may do there."""
    found = await service.read_profile(reader)
    return told({name: found[name] for name in ProfileOut.model_fields})


@routes.put(
    "/profile",
    needs=Permission.PROFILE,
    errors=(NeedsSession, PreconditionFailed),
    summary="Change the own account",
)
async def change_profile(body: ProfileIn, tx: Tx, expected: IfMatch) -> ProfileOut:
    """What is left out is emptied. The e-mail address has a route of its own."""
    service.own_session(tx)
    if expected.is_said:
        expected.refuse_changed(ProfileOut.model_validate(await service.profile(tx, lock=True)))
    change = ProfileChange(**body.model_dump())
    return ProfileOut.model_validate(await service.change_profile(tx, change))


@routes.get(
    "/sessions",
    needs=Permission.PROFILE,
    response_model=SessionsOut,
    summary="Where the account is signed in",
)
async def list_sessions(reader: ReaderOf) -> Response:
    """Those that count, the newest first, with address and program of each."""
    return told({"items": await service.sessions(reader)})


@routes.delete(
    "/sessions/{session_id}",
    needs=Permission.PROFILE,
    errors=(NoSuchSession, NeedsSession),
    status_code=204,
    summary="End a session",
)
async def end_session(session_id: UUID, tx: Tx) -> None:
    """One of your own, by the id that the list of sessions tells."""
    service.own_session(tx)
    await service.end_session(tx, session_id)


@routes.post(
    "/change-password",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ProofRefused, WeakPassword, NeedsSession, TooMany),
    summary="Change the password; all sessions end",
)
async def change_password(
    body: ChangePasswordIn, acting: ActingOf, response: Response
) -> TokensOut:
    """Asks for the present one.

    The answer is a new session in place of all others; the owner is told by a mail.
    """
    tokens = await credentials.change_password(
        acting,
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
    )
    return _hand_out(response, tokens, acting.means, by_cookie=body.use_cookie)


@routes.post(
    "/reset-password",
    needs=PUBLIC,
    pace=Pace.AUTH,
    errors=(TooMany,),
    status_code=202,
    summary="Ask for a mail",
)
async def ask_reset(body: ResetIn, parts: PartsOf, means: MeansOf, visit: VisitOf) -> ToldOut:
    """The same answer whether there is such an account or not.

    The mail holds a token that counts once, for half an hour.
    """
    await resetting.ask(parts, means, email=body.email, visit=visit)
    return ToldOut(message="if there is such an account, a mail is on its way to it")


@routes.post(
    "/reset-password/confirm",
    needs=PUBLIC,
    pace=Pace.AUTH,
    errors=(ResetNotValid, WeakPassword, TooMany),
    status_code=204,
    summary="Set a new password by a mail",
)
async def confirm_reset(
    body: ResetConfirmIn, parts: PartsOf, means: MeansOf, visit: VisitOf
) -> None:
    """By the token of the mail. Every session ends, and an account that was locked opens again."""
    await resetting.confirm(
        parts,
        means,
        token=body.token.get_secret_value(),
        new_password=body.new_password.get_secret_value(),
        visit=visit,
    )


@routes.post(
    "/verify-email",
    needs=PUBLIC,
    pace=Pace.AUTH,
    errors=(TooMany,),
    status_code=202,
    summary="Ask for the mail that proves an address once more",
)
async def ask_verification(
    body: VerifyIn, parts: PartsOf, means: MeansOf, visit: VisitOf
) -> ToldOut:
    """Registering sends it where the service asks for that; the answer never tells whose it is."""
    await confirming.ask_verification(parts, means, email=body.email, visit=visit)
    return ToldOut(message="if the address waits for it, a mail is on its way to it")


@routes.post(
    "/verify-email/confirm",
    needs=PUBLIC,
    pace=Pace.AUTH,
    errors=(ConfirmationNotValid, TooMany),
    status_code=204,
    summary="Prove an address by a mail",
)
async def confirm_verification(
    body: MailTokenIn, parts: PartsOf, means: MeansOf, visit: VisitOf
) -> None:
    """The token counts once, for a day; whoever registered with the address may sign in then."""
    token = body.token.get_secret_value()
    await confirming.confirm_verification(parts, means, token=token, visit=visit)


@routes.post(
    "/change-email",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ProofRefused, SameEmail, NameTaken, NeedsSession, TooMany),
    status_code=202,
    summary="Ask for another e-mail address",
)
async def ask_email_change(body: ChangeEmailIn, acting: ActingOf) -> ToldOut:
    """A mail with a token goes to the new address, and a notice to the present one.

    The present address stays until the token has come back.
    """
    await confirming.ask_change(acting, _proof(body), email=body.email)
    return ToldOut(message="a mail is on its way to the new address")


@routes.post(
    "/change-email/confirm",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ConfirmationNotValid, NameTaken, NeedsSession, TooMany),
    status_code=204,
    summary="Finish it by the mail",
)
async def confirm_email_change(body: MailTokenIn, acting: ActingOf) -> None:
    """Only in a session of the same account; the token counts once, for a day."""
    await confirming.confirm_change(acting, token=body.token.get_secret_value())


@routes.get("/factors", needs=Permission.PROFILE, summary="What protects the account")
async def read_factors(tx: Tx) -> FactorsOut:
    """Second factor, recovery codes left, trading password, and until when trading is unlocked."""
    return FactorsOut.model_validate(await service.protection(tx))


@routes.post(
    "/totp",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ProofRefused, FactorThere, NeedsSession, TooMany),
    status_code=201,
    summary="Begin to set a second factor up",
)
async def enrol(body: ProofIn, acting: ActingOf, response: Response) -> EnrolmentOut:
    """Show `uri` as a QR code, or `secret` to be typed.

    It counts once a first code has confirmed it.
    """
    response.headers["Cache-Control"] = "no-store"
    return EnrolmentOut.model_validate(await credentials.enrol(acting, _proof(body)))


@routes.post(
    "/totp/confirm",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ProofRefused, NoFactor, FactorThere, NeedsSession, TooMany),
    summary="Finish it by the first code",
)
async def confirm_factor(body: ConfirmIn, acting: ActingOf, response: Response) -> ConfirmedOut:
    """From now on signing in asks for a code.

    All other sessions end; keep the recovery codes apart.
    """
    confirmed = await credentials.confirm(acting, body.code)
    told = _hand_out(response, confirmed.tokens, acting.means, by_cookie=body.use_cookie)
    return ConfirmedOut(**told.model_dump(), recovery_codes=confirmed.recovery_codes)


@routes.post(
    "/totp/disable",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ProofRefused, NoFactor, NeedsSession, TooMany),
    summary="Take the second factor away",
)
async def remove_factor(body: FactorProofIn, acting: ActingOf, response: Response) -> TokensOut:
    """Asks for password and code. All other sessions end, and the owner is told by a mail."""
    tokens = await credentials.remove_factor(acting, _proof(body))
    return _hand_out(response, tokens, acting.means, by_cookie=body.use_cookie)


@routes.post(
    "/recovery-codes",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ProofRefused, NoFactor, NeedsSession, TooMany),
    summary="New recovery codes",
)
async def renew_codes(body: ProofIn, acting: ActingOf, response: Response) -> CodesOut:
    """All before count no more. They are shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return CodesOut(recovery_codes=await credentials.renew_codes(acting, _proof(body)))


@routes.put(
    "/trading-password",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(ProofRefused, SameAsPassword, WeakPassword, NeedsSession, TooMany),
    status_code=204,
    summary="Set the password that unlocks trading",
)
async def set_trading_password(body: TradingPasswordIn, acting: ActingOf) -> None:
    """Another one than signs in. What was unlocked is locked again."""
    new = body.trading_password.get_secret_value()
    await credentials.set_trading_password(acting, _proof(body), new=new)


@routes.post(
    "/unlock",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    errors=(UnlockRefused, NoTradingPassword, NoFactor, NeedsSession, TooMany),
    summary="Unlock trading for 15 minutes",
)
async def unlock(body: UnlockIn, acting: ActingOf) -> UnlockedOut:
    """In this session alone, by the trading password and a code.

    Live orders, new API keys and other acts that move money or give power away ask for it; paper
    trading does not.
    """
    until = await unlocking.unlock(
        acting, trading_password=body.trading_password.get_secret_value(), code=body.code
    )
    return UnlockedOut(unlocked_until=until)


@routes.delete("/unlock", needs=Permission.PROFILE, status_code=204, summary="Lock trading again")
async def lock(tx: Tx) -> None:
    """In this session; done where nothing was unlocked too."""
    await unlocking.lock(tx)


def _proof(body: ProofIn) -> Proof:
    return Proof(password=body.password.get_secret_value(), code=body.code)


def _hand_out(response: Response, tokens: Tokens, means: Means, *, by_cookie: bool) -> TokensOut:
    response.headers["Cache-Control"] = "no-store"
    told: dict[str, Any] = {"access_token": tokens.access, "expires_in": tokens.expires_in}
    if not by_cookie:
        return TokensOut(refresh_token=tokens.refresh, **told)
    cookies.hand_out(
        response, tokens.refresh, tokens.session_id, ring=means.ring, life=means.session_life
    )
    return TokensOut(refresh_token=None, **told)
