"""Compiled programs on ticks: a function over a desk, run with the exchange in one kernel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.ticks.account import Days, SeenAccount, TickAccount
from quantloom.backtest.ticks.desk import ENDINGS, received_of
from quantloom.backtest.ticks.errors import ProgramBeyondAccount, ProgramFailed
from quantloom.backtest.ticks.models import Latency, QueueKind, QueueModel
from quantloom.kit import FloatArray, IntArray, freeze, from_ns
from quantloom.market import Bars, Instrument, Ticks
from quantloom.strategy import Value
from quantloom.trading import (
    PLAIN,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Refused,
    Side,
    Terms,
    TimeInForce,
)

if TYPE_CHECKING:
    from quantloom.backtest.ticks.kernels import Log

_MODELS = {
    QueueKind.PESSIMISTIC: 0,
    QueueKind.RISK_AVERSE: 1,
    QueueKind.POWER: 2,
    QueueKind.LOG: 3,
}
_RULES = ("", "cancelled_by_strategy", "would_take", "not_immediate", "end_of_data")
_TERMS = (PLAIN, Terms(is_post_only=True), Terms(tif=TimeInForce.IOC), PLAIN)
_MARKET = 3
_FIRST_ROOM = 1 << 14


@dataclass(frozen=True, slots=True)
class TickProgram:
    """A function `def program(desk)` that is compiled and called on each tick.

    Attributes:
        function: in the subset that numba compiles; docs/how-to/ticks.md says what its desk has
            and what it may call.
        parameters: names of its parameters and their values, in the order of `desk.parameters`.
    """

    function: Callable[[Any], None]
    parameters: Mapping[str, float]

    @property
    def __name__(self) -> str:
        return getattr(self.function, "__name__", "program")

    def with_parameters(self, given: Mapping[str, Value]) -> "TickProgram":
        """The same with other values.

        Raises:
            ProgramFailed: a name that it does not have.
        """
        unknown = set(given) - set(self.parameters)
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise ProgramFailed(
                self.__name__, f"has no parameter {', '.join(sorted(unknown))}, but {known}"
            )
        values = {name: float(given.get(name, held)) for name, held in self.parameters.items()}
        return replace(self, parameters=values)


def tick_program(**parameters: float) -> Callable[[Callable[[Any], None]], TickProgram]:
    """Make a program of a function, with these parameters and their usual values.

    ```python
    @tick_program(size=1)
    def maker(desk):
        if desk.position == 0 and not is_working(desk, int(desk.memory[0])):
            desk.memory[0] = buy_as_maker(desk, desk.bid, desk.parameters[0])
    ```
    """
    return lambda function: TickProgram(function, parameters)


def run_program(
    program: TickProgram,
    spec: BacktestSpec,
    ticks: Ticks,
    bars: Bars,
    *,
    latency: Latency,
    queue: QueueModel,
) -> tuple[list[Order], SeenAccount]:
    """Run a program over ticks, and book exactly what it has filled.

    Raises:
        ProgramFailed: it cannot be compiled, it raised, or it had too much on its way.
        ProgramBeyondAccount: the account could not have held what it filled.
    """
    log = _drive(program, spec.instrument, ticks, latency=latency, queue=queue)
    return _book(program, spec, bars, log)


def _drive(
    program: TickProgram,
    instrument: Instrument,
    ticks: Ticks,
    *,
    latency: Latency,
    queue: QueueModel,
) -> "Log":
    # numba loads late: whoever runs no program does without it.
    kernels = import_module("quantloom.backtest.ticks.kernels")
    desks, rows = _new_desk(kernels, program, instrument, ticks), _rows(kernels, ticks, latency)
    delays = kernels.Delays(latency.at_ns, latency.order_ns, latency.cancel_ns, latency.response_ns)
    log, pointer = _room(kernels, _FIRST_ROOM), _compile(program.function)
    while True:
        world = kernels.World(rows, delays, log, _MODELS[queue.kind], queue.exponent)
        code = kernels.drive(desks, pointer, world)
        if code != kernels.NEEDS_ROOM:
            break
        log = _grown(kernels, log)
    if code != kernels.DONE:
        raise ProgramFailed(program.__name__, _problem(kernels, code))
    orders, fills = int(desks["orders"][0]), int(desks["fills"][0])
    return kernels.Log(  # type: ignore[no-any-return]
        log.orders[:orders], log.order_values[:orders], log.fills[:fills], log.fill_values[:fills]
    )


def _new_desk(
    kernels: Any, program: TickProgram, instrument: Instrument, ticks: Ticks
) -> NDArray[np.void]:
    """A desk before the first row, in an array of its own.

    Raises:
        ProgramFailed: the ticks have more levels, or the program more parameters, than it has
            room for.
    """
    if ticks.levels > kernels.LEVELS:
        problem = f"knows {kernels.LEVELS} levels of each side at most, not {ticks.levels}"
        raise ProgramFailed(program.__name__, problem)
    if len(program.parameters) > kernels.PARAMETERS:
        problem = f"may have {kernels.PARAMETERS} parameters, not {len(program.parameters)}"
        raise ProgramFailed(program.__name__, problem)
    desks = np.zeros(1, kernels.DESK)
    desks["row"] = desks["x_row"] = -1
    desks["x_levels"] = ticks.levels
    desks["tick"], desks["lot"] = float(instrument.tick_size), float(instrument.lot)
    for place, value in enumerate(program.parameters.values()):
        desks["parameters"][0, place] = value
    return desks


def _rows(kernels: Any, ticks: Ticks, latency: Latency) -> Any:
    return kernels.Rows(
        ticks.ts,
        freeze(received_of(ticks, latency)),
        ticks.kind,
        ticks.bid,
        ticks.bid_size,
        ticks.ask,
        ticks.ask_size,
        ticks.price,
        ticks.size,
        ticks.side,
    )


def _problem(kernels: Any, code: int) -> str:
    if code == kernels.TOO_MUCH:
        return (
            f"had more than {kernels.SLOTS} orders working, or {kernels.RING} messages on their way"
        )
    return "raised an exception, which was printed"


@lru_cache(maxsize=32)
def _compile(function: Callable[[Any], None]) -> Any:
    """Make a function that the kernel calls by its address, so that it is compiled once for all."""
    numba, kernels = import_module("numba"), import_module("quantloom.backtest.ticks.kernels")
    inner = function
    if not hasattr(inner, "py_func"):
        inner = numba.njit(error_model="numpy")(inner)

    def called(desk: Any) -> None:
        inner(desk)
        desk.returned += 1  # an exception would be printed and lost

    try:
        return numba.cfunc(numba.types.void(kernels.DESK_TYPE))(called)
    except numba.core.errors.NumbaError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        problem = f"does not compile: {' '.join(lines[:6])[:400]}"
        raise ProgramFailed(getattr(function, "__name__", "program"), problem) from error


def _room(kernels: Any, count: int) -> "Log":
    orders, fills = np.zeros((count, 5), np.int64), np.zeros((count, 4), np.int64)
    return kernels.Log(orders, np.zeros((count, 2)), fills, np.zeros((count, 2)))  # type: ignore[no-any-return]


def _grown(kernels: Any, log: "Log") -> "Log":
    grown = _room(kernels, 4 * len(log.orders))
    for old, new in zip(log, grown, strict=True):
        new[: len(old)] = old
    return grown


def _book(
    program: TickProgram, spec: BacktestSpec, bars: Bars, log: "Log"
) -> tuple[list[Order], SeenAccount]:
    days = Days(bars, spec.instrument)
    seen = SeenAccount(spec, days)
    account = TickAccount(spec, days, seen.ledger)
    orders = _orders(spec.instrument, log.orders, log.order_values)
    for whole, values in zip(log.fills.tolist(), log.fill_values.tolist(), strict=True):
        order_id, at_ns, heard_ns, is_maker = whole
        order = orders[order_id - 1]
        fill = account.execute(order, round(values[0]), values[1], at_ns, is_maker=bool(is_maker))
        if isinstance(fill, Refused):
            moment = f"{from_ns(at_ns):%Y-%m-%d %H:%M:%S.%f}"
            raise ProgramBeyondAccount(program.__name__, moment, fill.reason)
        seen.hear(order, fill, heard_ns)
    for order, row in zip(orders, log.orders.tolist(), strict=True):
        if not order.is_ended:
            rule = _RULES[row[3]]
            status, reason = ENDINGS[rule]
            order.move(status, row[4], Refused(rule, reason))
    return orders, seen


def _orders(instrument: Instrument, whole: IntArray, values: FloatArray) -> list[Order]:
    found = []
    rows = zip(whole.tolist(), values.tolist(), strict=True)
    for order_id, ((is_buy, terms, sent_ns, _, _), (limit, lots)) in enumerate(rows, 1):
        is_market, price = terms == _MARKET, None
        if not is_market:
            price = round(limit / float(instrument.tick_size)) * instrument.tick_size
        ticket = OrderTicket(
            id=order_id,
            symbol=instrument.symbol,
            side=Side.BUY if is_buy else Side.SELL,
            kind=OrderKind.MARKET if is_market else OrderKind.LIMIT,
            quantity=round(lots) * instrument.lot,
            price=price,
            submitted_ns=sent_ns,
            terms=_TERMS[terms],
        )
        order = Order(ticket)
        order.move(OrderStatus.ACCEPTED, sent_ns)
        found.append(order)
    return found
