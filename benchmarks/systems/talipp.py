# mypy: disable-error-code="import-not-found, misc"
"""talipp, whose indicators take one bar after another, in plain Python."""

from collections.abc import Callable
from functools import partial
from typing import Any

from talipp import indicators
from talipp.ohlcv import OHLCV

from benchmarks.systems.job import CHECKED, Columns, Job, Tails, answer

STARTS: dict[str, tuple[bool, Callable[[], Any], tuple[str, ...]]] = {
    "SMA": (False, lambda: indicators.SMA(20), ()),
    "EMA": (False, lambda: indicators.EMA(20), ()),
    "RSI": (False, lambda: indicators.RSI(14), ()),
    "MACD": (False, lambda: indicators.MACD(12, 26, 9), ("macd", "signal", "histogram")),
    "BBANDS": (False, lambda: indicators.BB(20, 2.0), ("ub", "cb", "lb")),
    "ATR": (True, lambda: indicators.ATR(14), ()),
    "ADX": (True, lambda: indicators.ADX(14, 14), ("adx",)),
    "VWMA": (True, lambda: indicators.VWMA(20), ()),
}
"""Whether it reads whole bars, how it is made, and the names of its outputs, if several."""


def prepare(name: str, job: Job) -> Callable[[], Tails]:
    reads_bars, start, outputs = STARTS[name]
    values = _bars(job.columns) if reads_bars else job.columns.close.tolist()

    def run() -> Tails:
        indicator = start()
        for value in values:
            indicator.add(value)
        last = indicator[-CHECKED:]
        if not outputs:
            return Tails.of([last])
        return Tails.of([[getattr(value, output) for value in last] for output in outputs])

    return run


def _bars(columns: Columns) -> list[Any]:
    names = ("open", "high", "low", "close", "volume")
    return [
        OHLCV(*values)
        for values in zip(*(getattr(columns, name).tolist() for name in names), strict=True)
    ]


if __name__ == "__main__":
    answer({f"{name} streaming": partial(prepare, name) for name in STARTS})
