"""What volume says about a move; without any volume, NaN."""

from quantloom.indicators.compiled_entries.entry import (
    OHLC,
    PRICES,
    from_kernel,
    number,
    period,
)

VOLUME = (
    from_kernel(
        "AMIHUD",
        "volume.amihud",
        "volume",
        period(20, low=1),
        inputs=("close", "volume"),
        description=(
            "Illiquidity: the mean of what a million of price times volume moves the price, as a "
            "ratio; a bar without volume counts as 0."
        ),
        source="Yakov Amihud, Journal of Financial Markets 5 (2002)",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "EOM",
        "volume.eom",
        "volume",
        period(14, low=1),
        number("divisor", 1e8, low=1.0, high=1e12),
        inputs=("high", "low", "volume"),
        description=(
            "Ease of movement: the move of the middle price times the range, over the volume in "
            "units of the divisor, averaged; a bar without volume counts as 0."
        ),
        source="Richard W. Arms, Volume Cycles in the Stock Market (1983)",
        warm_up=lambda period, **_: period,
    ),
    from_kernel(
        "KVO",
        "volume.kvo",
        "volume",
        period(34, low=1, name="fast"),
        period(55, low=1, name="slow"),
        period(13, low=1, name="signal"),
        inputs=(*PRICES, "volume"),
        outputs=("value", "signal"),
        description=(
            "Klinger's oscillator: fast less slow average of volume with the sign of the trend, "
            "times 100, and its own average."
        ),
        source="Stephen Klinger, Stocks & Commodities 15 (1997); numbers of Stock.Indicators",
        warm_up=lambda fast, slow, signal: max(fast, slow) + signal,
    ),
    from_kernel(
        "RVOL",
        "volume.rvol",
        "volume",
        period(20, low=1),
        inputs=("volume",),
        description=(
            "Relative volume: of this bar, over the mean of the bars before it; 0 where those had "
            "none."
        ),
        source="convention",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "VR",
        "volume.vr",
        "volume",
        period(26, low=1),
        inputs=("close", "volume"),
        description=(
            "Volume of rising bars in percent of that of falling ones, half of what did not move "
            "counted with each; 100 where nothing fell."
        ),
        source="convention of Chinese terminals",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "VROC",
        "volume.vroc",
        "volume",
        period(14, low=1),
        inputs=("volume",),
        description="Rate of change of volume over the period, in percent; 0 after no volume.",
        source="convention; the formula of TA-Lib's ROC",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "WVAD",
        "volume.wvad",
        "volume",
        period(24, low=1),
        inputs=(*OHLC, "volume"),
        description=(
            "Volume of the period, each bar's times how much of its range it kept: from all, "
            "closing at the high after opening at the low, to less all."
        ),
        source="Larry Williams, The Secret of Selecting Stocks (1972), summed as in China",
        warm_up=lambda period: period - 1,
    ),
)
