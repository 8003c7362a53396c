"""What a sweep measures."""

METRICS = (
    *("final_equity", "net_profit", "trading_days", "total_return", "annual_return"),
    *("annual_volatility", "sharpe_ratio", "sharpe_error", "probabilistic_sharpe_ratio"),
    *("sortino_ratio", "calmar_ratio", "max_drawdown_ratio", "recovery_factor"),
    *("skewness", "kurtosis", "best_day_ratio", "worst_day_ratio"),
    *("exposure_ratio", "turnover_ratio", "round_trip_count", "win_rate", "profit_factor"),
    *("payoff_ratio", "average_win", "average_loss", "expectancy", "commission", "slippage"),
)
"""What a sweep measures of each set, under the names of `Summary`."""
