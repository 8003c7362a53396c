"""Research, backtest and trade one strategy class with one engine.

```python
from quantloom.backtest import backtest

result = backtest("sma-cross", "AAPL.csv", parameters={"fast": 10, "slow": 30}, size=1)
print(result.metrics.sharpe_ratio)
```

Names load when they are first used, so that `import quantloom` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from quantloom.version import VERSION

if TYPE_CHECKING:
    from quantloom.backtest import BacktestResult, BacktestSpec, run_backtest
    from quantloom.errors import QuantloomError
    from quantloom.market import Bar, Bars, Instrument, Kind
    from quantloom.report import write_report
    from quantloom.simulation import Slippage
    from quantloom.strategy import (
        Context,
        EquityShare,
        FixedSize,
        Line,
        Parameter,
        Strategy,
        crossed_above,
        crossed_below,
        load_strategy,
    )
    from quantloom.trading import Commission, Fill, Margin, Order, Rate

__version__ = VERSION

_HOMES = {
    "backtest": ("BacktestResult", "BacktestSpec", "run_backtest"),
    "errors": ("QuantloomError",),
    "market": ("Bar", "Bars", "Instrument", "Kind"),
    "report": ("write_report",),
    "simulation": ("Slippage",),
    "strategy": (
        "Context",
        "EquityShare",
        "FixedSize",
        "Line",
        "Parameter",
        "Strategy",
        "crossed_above",
        "crossed_below",
        "load_strategy",
    ),
    "trading": ("Commission", "Fill", "Margin", "Order", "Rate"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BacktestResult",
    "BacktestSpec",
    "Bar",
    "Bars",
    "Commission",
    "Context",
    "EquityShare",
    "Fill",
    "FixedSize",
    "Instrument",
    "Kind",
    "Line",
    "Margin",
    "Order",
    "Parameter",
    "QuantloomError",
    "Rate",
    "Slippage",
    "Strategy",
    "__version__",
    "crossed_above",
    "crossed_below",
    "load_strategy",
    "run_backtest",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'quantloom' has no attribute {name!r}")
    value = getattr(import_module(f"quantloom.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
