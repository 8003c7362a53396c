"""Averages and bands that are drawn over the price."""

from quantloom.indicators.talib_entries.entry import deviations, from_talib, period

OVERLAP = (
    from_talib(
        "SMA",
        "overlap",
        period(30, low=1),
        description="Simple moving average: the mean of the last closes, kept as a running sum.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "EMA",
        "overlap",
        period(30, low=1),
        description="Exponential moving average, started from a simple one.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "WMA",
        "overlap",
        period(30, low=1),
        description="Moving average with weights that fall evenly from the newest close.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "BBANDS",
        "overlap",
        period(20, low=2),
        deviations(2.0, "deviations_up"),
        deviations(2.0, "deviations_down"),
        outputs=("upper", "middle", "lower"),
        description="Bollinger bands: a simple moving average and standard deviations around it.",
        warm_up=lambda period, **_: period - 1,
    ),
)
