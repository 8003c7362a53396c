"""Statistics of the last closes and returns."""

from quantloom.indicators.compiled_entries.entry import bars_per_year, from_kernel, period

STATISTIC = (
    from_kernel(
        "AUTOCORRELATION",
        "statistics.autocorrelation",
        "statistic",
        period(20, low=2),
        period(1, low=1, name="lag"),
        description=(
            "Correlation, -1 to 1, of log returns with those `lag` bars before; 0 where prices "
            "stand still."
        ),
        source="Karl Pearson's coefficient",
        warm_up=lambda period, lag: period + lag,
    ),
    from_kernel(
        "KURTOSIS",
        "statistics.kurtosis",
        "statistic",
        period(20, low=4),
        description=(
            "How heavy the tails of the last closes are, 0 being normal, as a sample; 0 for flat "
            "ones."
        ),
        source="numbers of pandas' rolling kurt",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "LOG_RETURN",
        "statistics.log_return",
        "statistic",
        period(1, low=1),
        description="Logarithm of the close over the one a period before.",
        source="convention",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "R_SQUARED",
        "statistics.r_squared",
        "statistic",
        period(20, low=2),
        description=(
            "How much of the moves of the last closes a straight line explains, 0 to 1; 0 for flat "
            "ones."
        ),
        source="convention; numbers of Stock.Indicators",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "SHARPE",
        "statistics.sharpe",
        "statistic",
        period(60, low=2),
        bars_per_year(),
        description=(
            "Mean of the last returns over their standard deviation as a sample, a year; 0 where "
            "they do not differ."
        ),
        source="William F. Sharpe, Journal of Portfolio Management 21 (1994)",
        warm_up=lambda period, **_: period,
    ),
    from_kernel(
        "SKEW",
        "statistics.skew",
        "statistic",
        period(20, low=3),
        description=(
            "How the last closes lean, as a sample: above 0 where a few are far above; 0 for flat "
            "ones."
        ),
        source="numbers of pandas' rolling skew",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "SORTINO",
        "statistics.sortino",
        "statistic",
        period(60, low=1),
        bars_per_year(),
        description=(
            "Mean of the last returns over the root of the mean square of the falls, a year; 0 "
            "where nothing fell."
        ),
        source="Sortino and Price, Journal of Investing 3 (1994), with a target of 0",
        warm_up=lambda period, **_: period,
    ),
    from_kernel(
        "ZSCORE",
        "statistics.zscore",
        "statistic",
        period(20, low=2),
        description=(
            "How far the close is from the mean of the last ones, in their standard deviations as "
            "a population; 0 for flat ones."
        ),
        source="convention; numbers of Stock.Indicators",
        warm_up=lambda period: period - 1,
    ),
)
