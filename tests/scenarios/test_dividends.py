"""What becomes of shares when their company pays, gives and splits, worked out by hand."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Action as Distribution
from quantloom.market import Bar
from quantloom.strategy import Context, Strategy
from tests.scenarios.market import Action, Rows, bars_at, buy, sell, short, trade

D = Decimal
SHARE, US = "600000.SSE", "AAPL.NASDAQ"
# Three new shares out of profit and 2.00 in cash for ten: who holds 1,000 gets 300 and 200.
# From a close of 13.20 the reference price is (13.20 - 0.20) / 1.3 = 10.00.
TEN_FOR_THREE: dict[str, Any] = {"cash": "0.2", "bonus": "0.3", "pay_day": date(2021, 3, 5)}
WEEK: Rows = {
    "2021-03-01": 13.2,
    "2021-03-02": 13.2,
    "2021-03-03": 10.0,
    "2021-03-04": 10.0,
    "2021-03-05": 10.0,
}


def hold(
    rows: Rows,
    script: Mapping[int, Action],
    terms: Mapping[str, Any] = TEN_FOR_THREE,
    *,
    symbol: str = SHARE,
    **settings: Any,
) -> BacktestResult:
    """Trade over days whose third is an ex-day, by the rules but without fees."""
    action = Distribution(symbol=symbol, ex_day=date.fromisoformat([*rows][2]), **terms)
    bars = bars_at(symbol, rows, timeframe="1d")
    return trade(bars, script, commission=0, actions=[action], **settings)


def paid(result: BacktestResult) -> list[tuple[str, Decimal]]:
    return [(row["kind"], row["amount"]) for row in result.payments.rows()]


def test_a_dividend_is_owed_on_the_ex_day_and_cash_on_the_pay_day() -> None:
    result = hold(WEEK, {0: buy(SHARE, 1_000)})

    # 13,200 are paid on Tuesday. On Wednesday 1,300 shares at 10.00 are worth 13,000, and 200 are
    # on their way: nobody is poorer. On Friday they come.
    assert result.equity["quantity"].tolist() == [0, 1_000, 1_300, 1_300, 1_300]
    assert result.equity["equity"].tolist() == [100_000] * 5
    assert result.equity["cash"].tolist() == [100_000, 86_800, 86_800, 86_800, 87_000]
    assert paid(result) == [("dividend", D(200))]
    assert result.final_cash == 87_000
    assert result.final_equity == 100_000


@pytest.mark.parametrize(
    ("sold", "tax"), [("2021-03-22", D(100)), ("2021-09-02", D(50)), ("2023-03-03", None)]
)
def test_the_dividend_is_taxed_at_the_sale_by_how_long_the_shares_were_held(
    sold: str, tax: Decimal | None
) -> None:
    result = hold(WEEK | {sold: 10.5}, {0: buy(SHARE, 1_000), 4: sell(SHARE)})

    # Taxed are 200 in cash and 300 new shares at their face value of 1: 500. After 20 days 20 %,
    # after six months 10 %, after two years nothing.
    expected = [("dividend", D(200))] + ([("dividend_tax", -tax)] if tax else [])
    assert paid(result) == expected
    assert result.final_cash == 100_000 - 13_200 + 200 + 13_650 - (tax or 0)


def test_half_of_the_shares_bear_half_of_the_tax() -> None:
    rows = WEEK | {"2021-03-22": 10.5, "2021-03-23": 10.5}

    result = hold(rows, {0: buy(SHARE, 1_000), 4: sell(SHARE, 500), 5: sell(SHARE)})

    # First in first out: 500 of the 1,000 that the dividend was paid on go first, the other 500
    # after them; the 300 new ones had none.
    assert paid(result)[1:] == [("dividend_tax", D(-50)), ("dividend_tax", D(-50))]


def test_without_rules_dividends_are_not_taxed() -> None:
    rows = WEEK | {"2021-03-22": 10.5}

    result = hold(rows, {0: buy(SHARE, 1_000), 4: sell(SHARE)}, rules=False)

    assert paid(result) == [("dividend", D(200))]


def test_new_shares_take_their_part_of_the_cost() -> None:
    result = hold(WEEK | {"2021-03-22": 11.0}, {0: buy(SHARE, 1_000), 4: sell(SHARE)})

    # 1,300 shares have cost 13,200. 1,300 at 11.00 are 14,300: a gain of 1,100 from prices, 10 / 13
    # of it on the old ones. The dividend and its tax stand among the payments.
    trips = [*result.round_trips.rows()]
    assert [trip["quantity"] for trip in trips] == [1_000, 300]
    assert sum(trip["gross"] for trip in trips) == 1_100
    assert trips[0]["gross"] == pytest.approx(D(11_000) / 13)
    assert trips[0]["entry_price"] == D("10.15384615")
    assert result.metrics.net_profit == pytest.approx(1_100 + 200 - 100)


def test_new_shares_are_sold_from_their_credit_day_on() -> None:
    at_once, later = (
        hold(
            WEEK | {"2021-03-03": 10.15, "2021-03-04": 10.15},
            {0: buy(SHARE, 1_000), 1: sell(SHARE, 500), 2: sell(SHARE), 3: sell(SHARE)},
            {"capitalised": "0.3", "credit_day": day},
        )
        for day in (date(2021, 3, 4), date(2021, 3, 5))
    )

    # 1,300 on Wednesday. The order for 500 old shares is one for 650 now; 350 are left of the old
    # ones on Thursday, when the 300 new ones are free, or not yet.
    assert at_once.fills["quantity"].tolist() == [1_000, 650, 650]
    assert later.fills["quantity"].tolist() == [1_000, 650, 350, 300]
    assert later.orders["rule"].tolist() == ["", "", "bought_today", ""]


def test_the_limits_of_an_ex_day_are_drawn_from_the_reference_price() -> None:
    # 10 % around 10.00: the day is sealed at 11.00, where from 13.20 the limit would be 14.52.
    rows = WEEK | {"2021-03-03": 11.0, "2021-03-04": 11.2, "2021-03-05": 11.2}

    result = hold(rows, {1: buy(SHARE, 100)})

    assert result.fills["price"].tolist() == [D("11.2")]
    assert result.rules is not None
    assert result.rules.unlimited == {}


def test_a_remainder_under_a_lot_is_sold_in_one_go() -> None:
    rows = WEEK | {"2021-03-03": 12.0, "2021-03-04": 12.0, "2021-03-05": 12.0}
    script = {0: buy(SHARE, 1_500), 2: sell(SHARE, 130), 3: sell(SHARE)}

    result = hold(rows, script, {"capitalised": "0.1"})

    # 1,650 shares: 130 is neither whole lots nor a way to be rid of the 50.
    assert result.orders["rule"].tolist() == ["", "off_lot", ""]
    assert result.fills["quantity"].tolist() == [1_500, 1_650]


def test_a_dividend_on_its_way_buys_nothing() -> None:
    script = {0: buy(SHARE, 1_000), 2: buy(SHARE, 100), 4: buy(SHARE, 100)}
    rows = WEEK | {"2021-03-08": 10.0}

    result = hold(rows, script, cash=14_000)

    # 800 are left; 100 shares cost 1,000 and are refused until the 200 have come on Friday.
    assert result.orders["rule"].tolist() == ["", "insufficient_funds", ""]
    assert result.final_cash == 0


US_DAYS: Rows = {
    "2021-03-01": 100.0,
    "2021-03-02": 100.0,
    "2021-03-03": 99.5,
    "2021-03-04": 99.5,
}


def test_who_is_short_pays_the_dividend() -> None:
    terms = {"cash": "0.5", "pay_day": date(2021, 3, 4)}

    result = hold(US_DAYS, {0: short(US, 100)}, terms, symbol=US)

    # The price falls by what is owed.
    assert result.equity["equity"].tolist() == [100_000] * 4
    assert paid(result) == [("dividend", D(-50))]


def test_american_dividends_are_not_taxed_here() -> None:
    result = hold(US_DAYS, {0: buy(US, 100), 2: sell(US)}, {"cash": "0.5"}, symbol=US)

    assert paid(result) == [("dividend", D(50))]
    assert result.final_cash == 100_000


def test_a_split_multiplies_the_shares_and_pays_what_is_no_whole_one() -> None:
    rows: Rows = {"2021-03-01": 30.0, "2021-03-02": 30.0, "2021-03-03": 20.0, "2021-03-04": 22.0}

    result = hold(rows, {0: buy(US, 101), 2: sell(US)}, {"split": "1.5"}, symbol=US)

    # 101 for 3,030 become 151 and a half; the half is paid at 20.00. 151 at 22.00 are 3,322.
    assert paid(result) == [("fraction", D(10))]
    assert result.equity["equity"].tolist()[2] == 100_000
    assert result.final_cash == 100_000 - 3_030 + 10 + 3_322
    assert result.round_trips["gross"].tolist() == [3_322 - 3_030]


# Five for twenty at 6.00: from a close of 11.00 the reference is (11 + 0.25 x 6) / 1.25 = 10.00.
RIGHTS = {"rights": "0.25", "rights_price": "6"}
BEFORE_RIGHTS: Rows = WEEK | {"2021-03-01": 11.0, "2021-03-02": 11.0}


def test_rights_are_taken_up_with_what_cash_there_is() -> None:
    full = hold(BEFORE_RIGHTS, {0: buy(SHARE, 1_000)}, RIGHTS)
    poor = hold(BEFORE_RIGHTS, {0: buy(SHARE, 1_000)}, RIGHTS, cash=11_600)

    # 250 shares for 1,500: 1,250 at 10.00 are 12,500, as much as 11,000 and 1,500 were.
    assert paid(full) == [("rights", D(-1_500))]
    assert full.equity["equity"].tolist() == [100_000] * 5
    # 600 buy 100 of them; the other 150 lapse, each of which was worth 4.00.
    assert paid(poor) == [("rights", D(-600))]
    assert poor.final_equity == 11_600 - 150 * 4


def test_rights_may_be_sold_or_left_to_lapse() -> None:
    sold = hold(BEFORE_RIGHTS, {0: buy(SHARE, 1_000)}, RIGHTS, rights="sell")
    lapsed = hold(BEFORE_RIGHTS, {0: buy(SHARE, 1_000)}, RIGHTS, rights="ignore")

    # A right to buy at 6.00 what is worth 10.00 is worth 4.00; 250 of them 1,000.
    assert paid(sold) == [("rights", D(1_000))]
    assert sold.final_equity == 100_000
    assert paid(lapsed) == []
    assert lapsed.final_equity == 99_000


def test_a_dividend_of_a_share_sold_before_its_pay_day_still_comes() -> None:
    result = hold(WEEK, {0: buy(SHARE, 1_000), 2: sell(SHARE)})

    # Sold on Thursday, two days after they were bought: 100 of tax. The 200 come on Friday.
    assert paid(result) == [("dividend_tax", D(-100)), ("dividend", D(200))]
    assert result.equity["equity"].tolist() == [100_000, 100_000, 100_000, 99_900, 99_900]


def test_before_2015_a_part_of_the_tax_was_withheld_with_the_dividend() -> None:
    rows: Rows = {
        "2014-03-03": 13.2,
        "2014-03-04": 13.2,
        "2014-03-05": 10.0,
        "2014-03-06": 10.0,
        "2014-03-24": 10.0,
    }

    result = hold(rows, {0: buy(SHARE, 1_000), 3: sell(SHARE)}, {"cash": "0.2", "bonus": "0.3"})

    # 5 % of 500 at once; the other 15 % with the sale after twenty days.
    expected = [("dividend", D(200)), ("withholding", D(-25)), ("dividend_tax", D(-75))]
    assert paid(result) == expected


def test_a_stop_waits_at_the_same_worth_over_an_ex_day() -> None:
    # A stop of 12.00 under 13.20 is one of 12.00 x 10.00 / 13.20 = 9.0909 under 10.00: 9.09.
    rows = WEEK | {"2021-03-04": (9.5, 9.6, 9.2, 9.3), "2021-03-05": (9.3, 9.3, 8.6, 8.7)}
    script = {0: buy(SHARE, 1_000), 1: sell(SHARE, stop=12)}

    result = hold(rows, script)

    assert result.orders["stop"].tolist() == [None, D("9.09")]
    assert [(row["quantity"], row["price"]) for row in result.fills.rows()] == [
        (1_000, D("13.2")),
        (1_300, D("9.09")),
    ]


def test_an_indicator_does_not_jump_on_an_ex_day() -> None:
    seen: list[float] = []

    class Watching(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.mean = ctx.indicator("SMA", 2)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append(round(self.mean[-1], 6))

    action = Distribution(symbol=SHARE, ex_day=date(2021, 3, 3), **TEN_FOR_THREE)
    backtest(Watching, bars_at(SHARE, WEEK, timeframe="1d"), actions=[action], rules=True)

    # The mean of 13.20 and 10.00 would be 11.60. On Wednesday Tuesday's close counts as 10.00; what
    # was seen on Tuesday was Tuesday's own price, as anybody saw it then.
    assert seen[1:] == [13.2, 10.0, 10.0, 10.0]


def test_before_the_open_of_an_ex_day_the_account_is_worth_what_it_was() -> None:
    seen: list[tuple[Decimal, Decimal]] = []

    class Rising(Strategy):
        def before_trading(self, ctx: Context) -> None:
            seen.append((ctx.position.quantity, ctx.account.equity))

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            if not ctx.position and not ctx.orders():
                ctx.buy(SHARE, 1_000)

    action = Distribution(symbol=SHARE, ex_day=date(2021, 3, 3), **TEN_FOR_THREE)
    bars = bars_at(SHARE, WEEK, timeframe="1d")
    backtest(Rising, bars, actions=[action], rules=True, commission=0)

    assert seen[1:3] == [(D(0), D(100_000)), (D(1_300), D(100_000))]
