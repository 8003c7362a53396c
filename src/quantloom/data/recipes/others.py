"""A step that brings what another market was known to be at the close of each bar."""

import re
from collections.abc import Iterator

import numpy as np

from quantloom.data.recipes.failures import BadSetting, UnknownColumn, close_to
from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.shaping import day_table
from quantloom.data.recipes.table import Other, Site, Table, bar_column
from quantloom.kit import FloatArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import Bars, Calendar
from quantloom.market.bars import FIELDS
from quantloom.market.timeframes import closes_of, ends_of
from quantloom.market.timetable import timetable

_DAY_NS = 86_400 * NS_PER_SECOND

OTHER = (
    Setting(name="symbol", kind="text", meaning="whose bars, in any usual spelling"),
    Setting(
        name="timeframe",
        kind="timeframe",
        default="",
        meaning="of its bars; that of [data] where not given",
    ),
    Setting(
        name="periods", kind="wholes", default=(), low=1, meaning="returns over so many of its bars"
    ),
    Setting(name="of", kind="texts", default=(), meaning="columns of its bars as they are"),
    Setting(name="as", kind="text", default="", meaning="what names begin with, not its code"),
)


def other_names(values: Values) -> tuple[str, ...]:
    if not values["periods"] and not values["of"]:
        problem = 'is missing, and of too; say periods = [1], or of = ["close"]'
        raise BadSetting("other", "periods", problem)
    code = values["symbol"].partition(".")[0].lower()
    stem = values["as"] or re.sub(r"\W+", "_", code)
    returns = (f"{stem}_return_{period}" for period in values["periods"])
    return (*returns, *(f"{stem}_{name}" for name in values["of"]))


def take_other(table: Table, values: Values, site: Site) -> Table:
    """The last bar of another symbol that was over at the close of each row's bar."""
    other = site.others[(values["symbol"], values["timeframe"])]
    known_at = np.maximum.accumulate(_closes(other.bars, other.market.calendar, is_late=True))
    made = dict(zip(other_names(values), _columns(other, values), strict=True))
    for name, column in made.items():
        found = np.full(len(table), np.nan)
        for bars, rows in table.parts():
            moments = _closes(bars, site.markets[bars.symbol].calendar, is_late=False)
            row = np.searchsorted(known_at, moments, side="right") - 1
            found[rows] = np.where(row >= 0, column[np.maximum(row, 0)], np.nan)
        table.features[name] = found
    return table


def _columns(other: Other, values: Values) -> Iterator[FloatArray]:
    close = other.bars.close
    for period in values["periods"]:
        change = np.full(len(close), np.nan)
        change[period:] = close[period:] / close[:-period] - 1.0
        yield change
    known = (*FIELDS, *other.bars.extras)
    for name in values["of"]:
        if name not in known:
            where = f"other, {other.bars.symbol},"
            raise UnknownColumn(where, name, known, close_to(name, known))
        yield bar_column(other.bars, name)


def _closes(bars: Bars, calendar: Calendar, *, is_late: bool) -> IntArray:
    """When bars are over by the sessions of their market: never too late, or never too early.

    Where the calendar knows nothing of a bar, that is its open, or its nominal end.
    """
    if bars.timeframe.is_intraday:
        return _closes_within_days(bars, calendar, is_late=is_late)
    last_day = (ends_of(bars.ts, bars.timeframe) - _DAY_NS).astype("datetime64[ns]")
    days = last_day.astype("datetime64[D]")
    first = bars.ts[0].astype("datetime64[ns]").astype("datetime64[D]")
    listed = np.array(calendar.trading_days(first.item(), days[-1].item()), dtype="datetime64[D]")
    row = np.searchsorted(listed, days, side="right") - 1
    found = closes_of(bars.ts, bars.timeframe) if is_late else bars.ts.copy()
    if len(listed):
        opened = bars.ts.astype("datetime64[ns]").astype("datetime64[D]")
        is_there = (row >= 0) & (listed[np.maximum(row, 0)] >= opened)
        found[is_there] = timetable(listed, calendar).day_closes[row[is_there]]
    return found


def _closes_within_days(bars: Bars, calendar: Calendar, *, is_late: bool) -> IntArray:
    if not bars.timeframe.is_by_clock:
        return closes_of(bars.ts, bars.timeframe) if is_late else bars.ts.copy()
    length = bars.timeframe.ns
    found = bars.ts + length
    days, is_traded, table = day_table(bars, calendar)
    if table is None:
        return found
    ts = bars.ts[is_traded]
    rows = np.searchsorted(np.unique(days[is_traded]), days[is_traded])
    session, is_member = table.find(ts, length, rows)
    _, ends = table.cut(ts, session, length)
    if is_late:
        # One that is not cut as all others are may go on behind the end of these.
        ends = np.maximum(ends, np.minimum(ts + length, table.closes[session]))
    found[is_traded] = np.where(is_member, ends, found[is_traded])
    return found
