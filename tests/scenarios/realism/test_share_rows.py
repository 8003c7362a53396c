"""A-shares, row by row of `docs/reference/realism.md`; figures are worked out by hand."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from quantloom.backtest import backtest
from quantloom.market import Action, Bar, Listing
from quantloom.strategy import Context, Strategy
from tests.library.backtest.builders import Script
from tests.scenarios.market import Rows, bars_at, buy, own, sell, short, trade, without_volume

D = Decimal
SHARE, GROWTH, STAR, BEIJING = "600000.SSE", "300750.SZSE", "688981.SSE", "430047.BSE"
GOLD_FUND, FUND = "518880.SSE", "510300.SSE"
ONE_DAY = ("2024-03-04 09:30", "2024-03-04 10:30", "2024-03-04 13:00", "2024-03-04 14:00")


@pytest.mark.parametrize(("symbol", "rule"), [(SHARE, "bought_today"), (GOLD_FUND, "")])
def test_shares_wait_a_day_and_gold_funds_do_not(symbol: str, rule: str) -> None:
    bars = bars_at(symbol, dict.fromkeys(ONE_DAY, 5.0))

    result = trade(bars, {0: buy(symbol, 400), 1: sell(symbol, 400)})

    assert result.orders["rule"].tolist() == ["", rule]


def test_cash_of_a_sale_buys_again_the_same_day() -> None:
    rows = dict.fromkeys(("2024-03-01 13:00", "2024-03-01 14:00", *ONE_DAY), 10.0)
    script = {0: buy(SHARE, 1_000), 2: sell(SHARE, 1_000), 3: buy(SHARE, 900)}

    result = trade(bars_at(SHARE, rows), script, cash=10_100)

    # 94.9 are left on Friday; the sale brings 10,000 less 5, duty 5 and transfer fee 0.1.
    assert result.orders["status"].tolist() == ["filled"] * 3
    assert result.final_cash == D("94.9") + D("9989.9") - 9_000 - 5 - D("0.09")


@pytest.mark.parametrize(
    ("symbol", "days", "limit"),
    [
        # From a close of 9.97, half up to the cent.
        (SHARE, ("2024-03-04", "2024-03-05"), "10.97"),
        (GROWTH, ("2020-08-20", "2020-08-21"), "10.97"),
        (GROWTH, ("2020-08-21", "2020-08-24"), "11.96"),
        (STAR, ("2024-03-04", "2024-03-05"), "11.96"),
        (BEIJING, ("2024-03-04", "2024-03-05"), "12.96"),
    ],
)
def test_limit_by_board_and_date(symbol: str, days: tuple[str, str], limit: str) -> None:
    def fills(price: D) -> int:
        rows: Rows = {days[0]: 9.97, days[1]: float(price)}
        return len(trade(bars_at(symbol, rows, timeframe="1d"), {0: buy(symbol, 200)}).fills)

    assert [fills(D(limit)), fills(D(limit) - D("0.01"))] == [0, 1]


def test_special_treatment_and_first_days_have_limits_of_their_own() -> None:
    rows: Rows = {"2024-03-04": 8.0, "2024-03-05": 8.4, "2024-03-06": 16.0}
    bars = bars_at(SHARE, rows, timeframe="1d")
    special = Listing(symbol=SHARE, special_treatment=[(date(2024, 1, 2), None)])
    young = Listing(symbol=SHARE, listed=date(2024, 3, 1))

    def prices(listing: Listing) -> list[D]:
        script: Script = {0: buy(SHARE, 100, tif="DAY"), 1: buy(SHARE, 100, tif="DAY")}
        return [row["price"] for row in trade(bars, script, listings=[listing]).fills.rows()]

    # 8.40 is 5 % over 8.00, and 16.00 beyond every limit but that of the first five days.
    assert prices(special) == [16]
    assert prices(young) == [D("8.4"), 16]


def test_a_delisted_share_is_paid_out() -> None:
    rows = {"2024-03-06": 2.0, "2024-03-07": 1.9, "2024-03-08": 1.8}
    leaving = Listing(symbol=SHARE, delisted=date(2024, 3, 11), final_price=D("1.2"))

    result = trade(bars_at(SHARE, rows, timeframe="1d"), {0: buy(SHARE, 1_000)}, listings=[leaving])

    # 1,900 and 5.019 of costs went out, 1,200 come back.
    assert result.final_cash == 100_000 - 1_900 - D("5.019") + 1_200


# Three for ten and 2.00 in cash on the third day: (13.20 - 0.20) / 1.3 = 10.00.
SPLIT_DAYS: Rows = {
    "2024-03-04": 13.2,
    "2024-03-05": 13.2,
    "2024-03-06": 10.0,
    "2024-03-07": 10.0,
    "2024-03-25": 10.0,
}
THREE_FOR_TEN = Action(
    symbol=SHARE,
    ex_day=date(2024, 3, 6),
    pay_day=date(2024, 3, 7),
    cash=D("0.2"),
    bonus=D("0.3"),
)


def test_dividends_are_owed_then_paid_and_taxed_at_the_sale() -> None:
    bars = bars_at(SHARE, SPLIT_DAYS, timeframe="1d")
    script = {0: buy(SHARE, 1_000), 3: sell(SHARE)}

    result = trade(bars, script, actions=[THREE_FOR_TEN], commission=0)

    # 1,300 at 10.00 and 200 to come are 13,200. Sold after 20 days, 200 and a face value of 300
    # are taxed at 20 %.
    assert result.equity["equity"].tolist() == [100_000] * 4 + [99_900]
    assert result.payments["amount"].tolist() == [200, -100]


def test_what_a_strategy_looks_at_does_not_fall_on_an_ex_day() -> None:
    seen: list[list[float]] = []
    bars = bars_at(SHARE, SPLIT_DAYS, timeframe="1d")
    look = {row: lambda ctx: seen.append(ctx.history(2).close.tolist()) for row in (1, 2)}

    trade(bars, look, actions=[THREE_FOR_TEN])

    assert seen == [[13.2, 13.2], [10.0, 10.0]]


def test_a_sealed_board_fills_one_side_alone() -> None:
    # From 20.00 the lower limit is 18.00: nobody buys there but those who queue to buy.
    rows = {"2024-03-04": 20.0, "2024-03-05": 20.0, "2024-03-06": 18.0, "2024-03-07": 17.5}
    bars = bars_at(SHARE, rows, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 100), 1: [sell(SHARE, 100), buy(SHARE, 200)]})

    told = [(row["side"], row["price"]) for row in result.fills.rows()]
    assert told == [("buy", 20), ("buy", 18), ("sell", D("17.5"))]


@pytest.mark.parametrize(
    ("symbol", "quantity", "rule"),
    [
        (SHARE, 100, ""),
        (SHARE, 150, "off_lot"),
        (STAR, 199, "below_minimum"),
        (STAR, 201, ""),
        (BEIJING, 99, "below_minimum"),
        (BEIJING, 101, ""),
    ],
)
def test_lots_by_board(symbol: str, quantity: int, rule: str) -> None:
    bars = bars_at(symbol, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: buy(symbol, quantity)})

    assert result.orders["rule"].tolist() == [rule]


def test_commission_has_a_least_for_each_order_not_each_fill() -> None:
    # A thousand shares in two halves, so much of the volume being taken: 0.03 % of 10,000 are 3.
    bars = bars_at(SHARE, dict.fromkeys(ONE_DAY, 10.0))

    result = trade(bars, {0: buy(SHARE, 1_000)}, participation=500 / 1e9)

    assert result.fills["quantity"].tolist() == [500, 500]
    assert result.fills["commission"].tolist() == [5 + D("0.05"), D("0.05")]


@pytest.mark.parametrize(
    ("symbol", "day", "costs"),
    [
        # Of 100,000 sold: commission 30, duty 100 or 50, transfer fee 2 or 1.
        (SHARE, "2022-04-28", 30 + 100 + 2),
        (SHARE, "2022-04-29", 30 + 100 + 1),
        (SHARE, "2023-08-25", 30 + 100 + 1),
        (SHARE, "2023-08-28", 30 + 50 + 1),
        (FUND, "2023-08-25", 30),
    ],
)
def test_duty_and_transfer_fee_by_date(symbol: str, day: str, costs: int) -> None:
    rows = {"2022-04-25": 10.0, "2022-04-26": 10.0, day: 10.0}
    bars = bars_at(symbol, rows, timeframe="1d")

    result = trade(bars, {0: buy(symbol, 10_000), 1: sell(symbol)}, cash=200_000)

    assert result.fills["commission"].tolist()[1] == costs


def test_opening_and_closing_calls_have_orders_of_their_own() -> None:
    rows: Rows = {
        "2024-03-04 14:00": 10.0,
        "2024-03-05 09:30": (10.1, 10.3, 10.1, 10.3),
        "2024-03-05 14:00": (10.3, 10.5, 10.2, 10.4),
    }
    script = {0: [buy(SHARE, 100, tif="OPEN"), buy(SHARE, 100, tif="CLOSE")]}

    result = trade(bars_at(SHARE, rows), script)

    assert result.fills["price"].tolist() == [D("10.1"), D("10.4")]


def test_shares_are_not_sold_short() -> None:
    bars = bars_at(SHARE, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: short(SHARE, 100)})

    assert result.orders["rule"].tolist() == ["short_not_allowed"]


def test_convertible_bonds_go_back_on_the_day() -> None:
    bond = "113050.SSE"
    bars = bars_at(bond, dict.fromkeys(ONE_DAY, 120.0))

    result = trade(bars, {0: buy(bond, 10), 1: sell(bond, 10)})

    assert result.orders["status"].tolist() == ["filled", "filled"]


def test_odd_lots_go_at_one_go() -> None:
    bars = bars_at(SHARE, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: [own(SHARE, 130), sell(SHARE, 50), sell(SHARE, 130)]})

    assert result.orders["rule"].tolist() == ["off_lot", ""]


@pytest.mark.parametrize(("price", "rule"), [("10.20", ""), ("10.21", "beyond_cage")])
def test_the_price_cage_refuses_what_lies_beyond_it(price: str, rule: str) -> None:
    bars = bars_at(SHARE, dict.fromkeys(ONE_DAY, 10.0))

    result = trade(bars, {0: buy(SHARE, 100, price=D(price))})

    assert result.orders["rule"].tolist() == [rule]


def test_a_suspended_share_neither_trades_nor_moves() -> None:
    # No bars on Wednesday and Thursday, and another share that goes on trading.
    days = [f"2024-03-{day:02}" for day in range(4, 9)]
    paused = bars_at(SHARE, {days[0]: 10.0, days[1]: 10.0, days[4]: 10.5}, timeframe="1d")
    other = bars_at(STAR, dict.fromkeys(days, 30.0), timeframe="1d")
    seen: list[list[float]] = []

    class Holder(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.mean = ctx.indicator("SMA", 2, symbol=SHARE)

        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            seen.append([self.mean.value, float(ctx.position_of(SHARE).quantity)])
            if len(seen) in {1, 2}:
                ctx.buy(SHARE, 100)

    result = backtest(Holder, {SHARE: paused, STAR: other}, rules=True, cash=10_000)

    # Bought at 10.00 on Tuesday, and sent for again: that fills on Friday, at 10.50. Each time 5
    # and a little; meanwhile it is worth its last close, and its average stands.
    assert result.fills["price"].tolist() == [10, D("10.5")]
    assert result.equity["equity"].tolist()[1:4] == pytest.approx([10_000 - 5.01] * 3)
    assert seen[1:] == [[10, 100], [10, 100], [10, 100], [10.25, 200]]


def test_a_suspended_share_waits_at_its_last_price() -> None:
    rows = {"2024-03-04": 10.0, "2024-03-05": 10.0, "2024-03-06": 10.0, "2024-03-07": 9.5}
    bars = without_volume(bars_at(SHARE, rows, timeframe="1d"), {2})

    result = trade(bars, {0: buy(SHARE, 1_000), 1: [sell(SHARE), sell(SHARE, 1_000, tif="DAY")]})

    # Nothing is sold on the 6th; on the 7th it is, at 9.50.
    assert result.fills["price"].tolist() == [10, D("9.5")]
    assert result.orders["rule"].tolist() == ["", "", "day_over"]
