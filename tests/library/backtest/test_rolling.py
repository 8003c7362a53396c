"""A continuous series is traded on its contracts: what rolls cost, and what they leave alone."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult, backtest, load_result
from quantloom.backtest.spec import BadRunSetting
from quantloom.kit import FloatArray
from quantloom.market import Action as MarketAction
from quantloom.market import (
    Bars,
    CannotSplice,
    Continuous,
    Leg,
    Shift,
    chain_contracts,
    get_calendar,
)
from quantloom.strategy import Context, Strategy
from quantloom.trading import Fill
from tests.library.backtest.builders import Action, scripted

MAY, OCTOBER, CHAIN = "rb2405.SHFE", "rb2410.SHFE", "rb-MAIN.SHFE"
DAYS = get_calendar("cn_futures").trading_days(date(2024, 3, 4), date(2024, 3, 22))
TERMS: dict[str, Any] = {"participation": None, "cash": 1_000_000}


def contract(
    symbol: str,
    closes: Sequence[float] | FloatArray,
    volume: Sequence[float] | None = None,
) -> Bars:
    prices = np.asarray(closes, dtype=np.float64)
    ts = np.array(DAYS[: len(prices)], dtype="datetime64[ns]")
    return Bars.of(
        symbol,
        "1d",
        ts=ts,
        open=prices,
        high=prices,
        low=prices,
        close=prices,
        volume=np.full(len(prices), 1e6) if volume is None else volume,
    )


def chain(old: Bars, new: Bars, *, at: int | None, **terms: Any) -> Continuous:
    """Two contracts, the second held from a day on, counted from 0; never where none is given."""
    legs = [Leg(MAY, DAYS[0])] + ([] if at is None else [Leg(OCTOBER, DAYS[at])])
    return chain_contracts({MAY: old, OCTOBER: new}, roll=legs, **terms)


def held(quantity: int, *, since: int = 0, tag: str = "") -> Mapping[int, Action]:
    return {since: lambda ctx: ctx.target_quantity(CHAIN, quantity, tag=tag)}


def run(script: Mapping[int, Action], series: Continuous, **terms: Any) -> BacktestResult:
    return backtest(scripted(script), series, **TERMS | terms)


walks = st.lists(st.integers(-30, 30), min_size=6, max_size=6).map(
    lambda steps: 3700 + np.cumsum(steps)
)


@given(walks, st.integers(1, 5), st.sampled_from([-3, 3]))
def test_a_roll_between_equal_prices_without_costs_changes_nothing(
    closes: FloatArray, at: int, quantity: int
) -> None:
    old, new = contract(MAY, closes), contract(OCTOBER, closes)

    rolled = run(held(quantity), chain(old, new, at=at))
    never = run(held(quantity), chain(old, new, at=None))

    assert rolled.equity["equity"].tolist() == never.equity["equity"].tolist()
    assert rolled.final_equity == never.final_equity


@given(walks, st.integers(2, 5), st.sampled_from([-3, 3]))
def test_a_roll_costs_its_two_commissions_and_slippages(
    closes: FloatArray, at: int, quantity: int
) -> None:
    old, new = contract(MAY, closes), contract(OCTOBER, closes)
    terms: dict[str, Any] = {"commission": 0.0002, "slippage": 2}

    rolled = run(held(quantity), chain(old, new, at=at), **terms)
    never = run(held(quantity), chain(old, new, at=None), **terms)

    rolls = [row for row in rolled.fills.rows() if row["cause"] == "roll"]
    costs = sum((row["commission"] + row["slippage"] for row in rolls), Decimal(0))
    price = Decimal(str(closes[at]))
    # Three lots of ten tons, two ticks of 1 each way, 0.02 % on a tick more and one less.
    assert len(rolls) == 2
    assert costs == 2 * 30 * 2 + 2 * 30 * price * Decimal("0.0002")
    assert rolled.final_equity == never.final_equity - costs


@given(walks, walks, st.integers(1, 5), st.sampled_from(["ratio", "difference"]))
def test_cash_is_what_the_fills_moved(
    first: FloatArray, second: FloatArray, at: int, method: str
) -> None:
    script = dict(held(2)) | dict(held(0, since=4))
    series = chain(contract(MAY, first), contract(OCTOBER, second + 100), at=at, method=method)

    result = run(script, series, commission=0.0001, slippage=1)

    flows = sum(
        (
            (row["price"] if row["side"] == "sell" else -row["price"]) * row["quantity"] * 10
            - row["commission"]
            for row in result.fills.rows()
        ),
        Decimal(0),
    )
    assert len(result.positions) == 0
    assert result.final_cash == 1_000_000 + flows


def test_lots_keep_their_tags_over_a_roll() -> None:
    script = {
        0: lambda ctx: ctx.buy(CHAIN, 1, tag="one"),
        1: lambda ctx: ctx.buy(CHAIN, 2, tag="two"),
        4: lambda ctx: ctx.close(CHAIN),
    }
    flat = np.full(6, 3700.0)

    result = run(script, chain(contract(MAY, flat), contract(OCTOBER, flat), at=4))

    exits = [*zip(result.round_trips["exit"], result.round_trips["tag"], strict=True)]
    assert exits == [("roll", "one"), ("roll", "two"), ("market", "one"), ("market", "two")]
    assert result.round_trips["quantity"].tolist() == [1, 2, 1, 2]


def test_a_contract_without_a_bar_at_its_roll_is_left_at_its_last_close() -> None:
    old = contract(MAY, [3700, 3700, 3690])

    result = run(held(1), chain(old, contract(OCTOBER, np.full(6, 3650.0)), at=3))

    assert result.fills["price"].tolist() == [3700, 3690, 3650]
    assert [text for _, text in result.log] == [
        f"{MAY} had no bar at its roll and was left at its last close"
    ]


class Listening(Strategy):
    """Writes down what it hears of a roll."""

    def initialize(self, ctx: Context) -> None:
        self.heard: list[list[Any]] = []

    def on_start(self, ctx: Context) -> None:
        ctx.buy(CHAIN, 1)

    def on_shift(self, ctx: Context, symbol: str, shift: Shift) -> None:
        self.heard.append(["shift", symbol, float(shift.price(3700)), float(ctx.price())])

    def before_trading(self, ctx: Context) -> None:
        self.heard.append(["day", ctx.position.average_price])

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        self.heard.append(["fill", fill.cause])

    def on_bar(self, ctx: Context, bar: object) -> None:
        self.heard.append(["bar", ctx.position.average_price])

    def save_state(self) -> dict[str, Any]:
        return {"heard": self.heard[-3:]}


def test_a_strategy_hears_of_a_roll_before_the_day_and_not_of_its_fills() -> None:
    old, new = contract(MAY, [3700, 3700, 3690]), contract(OCTOBER, [3600, 3600, 3610])

    result = backtest(Listening, chain(old, new, at=2), **TERMS)

    # The new entry price is not known before its bar.
    assert result.state["heard"] == [
        ["shift", CHAIN, 3600.0, 3600.0],
        ["day", 3700.0],
        ["bar", 3610.0],
    ]


def test_a_difference_moves_the_past_by_the_gap() -> None:
    seen: list[float] = []

    class Looking(Strategy):
        def on_bar(self, ctx: Context, bar: object) -> None:
            seen.append(float(ctx.history(2).close[0]))

    old, new = contract(MAY, [3700, 3710, 3700]), contract(OCTOBER, [3600, 3600, 3610])

    backtest(Looking, chain(old, new, at=2, method="difference"), **TERMS)

    assert seen == [3700, 3700, 3600]


def test_a_run_inside_of_one_leg_does_not_roll() -> None:
    series = chain(contract(MAY, np.full(6, 3700.0)), contract(OCTOBER, np.full(6, 3600.0)), at=2)

    result = run(held(1), series, start=DAYS[2].isoformat())

    assert [*result.fills["contract"]] == [OCTOBER]
    assert result.equity["equity"].tolist() == [1_000_000] * 4


def test_the_contracts_are_in_the_hash_of_the_facts() -> None:
    flat = np.full(6, 3700.0)
    series = chain(contract(MAY, flat), contract(OCTOBER, flat), at=3)
    other = chain(contract(MAY, flat), contract(OCTOBER, flat), at=4)

    hashes = [run(held(1), one).hashes.facts for one in (series, series, other)]

    assert hashes[0] == hashes[1] != hashes[2]
    assert "" not in hashes


def test_a_saved_run_keeps_its_contracts(tmp_path: Path) -> None:
    flat = np.full(6, 3700.0)
    result = run(held(1), chain(contract(MAY, flat), contract(OCTOBER, flat), at=3))

    result.save(tmp_path / "run")

    assert [*load_result(tmp_path / "run").fills["contract"]] == [MAY, MAY, OCTOBER]


def test_a_chain_without_contracts_is_warned_of() -> None:
    flat = np.full(6, 3700.0)
    series = chain(contract(MAY, flat), contract(OCTOBER, flat), at=3)

    stitched = backtest(scripted(held(1)), series.bars, **TERMS)
    real = run(held(1), series)

    assert stitched.stitched == (CHAIN,)
    assert "rolls_in_prices" in {found.code for found in stitched.diagnostics}
    assert "rolls_in_prices" not in {found.code for found in real.diagnostics}
    assert "contract" not in stitched.fills


def test_contracts_are_chained_by_what_is_traded_most() -> None:
    old = contract(MAY, np.full(6, 3700.0))
    new = contract(OCTOBER, np.full(6, 3600.0), volume=[1, 1, 2e6, 3e6, 3e6, 3e6])

    series = chain_contracts({OCTOBER: new, MAY: old})

    assert series.bars.symbol == CHAIN
    assert series.legs == (Leg(MAY, DAYS[1]), Leg(OCTOBER, DAYS[3]))


def test_contracts_are_chained_before_they_end() -> None:
    old, new = contract("rb2403.SHFE", np.full(9, 3700.0)), contract(MAY, np.full(12, 3600.0))

    series = chain_contracts({"rb2403.SHFE": old, MAY: new}, roll="expiry", trading_days=2)

    # rb2403 ends on Friday the 15th; two trading days before it is the 13th.
    assert series.legs[1] == Leg(MAY, date(2024, 3, 13))


def test_a_series_is_not_run_with_locks() -> None:
    flat = np.full(6, 3700.0)
    series = chain(contract(MAY, flat), contract(OCTOBER, flat), at=3)

    with pytest.raises(BadRunSetting, match="lock"):
        run(held(1), series, rules=True, offsets="cheapest")


def test_a_series_rolls_by_the_offset_router() -> None:
    flat = np.full(6, 3700.0)
    series = chain(contract(MAY, flat), contract(OCTOBER, flat), at=3)

    result = run(held(1), series, rules=True, offsets="close")

    assert [*result.fills["contract"]] == [MAY, MAY, OCTOBER]


def test_contracts_of_two_products_make_no_series_unless_it_is_named() -> None:
    flat = np.full(6, 3700.0)
    contracts = {MAY: contract(MAY, flat), "hc2410.SHFE": contract("hc2410.SHFE", flat)}

    with pytest.raises(CannotSplice, match=r"hc2410\.SHFE is of another product"):
        chain_contracts(contracts)
    assert chain_contracts(contracts, symbol="steel-MAIN.SHFE").bars.symbol == "steel-MAIN.SHFE"


def test_an_unknown_rule_to_roll_by_is_refused() -> None:
    bars = contract(MAY, np.full(6, 3700.0))

    with pytest.raises(CannotSplice, match="volume, open_interest, expiry"):
        chain_contracts({MAY: bars}, roll="moon")  # type: ignore[arg-type]


def test_a_roll_moves_an_order_once_though_a_share_goes_ex_with_it() -> None:
    closes = [3700.0] * 6
    series = chain(contract(MAY, closes), contract(OCTOBER, [3800.0] * 6), at=3)
    share = contract("600000.SSE", [10.0] * 6)
    paid = MarketAction(symbol="600000.SSE", ex_day=DAYS[3], cash=Decimal("0.1"))
    data: dict[str, Bars | Continuous] = {CHAIN: series, share.symbol: share}
    waiting = {0: lambda ctx: ctx.buy(CHAIN, 1, price=3600)}

    result = backtest(scripted(waiting), data, actions=[paid], **TERMS)
    alone = run(waiting, series)

    assert result.orders["price"].tolist() == alone.orders["price"].tolist()
