"""The commented file that `quantloom strategy new` writes, and the test beside it."""

import keyword
import re
import sys
from importlib.metadata import packages_distributions

from quantloom.errors import Conflict, Invalid

_STRATEGY = '''"""{title}: describe here in a sentence when it buys and when it leaves."""

from quantloom import Bar, Context, Parameter, Strategy, crossed_above, crossed_below


class {name}(Strategy):
    """Long while the close is above its average, flat while it is below."""

    # Parameters can be set by --param period=50 and have bounds, so an optimiser can read them.
    period: int = Parameter(20, low=2, high=400, description="bars of the average")

    def initialize(self, ctx: Context) -> None:
        """Called once, before the first bar: ask for indicators here."""
        self.close = ctx.line("close")
        self.average = ctx.indicator("SMA", self.period)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Called after each bar has closed. Orders sent here fill from the next bar's open."""
        if crossed_above(self.close, self.average):
            # No quantity given: --size or --weight of the run decides how much.
            ctx.buy(bar.symbol)
        elif crossed_below(self.close, self.average):
            ctx.close(bar.symbol)

        # More to try here:
        #   ctx.buy(bar.symbol, 10, price=ctx.round_down(bar.close * 0.99))   a limit order
        #   ctx.sell(bar.symbol, stop=ctx.round_down(bar.close * 0.95))       a protective stop
        #   ctx.target_weight(bar.symbol, 0.5)                                half of equity
        #   ctx.position.quantity, ctx.account.equity, ctx.history(50)        what is
        #   ctx.log(f"close {{bar.close}}")                                     a line in the log
'''

_TEST = '''"""Runs {name} on made-up bars; replace the assertions by what your strategy promises."""

from quantloom.backtest import backtest
from quantloom.data import random_walk

from {module} import {name}


def test_{module}_trades_and_never_runs_out_of_cash() -> None:
    bars = random_walk(2_000, seed=7)

    result = backtest({name}, bars, weight=0.5, commission=0.001)

    assert len(result.round_trips) > 0
    assert min(result.equity["cash"]) >= 0


def test_{module}_gives_the_same_result_twice() -> None:
    bars = random_walk(500, seed=7)

    first, second = (backtest({name}, bars) for _ in range(2))

    assert first.to_bytes() == second.to_bytes()
'''


class BadStrategyName(Invalid):
    """A name that cannot be a Python module's."""

    code = "strategy.bad_name"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name!r} cannot name a strategy; use letters, digits and _, like my_strategy"


class StrategyNameTaken(Conflict):
    """A name under which Python already imports something."""

    code = "strategy.name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name} is an installed package, which the file would hide; choose another"


def starter_files(name: str) -> dict[str, str]:
    """Write a starter strategy and its test.

    Args:
        name: `my_strategy`, `my-strategy` or `MyStrategy`.
    Returns:
        File name to text: `my_strategy.py` and `test_my_strategy.py`.
    Raises:
        BadStrategyName: no Python module can be called so.
        StrategyNameTaken: a package has the name.
    """
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+", name)
    module = "_".join(word.lower() for word in words)
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name) is not None
    if module in {*sys.stdlib_module_names, *sys.modules, *packages_distributions()}:
        raise StrategyNameTaken(module)
    if not is_plain or not module.isidentifier() or keyword.iskeyword(module):
        raise BadStrategyName(name)
    class_name = "".join(word.capitalize() for word in module.split("_"))
    title = module.replace("_", " ").capitalize()
    return {
        f"{module}.py": _STRATEGY.format(title=title, name=class_name),
        f"test_{module}.py": _TEST.format(module=module, name=class_name),
    }
