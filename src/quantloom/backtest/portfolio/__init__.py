"""Many instruments at once: bars side by side, weights followed by a compiled core."""

from quantloom.backtest.portfolio.paneling import make_panel
from quantloom.backtest.portfolio.quick import Followed, NotQuick, QuickPortfolio

__all__ = ["Followed", "NotQuick", "QuickPortfolio", "make_panel"]
