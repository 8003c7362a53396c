"""The table of round trips: a few rows in the page as it is written, all of them as its data."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quantloom.backtest import BacktestResult, Table
from quantloom.kit import FloatArray
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.report.charts import trip_returns
from quantloom.report.formats import (
    UNKNOWN,
    LocalClock,
    decimals_of,
    fixed,
    held,
    percent,
    plain,
    sign,
)
from quantloom.report.tables import Cell, Sheet, sheet_of
from quantloom.report.texts import Words

STATIC_TRIPS = 40
MAX_TRIPS = 100_000
"""Of more the page holds the last ones."""


def round_trips_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last round trips, newest first, as a page shows them that cannot run its script.

    A column that would hold the same everywhere, of symbols or of tags, is left out.
    """
    columns = trip_columns(result, clock)
    total = len(result.round_trips)
    held_rows = len(columns[0].values)
    rows = [
        [_shown(column, row, words, clock) for column in columns]
        for row in range(held_rows - 1, max(held_rows - STATIC_TRIPS, 0) - 1, -1)
    ]
    heads = " ".join(column.name + ("*" if column.is_text else "") for column in columns)
    return sheet_of(words, heads, rows, total)


@dataclass(frozen=True, slots=True)
class TripColumn:
    """One column of the table of round trips.

    Attributes:
        kind: how its values are shown: text, time, held, percent, or a number of `decimals`.
        words: of a column of text, what its values are places in.
        is_gain: whether its sign colours it.
    """

    name: str
    kind: str
    values: Sequence[float | int | None]
    decimals: int | None = None
    words: Sequence[str] = ()
    is_gain: bool = False

    @property
    def is_text(self) -> bool:
        return self.kind in {"text", "time"}


def trip_columns(result: BacktestResult, clock: LocalClock) -> list[TripColumn]:
    """Every round trip, oldest first, in columns that a page can search, sort and show.

    Of a run with more than `MAX_TRIPS` the last ones.
    """
    total, far = len(result.round_trips), result.excursions
    last = slice(max(total - MAX_TRIPS, 0), None)
    trips = Table({name: column[last] for name, column in result.round_trips.items()})
    decimals = max((decimals_of(one.tick_size) for one in result.spec.instruments), default=2)
    entry, left = trips["entry_ns"].astype(np.int64), trips["exit_ns"].astype(np.int64)
    columns = [
        TripColumn("number", "number", [*range(total - len(trips) + 1, total + 1)], 0),
        _coded("symbol", trips),
        *([_coded("contract", trips)] if "contract" in trips else []),
        _coded("side", trips),
        _numbers("quantity", trips.floats("quantity"), 8),
        TripColumn("entry", "time", clock.seconds(entry).tolist()),
        _numbers("entry_price", trips.floats("entry_price"), decimals),
        TripColumn("exit", "time", clock.seconds(left).tolist()),
        _numbers("exit_price", trips.floats("exit_price"), decimals),
        _numbers("pnl", trips.floats("pnl"), 2, is_gain=True),
        _ratios("return", trip_returns(result)[last], is_gain=True),
        _ratios("adverse", far.adverse_ratio[last]),
        _ratios("favourable", far.favourable_ratio[last]),
        _numbers("commission", trips.floats("commission"), 2),
        _numbers("slippage", trips.floats("slippage"), 2),
        TripColumn("held", "held", ((left - entry) // NS_PER_SECOND).tolist()),
        _coded("closed_by", trips, "exit"),
        _coded("tag", trips),
    ]
    spare = {"symbol": len(result.data) == 1, "tag": not any(trips["tag"].tolist())}
    return [column for column in columns if not spare.get(column.name)]


def _coded(name: str, trips: Table, column: str = "") -> TripColumn:
    values = trips[column or name].tolist()
    place = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return TripColumn(name, "text", [place[value] for value in values], words=[*place])


def _numbers(name: str, values: FloatArray, decimals: int, *, is_gain: bool = False) -> TripColumn:
    rounded = np.round(values, decimals).tolist()
    shown = None if name == "quantity" else decimals
    return TripColumn(name, "number", rounded, shown, is_gain=is_gain)


def _ratios(name: str, values: FloatArray, *, is_gain: bool = False) -> TripColumn:
    rounded = [None if one != one else one for one in np.round(values, 6).tolist()]  # noqa: PLR0124
    return TripColumn(name, "percent", rounded, is_gain=is_gain)


def trip_word(name: str, text: str, words: Words) -> str:
    """A word of the engine's in the reader's language."""
    prefix = {"side": "side", "closed_by": "exit"}.get(name)
    return words.name(f"{prefix}.{text}", text) if prefix else text


def _shown(column: TripColumn, row: int, words: Words, clock: LocalClock) -> Cell:
    value = column.values[row]
    if value is None:
        return Cell(UNKNOWN)
    if column.kind == "text":
        return Cell(trip_word(column.name, column.words[int(value)], words))
    if column.kind == "time":
        return Cell(clock.spell(int(value)), value)
    texts = {
        "held": lambda: held(int(value) * NS_PER_SECOND, words),
        "percent": lambda: percent(value),
        "number": lambda: (
            plain(Decimal(repr(value)))
            if column.decimals is None
            else fixed(value, column.decimals)
        ),
    }
    return Cell(texts[column.kind](), value, sign(value) if column.is_gain else "")
