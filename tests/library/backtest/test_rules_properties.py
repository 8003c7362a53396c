"""What no order on any day may break while the rule book is in force."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from quantloom.market import Kind
from quantloom.trading import Fill, Offset
from tests.library.backtest.ruled_account import FREE, account_of
from tests.library.backtest.ruled_cases import (
    MARKETS,
    MEAL,
    PERPETUAL,
    REBAR,
    SHARES,
    US,
    Market,
    RuledCase,
    Run,
    book_without_rules,
    make_ruled_case,
    run_ruled,
)

# Their thousand runs go where plain tests have been, for which coverage counts.
pytestmark = pytest.mark.untraced

_EPOCH = date(1970, 1, 1)
_SEEDS, _FEW = 30, 25
_SOAK_SEEDS = 2_000


def assert_rules_hold(run: Run) -> None:
    assert_within_limits(run)
    assert_nothing_bought_today_is_sold(run)
    assert_purchases_are_large_enough(run)
    assert_cash_is_conserved(run)
    assert_commissions_are_the_books(run)
    assert_settlement_moves_no_equity(run)
    assert_buckets_make_up_the_position(run)
    assert_days_follow_each_other(run)


def assert_within_limits(run: Run) -> None:
    """No fill outside the day's limits, and none of the side that a sealed board has locked."""
    tick = run.case.market.tick
    for fill in run.seen.fills:
        session, bar = run.case.session_at(fill.ts_ns), run.case.bar_at(fill.ts_ns)
        if session.up is not None:
            assert fill.price <= session.up * tick, run.case
        if session.down is not None:
            assert fill.price >= session.down * tick, run.case
        if fill.cause == FREE:
            continue
        is_still = len(set(bar)) == 1
        assert not (is_still and fill.side == "buy" and bar[0] == session.up), run.case
        assert not (is_still and fill.side == "sell" and bar[0] == session.down), run.case


def assert_nothing_bought_today_is_sold(run: Run) -> None:
    """Where shares must be kept a night, a day sells no more than it began with."""
    if not run.case.market.sells_next_day:
        return
    held = {session.day: Fraction(0) for session in run.case.sessions}
    sold, bought = dict(held), dict(held)
    for fill in run.seen.fills:
        side = bought if fill.side == "buy" else sold
        side[run.case.session_at(fill.ts_ns).day] += Fraction(fill.quantity)
    position = Fraction(0)
    for day in held:
        assert sold[day] <= position, run.case
        position += bought[day] - sold[day]


def assert_purchases_are_large_enough(run: Run) -> None:
    """No board sells less than its least, unless the volume has cut an order that was larger."""
    if run.case.terms["participation"] is not None:
        return
    for fill in run.seen.fills:
        assert fill.side == "sell" or fill.quantity >= run.case.market.least, run.case


def assert_cash_is_conserved(run: Run) -> None:
    """To the last digit: what the run began with, its fills, its payments, its settlements."""
    market, result = run.case.market, run.result
    account = account_of(run, run.seen.fills)
    paid = sum(map(Fraction, result.payments["amount"]), Fraction(0))
    start = Fraction(result.spec.cash) + paid - account.paid
    last = run.case.sessions[-1]
    close = last.bars[-1][3] * Fraction(market.tick)

    assert Fraction(result.final_equity) == start - account.spent + account.worth(close), run.case
    if market.is_settled:
        settled = last.settlement * Fraction(market.tick)
        cash = start - account.spent + account.worth(settled)
    elif market.is_margined:
        cash = start + account.made
    else:
        cash = start - account.spent
    assert Fraction(result.final_cash) == cash, run.case
    assert account.made == sum(map(Fraction, result.round_trips["gross"]), Fraction(0)), run.case


def assert_commissions_are_the_books(run: Run) -> None:
    charges = account_of(run, run.seen.fills).charges
    for fill in run.seen.fills:
        assert Fraction(fill.commission) in charges[fill.id], run.case


def assert_settlement_moves_no_equity(run: Run) -> None:
    """Equity after each bar is that of the fills so far at its close; settlements have no part."""
    market, result = run.case.market, run.result
    if len(result.payments):
        return
    closes = [bar[3] for session in run.case.sessions for bar in session.bars]
    for ts_ns, close, equity in zip(
        result.equity["ts_ns"].tolist(), closes, result.equity["equity"].tolist(), strict=True
    ):
        account = account_of(run, [one for one in run.seen.fills if one.ts_ns <= ts_ns])
        at_close = account.worth(close * Fraction(market.tick)) - account.spent - account.paid
        expected = float(Fraction(result.spec.cash) + at_close)
        assert equity == pytest.approx(expected, rel=1e-12, abs=1e-6), run.case


def assert_buckets_make_up_the_position(run: Run) -> None:
    """Lots of today and older ones add up, and none is on the other side of the position."""
    for (_, position, of_day, older), signs in zip(run.seen.lots, run.seen.signs, strict=True):
        assert of_day + older == position, run.case
        assert of_day * older >= 0, run.case
        assert signs <= {position > 0}, run.case


def assert_days_follow_each_other(run: Run) -> None:
    """A night belongs to the day that it comes before, and no day comes back."""
    days = [session.day for session in run.case.sessions for _ in session.bars]
    found = run.result.days.astype("datetime64[D]").tolist()

    assert found == days, run.case
    assert all(one <= other for one, other in pairwise(found))
    for fill in run.seen.fills:
        assert _EPOCH + timedelta(days=fill.day) == run.case.session_at(fill.ts_ns).day, run.case


@settings(max_examples=max(30, settings().max_examples // 10))
@given(st.randoms(use_true_random=False))
def test_the_rules_hold_on_random_days_of_any_market(random: Random) -> None:
    assert_rules_hold(run_ruled(make_ruled_case(random)))


@pytest.mark.parametrize("market", MARKETS, ids=lambda one: one.symbol)
def test_the_rules_hold_on_seeded_days(market: Market) -> None:
    for seed in range(_SEEDS):
        assert_rules_hold(run_ruled(make_ruled_case(Random(seed), [market])))


@cache
def ran() -> list[Run]:
    return [
        run_ruled(make_ruled_case(Random(seed), [market]))
        for market in MARKETS
        for seed in range(_FEW)
    ]


def test_the_cases_meet_every_rule() -> None:
    causes = {fill.cause for run in ran() for fill in run.seen.fills}
    rules = {rule for run in ran() for rule in run.result.orders["rule"].tolist()}

    assert causes >= {"market", "limit", "stop", "stop_limit", "trailing_stop"}
    assert causes >= {"stop_loss", "take_profit", "liquidation", "expiry"}
    assert rules >= {"bought_today", "below_minimum", "contract_over", "insufficient_funds"}
    assert {fill.offset for run in ran() for fill in run.seen.fills} == set(Offset)


def test_the_cases_meet_the_limits() -> None:
    sessions = [session for run in ran() for session in run.case.sessions]
    bought = [at_limit(run, fill) == "up" for run in ran() for fill in run.seen.fills]
    sold = [at_limit(run, fill) == "down" for run in ran() for fill in run.seen.fills]

    assert sum(set(one.bars) == {(one.up,) * 4} for one in sessions) > 20
    assert sum(set(one.bars) == {(one.down,) * 4} for one in sessions) > 20
    assert min(sum(bought), sum(sold)) > 5


def at_limit(run: Run, fill: Fill) -> str:
    session, price = run.case.session_at(fill.ts_ns), fill.price / run.case.market.tick
    return "up" if price == session.up else "down" if price == session.down else ""


@pytest.mark.soak
@pytest.mark.parametrize("market", MARKETS, ids=lambda one: one.symbol)
def test_the_rules_hold_on_very_many_seeded_days(market: Market) -> None:
    for seed in range(10_000, 10_000 + _SOAK_SEEDS):
        assert_rules_hold(run_ruled(make_ruled_case(Random(seed), [market])))


@given(st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_same_inputs_give_the_same_bytes(random: Random) -> None:
    case = make_ruled_case(random)

    first, again = run_ruled(case).result, run_ruled(case).result

    assert first.hashes == again.hashes
    assert first.to_bytes() == again.to_bytes()


# What has a contract's end or a book's own sizes is left out: plain runs know neither.
_PLAIN = (REBAR, MEAL, *SHARES, PERPETUAL, US)


@pytest.mark.parametrize("market", _PLAIN, ids=lambda one: one.symbol)
def test_a_book_without_rules_gives_the_fills_of_a_plain_run(market: Market) -> None:
    book = book_without_rules(market)
    compared = 0
    for seed in range(_FEW):
        case = without_offsets(make_ruled_case(Random(seed), [market]))
        if case.has_rest:  # the day's orders end with it by the rules, and go on without them
            continue
        ruled = run_ruled(case, rules=book).result

        plain = run_ruled(case, rules=False, instrument=ruled.spec.instrument).result

        if is_short_of_money(ruled) or is_short_of_money(plain):
            continue
        for name in ("fills", "orders"):
            assert list(getattr(ruled, name).rows()) == list(getattr(plain, name).rows()), case
        compared += len(plain.fills)
    assert compared > 5


def is_short_of_money(result: BacktestResult) -> bool:
    """Whether margin had a say: that of futures is of yesterday's prices, in plain runs of now."""
    ends = {*result.orders["role"].tolist()}
    if result.spec.instrument.kind is Kind.FUTURE:
        ends |= {*result.orders["rule"].tolist()}
    return not ends.isdisjoint({"liquidation", "insufficient_funds", "trimmed"})


def without_offsets(case: RuledCase) -> RuledCase:
    """The same where no order names the lots it closes: a rule of venues, which plain runs lack."""
    kept = [
        [{name: value for name, value in one.items() if name != "offset"} for one in actions]
        for actions in case.script
    ]
    return replace(case, script=kept)
