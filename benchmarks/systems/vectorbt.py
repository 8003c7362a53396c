# mypy: disable-error-code="import-not-found, misc"
"""vectorbt, which knows every signal before it starts; compiled before the clock runs."""

import time
from collections.abc import Callable
from typing import Any

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


def _frame(columns: Columns) -> Any:
    return pd.DataFrame(
        {"open": columns.open, "close": columns.close}, index=pd.DatetimeIndex(columns.ts)
    )


if __name__ == "__main__":
    answer({"cross": prepare})
