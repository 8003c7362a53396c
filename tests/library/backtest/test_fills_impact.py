"""What our own size does to the price: sentences 44 to 46 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from tests.library.backtest.builders import buy, fills, prices, run, short, target

D = Decimal


def test_volume_share_slippage_grows_with_the_square_of_the_share() -> None:
    slippage = VolumeShareSlippage(impact=D("0.1"))

    result = run({0: [buy(10), buy(10), short(10)]}, [10, 10], volume=[100, 100], slippage=slippage)

    # 10 x 0.1 x 0.1^2, then 0.2^2, then 0.3^2.
    assert prices(result) == [(1, D("10.01")), (1, D("10.04")), (1, D("9.91"))]


def test_square_root_impact_grows_with_the_root_of_the_size() -> None:
    slippage = SquareRootImpact(coefficient=D("0.5"), window=3)
    volume = [50, 100, 150, 1]

    result = run({2: [buy(25), buy(100)]}, [10, 11, 10, 10], volume=volume, slippage=slippage)

    # The returns are ln 1.1 and its opposite, so their deviation is 0.134789.
    # 10 x 0.5 x 0.134789 x 0.5 = 0.337, and twice that for four times the size.
    assert prices(result) == [(3, D("10.34")), (3, D("10.68"))]


@pytest.mark.parametrize(
    "slippage",
    [VolumeShareSlippage(impact=D("0.1")), SquareRootImpact(coefficient=D(1), window=3)],
)
@pytest.mark.parametrize("volume", [None, [np.nan] * 4, [0.0] * 4])
def test_impact_is_nothing_where_volume_is_unknown(slippage: Any, volume: Any) -> None:
    result = run({2: buy(50)}, [10, 11, 10, 10], volume=volume, slippage=slippage)

    assert prices(result) == [(3, D(10))]


def test_an_impact_comes_on_top_of_its_base() -> None:
    slippage = VolumeShareSlippage(impact=D("0.1"), base=Slippage.of(ticks=2))

    result = run({0: buy(10)}, [10, 10], volume=[100, 100], slippage=slippage)

    assert prices(result) == [(1, D("10.03"))]


def test_square_root_impact_needs_three_closes() -> None:
    slippage = SquareRootImpact(coefficient=D("0.5"), window=20)

    result = run({1: buy(25), 2: buy(25)}, [10, 11, 10, 10], volume=[100] * 4, slippage=slippage)

    assert prices(result) == [(2, D(10)), (3, D("10.34"))]


def test_impact_is_reckoned_before_the_account_cuts() -> None:
    slippage = VolumeShareSlippage(impact=D("0.1"))

    result = run({0: target(15)}, [10, 10], volume=[100, 100], slippage=slippage, cash=100)

    # 10 x 0.1 x 0.15^2 is 0.0225 for the fifteen, of which the account affords nine.
    assert fills(result) == [(1, "buy", D(9), D("10.03"))]
