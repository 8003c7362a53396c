"""A strategy reads the features of a dataset as columns of its bars."""

import numpy as np

from quantloom.backtest import backtest
from quantloom.market import Bar, Bars
from quantloom.strategy import Context, Signals, Strategy
from tests.library.data.recipes.builders import RETURNS, SPLIT, make_dataset, step


class FollowsAFeature(Strategy):
    """Long after a rise, out after a fall."""

    def generate_signals(self, bars: Bars) -> Signals:
        scaled = bars.extras["return_3"]
        return Signals(entries=scaled > 0.5, exits=scaled < -0.5)


def test_bars_of_a_dataset_run_in_a_backtest() -> None:
    dataset = make_dataset(
        RETURNS,
        step("forward_return", bars=4),
        SPLIT,
        step("normalise", method="zscore"),
    )
    bars = dataset.bars("AA.LOCAL", "test")

    result = backtest(FollowsAFeature, bars, trials=False)

    assert len(result.fills) > 0
    assert bars.ts[0] >= dataset.begins["test"]
    assert "forward_return_4" not in bars.extras


class ReadsALine(Strategy):
    """The same bar by bar."""

    def initialize(self, ctx: Context) -> None:
        self.scaled = ctx.line("return_3")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.scaled[-1] > 0.5:
            ctx.target_quantity(bar.symbol, 1)
        elif self.scaled[-1] < -0.5:
            ctx.close(bar.symbol)


def test_a_strategy_reads_a_feature_bar_by_bar() -> None:
    dataset = make_dataset(RETURNS, SPLIT, step("normalise", method="zscore"))

    result = backtest(ReadsALine, dataset.bars("AA.LOCAL", "test"), trials=False)

    assert len(result.fills) > 0


def test_parts_of_bars_make_all_of_them() -> None:
    dataset = make_dataset(RETURNS, step("forward_return", bars=4), SPLIT)

    for symbol in dataset.symbols:
        parts = [dataset.bars(symbol, part) for part in dataset.parts]
        whole = dataset.bars(symbol)
        assert np.concatenate([one.ts for one in parts]).tolist() == whole.ts.tolist()
        returns = dataset.features["return_1"][dataset.rows_of(symbol)]
        assert whole.extras["return_1"].tobytes() == returns.tobytes()
