"""Factors of actions or of a vendor: real prices kept, adjusted ones worked out on reading."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import (
    Action,
    Anchor,
    BadFactors,
    Bars,
    EmptyRange,
    Factors,
    OtherFactors,
    adjust,
    adjust_by,
    get_calendar,
    unadjust,
)
from tests.library.market.test_resample import bars_at

ALWAYS = get_calendar("24x7")
MONDAY = np.datetime64("2024-01-08", "ns").astype(np.int64)
DAY_NS = 86_400 * 10**9
SPLIT = Action(symbol="X.US", ex_day=date(2024, 1, 11), split=Decimal(2))
DIVIDEND = Action(symbol="X.US", ex_day=date(2024, 1, 13), cash=Decimal("0.25"))


def make_week() -> Bars:
    return bars_at(MONDAY + np.arange(8) * DAY_NS, "1d")


def make_factors(**changed: object) -> Factors:
    given: dict[str, object] = {
        "symbol": "X.US",
        "day": np.array(["2024-01-08", "2024-01-11"], dtype="datetime64[D]"),
        "factor": np.array([1.0, 2.5]),
    }
    return Factors(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("anchor", [*Anchor])
@pytest.mark.parametrize("as_of", [None, date(2024, 1, 12), date(2024, 1, 9)])
def test_factors_of_actions_adjust_as_the_actions_do(anchor: Anchor, as_of: date | None) -> None:
    bars, actions = make_week(), [DIVIDEND, SPLIT]

    factors = Factors.of_actions(bars, actions, ALWAYS)
    mine = adjust_by(bars, factors, ALWAYS, anchor=anchor, as_of=as_of)
    theirs = adjust(bars, actions, ALWAYS, anchor=anchor, as_of=as_of)

    assert len(mine) == len(theirs)
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), rtol=1e-14)


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=6), st.integers(1, 8))
def test_no_later_factor_moves_what_is_anchored_at_the_beginning(
    steps: list[float], known: int
) -> None:
    days = np.datetime64("2024-01-08") + np.arange(len(steps))
    factors = make_factors(day=days, factor=np.array(steps))
    bars, today = make_week(), date(2024, 1, 7 + known)

    whole = adjust_by(bars, factors, ALWAYS)
    early = adjust_by(bars[:known], factors.until(today), ALWAYS)

    assert whole.close[:known].tolist() == early.close.tolist()


def test_the_newest_prices_are_real_where_they_are_the_anchor() -> None:
    bars = make_week()

    forward = adjust_by(bars, make_factors(), ALWAYS, anchor=Anchor.LATEST)

    assert forward.close[-1] == bars.close[-1]
    assert forward.close[0] == bars.close[0] / 2.5
    assert unadjust(forward).close.tolist() == bars.close.tolist()


def test_what_is_not_known_on_a_day_has_no_part_in_it() -> None:
    bars = make_week()

    seen = adjust_by(bars, make_factors(), ALWAYS, anchor=Anchor.LATEST, as_of=date(2024, 1, 10))

    assert seen.close.tolist() == bars.close[:3].tolist()
    with pytest.raises(EmptyRange):
        adjust_by(bars, make_factors(), ALWAYS, as_of=date(2024, 1, 7))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"factor": np.array([1.0])}, "unequal"),
        ({"factor": np.array([1.0, 0.0])}, "not above zero"),
        ({"factor": np.array([1.0, np.nan])}, "not above zero"),
        ({"volume_factor": np.array([1.0, -2.0])}, "not above zero"),
        ({"day": np.array(["2024-01-11", "2024-01-08"], dtype="datetime64[D]")}, "do not rise"),
    ],
)
def test_impossible_factors_are_refused(changed: dict[str, object], problem: str) -> None:
    with pytest.raises(BadFactors, match=problem):
        make_factors(**changed)


def test_factors_of_another_symbol_are_refused() -> None:
    with pytest.raises(OtherFactors, match=r"X\.US .* Y\.US"):
        adjust_by(make_week(), make_factors(symbol="Y.US"), ALWAYS)
