"""Statistics of the last values."""

from quantloom.indicators.talib_entries.entry import deviations, from_talib, period

STATISTIC = (
    from_talib(
        "STDDEV",
        "statistic",
        period(5, low=2),
        deviations(1.0),
        description="Standard deviation of the last closes as a population, times deviations.",
        warm_up=lambda period, **_: period - 1,
    ),
    from_talib(
        "MAX",
        "statistic",
        period(30, low=2),
        description="Highest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "MIN",
        "statistic",
        period(30, low=2),
        description="Lowest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
)
