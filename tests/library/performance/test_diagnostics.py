import string
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import (
    FINDINGS,
    Finding,
    RunColumns,
    diagnose,
    equity_at_costs,
)
from tests.library.performance.curves import (
    HOUR_NS,
    make_bars,
    make_days,
    make_equity,
    make_fills,
    make_full_trips,
    make_run,
)

RISING = np.linspace(100_100.0, 110_000.0, 504)


def found(run: RunColumns) -> dict[str, Finding]:
    return {finding.code: finding for finding in diagnose(run)}


def with_summary(**changes: Any) -> RunColumns:
    run = make_run()
    return replace(run, summary=replace(run.summary, **changes))


def test_nothing_speaks_against_a_sound_run() -> None:
    assert diagnose(make_run()) == ()


@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_is_told_in_both_languages_with_the_same_facts(code: str) -> None:
    kind = FINDINGS[code]

    assert facts_of(kind.text_en) == facts_of(kind.text_zh)
    assert kind.text_en.isascii()
    assert not kind.text_zh.isascii()


def facts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_lost_account_is_grave_and_told_first() -> None:
    told = diagnose(make_run([50.0, -20.0, *[10.0] * 100]))

    assert [finding.severity for finding in told] == sorted(
        (finding.severity for finding in told), key=["grave", "warning", "note"].index
    )
    assert told[0].code == "ruined"
    assert "-20.00" in told[0].text_en
    assert "-20.00" in told[0].text_zh


def test_a_run_without_fills_is_not_blamed_for_what_it_never_did() -> None:
    idle = make_run(
        np.full(504, 100_000.0),
        round_trips=make_full_trips(0),
        fills=make_fills(0),
        orders=0,
        told={"commission": 0.0, "slippage": 0.0},
    )

    assert set(found(idle)) == {"no_fills"}


def test_few_trips_and_few_days_are_told_with_how_many_there_were() -> None:
    told = found(make_run(make_equity(40)[1:], round_trips=make_full_trips(29, pnl=1.0)))

    assert told["few_trips"].facts == {"count": 29, "enough": 30}
    assert told["short_span"].facts == {"count": 40}


def test_holding_to_the_end_is_no_round_trip_and_too_few() -> None:
    assert "few_trips" in found(make_run(round_trips=make_full_trips(0)))


@pytest.mark.parametrize(
    ("others", "best", "is_told"),
    [(-99.0, 101.0, True), (0.0, 5.0, True), (1.0, 500.0, False), (-99.0, 98.0, False)],
    ids=["others lose", "others earn nothing", "others earn", "no profit at all"],
)
def test_a_trip_without_which_no_profit_is_left(others: float, best: float, is_told: bool) -> None:
    trips = make_full_trips(3, pnl=[others / 2, others / 2, best])

    assert ("one_trip_makes_profit" in found(make_run(round_trips=trips))) == is_told


def test_the_only_trip_of_a_run_is_not_told_to_carry_it() -> None:
    assert "one_trip_makes_profit" not in found(make_run(round_trips=make_full_trips(1)))


def test_a_month_that_makes_the_profit_is_named() -> None:
    days = make_days(200)
    jump = days.astype("datetime64[M]") == np.datetime64("2020-05")
    curve = 100_000.0 + np.cumsum(np.where(jump, 100.0, -1.0))

    told = found(make_run(curve))

    assert told["month_makes_profit"].facts["month"] == "2020-05"
    assert "2020-05" in told["month_makes_profit"].text_zh


def test_steady_months_carry_each_other() -> None:
    assert "month_makes_profit" not in found(make_run(RISING))


def test_a_symbol_that_makes_the_profit_is_named_where_there_are_three() -> None:
    trips = make_full_trips(90, symbol=["A", "B", "C"] * 30, pnl=[-1.0, 5.0, -1.0] * 30)
    two = make_full_trips(90, symbol=["A", "B"] * 45, pnl=[-1.0, 5.0] * 45)

    told = found(make_run(round_trips=trips))

    assert told["symbol_makes_profit"].facts["symbol"] == "B"
    assert "symbol_makes_profit" not in found(make_run(round_trips=two))


def test_costs_that_turn_a_profit_into_a_loss() -> None:
    told = found(make_run(np.linspace(100_000.0, 99_900.0, 504), told={"commission": 500.0}))

    assert told["costs_exceed_profit"].facts == {"gross": 410.0, "costs": 510.0}
    assert not {"double_costs", "costs_eat_profit"} & set(told)


def test_a_loss_before_costs_is_not_the_costs_fault() -> None:
    told = found(make_run(np.linspace(100_000.0, 90_000.0, 504), told={"commission": 500.0}))

    assert "costs_exceed_profit" not in told


@pytest.mark.parametrize(
    ("commission", "code"),
    [(1_000.0, None), (4_000.0, "costs_eat_profit"), (9_990.0, "double_costs")],
)
def test_costs_are_told_by_what_they_take(commission: float, code: str | None) -> None:
    told = found(make_run(RISING, told={"commission": commission}))

    assert {"costs_eat_profit", "double_costs"} & set(told) == ({code} if code else set())


def test_twice_the_costs_are_those_of_the_redrawn_curve() -> None:
    run = make_run(RISING, told={"commission": 11_000.0, "slippage": 1_000.0})
    fills = make_fills(200)
    curve = equity_at_costs(
        equity=RISING,
        ts_ns=np.arange(504) * HOUR_NS,
        fill_ns=fills.ts_ns,
        costs=np.full(200, 12_000.0 / 200),
        multiple=2.0,
    )

    doubled = found(run)["double_costs"].facts["doubled"]

    assert doubled == pytest.approx(curve[-1] - 100_000.0)


def test_free_trading_is_told() -> None:
    told = found(make_run(told={"commission": 0.0, "slippage": 0.0}))

    assert set(told) == {"no_commission", "no_slippage"}


def test_a_chain_with_its_rolls_in_its_prices_is_told() -> None:
    told = found(make_run(stitched=("rb-MAIN.SHFE",)))

    assert told["rolls_in_prices"].facts["symbols"] == "rb-MAIN.SHFE"
    assert "chain_contracts" in told["rolls_in_prices"].text_en


def test_high_turnover_is_told_with_what_a_basis_point_takes() -> None:
    told = found(with_summary(turnover_ratio=250.0))

    assert told["high_turnover"].facts["drag"] == pytest.approx(0.025)
    assert "high_turnover" not in found(with_summary(turnover_ratio=99.0))


@pytest.mark.parametrize(
    "bars",
    [
        make_bars(np.full(300, 101.0), np.full(300, 101.0)),
        make_bars(np.full(300, 101.0), np.full(300, 99.0), volume=np.resize([0.0, 5e6], 300)),
        make_bars(np.full(300, 101.0), np.full(300, 99.0), volume=np.resize([np.nan, 5e6], 300)),
    ],
    ids=["flat", "zero volume", "unknown volume"],
)
def test_fills_on_stale_bars_are_counted(bars: Any) -> None:
    assert "stale_fills" in found(make_run(bars={"A": bars}))


def test_bars_that_never_tell_volume_are_not_stale_for_that() -> None:
    bars = make_bars(np.full(300, 101.0), np.full(300, 99.0), volume=np.nan)

    assert diagnose(make_run(bars={"A": bars})) == ()


def test_one_stale_fill_in_many_is_an_accident() -> None:
    low = np.full(300, 99.0)
    low[7] = 101.0

    assert "stale_fills" not in found(make_run(bars={"A": make_bars(np.full(300, 101.0), low)}))


def test_fills_larger_than_a_tenth_of_the_volume_are_counted() -> None:
    told = found(make_run(fills=make_fills(200, quantity=101.0)))

    assert told["large_fills"].facts == {"count": 200, "total": 200, "share": 0.1}
    assert "large_fills" not in found(make_run(fills=make_fills(200, quantity=100.0)))


def test_trips_within_one_bar_are_counted() -> None:
    rows = np.arange(100) * HOUR_NS
    held = np.where(np.arange(100) < 10, 0, HOUR_NS)

    told = found(make_run(round_trips=make_full_trips(100, pnl=1.0, exit_ns=rows + held)))

    assert told["trips_within_a_bar"].facts == {"count": 10, "total": 100}


@pytest.mark.parametrize(("refused", "is_told"), [(0, False), (19, False), (20, True)])
def test_many_refused_orders_are_told(refused: int, is_told: bool) -> None:
    assert ("refused_orders" in found(make_run(refused_orders=refused))) == is_told


def test_a_profit_that_is_still_open_is_told() -> None:
    told = found(make_run(RISING, open_profit=6_000.0))

    assert told["open_position_makes_profit"].facts == {"open": 6_000.0, "total": 10_000.0}


def test_losses_that_are_never_closed_are_told() -> None:
    trips = make_full_trips(100, pnl=10.0)

    told = found(make_run(round_trips=trips, open_profit=-500.0))

    assert told["open_losses"].facts == {"open": 500.0, "closed": 1_000.0}
    assert "open_losses" not in found(make_run(round_trips=trips, open_profit=-499.0))


def test_one_loss_that_undoes_ten_wins_of_a_frequent_winner_is_told() -> None:
    trips = make_full_trips(100, pnl=np.append(np.full(99, 2.0), -20.0))

    told = found(make_run(round_trips=trips))

    assert told["losses_dwarf_wins"].facts == {"win_rate": 0.99, "wins": 10.0}


def test_a_profit_made_by_the_last_bar_is_told() -> None:
    last = np.append(RISING[:-1], RISING[-2] + 5_000.0)

    assert found(make_run(last))["profit_hangs_on_last_bar"].facts["last"] == 5_000.0
    assert "profit_hangs_on_last_bar" not in found(make_run(RISING))


def test_a_sharpe_ratio_that_may_be_luck_tells_its_error() -> None:
    unsure = {"sharpe_ratio": 1.0, "sharpe_error": 0.7, "probabilistic_sharpe_ratio": 0.92}

    told = found(with_summary(**unsure))

    assert "1.00 has a standard error of 0.70" in told["sharpe_unsure"].text_en
    assert "sharpe_unsure" not in found(with_summary(**unsure | {"sharpe_ratio": -1.0}))


def test_a_sharpe_ratio_that_convinces_alone_but_not_as_the_best_of_many_is_told() -> None:
    best = {
        "sharpe_ratio": 1.2,
        "probabilistic_sharpe_ratio": 0.98,
        "trial_count": 64,
        "deflated_sharpe_ratio": 0.61,
    }

    told = found(with_summary(**best))

    assert "after 64 trials" in told["best_of_trials"].text_en
    assert "61%" in told["best_of_trials"].text_zh
    assert "best_of_trials" not in found(with_summary(**best | {"deflated_sharpe_ratio": 0.96}))
    assert "best_of_trials" not in found(
        with_summary(**best | {"trial_count": None, "deflated_sharpe_ratio": None})
    )


def test_a_sharpe_ratio_too_good_to_be_true_is_grave() -> None:
    assert found(with_summary(sharpe_ratio=5.0))["too_good"].severity == "grave"
    assert "too_good" not in found(with_summary(sharpe_ratio=5.0, trading_days=20))


def test_a_long_stretch_without_movement_is_told() -> None:
    resting = np.concatenate((make_equity(300, seed=1)[1:], np.full(204, 1.0)))
    resting[300:] = resting[299]

    assert found(make_run(resting))["flat_stretch"].facts == {"days": 204, "total": 504}


@given(
    st.lists(st.floats(-1e4, 1e6).map(lambda money: round(money, 2)), max_size=12),
    st.lists(st.floats(-1e4, 1e4).map(lambda money: round(money, 2)), max_size=5),
    st.floats(-1e5, 1e5),
    st.integers(0, 5),
)
def test_every_finding_can_be_told_whatever_the_run(
    equity: list[float], pnl: list[float], open_profit: float, refused: int
) -> None:
    run = make_run(
        equity,
        round_trips=make_full_trips(len(pnl), pnl=pnl),
        fills=make_fills(len(pnl) * 2),
        open_profit=open_profit,
        orders=5,
        refused_orders=refused,
    )

    for finding in diagnose(run):
        assert finding.text_en
        assert finding.text_zh
        assert not any(word in finding.text_en for word in ("nan", "inf ", "{"))
