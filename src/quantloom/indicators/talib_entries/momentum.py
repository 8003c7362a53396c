"""How fast and how far price moves."""

from quantloom.indicators.talib_entries.entry import from_talib, period

MOMENTUM = (
    from_talib(
        "RSI",
        "momentum",
        period(14, low=2),
        description="Relative strength index, 0 to 100, smoothed as by Wilder.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "MACD",
        "momentum",
        period(12, low=2, name="fast"),
        period(26, low=2, name="slow"),
        period(9, low=1, name="signal"),
        outputs=("macd", "signal", "histogram"),
        description=(
            "Fast less slow exponential average, its own average, and the difference of the two; "
            "the longer of fast and slow is the slow one."
        ),
        warm_up=lambda fast, slow, signal: max(fast, slow) + signal - 2,
    ),
    from_talib(
        "ROC",
        "momentum",
        period(10, low=1),
        description="Rate of change over the period, in percent: 2.0 means +2 %.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "MOM",
        "momentum",
        period(10, low=1),
        description="Momentum: the change of the close over the period, in price.",
        warm_up=lambda period: period,
    ),
)
