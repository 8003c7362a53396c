import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import (
    AdjustedBelowZero,
    Anchor,
    Bars,
    CannotRoll,
    CannotSplice,
    Continuous,
    EmptyRange,
    Leg,
    NoDeliveryMonth,
    delivery_month,
    get_calendar,
    last_days,
    read_hots,
    roll_before_expiry,
    roll_by_open_interest,
    roll_by_volume,
    splice,
    unadjust,
)
from tests.shared_data import SHARED, needs_shared

FUTURES = get_calendar("cn_futures")
FIRST_DAY = date(2024, 1, 1)
NAMES = ["rb2405.SHFE", "rb2410.SHFE", "rb2501.SHFE"]
OLD, NEW, LAST = NAMES
D = Decimal
# Monday to Friday, twice; no holiday lies between.
DAYS = FUTURES.trading_days(date(2024, 3, 4), date(2024, 3, 15))
HOURS_NS = 3_600 * 10**9


def daily(
    symbol: str, closes: Sequence[float], volumes: Sequence[float] | None = None, **extras: Any
) -> Bars:
    close = np.array(closes, dtype=float)
    return Bars.of(
        symbol,
        "1d",
        ts=np.array(DAYS[: len(close)], dtype="datetime64[ns]"),
        open=close,
        high=close + 1,
        low=close - 1,
        close=close,
        volume=None if volumes is None else np.array(volumes, dtype=float),
        extras=extras,
    )


def two_contracts() -> dict[str, Bars]:
    """The new one is traded more from the third day on."""
    return {
        OLD: daily(OLD, [3700, 3710, 3720, 3730, 3740], [90, 80, 40, 30, 20]),
        NEW: daily(NEW, [3600, 3615, 3630, 3645, 3660], [10, 20, 60, 70, 80]),
    }


def chain(contracts: Mapping[str, Bars], **changed: Any) -> Continuous:
    legs = roll_by_volume(contracts, FUTURES)
    return splice(contracts, legs, FUTURES, symbol="rb-MAIN.SHFE", **changed)


def test_a_roll_decided_on_a_close_comes_into_force_on_the_next_trading_day() -> None:
    # The first day decides for the second, the third (when the new one leads) for the fourth.
    assert roll_by_volume(two_contracts(), FUTURES) == (Leg(OLD, DAYS[1]), Leg(NEW, DAYS[3]))


def test_a_roll_of_the_last_close_is_told_for_the_next_day_of_the_calendar() -> None:
    known = {name: bars[:3] for name, bars in two_contracts().items()}

    assert roll_by_volume(known, FUTURES)[-1] == Leg(NEW, DAYS[3])


def test_over_a_weekend_the_roll_waits_for_monday() -> None:
    contracts = {
        OLD: daily(OLD, [100] * 5, [9, 9, 9, 9, 1]),
        NEW: daily(NEW, [100] * 5, [1, 1, 1, 1, 9]),
    }

    assert roll_by_volume(contracts, FUTURES)[-1] == Leg(NEW, date(2024, 3, 11))


def test_what_was_left_is_never_held_again() -> None:
    contracts = {
        OLD: daily(OLD, [100] * 6, [9, 1, 9, 9, 9, 9]),
        NEW: daily(NEW, [100] * 6, [1, 9, 1, 1, 1, 1]),
    }

    assert roll_by_volume(contracts, FUTURES) == (Leg(OLD, DAYS[1]), Leg(NEW, DAYS[2]))


def test_equal_volume_is_no_reason_to_roll() -> None:
    contracts = {OLD: daily(OLD, [100] * 3, [9, 5, 5]), NEW: daily(NEW, [100] * 3, [1, 5, 5])}

    assert roll_by_volume(contracts, FUTURES) == (Leg(OLD, DAYS[1]),)


def test_a_month_that_is_never_traded_most_is_passed_over() -> None:
    contracts = {
        OLD: daily(OLD, [100] * 3, [9, 1, 1]),
        NEW: daily(NEW, [100] * 3, [1, 2, 2]),
        LAST: daily(LAST, [100] * 3, [1, 3, 9]),
    }

    assert roll_by_volume(contracts, FUTURES) == (Leg(OLD, DAYS[1]), Leg(LAST, DAYS[2]))


def test_contracts_may_come_in_any_order() -> None:
    contracts = two_contracts()

    backwards = dict(reversed(contracts.items()))

    assert roll_by_volume(backwards, FUTURES) == roll_by_volume(contracts, FUTURES)


def test_open_interest_decides_by_its_value_at_the_close() -> None:
    contracts = {
        OLD: daily(OLD, [100] * 4, [9] * 4, open_interest=[900, 800, 700, 600]),
        NEW: daily(NEW, [100] * 4, [1] * 4, open_interest=[100, 801, 900, 950]),
    }

    assert roll_by_open_interest(contracts, FUTURES) == (Leg(OLD, DAYS[1]), Leg(NEW, DAYS[2]))


def test_no_contract_is_held_past_its_last_day() -> None:
    contracts = {OLD: daily(OLD, [100] * 5, [9] * 5), NEW: daily(NEW, [100] * 5, [1] * 5)}

    legs = roll_by_volume(contracts, FUTURES, last_days={OLD: DAYS[2]})

    assert legs == (Leg(OLD, DAYS[1]), Leg(NEW, DAYS[3]))


def test_what_was_not_traded_cannot_be_compared() -> None:
    with pytest.raises(CannotRoll, match="no contract has a volume"):
        roll_by_volume({OLD: daily(OLD, [100, 100])}, FUTURES)
    with pytest.raises(CannotRoll, match="has no open_interest"):
        roll_by_open_interest(two_contracts(), FUTURES)
    with pytest.raises(CannotRoll, match="no contracts"):
        roll_by_volume({}, FUTURES)


@pytest.mark.parametrize(
    ("symbol", "month"),
    [
        ("rb2410.SHFE", date(2024, 10, 1)),
        ("cu9909.SHFE", date(1999, 9, 1)),
        ("ES201312.CME", date(2013, 12, 1)),
    ],
)
def test_the_delivery_month_stands_at_the_end_of_a_symbol(symbol: str, month: date) -> None:
    assert delivery_month(symbol) == month


@pytest.mark.parametrize("symbol", ["rb-MAIN.SHFE", "AAPL.US", "rb2413.SHFE"])
def test_a_symbol_without_a_month_is_no_contract(symbol: str) -> None:
    with pytest.raises(NoDeliveryMonth):
        delivery_month(symbol)


def test_last_days_are_those_of_the_rule_book() -> None:
    # Steel ends on the 15th, index futures on the third Friday: 2019-01-18.
    found = last_days(["rb1905.SHFE", "IF1901.CFFEX"], FUTURES)

    assert found == {"rb1905.SHFE": date(2019, 5, 15), "IF1901.CFFEX": date(2019, 1, 18)}


def test_a_contract_is_left_so_many_trading_days_before_its_last_one() -> None:
    ends = {"IF1901.CFFEX": date(2019, 1, 18), "IF1902.CFFEX": date(2019, 2, 15)}

    legs = roll_before_expiry(ends, FUTURES, start=date(2019, 1, 2), trading_days=3)

    # Thursday, Wednesday, Tuesday.
    assert legs == (
        Leg("IF1901.CFFEX", date(2019, 1, 2)),
        Leg("IF1902.CFFEX", date(2019, 1, 15)),
    )


def test_a_contract_that_is_over_at_the_start_is_not_held() -> None:
    ends = {"IF1901.CFFEX": date(2019, 1, 18), "IF1902.CFFEX": date(2019, 2, 15)}

    legs = roll_before_expiry(ends, FUTURES, start=date(2019, 1, 17))

    assert legs == (Leg("IF1902.CFFEX", date(2019, 1, 17)),)
    with pytest.raises(CannotRoll, match="begin earlier"):
        roll_before_expiry(ends, FUTURES, start=date(2019, 3, 1))
    with pytest.raises(CannotRoll, match="0 or more"):
        roll_before_expiry(ends, FUTURES, start=date(2019, 1, 2), trading_days=-1)


def test_a_series_is_made_of_real_bars_that_know_their_contract() -> None:
    series = chain(two_contracts())

    assert series.bars.close.tolist() == [3710, 3720, 3645, 3660]
    assert series.bars.extras["delivery"].tolist() == [202405, 202405, 202410, 202410]
    assert [series.contract_of(row) for row in range(4)] == [OLD, OLD, NEW, NEW]
    assert series.contract_on(DAYS[0]) is None
    assert series.contract_on(DAYS[9]) == NEW


def test_a_roll_tells_its_prices_gap_and_factor() -> None:
    (roll,) = chain(two_contracts()).rolls

    # The third day decided: 3720 and 3630, the fourth was the first of the new one.
    assert (roll.day, roll.priced, roll.old, roll.new) == (DAYS[3], DAYS[2], OLD, NEW)
    assert (roll.old_close, roll.new_close, roll.gap) == (D(3720), D(3630), D(-90))
    assert roll.factor == Fraction(3630, 3720)
    assert roll.old_settlement is None


def test_by_settlement_the_gap_is_that_of_settlements() -> None:
    contracts = {
        OLD: daily(OLD, [100] * 3, [9, 1, 1], settlement=[100, 101.2, 102]),
        NEW: daily(NEW, [110] * 3, [1, 9, 9], settlement=[110, 111.5, 112]),
    }

    (roll,) = chain(contracts, basis="settlement").rolls

    assert (roll.gap, roll.old_settlement, roll.new_close) == (D("10.3"), D("101.2"), D(110))


def test_differences_are_exact_to_the_last_digit() -> None:
    # 3500.2 + 0.4 in floats is 3500.6 with a tail; a price has none.
    contracts = {
        OLD: daily(OLD, [3500.2, 3500.4, 3500.2], [9, 1, 1]),
        NEW: daily(NEW, [3500.6, 3500.8, 3500.6], [1, 9, 9]),
    }

    adjusted = chain(contracts).adjusted("difference", anchor=Anchor.FIRST)

    assert adjusted.close.tolist() == [3500.4, 3500.2]
    assert adjusted.extras["offset"].tolist() == [0, -0.4]


def test_by_difference_changes_are_those_of_the_contract_held() -> None:
    series = chain(two_contracts())

    latest = series.adjusted("difference", anchor=Anchor.LATEST)
    first = series.adjusted("difference")

    # Held: 3710 to 3720, then the new one from 3630 to 3645 to 3660.
    assert latest.close.tolist() == [3620, 3630, 3645, 3660]
    assert first.close.tolist() == [3710, 3720, 3735, 3750]


def test_by_ratio_returns_are_those_of_the_contract_held() -> None:
    adjusted = chain(two_contracts()).adjusted("ratio", anchor=Anchor.LATEST)

    returns = adjusted.close[1:] / adjusted.close[:-1]
    np.testing.assert_allclose(returns, [3720 / 3710, 3645 / 3630, 3660 / 3645], rtol=1e-14)
    assert adjusted.close[-1] == 3660


def test_a_day_before_a_roll_does_not_know_of_it() -> None:
    series = chain(two_contracts())

    # On the third day the roll is decided; it moves nothing before the fourth.
    seen = series.adjusted("difference", anchor=Anchor.LATEST, as_of=DAYS[2])

    assert seen.close.tolist() == [3710, 3720]
    with pytest.raises(EmptyRange):
        series.adjusted("ratio", as_of=DAYS[0])


def test_differences_that_go_below_zero_are_refused_and_ratios_are_not() -> None:
    # A gap of -100 takes the old contract's 60 to -40.
    contracts = {
        OLD: daily(OLD, [60, 60, 160], [9, 9, 1]),
        NEW: daily(NEW, [60] * 5, [1, 1, 9, 9, 9]),
    }
    series = chain(contracts)

    with pytest.raises(AdjustedBelowZero, match="adjust by ratio"):
        series.adjusted("difference", anchor=Anchor.LATEST)
    assert series.adjusted("ratio", anchor=Anchor.LATEST).close[0] == 60 * 60 / 160


def test_a_night_session_is_of_the_contract_of_its_trading_day() -> None:
    # The old contract's day, and the evening of it, which belongs to the next trading day.
    opens = np.array(["2024-03-05T01:00", "2024-03-05T13:00", "2024-03-06T01:00"])
    ts = opens.astype("datetime64[ns]")
    contracts = {}
    for name, price in ((OLD, 100.0), (NEW, 200.0)):
        flat = np.full(3, price)
        contracts[name] = Bars.of(
            name, "1h", ts=ts, open=flat, high=flat, low=flat, close=flat
        )  # fmt: skip

    legs = [Leg(OLD, date(2024, 3, 5)), Leg(NEW, date(2024, 3, 6))]
    series = splice(contracts, legs, FUTURES, symbol="rb-MAIN.SHFE")

    assert series.bars.close.tolist() == [100, 200, 200]
    assert series.rolls[0].priced == date(2024, 3, 5)


def test_a_gap_is_measured_on_the_last_day_that_both_were_traded() -> None:
    contracts = {OLD: daily(OLD, [100, 101]), NEW: daily(NEW, [110, 112, 113, 114])}
    legs = [Leg(OLD, DAYS[0]), Leg(NEW, DAYS[3])]

    (roll,) = splice(contracts, legs, FUTURES, symbol="rb-MAIN.SHFE").rolls

    assert (roll.priced, roll.gap) == (DAYS[1], D(11))


@pytest.mark.parametrize(
    ("legs", "problem"),
    [
        ([], "no legs"),
        ([Leg(OLD, DAYS[2]), Leg(NEW, DAYS[2])], "does not begin after"),
        ([Leg(OLD, DAYS[1]), Leg(LAST, DAYS[2])], "bars of rb2501.SHFE are missing"),
        ([Leg(OLD, DAYS[8])], "after the last bar"),
    ],
)
def test_legs_that_make_no_series_are_refused(legs: list[Leg], problem: str) -> None:
    with pytest.raises(CannotSplice, match=problem):
        splice(two_contracts(), legs, FUTURES, symbol="rb-MAIN.SHFE")


def test_contracts_without_a_common_day_or_bars_in_their_leg_are_refused() -> None:
    old, new = daily(OLD, [100, 101]), daily(NEW, [100, 101, 102, 103])
    apart = {OLD: old, NEW: new[2:]}
    legs = [Leg(OLD, DAYS[0]), Leg(NEW, DAYS[2])]

    with pytest.raises(CannotSplice, match="share no day"):
        splice(apart, legs, FUTURES, symbol="rb-MAIN.SHFE")
    with pytest.raises(CannotSplice, match="has no bar in its leg"):
        splice({OLD: old, NEW: new}, [Leg(OLD, DAYS[2]), Leg(NEW, DAYS[3])], FUTURES, symbol="rb")
    with pytest.raises(CannotSplice, match="no settlement"):
        splice({OLD: old, NEW: new}, legs, FUTURES, symbol="rb", basis="settlement")


@st.composite
def markets(draw: st.DrawFn) -> dict[str, Bars]:
    size = draw(st.integers(3, 10))
    found = {}
    for name in NAMES:
        closes = draw(st.lists(st.integers(2_000, 9_000), min_size=size, max_size=size))
        volumes = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))
        found[name] = daily(name, [close / 2 for close in closes], volumes)
    # Somebody trades on the first day, or there is nothing to hold.
    first = found[OLD]
    found[OLD] = daily(OLD, first.close.tolist(), [6, *first.volume[1:].tolist()])
    return found


@given(markets(), st.integers(2, 10))
def test_a_roll_calendar_never_changes_as_data_grow(contracts: dict[str, Bars], count: int) -> None:
    early = roll_by_volume({name: bars[:count] for name, bars in contracts.items()}, FUTURES)

    assert roll_by_volume(contracts, FUTURES)[: len(early)] == early


@given(markets(), st.integers(2, 10), st.sampled_from(Anchor))
def test_what_a_day_sees_is_made_of_bars_up_to_it_alone(
    contracts: dict[str, Bars], count: int, anchor: Anchor
) -> None:
    early = {name: bars[:count] for name, bars in contracts.items()}
    as_of = DAYS[min(count, len(contracts[OLD])) - 1]

    seen = chain(contracts).adjusted("ratio", anchor=anchor, as_of=as_of)

    assert seen.digest() == chain(early).adjusted("ratio", anchor=anchor).digest()


@given(markets())
def test_later_rolls_move_levels_of_the_past_but_not_returns(contracts: dict[str, Bars]) -> None:
    series = chain(contracts)
    latest = series.adjusted("ratio", anchor=Anchor.LATEST).close
    first = series.adjusted("ratio").close

    np.testing.assert_allclose(latest[1:] / latest[:-1], first[1:] / first[:-1], rtol=1e-12)
    product = Fraction(1)
    for roll in series.rolls[: int(series.leg[-1])]:
        product *= roll.factor
    assert latest[0] == pytest.approx(first[0] * float(product), rel=1e-12)


@given(markets(), st.sampled_from(Anchor))
def test_real_prices_come_back_from_either_adjustment(
    contracts: dict[str, Bars], anchor: Anchor
) -> None:
    series = chain(contracts)

    assert unadjust(series.adjusted("ratio", anchor=anchor)).digest() == series.bars.digest()
    try:
        shifted = series.adjusted("difference", anchor=anchor)
    except AdjustedBelowZero:
        return
    assert unadjust(shifted).digest() == series.bars.digest()


@needs_shared
def test_a_given_calendar_is_read_with_its_contracts() -> None:
    hots = json.loads((SHARED / "data" / "reference" / "cn_futures_hots.json").read_text())

    legs = read_hots(hots["SHFE"]["rb"])
    apples = read_hots(hots["CZCE"]["AP"])

    # The file stamps a roll decided on a Friday with Saturday; Monday is the first day after.
    assert legs[:2] == (
        Leg("rb1905.SHFE", date(2019, 1, 2)),
        Leg("rb1910.SHFE", date(2019, 3, 30)),
    )
    assert apples[0].contract == "AP2110.CZCE"


@needs_shared
def test_index_futures_of_a_real_calendar_roll_on_the_day_before_their_last() -> None:
    hots = json.loads((SHARED / "data" / "reference" / "cn_futures_hots.json").read_text())
    theirs = read_hots(hots["CFFEX"]["IF"])
    cffex = get_calendar("cffex")
    ends = last_days([leg.contract for leg in theirs], cffex)

    legs = roll_before_expiry(ends, cffex, start=theirs[0].since)

    # In 2021 volume turned a day late, on the first day after the week of the New Year.
    other = [(one.since, leg.since) for one, leg in zip(legs, theirs, strict=True) if one != leg]
    assert len(legs) == 40
    assert other == [(date(2021, 2, 18), date(2021, 2, 19))]
