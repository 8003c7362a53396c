"""Many symbols side by side, and what of one was known at the times of another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import Bars, BarsDoNotJoin, EmptyRange, join_bars, rows_known_at
from tests.library.market.builders import MINUTE_NS, START_NS, make_bars, make_columns
from tests.library.market.test_resample import bars_at


def at(symbol: str, *minutes: int, **extras: list[float]) -> Bars:
    return make_bars(
        len(minutes), symbol, ts=START_NS + np.array(minutes) * MINUTE_NS, extras=extras
    )


def test_a_gap_stays_a_gap_and_tells_how_old_the_last_price_is() -> None:
    joined = join_bars([at("A.US", 0, 1, 3, turnover=[1, 2, 3]), at("B.US", 1, 2)])

    assert ((joined.ts - START_NS) // MINUTE_NS).tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(joined["close"][:, 0], [10, 11, np.nan, 12])
    np.testing.assert_array_equal(joined["close"][:, 1], [np.nan, 10, 11, np.nan])
    np.testing.assert_array_equal(joined.last, [[10, np.nan], [11, 10], [11, 11], [12, 11]])
    assert joined.age.tolist() == [[0, -1], [0, 0], [1, 0], [0, 1]]
    np.testing.assert_array_equal(joined["turnover"][:, 1], [np.nan] * 4)


def test_an_inner_join_keeps_the_times_of_all() -> None:
    joined = join_bars([at("A.US", 0, 1, 3), at("B.US", 1, 2, 3)], "inner")

    assert joined["close"].tolist() == [[11, 10], [12, 12]]
    assert joined.age.tolist() == [[0, 0], [0, 0]]
    with pytest.raises(EmptyRange, match=r"A\.US, B\.US"):
        join_bars([at("A.US", 0), at("B.US", 1)], "inner")


@given(st.lists(st.sets(st.integers(0, 20), min_size=1), min_size=1, max_size=4))
def test_every_bar_is_found_again_and_nothing_else(kept: list[set[int]]) -> None:
    bars = [make_bars(21, f"S{place}.US") for place in range(len(kept))]
    bars = [
        make_bars(
            len(rows),
            one.symbol,
            ts=one.ts[sorted(rows)],
            close=one.close[sorted(rows)],
            high=one.high[sorted(rows)] + 30,
            low=one.low[sorted(rows)] * 0.01,
        )
        for one, rows in zip(bars, kept, strict=True)
    ]

    joined = join_bars(bars)

    for place, one in enumerate(bars):
        is_there = ~np.isnan(joined["close"][:, place])
        assert joined.ts[is_there].tolist() == one.ts.tolist()
        assert joined["close"][is_there, place].tolist() == one.close.tolist()
        assert (joined.age[is_there, place] == 0).all()


def test_only_what_is_over_is_known() -> None:
    days = bars_at(START_NS + np.arange(3) * 1_440 * MINUTE_NS, "1d")
    moments = START_NS + np.array([0, 1_439, 1_440, 2_879, 2_880, 90_000]) * MINUTE_NS

    assert rows_known_at(moments, days).tolist() == [-1, -1, 0, 0, 1, 2]


@pytest.mark.parametrize(
    ("bars", "problem"),
    [
        ([], "there are none"),
        ([make_bars(), make_bars()], r"X\.US twice"),
        ([make_bars(), Bars.of("Y.US", "5m", **make_columns())], "timeframes 1m, 5m"),
    ],
)
def test_what_does_not_go_side_by_side_is_refused(bars: list[Bars], problem: str) -> None:
    with pytest.raises(BarsDoNotJoin, match=problem):
        join_bars(bars)
