"""Quantloom's runs with and without their audit for look-ahead, by callbacks and by signals."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np

from benchmarks.systems.job import Job, Outcome, answer
from benchmarks.systems.quantloom import SYMBOL, Breakout, make_bars
from quantloom.backtest import AuditSetting, backtest
from quantloom.indicators import compute
from quantloom.market import Bars, Instrument, Kind
from quantloom.strategy import Parameter, Signals, Strategy


class CrossBySignals(Strategy):
    """Long from a crossing of the fast average above the slow one to the next one below."""

    fast: int = Parameter(10, low=1)
    slow: int = Parameter(30, low=2)

    def generate_signals(self, bars: Bars) -> Signals:
        fast, slow = (compute("SMA", bars, period)["value"] for period in (self.fast, self.slow))
        is_above, is_below = fast > slow, fast < slow
        rises, falls = np.zeros((2, len(bars)), dtype=np.bool_)
        rises[1:] = is_above[1:] & (fast[:-1] <= slow[:-1])
        falls[1:] = is_below[1:] & (fast[:-1] >= slow[:-1])
        return Signals(entries=rises, exits=falls)


def prepare(strategy: type[Strategy], job: Job, *, audit: AuditSetting) -> Callable[[], Outcome]:
    bars = make_bars(job.columns)

    def run() -> Outcome:
        result = backtest(
            strategy,
            bars,
            parameters=job.parameters,
            instrument=Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal(job.tick)),
            cash=job.cash,
            commission=job.commission,
            size=1,
            participation=None,
            trials=False,
            audit=audit,
        )
        return Outcome(
            trades=len(result.round_trips),
            open_trades=len(result.positions),
            final_equity=float(result.final_equity),
        )

    return run


if __name__ == "__main__":
    answer(
        {
            "breakout": lambda job: prepare(Breakout, job, audit=False),
            "breakout audited": lambda job: prepare(Breakout, job, audit="auto"),
            "signals": lambda job: prepare(CrossBySignals, job, audit=False),
            "signals audited": lambda job: prepare(CrossBySignals, job, audit="auto"),
        }
    )
