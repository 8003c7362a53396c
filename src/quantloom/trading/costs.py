"""What a fill costs and what a position ties up: commission, taxes, margin."""

from dataclasses import dataclass
from decimal import Decimal

from quantloom.errors import Invalid
from quantloom.market import Number, exact
from quantloom.trading.orders import Side
from quantloom.trading.terms import ZERO


class BadCost(Invalid):
    """A rate or minimum below zero, or a rate that takes (or gives) all of the money and more."""

    code = "costs.bad_cost"

    def __init__(self, field: str, value: Decimal) -> None:
        super().__init__(field, value)
        self.field, self.value = field, value

    def __str__(self) -> str:
        return (
            f"{self.field} is {self.value}; rates and minimums are at or above zero, but for a "
            "maker's rebate, and a rate by money is below 1: 0.001 is 0.1 %"
        )


class BadMargin(Invalid):
    """A margin ratio that is no share of a position's value."""

    code = "costs.bad_margin"

    def __init__(self, field: str, value: Decimal) -> None:
        super().__init__(field, value)
        self.field, self.value = field, value

    def __str__(self) -> str:
        return (
            f"margin {self.field} is {self.value}; it is a share of the position's value, above "
            f"zero and at most {_MOST_MARGIN}: 1 is no credit, 0.1 ten times leverage"
        )


_SHARES = ("by_money", "sell_tax", "buy_tax", "transfer")
# A short position of a fund that is levered three times asks for 2.7 at most brokers.
_MOST_MARGIN = Decimal(5)


def _read(record: object, *fields: str) -> None:
    """Make exact what was given as any number, and refuse what is below zero."""
    for field in fields:
        value = exact(getattr(record, field))
        object.__setattr__(record, field, value)
        if value < 0 or (field in _SHARES and value >= 1):
            raise BadCost(field, value)


@dataclass(frozen=True, slots=True)
class Rate:
    """A charge by traded money (0.0003 is three basis points) and by share or contract, or both.

    By money below zero it is a rebate, which only a maker is paid.
    """

    by_money: Decimal = ZERO
    by_unit: Decimal = ZERO

    def __post_init__(self) -> None:
        _read(self, "by_unit")
        share = exact(self.by_money)
        object.__setattr__(self, "by_money", share)
        if abs(share) >= 1:
            raise BadCost("by_money", share)

    def on(self, money: Decimal, quantity: Decimal) -> Decimal:
        return money * self.by_money + quantity * self.by_unit


@dataclass(frozen=True, slots=True)
class FillParts:
    """What a commission scheme needs to know of one fill.

    Attributes:
        unit_money: price times multiplier.
        opened, closed, closed_today: how its quantity divides; they add up to it.
        is_maker: it rested in the book and gave others a price.
    """

    side: Side
    unit_money: Decimal
    opened: Decimal = ZERO
    closed: Decimal = ZERO
    closed_today: Decimal = ZERO
    is_maker: bool = False

    def money(self, quantity: Decimal) -> Decimal:
        """What a part of it is worth."""
        return quantity * self.unit_money


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """Rates by what a fill does, a minimum for the whole order, and taxes on top.

    Attributes:
        close_today: for lots opened on the same trading day; `close` where not given.
        maker: of a limit order that rested, in place of the three; the same where not given. Below
            zero it is a rebate, which is paid out.
        minimum: least commission of one order, however many fills it takes.
        sell_tax, buy_tax: stamp duty, by money; outside the minimum.
        sell_levy: what is taken of each share sold; outside the minimum.
        transfer: transfer fee on both sides, by money; outside the minimum.
    """

    open: Rate = Rate()
    close: Rate = Rate()
    close_today: Rate | None = None
    minimum: Decimal = ZERO
    sell_tax: Decimal = ZERO
    transfer: Decimal = ZERO
    buy_tax: Decimal = ZERO
    sell_levy: Decimal = ZERO
    maker: Rate | None = None

    def __post_init__(self) -> None:
        for side in ("open", "close", "close_today", "maker"):
            given: object = getattr(self, side)
            if given is not None and not isinstance(given, Rate):
                object.__setattr__(self, side, Rate(by_money=exact(getattr(self, side))))
        for rate in (self.open, self.close, self.close_today):
            if rate is not None and rate.by_money < 0:
                raise BadCost("by_money", rate.by_money)
        _read(self, "minimum", "sell_tax", "transfer", "buy_tax", "sell_levy")

    @classmethod
    def percent(cls, ratio: Number, *, minimum: Number = 0) -> "Commission":
        """The same share of traded money on both sides; 0.001 is 0.1 %."""
        rate = Rate(by_money=exact(ratio))
        return cls(open=rate, close=rate, minimum=exact(minimum))

    @classmethod
    def per_unit(cls, amount: Number) -> "Commission":
        """The same amount for each share or contract on both sides."""
        rate = Rate(by_unit=exact(amount))
        return cls(open=rate, close=rate)

    @property
    def knows_today(self) -> bool:
        """Whether it matters on which trading day a lot was opened."""
        return self.close_today is not None and self.close_today != self.close

    def due(self, raw: Decimal) -> Decimal:
        """What an order owes so far; its minimum at the least."""
        return max(raw, self.minimum) if self.minimum else raw

    def raw(self, parts: FillParts) -> Decimal:
        """The commission of a fill before the order's minimum, without taxes."""
        if parts.is_maker and self.maker is not None:
            quantity = parts.opened + parts.closed + parts.closed_today
            return self.maker.on(parts.money(quantity), quantity)
        today = self.close if self.close_today is None else self.close_today
        return (
            self.open.on(parts.money(parts.opened), parts.opened)
            + self.close.on(parts.money(parts.closed), parts.closed)
            + today.on(parts.money(parts.closed_today), parts.closed_today)
        )

    def taxes(self, parts: FillParts) -> Decimal:
        quantity = parts.opened + parts.closed + parts.closed_today
        money = parts.money(quantity)
        if parts.side is Side.SELL:
            return money * (self.sell_tax + self.transfer) + quantity * self.sell_levy
        return money * (self.buy_tax + self.transfer)


@dataclass(frozen=True, slots=True)
class Margin:
    """The share of a position's value that equity must cover.

    The default of 1 is an account without credit: a long position is paid in full, a short one
    needs its whole value as collateral.
    """

    long: Decimal = Decimal(1)
    short: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        for field in ("long", "short"):
            value = exact(getattr(self, field))
            object.__setattr__(self, field, value)
            if not 0 < value <= _MOST_MARGIN:
                raise BadMargin(field, value)

    @classmethod
    def ratio(cls, value: Number) -> "Margin":
        """The same ratio for both sides; 0.1 is ten times leverage."""
        return cls(exact(value), exact(value))

    def required(self, quantity: Decimal, unit_money: Decimal) -> Decimal:
        """Equity needed to hold a signed quantity."""
        return abs(quantity) * unit_money * self.ratio_of(quantity)

    def ratio_of(self, quantity: Decimal) -> Decimal:
        """The ratio of the side that a signed quantity is on."""
        return self.long if quantity > 0 else self.short

    def of_sides(self, long: Decimal, short: Decimal, *, larger_side: bool) -> Decimal:
        """Margin of two sides of a contract by what their lots count at.

        Args:
            larger_side: whether only the larger margin is charged.
        """
        sides = long * self.long, short * self.short
        return max(sides) if larger_side else sum(sides, ZERO)

    def raised(self, addon: Decimal) -> "Margin":
        """What a broker asks for who adds to an exchange's ratios."""
        return Margin(self.long + addon, self.short + addon) if addon else self


class BadRate(Invalid):
    """A yearly rate that was surely meant in percent."""

    code = "costs.bad_rate"

    def __init__(self, field: str, value: Decimal) -> None:
        super().__init__(field, value)
        self.field, self.value = field, value

    def __str__(self) -> str:
        return f"{self.field} is {self.value}; a yearly rate lies below 1: 0.02 is 2 % a year"


@dataclass(frozen=True, slots=True)
class CarryRates:
    """Yearly rates, 0.02 for 2 %.

    Attributes:
        interest: earned on cash above zero.
        borrow: paid on cash below zero, and on the value of what was sold short.
    """

    interest: Decimal = ZERO
    borrow: Decimal = ZERO

    def __post_init__(self) -> None:
        for field in ("interest", "borrow"):
            value = exact(getattr(self, field))
            object.__setattr__(self, field, value)
            if not abs(value) < 1:
                raise BadRate(field, value)

    @property
    def is_nothing(self) -> bool:
        return not (self.interest or self.borrow)
