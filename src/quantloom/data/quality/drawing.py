"""Pictures of data as SVG: what is covered when, the price with what was found, volume by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.data.quality.report import Finding
from quantloom.data.quality.view import View
from quantloom.kit import DayArray, FloatArray, IntArray, from_ns
from quantloom.market import AlwaysOpen
from quantloom.market.sessions import local_ns
from quantloom.market.timetable import timetable

WIDTH = 960
_LEFT, _STRIP, _GAP = 96, 16, 3
_HEIGHT, _FOOT = 240, 20
_BINS = 180
_POINTS = 1_200
_HOLES, _USUAL_STEPS = 50, 5
_DAY_NS = 86_400 * 10**9
_HALF_HOUR_NS = 1_800 * 10**9
_MARKED = ("time_zone", "looks_adjusted", "volume_unknown", "extended_hours", "calendar_unknown")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is of what there should be.

    Attributes:
        rows: names of the sessions of a day, as the market's clock shows them.
        starts: (b,) first moment of each column, UTC nanoseconds.
        shares: (r, b) 0 to 1; NaN where the market was closed.
    """

    rows: tuple[str, ...]
    starts: IntArray
    shares: FloatArray


def cover(view: View) -> Coverage:
    """Count the bars of each session in up to 180 columns of days."""
    days = view.days[view.day_rows]
    every = np.arange(days[0], days[-1] + 1)
    listed = view.calendar.trading_days(every[0].item(), every[-1].item())
    expected = np.union1d(np.array(listed, dtype="datetime64[D]"), days)
    columns = min(_BINS, len(expected))
    edges = np.linspace(0, len(expected), columns + 1).astype(np.int64)
    starts = expected[edges[:-1]].astype("datetime64[ns]").astype(np.int64)
    place = np.searchsorted(expected, view.days)
    if not view.bars.timeframe.is_intraday or isinstance(view.calendar, AlwaysOpen):
        return _by_parts(view, edges, place, starts)
    return _by_sessions(view, np.array(listed, dtype="datetime64[D]"), columns)


def _by_parts(view: View, edges: IntArray, place: IntArray, starts: IntArray) -> Coverage:
    """Days as a whole, or around the clock in six parts of four hours."""
    is_intraday = view.bars.timeframe.is_intraday
    parts = 6 if is_intraday else 1
    part_ns = _DAY_NS // parts
    own = view.bars.ts % _DAY_NS // part_ns if is_intraday else np.zeros(len(place), np.int64)
    column = np.searchsorted(edges, place, side="right") - 1
    counts = np.zeros((parts, len(edges) - 1))
    np.add.at(counts, (own, column), 1)
    per_day = max(part_ns // view.bars.timeframe.ns, 1) if is_intraday else 1
    wanted = np.diff(edges) * per_day
    names = tuple(f"{4 * part:02d}:00" for part in range(parts)) if is_intraday else ("1d",)
    return Coverage(names, starts, np.minimum(counts / wanted, 1.0))


def _by_sessions(view: View, days: DayArray, columns: int) -> Coverage:
    table = timetable(days, view.calendar)
    zone = ZoneInfo(view.calendar.timezone)
    session, is_member = table.find(
        view.bars.ts,
        view.bars.timeframe.ns,
        np.minimum(np.searchsorted(days, view.days), len(days) - 1),
    )
    found = np.bincount(session[is_member], minlength=len(table.opens)).astype(np.float64)
    wanted = np.ceil((table.closes - table.opens) / view.bars.timeframe.ns)
    clock = local_ns(table.opens, zone) % _DAY_NS // (60 * 10**9)
    # Evening sessions begin the trading day.
    names, row = np.unique((clock + 6 * 60) % (24 * 60), return_inverse=True)
    day = np.searchsorted(table.first, np.arange(len(table.opens)), side="right") - 1
    edges = np.linspace(0, len(days), columns + 1).astype(np.int64)
    column = np.searchsorted(edges, day, side="right") - 1
    have, want = np.zeros((len(names), columns)), np.zeros((len(names), columns))
    np.add.at(have, (row, column), found)
    np.add.at(want, (row, column), wanted)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(want > 0, np.minimum(have / want, 1.0), np.nan)
    minutes = (names - 6 * 60) % (24 * 60)
    told = tuple(f"{one // 60:02d}:{one % 60:02d}" for one in minutes.tolist())
    return Coverage(told, days[edges[:-1]].astype("datetime64[ns]").astype(np.int64), shares)


def draw_coverage(found: Coverage, label: str) -> str:
    """Draw a strip for each session: full where all bars are there, red where few are."""
    height = len(found.rows) * (_STRIP + _GAP) + _FOOT
    width = (WIDTH - _LEFT) / max(len(found.starts), 1)
    cells = []
    for row, name in enumerate(found.rows):
        top = row * (_STRIP + _GAP)
        cells.append(f'<text class="name" x="{_LEFT - 8}" y="{top + 12}">{name}</text>')
        for column, share in enumerate(found.shares[row].tolist()):
            if share == share:  # noqa: PLR0124  NaN where the market was closed
                cells.append(
                    f'<rect x="{_LEFT + column * width:.1f}" y="{top}" width="{width + 0.3:.1f}" '
                    f'height="{_STRIP}" class="{_shade(share)}"><title>'
                    f"{_day(int(found.starts[column]))} {name}: {share:.0%}</title></rect>"
                )
    times = (int(found.starts[0]), int(found.starts[-1]))
    return _svg("".join(cells) + _foot(times, height), height, label)


def _shade(share: float) -> str:
    for name, least in (("full", 0.999), ("most", 0.9), ("half", 0.5), ("some", 0.0001)):
        if share >= least:
            return name
    return "none"


def draw_price(view: View, findings: Sequence[Finding], label: str) -> str:
    """Draw the closes, with a mark at every bar that was found."""
    ts, close = view.bars.ts, view.bars.close
    rows = _extremes(view.bars.low, view.bars.high)
    low, high = float(view.bars.low.min()), float(view.bars.high.max())
    is_wide = high > 8 * low
    scaled = np.log(close) if is_wide else close
    bottom, top = (np.log(low), np.log(high)) if is_wide else (low, high)
    span = (top - bottom) or 1.0
    reach = max(int(ts[-1] - ts[0]), 1)

    def x(moment: int) -> float:
        return _LEFT + (WIDTH - _LEFT - 8) * (moment - int(ts[0])) / reach

    def y(value: float) -> float:
        return 6 + (_HEIGHT - 12) * (top - value) / span

    lines = "".join(
        '<polyline class="line" points="'
        + " ".join(f"{x(int(ts[row])):.1f},{y(float(scaled[row])):.1f}" for row in piece)
        + '"/>'
        for piece in _pieces(ts, rows)
    )
    marks = []
    for found in findings:
        if found.check in _MARKED:
            continue
        for moment in found.moments:
            row = min(int(np.searchsorted(ts, moment)), len(ts) - 1)
            marks.append(
                f'<circle cx="{x(moment):.1f}" cy="{y(float(scaled[row])):.1f}" r="3.5" '
                f'class="{found.severity}"><title>{found.check} {_day(moment)}</title></circle>'
            )
    names = "".join(
        f'<text class="name" x="{_LEFT - 8}" y="{place}">{value:.6g}</text>'
        for place, value in ((14, high), (_HEIGHT - 2, low))
    )
    body = f"{names}{lines}{''.join(marks)}"
    height = _HEIGHT + _FOOT
    return _svg(body + _foot((int(ts[0]), int(ts[-1])), height), height, label)


def draw_volume(view: View, label: str) -> str:
    """Draw how much is traded when: by half hours of the local day, or of daily bars by time."""
    names, values = _volume(view)
    most = float(np.nanmax(values, initial=0.0)) or 1.0
    width = (WIDTH - _LEFT) / max(len(values), 1)
    height = _HEIGHT // 2
    bars = "".join(
        f'<rect class="bar" x="{_LEFT + place * width:.1f}" y="{height * (1 - value / most):.1f}" '
        f'width="{max(width - 1, 0.6):.1f}" height="{height * value / most:.1f}">'
        f"<title>{name}: {value:,.0f}</title></rect>"
        for place, (name, value) in enumerate(zip(names, values.tolist(), strict=True))
    )
    every = max(len(names) // 12, 1)
    told = "".join(
        f'<text class="tick thin" x="{_LEFT + place * width:.1f}" y="{height + 14}">{name}</text>'
        for place, name in enumerate(names)
        if place % every == 0
    )
    return _svg(bars + told, height + _FOOT, label)


def _volume(view: View) -> tuple[list[str], FloatArray]:
    volume = np.nan_to_num(view.bars.volume)
    if view.bars.timeframe.is_intraday:
        local = local_ns(view.bars.ts, ZoneInfo(view.calendar.timezone)) % _DAY_NS
        place = (local // _HALF_HOUR_NS).astype(np.int64)
        values = np.bincount(place, weights=volume, minlength=48) / max(len(view.day_rows), 1)
        held = np.flatnonzero(np.bincount(place, minlength=48))
        return [f"{one // 2:02d}:{one % 2 * 30:02d}" for one in held.tolist()], values[held]
    months = view.days.astype("datetime64[M]")
    every, place = np.unique(months, return_inverse=True)
    values = np.bincount(place, weights=volume) / np.bincount(place)
    return [str(month) for month in every], values


def _extremes(low: FloatArray, high: FloatArray) -> list[int]:
    """Rows that keep the outline: of each of many pieces the lowest and the highest."""
    if len(low) <= 2 * _POINTS:
        return list(range(len(low)))
    edges = np.linspace(0, len(low), _POINTS + 1).astype(np.int64)
    rows: list[int] = []
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        pair = {begin + int(low[begin:end].argmin()), begin + int(high[begin:end].argmax())}
        rows += sorted(pair)
    return rows


def _pieces(ts: IntArray, rows: list[int]) -> list[list[int]]:
    """Rows in runs without a hole that would be seen; a line over one would be prices of no bar."""
    if len(rows) < 2:
        return [rows]
    steps = np.diff(ts[rows])
    hole = max(int(ts[-1] - ts[0]) // _HOLES, _USUAL_STEPS * int(np.median(steps)))
    ends = np.flatnonzero(steps > hole) + 1
    return [piece.tolist() for piece in np.split(np.array(rows), ends)]


def _foot(times: tuple[int, int], height: int) -> str:
    first, last = (_day(moment) for moment in times)
    return (
        f'<text class="tick" x="{_LEFT}" y="{height - 5}">{first}</text>'
        f'<text class="tick end" x="{WIDTH - 4}" y="{height - 5}">{last}</text>'
    )


def _day(moment: int) -> str:
    return f"{from_ns(moment):%Y-%m-%d}"


def _svg(body: str, height: int, label: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">{body}</svg>'
