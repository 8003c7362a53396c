# mypy: disable-error-code="import-not-found, misc"
"""ta, by pandas."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
from ta import momentum, trend, volatility

from benchmarks.systems.job import Job, Tails, answer


def macd(bars: Any) -> Sequence[Any]:
    found = trend.MACD(bars.close, window_slow=26, window_fast=12, window_sign=9)
    return found.macd(), found.macd_signal(), found.macd_diff()


def bbands(bars: Any) -> Sequence[Any]:
    found = volatility.BollingerBands(bars.close, 20, 2)
    return found.bollinger_hband(), found.bollinger_mavg(), found.bollinger_lband()


def stoch(bars: Any) -> Sequence[Any]:
    found = momentum.StochasticOscillator(bars.high, bars.low, bars.close, 14, 3)
    return found.stoch_signal(), trend.sma_indicator(found.stoch_signal(), 3)


def keltner(bars: Any) -> Sequence[Any]:
    found = volatility.KeltnerChannel(
        bars.high, bars.low, bars.close, 20, 10, original_version=False, multiplier=2
    )
    return (
        found.keltner_channel_hband(),
        found.keltner_channel_mband(),
        found.keltner_channel_lband(),
    )


def ichimoku(bars: Any) -> Sequence[Any]:
    found = trend.IchimokuIndicator(bars.high, bars.low, 9, 26, 52, visual=True)
    return (
        found.ichimoku_conversion_line(),
        found.ichimoku_base_line(),
        found.ichimoku_a(),
        found.ichimoku_b(),
    )


FUNCTIONS: dict[str, Callable[[Any], Sequence[Any]]] = {
    "SMA": lambda bars: [trend.sma_indicator(bars.close, 20)],
    "EMA": lambda bars: [trend.ema_indicator(bars.close, 20)],
    "RSI": lambda bars: [momentum.rsi(bars.close, 14)],
    "MACD": macd,
    "BBANDS": bbands,
    "ATR": lambda bars: [volatility.average_true_range(bars.high, bars.low, bars.close, 14)],
    "ADX": lambda bars: [trend.adx(bars.high, bars.low, bars.close, 14)],
    "STOCH": stoch,
    "KC": keltner,
    "ICHIMOKU": ichimoku,
}


def prepare(function: Callable[[Any], Sequence[Any]], job: Job) -> Callable[[], Tails]:
    bars = pd.DataFrame(vars(job.columns))
    return lambda: Tails.of([output.to_numpy() for output in function(bars)])


if __name__ == "__main__":
    answer({name: partial(prepare, function) for name, function in FUNCTIONS.items()})
