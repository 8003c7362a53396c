"""Routes of the market of strategies."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from quantloom_server.platform.paging import BadCursor, Page, WindowOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.routing import Routes, Tx, caller_of
from quantloom_server.platform.transaction import Transaction
from quantloom_server.strategies.endpoints import show as show_strategy
from quantloom_server.strategies.errors import (
    NameTaken,
    NoSuchStrategy,
    NoSuchVersion,
    OutOfSpace,
    TooManyStrategies,
)
from quantloom_server.strategies.kinds import Category, RiskLevel
from quantloom_server.strategies.market import service
from quantloom_server.strategies.market.errors import (
    AlreadyListed,
    NoSuchListing,
    NotFit,
    NotSubscribed,
    OwnListing,
)
from quantloom_server.strategies.market.repository import Wanted
from quantloom_server.strategies.market.schemas import (
    ListingDetailOut,
    ListingIn,
    ListingOut,
    RatingIn,
    RatingOut,
    StandingOut,
    SubscribeIn,
)
from quantloom_server.strategies.market.service import NewListing, Offer
from quantloom_server.strategies.schemas import ParametersOut, StrategyDetailOut

routes = Routes("/api/v1/strategy-market", tag="Strategy market")

READ, WRITE = Permission.STRATEGIES_READ, Permission.STRATEGIES_WRITE


async def ask_wanted(
    request: Request,
    *,
    q: Annotated[str, Query(max_length=100, description="Part of a name or description.")] = "",
    category: Annotated[Category | None, Query(description="Those in this category.")] = None,
    risk_level: Annotated[RiskLevel | None, Query(description="Those of this risk.")] = None,
    own: Annotated[
        bool, Query(description="What the own workspace offers or has withdrawn.")
    ] = False,
) -> Wanted:
    caller = caller_of(request)
    workspace_id = caller.workspace_id if own and caller else None
    return Wanted(text=q, category=category, risk_level=risk_level, workspace_id=workspace_id)


@routes.get(needs=READ, summary="Browse what is offered", errors=(BadCursor,))
async def list_listings(
    tx: Tx, window: WindowOf, wanted: Annotated[Wanted, Depends(ask_wanted)]
) -> Page[ListingOut]:
    """By everybody, the newest first."""
    part = await service.list_offers(tx, wanted, window)
    return Page[ListingOut].of(part, lambda offer: _show(tx, offer))


@routes.post(
    needs=Permission.STRATEGIES_PUBLISH,
    status_code=201,
    summary="Offer a version to everybody",
    errors=(NoSuchStrategy, NoSuchVersion, NotFit, AlreadyListed),
)
async def publish_version(body: ListingIn, tx: Tx) -> ListingDetailOut:
    """With its code, as it is now: everybody who is signed in can read and copy it."""
    return _show_all(tx, await service.publish(tx, NewListing(**body.model_dump())))


@routes.get(
    "/{listing_id}",
    needs=READ,
    summary="See what is offered with its code",
    errors=(NoSuchListing,),
)
async def get_listing(listing_id: UUID, tx: Tx) -> ListingDetailOut:
    """Its code, its parameters, and what those think who have taken it."""
    return _show_all(tx, await service.get_offer(tx, listing_id))


@routes.delete(
    "/{listing_id}",
    needs=Permission.STRATEGIES_PUBLISH,
    status_code=204,
    summary="Withdraw what the workspace offers",
    errors=(NoSuchListing,),
)
async def withdraw_listing(listing_id: UUID, tx: Tx) -> None:
    """Copies stay with those who have taken them."""
    await service.withdraw(tx, listing_id)


@routes.post(
    "/{listing_id}/subscribe",
    needs=WRITE,
    status_code=201,
    summary="Take a copy of what is offered",
    errors=(NoSuchListing, OwnListing, NameTaken, TooManyStrategies, OutOfSpace),
)
async def subscribe_to_listing(
    listing_id: UUID, tx: Tx, body: SubscribeIn | None = None
) -> StrategyDetailOut:
    """A draft of the own workspace, with the licence in its changelog."""
    name = body.name if body else None
    return show_strategy(await service.subscribe(tx, listing_id, name))


@routes.get(
    "/{listing_id}/ratings",
    needs=READ,
    summary="List what others think",
    errors=(NoSuchListing, BadCursor),
)
async def list_ratings(listing_id: UUID, tx: Tx, window: WindowOf) -> Page[RatingOut]:
    """Stars and words, the newest first."""
    part = await service.list_ratings(tx, listing_id, window)
    return Page[RatingOut].of(part, RatingOut.model_validate)


@routes.put(
    "/{listing_id}/rating",
    needs=WRITE,
    summary="Rate what you have taken",
    errors=(NoSuchListing, OwnListing, NotSubscribed),
)
async def put_rating(listing_id: UUID, body: RatingIn, tx: Tx) -> RatingOut:
    """One rating of each person; a second takes the place of the first."""
    row = await service.rate(tx, listing_id, body.stars, body.comment)
    return RatingOut.model_validate(row)


@routes.delete(
    "/{listing_id}/rating",
    needs=WRITE,
    status_code=204,
    summary="Take your rating back",
    errors=(NoSuchListing,),
)
async def drop_rating(listing_id: UUID, tx: Tx) -> None:
    """Nothing happens where there is none."""
    await service.drop_rating(tx, listing_id)


def _show(tx: Transaction, offer: Offer) -> ListingOut:
    row = offer.row
    return ListingOut(
        id=row.id,
        version=row.version,
        name=row.name,
        description=row.description,
        licence=row.licence,
        author=row.author,
        language=row.language,
        category=row.category,
        risk_level=row.risk_level,
        warnings=row.warnings,
        subscribers=row.subscribers,
        rating=StandingOut.model_validate(offer.standing),
        is_own=row.workspace_id == tx.asked_by().workspace_id,
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
    )


def _show_all(tx: Transaction, offer: Offer) -> ListingDetailOut:
    return ListingDetailOut(
        **_show(tx, offer).model_dump(),
        **ParametersOut.model_validate(offer.row).model_dump(),
        code=offer.row.code,
        code_sha256=offer.row.code_sha256,
    )
