"""Every query about the market."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from quantloom_server.platform.paging import Slice, Window, read_slice
from quantloom_server.strategies.kinds import Origin
from quantloom_server.strategies.market.tables import ListingRow, RatingRow
from quantloom_server.strategies.tables import StrategyRow

_COUNT = text("SELECT system.count_subscriber(:listing_id)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which listings are looked for."""

    text: str = ""
    category: str | None = None
    risk_level: str | None = None
    workspace_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What others think of a listing."""

    count: int
    stars: float | None


async def list_page(session: AsyncSession, wanted: Wanted, window: Window) -> Slice[ListingRow]:
    statement = select(ListingRow)
    if wanted.workspace_id is None:
        statement = statement.where(ListingRow.withdrawn_at.is_(None))
    else:
        statement = statement.where(ListingRow.workspace_id == wanted.workspace_id)
    if wanted.category is not None:
        statement = statement.where(ListingRow.category == wanted.category)
    if wanted.risk_level is not None:
        statement = statement.where(ListingRow.risk_level == wanted.risk_level)
    if wanted.text:
        parts = (ListingRow.name, ListingRow.description)
        statement = statement.where(
            or_(*(part.icontains(wanted.text, autoescape=True) for part in parts))
        )
    return await read_slice(session, statement, key=ListingRow.id, window=window)


async def find(
    session: AsyncSession, workspace_id: UUID, listing_id: UUID, *, lock: bool = False
) -> ListingRow | None:
    """A listing that is offered, or one of the workspace's own."""
    statement = (
        select(ListingRow)
        .options(undefer(ListingRow.code))
        .where(
            ListingRow.id == listing_id,
            or_(ListingRow.withdrawn_at.is_(None), ListingRow.workspace_id == workspace_id),
        )
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(statement)


async def standings(session: AsyncSession, listing_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """What others think of some listings; those that nobody rated are left out."""
    found = await session.execute(
        select(RatingRow.listing_id, func.count(), func.avg(RatingRow.stars))
        .where(RatingRow.listing_id.in_(listing_ids))
        .group_by(RatingRow.listing_id)
    )
    return {each: Standing(count, float(stars)) for each, count, stars in found}


async def list_ratings(session: AsyncSession, listing_id: UUID, window: Window) -> Slice[RatingRow]:
    statement = select(RatingRow).where(RatingRow.listing_id == listing_id)
    return await read_slice(session, statement, key=RatingRow.id, window=window)


async def put_rating(session: AsyncSession, values: dict[str, Any]) -> RatingRow:
    """Write somebody's rating, in place of the one before."""
    changed = {name: values[name] for name in ("stars", "comment", "updated_at")}
    statement = (
        insert(RatingRow)
        .values(values)
        .on_conflict_do_update(
            index_elements=[RatingRow.listing_id, RatingRow.user_id], set_=changed
        )
        .returning(RatingRow)
    )
    found = await session.scalars(statement, execution_options={"populate_existing": True})
    return found.one()


async def drop_rating(session: AsyncSession, listing_id: UUID, user_id: UUID) -> None:
    await session.execute(
        delete(RatingRow).where(RatingRow.listing_id == listing_id, RatingRow.user_id == user_id)
    )


async def has_taken(session: AsyncSession, workspace_id: UUID, listing_id: UUID) -> bool:
    """Whether somebody of the workspace has subscribed, the copy deleted or not."""
    found = await session.scalar(
        select(StrategyRow.id)
        .where(
            StrategyRow.workspace_id == workspace_id,
            StrategyRow.origin == Origin.LISTING,
            StrategyRow.origin_id == str(listing_id),
        )
        .limit(1)
    )
    return found is not None


async def count_subscriber(session: AsyncSession, listing_id: UUID) -> None:
    await session.execute(_COUNT, {"listing_id": listing_id})
