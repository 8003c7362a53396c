"""Whether two sources say the same of one instrument, and what the difference looks like."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from quantloom.data.quality.report import Example
from quantloom.kit import FloatArray, IntArray, from_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import Bars, BarsDoNotJoin, EmptyRange
from quantloom.market.bars import FIELDS

TOLERANCE = 0.001
"""Relative difference up to which two values count as equal, where nothing else is said."""

_EXAMPLES = 5
_HOUR_NS = 3_600 * NS_PER_SECOND
_HOURS, _BARS = 14, 3
# So many steps tell a correlation from chance; it must be far above that of the times as they are.
_LEAST, _LIKE, _BETTER = 30, 0.5, 0.2
# A unit: nine ratios in ten within 2 % of their median.
_NEAR, _MOST = 0.02, 0.9
# An ex-day moves the ratio of two prices by more than their rounding does, and it stays there.
_STEP, _STEADY = 0.005, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAgreement:
    """One column of two sources, at the times that both have.

    Attributes:
        compared: rows at which both know it. differing: those further apart than the tolerance.
        largest: relative difference at most, a ratio. worst: when that is, None of no row.
        ratio: median of the second over the first; NaN where nothing can be divided.
        is_scaled: whether nearly all rows differ by that one ratio, as another unit makes it.
        steps: how often the ratio changes and stays, where it does little else: what adjusted
            prices beside raw ones look like.
    """

    name: str
    compared: int
    differing: int = 0
    largest: float = 0.0
    worst: datetime | None = None
    ratio: float = float("nan")
    is_scaled: bool = False
    steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A move of the second source's times that makes the two alike.

    Attributes:
        by: what to add to its times.
        correlation: of returns once moved. unmoved: as they are, NaN where they hardly meet.
    """

    by: timedelta
    correlation: float
    unmoved: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How two sources agree about the span that both cover.

    Attributes:
        symbols: of the first and the second. rows: of each, as given.
        start, end: first and last open time that lie within both.
        common: times that both have. only_first, only_second: times of the span that one has.
        missing_first, missing_second: the first few of what is only in the second, in the first.
        fields: columns that both have. examples: closes that differ, the first few.
        shift: None where the times look right.
    """

    symbols: tuple[str, str]
    timeframe: str
    rows: tuple[int, int]
    tolerance: float
    start: datetime
    end: datetime
    common: int
    only_first: int
    only_second: int
    missing_first: tuple[datetime, ...]
    missing_second: tuple[datetime, ...]
    fields: tuple[FieldAgreement, ...]
    examples: tuple[Example, ...]
    shift: Shift | None

    @property
    def agrees(self) -> bool:
        """Whether both have the same bars and no value differs."""
        differ = self.only_first or self.only_second or self.shift is not None
        return not differ and not any(one.differing for one in self.fields)

    def find(self, name: str) -> FieldAgreement | None:
        """What was found of a column, None where one source lacks it."""
        return next((one for one in self.fields if one.name == name), None)

    def says(self) -> tuple[str, ...]:
        """What was found, one sentence each; empty where the two agree."""
        # Values at times that are wrong say nothing.
        fields = () if self.shift is not None else self.fields
        return (*self._about_times(), *(text for one in fields for text in _about(one, self)))

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        shift = self.shift
        return {
            "symbols": list(self.symbols),
            "timeframe": self.timeframe,
            "rows": list(self.rows),
            "tolerance": self.tolerance,
            "agrees": self.agrees,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "common": self.common,
            "only_first": self.only_first,
            "only_second": self.only_second,
            "missing_first": [one.isoformat() for one in self.missing_first],
            "missing_second": [one.isoformat() for one in self.missing_second],
            "fields": [_plain_field(one) for one in self.fields],
            "examples": [{"time": one.time.isoformat(), **one.values} for one in self.examples],
            "shift": None
            if shift is None
            else {
                "seconds": shift.by.total_seconds(),
                "correlation": shift.correlation,
                "unmoved": _number(shift.unmoved),
            },
            "says": list(self.says()),
        }

    def _about_times(self) -> Iterator[str]:
        if self.shift is not None:
            yield (
                f"The second looks moved in time: with {_signed(self.shift.by)} added to its times "
                f"returns correlate by {self.shift.correlation:.2f}, as they are by "
                f"{self.shift.unmoved:.2f}; a zone or the end that names a bar may be wrong."
            )
        told = (
            ("first", self.only_first, self.missing_second),
            ("second", self.only_second, self.missing_first),
        )
        for name, count, examples in told:
            if count:
                yield f"{count:,} bar(s) are only in the {name}, from {examples[0]:%Y-%m-%d %H:%M}."


def compare_sources(first: Bars, second: Bars, *, tolerance: float = TOLERANCE) -> Agreement:
    """Compare what two sources say of one instrument, over the span that both cover.

    Neither is taken to be right. Symbols may be spelled differently; units, adjustment and a shift
    of time are worked out and said, not undone.

    Args:
        tolerance: relative difference up to which two values count as equal.
    Raises:
        BarsDoNotJoin: timeframes differ.
        EmptyRange: the spans have nothing in common.
    """
    if first.timeframe != second.timeframe:
        raise BarsDoNotJoin(f"timeframes {first.timeframe} and {second.timeframe}")
    start, end = max(first.ts[0], second.ts[0]), min(first.ts[-1], second.ts[-1])
    if start > end:
        raise EmptyRange(first.symbol, from_ns(int(start)), from_ns(int(end)))
    mine, its = (one.ts[(one.ts >= start) & (one.ts <= end)] for one in (first, second))
    common, rows, others = np.intersect1d(first.ts, second.ts, return_indices=True)
    only_mine, only_its = np.setdiff1d(mine, its), np.setdiff1d(its, mine)
    fields = tuple(
        _compared(name, common, one[rows], other[others], tolerance)
        for name, one, other in _columns(first, second)
    )
    return Agreement(
        symbols=(first.symbol, second.symbol),
        timeframe=str(first.timeframe),
        rows=(len(first), len(second)),
        tolerance=tolerance,
        start=from_ns(int(start)),
        end=from_ns(int(end)),
        common=len(common),
        only_first=len(only_mine),
        only_second=len(only_its),
        missing_first=_moments(only_its),
        missing_second=_moments(only_mine),
        fields=fields,
        examples=_examples(common, first.close[rows], second.close[others], tolerance),
        shift=_shift(first, second),
    )


def _columns(first: Bars, second: Bars) -> Iterator[tuple[str, FloatArray, FloatArray]]:
    for name in FIELDS:
        yield name, getattr(first, name), getattr(second, name)
    for name in first.extras:
        if name in second.extras:
            yield name, first.extras[name], second.extras[name]


def _apart(one: FloatArray, other: FloatArray) -> FloatArray:
    """Relative difference; 0 of equal values, zeros among them."""
    size = np.maximum(np.abs(one), np.abs(other))
    found: FloatArray = np.abs(one - other) / np.where(size > 0, size, 1.0)
    return found


def _compared(
    name: str, ts: IntArray, one: FloatArray, other: FloatArray, tolerance: float
) -> FieldAgreement:
    known = np.isfinite(one) & np.isfinite(other)
    if not known.any():
        return FieldAgreement(name=name, compared=0)
    ts, one, other = ts[known], one[known], other[known]
    apart = _apart(one, other)
    worst, differing = int(np.argmax(apart)), int((apart > tolerance).sum())
    ratio, is_scaled, steps = float("nan"), False, 0
    can_divide = (one > 0) & (other > 0)
    if can_divide.any():
        ratios = other[can_divide] / one[can_divide]
        ratio = float(np.median(ratios))
        is_unit = bool((np.abs(ratios / ratio - 1.0) < _NEAR).mean() > _MOST)
        is_scaled = is_unit and abs(ratio - 1.0) > max(_NEAR, tolerance)
        steps = _steps(ratios) if name in FIELDS[:-1] and not is_unit else 0
    return FieldAgreement(
        name=name,
        compared=len(ts),
        differing=differing,
        largest=float(apart[worst]),
        worst=from_ns(int(ts[worst])),
        ratio=ratio,
        is_scaled=is_scaled,
        steps=steps,
    )


def _steps(ratios: FloatArray) -> int:
    moves = np.abs(np.diff(np.log(ratios))) > _STEP
    is_steady = len(moves) > _LEAST and (~moves).mean() > _STEADY
    return int(moves.sum()) if is_steady else 0


def _examples(
    ts: IntArray, one: FloatArray, other: FloatArray, tolerance: float
) -> tuple[Example, ...]:
    rows = np.flatnonzero(_apart(one, other) > tolerance)[:_EXAMPLES]
    return tuple(
        Example(
            time=from_ns(int(ts[row])),
            values={"first": float(one[row]), "second": float(other[row])},
        )
        for row in rows
    )


def _moments(ts: IntArray) -> tuple[datetime, ...]:
    return tuple(from_ns(int(one)) for one in ts[:_EXAMPLES])


def _shift(first: Bars, second: Bars) -> Shift | None:
    """Find the move that makes returns alike, where they are not as they stand."""
    unmoved = _correlation(first, second, 0)
    if unmoved > 1.0 - _BETTER:
        return None
    moved = {by: _correlation(first, second, by) for by in _moves(first)}
    best = max(moved, key=lambda by: np.nan_to_num(moved[by], nan=-1.0))
    if not moved[best] > max(_LIKE, np.nan_to_num(unmoved) + _BETTER):
        return None
    return Shift(by=timedelta(microseconds=best // 1_000), correlation=moved[best], unmoved=unmoved)


def _moves(bars: Bars) -> tuple[int, ...]:
    """Moves worth a try, the smallest first: some bars, and whole hours of bars within the day."""
    steps = {count * bars.timeframe.ns for count in range(1, _BARS + 1)}
    if bars.timeframe.is_intraday:
        steps |= {count * _HOUR_NS for count in range(1, _HOURS + 1)}
    return tuple(sign * step for step in sorted(steps) for sign in (1, -1))


def _correlation(first: Bars, second: Bars, by: int) -> float:
    """Of the returns between the times that both have, NaN of too few."""
    _, rows, others = np.intersect1d(
        first.ts, second.ts + by, assume_unique=True, return_indices=True
    )
    if len(rows) <= _LEAST:
        return float("nan")
    one, other = np.diff(np.log(first.close[rows])), np.diff(np.log(second.close[others]))
    if not (one.std() > 0 and other.std() > 0):
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def _about(field: FieldAgreement, told: Agreement) -> Iterator[str]:
    if not field.differing:
        return
    if field.is_scaled:
        yield f"{field.name} of the second is {field.ratio:.6g} times that of the first: a unit?"
        return
    yield (
        f"{field.name} differs by more than {told.tolerance:g} in {field.differing:,} of "
        f"{field.compared:,} bars, by {field.largest:.4g} at most on {field.worst:%Y-%m-%d %H:%M}."
    )
    if field.steps and field.name == "close":
        yield (
            f"The ratio of the closes changes {field.steps} time(s) and stays: one of the two "
            "looks adjusted."
        )


def _plain_field(field: FieldAgreement) -> dict[str, Any]:
    return {
        "name": field.name,
        "compared": field.compared,
        "differing": field.differing,
        "largest": field.largest,
        "worst": None if field.worst is None else field.worst.isoformat(),
        "ratio": _number(field.ratio),
        "is_scaled": field.is_scaled,
        "steps": field.steps,
    }


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _signed(by: timedelta) -> str:
    return f"-{-by}" if by < timedelta(0) else f"{by}"
