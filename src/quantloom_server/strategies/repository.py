"""Every query about strategies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from quantloom_server.platform.paging import Slice, Window, read_slice
from quantloom_server.strategies.tables import DraftRow, StrategyRow, VersionRow

_FORGET = text("SELECT system.forget_strategist(:user_id)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which strategies are looked for."""

    text: str = ""
    category: str | None = None
    status: str | None = None
    risk_level: str | None = None
    user_id: UUID | None = None


async def list_page(
    session: AsyncSession, workspace_id: UUID, sought: Sought, window: Window
) -> Slice[StrategyRow]:
    statement = _here(workspace_id).where(*_wanted(sought))
    return await read_slice(session, statement, key=StrategyRow.id, window=window)


def _here(workspace_id: UUID) -> Select[StrategyRow]:
    return select(StrategyRow).where(
        StrategyRow.workspace_id == workspace_id, StrategyRow.deleted_at.is_(None)
    )


def _wanted(sought: Sought) -> list[ColumnElement[bool]]:
    exact = {
        StrategyRow.category: sought.category,
        StrategyRow.status: sought.status,
        StrategyRow.risk_level: sought.risk_level,
        StrategyRow.user_id: sought.user_id,
    }
    found: list[ColumnElement[bool]] = [
        column == value for column, value in exact.items() if value is not None
    ]
    if sought.text:
        parts = (StrategyRow.name, StrategyRow.description)
        found.append(or_(*(part.icontains(sought.text, autoescape=True) for part in parts)))
    return found


async def find(
    session: AsyncSession, workspace_id: UUID, strategy_id: UUID, *, lock: bool = False
) -> StrategyRow | None:
    statement = _here(workspace_id).where(StrategyRow.id == strategy_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(statement)


async def names_like(session: AsyncSession, workspace_id: UUID, name: str) -> set[str]:
    """The names here that begin alike, in small letters."""
    statement = select(func.lower(StrategyRow.name)).where(
        StrategyRow.workspace_id == workspace_id,
        StrategyRow.deleted_at.is_(None),
        StrategyRow.name.istartswith(name, autoescape=True),
    )
    return set(await session.scalars(statement))


async def count(session: AsyncSession, workspace_id: UUID, user_id: UUID) -> int:
    statement = select(func.count()).select_from(
        _here(workspace_id).where(StrategyRow.user_id == user_id).subquery()
    )
    return (await session.execute(statement)).scalar_one()


async def count_bytes(session: AsyncSession, workspace_id: UUID, user_id: UUID) -> int:
    statement = (
        select(func.coalesce(func.sum(VersionRow.size_bytes), 0))
        .join(StrategyRow, StrategyRow.id == VersionRow.strategy_id)
        .where(
            StrategyRow.workspace_id == workspace_id,
            StrategyRow.deleted_at.is_(None),
            VersionRow.created_by == user_id,
        )
    )
    return int((await session.execute(statement)).scalar_one())


async def count_by_category(session: AsyncSession, workspace_id: UUID) -> dict[str, int]:
    here = _here(workspace_id).subquery()
    found = await session.execute(select(here.c.category, func.count()).group_by(here.c.category))
    return {category: counted for category, counted in found}  # noqa: C416  rows, not pairs


async def find_version(session: AsyncSession, strategy_id: UUID, number: int) -> VersionRow | None:
    """A version with its code."""
    return await session.scalar(
        select(VersionRow)
        .options(undefer(VersionRow.code))
        .where(VersionRow.strategy_id == strategy_id, VersionRow.number == number)
    )


async def list_versions(
    session: AsyncSession, strategy_id: UUID, window: Window
) -> Slice[VersionRow]:
    statement = select(VersionRow).where(VersionRow.strategy_id == strategy_id)
    return await read_slice(session, statement, key=VersionRow.id, window=window)


async def newest_versions(
    session: AsyncSession, strategy_id: UUID, most: int
) -> Sequence[VersionRow]:
    """The newest first, with their code."""
    statement = (
        select(VersionRow)
        .options(undefer(VersionRow.code))
        .where(VersionRow.strategy_id == strategy_id)
        .order_by(VersionRow.number.desc())
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def count_versions(session: AsyncSession, strategy_id: UUID) -> int:
    counted = select(func.count()).where(VersionRow.strategy_id == strategy_id)
    return (await session.execute(counted)).scalar_one()


async def find_draft(session: AsyncSession, strategy_id: UUID, user_id: UUID) -> DraftRow | None:
    return await session.scalar(
        select(DraftRow).where(DraftRow.strategy_id == strategy_id, DraftRow.user_id == user_id)
    )


async def put_draft(session: AsyncSession, values: dict[str, Any]) -> DraftRow:
    """Keep what somebody writes, in place of what they had written before."""
    keys = {"strategy_id", "user_id"}
    statement = (
        insert(DraftRow)
        .values(values)
        .on_conflict_do_update(
            index_elements=[DraftRow.strategy_id, DraftRow.user_id],
            set_={name: value for name, value in values.items() if name not in keys},
        )
        .returning(DraftRow)
    )
    found = await session.scalars(statement, execution_options={"populate_existing": True})
    return found.one()


async def drop_draft(session: AsyncSession, strategy_id: UUID, user_id: UUID) -> None:
    await session.execute(
        delete(DraftRow).where(DraftRow.strategy_id == strategy_id, DraftRow.user_id == user_id)
    )


async def list_of_user(
    session: AsyncSession, workspace_id: UUID, user_id: UUID
) -> Sequence[StrategyRow]:
    statement = _here(workspace_id).where(StrategyRow.user_id == user_id).order_by(StrategyRow.id)
    return (await session.scalars(statement)).all()


async def forget(session: AsyncSession, user_id: UUID) -> None:
    """Remove somebody's drafts, names and words on the market, wherever they are."""
    await session.execute(_FORGET, {"user_id": user_id})
