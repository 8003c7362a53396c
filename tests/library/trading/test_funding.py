"""When funding is due, at which rate, and what it moves."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import to_ns
from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Funding
from quantloom.trading import (
    COIN_QUANTUM,
    BadFundingRates,
    FundingRates,
    Perpetual,
    funding_cash,
    funding_times,
)
from tests.library.trading.builders import decimals

D = Decimal
NO_ROWS: Sequence[tuple[str, float]] = ()


def ns(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))


def make_rates(rows: Sequence[tuple[str, float]]) -> FundingRates:
    times = np.array([ns(text) for text, _ in rows], dtype=np.int64)
    return FundingRates(times, np.array([rate for _, rate in rows], dtype=np.float64))


def every_eight_hours(day: date) -> Funding:
    return Funding(
        of=("perpetual",),
        since=date(2016, 5, 13),
        source="default",
        times=("00:00", "08:00", "16:00"),
        cap=D("0.003"),
    )


def test_longs_pay_shorts_where_the_rate_is_positive() -> None:
    # 2 coins at a mark of 30,000 are 60,000; 0.01 % of them are 6.
    linear = Perpetual()

    assert funding_cash(linear, D(2), D(30_000), D("0.0001")) == D(-6)
    assert funding_cash(linear, D(-2), D(30_000), D("0.0001")) == D(6)
    assert funding_cash(linear, D(2), D(30_000), D("-0.0001")) == D(6)


def test_inverse_funding_is_paid_in_coin() -> None:
    # 300 contracts of 100 USD at 30,000 are 1 BTC; at 29,999 they are 1.0000333344...
    inverse = Perpetual(multiplier=D(100), is_inverse=True)

    assert funding_cash(inverse, D(300), D(30_000), D("0.0001")) == D("-0.0001")
    assert funding_cash(inverse, D(300), D(29_999), D("0.0001")) == D("-0.00010001")
    assert funding_cash(inverse, D(-300), D(29_999), D("0.0001")) == D("0.00010000")


def test_a_span_holds_its_end_and_not_its_start() -> None:
    times = funding_times(every_eight_hours, ns("2024-03-01T08:00"), ns("2024-03-02T00:00"))

    assert list(times) == [ns("2024-03-01T16:00"), ns("2024-03-02T00:00")]


def test_intervals_change_on_the_day_the_rule_book_says() -> None:
    book, symbol = rule_book(), "HIFI-USDT-PERP.BINANCE"

    def count(start: str, end: str) -> int:
        find = lambda day: book.need(Funding, symbol, day)  # noqa: E731  as short as it is
        return len(list(funding_times(find, ns(start), ns(end))))

    assert count("2023-09-15T00:00", "2023-09-16T00:00") == 3
    assert count("2023-09-17T00:00", "2023-09-18T00:00") == 6


def test_a_time_without_a_rate_is_missing_and_not_free() -> None:
    rates = make_rates([("2024-03-01T00:00", 0.0001), ("2024-03-01T16:00", -0.0002)])

    due = rates.due(every_eight_hours, ns("2024-02-29T23:00"), ns("2024-03-01T23:00"))

    assert [one.rate for one in due] == [D("0.0001"), None, D("-0.0002")]
    assert [one.is_missing for one in due] == [False, True, False]
    assert due[1].ts_ns == ns("2024-03-01T08:00")


def test_an_empty_series_misses_every_payment() -> None:
    due = make_rates(NO_ROWS).due(every_eight_hours, ns("2024-03-01T00:00"), ns("2024-03-02T00:00"))

    assert [one.is_missing for one in due] == [True] * 3


@pytest.mark.parametrize("charged", ["2024-03-01T08:00:15.004", "2024-03-01T07:59:50"])
def test_a_charge_some_seconds_off_belongs_to_its_boundary(charged: str) -> None:
    rates = make_rates([(charged, 0.0001)])

    due = rates.due(every_eight_hours, ns("2024-03-01T07:00"), ns("2024-03-01T08:00"))

    assert [(one.ts_ns, one.rate) for one in due] == [(ns("2024-03-01T08:00"), D("0.0001"))]


def test_a_payment_between_the_times_of_the_rules_is_due_and_said_to_be_so() -> None:
    rates = make_rates([("2024-03-01T08:00", 0.003), ("2024-03-01T09:00", 0.0031)])

    due = rates.due(every_eight_hours, ns("2024-03-01T07:00"), ns("2024-03-01T10:00"))

    assert [(one.is_scheduled, one.is_beyond_cap) for one in due] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("times", "rates"),
    [([0], []), ([0, 0], [0.1, 0.1]), ([60 * 10**9, 0], [0.1, 0.1]), ([0], [float("nan")])],
)
def test_a_series_that_is_none_is_refused(times: list[int], rates: list[float]) -> None:
    with pytest.raises(BadFundingRates):
        FundingRates(np.array(times, dtype=np.int64), np.array(rates, dtype=np.float64))


@given(
    st.lists(st.integers(-900, 900).map(D), min_size=1, max_size=8),
    decimals("0.01", "99999", 2),
    decimals("-0.02", "0.02", 8),
    st.booleans(),
)
def test_funding_moves_cash_between_longs_and_shorts_and_makes_none(
    held: list[Decimal], mark: Decimal, rate: Decimal, is_inverse: bool
) -> None:
    contract = Perpetual(is_inverse=is_inverse)
    everyone = [*held, -sum(held, D(0))]

    moved = sum(funding_cash(contract, quantity, mark, rate) for quantity in everyone)

    if is_inverse:
        assert -COIN_QUANTUM * len(everyone) <= moved <= 0
    else:
        assert moved == 0
