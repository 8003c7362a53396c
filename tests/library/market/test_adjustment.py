from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import to_ns
from quantloom.market import (
    Action,
    ActionKind,
    Anchor,
    BadAction,
    Bars,
    EmptyRange,
    adjust,
    ex_days,
    ex_reference,
    fair_reference,
    get_calendar,
    rights_value,
    unadjust,
)
from tests.shared_data import SHARED, needs_shared

STOCK = get_calendar("cn_stock")
ALWAYS = get_calendar("24x7")
FIRST_DAY = date(2024, 1, 1)
D = Decimal


def day(count: int) -> date:
    return FIRST_DAY + timedelta(days=count)


def daily(closes: Sequence[float], symbol: str = "X.US", **changed: Any) -> Bars:
    close = np.array(closes, dtype=float)
    start = to_ns(datetime(2024, 1, 1, tzinfo=UTC))
    columns: dict[str, Any] = {
        "ts": start + np.arange(len(close)) * 86_400 * 10**9,
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "volume": np.full(len(close), 100.0),
    }
    return Bars.of(symbol, "1d", **(columns | changed))


def make_action(ex: int = 2, **changed: Any) -> Action:
    return Action(symbol="X.US", ex_day=day(ex), **changed)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # Cash alone: 20 less 0.5.
        ({"cash": "0.5"}, "19.50"),
        # Three new shares on ten: 20 / 1.3 = 15.3846...
        ({"bonus": "0.3"}, "15.38"),
        ({"capitalised": "0.3"}, "15.38"),
        # Three on ten at 8: (20 + 2.4) / 1.3 = 17.2307...
        ({"rights": "0.3", "rights_price": 8}, "17.23"),
        # All at once: (20 - 0.5 + 2.4) / (1 + 0.2 + 0.3) = 21.9 / 1.5
        ({"cash": "0.5", "bonus": "0.2", "rights": "0.3", "rights_price": 8}, "14.60"),
        ({"split": 7}, "2.86"),
        ({"split": "0.1"}, "200.00"),
    ],
)
def test_the_ex_reference_price_is_that_of_the_exchange(
    terms: dict[str, Any], expected: str
) -> None:
    assert ex_reference(20, make_action(**terms), "0.01") == D(expected)


def test_a_reference_halfway_between_two_ticks_is_rounded_up() -> None:
    # (10.01 - 0) / 2 = 5.005, where rounding half to even would give 5.00.
    assert ex_reference("10.01", make_action(bonus=1), "0.01") == D("5.01")


def test_a_right_is_worth_what_the_new_share_is_above_its_price() -> None:
    action = make_action(rights="0.5", rights_price=8)

    # (20 + 0.5 * 8) / 1.5 = 16; a right at 8 is worth 8, and one at 25 nothing.
    assert rights_value(20, action) == 8
    assert rights_value(20, make_action(rights="0.5", rights_price=25)) == 0


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ({"cash": 1}, ActionKind.DIVIDEND),
        ({"bonus": 1}, ActionKind.BONUS),
        ({"split": 2}, ActionKind.SPLIT),
        ({"rights": 1, "rights_price": 1}, ActionKind.RIGHTS),
        ({"cash": 1, "capitalised": 1}, ActionKind.MIXED),
    ],
)
def test_an_action_tells_what_it_is(terms: dict[str, Any], kind: ActionKind) -> None:
    assert make_action(**terms).kind is kind


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        ({}, "changes nothing"),
        ({"cash": -1}, "below zero"),
        ({"split": 0}, "split of 0"),
        ({"rights": 1}, "both rights and rights_price"),
    ],
)
def test_an_action_that_cannot_be_true_is_refused(terms: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadAction, match=problem):
        make_action(**terms)


def test_a_dividend_above_the_price_is_refused() -> None:
    with pytest.raises(BadAction, match="check the unit"):
        fair_reference(10, make_action(cash=10))


def test_two_actions_on_one_day_and_those_of_another_symbol_are_refused() -> None:
    bars = daily([10, 10, 9])

    with pytest.raises(BadAction, match="join them"):
        ex_days(bars, [make_action(cash=1), make_action(split=2)], ALWAYS)
    with pytest.raises(BadAction, match="another symbol"):
        ex_days(bars, [Action(symbol="Y.US", ex_day=day(2), cash=D(1))], ALWAYS)


def test_actions_that_meet_no_earlier_bar_or_no_later_one_are_left_out() -> None:
    bars = daily([10, 10, 9])

    found = ex_days(bars, [make_action(0, cash=1), make_action(3, cash=1)], ALWAYS)

    assert found == ()


def test_an_action_during_a_suspension_is_measured_on_the_last_close_before_it() -> None:
    bars = daily([10, 12, 6, 6])
    # The second of three days is missing; the action falls on it.
    gap = Bars.of(
        "X.US",
        "1d",
        **{
            name: getattr(bars, name)[[0, 2, 3]]
            for name in ("ts", "open", "high", "low", "close", "volume")
        },
    )

    (found,) = ex_days(gap, [make_action(1, split=2)], ALWAYS)

    assert found.previous_close == 10
    assert found.reference == 5
    assert found.factor == Fraction(1, 2)


def test_either_anchor_keeps_its_own_end_real() -> None:
    bars = daily([20, 20, 9, 18])
    actions = [make_action(2, split=2)]

    first = adjust(bars, actions, ALWAYS)
    latest = adjust(bars, actions, ALWAYS, anchor=Anchor.LATEST)

    assert first.close.tolist() == [20, 20, 18, 36]
    assert first.volume.tolist() == [100, 100, 50, 50]
    assert latest.close.tolist() == [10, 10, 9, 18]
    assert latest.volume.tolist() == [200, 200, 100, 100]


def test_cash_moves_prices_and_leaves_volume_alone() -> None:
    adjusted = adjust(daily([20, 20, 19]), [make_action(cash=1)], ALWAYS, anchor=Anchor.LATEST)

    # (20 - 1) / 20 = 0.95
    np.testing.assert_allclose(adjusted.close, [19, 19, 19], rtol=1e-15)
    assert adjusted.volume.tolist() == [100, 100, 100]


def test_an_adjusted_return_is_that_of_a_holder_who_put_the_dividend_back() -> None:
    bars = daily([50, 48, 49])
    action = make_action(2, cash=2)

    adjusted = adjust(bars, [action], ALWAYS)

    # 100 shares at 48 get 200, which buys 200 / 46 more at the reference; all are worth 49.
    shares = 100 + 200 / 46
    assert adjusted.close[2] / adjusted.close[1] == pytest.approx(shares * 49 / (100 * 48))


def test_rights_leave_a_holder_who_pays_by_selling_as_rich_as_before() -> None:
    # 100 shares at 20 with 50 rights at 8: reference (2000 + 400) / 150 = 16.
    # 25 shares sold at 16 pay for the 50, so 125 are held of the same 2000.
    adjusted = adjust(daily([20, 20, 16]), [make_action(rights="0.5", rights_price=8)], ALWAYS)

    np.testing.assert_allclose(adjusted.close, [20, 20, 20], rtol=1e-15)
    assert adjusted.extras["factor"][2] == pytest.approx(125 / 100)


def test_what_was_known_on_a_day_has_neither_later_bars_nor_later_actions() -> None:
    bars = daily([20, 20, 10, 10, 5])
    actions = [make_action(2, split=2), make_action(4, split=2)]

    known = adjust(bars, actions, ALWAYS, anchor=Anchor.LATEST, as_of=day(3))

    assert known.close.tolist() == [10, 10, 10, 10]


def test_a_day_before_the_first_bar_knows_nothing() -> None:
    with pytest.raises(EmptyRange):
        adjust(daily([20, 20]), [], ALWAYS, as_of=date(2023, 12, 31))


def test_bars_of_minutes_are_adjusted_from_the_first_of_the_ex_day() -> None:
    opens = [datetime(2024, 3, 4, 6, 59, tzinfo=UTC), datetime(2024, 3, 5, 1, 30, tzinfo=UTC)]
    prices = np.array([20.0, 10.0])
    bars = Bars.of(
        "X.US", "1m", ts=[to_ns(one) for one in opens], open=prices, high=prices, low=prices,
        close=prices,
    )  # fmt: skip

    adjusted = adjust(bars, [Action(symbol="X.US", ex_day=date(2024, 3, 5), split=D(2))], STOCK)

    assert adjusted.close.tolist() == [20, 20]
    assert np.isnan(adjusted.volume).all()


prices = st.decimals("1", "1000", places=2)
terms = st.one_of(
    st.fixed_dictionaries({"cash": st.decimals("0.001", "0.9", places=3)}),
    st.fixed_dictionaries({"bonus": st.decimals("0.1", "2", places=1)}),
    st.fixed_dictionaries({"split": st.sampled_from([D("0.1"), D(2), D(3), D(7)])}),
    st.fixed_dictionaries({"rights": st.decimals("0.1", "0.5", places=1), "rights_price": prices}),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Bars, list[Action]]:
    closes = draw(st.lists(prices, min_size=3, max_size=12))
    ex = draw(st.sets(st.integers(1, len(closes) - 1), max_size=4))
    actions = [make_action(count, **draw(terms)) for count in ex]
    return daily([float(close) for close in closes]), actions


@given(histories())
def test_returns_do_not_depend_on_the_anchor(history: tuple[Bars, list[Action]]) -> None:
    first = adjust(*history, ALWAYS)
    latest = adjust(*history, ALWAYS, anchor=Anchor.LATEST)

    np.testing.assert_allclose(
        first.close[1:] / first.close[:-1], latest.close[1:] / latest.close[:-1], rtol=1e-12
    )


@given(histories())
def test_the_ends_differ_by_the_product_of_all_factors(
    history: tuple[Bars, list[Action]],
) -> None:
    product = Fraction(1)
    for one in ex_days(*history, ALWAYS):
        product *= one.factor

    first = adjust(*history, ALWAYS)
    latest = adjust(*history, ALWAYS, anchor=Anchor.LATEST)

    np.testing.assert_allclose(latest.close / first.close, float(product), rtol=1e-12)


@given(histories(), st.sampled_from(Anchor))
def test_what_was_adjusted_can_be_taken_back(
    history: tuple[Bars, list[Action]], anchor: Anchor
) -> None:
    bars, actions = history

    real = unadjust(adjust(bars, actions, ALWAYS, anchor=anchor))

    assert real.digest() == bars.digest()


@given(histories(), st.integers(0, 11), st.sampled_from(Anchor))
def test_a_day_sees_what_the_bars_up_to_it_alone_would_give(
    history: tuple[Bars, list[Action]], count: int, anchor: Anchor
) -> None:
    bars, actions = history

    seen = adjust(bars, actions, ALWAYS, anchor=anchor, as_of=day(count))

    alone = adjust(bars[: count + 1], actions, ALWAYS, anchor=anchor)
    assert seen.digest() == alone.digest()


@given(histories(), st.integers(1, 11))
def test_a_value_anchored_at_the_first_price_never_changes_as_data_grow(
    history: tuple[Bars, list[Action]], count: int
) -> None:
    bars, actions = history

    early = adjust(bars[:count], actions, ALWAYS)

    assert early.close.tolist() == adjust(bars, actions, ALWAYS).close[:count].tolist()


# What Shanghai Pudong Development Bank paid in the years of both files, for ten shares.
PUDONG = [
    ("2010-06-10", "0.15", "0.3"),
    ("2011-06-03", "0.16", "0.3"),
    ("2012-06-26", "0.3", "0"),
    ("2013-06-03", "0.55", "0"),
    ("2014-06-24", "0.66", "0"),
    ("2015-06-23", "0.757", "0"),
    ("2016-06-23", "0.515", "0.1"),
    ("2017-05-25", "0.2", "0.3"),
    ("2018-07-13", "0.1", "0"),
    ("2019-06-11", "0.35", "0"),
]


def read_stock(name: str, symbol: str) -> Bars:
    table = pq.read_table(SHARED / "data" / "bars" / f"{name}.1d.parquet")
    names = ("ts", "open", "high", "low", "close", "volume")
    columns: dict[str, Any] = {name: table[name].to_numpy() for name in names}
    return Bars.of(symbol, "1d", **columns)


@needs_shared
def test_real_a_share_dividends_give_the_adjusted_prices_of_a_data_vendor() -> None:
    real = read_stock("cn_stock/600000.SH", "600000.SSE")
    vendor = read_stock("cn_stock/600000.SH.qfq", "600000.SSE")
    actions = [
        Action(symbol="600000.SSE", ex_day=date.fromisoformat(ex), cash=D(cash), bonus=D(new))
        for ex, cash, new in PUDONG
    ]

    real = real.between(vendor.start)
    adjusted = adjust(real, actions, STOCK, anchor=Anchor.LATEST, tick_size="0.01")

    theirs = vendor.close[np.searchsorted(vendor.ts, adjusted.ts)]
    # Their file goes on to a dividend of 2020, so its level is another one all along. Their factors
    # have few decimals; a reference that is off by one tick would show as 0.0007 and more.
    ratio = adjusted.close / theirs
    assert len(ratio) > 2_000
    np.testing.assert_allclose(ratio, ratio[-1], rtol=2e-4)


@needs_shared
def test_real_prices_of_ex_days_lie_within_the_limits_around_the_reference() -> None:
    real = read_stock("cn_stock/600000.SH", "600000.SSE")
    actions = [
        Action(symbol="600000.SSE", ex_day=date.fromisoformat(ex), cash=D(cash), bonus=D(new))
        for ex, cash, new in PUDONG
    ]

    found = ex_days(real, actions, STOCK, tick_size="0.01")

    days = real.ts.astype("datetime64[ns]").astype("datetime64[D]")
    for one in found:
        row = int(np.searchsorted(days, np.datetime64(one.action.ex_day)))
        reference = float(one.reference)
        assert reference * 0.9 - 0.005 <= real.low[row]
        assert real.high[row] <= reference * 1.1 + 0.005


@needs_shared
def test_apples_split_and_dividends_give_the_factors_of_a_published_factor_file() -> None:
    bars = read_stock("us_stock/AAPL.lean", "AAPL.US")
    paid = {
        "2012-08-09": "2.65", "2012-11-07": "2.65", "2013-02-07": "2.65", "2013-05-09": "3.05",
        "2013-08-08": "3.05", "2013-11-06": "3.05", "2014-02-06": "3.05", "2014-05-08": "3.29",
        "2014-08-07": "0.47", "2014-11-06": "0.47",
    }  # fmt: skip
    actions = [
        Action(symbol="AAPL.US", ex_day=date.fromisoformat(ex), cash=D(cash))
        for ex, cash in paid.items()
    ]
    actions.append(Action(symbol="AAPL.US", ex_day=date(2014, 6, 9), split=D(7)))

    found = ex_days(bars, actions, get_calendar("us_stock"))

    steps = _published_steps(SHARED / "data" / "raw" / "lean" / "factor_files" / "aapl.csv")
    ours = [float(one.factor) for one in found]
    theirs = [steps[np.datetime64(one.action.ex_day)] for one in found]
    np.testing.assert_allclose(ours, theirs, rtol=2e-6)


def _published_steps(path: Path) -> dict[np.datetime64, float]:
    """What joins each row of a factor file to the next, by the first weekday after the row's."""
    rows = [line.split(",") for line in path.read_text(encoding="ascii").splitlines()]
    factors = [float(row[1]) * float(row[2]) for row in rows]
    dates = [f"{row[0][:4]}-{row[0][4:6]}-{row[0][6:]}" for row in rows]
    following = [np.busday_offset(one, 1, roll="backward") for one in dates]
    return {
        one: before / after
        for one, before, after in zip(following[:-1], factors[:-1], factors[1:], strict=True)
    }


@needs_shared
def test_oracles_dividends_give_the_adjusted_closes_of_their_file() -> None:
    path = SHARED / "data" / "raw" / "quandl" / "WIKI-ORCL-2011-quandl.csv"
    table = pyarrow.csv.read_csv(path).sort_by("Date")
    names = ("open", "high", "low", "close")
    columns: dict[str, Any] = {name: table[name.title()].to_numpy() for name in names}
    bars = Bars.of("ORCL.US", "1d", ts=table["Date"].to_numpy(), **columns)
    actions = [
        Action(symbol="ORCL.US", ex_day=one["Date"], cash=D(str(one["Ex-Dividend"])))
        for one in table.to_pylist()
        if one["Ex-Dividend"]
    ]

    adjusted = adjust(bars, actions, get_calendar("us_stock"), anchor=Anchor.LATEST)

    ratio = table["Adj. Close"].to_numpy() / adjusted.close
    assert len(actions) == 4
    # They put dividends back at the ex-day's close instead of its reference: apart by the day's
    # move of 3 % on a dividend of 0.2 %. One dividend left out would show as 0.002.
    np.testing.assert_allclose(ratio, ratio[-1], rtol=1e-4)
