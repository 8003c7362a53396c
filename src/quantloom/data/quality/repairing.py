"""Mend bars in ways that are asked for by name, and say what was changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from quantloom.data.quality.checks import CHECKS
from quantloom.data.quality.hours import hour_findings
from quantloom.data.quality.prices import known_ticks, price_findings
from quantloom.data.quality.rows import Sifted, pick, sift
from quantloom.data.quality.view import View
from quantloom.data.quality.volumes import volume_findings
from quantloom.errors import Invalid
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import Bars, Calendar, EmptyRange, Instrument
from quantloom.market.bars import FIELDS, PRICES

TREATMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "unsorted": ("sort",),
        "duplicates": ("keep-first", "keep-last"),
        "conflicts": ("keep-first", "keep-last", "drop"),
        "bad_prices": ("drop",),
        "bad_ohlc": ("drop", "widen"),
        "bad_volume": ("drop", "unknown"),
        "outside_hours": ("drop",),
        "extended_hours": ("drop",),
        "off_tick": ("snap",),
        "outliers": ("drop",),
        "stale": ("drop",),
        "zero_volume": ("drop", "unknown"),
        "gaps": ("none",),
    }
)
"""How what a check finds can be mended, by check. Holes are never filled here: `none` says so."""

_DONE: Mapping[str, tuple[str, str]] = {
    "sort": ("put in order of time", "按时间排序"),
    "keep-first": ("left out, the first of each time kept", "舍去，同一时间保留第一行"),
    "keep-last": ("left out, the last of each time kept", "舍去，同一时间保留最后一行"),
    "drop": ("left out", "舍去"),
    "widen": ("given a high and a low around open and close", "最高最低价扩至包含开盘收盘价"),
    "unknown": ("given an unknown volume", "成交量改为未知"),
    "none": ("left missing", "保持缺失"),
    "snap": ("moved to the nearest tick", "移至最近的最小变动价位"),
}


class UnknownTreatment(Invalid):
    """A way of mending that there is not, or not for this check."""

    code = "data.unknown_treatment"

    def __init__(self, check: str, treatment: str, known: tuple[str, ...]) -> None:
        super().__init__(check, treatment, known)
        self.check, self.treatment, self.known = check, treatment, known

    def __str__(self) -> str:
        if not self.known:
            mended = ", ".join(TREATMENTS)
            return f"what {self.check!r} finds cannot be mended; there are {mended}"
        return f"{self.check} cannot be mended by {self.treatment!r}; say {' or '.join(self.known)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one repair changed.

    Attributes:
        rows: how many rows it left out or changed.
    """

    check: str
    treatment: str
    rows: int

    @property
    def text_en(self) -> str:
        return f"{self.check}: {self.rows:,} row(s) {_DONE[self.treatment][0]}"

    @property
    def text_zh(self) -> str:
        return f"{CHECKS[self.check].title_zh}：{self.rows:,} 行{_DONE[self.treatment][1]}"


@dataclass(frozen=True, slots=True)
class Repaired:
    """Bars as they are after repairs, each row checked, and what was changed."""

    bars: Bars
    changes: tuple[Change, ...]


def repair(
    bars: Bars,
    policy: Mapping[str, str],
    *,
    instrument: Instrument | None = None,
    calendar: Calendar | None = None,
) -> Repaired:
    """Mend what is asked for, and nothing else.

    Args:
        bars: also such that nobody has checked, as `check` takes them.
        policy: a treatment by check, of those in `TREATMENTS`; in whatever order it is given, rows
            are mended first, then hours, then prices.
        instrument, calendar: as for `check`.
    Raises:
        UnknownTreatment: a check or a treatment that is not among them.
        EmptyRange: nothing is left.
        BadBars: rows are left that make no bars, since nothing was said of them.
    """
    for check, treatment in policy.items():
        known = TREATMENTS.get(check, ())
        if treatment not in known:
            raise UnknownTreatment(check, treatment, known)
    rows, changes = _mend_rows(bars, policy)
    if not len(rows):
        raise EmptyRange(bars.symbol, None, None)
    found = Bars.of(
        rows.symbol,
        rows.timeframe,
        ts=rows.ts,
        **{name: getattr(rows, name) for name in FIELDS},
        extras=rows.extras,
    )
    for check in ("outside_hours", "extended_hours", "outliers", "stale", "zero_volume"):
        if check in policy:
            found, change = _mend(found, check, policy[check], instrument, calendar)
            changes += change
    if "off_tick" in policy:
        found, change = _snap(View(found, instrument, calendar))
        changes += change
    if "gaps" in policy:
        changes += _left_missing(View(found, instrument, calendar))
    return Repaired(found, tuple(changes))


def _left_missing(view: View) -> list[Change]:
    """That holes stay holes is a decision too, and is recorded as one."""
    found = next((one for one in hour_findings(view) if one.check == "gaps"), None)
    return [] if found is None else [Change(check="gaps", treatment="none", rows=found.count)]


def _mend_rows(bars: Bars, policy: Mapping[str, str]) -> tuple[Bars, list[Change]]:
    """What has to be done before rows are bars at all."""
    changes: list[Change] = []
    bars = _widened(bars, policy, changes)
    bars = _unknown_volume(bars, policy, changes)
    sifted = sift(bars)
    order = sifted.order if "unsorted" in policy else np.arange(len(bars))
    unsorted = int(sifted.bad["unsorted"].sum())
    if "unsorted" in policy and unsorted:
        changes.append(Change(check="unsorted", treatment="sort", rows=unsorted))
    is_kept = np.ones(len(bars), dtype=np.bool_)
    for check in ("bad_prices", "bad_ohlc", "bad_volume"):
        if policy.get(check) == "drop" and sifted.bad[check].any():
            rows = int((sifted.bad[check] & is_kept).sum())
            is_kept &= ~sifted.bad[check]
            changes.append(Change(check=check, treatment="drop", rows=rows))
    for check in ("duplicates", "conflicts"):
        if check in policy:
            out = _again(bars, sifted, check, policy[check])
            if len(out):
                is_kept[out] = False
                changes.append(Change(check=check, treatment=policy[check], rows=len(out)))
    return pick(bars, order[is_kept[order]]), changes


def _again(bars: Bars, sifted: Sifted, check: str, treatment: str) -> IntArray:
    """Rows of a time that has several, but for the one that is kept."""
    repeated = np.flatnonzero(sifted.bad[check])
    if treatment == "keep-first":
        return repeated
    possible = ~(sifted.bad["bad_prices"] | sifted.bad["bad_ohlc"] | sifted.bad["bad_volume"])
    own = sifted.order[possible[sifted.order]]
    all_of_them: IntArray = own[np.isin(bars.ts[own], bars.ts[repeated])]
    if treatment == "drop":
        return all_of_them
    ts = bars.ts[all_of_them]
    is_last = np.append(ts[1:] != ts[:-1], [True] * min(len(ts), 1))
    earlier: IntArray = all_of_them[~is_last]
    return earlier


def _widened(bars: Bars, policy: Mapping[str, str], changes: list[Change]) -> Bars:
    if policy.get("bad_ohlc") != "widen":
        return bars
    high = np.maximum.reduce([getattr(bars, name) for name in PRICES])
    low = np.minimum.reduce([getattr(bars, name) for name in PRICES])
    rows = int(((high != bars.high) | (low != bars.low)).sum())
    if rows:
        changes.append(Change(check="bad_ohlc", treatment="widen", rows=rows))
    return replace(bars, high=high, low=low, provenance=None)


def _unknown_volume(bars: Bars, policy: Mapping[str, str], changes: list[Change]) -> Bars:
    if policy.get("bad_volume") != "unknown":
        return bars
    is_bad = (bars.volume < 0) | np.isinf(bars.volume)
    if is_bad.any():
        changes.append(Change(check="bad_volume", treatment="unknown", rows=int(is_bad.sum())))
    return replace(bars, volume=np.where(is_bad, np.nan, bars.volume), provenance=None)


_FINDERS: Mapping[str, Callable[[View], object]] = {
    "outside_hours": lambda view: [*hour_findings(view)],
    "extended_hours": lambda view: [*hour_findings(view)],
    "outliers": lambda view: [*price_findings(view, np.empty(0, dtype="datetime64[D]"))],
    "stale": lambda view: [*price_findings(view, np.empty(0, dtype="datetime64[D]"))],
    "zero_volume": lambda view: [*volume_findings(view)],
}


def _mend(
    bars: Bars,
    check: str,
    treatment: str,
    instrument: Instrument | None,
    calendar: Calendar | None,
) -> tuple[Bars, list[Change]]:
    view = View(bars, instrument, calendar)
    _FINDERS[check](view)
    rows = view.rows.get(check, np.empty(0, dtype=np.int64))
    if not len(rows):
        return bars, []
    change = [Change(check=check, treatment=treatment, rows=len(rows))]
    if treatment == "unknown":
        volume = bars.volume.copy()
        volume[rows] = np.nan
        return _made(bars, volume=volume), change
    kept = np.delete(np.arange(len(bars)), rows)
    if not len(kept):
        raise EmptyRange(bars.symbol, None, None)
    return pick(bars, kept), change


def _snap(view: View) -> tuple[Bars, list[Change]]:
    ticks, bars = known_ticks(view), view.bars
    if ticks is None:
        return bars, []
    prices: dict[str, FloatArray] = {}
    changed = np.zeros(len(bars), dtype=np.bool_)
    for name in PRICES:
        prices[name], is_off = _snapped(getattr(bars, name), ticks)
        changed |= is_off
    if not changed.any():
        return bars, []
    change = Change(check="off_tick", treatment="snap", rows=int(changed.sum()))
    return _made(bars, **prices), [change]


def _snapped(prices: FloatArray, ticks: FloatArray) -> tuple[FloatArray, BoolArray]:
    in_ticks = prices / ticks
    whole = np.maximum(np.rint(in_ticks), 1.0)
    with np.errstate(invalid="ignore"):
        is_off: BoolArray = np.abs(in_ticks - whole) > 1e-3
    # Dividing by ticks in one gives the float nearest to the decimal, for ticks such as 0.01.
    per_one = np.rint(1 / ticks)
    is_part = np.abs(per_one * ticks - 1) < 1e-9
    snapped = np.where(is_part, whole / np.where(is_part, per_one, 1.0), whole * ticks)
    moved: FloatArray = np.where(is_off, snapped, prices)
    return moved, is_off


def _made(bars: Bars, **columns: FloatArray) -> Bars:
    told = {name: columns.get(name, getattr(bars, name)) for name in FIELDS}
    return Bars.of(bars.symbol, bars.timeframe, ts=bars.ts, **told, extras=bars.extras)
