"""Batches of a raw table as columns with a meaning: times in UTC, prices and volumes in units."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, ints
from quantloom.data.readers.figures import read_figures
from quantloom.data.readers.hours import UTC, to_utc
from quantloom.data.readers.mapping import ColumnRole, Mapping, Role
from quantloom.data.readers.moments import read_moments
from quantloom.data.readers.names import plain_name
from quantloom.data.readers.raw import Form, RawTable, Types
from quantloom.data.readers.written import NS_PER_DAY, Moments, Written, holds_date
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import Timeframe
from quantloom.market.sessions import local_ns

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute

_PRICES = (Role.OPEN, Role.HIGH, Role.LOW, Role.CLOSE)
_BIDS = (Role.BID_OPEN, Role.BID_HIGH, Role.BID_LOW, Role.BID_CLOSE)
_ASKS = (Role.ASK_OPEN, Role.ASK_HIGH, Role.ASK_LOW, Role.ASK_CLOSE)
_PRICED = {
    *_PRICES,
    *_BIDS,
    *_ASKS,
    Role.PRICE,
    Role.BID,
    Role.ASK,
    Role.MID,
    Role.SETTLEMENT,
    Role.ADJ_CLOSE,
}
_COUNTED = {Role.VOLUME, Role.SIZE, Role.TOTAL, Role.BID_SIZE, Role.ASK_SIZE}
_MAY_LACK = {Role.BID, Role.ASK, Role.SETTLEMENT, Role.OPEN_INTEREST, Role.EXTRA}
_FROM_MIDDLE = (
    (Role.BID_DISTANCE, Role.BID_NOTIONAL, Role.BID, Role.BID_SIZE),
    (Role.ASK_DISTANCE, Role.ASK_NOTIONAL, Role.ASK, Role.ASK_SIZE),
)
_FAR = {str(role) for far in _FROM_MIDDLE for role in far[:2]} | {str(Role.MID)}
_TIMES = {Role.TIME, Role.DATE, Role.CLOCK, Role.RECEIVED}
_TEXTS = {Role.SYMBOL, Role.VENUE, Role.SIDE, Role.UPDATE, Role.BIDS, Role.ASKS}
_KEPT_TEXTS = (Role.SYMBOL, Role.SIDE, Role.UPDATE, Role.BIDS, Role.ASKS)
SNAPSHOT_SIDE = "_snapshot"
"""What stands behind the side of a level that belongs to a snapshot of the book."""

_BUYS = {"b", "buy", "bid", "买", "买盘", "1", "false", "ask_hit", "long"}
_SELLS = {"s", "sell", "ask", "a", "卖", "卖盘", "-1", "true", "short"}


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a table.

    Attributes:
        ts: (n,) UTC nanoseconds: open of a bar, or when a tick happened; 0 where unreadable.
        unreadable: (n,) True where the time cannot be read.
        received: (n,) when each row was received; None where nobody noted it.
        columns: (n,) float64 by the name it has in bars, or by role and level, as in `bid.1`.
        wrong: (n,) True where a cell of that column holds something that is no number.
        texts: (n,) cells of columns of text, by role.
    """

    ts: IntArray
    unreadable: BoolArray
    received: IntArray | None
    columns: Dict[str, FloatArray]
    wrong: Dict[str, BoolArray]
    texts: Dict[Role, Column]

    def __len__(self) -> int:
        return len(self.ts)


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads batches of one table by its mapping."""

    mapping: Mapping
    form: Form

    @classmethod
    def of(cls, table: RawTable, mapping: Mapping) -> "RowReader":
        return cls(mapping, table.form)

    @property
    def types(self) -> Types | None:
        """What to ask `RawTable.batches` for, so that only unusual cells are read the slow way."""
        if self.form.kind != "text":
            return None
        return [self._type(one) for one in self.mapping.columns]

    def _type(self, one: ColumnRole) -> pa.DataType | None:
        if one.role in {Role.IGNORED, Role.VENUE}:
            return None
        if one.role in _TEXTS:
            return pa.string()
        if one.role in _TIMES:
            return _time_type(one.written)
        return pa.float64()

    def read(self, batch: pa.RecordBatch) -> Block:
        """Give the rows of a batch their meaning; cells that have none are marked."""
        wall = self._wall(batch)
        columns, wrong = self._figures(batch)
        columns = priced_from_middle(columns)
        received = self._received(batch)
        texts = {
            role: _column(batch, place)
            for role in _KEPT_TEXTS
            if (place := self.mapping.place(role)) is not None
        }
        return Block(self._ts(wall), wall.unreadable, received, columns, wrong, texts)

    def _moments(self, batch: pa.RecordBatch, role: Role) -> Moments | None:
        place = self.mapping.place(role)
        if place is None:
            return None
        return read_moments(_column(batch, place), self.mapping.columns[place].written or "text")

    def _wall(self, batch: pa.RecordBatch) -> Moments:
        time = self._moments(batch, Role.TIME)
        if time is not None:
            return time
        day, clock = self._moments(batch, Role.DATE), self._moments(batch, Role.CLOCK)
        if clock is None:
            assert day is not None  # noqa: S101  a mapping has one of them
            return day
        return joined(self._dated(day, clock), clock)

    def _dated(self, day: Moments | None, clock: Moments) -> Moments:
        if day is not None:
            return day
        told = self.mapping.day.value or "1970-01-01"
        start = (date.fromisoformat(told) - date(1970, 1, 1)).days * NS_PER_DAY
        return Moments(np.full(len(clock.ns), start), np.zeros(len(clock.ns), dtype=np.bool_))

    def _ts(self, wall: Moments) -> IntArray:
        mapping = self.mapping
        length = Timeframe.parse(mapping.timeframe.value) if mapping.timeframe.value else None
        if length is not None and not length.is_intraday:
            return np.where(wall.unreadable, 0, _session_dates(wall, mapping.zone.value))
        utc = _instants(wall, mapping.zone.value)
        if length is not None and mapping.label.value == "close":
            utc = utc - length.ns
        return np.where(wall.unreadable, 0, utc)

    def _received(self, batch: pa.RecordBatch) -> IntArray | None:
        found = self._moments(batch, Role.RECEIVED)
        if found is None or found.unreadable.any():
            return None
        return _instants(found, self.mapping.zone.value)

    def _figures(self, batch: pa.RecordBatch) -> tuple[dict[str, FloatArray], dict[str, BoolArray]]:
        columns: dict[str, FloatArray] = {}
        wrong: dict[str, BoolArray] = {}
        for place, one in enumerate(self.mapping.columns):
            if one.role in _TIMES or one.role in _TEXTS or one.role is Role.IGNORED:
                continue
            cells = _column(batch, place)
            numbers, bad = read_figures(
                cells, decimal=self.form.decimal, thousands=self.form.thousands
            )
            if one.role in _MAY_LACK:
                # The largest double, rounded up to sixteen digits, is read as infinity.
                numbers = np.where(np.isinf(numbers), np.nan, numbers)
            name = column_name(one)
            columns[name] = self._in_units(numbers, one)
            # An extra that holds a text now and then is no reason to refuse the row.
            if one.role is not Role.EXTRA:
                wrong[name] = bad
        return columns, wrong

    def _in_units(self, numbers: FloatArray, one: ColumnRole) -> FloatArray:
        if one.role in _PRICED:
            scale = self.mapping.price_scale.value
            return numbers if scale == 1 else numbers / scale
        if one.role in _COUNTED:
            return _times(numbers, self.mapping.volume_lot.value * one.scale)
        if one.role is Role.TURNOVER:
            return _times(numbers, self.mapping.turnover_scale.value * one.scale)
        return _times(numbers, one.scale)


def column_name(one: ColumnRole) -> str:
    """What a column is called in bars, or in a block of ticks."""
    if one.role is Role.EXTRA:
        return plain_name(one.name)
    return f"{one.role}.{one.level}" if one.level else str(one.role)


def joined(day: Moments, clock: Moments) -> Moments:
    """Put a column of dates and one of times of day together."""
    unreadable = day.unreadable | clock.unreadable
    # Midnight at the end of a day is 24:00 in some sources.
    within = np.where(clock.ns == NS_PER_DAY, NS_PER_DAY, clock.ns % NS_PER_DAY)
    base = day.ns // NS_PER_DAY * NS_PER_DAY
    offset = clock.offset if clock.offset is not None else day.offset
    return Moments(np.where(unreadable, 0, base + within), unreadable, offset)


def mid_bars(columns: Dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Make bars of the middle of bars of bids and of asks; both closes are kept beside them."""
    made = {
        str(role): (columns[str(bid)] + columns[str(ask)]) / 2
        for role, bid, ask in zip(_PRICES, _BIDS, _ASKS, strict=True)
    }
    sides = {str(role) for role in (*_BIDS, *_ASKS)}
    kept = {name: column for name, column in columns.items() if name not in sides}
    return made | kept | {name: columns[name] for name in ("bid_close", "ask_close")}


def priced_from_middle(columns: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Give levels prices and sizes that are told by distance from the middle and by worth."""
    mid = columns.get(str(Role.MID))
    if mid is None or f"{Role.BID_DISTANCE}.1" not in columns:
        return columns
    made = {name: column for name, column in columns.items() if name.partition(".")[0] not in _FAR}
    for distance, worth, price, size in _FROM_MIDDLE:
        for name in [name for name in columns if name.partition(".")[0] == distance]:
            level = name.partition(".")[2]
            # Distances are written to about seven digits; more than nine of a price are noise.
            unit = 10.0 ** (8 - np.floor(np.log10(np.where(mid > 0, mid, 1.0))))
            prices = np.rint(mid * (1 + columns[name]) * unit) / unit
            made[f"{price}.{level}"] = prices
            made[f"{size}.{level}"] = columns[f"{worth}.{level}"] / prices
    return made


def read_sides(cells: Column) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    """Who took: 1 the buyer, -1 the seller, 0 where the cell tells neither."""
    coded: Any = pa.chunked_array([cells.cast(pa.string()).combine_chunks()]).dictionary_encode()
    whole = coded.combine_chunks()
    words = [str(one).strip().lower() for one in whole.dictionary.to_pylist()]
    sides = np.array([_side(word) for word in words] or [0], dtype=np.int8)
    return np.asarray(sides[ints(pa.chunked_array([whole.indices]), empty=0)], dtype=np.int8)


def _side(word: str) -> int:
    word = word.removesuffix(SNAPSHOT_SIDE)
    return 1 if word in _BUYS else -1 if word in _SELLS else 0


def _times(numbers: FloatArray, factor: float) -> FloatArray:
    return numbers if factor == 1 else numbers * factor


def _column(batch: pa.RecordBatch, place: int) -> Column:
    return pa.chunked_array([batch.column(batch.schema.get_field_index(str(place)))])


def _time_type(written: str) -> pa.DataType:
    if written == Written.ISO:
        return pa.timestamp("ns")
    is_number = bool(written) and written not in {
        Written.TEXT,
        Written.DAY_FIRST,
        Written.MONTH_FIRST,
        Written.TYPED,
        Written.EXCEL,
    }
    return pa.int64() if is_number and _is_plain(written) else pa.string()


def _is_plain(written: str) -> bool:
    """Counts since 1970 may have fractions; a batch that has any comes back as text."""
    return holds_date(written) or written in {Written.DAY_MILLIS, Written.HMSF, Written.HMS}


def _instants(wall: Moments, zone: str) -> IntArray:
    if wall.offset is not None:
        return wall.ns - wall.offset
    return to_utc(wall.ns, zone)


def _session_dates(wall: Moments, zone: str) -> IntArray:
    """The date each bar's time was written on, as UTC midnight.

    Midnight in Shanghai is 16:00 UTC of the day before: where times count from 1970, the zone says
    which date was meant.
    """
    ns = wall.ns
    is_utc = wall.offset is not None and not wall.offset.any()
    if is_utc and zone != UTC and len(ns):
        ns = local_ns(ns, ZoneInfo(zone))
    return ns // NS_PER_DAY * NS_PER_DAY


def concat(blocks: Sequence[Block]) -> Block:
    """Put blocks of one table together."""
    first = blocks[0]
    if len(blocks) == 1:
        return first
    received = None
    if all(one.received is not None for one in blocks):
        received = np.concatenate([one.received for one in blocks if one.received is not None])
    return Block(
        np.concatenate([one.ts for one in blocks]),
        np.concatenate([one.unreadable for one in blocks]),
        received,
        {name: np.concatenate([one.columns[name] for one in blocks]) for name in first.columns},
        {name: np.concatenate([one.wrong[name] for one in blocks]) for name in first.wrong},
        {
            role: pa.chunked_array(
                [chunk.cast(pa.string()) for one in blocks for chunk in one.texts[role].chunks]
            )
            for role in first.texts
        },
    )


def pick(block: Block, rows: IntArray | slice | BoolArray) -> Block:
    """Some rows of a block, without its texts."""
    return Block(
        block.ts[rows],
        block.unreadable[rows],
        None if block.received is None else block.received[rows],
        {name: column[rows] for name, column in block.columns.items()},
        {name: mask[rows] for name, mask in block.wrong.items()},
        {},
    )
