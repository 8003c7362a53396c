"""Statistics of the last values."""

from quantloom.indicators.talib_entries.entry import deviations, from_talib, period, share

STATISTIC = (
    from_talib(
        "AVGDEV",
        "statistic",
        timeperiod=period(14, low=2),
        description="Mean distance of the last closes from their mean.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "CORREL",
        "statistic",
        timeperiod=period(30, low=1),
        inputs=("close", "volume"),
        description="Correlation of close and volume over the period, -1 to 1.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "LINEARREG",
        "statistic",
        timeperiod=period(14, low=2),
        description="End of a straight line through the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "LINEARREG_ANGLE",
        "statistic",
        timeperiod=period(14, low=2),
        description="Angle of a straight line through the last closes, in degrees; 45 is 1 a bar.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "LINEARREG_INTERCEPT",
        "statistic",
        timeperiod=period(14, low=2),
        description="Begin of a straight line through the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "LINEARREG_SLOPE",
        "statistic",
        timeperiod=period(14, low=2),
        description="Slope of a straight line through the last closes, in price a bar.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "MAX",
        "statistic",
        timeperiod=period(30, low=2),
        description="Highest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "MIN",
        "statistic",
        timeperiod=period(30, low=2),
        description="Lowest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "MINMAX",
        "statistic",
        timeperiod=period(30, low=2),
        outputs=("lowest", "highest"),
        description="Lowest and highest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "PERCENTILE",
        "statistic",
        timeperiod=period(30, low=2),
        percentile=share(50.0, "percentile", high=100.0),
        description=(
            "The value below which a percentage of the last closes lie; 50 gives the median."
        ),
        warm_up=lambda period, **_: period - 1,
    ),
    from_talib(
        "PERCENTRANK",
        "statistic",
        timeperiod=period(100, low=2),
        description="Percentage of the closes before it, over the period, that a close is above.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "STDDEV",
        "statistic",
        timeperiod=period(5, low=2),
        nbdev=deviations(1.0),
        description="Standard deviation of the last closes as a population, times deviations.",
        warm_up=lambda period, **_: period - 1,
    ),
    from_talib(
        "SUM",
        "statistic",
        timeperiod=period(30, low=2),
        description="Sum of the last closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "TSF",
        "statistic",
        timeperiod=period(14, low=2),
        description="Where a straight line through the last closes would be one bar on.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "VAR",
        "statistic",
        timeperiod=period(5, low=1),
        description="Variance of the last closes as a population.",
        warm_up=lambda period: period - 1,
    ),
)
