"""Days of crypto: makers, takers, funding, liquidation, contracts in coin, worked out by hand."""

from decimal import Decimal

from quantloom.market.rulebook import RuleBook, rule_book
from quantloom.strategy import Context
from tests.scenarios.market import Rows, bars_at, buy, trade

D = Decimal
BTC = "BTC-USDT-PERP.BINANCE"


def hours(*closes: float | tuple[float, float, float, float], start: int = 0) -> Rows:
    """One bar an hour from midnight of 2024-03-01 on, UTC."""
    return {f"2024-03-01 {start + hour:02d}:00": row for hour, row in enumerate(closes)}


def with_rebate() -> RuleBook:
    """The book with a venue that pays makers 0.01 %."""
    return rule_book().overlay(
        "mine",
        f"""
        venues = ["BINANCE"]
        currency = "USDT"
        [[maker_taker]]
        of = ["{BTC}"]
        from = 2024-01-01
        source = "default"
        maker = -0.0001
        taker = 0.0005
        """,
    )


# Makers and takers


def test_a_maker_is_paid_its_rebate() -> None:
    bars = bars_at(BTC, hours(60_000, (60_000, 60_100, 59_900, 60_000), 60_000), zone="UTC")

    result = trade(bars, {0: buy(BTC, 1, price=59_950)}, cash=100_000, rules=with_rebate())

    # The limit lay under the open and the market came to it: 0.01 % of 59,950 is paid to it.
    assert result.fills["commission"].tolist() == [D("-5.995")]
    assert result.final_cash == 100_000 + D("5.995")


def test_a_limit_order_that_the_open_reaches_takes_unless_it_has_rested() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, 60_000, 59_000), zone="UTC")

    def script(ctx: Context) -> None:
        ctx.buy(BTC, 1, price=60_500)
        ctx.buy(BTC, 1, price=59_500)

    result = trade(bars, {0: script}, cash=200_000)

    # The first crosses as it arrives: 0.05 % of 60,000. The second has rested for two bars when
    # the open falls to 59,000: 0.02 % of that.
    assert result.fills["commission"].tolist() == [D(30), D("11.8")]


def test_traded_money_of_thirty_days_opens_a_better_tier() -> None:
    days = ["01 00", "01 01", "01 02", "02 00", "02 01", "31 00", "31 01"]
    rows: Rows = {f"2024-03-{day}:00": 60_000.0 for day in days} | {"2024-04-01 00:00": 60_000.0}

    def twice(ctx: Context) -> None:
        ctx.buy(BTC, 66)
        ctx.sell(BTC, 66)

    def on_each_day(ctx: Context) -> None:
        ctx.buy(BTC, 1)

    script = {0: twice, 1: twice, 2: on_each_day, 5: on_each_day, 6: on_each_day}
    result = trade(bars_at(BTC, rows, zone="UTC"), script, cash=10_000_000)

    # Four times 66 coins at 60,000 are 15.84 million on the first, above the 15 million of tier 1,
    # which asks takers for 0.04 % in place of 0.05 %: not on that day, and not 31 days later.
    fees = result.fills["commission"].tolist()
    assert fees[:4] == [D(1_980)] * 4
    assert fees[4:] == [D(24), D(24), D(30)]
    assert result.rules is not None
    assert f"maker_taker of {BTC}" in result.rules.assumed
