# mypy: disable-error-code="import-not-found, misc"
"""vn.py's CTA backtester, which keeps a result per day, not per bar.

A market order is what its users make of one: a limit order far beyond the price, which its
matching fills at the next bar's open.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from vnpy.trader.constant import Direction, Exchange, Interval
from vnpy.trader.object import BarData, TradeData
from vnpy_ctastrategy import CtaTemplate
from vnpy_ctastrategy.backtesting import BacktestingEngine

from benchmarks.systems.job import Columns, Job, Outcome, answer

FAR_ABOVE, FAR_BELOW = 1.1, 0.9


class Breakout(CtaTemplate):
    parameters = ("threshold",)

    threshold = 0.01

    def on_init(self) -> None:
        self.is_long = False
        self.extreme = math.inf

    def on_bar(self, bar: BarData) -> None:
        close = bar.close_price
        if self.is_long:
            if close > self.extreme:
                self.extreme = close
            elif close < self.extreme * (1.0 - self.threshold):
                self.sell(close * FAR_BELOW, 1)
                self.is_long = False
                self.extreme = close
        elif close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.threshold):
            self.buy(close * FAR_ABOVE, 1)
            self.is_long = True
            self.extreme = close


class Guarded(CtaTemplate):
    """Sends its stop and its target once the entry has traded, as this library's users do."""

    parameters = ("threshold", "loss", "gain")

    threshold = 0.01
    loss = 0.01
    gain = 0.02

    def on_init(self) -> None:
        self.is_long = False
        self.extreme = math.inf

    def on_bar(self, bar: BarData) -> None:
        if self.is_long:
            return
        close = bar.close_price
        if close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.threshold):
            self.stop = round(close * (1.0 - self.loss), 2)
            self.target = round(close * (1.0 + self.gain), 2)
            self.buy(close * FAR_ABOVE, 1)
            self.is_long = True

    def on_trade(self, trade: TradeData) -> None:
        if trade.direction is Direction.LONG:
            self.sell(self.stop, 1, stop=True)
            self.sell(self.target, 1)
        else:
            self.cancel_all()
            self.is_long = False
            self.extreme = math.inf


class Cross(CtaTemplate):
    """Keeps its averages as running sums, quicker in a callback than `ArrayManager`."""

    parameters = ("fast", "slow")

    fast = 10
    slow = 30

    def on_init(self) -> None:
        self.closes: deque[float] = deque(maxlen=self.slow)
        self.fast_sum = self.slow_sum = 0.0
        self.last_fast = self.last_slow = math.nan
        self.is_long = False

    def on_bar(self, bar: BarData) -> None:
        close, closes = bar.close_price, self.closes
        self.fast_sum += close
        self.slow_sum += close
        if len(closes) >= self.fast:
            self.fast_sum -= closes[-self.fast]
        if len(closes) == self.slow:
            self.slow_sum -= closes[0]
        closes.append(close)
        if len(closes) < self.slow:
            return
        fast, slow = self.fast_sum / self.fast, self.slow_sum / self.slow
        if self.is_long:
            if fast < slow and self.last_fast >= self.last_slow:
                self.sell(close * FAR_BELOW, 1)
                self.is_long = False
        elif fast > slow and self.last_fast <= self.last_slow:
            self.buy(close * FAR_ABOVE, 1)
            self.is_long = True
        self.last_fast, self.last_slow = fast, slow


def prepare(strategy: type[Any], job: Job, *, with_statistics: bool) -> Callable[[], Outcome]:
    engine = BacktestingEngine()
    engine.set_parameters(
        vt_symbol="WALK.LOCAL",
        interval=Interval.MINUTE,
        start=_moment(job.columns.ts[0]),
        end=_moment(job.columns.ts[-1]),
        rate=job.commission,
        slippage=0,
        size=1,
        pricetick=float(job.tick),
        capital=int(job.cash),
    )
    engine.add_strategy(strategy, dict(job.parameters))
    engine.history_data = _bars(job.columns)

    def run() -> Outcome:
        started = time.perf_counter()
        engine.run_backtesting()
        ran = time.perf_counter()
        days = engine.calculate_result()
        if with_statistics:
            engine.calculate_statistics(output=False)
        fills = engine.get_all_trades()
        trades = sum(fill.direction is Direction.SHORT for fill in fills)
        return Outcome(
            trades=trades,
            open_trades=len(fills) - 2 * trades,
            final_equity=job.cash + float(days["net_pnl"].sum()),
            timings={"run_backtesting": ran - started},
        )

    return run


def _bars(columns: Columns) -> list[BarData]:
    return [
        BarData(
            gateway_name="BACKTESTING",
            symbol="WALK",
            exchange=Exchange.LOCAL,
            datetime=_moment(ts),
            interval=Interval.MINUTE,
            open_price=opened,
            high_price=high,
            low_price=low,
            close_price=close,
            volume=volume,
        )
        for ts, opened, high, low, close, volume in zip(
            *(column.tolist() for column in vars(columns).values()), strict=True
        )
    ]


def _moment(ts_ns: int) -> datetime:
    return datetime.fromtimestamp(ts_ns / 1e9, UTC)


if __name__ == "__main__":
    answer(
        {
            "breakout": lambda job: prepare(Breakout, job, with_statistics=False),
            "guarded": lambda job: prepare(Guarded, job, with_statistics=False),
            "cross": lambda job: prepare(Cross, job, with_statistics=True),
        }
    )
