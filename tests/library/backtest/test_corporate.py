"""Corporate actions in a run: none makes or takes equity, and every cent is accounted for."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.backtest import ActionOfOther, BacktestResult, BadRunSetting, backtest, load_result
from quantloom.market import Action, Anchor, BadAction, Bars, adjust, ex_reference, get_calendar
from quantloom.strategy import Context, Strategy
from quantloom.trading import ZERO
from tests.library.backtest.builders import (
    OTHER,
    SYMBOL,
    buy,
    close,
    make_instrument,
    run_two,
    scripted,
    sell,
    short,
)
from tests.shared_data import SHARED, needs_shared

D = Decimal
START, TICK = date(2024, 1, 1), D("0.01")
START_NS = 19_723 * 86_400 * 10**9


def day(count: int) -> date:
    return START + timedelta(days=count)


def daily(closes: list[float], symbol: str = SYMBOL) -> Bars:
    times = START_NS + np.arange(len(closes)) * 86_400 * 10**9
    return Bars.of(symbol, "1d", ts=times, open=closes, high=closes, low=closes, close=closes)


def make_action(ex: int = 2, **terms: Any) -> Action:
    return Action(symbol=SYMBOL, ex_day=day(ex), **terms)


def over(closes: list[float], script: Any, *actions: Action, **settings: Any) -> BacktestResult:
    terms: dict[str, Any] = {"cash": 10_000_000, "participation": None} | settings
    return backtest(
        scripted(script), daily(closes), instrument=make_instrument(), actions=actions, **terms
    )


def amounts(low: str, high: str, places: int = 3) -> st.SearchStrategy[Decimal]:
    return st.one_of(st.just(ZERO), st.decimals(low, high, places=places))


@st.composite
def distributions(draw: st.DrawFn) -> Action:
    terms: dict[str, Any] = {
        "cash": draw(amounts("0.001", "4")),
        "bonus": draw(amounts("0.05", "1", 2)),
        "capitalised": draw(amounts("0.05", "1", 2)),
        "split": draw(st.sampled_from([D(1), D(2), D("1.5"), D("0.5"), D("0.1"), D(7)])),
    }
    if terms["split"] == 1 and not any(terms[name] for name in ("cash", "bonus", "capitalised")):
        terms["cash"] = D("0.5")
    return make_action(pay_day=day(draw(st.integers(2, 5))), **terms)


@given(distributions(), st.integers(500, 20_000), st.integers(1, 5_000), st.booleans())
def test_no_action_makes_or_takes_equity(
    action: Action, ticks: int, quantity: int, is_long: bool
) -> None:
    before = ticks * TICK
    after = ex_reference(before, action, TICK)
    if not after:
        return
    prices = [float(before)] * 2 + [float(after)] * 2
    enter = buy(quantity) if is_long else short(quantity)

    result = over(prices, {0: enter, 2: close}, action)

    # Left is what rounding the reference to the tick makes of all shares, and two cents.
    held = abs(result.equity["quantity"][2])
    slack = float(TICK) / 2 * (held + 1) + 0.02
    equity = result.equity["equity"]
    assert equity[2] == pytest.approx(equity[1], abs=slack)
    moved = sum(
        -fill["quantity"] * fill["price"] * (1 if fill["side"] == "buy" else -1)
        for fill in result.fills.rows()
    )
    assert result.final_cash == 10_000_000 + moved + sum(result.payments["amount"], ZERO)
    due = action.pay_day is not None and action.pay_day <= day(3)
    # Half a cent is the least that a dividend pays.
    owed = Fraction(abs(result.equity["quantity"][1])) * Fraction(action.cash) >= Fraction(1, 200)
    assert due or not owed or result.final_equity != result.final_cash


@given(distributions(), st.integers(20, 3_000), st.integers(1, 3_000), st.integers(1, 2_000))
def test_round_trips_tell_the_whole_gain_of_prices(
    action: Action, first: int, second: int, part: int
) -> None:
    script = {0: buy(first), 1: buy(second), 3: sell(part), 4: close}
    action = replace(action, ex_day=day(3), pay_day=None)

    result = over([40.0, 40.0, 41.0, 39.0, 42.0, 43.0], script, action)

    gained = sum((trip["gross"] for trip in result.round_trips.rows()), ZERO)
    assert not len(result.positions)
    assert gained + sum(result.payments["amount"], ZERO) == result.final_cash - 10_000_000
    assert result.final_equity == result.final_cash


def test_commission_of_the_entry_stays_whole_over_a_split() -> None:
    result = over(
        [10.0, 10.0, 5.0, 5.0], {0: buy(100), 2: close}, make_action(split=2), commission=D("0.001")
    )

    # 1.00 for buying 1,000, 1.00 for selling 200 at 5.00.
    assert result.round_trips["commission"].tolist() == [2]
    assert result.round_trips["quantity"].tolist() == [200]


def test_an_action_waits_for_the_next_bar_of_a_suspended_share() -> None:
    action = Action(symbol=OTHER, ex_day=date(1970, 1, 2), cash=D(1))
    result = run_two(
        {0: buy(10, OTHER)},
        [1.0] * 60,
        [10.0, 10.0, 9.0, 9.0],
        other_hours=[0, 1, 50, 51],
        actions={OTHER: [action]},
    )

    assert set(result.equity["equity"].tolist()) == {100_000.0}
    assert result.payments["ts_ns"].tolist() == [50 * 3_600 * 10**9]


def test_an_action_before_the_shares_were_bought_pays_nothing() -> None:
    result = over([10.0, 10.0, 9.5, 9.5], {1: buy(100)}, make_action(cash="0.5"))

    assert len(result.payments) == 0
    assert result.equity["equity"].tolist() == [10_000_000] * 4


def test_a_dividend_still_on_its_way_at_the_end_is_equity() -> None:
    action = make_action(cash="0.5", pay_day=day(30))

    result = over([10.0, 10.0, 9.5, 9.5], {0: buy(100)}, action)

    assert result.final_equity == 10_000_000
    assert result.final_cash == 10_000_000 - 1_000
    assert len(result.payments) == 0


def test_what_an_account_sees_has_what_is_on_its_way() -> None:
    seen = []

    class Looking(Strategy):
        def on_bar(self, ctx: Context, bar: Any) -> None:
            seen.append((ctx.account.cash, ctx.account.equity))
            if len(seen) == 1:
                ctx.buy(bar.symbol, 100)

    backtest(
        Looking,
        daily([10.0, 10.0, 9.5]),
        instrument=make_instrument(),
        cash=2_000,
        actions=[make_action(cash="0.5", pay_day=day(9))],
    )

    assert [(int(cash), int(equity)) for cash, equity in seen] == [
        (2_000, 2_000),
        (1_000, 2_000),
        (1_000, 2_000),
    ]


@pytest.mark.parametrize(
    ("actions", "error", "told"),
    [
        ([Action(symbol=OTHER, ex_day=day(2), cash=D(1))], ActionOfOther, OTHER),
        ({OTHER: [make_action(cash=1)]}, BadAction, f"stands under {OTHER}"),
        ([{"cash": 1}], BadRunSetting, "Action objects"),
        ([make_action(cash=1), make_action(bonus=1)], BadAction, "one of two on that day"),
        ([make_action(cash=100)], BadAction, "check the unit"),
    ],
)
def test_actions_that_do_not_fit_the_run_are_refused(
    actions: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        backtest(scripted({}), daily([10.0] * 4), instrument=make_instrument(), actions=actions)


def test_futures_have_no_dividends() -> None:
    bars = daily([3_500.0] * 4, "rb2410.SHFE")

    with pytest.raises(BadAction, match="only shares"):
        backtest(
            scripted({}), bars, actions=[Action(symbol="rb2410.SHFE", ex_day=day(2), cash=D(1))]
        )


def test_what_to_do_with_rights_is_one_of_three() -> None:
    with pytest.raises(BadRunSetting, match="take or sell or ignore"):
        over([10.0] * 3, {}, rights="keep")


def test_actions_are_part_of_what_a_run_is_known_by(tmp_path: Path) -> None:
    plain, told = over([10.0] * 4, {}), over([10.0] * 4, {}, make_action(cash=1))

    assert plain.hashes.facts == ""
    assert told.hashes.facts
    assert load_result(told.save(tmp_path / "run")).actions == told.actions


def test_prices_that_do_not_fall_on_ex_days_are_told_of() -> None:
    real = over([10.0, 10.0, 5.1, 5.0], {}, make_action(split=2))
    adjusted = over([5.0, 5.0, 5.1, 5.0], {}, make_action(split=2))
    tiny = over([10.0, 10.0, 10.0], {}, make_action(cash="0.01"))

    assert real.actions.adjusted == ()
    assert adjusted.actions.adjusted == (SYMBOL,)
    # A dividend of 0.1 % is lost in what a night moves anyway.
    assert tiny.actions.adjusted == ()


def test_years_of_shares_without_actions_are_told_of() -> None:
    days = get_calendar("us_stock").trading_days(date(2020, 1, 2), date(2021, 3, 1))
    flat = np.full(len(days), 100.0)
    bars = Bars.of(
        "AAPL.NASDAQ",
        "1d",
        ts=np.array(days, dtype="datetime64[ns]"),
        open=flat,
        high=flat,
        low=flat,
        close=flat,
    )

    ruled = backtest(scripted({}), bars, rules=True)
    plain = backtest(scripted({}), bars)

    assert ruled.actions.missing == ("AAPL.NASDAQ",)
    assert plain.actions.missing == ()


# What Shanghai Pudong Development Bank paid for one share, and Apple.
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
APPLE = [
    ("2012-08-09", "2.65", "1"),
    ("2012-11-07", "2.65", "1"),
    ("2013-02-07", "2.65", "1"),
    ("2013-05-09", "3.05", "1"),
    ("2013-08-08", "3.05", "1"),
    ("2013-11-06", "3.05", "1"),
    ("2014-02-06", "3.05", "1"),
    ("2014-05-08", "3.29", "1"),
    ("2014-06-09", "0", "7"),
    ("2014-08-07", "0.47", "1"),
    ("2014-11-06", "0.47", "1"),
]


def given_as(kind: str, new: str) -> dict[str, Any]:
    return {kind: D(new)}


class PutBack(Strategy):
    """Buys for all its cash, and for every dividend again."""

    def on_bar(self, ctx: Context, bar: Any) -> None:
        shares = int(ctx.account.cash / ctx.price())
        if shares:
            ctx.buy(bar.symbol, shares)


def read_stock(name: str, symbol: str, start: str, end: str) -> Bars:
    table = pq.read_table(SHARED / "data" / "bars" / f"{name}.1d.parquet")
    names = ("ts", "open", "high", "low", "close", "volume")
    columns: dict[str, Any] = {name: table[name].to_numpy() for name in names}
    days = columns["ts"].astype("datetime64[D]")
    chosen = (days >= np.datetime64(start)) & (days < np.datetime64(end))
    return Bars.of(symbol, "1d", **{name: column[chosen] for name, column in columns.items()})


@needs_shared
@pytest.mark.parametrize(
    ("name", "symbol", "span", "table"),
    [
        ("cn_stock/600000.SH", "600000.SSE", ("2010-01-04", "2019-12-31"), PUDONG),
        ("us_stock/AAPL.lean", "AAPL.US", ("2012-01-03", "2014-12-31"), APPLE),
    ],
)
def test_holding_a_real_share_earns_what_its_adjusted_prices_say(
    name: str, symbol: str, span: tuple[str, str], table: list[tuple[str, str, str]]
) -> None:
    bars = read_stock(name, symbol, *span)
    calendar = "us_stock" if symbol.endswith("US") else "cn_stock"
    kind = "split" if calendar == "us_stock" else "bonus"
    actions = [
        Action(symbol=symbol, ex_day=date.fromisoformat(ex), cash=D(cash), **given_as(kind, new))
        for ex, cash, new in table
    ]
    instrument = make_instrument(symbol, calendar=calendar)

    result = backtest(
        PutBack, bars, instrument=instrument, actions=actions, cash=10_000_000, participation=None
    )

    adjusted = adjust(bars, actions, get_calendar(calendar), anchor=Anchor.LATEST)
    equity = result.equity["equity"]
    ours, theirs = equity[-1] / equity[1], adjusted.close[-1] / adjusted.close[1]
    # They put each dividend back at its ex-day's reference, we a day or two later: apart by what
    # the price moves meanwhile on some percent. One dividend left out would be 0.5 % or more.
    assert ours == pytest.approx(theirs, rel=3e-3)
    assert result.actions.adjusted == ()
    backed = backtest(
        PutBack,
        adjust(bars, actions, get_calendar(calendar)),
        instrument=make_instrument(symbol, calendar=calendar),
        actions=actions,
    )
    assert backed.actions.adjusted == (symbol,)


def test_a_file_of_a_whole_market_is_searched_for_the_shares_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "actions.csv"
    path.write_text(
        f"symbol,ex_day,split\nELSE.LOCAL,2024-01-03,3\n{SYMBOL},2024-01-03,2\n", encoding="utf-8"
    )
    closes = [10.0, 10.0, 5.0, 5.0]

    result = backtest(
        scripted({0: buy(100)}), daily(closes), instrument=make_instrument(), actions=str(path)
    )

    assert result.equity["quantity"].tolist() == [0, 100, 200, 200]


def test_borrowed_shares_cost_what_they_were_before_a_split() -> None:
    result = over([100.0, 100.0, 50.0, 50.0], {0: short(365)}, make_action(split=2), borrow="0.01")

    # 36,500 at 1 %: 1.00 a day, before the split and after it.
    assert result.payments["amount"].tolist() == [-1, -1]


def test_a_dividend_in_another_currency_is_exchanged_when_it_is_paid() -> None:
    times = START_NS + np.arange(5) * 86_400 * 10**9
    rate = [7.0, 7.0, 7.0, 7.0, 8.0]
    yuan = Bars.of("USDCNY.FX", "1d", ts=times, open=rate, high=rate, low=rate, close=rate)
    action = make_action(cash="0.5", pay_day=day(4))

    result = over(
        [10.0, 10.0, 9.5, 9.5, 9.5], {0: buy(100)}, action, currency="CNY", fx={"USD": yuan}
    )

    # 50 dollars count for 350 from the ex-day on.
    assert result.equity["equity"].tolist()[:4] == [10_000_000] * 4
    assert result.payments["amount"].tolist() == [350]
    assert len(result.equity) == 5


def test_new_shares_were_paid_for_at_the_rates_of_the_old_ones() -> None:
    result = over(
        [10.0, 10.0, 8.0, 8.0],
        {0: buy(100), 2: close},
        make_action(bonus="0.25"),
        currency="CNY",
        fx={"USD": 7},
    )

    # 1,000 dollars at 7 for 125 shares that bring 1,000 at 7.
    assert sum(result.round_trips["gross"]) == 0
    assert result.final_cash == 10_000_000


def test_a_split_is_no_loss_while_shares_were_held() -> None:
    closes = [10.0, 10.0, 8.0, 6.0, 7.0]

    result = over(closes, {0: buy(100), 3: close}, make_action(3, split=2))

    # 100 at 10.00 fell to 8.00, and 6.00 after two for one is 12.00: the worst is 200 money, the
    # best at the exit, 200 at 7.00, is 400.
    assert result.round_trips["gross"].tolist() == [400]
    assert result.excursions.adverse.tolist() == [-200]
    assert result.excursions.favourable.tolist() == [400]
    assert result.metrics.average_adverse_ratio == pytest.approx(-0.2)
