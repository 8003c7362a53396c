"""Many instruments at once: bars side by side, weights followed by a compiled core."""

from quantloom.backtest.portfolio.paneling import make_panel

__all__ = ["make_panel"]
