"""Steps that turn bars into other bars: clean, adjust, resample, fill, join.

None of them lets a later bar decide what becomes of an earlier one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from quantloom.data.actions import read_actions
from quantloom.data.quality import TREATMENTS, UnknownTreatment, repair
from quantloom.data.recipes.failures import BadSetting
from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.table import Site, Table
from quantloom.kit import BoolArray, DayArray, FloatArray, freeze
from quantloom.market import (
    FILLED,
    Bars,
    Calendar,
    EmptyRange,
    Factors,
    adjust_by,
    buckets,
    factors_in,
    fill_missing,
    join_bars,
    resample,
    trading_days_of,
)
from quantloom.market.bars import FIELDS
from quantloom.market.factors import FACTOR
from quantloom.market.timetable import Timetable, timetable

# What these do to a row is told by the row and the rule book alone.
_ROW_BY_ROW = ("off_tick", "gaps")

CLEAN = (
    Setting(
        name="zero_volume",
        kind="text",
        default="keep",
        choices=("keep", "drop", "unknown"),
        meaning="bars in which nothing was traded: keep, drop, or say that volume is unknown",
    ),
    Setting(
        name="outside_hours",
        kind="text",
        default="keep",
        choices=("keep", "drop"),
        meaning="bars outside the sessions of the calendar",
    ),
    Setting(
        name="largest_move",
        kind="number",
        default=0.0,
        low=0.0,
        meaning="drop a bar whose close is further than this ratio from the one kept before; 0 off",
    ),
    Setting(
        name="repair",
        kind="table",
        default={},
        meaning="treatments by check, as `quantloom data repair` knows them",
    ),
    Setting(
        name="hindsight",
        kind="flag",
        default=False,
        meaning="allow repairs that look at later bars to judge earlier ones",
    ),
    Setting(
        name="min_grade",
        kind="text",
        default="F",
        choices=("A", "B", "C", "D", "E", "F"),
        meaning="refuse data of a worse grade",
    ),
)
ADJUST = (
    Setting(
        name="actions",
        kind="text",
        default="",
        meaning="CSV file of corporate actions beside the recipe; else factors stored with bars",
    ),
    Setting(
        name="missing",
        kind="text",
        default="error",
        choices=("error", "keep"),
        meaning="symbols without factors: refuse, or keep real prices",
    ),
)
RESAMPLE = (Setting(name="timeframe", kind="timeframe", meaning="length of the bars to make"),)
FILL = (
    Setting(
        name="most",
        kind="whole",
        default=0,
        low=0,
        meaning="flat bars put into one hole at most, from its beginning; 0 for any number",
    ),
)
JOIN = (
    Setting(
        name="how",
        kind="text",
        default="inner",
        choices=("inner", "outer"),
        meaning="keep times that all symbols have, or those of any",
    ),
)


def check_repairs(values: Values) -> None:
    """Refuse repairs that there are not, and those that know the future unless it is said.

    Raises:
        UnknownTreatment, BadSetting: as described.
    """
    for check, treatment in values["repair"].items():
        known = TREATMENTS.get(check, ())
        if treatment not in known:
            raise UnknownTreatment(check, str(treatment), known)
        if check not in _ROW_BY_ROW and not values["hindsight"]:
            problem = (
                f"{check} is judged by later bars too, so rows would know the future; repair the "
                "dataset itself with `quantloom data repair`, or accept it: hindsight = true"
            )
            raise BadSetting("clean", "repair", problem)


def clean(table: Table, values: Values, site: Site) -> Table:
    """Leave out bars, or their volume, by what they are themselves."""

    def one(bars: Bars) -> Bars:
        market = site.markets[bars.symbol]
        if values["repair"]:
            bars = repair(bars, values["repair"], instrument=market.instrument).bars
        is_kept = np.ones(len(bars), dtype=np.bool_)
        is_idle = bars.volume == 0
        if values["zero_volume"] == "drop":
            is_kept &= ~is_idle
        if values["zero_volume"] == "unknown":
            volume = freeze(np.where(is_idle, np.nan, bars.volume))
            bars = replace(bars, volume=volume, provenance=None)
        if values["outside_hours"] == "drop":
            is_kept &= _within_hours(bars, market.calendar)
        if values["largest_move"]:
            is_kept &= _near_the_last(bars.close, is_kept, values["largest_move"])
        return _picked(bars, is_kept)

    return _each(table, one)


def adjust(table: Table, values: Values, site: Site) -> Table:
    """Join prices over ex-days, the oldest ones real, so that no later action moves them."""
    by_file = bool(values["actions"])
    actions = read_actions(site.folder / values["actions"]) if by_file else ()

    def one(bars: Bars) -> Bars:
        calendar = site.markets[bars.symbol].calendar
        own = [action for action in actions if action.symbol == bars.symbol]
        if own:
            factors = Factors.of_actions(bars, own, calendar)
        elif FACTOR in bars.extras:
            factors = factors_in(bars, calendar)
        elif by_file or values["missing"] == "keep":
            return bars
        else:
            raise BadSetting(
                "adjust",
                "actions",
                f"is not given, and the bars of {bars.symbol} carry no factors; give a file of "
                'its corporate actions, or missing = "keep"',
            )
        return adjust_by(bars, factors, calendar)

    return _each(table, one)


def make_bigger(table: Table, values: Values, site: Site) -> Table:
    """Make bigger bars; the last one only if it is over."""

    def one(bars: Bars) -> Bars:
        calendar = site.markets[bars.symbol].calendar
        found = resample(bars, values["timeframe"], calendar)
        placed = buckets(bars, values["timeframe"], calendar)
        last = int(np.flatnonzero(placed.is_member)[-1])
        if placed.is_closed[last]:
            return found
        if len(found) == 1:
            raise EmptyRange(bars.symbol, bars.start, bars.end)
        return found[:-1]

    return _each(table, one)


def fill(table: Table, values: Values, site: Site) -> Table:
    """Put flat bars at the last close where the market was open and there is none."""

    def one(bars: Bars) -> Bars:
        filled = fill_missing(bars, site.markets[bars.symbol].calendar)
        if not values["most"]:
            return filled
        flags = filled.extras[FILLED]
        # Where a hole ends is known only then: a long one gets as many bars as a short one.
        rows = np.arange(len(flags))
        last_real = np.maximum.accumulate(np.where(flags == 0, rows, 0))
        return _picked(filled, (flags == 0) | (rows - last_real <= values["most"]))

    return _each(table, one)


def join(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001  as every step
    """Keep the times that all symbols have, or those of any."""
    if values["how"] == "outer":
        return table
    bare = [replace(bars, extras={}) for bars in table.bars]
    common = join_bars(bare, "inner").ts
    return _each(table, lambda bars: _picked(bars, np.isin(bars.ts, common)))


def day_table(bars: Bars, calendar: Calendar) -> tuple[DayArray, BoolArray, Timetable | None]:
    """Trading days of bars, which of them the calendar trades on, and the sessions of those."""
    days = trading_days_of(bars, calendar)
    present = np.unique(days)
    listed = calendar.trading_days(present[0].item(), present[-1].item())
    traded = np.intersect1d(present, np.array(listed, dtype="datetime64[D]"))
    is_traded: BoolArray = np.isin(days, traded)
    return days, is_traded, timetable(traded, calendar) if len(traded) else None


def _within_hours(bars: Bars, calendar: Calendar) -> BoolArray:
    days, is_traded, table = day_table(bars, calendar)
    if table is None or not bars.timeframe.is_intraday:
        return is_traded
    found = is_traded.copy()
    rows = np.searchsorted(np.unique(days[is_traded]), days[is_traded])
    _, found[is_traded] = table.find(bars.ts[is_traded], _length_ns(bars), rows)
    return found


def _length_ns(bars: Bars) -> int:
    return bars.timeframe.ns if bars.timeframe.is_by_clock else 0


def _near_the_last(close: FloatArray, is_kept: BoolArray, most: float) -> BoolArray:
    found = is_kept.copy()
    last = np.nan
    for row in np.flatnonzero(is_kept).tolist():
        if abs(close[row] / last - 1.0) > most:
            found[row] = False
        else:
            last = close[row]
    return found


def _picked(bars: Bars, is_kept: BoolArray) -> Bars:
    if is_kept.all():
        return bars
    if not is_kept.any():
        raise EmptyRange(bars.symbol, bars.start, bars.end)
    columns: dict[str, Any] = {name: freeze(getattr(bars, name)[is_kept]) for name in FIELDS}
    extras = {name: freeze(column[is_kept]) for name, column in bars.extras.items()}
    ts = freeze(bars.ts[is_kept])
    return replace(bars, ts=ts, **columns, extras=extras, provenance=None)


def _each(table: Table, change: Callable[[Bars], Bars]) -> Table:
    return Table([change(bars) for bars in table.bars])
