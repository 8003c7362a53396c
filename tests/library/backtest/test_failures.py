"""What can be wrong with a run, each said by name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from quantloom.backtest import (
    BadCash,
    BadMoment,
    BadRunSetting,
    BadSeed,
    NoCallback,
    NotAStrategy,
    NotBars,
    NotPlain,
    OtherInstrument,
    StrategyFailed,
    Unheard,
    WrongSignature,
    backtest,
    event,
)
from quantloom.backtest.news import MAX_NEWS
from quantloom.errors import QuantloomError
from quantloom.market import BadBars, Bar, Bars, EmptyRange
from quantloom.strategy import (
    BadCount,
    BadParameter,
    BadTerms,
    Context,
    NotAnOrder,
    Strategy,
    SymbolNotInRun,
)
from quantloom.strategy.presets import SmaCross
from quantloom.trading import BadCost, BadMargin
from tests.library.backtest.builders import (
    HOUR_NS,
    SYMBOL,
    buy,
    make_bars,
    make_instrument,
    run,
    scripted,
    sell,
)

FLAT = [10.0] * 4


def fail(self: Strategy, *args: Any) -> None:
    raise KeyError("oh no")  # the line that the error must name


FAIL_LINE = fail.__code__.co_firstlineno + 1


@pytest.mark.parametrize(
    ("callback", "moment"),
    [
        ("initialize", "the start"),
        ("on_start", "the start"),
        ("on_bar", "1970-01-01 00:00"),
        ("on_fill", "1970-01-01 02:00"),
        ("on_order_update", "1970-01-01 01:00"),
        ("on_stop", "1970-01-01 03:00"),
    ],
)
def test_a_failing_callback_is_named_with_moment_and_line(callback: str, moment: str) -> None:
    with pytest.raises(StrategyFailed) as caught:
        run({1: buy(1)}, FLAT, callbacks={callback: fail})

    assert (caught.value.callback, caught.value.moment) == (callback, moment)
    assert isinstance(caught.value.__cause__, KeyError)
    assert str(caught.value) == (
        f"Scripted.{callback} failed at {moment}: KeyError: 'oh no' (line {FAIL_LINE})"
    )


def test_any_kind_of_callback_may_fail() -> None:
    class Static(Strategy):
        @staticmethod
        def on_bar(ctx: Context, bar: Bar) -> None:
            raise ValueError("static")

    class CalledObject:
        def __call__(self, ctx: Context, bar: Bar) -> None:
            raise ValueError("object")

    odd = type("Odd", (Strategy,), {"on_bar": CalledObject()})

    for strategy, text in [(Static, "ValueError: static"), (odd, "ValueError: object")]:
        with pytest.raises(StrategyFailed, match=text):
            backtest(strategy, make_bars(FLAT), instrument=make_instrument())


def test_a_strategy_without_on_bar_is_told_to_write_one() -> None:
    class Idle(Strategy):
        def initialize(self, ctx: Context) -> None: ...

    with pytest.raises(NoCallback, match=r"Idle has no on_bar\(self, ctx, bar\); write one"):
        backtest(Idle, make_bars(FLAT), instrument=make_instrument())


def test_parameters_out_of_bounds_stop_the_run_before_it_starts() -> None:
    with pytest.raises(BadParameter, match="fast is 1; it goes from 2 to 200"):
        backtest("sma-cross", make_bars(FLAT), parameters={"fast": 1})
    with pytest.raises(BadParameter, match="it must be below slow, 30"):
        backtest("sma-cross", make_bars(FLAT), parameters={"fast": 30})


def test_a_span_without_bars_is_an_error() -> None:
    with pytest.raises(EmptyRange, match="has no bars between 2024-01-01"):
        run({}, FLAT, start="2024-01-01")


def test_a_span_starts_with_its_start_and_ends_before_its_end() -> None:
    result = run({}, FLAT, start="1970-01-01T01:00", end=datetime(1970, 1, 1, 3, tzinfo=UTC))

    assert result.bars.ts.tolist() == [HOUR_NS, 2 * HOUR_NS]


def test_a_moment_that_is_none_is_refused() -> None:
    with pytest.raises(BadMoment, match="'soon' is no date or time; write 2024-01-31"):
        run({}, FLAT, start="soon")


@pytest.mark.parametrize("cash", [0, -1])
def test_a_run_needs_cash(cash: int) -> None:
    with pytest.raises(BadCash, match="must be above zero"):
        run({}, FLAT, cash=cash)


GOOD: dict[str, list[float]] = {
    "ts": [0, 1, 2],
    "open": [10, 10, 10],
    "high": [11, 11, 11],
    "low": [9, 9, 9],
    "close": [10, 10, 10],
    "volume": [1, 1, 1],
}


@pytest.mark.parametrize(
    ("column", "values", "problem", "row"),
    [
        ("ts", [0, 2, 1], "time earlier than the bar before", 2),
        ("ts", [0, 1, 1], "time equal to the bar before", 2),
        ("close", [10, np.nan, 10], "a price that is not a finite number", 1),
        ("high", [11, np.inf, 11], "a price that is not a finite number", 1),
        ("low", [9, 9, -1], "a price that is not above zero", 2),
        ("high", [8, 11, 11], "high below low", 0),
        ("open", [10, 12, 10], "open or close outside low to high", 1),
        ("volume", [1, -1, 1], "negative or infinite volume", 1),
    ],
)
def test_bars_that_cannot_be_are_named(
    column: str, values: list[float], problem: str, row: int
) -> None:
    with pytest.raises(BadBars) as caught:
        Bars.of(SYMBOL, "1h", **(GOOD | {column: values}))  # type: ignore[arg-type]

    assert (caught.value.problem, caught.value.rows) == (problem, (row,))
    assert problem in str(caught.value)
    assert ("sort the source" in str(caught.value)) == ("earlier" in problem)


def test_no_bars_at_all_are_an_error() -> None:
    with pytest.raises(EmptyRange):
        make_empty()


def make_empty() -> Bars:
    nothing: list[float] = []
    return Bars.of(SYMBOL, "1h", ts=nothing, open=nothing, high=nothing, low=nothing, close=nothing)


# Progress and stopping


def test_progress_is_told_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(event, "CHUNK", 3)

    run({}, [10.0] * 8, progress=lambda done, total: told.append((done, total)))

    assert told == [(3, 8), (6, 8), (8, 8)]


@pytest.mark.parametrize("signal", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_progress_stops_a_run_by_raising(signal: type[BaseException]) -> None:
    def stop(done: int, total: int) -> None:
        raise signal

    with pytest.raises(signal):
        run({}, FLAT, progress=stop)


@pytest.mark.parametrize("callback", ["on_bar", "on_fill", "on_order_update", "on_stop"])
def test_an_interrupt_passes_through_a_callback_untouched(callback: str) -> None:
    def interrupt(self: Strategy, *args: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run({0: buy(1)}, FLAT, callbacks={callback: interrupt})


# The log


def test_log_lines_carry_the_close_of_their_bar() -> None:
    result = run(
        {-1: lambda ctx: ctx.log("start"), 1: lambda ctx: ctx.log("second")},
        FLAT,
        callbacks={"on_stop": lambda self, ctx: ctx.log("stop")},
    )

    assert result.log == ((0, "start"), (2 * HOUR_NS, "second"), (4 * HOUR_NS, "stop"))


def test_the_log_stops_growing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quantloom.backtest.log_lines.MAX_LOG_LINES", 2)

    result = run({row: lambda ctx: ctx.log("again") for row in range(4)}, FLAT)

    assert [text for _, text in result.log[:-1]] == ["again", "again"]
    assert "left out" in result.log[-1][1]


def test_a_strategy_sees_the_time_at_which_its_bar_was_over() -> None:
    # The second bar comes late, and the third before the second has run its hour.
    bars = Bars.of(
        SYMBOL,
        "1h",
        ts=[0, 5 * HOUR_NS, 5 * HOUR_NS + HOUR_NS // 2],
        open=[10, 10, 10],
        high=[10, 10, 10],
        low=[10, 10, 10],
        close=[10, 10, 10],
    )
    seen: list[float] = []
    look: Callable[[Context], None] = lambda ctx: seen.append(ctx.now.timestamp() / 3_600)  # noqa: E731

    backtest(scripted(dict.fromkeys(range(3), look)), bars, instrument=make_instrument())

    assert seen == [1, 5.5, 6.5]


@pytest.mark.parametrize(
    "error",
    [
        NoCallback("Mine"),
        StrategyFailed("Mine", "on_bar", "the start", "KeyError: 3"),
        BadMoment("soon"),
    ],
)
def test_errors_keep_their_facts_through_pickling(error: QuantloomError) -> None:
    again = type(error)(*error.args)

    assert str(again) == str(error)
    assert error.code.startswith(("strategy.", "backtest."))


def test_a_seed_below_zero_is_refused() -> None:
    with pytest.raises(BadSeed, match="zero or above"):
        backtest(scripted({}), make_bars(FLAT), seed=-1)


def test_bars_of_another_symbol_than_the_instrument_are_refused() -> None:
    other = replace(make_instrument(), symbol="ELSE.LOCAL")

    with pytest.raises(OtherInstrument, match=SYMBOL):
        backtest(scripted({}), make_bars(FLAT), instrument=other)


def test_a_weight_of_something_unknown_is_refused() -> None:
    def act(ctx: Context) -> object:
        return ctx.target_weight(SYMBOL, 1, of=cast("Any", "nominal"))

    with pytest.raises(StrategyFailed, match="'nominal'"):
        run({0: act}, FLAT)


def test_a_quantity_beyond_counting_is_no_number() -> None:
    with pytest.raises(StrategyFailed, match="NotANumber"):
        run({0: lambda ctx: ctx.target_quantity(SYMBOL, "1e60")}, FLAT)


def test_a_strategy_that_leaves_the_program_has_failed() -> None:
    def leave(ctx: Context) -> object:
        raise SystemExit(0)

    with pytest.raises(StrategyFailed, match="SystemExit"):
        run({0: leave}, FLAT)


def test_equal_settings_spelled_differently_are_the_same_spec() -> None:
    digests = {
        backtest(scripted({}), make_bars(FLAT), cash=cash).hashes.spec
        for cash in (100_000, 100_000.0, "1E5", "100000.00")
    }

    assert len(digests) == 1


@pytest.fixture(params=[1_000, pytest.param(MAX_NEWS, marks=pytest.mark.soak)])
def _limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quantloom.backtest.desk.MAX_NEWS", request.param)


@pytest.mark.usefixtures("_limit")
def test_orders_that_answer_orders_without_end_are_stopped() -> None:
    def answer(self: Strategy, ctx: Context, order: Any) -> None:
        ctx.buy(SYMBOL, 1)

    with pytest.raises(QuantloomError, match="does not end"):
        backtest(scripted({0: buy(1)}, on_order_update=answer), make_bars(FLAT))


@pytest.mark.usefixtures("_limit")
def test_orders_that_double_at_each_answer_are_stopped_too() -> None:
    def answer_twice(self: Strategy, ctx: Context, order: Any) -> None:
        ctx.buy(SYMBOL, 1)
        ctx.buy(SYMBOL, 1)

    with pytest.raises(QuantloomError, match="does not end"):
        backtest(scripted({0: buy(1)}, on_order_update=answer_twice), make_bars(FLAT))


def test_a_strategy_cannot_change_its_position() -> None:
    def cheat(ctx: Context) -> object:
        setattr(ctx.position, "quantity", 1_000)  # noqa: B010  the type forbids it too
        return None

    with pytest.raises(StrategyFailed, match="AttributeError"):
        run({0: cheat}, FLAT)


def generator(self: Strategy, ctx: Context, bar: Bar) -> Any:
    yield ctx.buy(SYMBOL, 1)


async def coroutine(self: Strategy, ctx: Context, bar: Bar) -> None:
    ctx.buy(SYMBOL, 1)


@pytest.mark.parametrize("on_bar", [generator, coroutine])
def test_a_callback_that_would_never_run_is_refused(on_bar: Any) -> None:
    lazy = type("Lazy", (Strategy,), {"on_bar": on_bar})

    with pytest.raises(NotPlain, match=r"Lazy\.on_bar"):
        backtest(lazy, make_bars(FLAT))


def test_a_callback_with_other_arguments_is_refused_before_the_run() -> None:
    foreign = type("Foreign", (Strategy,), {"on_bar": lambda self, bar: None})

    with pytest.raises(WrongSignature, match=r"write def on_bar\(self, ctx, bar\)"):
        backtest(foreign, make_bars(FLAT))


def test_a_callback_may_take_more_than_it_is_given() -> None:
    given: list[tuple[object, ...]] = []

    def on_bar(self: Strategy, context: Context, *rest: object, note: str = "") -> None:
        given.append((*rest, note))

    backtest(type("Wide", (Strategy,), {"on_bar": on_bar}), make_bars(FLAT))

    assert [len(one) for one in given] == [2] * len(FLAT)
    assert all(isinstance(bar, Bar) and note == "" for bar, note in given)


def test_a_timer_or_a_state_that_nobody_hears_of_is_refused() -> None:
    class Deaf(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.timer("noon", at="12:00")

        def on_bar(self, ctx: Context, bar: Bar) -> None: ...

    with pytest.raises(Unheard, match="given a timer and has no on_timer"):
        backtest(Deaf, make_bars(FLAT))
    with pytest.raises(Unheard, match="given a state and has no restore_state"):
        backtest("sma-cross", make_bars(FLAT), state={"count": 1})


class Forgetful(Strategy):
    def __init__(self, **values: object) -> None:
        self.mine = values

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.log("never")


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        (lambda ctx: ctx.history(SYMBOL, 20), BadCount, "the count comes first"),
        (lambda ctx: ctx.history(0), BadCount, "0 bars"),
        (lambda ctx: ctx.history(2.5), BadCount, "2.5 bars"),
        (lambda ctx: ctx.cancel(3), NotAnOrder, "cancel takes orders as buy and sell return"),
        (lambda ctx: ctx.oco([]), NotAnOrder, r"not \[\]"),
        (lambda ctx: ctx.buy(10), SymbolNotInRun, "10 stands where a symbol belongs"),
        (lambda ctx: ctx.buy(SYMBOL, 1, limit=9), BadTerms, "no term limit, but price, stop"),
    ],
)
def test_arguments_out_of_place_are_told(
    asked: Callable[[Any], object], error: type[QuantloomError], told: str
) -> None:
    with pytest.raises(StrategyFailed, match=told) as caught:
        run({0: asked}, FLAT)

    assert isinstance(caught.value.__cause__, error)


def test_a_numpy_count_is_a_count() -> None:
    seen: list[int] = []

    count: Any = np.int64(2)

    run({2: lambda ctx: seen.append(len(ctx.history(count)))}, FLAT)

    assert seen == [2]


@pytest.mark.parametrize("given", [object, Forgetful, 7, None])
def test_what_is_no_strategy_is_refused(given: Any) -> None:
    with pytest.raises(NotAStrategy, match="is no strategy"):
        backtest(given, make_bars(FLAT))


def test_a_strategy_already_made_is_named_by_its_class() -> None:
    with pytest.raises(NotAStrategy, match="an object of SmaCross is no strategy; pass a class"):
        backtest(SmaCross(), make_bars(FLAT))  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [None, [1, 2], 7])
def test_what_is_no_bars_is_refused(given: Any) -> None:
    with pytest.raises(NotBars, match=r"is no bars; pass what open_catalog\(\)\.read"):
        backtest(SmaCross, given)


@pytest.mark.parametrize("given", ["risk:0.01", 0.5])
def test_a_sizing_that_is_none_is_refused_before_the_run(given: Any) -> None:
    with pytest.raises(BadRunSetting, match=r"sizing is .*such as EquityShare\.of\(0\.5\)"):
        backtest(SmaCross, make_bars(FLAT), sizing=given)


def test_bars_under_another_symbol_are_refused() -> None:
    with pytest.raises(OtherInstrument, match=r"the instrument is X\.US"):
        backtest(SmaCross, {"X.US": make_bars(FLAT)})


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"start": pd.NaT}, BadMoment),
        ({"seed": 1.5}, BadSeed),
        ({"seed": "x"}, BadSeed),
        ({"start": 5}, BadMoment),
        ({"parameters": {"fast": 10**400}}, BadParameter),
        ({"commission": 5}, BadCost),
        ({"margin": 10}, BadMargin),
        ({"weight": 95}, BadRunSetting),
        ({"weight": 100, "margin": 0.1}, BadRunSetting),
    ],
)
def test_settings_of_another_type_are_refused(
    terms: dict[str, Any], error: type[QuantloomError]
) -> None:
    with pytest.raises(error):
        backtest("sma-cross", make_bars(FLAT), **terms)


@pytest.mark.parametrize(
    ("order", "rule"),
    [(buy("1e30"), "insufficient_funds"), (sell("1e30", stop="1e30"), "end_of_data")],
)
def test_an_order_beyond_any_account_is_refused_or_waits(order: Any, rule: str) -> None:
    result = run({0: order}, FLAT)

    assert result.orders["rule"].tolist() == [rule]
