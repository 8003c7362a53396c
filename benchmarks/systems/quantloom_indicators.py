"""Quantloom's indicators, over whole columns and bar by bar."""

from collections.abc import Callable
from functools import partial

from benchmarks.systems.job import Columns, Job, Tails, answer
from quantloom.indicators import BoundIndicator, get_indicator
from quantloom.market import Bar, Bars

BOUND = {
    name: get_indicator(name).bind(*parameters)
    for name, parameters in {
        "SMA": (20,),
        "EMA": (20,),
        "RSI": (14,),
        "MACD": (12, 26, 9),
        "BBANDS": (20, 2.0, 2.0),
        "ATR": (14,),
        "ADX": (14,),
        "STOCH": (14, 3, 3),
        "SUPERTREND": (10, 3.0),
        "KC": (20, 10, 2.0),
        "ICHIMOKU": (9, 26, 52, 26),
        "VWMA": (20,),
    }.items()
}


def prepare(bound: BoundIndicator, job: Job) -> Callable[[], Tails]:
    bars = Bars.of("WALK.LOCAL", "1m", **vars(job.columns))
    return lambda: Tails.of([*bound.compute(bars).values()])


def prepare_stream(bound: BoundIndicator, job: Job) -> Callable[[], Tails]:
    bars = _bars(job.columns)

    def run() -> Tails:
        update = bound.stream().update
        found = [update(bar) for bar in bars]
        return Tails.of([*zip(*found, strict=True)])

    return run


def _bars(columns: Columns) -> list[Bar]:
    bars = []
    for values in zip(*(column.tolist() for column in vars(columns).values()), strict=True):
        bar = Bar()
        bar.ts_ns, bar.open, bar.high, bar.low, bar.close, bar.volume = values
        bars.append(bar)
    return bars


if __name__ == "__main__":
    answer(
        {name: partial(prepare, bound) for name, bound in BOUND.items()}
        | {f"{name} streaming": partial(prepare_stream, bound) for name, bound in BOUND.items()}
    )
