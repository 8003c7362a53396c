"""Curves over days as SVG: where days and values lie, lines, scales."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from quantloom.backtest.comparison import BASE
from quantloom.kit import FloatArray, IntArray
from quantloom.report.charts import kept_rows
from quantloom.report.formats import fixed

COLORS = ("#1d6fb8", "#c2571a", "#12875a", "#8a4fbf", "#b3372f", "#7a7a22", "#167f8c", "#b04a86")
WIDTH, HEIGHT, ROOM = 900, 300, 56
_TOP, _FOOT = 8, 28
_TICKS = 5
_POINTS = 800


@dataclass(frozen=True, slots=True)
class Plane:
    """Where days and values lie in the drawing."""

    first: int
    last: int
    low: float
    high: float

    @classmethod
    def of(cls, days: IntArray, columns: Sequence[FloatArray]) -> "Plane":
        known = np.concatenate([column[np.isfinite(column)] for column in columns])
        low, high = min(float(known.min()), BASE), max(float(known.max()), BASE)
        first, last = int(days[0]), int(days[-1])
        return cls(first, max(last, first + 1), low, high if high > low else low + 1.0)

    def across(self, days: IntArray) -> list[float]:
        shares = (days - self.first) / (self.last - self.first)
        placed: list[float] = np.round(shares * (WIDTH - ROOM), 1).tolist()
        return placed

    def down(self, values: FloatArray) -> list[float]:
        shares = (self.high - values) / (self.high - self.low)
        placed: list[float] = np.round(_TOP + shares * (HEIGHT - _TOP - _FOOT), 1).tolist()
        return placed


def drawing(plane: Plane, shapes: Iterable[str], *, label: str) -> str:
    """Shapes over the scales of their plane."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" '
        f'aria-label="{escape(label)}" font-size="11" fill="currentColor">'
        f"{_grid(plane)}{''.join(shapes)}</svg>"
    )


def called(name: str, color: str) -> str:
    """An entry of a legend."""
    return (
        '<span style="margin-right:18px;white-space:nowrap">'
        f'<b style="color:{color}">\N{EM DASH}</b> {escape(name)}</span>'
    )


def line(plane: Plane, days: IntArray, column: FloatArray, color: str) -> str:
    """A curve, thinned; where it is NaN it goes straight on."""
    rows = np.flatnonzero(np.isfinite(column))
    rows = rows[kept_rows((column[rows],), _POINTS)]
    pairs = zip(plane.across(days[rows]), plane.down(column[rows]), strict=True)
    points = " ".join(f"{x},{y}" for x, y in pairs)
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.6"/>'


def area(plane: Plane, days: IntArray, *, low: FloatArray, high: FloatArray, color: str) -> str:
    """What lies between two curves, both finite on every day."""
    rows = kept_rows((low, high), _POINTS)
    x = plane.across(days[rows])
    above = [f"{a},{b}" for a, b in zip(x, plane.down(high[rows]), strict=True)]
    below = [f"{a},{b}" for a, b in zip(x, plane.down(low[rows]), strict=True)]
    points = " ".join([*above, *reversed(below)])
    return f'<polygon points="{points}" fill="{color}" fill-opacity=".18" stroke="none"/>'


def _grid(plane: Plane) -> str:
    values = np.linspace(plane.low, plane.high, _TICKS)
    rules = "".join(
        f'<line x1="0" x2="{WIDTH - ROOM}" y1="{y}" y2="{y}" stroke="currentColor" '
        f'stroke-opacity=".15"/><text x="{WIDTH - ROOM + 6}" y="{y + 4}" opacity=".7">'
        f"{fixed(value, 1)}</text>"
        for value, y in zip(values.tolist(), plane.down(values), strict=True)
    )
    days = np.linspace(plane.first, plane.last, _TICKS).astype(np.int64)
    dates = "".join(
        f'<text x="{x}" y="{HEIGHT - 6}" opacity=".7" text-anchor="{anchor}">{day}</text>'
        for day, x, anchor in zip(
            days.astype("datetime64[D]").astype(str).tolist(),
            plane.across(days),
            ["start", *["middle"] * (_TICKS - 2), "end"],
            strict=True,
        )
    )
    return rules + dates
