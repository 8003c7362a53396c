"""WonderTrader's .dsb files as raw tables: packed structs of bars, days or ticks behind a header.

Source:
    WTSStruct.h and DataDefine.h of github.com/wondertrader/wondertrader.
"""

import struct
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from quantloom.data.readers.arrays import Array, of_masked, of_numbers, of_strings
from quantloom.data.readers.figures import NO_VALUE
from quantloom.data.readers.raw import Account, Form, UnreadableFile
from quantloom.data.readers.streams import Source
from quantloom.data.readers.typed import ROWS, TypedTable
from quantloom.kit import IntArray

MAGIC = b"&^%$#@!\0"
"""What the file begins with."""

_Rows: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_HEADER = struct.Struct("<8sHH")
_PACKED_HEADER = struct.Struct("<8sHHQ")
_MINUTES, _DAYS, _TICKS = (21, 22), (23,), (24,)
_OLD, _PACKED = (1, 2), (2, 4)
_RATIO, _FREE_BYTES = 250, 1 << 26
_MINUTE_BASE = 1990 * 10**8
_BOOK = tuple(
    f"{side}_{what}{level}"
    for what in ("price", "volume")
    for side in ("bid", "ask")
    for level in range(1, 11)
)


def _floats(*names: str) -> list[tuple[str, str]]:
    return [(name, "<f8") for name in names]


_BAR_PRICES = _floats("open", "high", "low", "close", "settle", "turnover")
_BAR_COUNTS = ("volume", "open_interest", "open_interest_change")
_TICK_PRICES = ("last_price", "open", "high", "low", "settle", "upper_limit", "lower_limit")
_TICK_CLOCK = [("trading_day", "<u4"), ("date", "<u4"), ("clock", "<u4")]
_OLD_BAR = np.dtype(
    [
        ("date", "<u4"),
        ("time", "<u4"),
        *_BAR_PRICES,
        *zip(_BAR_COUNTS, ("<u4", "<u4", "<i4"), strict=True),
    ]
)
_OLD_TICK = np.dtype(
    [
        ("exchange", "S10"),
        ("symbol", "S32"),
        *_floats(*_TICK_PRICES),
        ("volume", "<u4"),
        ("last_volume", "<u4"),
        *_floats("turnover", "last_turnover"),
        ("open_interest", "<u4"),
        ("open_interest_change", "<i4"),
        *_TICK_CLOCK,
        *_floats("prev_close", "prev_settle"),
        ("prev_open_interest", "<i4"),
        *_floats(*_BOOK[:20]),
        *[(name, "<u4") for name in _BOOK[20:]],
    ]
)


def _new_bar(*, is_aligned: bool) -> np.dtype[Any]:
    gap = [("_gap", "<u4")] if is_aligned else []
    return np.dtype([("date", "<u4"), *gap, ("time", "<u8"), *_BAR_PRICES, *_floats(*_BAR_COUNTS)])


def _new_tick(*, is_aligned: bool) -> np.dtype[Any]:
    counts = ("volume", "last_volume", "turnover", "last_turnover")
    interest = ("open_interest", "open_interest_change")
    gap = [("_gap", "<u4")] if is_aligned else []
    previous = ("prev_close", "prev_settle", "prev_open_interest")
    return np.dtype(
        [
            ("exchange", "S16"),
            ("symbol", "S32"),
            *_floats(*_TICK_PRICES, *counts, *interest),
            *_TICK_CLOCK,
            *gap,
            *_floats(*previous, *_BOOK),
        ]
    )


def open_wondertrader(source: Source) -> TypedTable:
    """Open a file of WonderTrader's history.

    Raises:
        UnreadableFile: it is damaged, or holds what is neither bars nor ticks.
    """
    head = source.head(_PACKED_HEADER.size)
    if len(head) < _PACKED_HEADER.size:
        raise UnreadableFile(source.path, "it ends within its header")
    _, kind, version = _HEADER.unpack_from(head)
    if kind not in _MINUTES + _DAYS + _TICKS or version not in {1, 2, 3, 4}:
        reason = f"it is a WonderTrader block of kind {kind}, version {version}; bars and ticks are"
        raise UnreadableFile(source.path, f"{reason} 21 to 24, 1 to 4")
    columns = _columns(_empty(kind, version), kind)
    return TypedTable(
        source.path,
        Form(kind="wondertrader", compression=source.compression, member=source.member),
        schema=pa.schema([(name, column.type) for name, column in columns.items()]),
        rows=None,
        size_bytes=source.size_bytes,
        read=partial(_batches, source, kind, version),
    )


def _batches(
    source: Source, kind: int, version: int, account: Account, places: tuple[int, ...]
) -> Iterator[pa.RecordBatch]:
    packed = _bytes(source, version, account)
    layout, packed = _layout(source, kind, version, packed)
    rest = b""
    for piece in packed:
        data = rest + piece
        count = len(data) // layout.itemsize
        rest = data[count * layout.itemsize :]
        columns = list(_columns(np.frombuffer(data, layout, count), kind).items())
        names = [columns[place][0] for place in places]
        yield pa.RecordBatch.from_arrays([columns[place][1] for place in places], names=names)
    if rest:
        account.torn += 1


def _bytes(source: Source, version: int, account: Account) -> Iterator[bytes]:
    """Give the structs behind the header, unpacked."""
    content = source.whole()
    if version not in _PACKED:
        yield content[_HEADER.size :]
        return
    inner = pa.CompressedInputStream(pa.BufferReader(content[_PACKED_HEADER.size :]), "zstd")
    given = 0
    while True:
        try:
            piece = inner.read(ROWS * 16)
        except OSError as fault:
            if "Truncated" not in str(fault):
                reason = f"its bytes are damaged ({fault}); get the file again"
                raise UnreadableFile(source.path, reason) from fault
            account.damage.append(
                "the compressed data ends before its end; rows up to there were read"
            )
            return
        if not piece:
            return
        given += len(piece)
        if given > _FREE_BYTES and given > _RATIO * len(content):
            raise UnreadableFile(source.path, f"it unpacks to more than {_RATIO} times its size")
        yield bytes(piece)


def _layout(
    source: Source, kind: int, version: int, packed: Iterator[bytes]
) -> tuple[np.dtype[Any], Iterator[bytes]]:
    """Tell the layouts of one version apart by the dates that they make of the first bytes."""
    first = next(packed, b"")
    for layout in _layouts(kind, version):
        rows = np.frombuffer(first, layout, min(len(first) // layout.itemsize, 100))
        days = rows["trading_day" if kind in _TICKS else "date"]
        if ((days >= 19000101) & (days <= 21001231)).all():
            return layout, chain([first], packed)
    raise UnreadableFile(source.path, "its rows have no dates; it is damaged")


def _layouts(kind: int, version: int) -> tuple[np.dtype[Any], ...]:
    if version in _OLD:
        return (_OLD_TICK if kind in _TICKS else _OLD_BAR,)
    make = _new_tick if kind in _TICKS else _new_bar
    return make(is_aligned=True), make(is_aligned=False)


def _empty(kind: int, version: int) -> _Rows:
    return np.empty(0, _layouts(kind, version)[0])


def _columns(rows: _Rows, kind: int) -> Mapping[str, Array]:
    if kind in _TICKS:
        return _ticks(rows)
    times: dict[str, Array] = {"date": _dates(rows["date"])}
    if kind in _MINUTES:
        stamps = rows["time"].astype(np.int64) + _MINUTE_BASE
        seconds = _days(stamps // 10_000) * 86_400 + _clock_ms(stamps % 10_000 * 100_000) // 1000
        times = {"time": of_numbers(seconds, pa.timestamp("s")), "trading_day": times["date"]}
    names = [*(name for name, _ in _BAR_PRICES), *_BAR_COUNTS]
    return times | {name: _values(rows[name]) for name in names}


def _ticks(rows: _Rows) -> dict[str, Array]:
    stamps = _days(rows["date"]) * 86_400_000 + _clock_ms(rows["clock"].astype(np.int64))
    texts = {name: _text(rows[name]) for name in ("exchange", "symbol")}
    names = [name for name in rows.dtype.names or () if name not in _NOT_VALUES]
    return {
        "time": of_numbers(stamps, pa.timestamp("ms")),
        "trading_day": _dates(rows["trading_day"]),
        **texts,
        **{name: _values(rows[name]) for name in names},
    }


_NOT_VALUES = frozenset({"exchange", "symbol", "trading_day", "date", "clock", "_gap"})


def _values(column: _Rows) -> Array:
    """Give prices and counts; the number that stands for none is null."""
    if column.dtype.kind != "f":
        return of_numbers(column.astype(np.int64))
    return of_masked(column, np.abs(column) < NO_VALUE, pa.float64())


def _text(column: _Rows) -> Array:
    return of_strings([cell.decode("gb18030", "replace") for cell in column.tolist()])


def _dates(column: _Rows) -> Array:
    return of_numbers(_days(column).astype(np.int32), pa.date32())


def _days(dates: _Rows) -> IntArray:
    """Give days since 1970 of dates written 20140327; a month or day out of bounds runs over."""
    whole = dates.astype(np.int64)
    months = (whole // 10_000 - 1970) * 12 + whole // 100 % 100 - 1
    days: IntArray = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days + whole % 100 - 1


def _clock_ms(clock: IntArray) -> IntArray:
    """Give milliseconds since midnight of times written 105932000."""
    seconds = clock // 10_000_000 * 3600 + clock // 100_000 % 100 * 60 + clock // 1000 % 100
    return seconds * 1000 + clock % 1000
