"""How widely price swings."""

from quantloom.indicators.talib_entries.entry import from_talib, period

VOLATILITY = (
    from_talib(
        "ATR",
        "volatility",
        period(14, low=1),
        inputs=("high", "low", "close"),
        description="Average true range, in price, smoothed as by Wilder.",
        warm_up=lambda period: period,
    ),
)
