"""Averages, bands and stops that are drawn over the price."""

from math import isqrt

from quantloom.indicators.parameters import IndicatorParameter
from quantloom.indicators.talib_entries.entry import (
    deviations,
    from_talib,
    period,
    share,
)

OVERLAP = (
    from_talib(
        "ACCBANDS",
        "overlap",
        timeperiod=period(20, low=2),
        inputs=("high", "low", "close"),
        outputs=("upper", "middle", "lower"),
        description=(
            "Acceleration bands: averages of highs and lows, each widened by the range, around "
            "one of closes."
        ),
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "BBANDS",
        "overlap",
        timeperiod=period(20, low=2),
        nbdevup=deviations(2.0, "deviations_up"),
        nbdevdn=deviations(2.0, "deviations_down"),
        outputs=("upper", "middle", "lower"),
        description="Bollinger bands: a simple moving average and standard deviations around it.",
        warm_up=lambda period, **_: period - 1,
    ),
    from_talib(
        "DEMA",
        "overlap",
        timeperiod=period(30, low=1),
        description=(
            "Double exponential average: twice the average, less the average of the average."
        ),
        warm_up=lambda period: 2 * (period - 1),
    ),
    from_talib(
        "DONCHIAN",
        "overlap",
        timeperiod=period(20, low=2),
        inputs=("high", "low"),
        outputs=("upper", "middle", "lower"),
        description=(
            "Donchian channel: highest high, the middle of the two, and lowest low of the last "
            "bars."
        ),
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "EMA",
        "overlap",
        timeperiod=period(30, low=1),
        description="Exponential moving average, started from a simple one.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "HMA",
        "overlap",
        timeperiod=period(20, low=1),
        description=(
            "Hull moving average: weighted averages of two lengths, combined to lag little."
        ),
        warm_up=lambda period: period + isqrt(period) - 2,
    ),
    from_talib(
        "HT_TRENDLINE",
        "overlap",
        description="Ehlers' instantaneous trend line, by the Hilbert transform.",
        warm_up=lambda: 63,
    ),
    from_talib(
        "KAMA",
        "overlap",
        timeperiod=period(30, low=1),
        description="Kaufman's adaptive average: quick in a trend, slow in noise.",
        warm_up=lambda period: period if period > 1 else 0,
    ),
    from_talib(
        "KC",
        "overlap",
        timeperiod=period(20, low=2),
        atrperiod=period(10, low=1, name="atr_period"),
        nbdev=deviations(2.0, "ranges"),
        inputs=("high", "low", "close"),
        outputs=("upper", "middle", "lower"),
        description="Keltner channel: average of the typical price, and true ranges around it.",
        warm_up=lambda period, atr_period, **_: max(period - 1, atr_period),
    ),
    from_talib(
        "MAMA",
        "overlap",
        fastlimit=share(0.5, "fast_limit", low=0.01, high=0.99),
        slowlimit=share(0.05, "slow_limit", low=0.01, high=0.99),
        outputs=("mama", "fama"),
        description="Ehlers' MESA adaptive average, and the following average that it crosses.",
        warm_up=lambda **_: 32,
    ),
    from_talib(
        "MIDPOINT",
        "overlap",
        timeperiod=period(14, low=2),
        description="Middle between the highest and the lowest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "MIDPRICE",
        "overlap",
        timeperiod=period(14, low=2),
        inputs=("high", "low"),
        description="Middle between the highest high and the lowest low of the last bars.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "RMA",
        "overlap",
        timeperiod=period(30, low=1),
        description=(
            "Wilder's moving average: exponential, each bar weighing one part of the period."
        ),
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "SAR",
        "overlap",
        acceleration=share(0.02, "acceleration"),
        maximum=share(0.2, "maximum"),
        inputs=("high", "low"),
        description="Wilder's parabolic stop and reverse.",
        warm_up=lambda **_: 1,
    ),
    from_talib(
        "SAREXT",
        "overlap",
        startvalue=IndicatorParameter("start", float, 0.0, -1e9, 1e9),
        offsetonreverse=share(0.0, "offset_on_reverse"),
        accelerationinitlong=share(0.02, "first_long"),
        accelerationlong=share(0.02, "acceleration_long"),
        accelerationmaxlong=share(0.2, "maximum_long"),
        accelerationinitshort=share(0.02, "first_short"),
        accelerationshort=share(0.02, "acceleration_short"),
        accelerationmaxshort=share(0.2, "maximum_short"),
        inputs=("high", "low"),
        description=(
            "Parabolic stop and reverse with settings for each side; below zero while it is "
            "short. A start above zero begins long from that price, below zero short, zero by "
            "the first two bars."
        ),
        warm_up=lambda **_: 1,
    ),
    from_talib(
        "SMA",
        "overlap",
        timeperiod=period(30, low=1),
        description="Simple moving average: the mean of the last closes, kept as a running sum.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "SUPERTREND",
        "overlap",
        timeperiod=period(10, low=2),
        multiplier=deviations(3.0, "ranges"),
        inputs=("high", "low", "close"),
        outputs=("stop", "trend"),
        description=(
            "Supertrend: a stop some average true ranges from the middle, and its side: 1 long, "
            "-1 short."
        ),
        warm_up=lambda period, **_: period,
    ),
    from_talib(
        "T3",
        "overlap",
        timeperiod=period(5, low=1),
        vfactor=share(0.7, "volume_factor"),
        description="Tillson's T3: six exponential averages in a row, weighed against each other.",
        warm_up=lambda period, **_: 6 * (period - 1),
    ),
    from_talib(
        "TEMA",
        "overlap",
        timeperiod=period(30, low=1),
        description="Triple exponential average: lags less than the double one.",
        warm_up=lambda period: 3 * (period - 1),
    ),
    from_talib(
        "TRIMA",
        "overlap",
        timeperiod=period(30, low=1),
        description="Triangular moving average: weighs the middle of the period most.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "WMA",
        "overlap",
        timeperiod=period(30, low=1),
        description="Moving average with weights that fall evenly from the newest close.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "ZLEMA",
        "overlap",
        timeperiod=period(30, low=1),
        description=(
            "Zero-lag exponential average: of closes moved on by what they changed over half a "
            "period."
        ),
        warm_up=lambda period: period - 1 + (period - 1) // 2,
    ),
)
