"""How long messages take, and what is assumed of the queue in front of a limit order."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from quantloom.backtest.spec import BadRunSetting
from quantloom.kit import IntArray, freeze

_NS_PER_MS = 1_000_000


class QueueKind(StrEnum):
    """What is assumed to move up the queue in front of an order, strictest first.

    Pessimistic: trades at its price alone. Risk-averse: besides, no more can stand in front of it
    than the book shows. Power and log: besides, what was cancelled had stood in front of it or
    behind it, in proportion to f(in front) and f(behind).
    """

    PESSIMISTIC = "pessimistic"
    RISK_AVERSE = "risk_averse"
    POWER = "power"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class QueueModel:
    """What is assumed of the queue; docs/reference/tick-fills.md tells it in sentences.

    Attributes:
        exponent: n of f(x) = x ** n, for a power; 1 shares cancellations out pro rata.
    Source:
        E. Rigtorp, "Estimating order queue position", 2013, for the shares of cancellations; the
        documentation of hftbacktest, "Order Fill", for the kinds that are in use.
    """

    kind: QueueKind = QueueKind.RISK_AVERSE
    exponent: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.exponent < np.inf:
            raise BadRunSetting("queue exponent", self.exponent, "above 0 and finite")

    @property
    def is_kind(self) -> bool:
        """Whether it fills more than what the data prove."""
        return self.kind in {QueueKind.POWER, QueueKind.LOG}

    def __str__(self) -> str:
        return f"power({self.exponent:g})" if self.kind is QueueKind.POWER else self.kind.value


PESSIMISTIC = QueueModel(QueueKind.PESSIMISTIC)
RISK_AVERSE = QueueModel(QueueKind.RISK_AVERSE)
PRO_RATA = QueueModel(QueueKind.POWER, 1.0)
LOG_QUEUE = QueueModel(QueueKind.LOG)


def power_queue(exponent: float) -> QueueModel:
    """Give the model in which cancellations fall by f(x) = x ** exponent.

    Raises:
        BadRunSetting: the exponent is not above zero.
    """
    return QueueModel(QueueKind.POWER, exponent)


def _zero() -> IntArray:
    return freeze(np.zeros(1, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Latency:
    """How long messages take, as a step-free line through given points.

    Attributes:
        at_ns: (k,) moments at which latencies are known, rising; one alone holds always.
        order_ns, cancel_ns, response_ns: (k,) from sending to the exchange, and from what happens
            there to hearing of it. Between two moments the line between them counts.
        feed_ns: from a tick's exchange time to hearing of it, where its time of receipt is not
            known.
    """

    at_ns: IntArray = field(default_factory=_zero)
    order_ns: IntArray = field(default_factory=_zero)
    cancel_ns: IntArray = field(default_factory=_zero)
    response_ns: IntArray = field(default_factory=_zero)
    feed_ns: int = 0

    @property
    def is_partly_none(self) -> bool:
        """Whether orders, cancels or news of them always take no time."""
        return not (self.order_ns.any() and self.cancel_ns.any() and self.response_ns.any())

    def __str__(self) -> str:
        told = ((name, getattr(self, f"{name}_ns")) for name in ("order", "cancel", "response"))
        parts = [f"{name} {_range(values)}" for name, values in told]
        return ", ".join([*parts, f"feed {self.feed_ns / _NS_PER_MS:g} ms"])


def constant_latency(
    order_ms: float = 20.0,
    *,
    cancel_ms: float | None = None,
    response_ms: float | None = None,
    feed_ms: float | None = None,
) -> Latency:
    """Latencies that never change.

    Args:
        order_ms: from sending an order to its arrival; the others are equal to it where not given.
        feed_ms: of data that do not say when they were received.
    Raises:
        BadRunSetting: one is below zero.
    """
    given = [order_ms if one is None else one for one in (cancel_ms, response_ms, feed_ms)]
    order, cancel, response, feed = (_ns("latency", one) for one in (order_ms, *given))
    return Latency(_zero(), _one(order), _one(cancel), _one(response), feed)


def latency_series(
    at_ns: ArrayLike,
    order_ns: ArrayLike,
    *,
    cancel_ns: ArrayLike | None = None,
    response_ns: ArrayLike | None = None,
    feed_ms: float = 0.0,
) -> Latency:
    """Latencies as they were measured, interpolated between the measurements.

    Args:
        at_ns: (k,) UTC nanoseconds, rising. order_ns: (k,) what an order took then.
        cancel_ns, response_ns: (k,) likewise; equal to those of orders where not given.
    Raises:
        BadRunSetting: unequal lengths, times that do not rise, latencies below zero.
    """
    times, order = _whole(at_ns), _whole(order_ns)
    cancel = order if cancel_ns is None else _whole(cancel_ns)
    response = order if response_ns is None else _whole(response_ns)
    series = (times, order, cancel, response)
    if len({len(one) for one in series}) != 1 or not len(times):
        raise BadRunSetting("latency", "of series of unequal length", "of one length, above 0")
    if (np.diff(times) <= 0).any():
        raise BadRunSetting("latency", "of times that do not rise", "rising times")
    if any((one < 0).any() for one in series[1:]):
        raise BadRunSetting("latency", "below zero", "zero or above")
    return Latency(times, order, cancel, response, _ns("feed_ms", feed_ms))


def latency_at(at_ns: IntArray, values: IntArray, moment_ns: int) -> int:
    """The latency at a moment: on the line between its neighbours, cut down to nanoseconds."""
    place = int(np.searchsorted(at_ns, moment_ns, side="right"))
    if place == 0 or place == len(at_ns):
        return int(values[min(place, len(at_ns) - 1)])
    begin, end = int(at_ns[place - 1]), int(at_ns[place])
    low, high = int(values[place - 1]), int(values[place])
    return low + (high - low) * (moment_ns - begin) // (end - begin)


def _ns(name: str, milliseconds: float) -> int:
    if not 0 <= milliseconds < 3_600_000:
        raise BadRunSetting(name, milliseconds, "milliseconds, 0 or more and under an hour")
    return round(milliseconds * _NS_PER_MS)


def _one(value: int) -> IntArray:
    return freeze(np.array([value], np.int64))


def _whole(values: ArrayLike) -> IntArray:
    return freeze(np.array(values, np.int64))


def _range(values: IntArray) -> str:
    low, high = values.min() / _NS_PER_MS, values.max() / _NS_PER_MS
    return f"{low:g} ms" if low == high else f"{low:g}-{high:g} ms"


def share_in_front(model: QueueModel, ahead: float, behind: float) -> float:
    """The share of cancellations that had stood in front of an order."""
    if model.kind is QueueKind.LOG:
        front, back = float(np.log1p(ahead)), float(np.log1p(behind))
    else:
        front, back = ahead**model.exponent, behind**model.exponent
    return front / (front + back) if front + back > 0 else 0.0


def moved_up(model: QueueModel, ahead: float, *, shown: float, now: float) -> float:
    """What stands in front of an order after its level has changed by other things than trades.

    Args:
        ahead: what stood there before. shown: what the level showed then, less what has been
            traded at it since. now: what it shows now.
    """
    if model.kind is QueueKind.PESSIMISTIC:
        return ahead
    cancelled = shown - now
    if model.is_kind and 0 < cancelled < np.inf and ahead < np.inf:
        behind = max(shown - ahead, 0.0)
        in_front = cancelled * share_in_front(model, ahead, behind)
        # More than stands behind cannot have been cancelled there.
        ahead = ahead - max(in_front, cancelled - behind)
    return min(max(ahead, 0.0), now)


DEFAULT_LATENCY = constant_latency()
NO_LATENCY = constant_latency(0)
