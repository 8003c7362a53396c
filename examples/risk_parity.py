"""Each month every instrument carries the same share of the portfolio's risk.

Run it with `quantloom backtest run examples/risk_parity.py --data A.csv --data B.csv`.
"""

import numpy as np

from quantloom.kit import FloatArray
from quantloom.performance import risk_parity, shrunk_covariance
from quantloom.strategy import Panel, Parameter, Strategy, Weights


class RiskParity(Strategy):
    """Equal shares of risk among what has a full window of returns, looked over once a month."""

    window: int = Parameter(120, low=20, high=2000, description="bars of the estimate")
    invested: float = Parameter(0.98, low=0.05, high=5.0, description="notional over equity")

    def generate_weights(self, panel: Panel) -> Weights:
        return panel.decide(panel.monthly("last"), self.choose)

    def choose(self, past: Panel) -> FloatArray | None:
        returns = past.returns[-self.window :]
        known = np.isfinite(returns).all(axis=0)
        if len(returns) < self.window or not known.any():
            return None
        weights = np.zeros(len(past.symbols))
        weights[known] = self.invested * risk_parity(shrunk_covariance(returns[:, known]))
        return weights
