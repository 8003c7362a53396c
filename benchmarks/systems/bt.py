# mypy: disable-error-code="import-not-found, misc"
"""bt, which knows one price a day and trades at it.

For fills at the open it is given the opens as prices, and the closes beside them to choose by; on
the last day, when nothing is traded, the close, which the account is worth at the end.
"""

from collections.abc import Callable
from typing import Any

import bt
import pandas as pd

from benchmarks.systems.job import Job, Outcome, answer


class SelectRisen(bt.Algo):
    """Chooses the instruments whose closes rose most until the day before."""

    def __init__(self, count: int, lookback: int) -> None:
        super().__init__()
        self.count, self.lookback = count, lookback

    def __call__(self, target: Any) -> bool:
        closes = target.get_data("closes").loc[: target.now].iloc[:-1]
        if len(closes) <= self.lookback:
            return False
        rises = closes.iloc[-1] / closes.iloc[-1 - self.lookback] - 1.0
        ranked = rises.sort_values(ascending=False, kind="stable")
        target.temp["selected"] = list(ranked.index[: self.count])
        target.temp["closes"] = closes.iloc[-1]
        return True


class HoldStakes(bt.Algo):
    """Trades to as many whole pieces of each as the stake pays at the close."""

    def __init__(self, stake: int) -> None:
        super().__init__()
        self.stake = stake

    def __call__(self, target: Any) -> bool:
        chosen, closes = target.temp["selected"], target.temp["closes"]
        wanted = {name: float(self.stake // closes[name]) for name in chosen}
        held = {name: child.position for name, child in target.children.items() if child.position}
        for name in {**held, **wanted}:
            traded = wanted.get(name, 0.0) - held.get(name, 0.0)
            if traded:
                target.transact(traded, child=name)
        return True


def prepare(job: Job) -> Callable[[], Outcome]:
    index = pd.DatetimeIndex(job.columns.ts)
    names = [f"N{place:03}" for place in range(job.columns.close.shape[1])]
    closes = pd.DataFrame(job.columns.close, index=index, columns=names)
    prices = pd.DataFrame(job.columns.open, index=index, columns=names)
    prices.iloc[-1] = closes.iloc[-1]
    rules = {name: int(value) for name, value in job.parameters.items()}

    def run() -> Outcome:
        # A month's first close is known on its second day, whose open is the next price.
        seconds = index[1:][(index.month[:-1] != index.month[1:]).nonzero()[0] + 1]
        strategy = bt.Strategy(
            "rotation",
            [
                bt.algos.RunOnDate(*seconds),
                SelectRisen(rules["count"], rules["lookback"]),
                HoldStakes(rules["stake"]),
            ],
        )
        test = bt.Backtest(
            strategy,
            prices,
            initial_capital=job.cash,
            commissions=lambda quantity, price: abs(quantity) * price * job.commission,
            additional_data={"closes": closes},
            progress_bar=False,
        )
        bt.run(test)
        ended = test.strategy
        fills = ended.get_transactions()
        return Outcome(
            trades=len(fills),
            open_trades=sum(bool(child.position) for child in ended.children.values()),
            final_equity=float(ended.value),
        )

    return run


if __name__ == "__main__":
    answer({"rotation": prepare})
