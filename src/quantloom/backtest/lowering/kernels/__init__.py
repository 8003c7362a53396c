"""What compiled strategies call, and the loop that calls them."""

from quantloom.backtest.lowering.kernels import guards

__all__ = ["guards"]
