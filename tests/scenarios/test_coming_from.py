"""Strategies ported from other systems trade here as they do there: tests/golden/peer_runs.py."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bars
from tests.golden.peer_runs import CASES, GOLDEN, read_bars
from tests.house.checkout import ROOT
from tests.shared_data import needs_shared

PEERS: dict[str, Any] = json.loads(GOLDEN.read_text())
FROM_BACKTESTING_PY = {"cash": 10_000, "commission": 0.002, "participation": None}
# vn.py asks for no margin, and our ledger must have some.
FROM_VNPY = {"cash": 1_000_000, "commission": 0.0001, "margin": 0.1, "participation": None}
CENT = Decimal("0.01")


def run(example: str, bars: Bars, settings: dict[str, Any]) -> BacktestResult:
    return backtest(str(ROOT / "examples" / example), bars, **settings)


def rows_of(bars: Bars) -> dict[int, int]:
    return {ts: row for row, ts in enumerate(bars.ts.tolist())}


def trades(result: BacktestResult) -> list[list[float]]:
    """Signed quantity, entry row, exit row, entry price, exit price of each round trip."""
    rows = rows_of(result.bars)
    return [
        [
            float(trip["quantity"]) * (1 if trip["side"] == "buy" else -1),
            rows[trip["entry_ns"]],
            rows[trip["exit_ns"]],
            float(trip["entry_price"]),
            float(trip["exit_price"]),
        ]
        for trip in result.round_trips.rows()
    ]


def fills(result: BacktestResult, bars: Bars) -> list[list[float]]:
    """Row, sign, quantity and price of each fill."""
    rows = rows_of(bars)
    return [
        [
            rows[fill["ts_ns"]],
            1 if fill["side"] == "buy" else -1,
            float(fill["quantity"]),
            float(fill["price"]),
        ]
        for fill in result.fills.rows()
    ]


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("backtesting-sma-cross-spy", "from_backtesting_py.py:SmaCross"),
        ("backtesting-bracket-spy", "from_backtesting_py.py:Bracket"),
        pytest.param(
            "backtesting-sma-cross-goog", "from_backtesting_py.py:SmaCross", marks=needs_shared
        ),
    ],
)
def test_a_strategy_of_backtesting_py_makes_the_same_trades(name: str, example: str) -> None:
    there, bars = PEERS[name], read_bars(CASES[name])

    here = run(example, bars, FROM_BACKTESTING_PY)

    assert bars.digest() == there["bars_digest"]
    assert trades(here) == there["trades"]
    assert len(here.round_trips) > 30
    assert len(here.positions) == len(there["open_trades"])
    assert abs(here.final_equity - Decimal(str(there["final_equity"]))) < CENT / 2


def test_the_bracket_that_is_compared_ends_in_every_way() -> None:
    here = run(
        "from_backtesting_py.py:Bracket",
        read_bars(CASES["backtesting-bracket-spy"]),
        FROM_BACKTESTING_PY,
    )

    exits = Counter(here.round_trips["exit"].tolist())

    assert set(exits) == {"stop_loss", "take_profit"}
    assert min(exits.values()) >= 15
    # A gap past the stop or the target closes at the very open that the entry has met.
    at_once = here.round_trips["entry_price"] == here.round_trips["exit_price"]
    assert set(here.round_trips["exit"][at_once]) == {"stop_loss", "take_profit"}


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("vnpy-double-ma-rb", "from_vnpy.py:DoubleMa"),
        ("vnpy-atr-rsi-rb", "from_vnpy.py:AtrRsi"),
    ],
)
def test_a_strategy_of_vnpy_makes_the_same_trades(name: str, example: str) -> None:
    there, bars = PEERS[name], read_bars(CASES[name])

    here = run(example, bars, FROM_VNPY)

    assert bars.digest() == there["bars_digest"]
    assert fills(here, bars) == there["fills"]
    assert len(here.fills) > 100
    assert abs(here.final_equity - Decimal(str(there["final_equity"]))) < CENT / 2


def test_the_trailing_stop_that_is_compared_closes_both_sides() -> None:
    here = run("from_vnpy.py:AtrRsi", read_bars(CASES["vnpy-atr-rsi-rb"]), FROM_VNPY)

    stopped = [trip["side"] for trip in here.round_trips.rows() if trip["exit"] == "stop"]

    assert min(Counter(stopped).values()) > 100
    assert set(stopped) == {"buy", "sell"}


@pytest.mark.parametrize("name", ["backtesting-py", "vnpy"])
def test_the_page_shows_the_example_that_was_compared(name: str) -> None:
    page = (ROOT / f"docs/how-to/coming-from-{name}.md").read_text(encoding="utf-8")
    example = (ROOT / f"examples/from_{name.replace('-', '_')}.py").read_text(encoding="utf-8")

    _, *classes = example.partition('"""\n\n')[2].split("\n\n\nclass ")

    assert all(f"class {one.strip()}" in page for one in classes)
