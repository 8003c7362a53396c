"""What a run keeps of its fills until the tables are made: small, since there may be many."""

from array import array
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

import numpy as np

from quantloom.kit import FloatArray
from quantloom.simulation import Booking
from quantloom.trading import Fill, OrderTicket, Position


def _numbers() -> "array[float]":
    return array("d")


def _steps() -> "array[int]":
    return array("q")


@dataclass(slots=True)
class Holding:
    """The position in one instrument right after each of its fills; the cost without multiplier."""

    steps: "array[int]" = field(default_factory=_steps)
    quantity: "array[float]" = field(default_factory=_numbers)
    cost: "array[float]" = field(default_factory=_numbers)


class Payment(NamedTuple):
    """Cash that moved without a fill, such as interest, a dividend or funding.

    Attributes:
        symbol: of the instrument it is paid on; empty for the account's own cash.
        amount: below zero where it was taken out.
    """

    ts_ns: int
    kind: str
    symbol: str
    amount: Decimal


class Act(NamedTuple):
    """What a strategy did at one moment: the orders that it sent together, took back or linked."""

    ts_ns: int
    kind: Literal["order", "cancel", "link"]
    tickets: tuple[OrderTicket, ...]


@dataclass(slots=True)
class Record:
    """Fills in the order in which they happened, each with its step and the cash after it.

    Attributes:
        holdings: by symbol, those of instruments that were traded.
        payments: what else moved cash, but for settlements.
        owed: dividends on their way, from a step on.
        contracts: what each fill traded, where a run holds continuous series. trip_contracts:
            likewise of the round trips.
    """

    fills: list[Fill] = field(default_factory=list)
    steps: "array[int]" = field(default_factory=_steps)
    cash: "array[float]" = field(default_factory=_numbers)
    holdings: dict[str, Holding] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    owed_steps: "array[int]" = field(default_factory=_steps)
    owed: "array[float]" = field(default_factory=_numbers)
    contracts: list[str] = field(default_factory=list)
    trip_contracts: list[str] = field(default_factory=list)

    def add(self, step: int, booking: Booking) -> None:
        """Keep a fill and the account after it."""
        self.fills.append(booking.fill)
        self.steps.append(step)
        self.cash.append(float(booking.cash))
        holding = self.holdings.get(booking.fill.symbol)
        if holding is None:
            holding = self.holdings[booking.fill.symbol] = Holding()
        holding.steps.append(step)
        holding.quantity.append(float(booking.quantity))
        holding.cost.append(float(booking.cost))

    def pay(self, step: int, cash: Decimal, payment: Payment) -> None:
        """Keep a payment and the cash after it; it counts from a step on."""
        self.payments.append(payment)
        self.steps.append(step)
        self.cash.append(float(cash))

    def owe(self, step: int, receivable: Decimal) -> None:
        """Keep what is on its way to the account from a step on."""
        self.owed_steps.append(step)
        self.owed.append(float(receivable))

    def settle(self, step: int, cash: Decimal, position: Position) -> None:
        """Keep the account after a position changed, or its cost did, without a fill."""
        self.steps.append(step)
        self.cash.append(float(cash))
        holding = self.holdings[position.symbol]
        holding.steps.append(step)
        holding.quantity.append(float(position.quantity))
        holding.cost.append(float(position.cost))


def unroll(steps: "array[int]", values: "array[float]", *, before: float, count: int) -> FloatArray:
    """Give a number that changes with fills at each of `count` steps, after the step's fills.

    Args:
        before: what it is before the first fill.
    """
    spans = np.diff(np.array([0, *steps, count]))
    return np.repeat(np.array([before, *values]), spans)
