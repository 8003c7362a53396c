"""Strategies written as asynchronous classes, one bar at a time, before an engine runs them."""

import asyncio
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from quantloom.market import Bar
from quantloom.strategy import (
    BadParameter,
    BadSignal,
    Context,
    NotAdaptable,
    Parameter,
    Signal,
    Strategy,
    Waits,
    WhichStrategy,
    adapt,
    code_digest,
    load_strategy,
)
from quantloom.strategy.loading import describe
from quantloom.trading import Order


class FakeContext:
    """Writes down what it is asked to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, ...]] = []

    def __getattr__(self, method: str) -> Any:
        return lambda *args, **terms: self.sent.append((method, *args, terms))


class Scripted:
    """Gives the signals that its test put there."""

    signals: Any = ()

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        self.seen: list[Any] = []

    async def on_market_data(self, data: dict[str, Any]) -> None:
        self.seen.append(data)

    async def generate_signals(self) -> Any:
        await asyncio.sleep(0)
        return self.signals


def make_bar(close: float = 100.0) -> Bar:
    bar = Bar()
    bar.symbol, bar.ts_ns = "MADE.SIM", 1_700_000_000_000_000_000
    bar.open, bar.high, bar.low, bar.close, bar.volume = 99.0, 101.0, 98.0, close, 7.0
    return bar


def run_bar(asynchronous: type, ctx: FakeContext | None = None) -> Strategy:
    strategy = adapt(asynchronous)()
    context = cast("Context", ctx or FakeContext())
    strategy.initialize(context)
    strategy.on_bar(context, make_bar())
    return strategy


def orders_of(*signals: object) -> list[tuple[Any, ...]]:
    ctx = FakeContext()
    run_bar(type("Scripted", (Scripted,), {"signals": signals}), ctx)
    return ctx.sent


def inner(strategy: Strategy) -> Any:
    return cast("Any", strategy)._inner


def test_each_bar_arrives_as_a_dict_with_an_aware_time() -> None:
    (data,) = inner(run_bar(Scripted)).seen

    assert data == {
        "symbol": "MADE.SIM",
        "timestamp": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        "open": 99.0,
        "high": 101.0,
        "low": 98.0,
        "close": 100.0,
        "volume": 7.0,
    }


@pytest.mark.parametrize(
    ("signal", "order"),
    [
        (Signal("MADE.SIM", "buy"), ("buy", "MADE.SIM", {})),
        (Signal("", "short", quantity=2), ("short", "MADE.SIM", {"quantity": 2})),
        (Signal("OTHER.SIM", "sell", price=9.5), ("sell", "OTHER.SIM", {"price": 9.5})),
        ({"action": "cover", "tag": "out"}, ("cover", "MADE.SIM", {"tag": "out"})),
        (SimpleNamespace(action="CLOSE", reason="x"), ("close", "MADE.SIM", {})),
        ({"side": "buy", "confidence": 0.7, "price": None}, ("buy", "MADE.SIM", {})),
        (
            Signal("MADE.SIM", "buy", stop_loss=9, take_profit=12),
            ("buy", "MADE.SIM", {"stop_loss": 9, "take_profit": 12}),
        ),
    ],
)
def test_a_signal_becomes_the_order_that_it_names(signal: object, order: tuple[Any, ...]) -> None:
    assert orders_of(signal) == [order]


def test_an_action_may_be_an_enumeration() -> None:
    class Action(Enum):
        BUY = "BUY"

    assert orders_of({"action": Action.BUY}) == [("buy", "MADE.SIM", {})]


def test_a_weight_makes_the_position_that_share_of_equity() -> None:
    long, short = orders_of(
        Signal("A.SIM", "buy", weight="0.5"), Signal("B.SIM", "short", weight=0.25, tag="t")
    )

    assert long == ("target_weight", "A.SIM", pytest.approx(0.5), {})
    assert short == ("target_weight", "B.SIM", pytest.approx(-0.25), {"tag": "t"})


@pytest.mark.parametrize("signals", [[], None, [Signal("A.SIM", "hold")], [{"action": "HOLD"}]])
def test_no_signal_sends_nothing(signals: Any) -> None:
    ctx = FakeContext()

    run_bar(type("Quiet", (Scripted,), {"signals": signals}), ctx)

    assert ctx.sent == []


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        ([{"action": "purchase"}], "gave the action 'purchase'; there are buy, short, sell,"),
        ([{}], "gave the action 'none'"),
        ([Signal("", "sell", stop_loss=3)], "gave 'sell' a stop_loss, which is for buy, short"),
        ([Signal("", "close", quantity=3)], "gave 'close' a quantity"),
        ([Signal("", "buy", weight=1, price=3)], "a weight together with price"),
        ([{"action": "buy", "qty": 1}], "gave a qty; write quantity"),
        ([SimpleNamespace(action="buy", sl=9)], "gave a sl; write stop_loss"),
        ("buy", "gave 'buy'; it returns a list of signals"),
        ({"action": "buy"}, "it returns a list of signals"),
        (7, "gave 7; it returns a list of signals"),
    ],
)
def test_a_signal_that_is_no_order_says_what_is_wrong(signals: Any, words: str) -> None:
    with pytest.raises(BadSignal, match=words) as caught:
        run_bar(type("Wrong", (Scripted,), {"signals": signals}))

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_methods_may_be_plain() -> None:
    class Plain:
        def __init__(self, parameters: dict[str, Any]) -> None:
            self.close = 0.0

        def on_market_data(self, data: dict[str, Any]) -> None:
            self.close = data["close"]

        def generate_signals(self) -> Iterator[dict[str, Any]]:
            yield {"action": "buy", "quantity": self.close}

    ctx = FakeContext()

    run_bar(Plain, ctx)

    assert ctx.sent == [("buy", "MADE.SIM", {"quantity": 100.0})]


def test_initialize_is_awaited_and_order_news_is_handed_on() -> None:
    class Listening(Scripted):
        async def initialize(self) -> None:
            self.seen.append("ready")

        async def on_order_update(self, order: object) -> None:
            self.seen.append(order)

    strategy = run_bar(Listening)
    order = cast("Order", object())
    strategy.on_order_update(cast("Context", None), order)

    assert inner(strategy).seen[0] == "ready"
    assert inner(strategy).seen[-1] is order


def test_news_that_nobody_asks_for_is_not_wired() -> None:
    assert adapt(Scripted).on_order_update is Strategy.on_order_update


def test_each_run_begins_with_a_new_object() -> None:
    strategy = run_bar(Scripted)
    first = inner(strategy)

    strategy.initialize(cast("Context", FakeContext()))

    assert inner(strategy) is not first


@pytest.mark.parametrize(
    "pause",
    [
        lambda: asyncio.sleep(1),
        lambda: asyncio.Event().wait(),
        lambda: asyncio.open_connection("localhost", 1),
        lambda: asyncio.to_thread(print),
    ],
    ids=["timer", "event", "network", "thread"],
)
def test_what_waits_for_the_outside_is_an_error(pause: Any) -> None:
    class Waiting(Scripted):
        async def generate_signals(self) -> Any:
            await pause()

    with pytest.raises(Waits, match=r"Waiting\.generate_signals awaits .* fetch it before the run"):
        run_bar(Waiting)


def test_what_waits_is_an_error_in_a_notebook_too() -> None:
    class Waiting(Scripted):
        async def on_market_data(self, data: dict[str, Any]) -> None:
            await asyncio.sleep(1)

    async def cell() -> None:
        run_bar(Waiting)

    with pytest.raises(Waits, match=r"Waiting\.on_market_data") as caught:
        asyncio.run(cell())
    assert any("await asyncio.sleep(1)" in line for line in traceback.format_tb(caught.tb))


def test_waiting_cannot_be_swallowed_or_go_on_for_ever() -> None:
    class Stubborn(Scripted):
        async def generate_signals(self) -> Any:
            try:
                await asyncio.Event().wait()
            except Exception:  # noqa: BLE001  as users write it
                return []

    class Endless(Scripted):
        async def generate_signals(self) -> Any:
            while True:  # noqa: ASYNC110  what the test is about
                await asyncio.sleep(0)

    for waiting in (Stubborn, Endless):
        with pytest.raises(Waits):
            run_bar(waiting)


@contextmanager
def nothing_at_all() -> Iterator[None]:
    yield


@pytest.mark.parametrize("error", [KeyError("rate"), RuntimeError("no data")])
def test_an_error_of_the_strategy_keeps_its_place(error: Exception) -> None:
    class Failing(Scripted):
        async def generate_signals(self) -> Any:
            with nothing_at_all():
                raise error

    with pytest.raises(type(error)) as caught:
        run_bar(Failing)

    line = Failing.generate_signals.__code__.co_firstlineno + 2
    adapter = adapt(Failing).on_bar.__code__.co_filename
    assert describe(caught.value, adapter).endswith(f"(line {line})")


def test_parameters_are_declared_by_a_mapping() -> None:
    class Declaring(Scripted):
        PARAMETERS = {"fast": Parameter(10, low=2), "slow": 30, "loud": False}  # noqa: RUF012  as users write it

    adapted = adapt(Declaring, parameters={"slow": 40, "rate": 0.5})
    strategy = adapted(fast="12", loud="yes")
    strategy.initialize(cast("Context", FakeContext()))

    assert inner(strategy).parameters == {"fast": 12, "slow": 40, "loud": True, "rate": 0.5}
    with pytest.raises(BadParameter, match="Declaring: parameter fast is 1; it goes from 2 to any"):
        adapted(fast=1)


@pytest.mark.parametrize("is_method", [False, True], ids=["attribute", "method"])
def test_parameters_are_declared_by_json_schema(is_method: bool) -> None:
    properties = {
        "fast": {"type": "integer", "default": 10, "minimum": 2, "maximum": 50},
        "rate": {"type": "number", "default": 1, "description": "of change"},
        "mode": {"type": "string", "default": "a", "enum": ["a", "b"]},
    }
    schema = {"type": "object", "properties": properties}
    declared = staticmethod(lambda: schema) if is_method else schema

    adapted = adapt(type("Schematic", (Scripted,), {"parameters_schema": declared}))

    assert adapted.parameters_schema()["properties"] == properties
    assert type(adapted().values["rate"]) is float


def test_a_default_that_is_no_value_is_an_error() -> None:
    with pytest.raises(BadParameter, match=r"parameter symbols has the default \['A'\]; give"):
        adapt(Scripted, parameters=cast("Any", {"symbols": ["A"]}))


def test_a_class_of_another_kind_is_an_error() -> None:
    with pytest.raises(NotAdaptable, match="int has no on_market_data and no generate_signals;"):
        adapt(int)


FILE = """
from abc import ABC, abstractmethod

class Base(ABC):
    def __init__(self, parameters):
        self.parameters = parameters

    @abstractmethod
    async def on_market_data(self, data): ...

    @abstractmethod
    async def generate_signals(self): ...

class Mine(Base):
    PARAMETERS = {"fast": 10}

    async def on_market_data(self, data):
        self.close = data["close"]

    async def generate_signals(self):
        return [{"action": "buy"}]
"""


def test_a_file_with_one_asynchronous_class_loads_as_a_strategy(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FILE)

    for reference in (str(path), f"{path}:Mine"):
        found = load_strategy(reference)
        assert issubclass(found, Strategy)
        assert (found.__name__, list(found.parameters)) == ("Mine", ["fast"])


def test_an_asynchronous_class_beside_another_strategy_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FILE + "\nfrom quantloom import Strategy\nclass Other(Strategy): ...\n")

    with pytest.raises(WhichStrategy) as caught:
        load_strategy(str(path))
    assert caught.value.found == ("Mine", "Other")


def test_the_digest_is_of_the_code_that_the_user_wrote(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FILE)
    before = code_digest(load_strategy(str(path)))
    path.write_text(FILE.replace("buy", "short"))

    assert code_digest(load_strategy(str(path))) != before


def test_classes_typed_into_a_prompt_have_digests_of_their_own() -> None:
    typed = [adapt(_typed(f"return [{count}]")) for count in (1, 2)]

    assert code_digest(typed[0]) != code_digest(typed[1])


def _typed(body: str) -> type:
    names: dict[str, Any] = {"__name__": "prompt"}
    exec(
        f"class Typed:\n async def on_market_data(self, data): ...\n"
        f" async def generate_signals(self): {body}\n",
        names,
    )
    return cast("type", names["Typed"])
