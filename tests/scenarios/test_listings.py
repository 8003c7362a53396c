"""Shares come to their market, fall under special treatment, pause and leave; all by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.kit import from_ns
from quantloom.market import Bar, Bars, Listing, auctions, find_gaps, get_calendar
from quantloom.strategy import Context, Strategy
from quantloom.trading import Order
from tests.library.backtest.builders import Script, scripted_over_all
from tests.scenarios.market import Action, Rows, bars_at, buy, own, sell, trade, without_volume

D = Decimal
MAIN, STAR, CHINEXT = "600000.SSE", "688001.SSE", "300001.SZSE"


def test_a_new_star_share_has_no_limit_for_five_days_and_twenty_percent_on_the_sixth() -> None:
    # Monday 2024-03-04 to Monday 2024-03-11: it doubles, then stands still, then wants up again.
    rows: Rows = {
        "2024-03-04": 10.0,
        "2024-03-05": 20.0,
        "2024-03-06": 20.0,
        "2024-03-07": 20.0,
        "2024-03-08": 20.0,
        "2024-03-11": 24.0,
    }
    bars = bars_at(STAR, rows, timeframe="1d")
    listing = Listing(symbol=STAR, listed=date(2024, 3, 4))

    # 20 is twice the close before it; 24 is 20 % over 20, where nobody sells.
    result = trade(bars, {0: buy(STAR, 200), 4: buy(STAR, 300)}, listings=[listing])

    assert result.fills["price"].tolist() == [20]
    assert result.rules is not None
    assert result.rules.unlimited == {}


def test_without_a_listing_such_days_are_told_as_beyond_the_limit() -> None:
    rows: Rows = {"2024-03-04": 10.0, "2024-03-05": 20.0, "2024-03-06": 20.0}
    result = trade(bars_at(STAR, rows, timeframe="1d"), {0: buy(STAR, 200)})

    assert result.rules is not None
    assert result.rules.unlimited == {STAR: 1}


def test_a_share_keeps_the_first_days_of_the_rules_it_was_listed_under() -> None:
    # Listed on Friday 2023-04-07; those listed from the next Monday on had five days without limit.
    rows: Rows = {"2023-04-07": 14.4, "2023-04-10": 15.84}
    listing = Listing(symbol=MAIN, listed=date(2023, 4, 7), issue_price=D(10))

    # 14.40 and 10 % are 15.84, and the board is sealed there.
    result = trade(bars_at(MAIN, rows, timeframe="1d"), {0: buy(MAIN, 100)}, listings=[listing])

    assert result.orders["status"].tolist() == ["expired"]


@pytest.mark.parametrize(("days", "fills"), [([], [D("10.5")]), ([(date(2024, 3, 5), None)], [])])
def test_a_share_under_special_treatment_is_sealed_at_five_percent(
    days: list[tuple[date, None]], fills: list[Decimal]
) -> None:
    bars = bars_at(MAIN, {"2024-03-04": 10.0, "2024-03-05": 10.5}, timeframe="1d")
    listing = Listing(symbol=MAIN, special_treatment=days)

    result = trade(bars, {0: buy(MAIN, 100)}, listings=[listing])

    assert result.fills["price"].tolist() == fills


def test_special_treatment_ends() -> None:
    rows: Rows = {"2024-03-04": 10.0, "2024-03-05": 10.5, "2024-03-06": 11.03}
    spans = [(date(2023, 5, 4), date(2024, 3, 5))]
    listing = Listing(symbol=MAIN, special_treatment=spans)

    # 10.50 is sealed on the 5th; on the 6th 5 % would be 11.03 (11.025, half up), and is not.
    result = trade(bars_at(MAIN, rows, timeframe="1d"), {0: buy(MAIN, 100)}, listings=[listing])

    assert result.fills["price"].tolist() == [D("11.03")]


@pytest.mark.parametrize(
    ("open_price", "status"), [(14.39, "filled"), (14.4, "expired"), (6.4, "filled")]
)
def test_a_first_day_of_2014_rises_by_forty_four_percent_of_the_issue_price(
    open_price: float, status: str
) -> None:
    bars = bars_at(MAIN, {"2014-01-17": open_price}, timeframe="1d")
    listing = Listing(symbol=MAIN, listed=date(2014, 1, 17), issue_price=D(10))

    result = trade(bars, {-1: buy(MAIN, 100)}, listings=[listing])

    assert result.orders["status"].tolist() == [status]


def test_a_share_is_closed_at_its_final_price_when_it_leaves() -> None:
    # The last trading day before Monday the 11th is Friday the 8th.
    rows: Rows = {"2024-03-06": 1.0, "2024-03-07": 0.9, "2024-03-08": 0.81}
    bars = bars_at(MAIN, rows, timeframe="1d")
    listing = Listing(symbol=MAIN, delisted=date(2024, 3, 11), final_price=D("0.5"))

    result = trade(
        bars,
        {0: buy(MAIN, 1_000, price=D("0.95")), 1: buy(MAIN, 100, price=D("0.1"))},
        listings=[listing],
    )

    # 1,000 at 0.90: 5 of commission, 0.009 of transfer fee; nothing is taken when it leaves.
    assert result.fills["price"].tolist() == [D("0.9"), D("0.5")]
    assert result.fills["cause"].tolist() == ["limit", "delisting"]
    assert result.final_cash == 100_000 - 900 - D("5.009") + 500
    assert result.orders["rule"].tolist() == ["", "delisted", ""]
    assert result.rules is not None
    assert result.rules.delisted == ()


def test_without_a_final_price_the_last_close_is_paid_and_told() -> None:
    rows: Rows = {"2024-03-06": 1.0, "2024-03-07": 0.91, "2024-03-08": 0.82}
    listing = Listing(symbol=MAIN, delisted=date(2024, 3, 11))

    result = trade(bars_at(MAIN, rows, timeframe="1d"), {0: buy(MAIN, 1_000)}, listings=[listing])

    assert result.fills["price"].tolist() == [D("0.91"), D("0.82")]
    assert result.rules is not None
    assert result.rules.delisted == (MAIN,)


# Five-minute bars of a Monday, from the opening to the closing auction.
MONDAY = {
    "2024-03-04 09:30": 10.0,
    "2024-03-04 09:35": 10.0,
    "2024-03-04 14:50": 10.0,
    "2024-03-04 14:55": 10.0,
}


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        # 2 % of 10.00 is 0.20, more than ten cents.
        (buy(MAIN, 100, price=D("10.20")), ""),
        (buy(MAIN, 100, price=D("10.21")), "beyond_cage"),
        (buy(MAIN, 100, price=D("9.10")), "end_of_data"),
        (buy(MAIN, 100), ""),
        # A stop, and a limit for the closing auction, do not meet the best price at once.
        (buy(MAIN, 100, stop=10.5, price=D("10.9")), "end_of_data"),
        (buy(MAIN, 100, price=D("10.9"), tif="CLOSE"), ""),
    ],
)
def test_a_buy_too_far_above_the_last_price_is_refused(order: Action, rule: str) -> None:
    result = trade(bars_at(MAIN, MONDAY, timeframe="5m"), {0: order})

    assert result.orders["rule"].tolist() == [rule]


@pytest.mark.parametrize(
    ("price", "rule"), [("9.80", ""), ("9.79", "beyond_cage"), ("10.9", "end_of_data")]
)
def test_a_sale_too_far_below_the_last_price_is_refused(price: str, rule: str) -> None:
    # Bought on Thursday, and put up for sale at 09:35 on Monday.
    rows = {"2024-02-29 14:50": 10.0, "2024-02-29 14:55": 10.0} | MONDAY
    bars = bars_at(MAIN, rows, timeframe="5m")
    result = trade(bars, {0: buy(MAIN, 100), 2: sell(MAIN, 100, price=D(price))})

    assert result.orders["rule"].tolist() == ["", rule]


@pytest.mark.parametrize("place", [-1, 3])
def test_orders_for_the_opening_auction_have_no_cage(place: int) -> None:
    # Sent before the first open, and on the close of 15:00.
    rows = MONDAY | {"2024-03-05 09:30": 10.0}
    bars = bars_at(MAIN, rows, timeframe="5m")

    result = trade(bars, {place: buy(MAIN, 100, price=D("10.9"))})

    assert result.orders["status"].tolist() == ["filled"]


@pytest.mark.parametrize(("day", "rule"), [("2023-04-07", ""), ("2023-04-10", "beyond_cage")])
def test_the_main_boards_have_a_cage_since_april_2023(day: str, rule: str) -> None:
    rows = {f"{day} {time}": 10.0 for time in ("09:30", "09:35", "09:40")}

    result = trade(bars_at(MAIN, rows, timeframe="5m"), {0: buy(MAIN, 100, price=D("10.9"))})

    assert result.orders["rule"].tolist() == [rule]


@pytest.mark.parametrize(
    ("sold", "status"),
    [(1_030, "filled"), (30, "filled"), (130, "filled"), (1_000, "filled"), (50, "rejected")],
)
def test_what_is_left_under_a_lot_is_sold_at_one_go(sold: int, status: str) -> None:
    bars = bars_at(MAIN, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: [own(MAIN, 1_030), sell(MAIN, sold)]})

    assert result.orders["status"].tolist() == [status]


def test_shares_are_bought_in_whole_lots() -> None:
    bars = bars_at(MAIN, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: [own(MAIN, 30), buy(MAIN, 70)]})

    assert result.orders["rule"].tolist() == ["off_lot"]


def test_the_rest_cannot_be_sold_twice() -> None:
    bars = bars_at(MAIN, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: [own(MAIN, 1_030), sell(MAIN, 1_000), sell(MAIN, 30)]})

    assert result.fills["quantity"].tolist() == [1_000, 30]


def test_under_two_hundred_star_shares_are_sold_all_at_once() -> None:
    bars = bars_at(STAR, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    part = trade(bars, {0: [own(STAR, 150), sell(STAR, 100)]})
    all_of_it = trade(bars, {0: [own(STAR, 150), sell(STAR, 150)]})

    assert part.orders["rule"].tolist() == ["below_minimum"]
    assert all_of_it.orders["status"].tolist() == ["filled"]


@pytest.mark.parametrize(
    ("target", "sold"),
    [(lambda ctx: ctx.close(MAIN), [1_030]), (lambda ctx: ctx.target_quantity(MAIN, 500), [500])],
)
def test_going_flat_takes_the_rest_along(target: Action, sold: list[int]) -> None:
    bars = bars_at(MAIN, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: [own(MAIN, 1_030), target]})

    assert result.fills["quantity"].tolist() == sold


BOND, GOLD_FUND = "113050.SSE", "518880.SSE"


@pytest.mark.parametrize(
    ("symbol", "second"), [(BOND, "filled"), (GOLD_FUND, "filled"), (MAIN, "rejected")]
)
def test_bonds_and_some_funds_turn_around_on_the_day(symbol: str, second: str) -> None:
    rows = {f"2024-03-04 {time}": 100.0 for time in ("09:30", "10:30", "13:00", "14:00")}

    result = trade(bars_at(symbol, rows), {0: buy(symbol, 100), 1: sell(symbol)})

    assert result.orders["status"].tolist() == ["filled", second]


@pytest.mark.parametrize(("quantity", "rule"), [(10, ""), (15, "off_lot")])
def test_convertible_bonds_are_bought_by_ten(quantity: int, rule: str) -> None:
    bars = bars_at(BOND, {"2024-03-04": 120.0, "2024-03-05": 120.0}, timeframe="1d")

    result = trade(bars, {0: buy(BOND, quantity)})

    assert result.orders["rule"].tolist() == [rule]


@pytest.mark.parametrize(("day", "calls"), [("2018-08-17", 1), ("2018-08-20", 2)])
def test_orders_for_open_and_close_get_the_days_first_and_last_price(day: str, calls: int) -> None:
    # Shanghai calls for its closing price since Monday the 20th; the last bar shows it either way.
    rows: Rows = {
        f"{day} 09:30": (10.0, 10.1, 10.0, 10.1),
        f"{day} 14:55": (10.1, 10.2, 10.0, 10.15),
    }
    bars = bars_at(MAIN, rows, timeframe="5m")
    script = {-1: [buy(MAIN, 100, tif="OPEN"), buy(MAIN, 100, tif="CLOSE")]}

    result = trade(bars, script)

    assert result.fills["price"].tolist() == [10, D("10.15")]
    assert len(auctions(MAIN, date.fromisoformat(day))) == calls


PAUSED = "000001.SZSE"
WEEK = ["2024-03-01", *(f"2024-03-{day:02d}" for day in (4, 5, 6, 7, 8))]


def run_week(script: Script, **callbacks: Any) -> BacktestResult:
    """From Friday to Friday; one share trades all days, one rests from Tuesday to Thursday."""
    bars = {
        MAIN: bars_at(MAIN, dict.fromkeys(WEEK, 10.0), timeframe="1d"),
        PAUSED: paused(),
    }
    strategy = scripted_over_all(script, **callbacks)
    return backtest(strategy, bars, rules=True, cash=100_000)


def paused() -> Bars:
    rows = {"2024-03-01": 20.0, "2024-03-04": 20.0, "2024-03-08": 19.0}
    return bars_at(PAUSED, rows, timeframe="1d")


def test_a_suspended_week() -> None:
    heard: list[tuple[str, str]] = []

    def hear(_: Any, ctx: Context, order: Order) -> None:
        if order.is_ended:
            heard.append((str(ctx.trading_day), str(order.status)))

    on_monday = [sell(PAUSED), buy(PAUSED, 100, price=18, tif="DAY")]
    result = run_week({0: buy(PAUSED, 1_000), 1: on_monday}, on_order_update=hear)

    # Bought on Monday; of Monday's orders that for the day ends with Tuesday, and the other waits.
    assert heard[1:] == [("2024-03-05", "expired"), ("2024-03-08", "filled")]
    assert result.orders["rule"].tolist() == ["", "", "day_over"]
    assert result.fills["price"].tolist() == [20, 19]
    # 20,000 paid with 6 of commission and 0.2 of transfer fee, and counted through the week.
    assert result.equity["equity"].tolist()[1:5] == [99_993.8] * 4


def test_a_target_for_a_suspended_share_waits_and_is_sent_once() -> None:
    def hold(ctx: Context) -> None:
        ctx.target_weight(PAUSED, 0.5)

    result = run_week({1: hold, 2: hold, 3: hold})

    # Half of 100,000 at 20.00 are 2,500 shares; they are bought on Friday.
    assert result.orders["quantity"].tolist() == [2_500]
    assert result.fills["price"].tolist() == [19]


def test_indicators_know_nothing_of_a_suspension() -> None:
    rows = dict(zip(WEEK[:5], (8.0, 10.0, 10.0, 10.0, 11.0), strict=True))
    bars = without_volume(bars_at(MAIN, rows, timeframe="1d"), {2, 3})
    seen: list[float] = []

    class Watch(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.mean = ctx.indicator("SMA", 2)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append(self.mean[-1])

    backtest(Watch, bars, rules=True)

    # Of 8 and 10, and of 10 and 11; the days between show what stood before them.
    assert seen[1:] == [9, 9, 9, 10.5]


def test_a_day_without_a_bar_is_told_as_a_gap() -> None:
    gaps = find_gaps(paused(), get_calendar("cn_stock"))

    assert [str(span.day) for span in gaps.missing] == ["2024-03-05", "2024-03-06", "2024-03-07"]


def test_a_rotation_waits_for_a_suspended_share() -> None:
    # Both rise, the first one faster, but it rests from 2024-03-28 to 2024-04-08.
    days = get_calendar("cn_stock").trading_days(date(2024, 3, 4), date(2024, 4, 30))
    first = {str(day): 10 + place / 100 for place, day in enumerate(days)}
    second = {str(day): 10 + place / 1_000 for place, day in enumerate(days)}
    rests = {day for day in first if "2024-03-28" <= day <= "2024-04-08"}
    bars = {
        MAIN: bars_at(
            MAIN, {day: price for day, price in first.items() if day not in rests}, timeframe="1d"
        ),
        PAUSED: bars_at(PAUSED, second, timeframe="1d"),
    }

    parameters = {"lookback": 5, "skip": 0, "top": 1}
    result = backtest("momentum-rotation", bars, rules=True, cash=100_000, parameters=parameters)

    # Chosen on 2024-04-01, bought when it trades again.
    assert result.fills["symbol"].tolist() == [MAIN]
    assert str(from_ns(int(result.fills["ts_ns"][0])).date()) == "2024-04-09"
