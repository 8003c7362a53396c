"""Strategies written as asynchronous classes, run as any other.

The engine does not wait: a bar has closed and what a strategy may know is there. So a coroutine
is driven to its end at once, and one that waits for the outside is refused.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NoReturn, cast

from quantloom.errors import Invalid
from quantloom.market import Bar, Number, exact
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.parameters import BadParameter, ParameterSpec, Value
from quantloom.trading import Order

_NEEDED = ("on_market_data", "generate_signals")
# A coroutine may let others go first, `await asyncio.sleep(0)`; one that does so for ever waits.
_MOST_PASSES = 10_000
_SCHEMA_TYPES: Mapping[str, Callable[[Any], Value]] = {
    "integer": int,
    "number": float,
    "boolean": bool,
    "string": str,
}
_TERMS: Mapping[str, frozenset[str]] = {
    "buy": frozenset({"quantity", "weight", "price", "stop_loss", "take_profit", "tag"}),
    "short": frozenset({"quantity", "weight", "price", "stop_loss", "take_profit", "tag"}),
    "sell": frozenset({"quantity", "price", "tag"}),
    "cover": frozenset({"quantity", "price", "tag"}),
    "close": frozenset({"tag"}),
}


class NotAdaptable(Invalid):
    """A class without the methods of an asynchronous strategy."""

    code = "strategy.not_adaptable"

    def __init__(self, name: str, missing: tuple[str, ...]) -> None:
        super().__init__(name, missing)
        self.name, self.missing = name, missing

    def __str__(self) -> str:
        return (
            f"{self.name} has no {' and no '.join(self.missing)}; an asynchronous strategy has "
            "on_market_data(self, data) and generate_signals(self)"
        )


class Waits(Invalid):
    """A coroutine waited for something that is not there when the bar closes."""

    code = "strategy.waits"

    def __init__(self, strategy: str, callback: str) -> None:
        super().__init__(strategy, callback)
        self.strategy, self.callback = strategy, callback

    def __str__(self) -> str:
        return (
            f"{self.strategy}.{self.callback} awaits an event loop, a timer or the network, and in "
            "a backtest nothing may wait; fetch it before the run"
        )


class BadSignal(Invalid):
    """A signal that cannot be made an order of."""

    code = "strategy.bad_signal"

    def __init__(self, strategy: str, problem: str) -> None:
        super().__init__(strategy, problem)
        self.strategy, self.problem = strategy, problem

    def __str__(self) -> str:
        return f"{self.strategy}.generate_signals gave {self.problem}"


@dataclass(frozen=True, slots=True)
class Signal:
    """What an asynchronous strategy wants done; any object or dict with these names serves too.

    Attributes:
        symbol: the bar's own where it is empty.
        action: `buy`, `sell`, `short`, `cover` and `close` as in `Context`, `hold` for nothing.
        quantity: of all but `close`; the run's sizing, or all that is open, where not given.
        weight: of `buy` and `short`: the position becomes this share of equity, at the market.
        price: limit price of all but `close`.
        stop_loss, take_profit: of `buy` and `short`, as in `Context.buy`.
        tag: note that is carried to the fills.
    """

    symbol: str
    action: str
    quantity: Number | None = None
    weight: Number | None = None
    price: Number | None = None
    stop_loss: Number | None = None
    take_profit: Number | None = None
    tag: str = ""


# What others call a field. Left out in silence, a quantity would be the run's own instead.
_OTHER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("qty", "size", "volume", "amount", "shares", "lots", "units"), "quantity"),
    **dict.fromkeys(("limit", "limit_price", "entry_price"), "price"),
    **dict.fromkeys(("stop", "sl", "stop_price"), "stop_loss"),
    **dict.fromkeys(("target", "tp", "profit_target"), "take_profit"),
    **dict.fromkeys(("target_weight", "percent", "position_size"), "weight"),
}
_FIELDS = tuple(field.name for field in fields(Signal))


def is_asynchronous(member: object) -> bool:
    """Whether it is a class of the kind that `adapt` takes, all of its methods written."""
    return (
        isinstance(member, type)
        and not issubclass(member, Strategy)
        and not inspect.isabstract(member)
        and not _missing(member)
    )


def adapt(
    asynchronous: type, *, parameters: Mapping[str, Value | ParameterSpec] | None = None
) -> type[Strategy]:
    """Make a strategy of an asynchronous class; its methods may be plain or `async`.

    The class takes its parameters as one dict, `__init__(self, parameters)`, and has
    `on_market_data(self, data)` and `generate_signals(self)`, called in this order on each bar;
    `initialize(self)` and `on_order_update(self, order)` are called where it has them. `data` is a
    dict of symbol, timestamp (the bar's open, aware, UTC), open, high, low, close and volume.

    Args:
        parameters: default by name, or `Parameter(10, low=2)`; what the class declares itself, as
            `PARAMETERS` of the same shape or `parameters_schema` (JSON Schema), is there already.
    Raises:
        NotAdaptable: one of the two methods is missing.
        BadParameter: a default that is no number, text, True or False.
    """
    missing = _missing(asynchronous)
    if missing:
        raise NotAdaptable(asynchronous.__name__, missing)
    declared = _declared(asynchronous) | dict(parameters or {})
    specs = {name: _spec(asynchronous, name, value) for name, value in declared.items()}
    body: dict[str, Any] = {
        "__wrapped__": asynchronous,
        "__module__": asynchronous.__module__,
        "__qualname__": asynchronous.__qualname__,
        "__doc__": asynchronous.__doc__,
    }
    if hasattr(asynchronous, "on_order_update"):
        body["on_order_update"] = _on_order_update
    return type(asynchronous.__name__, (_Adapted,), body | specs)


class _Adapted(Strategy):
    """Hands each bar to an asynchronous strategy and sends what it signals."""

    __wrapped__: ClassVar[type]

    def initialize(self, ctx: Context) -> None:  # noqa: ARG002  the callback's own
        self._inner = self.__wrapped__(dict(self.values))
        if hasattr(self._inner, "initialize"):
            self._call("initialize")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self._call("on_market_data", _market_data(bar))
        signals = self._call("generate_signals")
        if signals is None:
            return
        if isinstance(signals, str | Mapping) or not isinstance(signals, Iterable):
            raise self._refuse(f"{signals!r}; it returns a list of signals")
        for signal in signals:
            self._send(ctx, bar, signal)

    def _call(self, callback: str, *args: object) -> Any:
        given = getattr(self._inner, callback)(*args)
        if not inspect.isawaitable(given):
            return given
        return _finish(given, Waits(type(self).__name__, callback))

    def _send(self, ctx: Context, bar: Bar, signal: object) -> None:
        action = _action(signal)
        if action == "hold":
            return
        if action not in _TERMS:
            known = ", ".join((*_TERMS, "hold"))
            raise self._refuse(f"the action {action!r}; there are {known}")
        for name, ours in _OTHER_NAMES.items():
            if _field(signal, name) is not None:
                raise self._refuse(f"a {name}; write {ours}")
        terms = {name: _field(signal, name) for name in _FIELDS[2:]}
        given = {name: value for name, value in terms.items() if value is not None and value != ""}
        for name in given:
            if name not in _TERMS[action]:
                takers = ", ".join(one for one, names in _TERMS.items() if name in names)
                raise self._refuse(f"{action!r} a {name}, which is for {takers}")
        self._order(ctx, action, _field(signal, "symbol") or bar.symbol, given)

    def _order(self, ctx: Context, action: str, symbol: str, terms: dict[str, Any]) -> None:
        weight = terms.pop("weight", None)
        if weight is None:
            getattr(ctx, action)(symbol, **terms)
            return
        if terms.keys() - {"tag"}:
            raise self._refuse(f"a weight together with {', '.join(terms)}; a weight stands alone")
        share = exact(weight)
        ctx.target_weight(symbol, share if action == "buy" else -share, **terms)

    def _refuse(self, problem: str) -> BadSignal:
        return BadSignal(type(self).__name__, problem)


def _on_order_update(self: _Adapted, ctx: Context, order: Order) -> None:  # noqa: ARG001  the callback's own
    self._call("on_order_update", order)


class _NoLoop:
    """Stands where asyncio looks for its event loop; whoever asks it for anything waits."""

    def __init__(self, refused: Waits) -> None:
        self.refused = refused
        self.was_asked = False

    def __getattr__(self, name: str) -> NoReturn:
        self.was_asked = True
        raise self.refused


def _finish(awaited: Awaitable[Any], refused: Waits) -> Any:
    """Drive a coroutine to its end; raise `refused` at the place where it waits."""
    loop, steps = _NoLoop(refused), awaited.__await__()
    with _running(loop):
        try:
            for _ in range(_MOST_PASSES):
                if next(steps) is not None:
                    break
        except StopIteration as done:
            if loop.was_asked:  # and the strategy caught what it was told
                raise refused from None
            return done.value
        with suppress(StopIteration):
            steps.throw(refused)
        steps.close()
    raise refused


@contextmanager
def _running(loop: _NoLoop) -> Iterator[None]:
    """Let asyncio find this loop, in a notebook too, where another one is running."""
    import asyncio  # noqa: PLC0415  loads slowly, and few strategies need it

    outer = asyncio._get_running_loop()  # noqa: SLF001  made for those who write event loops
    asyncio._set_running_loop(cast("Any", loop))  # noqa: SLF001
    try:
        yield
    finally:
        asyncio._set_running_loop(outer)  # noqa: SLF001


def _market_data(bar: Bar) -> dict[str, Any]:
    return {
        "symbol": bar.symbol,
        "timestamp": bar.time,
        "open": bar.open,
        "high": bar.high,
        "low": bar.low,
        "close": bar.close,
        "volume": bar.volume,
    }


def _action(signal: object) -> str:
    action = _field(signal, "action") or _field(signal, "side")
    # Many write the actions as an enumeration of their own.
    return str(getattr(action, "value", action)).lower()


def _field(signal: object, name: str) -> Any:
    return signal.get(name) if isinstance(signal, Mapping) else getattr(signal, name, None)


def _missing(asynchronous: type) -> tuple[str, ...]:
    return tuple(name for name in _NEEDED if not callable(getattr(asynchronous, name, None)))


def _declared(asynchronous: type) -> dict[str, Any]:
    found = getattr(asynchronous, "parameters_schema", {})
    schema = found() if callable(found) else found
    return dict(schema.get("properties", {})) | dict(getattr(asynchronous, "PARAMETERS", {}))


def _spec(asynchronous: type, name: str, declared: object) -> ParameterSpec:
    if isinstance(declared, ParameterSpec):
        return declared
    default = declared
    described: Mapping[str, Any] = {}
    if isinstance(declared, Mapping):
        described = declared
        default = declared.get("default")
        kind = _SCHEMA_TYPES.get(declared.get("type", ""))
        default = default if kind is None or default is None else kind(default)
    if not isinstance(default, int | float | bool | str):
        problem = f"has the default {default!r}; give a number, a text, True or False"
        raise BadParameter(asynchronous.__name__, name, problem)
    return ParameterSpec(
        name=name,
        default=default,
        low=described.get("minimum"),
        high=described.get("maximum"),
        choices=tuple(described.get("enum", ())),
        description=described.get("description", ""),
    )
