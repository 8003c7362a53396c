"""TA-Lib called directly: what a call of Quantloom's adds to it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import talib

from benchmarks.systems.job import Columns, Job, Tails, answer


def stoch(given: Columns) -> Any:
    return talib.STOCH(
        given.high,
        given.low,
        given.close,
        fastk_period=14,
        slowk_period=3,
        slowd_period=3,
    )


FUNCTIONS: dict[str, Callable[[Columns], Any]] = {
    "SMA": lambda given: talib.SMA(given.close, 20),
    "EMA": lambda given: talib.EMA(given.close, 20),
    "RSI": lambda given: talib.RSI(given.close, 14),
    "MACD": lambda given: talib.MACD(given.close, 12, 26, 9),
    "BBANDS": lambda given: talib.BBANDS(given.close, 20, 2.0, 2.0),
    "ATR": lambda given: talib.ATR(given.high, given.low, given.close, 14),
    "ADX": lambda given: talib.ADX(given.high, given.low, given.close, 14),
    "STOCH": stoch,
    "SUPERTREND": lambda given: talib.SUPERTREND(given.high, given.low, given.close, 10, 3.0),
    "KC": lambda given: talib.KC(given.high, given.low, given.close, 20, 10, 2.0),
    "VWMA": lambda given: talib.VWMA(given.close, given.volume, 20),
}


def prepare(function: Callable[[Columns], Any], job: Job) -> Callable[[], Tails]:
    def run() -> Tails:
        found = function(job.columns)
        return Tails.of(found if isinstance(found, tuple) else (found,))

    return run


if __name__ == "__main__":
    answer({name: partial(prepare, function) for name, function in FUNCTIONS.items()})
