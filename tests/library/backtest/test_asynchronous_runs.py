"""An asynchronous strategy runs like any other, and trades the same."""

from collections import deque
from typing import Any

import pytest

from quantloom.backtest import StrategyFailed, backtest
from quantloom.data import demo_catalog
from quantloom.strategy import Parameter, Signal, adapt
from quantloom.trading import Order


class AsyncSmaCross:
    """The preset `sma-cross`, as one writes it against an asynchronous base class."""

    PARAMETERS = {"fast": Parameter(10, low=2), "slow": Parameter(30, low=3)}  # noqa: RUF012  as users write it

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.fast: int = parameters["fast"]
        self.slow: int = parameters["slow"]
        self.closes: deque[float] = deque(maxlen=self.slow + 1)
        self.symbol = ""
        self.is_long = False

    async def on_market_data(self, data: dict[str, Any]) -> None:
        self.symbol = data["symbol"]
        self.closes.append(data["close"])

    async def generate_signals(self) -> list[Signal]:
        if len(self.closes) <= self.slow:
            return []
        before, now = await self.spread(1), await self.spread(0)
        if before <= 0 < now and not self.is_long:
            return [Signal(self.symbol, "buy")]
        if before >= 0 > now and self.is_long:
            return [Signal(self.symbol, "sell")]
        return []

    async def spread(self, bars_ago: int) -> float:
        closes = list(self.closes)[: len(self.closes) - bars_ago]
        fast, slow = closes[-self.fast :], closes[-self.slow :]
        return sum(fast) / self.fast - sum(slow) / self.slow

    async def on_order_update(self, order: Order) -> None:
        if order.status == "filled":
            self.is_long = order.ticket.side == "buy"


@pytest.mark.parametrize("symbol", ["rb-MAIN.SHFE", "600519.SSE", "AAPL.NASDAQ"])
def test_an_asynchronous_strategy_trades_as_its_plain_twin(symbol: str) -> None:
    bars = demo_catalog().read(symbol, "1d")

    plain = backtest("sma-cross", bars, weight=0.5, commission=0.001)
    asynchronous = backtest(adapt(AsyncSmaCross), bars, weight=0.5, commission=0.001)

    assert len(plain.fills) > 20
    for name, column in plain.fills.items():
        assert asynchronous.fills[name].tolist() == column.tolist()
    assert asynchronous.metrics == plain.metrics


def test_a_failing_asynchronous_strategy_names_its_own_line() -> None:
    class Failing(AsyncSmaCross):
        async def generate_signals(self) -> list[Signal]:
            raise KeyError("rate")

    line = Failing.generate_signals.__code__.co_firstlineno + 1
    bars = demo_catalog().read("rb-MAIN.SHFE", "1d")

    with pytest.raises(StrategyFailed, match=rf"KeyError: 'rate' \(line {line}\)") as caught:
        backtest(adapt(Failing), bars)
    assert isinstance(caught.value.__cause__, KeyError)
