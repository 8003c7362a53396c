"""How widely price swings."""

from quantloom.indicators.talib_entries.entry import from_talib, period

VOLATILITY = (
    from_talib(
        "ADR",
        "volatility",
        timeperiod=period(14, low=1),
        inputs=("high", "low"),
        description="Average range: the mean of high less low, gaps left out.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "ATR",
        "volatility",
        timeperiod=period(14, low=1),
        inputs=("high", "low", "close"),
        description="Average true range, in price, smoothed as by Wilder.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "CVI",
        "volatility",
        timeperiod=period(10, low=2),
        rocperiod=period(10, low=1, name="change_period"),
        inputs=("high", "low"),
        description=(
            "Chaikin's volatility: change of the average range over some bars, in percent."
        ),
        warm_up=lambda period, change_period: period + change_period - 1,
    ),
    from_talib(
        "MASSI",
        "volatility",
        fastperiod=period(9, low=2, name="fast"),
        slowperiod=period(25, low=2, name="sum_period"),
        inputs=("high", "low"),
        description=(
            "Mass index: the range over its smoothed self, summed; high where ranges widen."
        ),
        warm_up=lambda fast, sum_period: 2 * (fast - 1) + sum_period - 1,
    ),
    from_talib(
        "NATR",
        "volatility",
        timeperiod=period(14, low=1),
        inputs=("high", "low", "close"),
        description="Average true range in percent of the close.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "RVI",
        "volatility",
        timeperiod=period(14, low=1),
        stddevperiod=period(10, low=2, name="deviation_period"),
        description=(
            "Relative volatility, 0 to 100: share of the deviation that falls on rising closes."
        ),
        warm_up=lambda period, deviation_period: period + deviation_period - 2,
    ),
    from_talib(
        "TRANGE",
        "volatility",
        inputs=("high", "low", "close"),
        description="True range: the range of the bar, with the gap from the close before.",
        warm_up=lambda: 1,
    ),
)
