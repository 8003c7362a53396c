"""How sizing, slippage and participation are written on the command line."""

from decimal import Decimal

import pytest

from quantloom.cli.terms import read_participation, read_sizing, read_slippage
from quantloom.simulation import AnySlippage, Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    AnySizing,
    EquityShare,
    FixedSize,
    KellyFraction,
    RiskPerTrade,
    VolatilityTarget,
)

D = Decimal


@pytest.mark.parametrize(
    ("text", "sizing"),
    [
        ("size:2", FixedSize(D(2))),
        ("weight:0.5", EquityShare(D("0.5"))),
        ("risk:0.01", RiskPerTrade(D("0.01"))),
        ("volatility:0.15", VolatilityTarget(D("0.15"))),
        ("volatility:0.2,window=60,cap=2", VolatilityTarget(D("0.2"), 60, D(2))),
        ("kelly:0.5", KellyFraction(D("0.5"))),
        ("kelly:0.3, least=5, start=0.2,cap=1", KellyFraction(D("0.3"), D(1), 5, D("0.2"))),
    ],
)
def test_a_sizing_is_a_name_a_value_and_further_settings(text: str, sizing: AnySizing) -> None:
    assert read_sizing(text) == sizing


@pytest.mark.parametrize(
    ("text", "slippage"),
    [
        ("0", Slippage()),
        ("1.5", Slippage.of(ticks="1.5")),
        ("ticks:1", Slippage.of(ticks=1)),
        ("ratio:0.0001,ticks=1", Slippage.of(ticks=1, ratio="0.0001")),
        ("volume-share:0.1", VolumeShareSlippage()),
        (
            "volume-share:0.2,ticks=1",
            VolumeShareSlippage(impact=D("0.2"), base=Slippage.of(ticks=1)),
        ),
        ("square-root:1", SquareRootImpact()),
        (
            "square-root:0.5,window=10,ratio=0.001",
            SquareRootImpact(coefficient=D("0.5"), window=10, base=Slippage.of(ratio="0.001")),
        ),
    ],
)
def test_slippage_is_ticks_or_a_model(text: str, slippage: AnySlippage) -> None:
    assert read_slippage(text) == slippage


def test_no_participation_is_no_cap() -> None:
    assert read_participation("None") is None
    assert read_participation("0.1") == "0.1"
    assert read_sizing(None) is None
