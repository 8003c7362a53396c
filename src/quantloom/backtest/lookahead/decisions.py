"""What a strategy decided, and the first thing that is otherwise when it decides again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.feed import Feed
from quantloom.backtest.leaks import LeakKind
from quantloom.backtest.record import Act
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.strategy.lines import whole
from quantloom.trading import OrderTicket

# Sums of floats may differ in their last digits when there are more of them.
_CLOSE, _TINY = 1e-9, 1e-10
_NEAR = 64


@dataclass(frozen=True, slots=True)
class Difference:
    """The first decision that is otherwise.

    Attributes:
        ts_ns: when it was made, or the open of the bar that it belongs to.
        whole_day: whether every bar of its day up to the cut is otherwise.
    """

    ts_ns: int
    symbol: str
    name: str
    was: str
    became: str
    whole_day: bool = False


def first_different_act(
    one: Sequence[Act], other: Sequence[Act], *, loosely: bool = False
) -> Difference | None:
    """Compare what was sent, taken back and linked, in order.

    Args:
        loosely: by time, side and kind alone.
    """
    for place in range(max(len(one), len(other))):
        was = one[place] if place < len(one) else None
        became = other[place] if place < len(other) else None
        if was is None or became is None or not _are_alike(was, became, loosely=loosely):
            return _difference(was, became)
    return None


def _are_alike(one: Act, other: Act, *, loosely: bool) -> bool:
    if (one.ts_ns, one.kind, len(one.tickets)) != (other.ts_ns, other.kind, len(other.tickets)):
        return False
    pairs = zip(one.tickets, other.tickets, strict=True)
    return all(_are_alike_tickets(left, right, loosely=loosely) for left, right in pairs)


def _are_alike_tickets(one: OrderTicket, other: OrderTicket, *, loosely: bool) -> bool:
    def plain(ticket: OrderTicket) -> tuple[object, ...]:
        return ticket.symbol, ticket.side, ticket.kind, ticket.role

    if plain(one) != plain(other):
        return False
    if loosely:
        return True
    if (one.is_reduce_only, one.terms) != (other.is_reduce_only, other.terms):
        return False
    numbers = [(one.quantity, other.quantity), (one.price, other.price), (one.stop, other.stop)]
    if one.distance is not None and other.distance is not None:
        numbers += [
            (getattr(one.distance, name), getattr(other.distance, name))
            for name in ("ticks", "ratio", "points")
        ]
    return (one.distance is None) == (other.distance is None) and all(
        _are_close(left, right) for left, right in numbers
    )


def _are_close(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or abs(float(one - other)) <= _CLOSE * abs(float(one))


def _difference(was: Act | None, became: Act | None) -> Difference:
    # Of two that do not match, the earlier one is missing on the other side.
    if was is not None and became is not None and was.ts_ns != became.ts_ns:
        was, became = (was, None) if was.ts_ns < became.ts_ns else (None, became)
    first = was or became
    if first is None:  # never both
        raise AssertionError
    return Difference(first.ts_ns, first.tickets[0].symbol, first.kind, _told(was), _told(became))


def _told(act: Act | None) -> str:
    if act is None:
        return "nothing"
    ticket = act.tickets[0]
    if act.kind != "order":
        return f"{act.kind} of {len(act.tickets)} order(s)"
    limit = "" if ticket.price is None else f" at {ticket.price}"
    stop = "" if ticket.stop is None else f" from {ticket.stop}"
    return f"{ticket.side} {ticket.quantity} {ticket.kind}{stop}{limit}"


def lines_of(desk: BarDesk) -> Iterator[tuple[Feed, str, FloatArray]]:
    """Every line that is followed, but for those whose past is told anew over a run."""
    for feed in desk.feeds.values():
        if not feed.shifts:
            for line in feed.lines:
                yield feed, line.label, whole(line)


def warm_ends(desk: BarDesk) -> IntArray:
    """The step with which callbacks begin, and the first rows at which each line has a value."""
    rows = [int(np.argmax(~np.isnan(values))) for _, _, values in lines_of(desk)]
    return np.unique(np.array([desk.first_step, *rows], dtype=np.int64))


def different_lines(was: BarDesk, became: BarDesk, step: int) -> Iterator[Difference]:
    """The first value of each line that differs, up to a step."""
    places = {symbol: place for place, symbol in enumerate(was.feeds)}
    for (feed, label, one), (_, name, other) in zip(lines_of(was), lines_of(became), strict=False):
        stop = int(was.timeline.rows[step, places[feed.symbol]]) + 1
        rows = first_different_row(one[:stop], other[:stop])
        if label == name and len(rows):
            row = int(rows[0])
            same_day = feed.day_numbers[:stop] == feed.day_numbers[stop - 1]
            yield Difference(
                int(feed.bars.ts[row]),
                feed.symbol,
                label,
                f"{one[row]:.6g}",
                f"{other[row]:.6g}",
                whole_day=bool(same_day.sum() > 1 and same_day[row:].all()),
            )


def first_different_row(one: FloatArray, other: FloatArray) -> IntArray:
    """The rows at which two columns are otherwise, rising."""
    is_same: BoolArray = (one == other) | (np.isnan(one) & np.isnan(other))
    if is_same.all():
        return np.empty(0, dtype=np.int64)
    known = np.abs(one[np.isfinite(one)])
    tiny = _TINY * float(known.max()) if len(known) else 0.0
    with np.errstate(invalid="ignore"):
        is_same |= np.abs(one - other) <= _CLOSE * np.abs(one) + tiny
    return np.flatnonzero(~is_same)


def guess(step: int, cut: int, days: IntArray, *, first: int, whole_day: bool = False) -> LeakKind:
    """Tell from how far before a cut a decision differs what it was made with.

    Args:
        step: of the first decision that differs. cut: the last step that stayed as it was.
        days: (n,) trading day of each step.
        first: the step with which decisions begin.
        whole_day: whether all of the day's values differ.
    """
    distance = cut - step
    if distance > 0 and days[step] == days[cut] and (whole_day or distance > _NEAR):
        return "day"
    if distance <= min(_NEAR, max((cut - first) // 4, 2)):
        return "next_bars"
    return "sample"
