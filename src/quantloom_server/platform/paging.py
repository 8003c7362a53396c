"""Lists a page at a time: by a cursor, or by page numbers for those who count.

Rows come newest first, which is the order of their ids. A cursor says behind which row the next
page begins, so rows that come in meanwhile neither repeat nor hide any.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from starlette.responses import Response

from quantloom.errors import Invalid
from quantloom_server.platform.reading import Read, Reader, Told, told

MOST = 500
USUAL = 50

Item = TypeVar("Item")
Out = TypeVar("Out")


class BadCursor(Invalid):
    """A cursor that we did not make."""

    code = "request.bad_cursor"

    def __str__(self) -> str:
        return "this cursor is none of ours; leave it out to begin with the newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which part of a list is asked for, as it was said."""

    limit: int = USUAL
    cursor: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list of rows is asked for."""

    limit: int = USUAL
    after: UUID | None = None
    page: int | None = None

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit if self.page else 0


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """A part of a list; `next_cursor` is None at its end, `total` only known by page numbers."""

    rows: list[Item]
    next_cursor: str | None = None
    total: int | None = None


class Page(BaseModel, Generic[Item]):
    """A part of a list on the wire."""

    items: list[Item]
    next_cursor: str | None = Field(None, description="Send as `cursor` for the next page.")
    total: int | None = Field(None, description="How many there are; with `page` alone.")

    @classmethod
    def of(cls, part: Slice[Any], show: Callable[[Any], Item]) -> Self:
        items = [show(row) for row in part.rows]
        return cls(items=items, next_cursor=part.next_cursor, total=part.total)


Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=128, description="`next_cursor` of the page before.")
]
Number = Annotated[int | None, Query(ge=1, le=10_000, description="The number of a page, from 1.")]
PerPage = Annotated[
    int | None, Query(ge=1, le=MOST, description="The same as `limit`, with `page`.")
]


class Asked(BaseModel):
    """The query of a hot route that lists rows; what narrows the list down is added to it."""

    model_config = ConfigDict(frozen=True)

    limit: Limit = USUAL
    cursor: Cursor = None
    page: Number = None
    per_page: PerPage = None

    @property
    def window(self) -> Window:
        """Which part is asked for.

        Raises:
            BadCursor: the cursor is none of ours.
        """
        after = None if self.cursor is None else _read(self.cursor)
        return Window(limit=self.per_page or self.limit, after=after, page=self.page)


async def ask_span(
    limit: Limit = USUAL, cursor: Cursor = None, page: Number = None, per_page: PerPage = None
) -> Span:
    return Span(limit=per_page or limit, cursor=cursor, page=page)


SpanOf = Annotated[Span, Depends(ask_span)]


async def ask_window(span: SpanOf) -> Window:
    after = None if span.cursor is None else _read(span.cursor)
    return Window(limit=span.limit, after=after, page=span.page)


WindowOf = Annotated[Window, Depends(ask_window)]


async def read_slice(
    session: AsyncSession,
    statement: Select[Item],
    *,
    key: InstrumentedAttribute[UUID],
    window: Window,
) -> Slice[Item]:
    """Read the part of a statement's rows that is asked for, newest first."""
    total = None
    if window.page is not None:
        counted = select(func.count()).select_from(statement.order_by(None).subquery())
        total = (await session.execute(counted)).scalar_one()
    if window.after is not None:
        statement = statement.where(key < window.after)
    cut = statement.order_by(key.desc()).limit(window.limit + 1).offset(window.offset)
    rows = list((await session.execute(cut)).scalars())
    kept = rows[: window.limit]
    more = len(rows) > window.limit
    return Slice(kept, _write(getattr(kept[-1], key.key)) if more else None, total)


class Listing:
    """A list of rows as hot routes read it, newest first.

    Args:
        statement: every row of the list, without an order.
        key: the column of their ids, which is among those selected.
        filters: what may narrow the list down, by the parameter that each compares with.
    """

    def __init__(
        self,
        statement: Select[*tuple[Any, ...]],
        *,
        key: InstrumentedAttribute[UUID],
        filters: Mapping[str, ColumnElement[bool]] | None = None,
    ) -> None:
        self._statement = statement
        self._key = key
        self._filters = dict(filters or {})
        self._parts: dict[tuple[bool, frozenset[str]], Read] = {}
        self._counts: dict[frozenset[str], Read] = {}

    async def part(
        self, reader: Reader, window: Window, *, wanted: Mapping[str, Any], **given: Any
    ) -> Slice[Told]:
        """Read a part; what is None in `wanted` narrows nothing down."""
        named = {name: value for name, value in wanted.items() if value is not None}
        given = {**given, **named}
        names = frozenset(named)
        total = None
        if window.page is not None:
            counted = await reader.one(self._count(names), **given)
            total = counted["total"] if counted else 0
        has_cursor = window.after is not None
        rows = await reader.rows(
            self._part(names, has_cursor=has_cursor),
            **given,
            after=window.after,
            at_most=window.limit + 1,
            left_out=window.offset,
        )
        kept = rows[: window.limit]
        more = len(rows) > window.limit
        return Slice(kept, _write(kept[-1][self._key.key]) if more else None, total)

    def _part(self, names: frozenset[str], *, has_cursor: bool) -> Read:
        found = self._parts.get((has_cursor, names))
        if found is None:
            statement = self._narrowed(names)
            if has_cursor:
                statement = statement.where(self._key < bindparam("after"))
            cut = statement.order_by(self._key.desc()).limit(bindparam("at_most"))
            found = Read(cut.offset(bindparam("left_out")))
            self._parts[has_cursor, names] = found
        return found

    def _count(self, names: frozenset[str]) -> Read:
        found = self._counts.get(names)
        if found is None:
            counted = select(func.count().label("total")).select_from(
                self._narrowed(names).subquery()
            )
            found = self._counts[names] = Read(counted)
        return found

    def _narrowed(self, names: frozenset[str]) -> Select[*tuple[Any, ...]]:
        return self._statement.where(*(self._filters[name] for name in sorted(names)))


def told_page(part: Slice[Told]) -> Response:
    """A part of a list as `Page` shows it."""
    return told({"items": part.rows, "next_cursor": part.next_cursor, "total": part.total})


def _write(after: UUID) -> str:
    return base64.urlsafe_b64encode(after.bytes).rstrip(b"=").decode()


def _read(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
