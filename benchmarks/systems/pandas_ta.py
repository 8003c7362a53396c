# mypy: disable-error-code="import-not-found, misc"
"""pandas-ta-classic, the pandas-ta that is still kept, by pandas and NumPy without TA-Lib."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import pandas_ta_classic as ta

from benchmarks.systems.job import Job, Tails, answer


def ichimoku(bars: Any) -> Any:
    lines, _ = ta.ichimoku(bars.high, bars.low, bars.close, 9, 26, 52, include_chikou=False)
    return lines[["ITS_9", "IKS_26", "ISA_9", "ISB_26"]]


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "SMA": lambda bars: ta.sma(bars.close, 20),
    "EMA": lambda bars: ta.ema(bars.close, 20),
    "RSI": lambda bars: ta.rsi(bars.close, 14),
    "MACD": lambda bars: ta.macd(bars.close, 12, 26, 9).iloc[:, [0, 2, 1]],
    "BBANDS": lambda bars: ta.bbands(bars.close, 20, 2.0).iloc[:, [2, 1, 0]],
    "ATR": lambda bars: ta.atr(bars.high, bars.low, bars.close, 14),
    "ADX": lambda bars: ta.adx(bars.high, bars.low, bars.close, 14).iloc[:, [0]],
    "STOCH": lambda bars: ta.stoch(bars.high, bars.low, bars.close, 14, 3, 3),
    "SUPERTREND": lambda bars: ta.supertrend(bars.high, bars.low, bars.close, 10, 3.0).iloc[:, :2],
    "KC": lambda bars: ta.kc(bars.high, bars.low, bars.close, 20, 2.0).iloc[:, [2, 1, 0]],
    "ICHIMOKU": ichimoku,
    "VWMA": lambda bars: ta.vwma(bars.close, bars.volume, 20),
}


def prepare(function: Callable[[Any], Any], job: Job) -> Callable[[], Tails]:
    bars = pd.DataFrame(vars(job.columns))

    def run() -> Tails:
        found = function(bars)
        return Tails.of([found] if found.ndim == 1 else found.to_numpy().T)

    return run


if __name__ == "__main__":
    answer({name: partial(prepare, function) for name, function in FUNCTIONS.items()})
