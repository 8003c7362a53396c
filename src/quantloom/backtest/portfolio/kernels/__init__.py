"""The compiled core of the portfolio engine: weights to orders, orders to fills, all in floats."""

from quantloom.backtest.portfolio.kernels.matching import Costs, Grid, Market
from quantloom.backtest.portfolio.kernels.rebalancing import Journal, follow_weights
from quantloom.backtest.portfolio.kernels.trips import match_trips

__all__ = ["Costs", "Grid", "Journal", "Market", "follow_weights", "match_trips"]
