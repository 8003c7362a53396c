"""What prices tell: the tick, limits, wrong prints, jumps, splits, and prices that stand still."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal, TypeVar

import numpy as np

from quantloom.data.quality.report import Finding
from quantloom.data.quality.scales import local_scale, middle
from quantloom.data.quality.view import View
from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray, from_ns
from quantloom.market import Bars, Kind, default_instrument, venues
from quantloom.market.bars import PRICES
from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Grid, Limit

T = TypeVar("T", Grid, Limit)

PRICE_CHECKS = (
    "off_tick",
    "looks_adjusted",
    "outside_limits",
    "outliers",
    "jumps",
    "splits",
    "ticker_reuse",
    "stale",
)
"""What is asked of prices."""

# Of a tick; a price written with seventeen digits is off by less.
_OFF = 1e-3
_MOSTLY = 0.45
_FRACTIONS = (Decimal("0.125"), Decimal("0.0625"))
_PRINT_SIGMAS, _WICK_SIGMAS, _JUMP_SIGMAS, _SPLIT_SIGMAS = 12.0, 25.0, 15.0, 6.0
_LEAST_MOVE, _LEAST_SPLIT, _LEAST_MERGER, _CLEAR_SPLIT = 0.02, 0.15, 0.65, 0.35
# How far a price may have moved overnight besides; nothing else multiplies one by four.
_SPLIT_OFF, _CERTAIN_OFF, _CERTAIN_SPLIT = 0.04, 0.3, 1.3
_CROWD, _STAYED = 2.5, 0.12
_RATIOS = (1.2, 1.25, 1.3, 4 / 3, 1.4, 1.5, 1.6, 1.7, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10)
_RATIOS_LARGE = (12, 15, 16, 20, 24, 25, 30, 40, 50, 100)
_VOLUME_DAYS = 10
_REUSE_NS, _REUSE_MOVE = 60 * 86_400 * 10**9, 0.9
_DAY_NS = 86_400 * 10**9
STALE_STEPS = 4
"""After how many repeats in a row a price counts as standing still."""
_LONGEST_CLOSURE = np.timedelta64(12, "D")
_SHOWN = 4


@cache
def _simple() -> FloatArray:
    ratios: FloatArray = np.log(np.array((*_RATIOS, *_RATIOS_LARGE)))
    return ratios


def price_findings(view: View, ex_days: DayArray) -> Iterator[Finding]:
    """Ask everything about prices.

    Args:
        ex_days: first days after known actions.
    """
    yield from _ticks(view)
    yield from limit_findings(view)
    yield from _stale(view)
    if len(view.bars) > 2:
        yield from _moves(view, ex_days)


def _ticks(view: View) -> Iterator[Finding]:
    ticks = known_ticks(view)
    if ticks is None:
        return
    is_off = off_tick(view.bars, ticks)
    rows = np.flatnonzero(is_off)
    if not len(rows):
        return
    since = _adjusted_until(view, is_off)
    if since is not None:
        yield from view.found("looks_adjusted", rows, since=since)
    else:
        tick = ticks[rows[0]]
        yield from view.found("off_tick", rows, tick=f"{float(tick):g}")


def off_tick(bars: Bars, ticks: FloatArray) -> BoolArray:
    """Which bars have a price off their tick; none where it is NaN."""
    is_off: BoolArray = np.zeros(len(bars), dtype=np.bool_)
    for name in PRICES:
        in_ticks = getattr(bars, name) / ticks
        with np.errstate(invalid="ignore"):
            is_off |= np.abs(in_ticks - np.rint(in_ticks)) > _OFF
    return is_off


def _adjusted_until(view: View, is_off: BoolArray) -> str | None:
    """The day from which prices lie on the tick, where those before it mostly do not."""
    last = int(np.flatnonzero(is_off)[-1])
    if view.is_share and is_adjusted(int(is_off.sum()), last, len(is_off)):
        return str(view.days[last + 1])
    return None


def is_adjusted(off: int, last: int, count: int) -> bool:
    """Whether so many rows off the tick, the last of them there, are prices adjusted forward."""
    return count - last - 1 >= 2 and off / (last + 1) >= _MOSTLY


def known_ticks(view: View) -> FloatArray | None:
    """The tick of each bar by the rule book or the instrument; None where nobody knows it."""
    asked = whose_tick(view)
    return ticks_by(view, asked) if asked else None


def whose_tick(view: View) -> Literal["book", "instrument", ""]:
    """Who knows the tick of these bars: the rule book, which has dated ones, or the instrument."""
    instrument = view.instrument
    if instrument.kind is Kind.INDEX:
        return ""
    is_told = not instrument.source.startswith("default") and "inferred" not in instrument.source
    listed = view.venue in venues.CN_STOCK or view.venue in venues.US_STOCK
    may_ask = view.is_cn_future or (listed and not is_told)
    if may_ask and not np.isnan(_by_the_book(view)).all():
        return "book"
    return "instrument" if view.is_cn_future or is_told else ""


def ticks_by(view: View, asked: str) -> FloatArray:
    """The tick of each bar by who knows it."""
    if asked == "book":
        ticks = _by_the_book(view)
    else:
        ticks = np.full(len(view.bars), float(_venue_tick(view)))
    # The middle of two quotes lies on half a tick as often as on a whole one.
    return ticks / 2 if "bid_close" in view.bars.extras else ticks


def _venue_tick(view: View) -> Decimal:
    if "inferred" not in view.instrument.source:
        return view.instrument.tick_size
    return default_instrument(view.bars.symbol).tick_size


def _by_the_book(view: View) -> FloatArray:
    """Dated ticks of shares; NaN, on which every price lies, before the book knows any."""
    ticks = np.full(len(view.bars), np.nan)
    for rows, entry in _eras(view, Grid):
        # Eighths and sixteenths come rounded to cents or not, as their source liked.
        if entry is not None and entry.tick not in _FRACTIONS:
            ticks[rows] = float(entry.tick)
            if entry.tick_below is not None and entry.below is not None:
                is_low = view.bars.low[rows] < float(entry.below)
                ticks[rows] = np.where(is_low, float(entry.tick_below), ticks[rows])
    return ticks


def _eras(view: View, topic: type[T]) -> Iterator[tuple[slice, T | None]]:
    """Rows that one entry of the rule book holds for, and it."""
    book, symbol = rule_book(), view.bars.symbol
    first, last = view.days[0].item(), view.days[-1].item()
    changes: list[date] = [
        day for day in book.changes(symbol, (topic.topic,)) if first < day <= last
    ]
    cuts: list[int] = np.searchsorted(
        view.days, np.array([first, *changes], dtype="datetime64[D]")
    ).tolist()
    for begin, end, day in zip(cuts, [*cuts[1:], len(view.days)], [first, *changes], strict=True):
        if begin < end:
            yield slice(begin, end), book.find(topic, symbol, day)


def limit_findings(view: View) -> Iterator[Finding]:
    """Days that trade further from the close before than the rule book lets them."""
    if view.is_chain or not (view.is_cn_stock or view.is_cn_future):
        return
    if view.bars.timeframe.seconds > 86_400 or len(view.day_rows) < 2:
        return
    starts, bars = view.day_rows, view.bars
    highs = np.maximum.reduceat(bars.high, starts)
    lows = np.minimum.reduceat(bars.low, starts)
    before = _references(view)
    ratios = _ratios(view)[starts]
    # The limit is rounded to the tick, and so were adjusted prices, both of today and before.
    slack = 2 * float(view.instrument.tick_size) + 0.001 * before
    with np.errstate(invalid="ignore"):
        is_outside = (highs > before * (1 + ratios) + slack) | (
            lows < before * (1 - ratios) - slack
        )
    # After a hole the close before is not the one that the limit went by.
    is_outside[1:] &= np.diff(view.days[starts]) <= _LONGEST_CLOSURE
    is_outside[0] = False
    rows = np.flatnonzero(is_outside)
    judged = int((~np.isnan(ratios[1:])).sum())
    if len(rows):
        usual = float(np.nanmax(ratios[rows]))
        yield Finding(
            check="outside_limits",
            count=len(rows),
            of=max(judged, len(rows)),
            facts={"ratio": f"{usual:.0%}"},
            examples=view.examples(starts[rows]),
            moments=view.moments(starts[rows]),
        )


def _references(view: View) -> FloatArray:
    """What each day's limit is measured from: the settlement before, or the close."""
    ends = np.append(view.day_rows[1:], len(view.bars)) - 1
    closes = view.bars.extras.get("settlement", view.bars.close)[ends]
    closes = np.where(np.isfinite(closes) & (closes > 0), closes, view.bars.close[ends])
    return np.append(np.nan, closes[:-1])


def _ratios(view: View) -> FloatArray:
    """The limit of each bar, the widest that may hold; NaN where there is none or it is unknown."""
    found = np.full(len(view.bars), np.nan)
    for rows, entry in _eras(view, Limit):
        if entry is not None and entry.ratio is not None:
            wide = [entry.ratio, entry.risk_ratio or 0, entry.last_day or 0, *entry.widened]
            slack = 0.02 if entry.base == "settlement" else 0.0
            found[rows] = float(max(wide)) + slack
    return found


def _stale(view: View) -> Iterator[Finding]:
    same = repeats(view.bars)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    is_long = ends - begins >= STALE_STEPS
    if is_long.any():
        runs = [
            np.arange(begin + 1, end + 1)
            for begin, end in zip(begins[is_long], ends[is_long], strict=True)
        ]
        longest = int((ends - begins).max()) + 1
        yield from view.found("stale", np.concatenate(runs), longest=longest)


def repeats(bars: Bars) -> BoolArray:
    """(n - 1,) which bars are the bar before again."""
    same: BoolArray = np.ones(len(bars) - 1, dtype=np.bool_)
    for name in PRICES:
        column = getattr(bars, name)
        same &= column[1:] == column[:-1]
    volume = bars.volume
    # Trades at one price are no fault; the same bar with the same volume is.
    same &= ~(volume[1:] > 0) | (volume[1:] == volume[:-1])
    return same


def _moves(view: View, ex_days: DayArray) -> Iterator[Finding]:
    spikes = find_spikes(view)
    yield from _outliers(view, spikes)
    moves = view.returns
    is_print = printed(view, spikes)
    is_known = _known_steps(view, ex_days)
    reuse = find_reuses(view)
    splits, ratios = find_splits(view, is_print | is_known)
    yield from told_splits(view, splits, ratios)
    yield from told_reuses(view, reuse)
    is_far = far_steps(view) & ~is_print & ~is_known
    is_far[splits] = is_far[reuse] = False
    if view.is_chain:
        is_far &= np.diff(view.days) == np.timedelta64(0, "D")
    rows = np.flatnonzero(is_far) + 1
    if len(rows):
        largest = rows[np.abs(moves[rows - 1]).argmax()]
        move = f"{np.expm1(moves[largest - 1]):+.1%}"
        yield from view.found("jumps", rows, move=move, day=str(view.days[largest]))


def printed(view: View, spikes: IntArray) -> BoolArray:
    """(n - 1,) steps to a wrong price and back."""
    is_print: BoolArray = np.zeros(len(view.bars) - 1, dtype=np.bool_)
    is_print[spikes - 1] = True
    is_print[spikes] = True
    return is_print


def far_steps(view: View) -> BoolArray:
    """(n - 1,) steps far beyond the local volatility."""
    sizes = np.abs(view.returns)
    is_far: BoolArray = (sizes > _JUMP_SIGMAS * view.scale) & (sizes > _LEAST_MOVE)
    return is_far


def find_spikes(view: View) -> IntArray:
    """Rows whose close is far off both neighbours, which agree with each other."""
    moves, scale = view.returns, view.scale
    there, back = moves[:-1], moves[1:]
    least = np.minimum(np.abs(there), np.abs(back))
    is_far = least > _PRINT_SIGMAS * np.maximum(scale[:-1], scale[1:])
    is_back = (there * back < 0) & (np.abs(there + back) < 0.3 * least)
    return np.flatnonzero(is_far & is_back) + 1


def _outliers(view: View, spikes: IntArray) -> Iterator[Finding]:
    rows, sigmas = outlying(view, spikes)
    if len(rows):
        yield from view.found("outliers", rows, sigmas=f"{float(sigmas.max()):,.0f}")


def outlying(view: View, spikes: IntArray) -> tuple[IntArray, FloatArray]:
    """Rows with a price far off both neighbours, and how far, in local volatilities."""
    bars, opens = view.bars, _wrong_opens(view)
    far = wick_sigmas(view)
    is_wrong = far > _WICK_SIGMAS
    is_wrong[spikes] = is_wrong[opens] = True
    rows = np.flatnonzero(is_wrong)
    sigmas = np.zeros(len(bars))
    sigmas[spikes] = np.abs(view.returns[spikes - 1]) / view.scale[spikes - 1]
    sigmas[opens] = np.abs(np.log(bars.open[opens] / bars.close[opens])) / view.scale[opens - 1]
    return rows, np.maximum(sigmas, far)[rows]


def _wrong_opens(view: View) -> IntArray:
    """Rows whose open is far off the close before and off their own, which agree."""
    before, after = view.log_close[:-1], view.log_close[1:]
    opened = np.log(view.bars.open[1:])
    least = np.minimum(np.abs(opened - before), np.abs(opened - after))
    is_off = ((opened - before) * (opened - after) > 0) & (least > _PRINT_SIGMAS * view.scale)
    return np.flatnonzero(is_off & (np.abs(after - before) < 0.3 * least)) + 1


def wick_sigmas(view: View) -> FloatArray:
    """(n,) how far the longer wick of each bar is, in what wicks usually are there."""
    far: FloatArray = np.zeros(len(view.bars))
    least = np.append(view.scale[:1], view.scale)
    for size, usual in zip(view.wicks, view.wick_scales, strict=True):
        far = np.maximum(far, size / np.maximum(usual, least))
    return far


def _known_steps(view: View, ex_days: DayArray) -> BoolArray:
    """Steps onto an ex-day of a known action."""
    is_new_day = view.days[1:] != view.days[:-1]
    if not len(ex_days):
        return np.zeros_like(is_new_day)
    known: BoolArray = np.isin(view.days[1:], ex_days) & is_new_day
    return known


def find_splits(view: View, is_known: BoolArray) -> tuple[IntArray, FloatArray]:
    """Steps between days by a simple ratio that volume answers, and the ratio of each."""
    nothing = np.empty(0, dtype=np.int64), np.empty(0)
    if not view.is_share:
        return nothing
    starts = view.day_rows[1:]
    jumps = np.log(view.bars.open[starts] / view.bars.close[starts - 1])
    # What is gone by the close was a wrong price at the open.
    ends = np.append(view.day_rows[2:], len(view.bars)) - 1
    has_stayed = np.abs(view.log_close[ends] - view.log_close[starts - 1] - jumps) < _STAYED
    sizes = np.abs(jumps)
    usual = local_scale(jumps) if len(jumps) else jumps
    near = np.abs(sizes[:, None] - _simple()[None, :]) if len(sizes) else np.empty((0, 1))
    best = near.argmin(axis=1)
    # Two shares are put together or more; nobody makes one of one and a half.
    least = np.where(jumps > 0, _LEAST_MERGER, _LEAST_SPLIT)
    is_split = (sizes > least) & (sizes > _SPLIT_SIGMAS * usual)
    is_certain = sizes > _CERTAIN_SPLIT
    is_split &= near.min(axis=1, initial=np.inf) < np.where(is_certain, _CERTAIN_OFF, _SPLIT_OFF)
    is_split &= has_stayed & ~is_known[starts - 1] & (np.diff(view.bars.ts)[starts - 1] < _REUSE_NS)
    is_split &= is_certain | _answers(view, jumps)
    found = np.flatnonzero(is_split)
    ratios = np.exp(_simple()[best[found]] * -np.sign(jumps[found]))
    return starts[found] - 1, ratios


def _answers(view: View, jumps: FloatArray) -> BoolArray:
    """Whether volume moves against price, or where it is not known, whether the jump is clear."""
    daily = np.add.reduceat(np.nan_to_num(view.bars.volume), view.day_rows)
    padded = np.pad(daily, _VOLUME_DAYS, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _VOLUME_DAYS)
    medians = middle(windows)
    before, after = medians[1 : len(daily)], medians[_VOLUME_DAYS + 1 : _VOLUME_DAYS + len(daily)]
    with np.errstate(all="ignore"):
        answer = -np.log(after / before) / jumps
    is_known = (before > 0) & (after > 0)
    is_clear = np.abs(jumps) > _CLEAR_SPLIT
    # Small ratios are asked for more: bad news moves price too, and brings a crowd.
    answered: BoolArray = np.where(
        is_clear, ~is_known | (answer > -1.0), is_known & (answer > 0.3) & (answer < _CROWD)
    )
    return answered


def told_splits(view: View, steps: IntArray, ratios: FloatArray) -> Iterator[Finding]:
    """What is said of steps by a simple ratio."""
    rows = steps + 1
    told = [
        f"{_spelled(ratio)} on {day}"
        for ratio, day in zip(ratios[:_SHOWN].tolist(), view.days[rows[:_SHOWN]], strict=True)
    ]
    more = f" (+{len(rows) - _SHOWN})" if len(rows) > _SHOWN else ""
    yield from view.found("splits", rows, ratios=", ".join(told) + more)


def _spelled(ratio: float) -> str:
    """7:1 where seven shares came of one, 1:8 where one came of eight."""
    return f"{_figure(ratio)}:1" if ratio >= 1 else f"1:{_figure(1 / ratio)}"


def _figure(ratio: float) -> str:
    """Three digits, and no power of ten for large ones."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def find_reuses(view: View) -> IntArray:
    """Steps over a long hole to quite another price."""
    holes = np.diff(view.bars.ts) > _REUSE_NS
    is_far = np.abs(view.returns) > _REUSE_MOVE
    return np.flatnonzero(holes & is_far) if view.is_share else np.empty(0, dtype=np.int64)


def told_reuses(view: View, steps: IntArray) -> Iterator[Finding]:
    """What is said of steps to quite another price."""
    if len(steps):
        step = steps[0]
        days = int(view.bars.ts[step + 1] - view.bars.ts[step]) // _DAY_NS
        ratio = _figure(float(np.exp(view.returns[step])))
        day = f"{from_ns(int(view.bars.ts[step + 1])):%Y-%m-%d}"
        yield from view.found("ticker_reuse", steps + 1, days=days, ratio=ratio, day=day)
