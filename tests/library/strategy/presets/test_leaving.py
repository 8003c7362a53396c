"""`leave` can be asked for on every bar."""

from quantloom.market import Bar
from quantloom.strategy import Context, Strategy
from quantloom.strategy.presets import leave
from tests.library.strategy.presets.cases import run


class Leaver(Strategy):
    """Buys on the tenth bar and wants out on every bar from the twelfth on."""

    side = "buy"

    def initialize(self, ctx: Context) -> None:
        self.count = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.count += 1
        if self.count == 10:
            (ctx.buy if self.side == "buy" else ctx.short)(bar.symbol, 1_000_000)
        if self.count >= 12:
            leave(ctx, bar.symbol)


class ShortLeaver(Leaver):
    side = "sell"


def test_one_order_closes_however_often_it_is_asked_for() -> None:
    result = run(Leaver, "SPY.ARCA", cash=10**9, participation=0.001)

    assert result.orders["side"].tolist() == ["buy", "sell"]
    assert result.orders["status"].tolist() == ["cancelled", "filled"]
    assert len(result.fills) > 3
    assert result.equity["quantity"].min() == 0 == result.equity["quantity"][-1]


def test_it_covers_what_is_short() -> None:
    result = run(ShortLeaver, "SPY.ARCA", cash=10**9, participation=0.001)

    assert result.orders["side"].tolist() == ["sell", "buy"]
    assert result.equity["quantity"].max() == 0 == result.equity["quantity"][-1]


def test_with_a_latency_it_never_goes_past_flat() -> None:
    result = run(Leaver, "SPY.ARCA", cash=10**9, participation=0.001, latency=3)

    assert result.equity["quantity"].min() == 0
    assert result.equity["quantity"].max() > 0 == result.equity["quantity"][-1]
