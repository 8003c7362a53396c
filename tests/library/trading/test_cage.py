"""How far beyond the last price a limit order may lie."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Cage
from quantloom.trading import Side, review_cage

D = Decimal
CENT = D("0.01")
MAIN = Cage(of=("SSE.main",), since=date(2023, 4, 10), source="default", ratio=D("0.02"), ticks=10)


def is_taken(cage: Cage, side: Side, price: str, reference: str) -> bool:
    found = review_cage(cage, side, price=D(price), reference=D(reference), tick=CENT)
    return found is None


@pytest.mark.parametrize(
    ("side", "price", "reference", "taken"),
    [
        # 2 % of 10.00 is 0.20.
        (Side.BUY, "10.20", "10.00", True),
        (Side.BUY, "10.21", "10.00", False),
        (Side.SELL, "9.80", "10.00", True),
        (Side.SELL, "9.79", "10.00", False),
        # Ten ticks are more than 2 % under 5.00.
        (Side.BUY, "3.10", "3.00", True),
        (Side.BUY, "3.11", "3.00", False),
        (Side.SELL, "2.90", "3.00", True),
        (Side.SELL, "2.89", "3.00", False),
        # 10.13 and 2 % are 10.3326, to the tick 10.33.
        (Side.BUY, "10.33", "10.13", True),
        (Side.BUY, "10.34", "10.13", False),
        # The other side may lie anywhere.
        (Side.BUY, "1.00", "10.00", True),
        (Side.SELL, "99.00", "10.00", True),
    ],
)
def test_the_cage_is_the_larger_of_its_share_and_its_ticks(
    side: Side, price: str, reference: str, taken: bool
) -> None:
    assert is_taken(MAIN, side, price, reference) is taken


@pytest.mark.parametrize(
    ("symbol", "day", "ratio"),
    [
        ("600000.SSE", date(2023, 4, 7), None),
        ("600000.SSE", date(2023, 4, 10), D("0.02")),
        ("300001.SZSE", date(2020, 8, 21), None),
        ("300001.SZSE", date(2020, 8, 24), D("0.02")),
        ("688001.SSE", date(2019, 7, 22), D("0.02")),
        ("430047.BSE", date(2022, 1, 4), D("0.05")),
        ("510300.SSE", date(2024, 1, 4), None),
        ("113050.SSE", date(2024, 1, 4), None),
    ],
)
def test_each_board_has_its_cage_from_its_day_on(
    symbol: str, day: date, ratio: Decimal | None
) -> None:
    found = rule_book().find(Cage, symbol, day)

    assert (found and found.ratio) == ratio


@given(st.integers(1, 10_000), st.integers(1, 20_000))
def test_no_price_is_beyond_the_cage_on_both_sides(reference: int, price: int) -> None:
    given = {"price": price * CENT, "reference": reference * CENT, "tick": CENT}

    refused = [review_cage(MAIN, side, **given) is not None for side in (Side.BUY, Side.SELL)]

    assert not all(refused)
