"""Units and adjustments by figures that are made so."""

import numpy as np
import pytest

from quantloom.data.readers.profiles import Profile, profile
from quantloom.data.readers.shapes import find_quads, find_sides
from quantloom.data.readers.units import Figures, read_adjustment, read_price_scale, read_units
from quantloom.kit import FloatArray
from tests.library.data.readers.cells_of import table_of

ROWS = 400


def made(seed: int = 3) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Open, high, low, close on whole cents, and a volume in shares."""
    dice = np.random.default_rng(seed)
    close = np.round(20 * np.exp(np.cumsum(dice.normal(0, 0.01, ROWS))), 2)
    first = np.round(np.append(close[:1], close[:-1]) + dice.integers(-2, 3, ROWS) / 100, 2)
    high = np.round(np.maximum(first, close) + dice.integers(1, 9, ROWS) / 100, 2)
    low = np.round(np.minimum(first, close) - dice.integers(1, 9, ROWS) / 100, 2)
    return first, high, low, close, dice.integers(10_000, 900_000, ROWS).astype(np.float64)


def figures(lot: float = 1, money: float = 1, multiplier: float = 1) -> Figures:
    first, high, low, close, volume = made()
    turnover = volume * (first + high + low + close) / 4 * multiplier
    return Figures(first, high, low, close, volume=volume / lot, turnover=turnover / money)


@pytest.mark.parametrize(
    ("lot", "money"), [(1, 1), (100, 1), (100, 1_000), (1, 1_000), (1, 10_000), (100, 10_000)]
)
def test_turnover_tells_lots_and_thousands(lot: float, money: float) -> None:
    units = read_units(figures(lot, money), "600000.SSE")

    assert (units.volume.value, units.turnover.value) == (lot, money)
    assert units.volume.confidence > 0.9


def test_a_contracts_multiplier_is_no_lot() -> None:
    units = read_units(figures(multiplier=10), "rb2410.SHFE")

    assert (units.volume.value, units.turnover.value) == (1, 1)
    assert "multiplier" in units.volume.reasons[0]


@pytest.mark.parametrize(
    ("symbol", "multiplier"),
    [("IO2406-C-3500.CFFEX", 100), ("m2409-C-3000.DCE", 10), ("10002533.SSE", 10_000)],
)
def test_the_multiplier_of_an_option_is_no_lot(symbol: str, multiplier: float) -> None:
    units = read_units(figures(multiplier=multiplier), symbol)

    assert (units.volume.value, units.turnover.value) == (1, 1)
    assert "multiplier" in units.volume.reasons[0]


def test_without_a_turnover_shares_are_taken_as_they_stand_and_doubted() -> None:
    first, high, low, close, volume = made()

    units = read_units(Figures(first, high, low, close, volume=volume), "600000.SSE")

    assert units.volume.value == 1
    assert units.volume.confidence < 0.7
    assert (
        read_units(Figures(first, high, low, close), "600000.SSE", in_lots=True).volume.value == 100
    )


def test_an_odd_turnover_is_left_alone_and_doubted() -> None:
    units = read_units(figures(money=3), "600000.SSE")

    assert (units.volume.value, units.turnover.value) == (1, 1)
    assert units.turnover.confidence < 0.7


def test_prices_that_turnover_contradicts_are_suspected() -> None:
    plain = figures()
    factor = np.where(np.arange(ROWS) < 200, 0.6, 1.0)
    moved = Figures(
        plain.open * factor,
        plain.high * factor,
        plain.low * factor,
        plain.close * factor,
        volume=plain.volume,
        turnover=plain.turnover,
    )

    assert read_adjustment(plain, "600000.SSE").value == "none"
    found = read_adjustment(moved, "600000.SSE")
    assert found.value == "suspected"
    assert "1.67 times" in found.reasons[0]


def test_prices_off_the_cent_in_early_history_alone_are_suspected() -> None:
    first, high, low, close, _ = made()
    factor = np.where(np.arange(ROWS) < 200, 0.9137, 1.0)

    moved = Figures(first * factor, high * factor, low * factor, close * factor)

    assert read_adjustment(moved, "AAPL.US").value == "suspected"
    assert read_adjustment(moved, "BTC-USDT.BINANCE").value == "none"


def test_only_prices_laid_out_as_leans_are_divided() -> None:
    prices = made()[3] * 10_000

    assert read_price_scale(np.rint(prices), is_lean=True).value == 10_000
    assert read_price_scale(np.rint(prices), is_lean=False).value == 1
    assert read_price_scale(prices / 10_000, is_lean=True).value == 1


def profiles(*columns: FloatArray) -> list[Profile]:
    table = table_of(*columns)
    return profile(tuple("" for _ in columns), table, None)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 2, 0), (2, 0, 3, 1), (1, 3, 0, 2)])
def test_prices_are_told_by_what_they_do_in_any_order(order: tuple[int, ...]) -> None:
    columns = made()

    (found,) = find_quads(profiles(*(columns[place] for place in order), columns[4]))

    (first, high, low, close), share = found
    assert [order[place] for place in (first, high, low, close)] == [0, 1, 2, 3]
    assert share == 1


def test_the_newest_row_first_turns_open_and_close() -> None:
    columns = [column[::-1] for column in made()[:4]]

    (found,) = find_quads(profiles(*columns), is_descending=True)

    assert found[0] == (0, 1, 2, 3)


def test_of_two_prices_the_lower_is_the_bid() -> None:
    close = made()[3]

    assert find_sides(profiles(close + 0.01, close)) == (1, 0)
    assert find_sides(profiles(close, np.roll(close, 1))) is None
