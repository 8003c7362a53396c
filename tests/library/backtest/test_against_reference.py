"""The engine and a plain one written from the reference pages alone agree on everything."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from tests.library.backtest.builders import HOUR_NS
from tests.library.backtest.cases import Case, make_case, run_product, run_reference
from tests.library.backtest.reference_account import Book, Order

# All of the page but `not_ready`: the plain engine knows no average true range.
RULES = {
    "auction_over",
    "bad_price",
    "bracket_closed",
    "cancelled_by_strategy",
    "day_over",
    "end_of_data",
    "entry_gone",
    "insufficient_funds",
    "not_immediate",
    "not_whole",
    "nothing_to_close",
    "oco",
    "off_lot",
    "off_tick",
    "position_closed",
    "short_not_allowed",
    "time_over",
    "trimmed",
    "would_close",
    "would_take",
}
KINDS = {"market", "limit", "stop", "stop_limit", "trailing_stop"}
# A stop can take part neither in one open nor in one close.
TIFS = {(kind, tif) for kind in KINDS for tif in ("GTC", "DAY", "GTD")} | {
    (kind, tif) for kind in ("market", "limit") for tif in ("IOC", "FOK", "OPEN", "CLOSE")
}


@settings(max_examples=max(200, settings().max_examples))
@given(st.randoms(use_true_random=False))
def test_the_engine_and_the_plain_reference_agree(random: Random) -> None:
    assert_agree(make_case(random))


@pytest.mark.parametrize("block", range(4))
@pytest.mark.untraced
def test_seeded_cases_agree(block: int) -> None:
    for seed in range(block * 250, block * 250 + 250):
        assert_same(*run_seed(seed))


@pytest.mark.soak
@pytest.mark.parametrize("block", range(100))
def test_very_many_seeded_cases_agree(block: int) -> None:
    for seed in range(10_000 + block * 500, 10_000 + block * 500 + 500):
        assert_agree(make_case(Random(seed)))


@pytest.mark.parametrize("block", range(2))
@pytest.mark.untraced
def test_a_future_cut_off_changes_no_earlier_fill(block: int) -> None:
    for seed in range(block * 150, block * 150 + 150):
        case = with_volume(make_case(Random(seed)))
        count = cut_of(case, Random(seed))
        if not count:
            continue
        # Without the orders of the last bar: whether it ends its day is not known yet (13).
        part = replace(case, bars=case.bars[:count], script=case.script[: count + 1])

        long, short = run_product(case), run_product(part)

        fills = product_fills(long, case)
        assert fills[: len(short.fills)] == product_fills(short, part), case
        assert all(at >= count for at, *_ in fills[len(short.fills) :]), case
        assert long.equity["equity"][:count].tolist() == short.equity["equity"].tolist(), case


def with_volume(case: Case) -> Case:
    """The same where every bar has volume: whether a source has any is a fact of all of it."""
    bars = [
        (hour, {symbol: (*prices, volume or 1.0) for symbol, (*prices, volume) in present.items()})
        for hour, present in case.bars
    ]
    return replace(case, bars=bars)


def cut_of(case: Case, random: Random) -> int:
    """How many times to keep: all instruments in them, and no day ending with the cut."""
    last = {symbol: hour for hour, present in case.bars for symbol in present}
    good = [
        count
        for count in range(1, len(case.bars))
        if set(case.instruments) == {name for _, present in case.bars[:count] for name in present}
        and all(is_told_of_its_end(case, symbol, count, last) for symbol in case.instruments)
    ]
    return random.choice(good) if good else 0


def is_told_of_its_end(case: Case, symbol: str, count: int, last: dict[str, int]) -> bool:
    """13: whether the last bar that is kept looks the same with its future and without."""
    hours = [hour for hour, present in case.bars if symbol in present]
    kept = [hour for hour, present in case.bars[:count] if symbol in present]
    follows = hours[len(kept)] if len(kept) < len(hours) else kept[-1]
    return kept[-1] % 24 == 23 or follows // 24 == kept[-1] // 24 or kept[-1] == last[symbol]


@cache
def run_seed(seed: int) -> tuple[Case, Book]:
    case = make_case(Random(seed))
    return case, run_reference(case)


@pytest.fixture(scope="module")
def ran() -> list[tuple[Case, Book]]:
    return [run_seed(seed) for seed in range(1_000)]


def orders_of(ran: list[tuple[Case, Book]]) -> Iterator[Order]:
    return (order for _, book in ran for order in book.orders)


def test_the_cases_reach_every_rule_and_every_moment(ran: list[tuple[Case, Book]]) -> None:
    assert {order.rule for order in orders_of(ran)} == RULES | {""}
    assert {moment for order in orders_of(ran) for moment in order.moments} == set(range(1, 9))
    ends = {order.status for order in orders_of(ran)}
    assert ends == {"filled", "cancelled", "rejected", "expired"}


def test_the_cases_fill_every_kind_of_order(ran: list[tuple[Case, Book]]) -> None:
    filled = [order for order in orders_of(ran) if order.filled]

    assert {(order.kind, order.tif) for order in filled} == TIFS
    assert {order.offset for order in filled} == OFFSETS
    assert any(order.post_only for order in filled)
    assert any(order.condition and "at" in order.condition for order in filled)
    assert {
        (order.condition["is_above"], order.condition["symbol"] == order.symbol)
        for order in filled
        if order.condition and "at" not in order.condition
    } == {(above, own) for above in (True, False) for own in (True, False)}


OFFSETS = {"auto", "open", "close", "close_today", "close_yesterday"}


def test_the_cases_fill_every_form_of_bracket(ran: list[tuple[Case, Book]]) -> None:
    forms = {
        (order.part, order.kind, "price" if order.distance is None else order.distance["unit"])
        for order in orders_of(ran)
        if order.part and order.filled
    }

    units = {"ticks", "percent", "points"}
    assert forms == (
        {(*half, unit) for half in HALVES for unit in {"price"} | units}
        | {("stop_loss", "trailing_stop", unit) for unit in units}
    )


HALVES = [("stop_loss", "stop"), ("take_profit", "limit")]


def test_the_cases_reach_every_way_of_booking(ran: list[tuple[Case, Book]]) -> None:
    traded = [(case, book) for case, book in ran if book.trips]

    def seen(name: str) -> set[Any]:
        return {case.terms[name] for case, _ in traded}

    assert seen("latency") == {0, 1, 2}
    assert len(seen("participation")) == 4
    assert len(seen("minimum")) == 2
    impacts = [case.terms["impact"] for case, _ in traded]
    assert {None if one is None else one["kind"] for one in impacts} == IMPACTS
    assert {len(case.instruments) for case, _ in traded} == {1, 2, 3}
    assert {one["kind"] for case, _ in traded for one in case.instruments.values()} >= {"future"}
    assert any(book.equity[-1] < 0 for _, book in ran)
    assert any(is_flip(book) for _, book in ran)
    assert any(len(order.moments) > 2 for order in orders_of(ran))


IMPACTS = {None, "volume_share", "square_root"}


def is_flip(book: Book) -> bool:
    held: dict[str, Fraction] = dict.fromkeys(book.instruments, Fraction(0))
    for _, symbol, sign, quantity, *_ in book.fills:
        before, held[symbol] = held[symbol], held[symbol] + sign * quantity
        if before * held[symbol] < 0:
            return True
    return False


def assert_agree(case: Case) -> None:
    assert_same(case, run_reference(case))


def assert_same(case: Case, expected: Book) -> None:
    result = run_product(case)

    assert product_fills(result, case) == expected.fills, case
    assert product_orders(result) == [
        (order.status, order.rule, order.filled) for order in expected.orders
    ], case
    assert product_trips(result) == expected.trips, case
    assert Fraction(result.final_cash) == expected.cash, case
    assert Fraction(result.final_equity) == expected.equity[-1], case
    curve = [float(value) for value in expected.equity]
    assert result.equity["equity"].tolist() == pytest.approx(curve, rel=1e-9, abs=1e-6), case


def product_fills(result: BacktestResult, case: Case) -> list[tuple[Any, ...]]:
    places = {hour * HOUR_NS: place for place, (hour, _) in enumerate(case.bars)}
    return [
        (
            places[row["ts_ns"]],
            row["symbol"],
            1 if row["side"] == "buy" else -1,
            *(Fraction(row[name]) for name in ("quantity", "price", "commission", "slippage")),
        )
        for row in result.fills.rows()
    ]


def product_orders(result: BacktestResult) -> list[tuple[str, str, Fraction]]:
    return [(row["status"], row["rule"], Fraction(row["filled"])) for row in result.orders.rows()]


def product_trips(result: BacktestResult) -> list[tuple[Any, ...]]:
    names = ("quantity", "entry_price", "exit_price", "gross", "commission", "pnl")
    return [
        (row["symbol"], *(Fraction(row[name]) for name in names), row["exit"])
        for row in result.round_trips.rows()
    ]
