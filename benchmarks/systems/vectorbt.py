# mypy: disable-error-code="import-not-found, misc"
"""vectorbt, which knows every signal before it starts; compiled before the clock runs."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import vectorbt

from benchmarks.systems.job import Columns, Job, Outcome, answer


def prepare(job: Job) -> Callable[[], Outcome]:
    frame = _frame(job.columns)
    fast_period, slow_period = int(job.parameters["fast"]), int(job.parameters["slow"])

    def run() -> Outcome:
        started = time.perf_counter()
        fast = vectorbt.MA.run(frame["close"], fast_period).ma
        slow = vectorbt.MA.run(frame["close"], slow_period).ma
        rises = (fast > slow) & (fast.shift() <= slow.shift())
        falls = (fast < slow) & (fast.shift() >= slow.shift())
        portfolio = vectorbt.Portfolio.from_signals(
            frame["close"],
            entries=rises.shift(fill_value=False),
            exits=falls.shift(fill_value=False),
            price=frame["open"],
            size=1,
            fees=job.commission,
            init_cash=job.cash,
            freq="1min",
        )
        equity = portfolio.value()
        simulated = time.perf_counter()
        portfolio.stats()
        return Outcome(
            trades=int(portfolio.trades.closed.count()),
            open_trades=int(portfolio.trades.open.count()),
            final_equity=float(equity.iloc[-1]),
            timings={"without_statistics": simulated - started},
        )

    return run


def prepare_crosses(job: Job) -> Callable[[], Outcome]:
    """Every combination, some of them at a time: all at once they need tens of gigabytes."""
    frame = _frame(job.columns)
    fasts, slows = job.parameters["fasts"], job.parameters["slows"]
    pairs = [(fast, slow) for fast in fasts for slow in slows]
    at_once = int(job.parameters["at_once"])

    def run() -> Outcome:
        trades, is_open, final = [], [], []
        for first in range(0, len(pairs), at_once):
            portfolio = _crosses(frame, pairs[first : first + at_once], job)
            trades += portfolio.trades.closed.count().tolist()
            is_open += portfolio.trades.open.count().tolist()
            final += portfolio.final_value().tolist()
            portfolio.stats(["total_return", "max_dd", "sharpe_ratio", "win_rate"], agg_func=None)
        rows = [pairs.index(tuple(pair)) for pair in job.parameters["sample"]]
        return Outcome(
            trades=int(sum(trades[row] for row in rows)),
            open_trades=int(sum(is_open[row] for row in rows)),
            final_equity=float(sum(final[row] for row in rows)),
        )

    return run


def _crosses(frame: Any, pairs: list[tuple[int, int]], job: Job) -> Any:
    fast, slow = (
        vectorbt.MA.run(frame["close"], [pair[side] for pair in pairs]).ma for side in (0, 1)
    )
    fast.columns = slow.columns = range(len(pairs))
    rises = (fast > slow) & (fast.shift() <= slow.shift())
    falls = (fast < slow) & (fast.shift() >= slow.shift())
    return vectorbt.Portfolio.from_signals(
        frame["close"],
        entries=rises.shift(fill_value=False),
        exits=falls.shift(fill_value=False),
        price=frame["open"],
        size=1,
        fees=job.commission,
        init_cash=job.cash,
        freq="1min",
    )


def prepare_rotation(job: Job) -> Callable[[], Outcome]:
    index = pd.DatetimeIndex(job.columns.ts)
    opened, close = (
        pd.DataFrame(values, index=index) for values in (job.columns.open, job.columns.close)
    )
    count, lookback = int(job.parameters["count"]), int(job.parameters["lookback"])

    def run() -> Outcome:
        rises = close.pct_change(lookback)
        months = pd.Series(index.month, index=index)
        is_chosen_on = (months != months.shift()) & rises[0].notna()
        ranks = rises[is_chosen_on].rank(axis=1, ascending=False, method="first")
        pieces = (job.parameters["stake"] / close[is_chosen_on]).apply(np.floor)
        wanted = pieces.where(ranks <= count, 0.0).reindex(index)
        portfolio = vectorbt.Portfolio.from_orders(
            close,
            size=wanted.shift(),
            size_type="targetamount",
            price=opened,
            fees=job.commission,
            init_cash=job.cash,
            cash_sharing=True,
            group_by=True,
            freq="1D",
        )
        equity = portfolio.value()
        portfolio.stats()
        return Outcome(
            trades=int(portfolio.orders.count()),
            open_trades=int((portfolio.assets().iloc[-1] != 0).sum()),
            final_equity=float(equity.iloc[-1]),
        )

    return run


def _frame(columns: Columns) -> Any:
    return pd.DataFrame(
        {"open": columns.open, "close": columns.close}, index=pd.DatetimeIndex(columns.ts)
    )


if __name__ == "__main__":
    answer({"cross": prepare, "crosses": prepare_crosses, "rotation": prepare_rotation})
