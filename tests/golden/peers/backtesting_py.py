# mypy: disable-error-code="import-not-found, misc"
"""backtesting.py's side of docs/how-to/coming-from-backtesting-py.md; runs in its own environment.

`python -m tests.golden.peer_runs` calls it with the name of a case and a CSV file.
"""

import json
import sys
import warnings
from importlib.metadata import version
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover
from backtesting.test import SMA


class SmaCross(Strategy):
    """The strategy of its quick start guide."""

    n1 = 10
    n2 = 20

    def init(self) -> None:
        self.sma1 = self.I(SMA, self.data.Close, self.n1)
        self.sma2 = self.I(SMA, self.data.Close, self.n2)

    def next(self) -> None:
        if crossover(self.sma1, self.sma2):
            self.position.close()
            self.buy()
        elif crossover(self.sma2, self.sma1):
            self.position.close()
            self.sell()


class Bracket(Strategy):
    """The same signal, ten shares, and a stop and a target on each entry."""

    n1 = 10
    n2 = 20

    def init(self) -> None:
        self.sma1 = self.I(SMA, self.data.Close, self.n1)
        self.sma2 = self.I(SMA, self.data.Close, self.n2)

    def next(self) -> None:
        if not self.position and crossover(self.sma1, self.sma2):
            close = float(self.data.Close[-1])
            self.buy(size=10, sl=round(close * 0.98, 2), tp=round(close * 1.02, 2))


STRATEGIES = {"sma-cross": SmaCross, "bracket": Bracket}


def run(name: str, path: str) -> dict[str, Any]:
    frame = pd.read_csv(path, index_col=0, parse_dates=True)
    frame.columns = [column.capitalize() for column in frame.columns]
    test = Backtest(frame, STRATEGIES[name], cash=10_000, commission=0.002)
    stats = test.run()
    trades = stats["_trades"]
    still_open = stats["_strategy"].trades
    return {
        "made_by": f"backtesting {version('backtesting')}",
        "trades": [
            [
                int(row.Size),
                int(row.EntryBar),
                int(row.ExitBar),
                float(row.EntryPrice),
                float(row.ExitPrice),
            ]
            for row in trades.sort_values("EntryBar").itertuples()
        ],
        "open_trades": [[int(one.size), int(one.entry_bar)] for one in still_open],
        "final_equity": float(stats["Equity Final [$]"]),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump(run(*sys.argv[1:]), sys.stdout)
