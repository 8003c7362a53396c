"""The same spec, data and code give the same bytes; anything else shows in a hash."""

import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.data import random_walk
from quantloom.market import Bar
from quantloom.strategy import Context, Strategy

SCRIPT = """
import sys
from quantloom.backtest import backtest
from quantloom.data import random_walk
result = backtest("sma-cross", random_walk(2_000, seed=3), commission=0.001, trials=False)
assert "pandas" not in sys.modules
sys.stdout.buffer.write(result.to_bytes())
"""


class Gambling(Strategy):
    """Trades on the run's own random numbers."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.target_quantity(bar.symbol, int(ctx.random.integers(-5, 6)))


def run(strategy: type[Strategy] | str = Gambling, seed: int = 0, **given: Any) -> BacktestResult:
    bars = random_walk(given.pop("count", 300), seed=3)
    return backtest(strategy, bars, seed=seed, **given)


def test_the_same_run_gives_the_same_bytes() -> None:
    assert run().to_bytes() == run().to_bytes()


@pytest.mark.untraced
def test_processes_with_other_hash_seeds_give_the_same_bytes() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-W", "error", "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1
    assert outputs == {run("sma-cross", count=2_000, commission=0.001).to_bytes()}


def test_the_seed_makes_the_random_numbers() -> None:
    one, other = run(seed=1), run(seed=2)

    assert run(seed=1).hashes == one.hashes
    assert one.hashes.result != other.hashes.result
    assert one.hashes.spec != other.hashes.spec
    assert one.hashes.data == other.hashes.data


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"cash": 99_999}, "spec"),
        ({"commission": 0.001}, "spec"),
        ({"slippage": 1}, "spec"),
        ({"weight": 0.5}, "spec"),
        ({"count": 299}, "data"),
        ({"strategy": "bollinger"}, "code"),
    ],
)
def test_each_hash_stands_for_its_own_part(given: dict[str, Any], changed: str) -> None:
    one, other = run("sma-cross").hashes, run(**({"strategy": "sma-cross"} | given)).hashes

    assert getattr(one, changed) != getattr(other, changed)


def test_the_bytes_are_json_with_exact_numbers_as_text() -> None:
    result = run("sma-cross", commission=0.001)

    document = json.loads(result.to_bytes())

    assert Decimal(document["final_equity"]) == result.final_equity
    assert document["fills"] == len(result.fills) > 0
    assert [Decimal(price) for price in document["tables"]["fills"]["price"]] == result.fills[
        "price"
    ].tolist()
    assert document["hashes"]["result"] == result.hashes.result
    assert document["parameters"] == {"fast": 10, "slow": 30}


def test_the_summary_counts_what_the_tables_hold() -> None:
    result = run("sma-cross")

    summary = result.summary()

    assert summary["bars"] == 300
    assert summary["round_trips"] == len(result.round_trips)
    assert summary["rejected_orders"] == 0
    assert "tables" not in summary
    assert repr(result) == (
        f"<BacktestResult sma-cross on DEMO.LOCAL 1m: {len(result.round_trips)} round trips, "
        f"final equity {result.final_equity:f}>"
    )
