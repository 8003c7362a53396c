"""Strategies that look ahead, each in a way of its own, and ones that do not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.data import random_walk
from quantloom.indicators import IndicatorDefinition, catalog, indicator
from quantloom.kit import FloatArray, from_ns
from quantloom.market import Action, Anchor, Bar, Bars, adjust, get_calendar, resample
from quantloom.strategy import Context, Parameter, Strategy, Trigger, over
from quantloom.strategy.lines import whole

SYMBOL = "DEMO.LOCAL"
DAYS, MINUTES = 600, 3_000


@cache
def days(seed: int = 7) -> Bars:
    return random_walk(DAYS, seed, timeframe="1d", volatility=0.015)


@cache
def quarters(seed: int = 8) -> Bars:
    """Bars of 15 minutes, 96 a day."""
    return random_walk(MINUTES, seed, timeframe="15m", volatility=0.003)


OWN_LINES: dict[str, IndicatorDefinition] = {}
"""The corpus's own indicators; `conftest` puts them into the catalog for this folder's tests."""


def own(name: str, **terms: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    settings: dict[str, Any] = {"group": "corpus", "warm_up": lambda **_: 0} | terms
    full_name = f"CORPUS_{name}"
    declare = indicator(name=full_name, **settings)

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        declared = declare(function)
        # Tests of the whole catalog would take it for one of the library's.
        OWN_LINES[full_name] = catalog._definitions.pop(full_name)
        return declared

    return keep


def _rolling(values: FloatArray, width: int) -> FloatArray:
    sums = np.cumsum(np.concatenate([[0.0], values]))
    found = np.full(len(values), np.nan)
    found[width - 1 :] = (sums[width:] - sums[:-width]) / width
    return found


@own("NEXT")
def next_close(close: FloatArray) -> FloatArray:
    return np.append(close[1:], np.nan)


@own("CENTRED")
def centred_mean(close: FloatArray) -> FloatArray:
    return np.append(_rolling(close, 11)[5:], np.full(5, np.nan))[: len(close)]


@own("ZSCORE")
def full_z_score(close: FloatArray) -> FloatArray:
    scaled: FloatArray = (close - close.mean()) / close.std()
    return scaled


@own("MINMAX")
def full_min_max(close: FloatArray) -> FloatArray:
    scaled: FloatArray = (close - close.min()) / np.ptp(close)
    return scaled


@own("BACKFILLED")
def backfilled_extremes(close: FloatArray) -> FloatArray:
    """Highs of swings, known three bars later, filled backwards to the bars before."""
    found = np.full(len(close), np.nan)
    inner = np.arange(3, len(close) - 3)
    is_top = np.all([close[inner] >= close[inner + by] for by in (-3, -2, -1, 1, 2, 3)], axis=0)
    found[inner[is_top]] = close[inner[is_top]]
    for row in range(len(close) - 2, -1, -1):
        if np.isnan(found[row]):
            found[row] = found[row + 1]
    return found


@own("REGRESSION")
def fitted_trend(close: FloatArray) -> FloatArray:
    """A line through the whole sample."""
    rows = np.arange(len(close))
    slope, level = np.polyfit(rows, close, 1)
    apart: FloatArray = close - (slope * rows + level)
    return apart


@own("SMOOTHED")
def smoothed_both_ways(close: FloatArray) -> FloatArray:
    """An exponential average forwards and then backwards, as a filter without lag."""

    def forwards(values: FloatArray) -> FloatArray:
        found = values.copy()
        for row in range(1, len(values)):
            found[row] = 0.9 * found[row - 1] + 0.1 * values[row]
        return found

    return forwards(forwards(close)[::-1])[::-1].copy()


@own("DAILY_HIGH", inputs=("high",))
def high_of_the_day(high: FloatArray) -> FloatArray:
    """The high of the day's 96 bars at each of them."""
    return np.concatenate([np.full(len(part), part.max()) for part in _days_of(high)])


@own("HOURLY_CLOSE")
def unfinished_hour(close: FloatArray) -> FloatArray:
    """The hour's close from its first bar on: a resampling labelled at the left."""
    return np.concatenate(
        [np.full(len(part), part[-1]) for part in np.split(close, range(4, len(close), 4))]
    )


@own("PROFILE", inputs=("close", "volume"))
def point_of_control(close: FloatArray, volume: FloatArray) -> FloatArray:
    """The price with the most volume of the whole day."""
    pairs = zip(_days_of(close), _days_of(volume), strict=True)
    return np.concatenate([np.full(len(prices), prices[sizes.argmax()]) for prices, sizes in pairs])


@own("PLAIN_MEAN")
def plain_mean(close: FloatArray) -> FloatArray:
    return _rolling(close, 10)


@own("EXPANDING")
def expanding_z_score(close: FloatArray) -> FloatArray:
    count = np.arange(1, len(close) + 1)
    mean = np.cumsum(close) / count
    deviation = np.sqrt(np.maximum(np.cumsum(close**2) / count - mean**2, 1e-9))
    return (close - mean) / deviation


def _days_of(values: FloatArray) -> list[FloatArray]:
    return np.split(values, range(96, len(values), 96))


class Levels(Strategy):
    """Long while a line is on one side of a level or of the close."""

    line: str = Parameter("CORPUS_ZSCORE")
    below: bool = Parameter(True)
    level: float = Parameter(0.0, low=-1e9, high=1e9)
    by_close: bool = Parameter(False)

    def initialize(self, ctx: Context) -> None:
        self.value = ctx.indicator(self.line)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if not self.value.is_ready:
            return
        value = self.value.value - (bar.close if self.by_close else self.level)
        if (value < 0) == self.below:
            if not ctx.position.quantity:
                ctx.buy(bar.symbol)
        elif ctx.position.quantity:
            ctx.close(bar.symbol)


class Rising(Strategy):
    """Long on bars after which something kept elsewhere says so."""

    def says(self, ctx: Context, bar: Bar) -> bool:
        raise NotImplementedError

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.says(ctx, bar):
            if not ctx.position.quantity:
                ctx.buy(bar.symbol)
        elif ctx.position.quantity:
            ctx.close(bar.symbol)


class PrivateArrays(Rising):
    """Reads the whole array behind a line."""

    row = -1

    def initialize(self, ctx: Context) -> None:
        self.closes = whole(ctx.line("close"))

    def says(self, ctx: Context, bar: Bar) -> bool:
        self.row += 1
        return self.row + 1 < len(self.closes) and bool(self.closes[self.row + 1] > bar.close)


class BaseOfHistory(Rising):
    """Finds the whole series behind a slice of it."""

    row = -1

    def says(self, ctx: Context, bar: Bar) -> bool:
        self.row += 1
        behind: Any = ctx.history(1).close
        while behind.base is not None:
            behind = behind.base
        return self.row + 1 < len(behind) and bool(behind[self.row + 1] > bar.close)


class NextOpenLimit(Strategy):
    """Buys by a limit at the next bar's open."""

    row = -1

    def initialize(self, ctx: Context) -> None:
        self.opens = whole(ctx.line("open"))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.row += 1
        if self.row + 1 < len(self.opens) and self.row % 7 == 3:
            ctx.buy(bar.symbol, 1, price=ctx.round_up(float(self.opens[self.row + 1])))
        elif self.row % 7 == 6:
            ctx.close(bar.symbol)


class KnowsTheEnd(Strategy):
    """Leaves for good right before the data end, and counts down to it by its size."""

    def initialize(self, ctx: Context) -> None:
        self.left = len(whole(ctx.line("close")))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.left -= 1
        if self.left % 50 == 10:
            ctx.buy(bar.symbol, 1)
        elif self.left % 50 == 5:
            ctx.close(bar.symbol)


class BestDay(Strategy):
    """Buys before the open of days that rise."""

    def initialize(self, ctx: Context) -> None:
        opens, closes = whole(ctx.line("open")), whole(ctx.line("close"))
        self.rises, self.day = closes > opens, -1

    def before_trading(self, ctx: Context) -> None:
        self.day += 1
        if self.rises[self.day]:
            ctx.buy(SYMBOL, 1)

    def after_settlement(self, ctx: Context) -> None:
        ctx.close(SYMBOL)


class WakesAhead(Strategy):
    """Wakes only where a trigger on the next close holds."""

    def initialize(self, ctx: Context) -> None:
        line, after = ctx.line("close"), ctx.indicator("CORPUS_NEXT")
        ctx.wake_on(Trigger((line, after), lambda _: whole(after) > 1.01 * whole(line)))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position.quantity:
            ctx.close(bar.symbol)
        else:
            ctx.buy(bar.symbol, 1)


class LowOfTheDayKnown(Rising):
    """Buys at the bar that will be the lowest of its day."""

    row = -1

    def initialize(self, ctx: Context) -> None:
        lows = whole(ctx.line("low"))
        self.lowest = {96 * place + int(part.argmin()) for place, part in enumerate(_days_of(lows))}

    def says(self, ctx: Context, bar: Bar) -> bool:
        self.row += 1
        return any(self.row - by in self.lowest for by in range(8))


def outside_frame(bars: Bars) -> type[Strategy]:
    """Closed over the whole frame before the run: what the run gives it changes nothing."""
    rises: list[bool] = (np.diff(bars.close) > 0).tolist()
    ups: dict[int, bool] = dict(zip(bars.ts[:-1].tolist(), rises, strict=True))

    class OutsideFrame(Rising):
        def says(self, ctx: Context, bar: Bar) -> bool:
            return ups.get(bar.ts_ns, False)

    return OutsideFrame


def outside_and_inside(bars: Bars) -> type[Strategy]:
    """Half of it goes by what it is given, half by what it has from outside."""
    ahead = np.append(np.sign(bars.close[3:] - bars.close[:-3]), np.zeros(3))
    later = dict(zip(bars.ts.tolist(), ahead.tolist(), strict=True))

    class OutsideAndInside(Rising):
        def says(self, ctx: Context, bar: Bar) -> bool:
            return later[bar.ts_ns] > 0 and bar.close < bar.high

    return OutsideAndInside


def with_column(name: str, column: FloatArray, bars: Bars) -> Bars:
    fields = {one: getattr(bars, one) for one in ("ts", "open", "high", "low", "close", "volume")}
    return Bars.of(bars.symbol, bars.timeframe, **fields, extras={name: column})


class ByColumn(Rising):
    """Goes by a column of the data."""

    def initialize(self, ctx: Context) -> None:
        self.column = ctx.line("feature")

    def says(self, ctx: Context, bar: Bar) -> bool:
        return self.column.value > 0


def target_encoded() -> Bars:
    """A feature of the frame that is the return to come, with noise."""
    bars = days()
    ahead = np.append(np.diff(np.log(bars.close)), 0.0)
    noise = np.random.default_rng(1).normal(0, 0.008, len(bars))
    return with_column("feature", ahead + noise, bars)


def past_feature() -> Bars:
    bars = days()
    return with_column("feature", np.append(0.0, np.diff(np.log(bars.close))), bars)


class Absolute(Strategy):
    """Buys below a price, which an adjustment moves."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if bar.close < 95 and not ctx.position.quantity:
            ctx.buy(bar.symbol, 10)
        elif bar.close > 100 and ctx.position.quantity:
            ctx.close(bar.symbol)


@cache
def adjusted(anchor: Anchor) -> Bars:
    """Real prices around 100 with a dividend each quarter, adjusted."""
    found = [
        Action(symbol=SYMBOL, ex_day=from_ns(ns).date(), cash=Decimal("2.5"))
        for ns in days().ts[60::60].tolist()
    ]
    return adjust(days(), found, get_calendar("24x7"), anchor=anchor)


# Clean ones


class Channel(Strategy):
    """Breakouts by history, with stop and target."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        past = ctx.history(21)
        if len(past) > 20 and bar.close > past.high[:-1].max() and not ctx.position.quantity:
            ctx.buy(bar.symbol, 10, stop_loss=0.97 * bar.close, take_profit=1.05 * bar.close)


class HigherTrend(Strategy):
    """An average of finished bigger bars, and a limit order that is taken back."""

    def initialize(self, ctx: Context) -> None:
        self.slow = ctx.indicator("SMA", 5, timeframe="1h")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.cancel_all()
        if self.slow.is_ready and bar.close > self.slow.value:
            ctx.buy(bar.symbol, 1, price=ctx.round_down(0.999 * bar.close))
        elif ctx.position.quantity:
            ctx.close(bar.symbol)


class ResampledHistory(Rising):
    """Resamples what it was shown by itself."""

    def says(self, ctx: Context, bar: Bar) -> bool:
        hours = resample(ctx.history(40), "1h", get_calendar("24x7"))
        return len(hours) > 3 and bool(hours.close[-1] > hours.close[-3])


class Seeded(Strategy):
    """Tosses the run's own coins."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.random.random() < 0.1:
            ctx.target_weight(bar.symbol, 0.5 if bar.close > bar.open else 0)


class OneFit(Strategy):
    """Fits on the first hundred bars and goes by that fit ever after."""

    level = 0.0
    seen = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.seen += 1
        if self.seen == 100:
            self.level = float(np.median(ctx.history(100).close))
        if self.seen > 100:
            ctx.target_quantity(bar.symbol, 10 if bar.close < self.level else 0)


class BeforeTheDay(Strategy):
    """Decides before each day by the days before it."""

    def before_trading(self, ctx: Context) -> None:
        past = ctx.history(3)
        rises = len(past) == 3 and bool(past.close[-1] > past.close[0])
        ctx.target_quantity(SYMBOL, 5 if rises else 0)


class AfterFills(Strategy):
    """Answers fills with orders."""

    def initialize(self, ctx: Context) -> None:
        self.fast, self.slow = ctx.indicator("EMA", 5), ctx.indicator("EMA", 20)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.fast.value > self.slow.value and not ctx.position.quantity and not ctx.orders():
            ctx.buy(bar.symbol, 10)

    def on_fill(self, ctx: Context, fill: Any) -> None:
        if ctx.position.quantity:
            ctx.sell(SYMBOL, stop=ctx.round_down(0.98 * float(fill.price)))


class Timed(Strategy):
    """Acts at an hour of the day, by a momentum."""

    def initialize(self, ctx: Context) -> None:
        ctx.timer("noon", at="12:00")
        self.momentum = ctx.indicator("MOM", 20)

    def on_timer(self, ctx: Context, timer: Any) -> None:
        ctx.target_quantity(SYMBOL, 3 if self.momentum.value > 0 else 0)


class Wakeful(Strategy):
    """Sleeps until an honest trigger holds."""

    def initialize(self, ctx: Context) -> None:
        ctx.wake_on(over(ctx.indicator("RSI", 7), 65.0))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.target_quantity(bar.symbol, 0 if ctx.position.quantity else 4)


@dataclass(frozen=True)
class Case:
    """A strategy and what it runs over."""

    strategy: Callable[[], type[Strategy] | str]
    bars: Callable[[], Bars]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def run(self, audit: Any) -> BacktestResult:
        terms: dict[str, Any] = {"participation": None, "cash": 1_000_000} | dict(self.settings)
        return backtest(
            self.strategy(), self.bars(), parameters=self.parameters, audit=audit, **terms
        )


def by_line(name: str, bars: Callable[[], Bars] = days, **parameters: Any) -> Case:
    return Case(lambda: Levels, bars, {"line": f"CORPUS_{name}", **parameters})


LEAKING: dict[str, Case] = {
    "shift by -1": by_line("NEXT", below=False, by_close=True),
    "centred window": by_line("CENTRED", below=False, by_close=True),
    "full-sample z-score": by_line("ZSCORE"),
    "full-sample min-max": by_line("MINMAX", level=0.4),
    "filled backwards": by_line("BACKFILLED", below=False, by_close=True),
    "fitted on the full sample": by_line("REGRESSION"),
    "filtered both ways": by_line("SMOOTHED", below=False, by_close=True),
    "high of the whole day": by_line("DAILY_HIGH", quarters, below=False, by_close=True),
    "resampled, labelled left": by_line("HOURLY_CLOSE", quarters, below=False, by_close=True),
    "volume profile of the day": by_line("PROFILE", quarters, below=False, by_close=True),
    "lowest bar of the day": Case(lambda: LowOfTheDayKnown, quarters),
    "private arrays": Case(lambda: PrivateArrays, days),
    "base of history": Case(lambda: BaseOfHistory, days),
    "next open as limit": Case(lambda: NextOpenLimit, days),
    "knows the end": Case(lambda: KnowsTheEnd, days),
    "best day before its open": Case(lambda: BestDay, days),
    "wakes ahead": Case(lambda: WakesAhead, days),
    "frame from outside": Case(lambda: outside_frame(days()), days),
    "frame from outside, in part": Case(lambda: outside_and_inside(days()), days),
    "frame from outside, intraday": Case(lambda: outside_frame(quarters()), quarters),
    "target-encoded column": Case(lambda: ByColumn, target_encoded),
    "forward-adjusted prices": Case(lambda: Absolute, lambda: adjusted(Anchor.LATEST)),
}

CLEAN: dict[str, Case] = (
    {
        "own mean": by_line("PLAIN_MEAN", below=False, by_close=True),
        "expanding z-score": by_line("EXPANDING"),
        "column of the past": Case(lambda: ByColumn, past_feature),
        "back-adjusted prices": Case(lambda: Absolute, lambda: adjusted(Anchor.FIRST)),
        "channel with brackets": Case(lambda: Channel, days),
        "bigger timeframe": Case(lambda: HigherTrend, quarters),
        "resampled history": Case(lambda: ResampledHistory, quarters),
        "seeded coins": Case(lambda: Seeded, days),
        "fitted once": Case(lambda: OneFit, days),
        "before the day": Case(lambda: BeforeTheDay, days),
        "after fills": Case(lambda: AfterFills, days),
        "timed": Case(lambda: Timed, quarters),
        "wakeful": Case(lambda: Wakeful, days),
        "with latency and slippage": Case(
            lambda: "sma-cross", quarters, settings={"latency": 2, "slippage": 1}
        ),
    }
    | {
        f"{name} over {len(bars())} bars": Case(lambda name=name: name, bars)  # type: ignore[misc]
        for name in ("bollinger", "grid", "macd", "rsi", "sma-cross", "supertrend", "turtle")
        for bars in (days, quarters)
    }
    | {
        "opening-range": Case(lambda: "opening-range", quarters),
        "volatility-target-trend": Case(lambda: "volatility-target-trend", days),
    }
)
