"""What the rule book may say, a struct for each topic; field names are those of its files.

Rates are shares of traded money (0.0001 is one basis point); amounts are in the venue's currency.
No number is below zero, but for what says that it is a rebate.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import msgspec

ZERO = Decimal(0)
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Span = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
# A share of something; bounds of msgspec do not work on Decimal, so `Entry` looks itself.
Ratio = Decimal
# Every month has a 28th, and none has had fewer than fifteen trading days.
DayName = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(([1-9]|1\d|2[0-8])(st|nd|rd|th)"
        r"|([1-9]|1[0-5])(st|nd|rd|th)_(trading_day|last_trading_day|before_last)"
        r"|last_trading_day|(first|second|third|fourth|last)_(mon|tues|wednes|thurs|fri)day)"
        r"(_of_previous_month)?$"
    ),
]


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A charge by traded money, by share or contract, or both."""

    money: Decimal = ZERO
    unit: Decimal = ZERO


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule between two dates.

    Attributes:
        of: whom it is about: contracts, products, boards or venues, as its file spells them.
        since, to: first and last day; without `to` it ends when the next one of its kind begins.
        source: a key of the file's sources, or `default` where nothing better is known.
    """

    topic: ClassVar[str]
    rebates: ClassVar[frozenset[str]] = frozenset()
    divisors: ClassVar[frozenset[str]] = frozenset()

    of: tuple[str, ...]
    since: date = msgspec.field(name="from")
    to: date | None = None
    source: str

    def __post_init__(self) -> None:
        for field in set(self.__struct_fields__) - self.rebates:
            if any(one < 0 for one in _numbers(getattr(self, field))):
                raise ValueError(f"`{field}` is below zero")
        for field in self.divisors:
            if not getattr(self, field):
                raise ValueError(f"`{field}` is zero")

    @property
    def rank(self) -> str:
        """What tells entries apart that stand beside each other, such as the tiers of one day."""
        return ""


def _numbers(value: object) -> Iterator[Decimal]:
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, msgspec.Struct):
        yield from _numbers(msgspec.structs.astuple(value))


# All markets


class Grid(Entry, frozen=True, kw_only=True):
    """On what grid orders lie.

    Attributes:
        tick: distance between two prices. step: between two quantities.
        minimum: least quantity of an opening order; `step` where not given.
        maximum: most of a limit order, maximum_market: of a market order.
        tick_below, below: another tick for prices under a bound.
        min_notional: least money of an order.
        has_market_orders: whether the venue takes them.
        odd_lot_sells: whether what is left under a step may be sold in one go.
        inverse: whether `multiplier` is money of the quote that one contract is worth, margin and
            profit being paid in coin.
    """

    topic = "grid"
    divisors = frozenset({"tick", "step", "multiplier"})
    tick: Decimal
    step: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    maximum_market: Decimal | None = None
    tick_below: Decimal | None = None
    below: Decimal | None = None
    min_notional: Decimal | None = None
    has_market_orders: bool = True
    odd_lot_sells: bool = False
    inverse: bool = False


class Hours(Entry, frozen=True, kw_only=True):
    """When a trading day's sessions are, by the venue's own clock.

    Attributes:
        day: sessions of the day itself. night: of the evening before it, if any.
        auctions: calls that end in one price; one within `day` takes the place of continuous
            trading there.
    """

    topic = "hours"
    day: tuple[Span, ...]
    night: Span | None = None
    auctions: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        times = [time for span in self.day for time in span.split("-")]
        if times != sorted(times):
            raise ValueError("the sessions of `day` are not in the order of their times")


class Nights(Entry, frozen=True, kw_only=True):
    """Trading days without a night session, whatever `hours` says."""

    topic = "no_nights"


class Limit(Entry, frozen=True, kw_only=True):
    """How far a price may be from the reference of the day.

    Attributes:
        ratio: of the reference; left out for no limit.
        base: what the reference is: the previous settlement or the ex-reference close.
        risk_ratio: for instruments under special treatment.
        free_days: first trading days after listing without a limit.
        first_day_up, first_day_down: limits of the first day instead.
        widened: ratios on the first and second day after a day that ended at its limit.
        last_day: ratio on the last trading day of a contract.
    """

    topic = "limit"
    ratio: Ratio | None = None
    base: Literal["settlement", "close"] = "close"
    risk_ratio: Ratio | None = None
    free_days: int = 0
    first_day_up: Ratio | None = None
    first_day_down: Ratio | None = None
    widened: tuple[Ratio, ...] = ()
    last_day: Ratio | None = None


class Fee(Entry, frozen=True, kw_only=True):
    """What a trade costs, apart from taxes.

    Attributes:
        close_today: for lots opened on the same trading day; `close` where not given.
        minimum: least charge of one order.
        maximum: most of one trade's charge.
        side: the side that pays, None for both.
    """

    topic = "fee"
    open: Rate
    close: Rate
    close_today: Rate | None = None
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    side: Literal["buy", "sell"] | None = None


class Levy(Entry, frozen=True, kw_only=True):
    """What an authority takes of a trade beside the broker's fee; several stand side by side.

    Attributes:
        name: tells it from the others.
        rate: by money, by share or contract, or both.
        maximum: most of one trade's charge.
        side: the side that pays, None for both.
        optional: whether brokers differ in handing it on to their clients.
    """

    topic = "levy"
    name: str
    rate: Rate
    maximum: Decimal | None = None
    side: Literal["buy", "sell"] | None = None
    optional: bool = False

    @property
    def rank(self) -> str:
        return self.name


# Futures


class Margin(Entry, frozen=True, kw_only=True):
    """Share of a position's value that equity must cover.

    Attributes:
        base: what today's lots are valued at; older ones at the previous settlement.
        larger_side: only the larger of long and short is charged.
    """

    topic = "margin"
    long: Ratio
    short: Ratio
    base: Literal["open", "price"] = "open"
    larger_side: bool = False


class Closing(Entry, frozen=True, kw_only=True):
    """Which lots a closing order consumes, and which fee it pays.

    Attributes:
        buckets: whether orders name today's or older lots.
        consumes: which lots a plain close takes first.
        fee_of: whether a close pays by the lots it took or as if today's went first.
    """

    topic = "closing"
    buckets: bool
    consumes: Literal["oldest", "today"]
    fee_of: Literal["lots", "today_first"] = "lots"


class Settlement(Entry, frozen=True, kw_only=True):
    """How the settlement price of a day is made, and of the last one."""

    topic = "settlement"
    price: Literal["day_vwap", "last_hour_vwap", "close"]
    final: Literal["day_vwap", "last_hour_vwap", "index_last_two_hours", "close"] | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Least margin from a day on; that day is named as in `Delivery`."""

    day: DayName
    ratio: Ratio


class Delivery(Entry, frozen=True, kw_only=True):
    """How a contract ends.

    Days are named by a small vocabulary, which `last_trading_day` and `day_near_delivery` compute:

    - `15th`: that day of the delivery month; `10th_trading_day`; `last_trading_day`;
      `4th_last_trading_day`, counted from the end of the month;
    - `third_friday`; `last_monday`, the last one that is a trading day;
    - any of these with `_of_previous_month` behind it, for the month before;
    - `2nd_before_last`: so many trading days before the last trading day of the contract.

    Where the exchange is closed on such a day, the next trading day takes its place.

    Attributes:
        last_day: last trading day.
        method: how what is open then ends.
        person_out: day by whose close natural persons must be flat; None where they may stay.
        steps: least margin as delivery comes near, holding from the settlement before each day.
    """

    topic = "delivery"
    last_day: DayName
    method: Literal["cash", "physical"]
    person_out: DayName | None = None
    steps: tuple[Step, ...] = ()


# Stocks


class Tax(Entry, frozen=True, kw_only=True):
    """A tax by money, for either side."""

    topic = "tax"
    buy: Ratio = ZERO
    sell: Ratio = ZERO


class Transfer(Entry, frozen=True, kw_only=True):
    """The fee of the central depository.

    Attributes:
        money: share of traded money. face: share of face value.
    """

    topic = "transfer"
    money: Ratio = ZERO
    face: Ratio = ZERO


class Turnaround(Entry, frozen=True, kw_only=True):
    """When what was bought may be sold, and when cash comes.

    Attributes:
        sell_after: trading days between a buy and its earliest sale.
        cash_after: trading days until the money of a sale may leave the account.
        can_short: whether a position may go below zero without borrowing.
    """

    topic = "turnaround"
    sell_after: int
    cash_after: int
    can_short: bool


class Cage(Entry, frozen=True, kw_only=True):
    """How far from the best price a limit order may lie while the market is open.

    Attributes:
        ratio, ticks: the larger of the two holds.
    """

    topic = "cage"
    ratio: Ratio
    ticks: int = 0


class DividendTax(Entry, frozen=True, kw_only=True):
    """Income tax on dividends by how long the share was held.

    Attributes:
        month, year, longer: rates up to a month, up to a year, and after.
    """

    topic = "dividend_tax"
    month: Ratio
    year: Ratio
    longer: Ratio


# Crypto


class MakerTaker(Entry, frozen=True, kw_only=True):
    """Fees by tier; below zero is a rebate.

    Attributes:
        volume: least money traded in 30 days for this tier.
    """

    topic = "maker_taker"
    rebates = frozenset({"maker"})
    tier: int = 0
    volume: Decimal = ZERO
    maker: Decimal
    taker: Decimal

    @property
    def rank(self) -> str:
        return str(self.tier)


class Funding(Entry, frozen=True, kw_only=True):
    """When longs and shorts pay each other.

    Attributes:
        times: of the day, UTC. cap: most of one payment as a share of notional value.
    """

    topic = "funding"
    times: tuple[Clock, ...]
    cap: Ratio | None = None


class Maintenance(Entry, frozen=True, kw_only=True):
    """Least margin by size of position.

    Attributes:
        tiers: notional value from which each holds, ratio, amount to deduct, most leverage.
        liquidation_fee: share of notional value that a liquidation costs.
    """

    topic = "maintenance"
    tiers: tuple[tuple[Decimal, Decimal, Decimal, int], ...]
    liquidation_fee: Ratio = ZERO


TOPICS: dict[str, type[Entry]] = {
    one.topic: one
    for one in (
        Grid,
        Hours,
        Nights,
        Limit,
        Fee,
        Levy,
        Margin,
        Closing,
        Settlement,
        Delivery,
        Tax,
        Transfer,
        Turnaround,
        Cage,
        DividendTax,
        MakerTaker,
        Funding,
        Maintenance,
    )
}
