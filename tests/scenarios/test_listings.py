"""Shares come to their market, fall under special treatment, pause and leave; all by hand."""

from datetime import date
from decimal import Decimal

import pytest

from quantloom.market import Listing
from tests.scenarios.market import Rows, bars_at, buy, trade

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
