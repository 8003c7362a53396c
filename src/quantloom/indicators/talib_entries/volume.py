"""What volume says about the moves of price."""

from quantloom.indicators.talib_entries.entry import average, from_talib, period

VOLUME = (
    from_talib(
        "AD",
        "volume",
        inputs=("high", "low", "close", "volume"),
        description="Chaikin's accumulation and distribution line, from the first bar on.",
        warm_up=lambda: 0,
    ),
    from_talib(
        "ADOSC",
        "volume",
        fastperiod=period(3, low=2, name="fast"),
        slowperiod=period(10, low=2, name="slow"),
        inputs=("high", "low", "close", "volume"),
        description=(
            "Chaikin's oscillator: fast less slow exponential average of the accumulation line."
        ),
        warm_up=lambda fast, slow, **_: max(fast, slow) - 1,
    ),
    from_talib(
        "CMF",
        "volume",
        timeperiod=period(20, low=2),
        inputs=("high", "low", "close", "volume"),
        description="Chaikin's money flow: accumulation over the period as a share of the volume.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "EFI",
        "volume",
        timeperiod=period(13, low=1),
        inputs=("close", "volume"),
        description="Elder's force: change of the close times volume, smoothed exponentially.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "MARKETFI",
        "volume",
        inputs=("high", "low", "volume"),
        description="Market facilitation: range of the bar over its volume.",
        warm_up=lambda: 0,
    ),
    from_talib(
        "NVI",
        "volume",
        inputs=("close", "volume"),
        description=(
            "Negative volume index: gathers changes of price on falling volume, from 1000."
        ),
        warm_up=lambda: 0,
    ),
    from_talib(
        "OBV",
        "volume",
        inputs=("close", "volume"),
        description=(
            "On-balance volume: adds the volume of rising bars and takes away that of falling ones."
        ),
        warm_up=lambda: 0,
    ),
    from_talib(
        "PVI",
        "volume",
        inputs=("close", "volume"),
        description="Positive volume index: gathers changes of price on rising volume, from 1000.",
        warm_up=lambda: 0,
    ),
    from_talib(
        "PVO",
        "volume",
        fastperiod=period(12, low=2, name="fast"),
        slowperiod=period(26, low=2, name="slow"),
        matype=average(1),
        inputs=("volume",),
        description=(
            "Fast less slow average of volume, in percent of the slow one; the longer of fast "
            "and slow is the slow one."
        ),
        warm_up=lambda fast, slow, **_: max(fast, slow) - 1,
    ),
    from_talib(
        "PVT",
        "volume",
        inputs=("close", "volume"),
        description="Price volume trend: gathers volume times the relative change of price.",
        warm_up=lambda: 0,
    ),
)
