"""The market: a version offered to everybody, taken by copy, rated by those who took it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from quantloom_server.platform import trail
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.transaction import Transaction
from quantloom_server.strategies import service as strategies
from quantloom_server.strategies.bundles import Saved
from quantloom_server.strategies.kinds import Origin, StrategyStatus
from quantloom_server.strategies.market import repository
from quantloom_server.strategies.market.errors import (
    AlreadyListed,
    NoSuchListing,
    NotFit,
    NotSubscribed,
    OwnListing,
)
from quantloom_server.strategies.market.repository import Standing, Wanted
from quantloom_server.strategies.market.tables import ListingRow, RatingRow
from quantloom_server.strategies.service import Held, Taken

UNRATED = Standing(0, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewListing:
    """What is to be offered, and on which terms."""

    strategy_id: UUID
    version: int | None
    description: str
    licence: str
    author: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing, and what others think of it."""

    row: ListingRow
    standing: Standing


async def list_offers(tx: Transaction, wanted: Wanted, window: Window) -> Slice[Offer]:
    """A page of what is offered, the newest first."""
    part = await repository.list_page(tx.session, wanted, window)
    known = await repository.standings(tx.session, [row.id for row in part.rows])
    offers = [Offer(row, known.get(row.id, UNRATED)) for row in part.rows]
    return Slice(offers, part.next_cursor, part.total)


async def get_offer(tx: Transaction, listing_id: UUID) -> Offer:
    """What is offered, or was by the caller's workspace, with its code.

    Raises:
        NoSuchListing: it is not offered.
    """
    row = await _get_row(tx, listing_id)
    known = await repository.standings(tx.session, [row.id])
    return Offer(row, known.get(row.id, UNRATED))


async def publish(tx: Transaction, new: NewListing) -> Offer:
    """Offer a version to everybody.

    Raises:
        NoSuchStrategy, NoSuchVersion: there is none here.
        NotFit: it has findings that keep it from running.
        AlreadyListed: it is offered.
    """
    row = await strategies.get_row(tx, new.strategy_id)
    number = new.version or row.version
    version = await strategies.get_version(tx, row.id, number)
    if version.errors:
        raise NotFit(number, version.errors)
    caller = tx.asked_by()
    listing = ListingRow(
        id=tx.new_id(),
        workspace_id=caller.workspace_id,
        user_id=caller.user_id,
        strategy_id=row.id,
        version=number,
        name=row.name,
        description=new.description or row.description,
        licence=new.licence,
        author=new.author,
        language=row.language,
        category=row.category,
        risk_level=row.risk_level,
        code=version.code,
        code_sha256=version.code_sha256,
        parameters=version.parameters,
        unreadable=version.unreadable,
        warnings=version.warnings,
    )
    await _keep(tx, listing)
    await _tell(tx, "published", listing)
    return Offer(listing, UNRATED)


async def withdraw(tx: Transaction, listing_id: UUID) -> None:
    """Take a listing of the caller's workspace off the market; copies of it stay.

    Raises:
        NoSuchListing: the workspace offers none of that id.
    """
    row = await _get_row(tx, listing_id)
    if row.workspace_id != tx.asked_by().workspace_id:
        raise NoSuchListing(listing_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = tx.now()
        await tx.session.flush()
        await _tell(tx, "withdrawn", row)


async def subscribe(tx: Transaction, listing_id: UUID, name: str | None) -> Held:
    """Copy what is offered into the caller's workspace.

    Raises:
        NoSuchListing: it is not offered.
        OwnListing: the caller's own workspace offers it.
        NameTaken, TooManyStrategies, OutOfSpace: the copy cannot be kept.
    """
    row = await _get_others(tx, listing_id)
    is_new = not await repository.has_taken(tx.session, tx.asked_by().workspace_id, row.id)
    fields = {
        "name": name or await strategies.free_name(tx, row.name),
        "description": row.description,
        "language": row.language,
        "status": StrategyStatus.DRAFT,
        "category": row.category,
        "risk_level": row.risk_level,
    }
    saved = Saved(1, row.code, f"version {row.version} of {row.name}; licence: {row.licence}")
    taken = Taken(Origin.LISTING, str(row.id))
    held = await strategies.make(tx, fields, [saved], taken, done="subscribed")
    if is_new:
        await repository.count_subscriber(tx.session, row.id)
    return held


async def rate(tx: Transaction, listing_id: UUID, stars: int, comment: str) -> RatingRow:
    """Say what the caller thinks of a strategy that their workspace has taken.

    Raises:
        NoSuchListing: it is not offered.
        OwnListing, NotSubscribed: the caller is not one to rate it.
    """
    row, caller = await _get_others(tx, listing_id), tx.asked_by()
    if not await repository.has_taken(tx.session, caller.workspace_id, row.id):
        raise NotSubscribed
    rating = await repository.put_rating(
        tx.session,
        {
            "id": tx.new_id(),
            "listing_id": row.id,
            "user_id": caller.user_id,
            "workspace_id": caller.workspace_id,
            "stars": stars,
            "comment": comment,
            "created_at": tx.now(),
            "updated_at": tx.now(),
        },
    )
    await _tell(tx, "rated", row, stars=stars)
    return rating


async def drop_rating(tx: Transaction, listing_id: UUID) -> None:
    """Take the caller's rating back.

    Raises:
        NoSuchListing: it is not offered.
    """
    row = await _get_row(tx, listing_id)
    await repository.drop_rating(tx.session, row.id, tx.asked_by().user_id)
    await _tell(tx, "unrated", row)


async def list_ratings(tx: Transaction, listing_id: UUID, window: Window) -> Slice[RatingRow]:
    """A page of what others say of a listing, the newest first.

    Raises:
        NoSuchListing: it is not offered.
    """
    row = await _get_row(tx, listing_id)
    return await repository.list_ratings(tx.session, row.id, window)


async def _get_row(tx: Transaction, listing_id: UUID) -> ListingRow:
    row = await repository.find(tx.session, tx.asked_by().workspace_id, listing_id)
    if row is None:
        raise NoSuchListing(listing_id)
    return row


async def _get_others(tx: Transaction, listing_id: UUID) -> ListingRow:
    row = await _get_row(tx, listing_id)
    if row.workspace_id == tx.asked_by().workspace_id:
        raise OwnListing
    return row


async def _keep(tx: Transaction, listing: ListingRow) -> None:
    version = listing.version
    try:
        async with tx.session.begin_nested():
            tx.session.add(listing)
            await tx.session.flush()
    except IntegrityError as error:
        if "uq_strategy_listings_version" not in str(error.orig):
            raise
        raise AlreadyListed(version) from None


async def _tell(tx: Transaction, done: str, row: ListingRow, *, stars: int | None = None) -> None:
    told = {
        "name": row.name,
        "version": row.version,
        "licence": row.licence,
        "code_sha256": row.code_sha256,
    }
    after = told if stars is None else told | {"stars": stars}
    await trail.record(
        tx,
        action=f"strategy_market.{done}",
        object_kind="strategy_listing",
        object_id=row.id,
        after=after,
    )
