"""A compiled run whose logs are too short gets longer ones, and loses nothing."""

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import backtest, compiled, vectorised
from quantloom.data import random_walk
from quantloom.strategy import Signals, Strategy
from quantloom.trading import ticks
from tests.library.backtest.lowering.strategies import Turning
from tests.library.backtest.signal_cases import following

WALK = random_walk(3_000, seed=5)
# As few as a bar may fill and close, and a fiftieth of the orders that the runs send.
SHORT = 100


def signals_of_every_bar() -> type[Strategy]:
    """Enters, turns and leaves as often as it can, each entry with both ways out."""
    random = Random(3)
    enters = np.array([random.random() < 0.7 for _ in range(len(WALK))])
    given = Signals(entries=enters, exits=~enters, short_entries=~enters, short_exits=enters)
    return following(replace(given, turns=True, stop_loss=ticks(40), take_profit=ticks(90)))


@pytest.mark.parametrize(
    ("strategy", "executor"),
    [(signals_of_every_bar(), vectorised), (Turning, compiled)],
    ids=["signals", "compiled"],
)
@pytest.mark.untraced
def test_every_order_is_kept(
    strategy: type[Strategy], executor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"size": 1, "audit": False, "trials": False, "cash": 10_000_000}
    by_orders = backtest(strategy, WALK, engine="event", **given)

    monkeypatch.setattr(executor, "_ROOM", SHORT)
    result = backtest(strategy, WALK, **given)

    assert result.executor in {"vectorised", "compiled"}
    assert len(result.orders) > 6 * SHORT
    assert [*result.orders.rows()] == [*by_orders.orders.rows()]
    assert [*result.round_trips.rows()] == [*by_orders.round_trips.rows()]
