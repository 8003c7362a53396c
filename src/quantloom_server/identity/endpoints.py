"""Routes of accounts and sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Depends, Header, Request, Response

from quantloom_server.identity import cookies, service, signing_in
from quantloom_server.identity.errors import BadToken
from quantloom_server.identity.means import Device, Means
from quantloom_server.identity.opening import Tokens
from quantloom_server.identity.registering import NewAccount
from quantloom_server.identity.schemas import (
    LoginIn,
    ProfileIn,
    ProfileOut,
    RefreshIn,
    RegisteredOut,
    RegisterIn,
    SessionOut,
    SessionsOut,
    TokensOut,
)
from quantloom_server.identity.service import ProfileChange
from quantloom_server.identity.signing_in import Credentials, Renewal
from quantloom_server.platform.addresses import client_address
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.routing import PUBLIC, PartsOf, Routes, Tx

routes = Routes("/api/v1/auth", tag="Identity")


def _means_of(request: Request) -> Means:
    means: Means = request.app.state.identity
    return means


def _device_of(request: Request, parts: PartsOf) -> Device:
    address = client_address(request, parts.settings.trusted_proxies)
    return Device(str(address) if address else None, request.headers.get("user-agent", ""))


MeansOf = Annotated[Means, Depends(_means_of)]
DeviceOf = Annotated[Device, Depends(_device_of)]


@routes.post("/register", needs=PUBLIC, status_code=201, summary="Make an account")
async def register(
    body: RegisterIn, parts: PartsOf, means: MeansOf, device: DeviceOf
) -> RegisteredOut:
    account = NewAccount(
        username=body.username,
        email=body.email,
        full_name=body.full_name,
        phone=body.phone,
        has_agreed=body.agree_terms,
    )
    password = body.password.get_secret_value()
    made = await signing_in.register(
        parts, means, account=account, password=password, device=device
    )
    return RegisteredOut(id=made, username=account.username, email=account.email)


@routes.post("/login", needs=PUBLIC, summary="Sign in")
async def login(
    body: LoginIn, response: Response, parts: PartsOf, means: MeansOf, device: DeviceOf
) -> TokensOut:
    given = Credentials(
        login=body.username, password=body.password.get_secret_value(), code=body.code
    )
    tokens = await signing_in.sign_in(parts, means, given=given, device=device)
    return _hand_out(response, tokens, means, by_cookie=body.use_cookie)


@routes.post("/refresh", needs=PUBLIC, summary="Exchange a refresh token for new tokens")
async def refresh(
    request: Request,
    response: Response,
    parts: PartsOf,
    *,
    means: MeansOf,
    device: DeviceOf,
    body: Annotated[RefreshIn | None, Body()] = None,
    proof: Annotated[str | None, Header(alias=cookies.HEADER, max_length=128)] = None,
    retry_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)] = None,
) -> TokensOut:
    sent = body.refresh_token.get_secret_value() if body and body.refresh_token else None
    token = sent or cookies.token_in(request)
    if token is None:
        raise BadToken
    given = Renewal(token=token, is_cookie=sent is None, proof=proof, retry_key=retry_key)
    tokens = await signing_in.refresh(parts, means, given=given, device=device)
    return _hand_out(response, tokens, means, by_cookie=given.is_cookie)


@routes.post("/logout", needs=Permission.PROFILE, status_code=204, summary="End this session")
async def logout(tx: Tx, response: Response) -> None:
    await service.end_session(tx, service.own_session(tx))
    cookies.take_away(response)


@routes.post(
    "/logout-all", needs=Permission.PROFILE, status_code=204, summary="End all own sessions"
)
async def logout_all(tx: Tx, response: Response) -> None:
    service.own_session(tx)
    await service.end_sessions(tx, tx.asked_by().user_id)
    cookies.take_away(response)


@routes.get("/me", needs=Permission.PROFILE, summary="The own account")
@routes.get("/profile", needs=Permission.PROFILE, summary="The own account")
async def read_profile(tx: Tx) -> ProfileOut:
    return ProfileOut.model_validate(await service.profile(tx))


@routes.put("/profile", needs=Permission.PROFILE, summary="Change the own account")
async def change_profile(body: ProfileIn, tx: Tx) -> ProfileOut:
    service.own_session(tx)
    change = ProfileChange(**body.model_dump())
    return ProfileOut.model_validate(await service.change_profile(tx, change))


@routes.get("/sessions", needs=Permission.PROFILE, summary="Where the account is signed in")
async def list_sessions(tx: Tx) -> SessionsOut:
    current = tx.asked_by().session_id
    items = [SessionOut.model_validate(row) for row in await service.sessions(tx)]
    return SessionsOut(
        items=[item.model_copy(update={"is_current": item.id == current}) for item in items]
    )


@routes.delete(
    "/sessions/{session_id}", needs=Permission.PROFILE, status_code=204, summary="End a session"
)
async def end_session(session_id: UUID, tx: Tx) -> None:
    service.own_session(tx)
    await service.end_session(tx, session_id)


def _hand_out(response: Response, tokens: Tokens, means: Means, *, by_cookie: bool) -> TokensOut:
    response.headers["Cache-Control"] = "no-store"
    told: dict[str, Any] = {"access_token": tokens.access, "expires_in": tokens.expires_in}
    if not by_cookie:
        return TokensOut(refresh_token=tokens.refresh, **told)
    cookies.hand_out(
        response, tokens.refresh, tokens.session_id, ring=means.ring, life=means.session_life
    )
    return TokensOut(refresh_token=None, **told)
