"""How much prices move."""

from quantloom.indicators.compiled_entries.entry import (
    OHLC,
    bars_per_year,
    from_kernel,
    number,
    period,
)

VOLATILITY = (
    from_kernel(
        "BANDWIDTH",
        "bands.bandwidth",
        "volatility",
        period(20, low=2),
        number("deviations", 2.0, low=0.0, high=100.0),
        description="Width of Bollinger's bands as a ratio of their middle: 0.1 is 10 %.",
        source="John Bollinger, Bollinger on Bollinger Bands (2001); as Stock.Indicators",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "DRAWDOWN",
        "volatility.drawdown",
        "volatility",
        period(252, low=1),
        description=(
            "How far the close is below the highest one of the period, as a ratio: 0.1 is 10 %."
        ),
        source="convention",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "EWMA_VOLATILITY",
        "volatility.ewma_volatility",
        "volatility",
        number("decay", 0.94, low=0.0, high=0.9999),
        bars_per_year(),
        description=(
            "Root of the exponential average of squared log returns, a year, as a ratio; it starts "
            "at the first return."
        ),
        source="J. P. Morgan, RiskMetrics Technical Document (1996)",
        warm_up=lambda **_: 1,
    ),
    from_kernel(
        "GARMAN_KLASS",
        "volatility.garman_klass",
        "volatility",
        period(20, low=1),
        bars_per_year(),
        inputs=OHLC,
        description=(
            "Volatility a year, as a ratio, from the four prices of each bar; gaps between bars "
            "are left out."
        ),
        source="Garman and Klass, Journal of Business 53 (1980)",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "HISTORICAL_VOLATILITY",
        "volatility.historical_volatility",
        "volatility",
        period(20, low=2),
        bars_per_year(),
        description=(
            "Standard deviation of a sample of log returns from close to close, a year, as a "
            "ratio: 0.2 is 20 %."
        ),
        source="convention",
        warm_up=lambda period, **_: period,
    ),
    from_kernel(
        "PARKINSON",
        "volatility.parkinson",
        "volatility",
        period(20, low=1),
        bars_per_year(),
        inputs=("high", "low"),
        description="Volatility a year, as a ratio, from highs and lows; gaps are left out.",
        source="Michael Parkinson, Journal of Business 53 (1980)",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "PERCENT_B",
        "bands.percent_b",
        "volatility",
        period(20, low=2),
        number("deviations", 2.0, low=0.01, high=100.0),
        description=(
            "Where the close lies in Bollinger's bands: 0 at the lower one, 1 at the upper one, "
            "0.5 where they have no width."
        ),
        source="John Bollinger, Bollinger on Bollinger Bands (2001); as Stock.Indicators",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "ROGERS_SATCHELL",
        "volatility.rogers_satchell",
        "volatility",
        period(20, low=1),
        bars_per_year(),
        inputs=OHLC,
        description=(
            "Volatility a year, as a ratio, from the four prices of each bar, right in a trend "
            "too; gaps are left out."
        ),
        source="Rogers and Satchell, Annals of Applied Probability 1 (1991)",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "ULCER",
        "volatility.ulcer",
        "volatility",
        period(14, low=1),
        description=(
            "Root of the mean square of how far closes were below the highest one of the period "
            "before each, in percent."
        ),
        source=(
            "Martin and McCann, The Investor's Guide to Fidelity Funds (1989), as StockCharts "
            "computes it; Stock.Indicators looks for highs in the last period alone"
        ),
        warm_up=lambda period: 2 * (period - 1),
    ),
    from_kernel(
        "YANG_ZHANG",
        "volatility.yang_zhang",
        "volatility",
        period(20, low=2),
        bars_per_year(),
        inputs=OHLC,
        description=(
            "Volatility a year, as a ratio, from the four prices of each bar and the gaps between "
            "bars."
        ),
        source="Yang and Zhang, Journal of Business 73 (2000)",
        warm_up=lambda period, **_: period,
    ),
)
