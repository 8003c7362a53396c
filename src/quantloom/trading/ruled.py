"""What the rule book makes of an instrument's trading days."""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from quantloom.kit import to_day
from quantloom.market import (
    EXACT,
    Calendar,
    Instrument,
    Kind,
    Listing,
    NoDeliveryMonth,
    delivery_month,
)
from quantloom.market.rulebook import RuleBook, day_near_delivery, last_trading_day, topics
from quantloom.trading.costs import Commission, Margin, Rate
from quantloom.trading.dayterms import DayTerms
from quantloom.trading.maintenance import MarginTiers
from quantloom.trading.maker_taker import FeeSchedule, FeeTier, TradedVolume
from quantloom.trading.terms import ZERO

_WHOLE = Decimal(1)
_NEXT_DAY = 1
# Days of the calendar in which the first trading days lie, with the longest holidays among them.
_LONGEST_DEBUT = 60


class Reference(NamedTuple):
    """The price of the day before that limits are reckoned from, and the day's own extremes.

    Attributes:
        price: settlement or close; None on the first day of the data.
        high, low: of the day itself. A venue that traded beyond its usual limits had others then.
    """

    price: Decimal | None
    high: float
    low: float


@dataclass(frozen=True, slots=True)
class _Era:
    """What holds between two changes of the rules."""

    terms: DayTerms
    limit: topics.Limit | None
    schedule: FeeSchedule | None


class _Reach(NamedTuple):
    """How far a price may be from its reference, as shares of it."""

    reference: Decimal
    up: Decimal
    down: Decimal


class _FirstDays(NamedTuple):
    """Limits of a day soon after a listing; no reach where there is none."""

    reach: _Reach | None


class Ending(NamedTuple):
    """How a futures contract ends.

    Attributes:
        last: its last trading day.
        steps: least margin from a day on, in the order of the days.
        persons_out: day by whose close natural persons must be flat, if there is one.
    """

    last: date
    steps: tuple[tuple[date, Decimal], ...]
    persons_out: date | None = None


def ending_of(book: RuleBook, instrument: Instrument, calendar: Calendar) -> Ending | None:
    """When a contract ends; None for what has no delivery month, or no rule of how it ends."""
    if instrument.kind is not Kind.FUTURE:
        return None  # the code of a share may look like a month
    try:
        month = delivery_month(instrument.symbol)
    except NoDeliveryMonth:
        return None
    rule = book.find(topics.Delivery, instrument.symbol, month)
    if rule is None:
        return None
    last = last_trading_day(rule.last_day, month, calendar)
    near = partial(day_near_delivery, last=last, month=month, calendar=calendar)
    steps = sorted((near(step.day), step.ratio) for step in rule.steps)
    persons_out = None if rule.person_out is None else near(rule.person_out)
    return Ending(last, tuple(steps), persons_out)


class RuledDays:
    """The terms of one instrument, day by day.

    Args:
        ending: of a contract that has an end.
        listing: when a share came to its market, and when it stood under special treatment.
        calendar: by which the days since then are counted.
        commission, margin: in place of the book's, where the user has said so.
        reference: the price that limits of a day are reckoned from.
        traded: money traded on the venue so far, which opens its fee tiers.
        margin_addon: what the broker adds to the ratios of the book.
        fee_discount: share taken off fees that are paid in a crypto venue's own coin.

    Attributes:
        tiers: names of the fee tiers that held on some day.
    """

    def __init__(
        self,
        book: RuleBook,
        instrument: Instrument,
        reference: Callable[[date], Reference],
        *,
        commission: Commission | None = None,
        margin: Margin | None = None,
        ending: Ending | None = None,
        listing: Listing | None = None,
        calendar: Calendar | None = None,
        traded: TradedVolume | None = None,
        margin_addon: Decimal = ZERO,
        fee_discount: Decimal = ZERO,
    ) -> None:
        self.ending = ending
        self.tiers: set[str] = set()
        self._traded = traded or TradedVolume()
        self._addon, self._discount = margin_addon, fee_discount
        self._listing, self._calendar = listing, calendar
        # A share keeps the first days of the rules under which it came to the market.
        self._debut = None
        if listing is not None and listing.listed is not None:
            self._debut = book.find(topics.Limit, instrument.symbol, listing.listed)
        self._book, self._instrument, self._reference = book, instrument, reference
        self._commission, self._margin = commission, margin
        self._changes = book.changes(instrument.symbol)
        self._eras: dict[int, _Era] = {}
        self._days: dict[date, DayTerms] = {}
        self.unlimited_days: set[date] = set()

    def on(self, day: date) -> DayTerms:
        """The terms of a trading day."""
        found = self._days.get(day)
        if found is None:
            found = self._near_delivery(self._limited(self._era(day), day), day)
            found = self._days[day] = self._by_volume(found, day)
        return found

    def _by_volume(self, terms: DayTerms, day: date) -> DayTerms:
        """The terms with the fees of the tier that the 30 days before have opened."""
        schedule = self._era(day).schedule
        if schedule is None or self._commission is not None:
            return terms
        tier = schedule.by_volume(self._traded.before(to_day(day)))
        self.tiers.add(tier.name)
        return terms._replace(commission=commission_of_tier(tier, self._discount))

    def _near_delivery(self, terms: DayTerms, day: date) -> DayTerms:
        """The terms as they are where the contract's delivery may be near.

        The broker's addition comes on top of what the exchange asks for then.
        """
        ending = self.ending
        if ending is not None and ending.persons_out is not None and day > ending.persons_out:
            terms = terms._replace(only_closes=True)
        steps = () if ending is None else ending.steps
        if self._margin is not None or not (steps or self._addon):
            return terms
        least = max((ratio for begins, ratio in steps if begins <= day), default=ZERO)
        if not (least or self._addon):
            return terms
        margin = Margin(max(terms.margin.long, least), max(terms.margin.short, least))
        return terms._replace(margin=margin.raised(self._addon))

    def _era(self, day: date) -> _Era:
        place = bisect_right(self._changes, day)
        if place not in self._eras:
            symbol, book = self._instrument.symbol, self._book
            closing = book.find(topics.Closing, symbol, day)
            turnaround = book.find(topics.Turnaround, symbol, day)
            margin = book.find(topics.Margin, symbol, day)
            maintenance = book.find(topics.Maintenance, symbol, day)
            terms = DayTerms(
                self._commission or commission_of(book, symbol, day),
                self._margin or margin_of(book, symbol, day),
                holds_today=turnaround is not None and turnaround.sell_after >= _NEXT_DAY,
                closing=closing,
                grid=book.find(topics.Grid, symbol, day),
                is_settled=self._instrument.kind is Kind.FUTURE,
                margins_basis=margin is not None
                and margin.base == "open"
                and self._instrument.kind is Kind.FUTURE,
                larger_side=margin is not None and margin.larger_side,
                maintenance=None if maintenance is None else MarginTiers.of(maintenance),
                liquidation_fee=ZERO if maintenance is None else maintenance.liquidation_fee,
            )
            limit = book.find(topics.Limit, symbol, day)
            self._eras[place] = _Era(terms, limit, schedule_of(book, symbol, day))
        return self._eras[place]

    def _limited(self, era: _Era, day: date) -> DayTerms:
        known = self._reference(day)
        reach = None if era.limit is None else self._reach(era.limit, day, known.price)
        if reach is None:
            return era.terms
        up, down = limits(
            reach.reference, reach.up, self._instrument.tick_size, down_ratio=reach.down
        )
        # Notices on one contract or one holiday are in no book. The prices tell that there was one.
        half = float(self._instrument.tick_size) / 2
        is_over, is_under = known.high > up + half, known.low < down - half
        if is_over or is_under:
            self.unlimited_days.add(day)
        return era.terms._replace(
            up=math.inf if is_over else float(up),
            down=-math.inf if is_under else float(down),
        )

    def _reach(self, limit: topics.Limit, day: date, before: Decimal | None) -> "_Reach | None":
        """How far a price may go on a day; None where it may go anywhere, or nobody knows."""
        first_days = self._first_days(day)
        if first_days is not None:
            return first_days.reach
        if before is None or limit.ratio is None:
            return None
        ratio = limit.ratio
        if self.ending is not None and day == self.ending.last and limit.last_day:
            ratio = limit.last_day
        is_special = self._listing is not None and self._listing.is_special(day)
        if is_special and limit.risk_ratio is not None:
            ratio = limit.risk_ratio
        return _Reach(before, ratio, ratio)

    def _first_days(self, day: date) -> "_FirstDays | None":
        """What holds on the first days after a listing; None on all others."""
        listing, debut = self._listing, self._debut
        if listing is None or debut is None or self._calendar is None:
            return None
        if listing.listed is None or (day - listing.listed).days > _LONGEST_DEBUT:
            return None
        age = listing.age(day, self._calendar)
        if age is not None and age <= debut.free_days:
            return _FirstDays(None)
        if age != 1 or debut.first_day_up is None:
            return None
        if listing.issue_price is None:
            return _FirstDays(None)
        down = debut.first_day_down
        up = debut.first_day_up
        return _FirstDays(_Reach(listing.issue_price, up, up if down is None else down))


def limits(
    reference: Decimal, ratio: Decimal, tick: Decimal, *, down_ratio: Decimal | None = None
) -> tuple[float, float]:
    """The highest and lowest price of a day, each to the nearest tick, a half one up.

    Args:
        down_ratio: where the price may fall by another share than it may rise.
    Source:
        SSE Trading Rules, "round half up to the tick"; futures exchanges cut to a tick as well.
    """
    fall = ratio if down_ratio is None else down_ratio
    up, down = (EXACT.multiply(reference, _WHOLE + part) for part in (ratio, -fall))
    return float(to_tick(up, tick)), float(to_tick(down, tick))


def to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """A price to the nearest tick, a half one up."""
    # By the context's own methods: a run asks twice a day, and entering one takes longer than this.
    whole, rest = EXACT.divmod(price, tick)
    is_up = EXACT.add(rest, rest) >= tick
    return EXACT.multiply(EXACT.add(whole, _WHOLE) if is_up else whole, tick)


def schedule_of(book: RuleBook, symbol: str, day: date) -> FeeSchedule | None:
    """The fee tiers of a day, None where the venue has no makers and takers."""
    rules = [rule.entry for rule in book.all("maker_taker", symbol, day)]
    tiers = [one for one in rules if isinstance(one, topics.MakerTaker)]
    return FeeSchedule.of(tiers) if tiers else None


def commission_of_tier(tier: FeeTier, discount: Decimal = ZERO) -> Commission:
    """What makers and takers pay; a maker's rebate is below zero, and has no discount."""
    share = _WHOLE - discount
    taker = Rate(EXACT.multiply(tier.taker, share))
    maker = tier.maker if tier.maker < 0 else EXACT.multiply(tier.maker, share)
    return Commission(open=taker, close=taker, maker=Rate(maker))


def commission_of(book: RuleBook, symbol: str, day: date) -> Commission:
    """Fees, duties and levies of a day for a new account; nothing where the book has none."""
    schedule = schedule_of(book, symbol, day)
    if schedule is not None:
        return commission_of_tier(schedule.by_volume(ZERO))
    fee = book.find(topics.Fee, symbol, day)
    if fee is None:
        return Commission()
    tax = book.find(topics.Tax, symbol, day)
    transfer = book.find(topics.Transfer, symbol, day)
    levies = [rule.entry for rule in book.all("levy", symbol, day)]
    sold = [one.rate for one in levies if isinstance(one, topics.Levy) and one.side == "sell"]
    return Commission(
        open=_rate(fee.open),
        close=_rate(fee.close),
        close_today=None if fee.close_today is None else _rate(fee.close_today),
        minimum=fee.minimum,
        buy_tax=ZERO if tax is None else tax.buy,
        sell_tax=(ZERO if tax is None else tax.sell) + sum((rate.money for rate in sold), ZERO),
        sell_levy=sum((rate.unit for rate in sold), ZERO),
        transfer=ZERO if transfer is None else transfer.money,
    )


def margin_of(book: RuleBook, symbol: str, day: date) -> Margin:
    """Margin of a day; all of the value where the book has none."""
    found = book.find(topics.Margin, symbol, day)
    return Margin() if found is None else Margin(found.long, found.short)


def _rate(rate: topics.Rate) -> Rate:
    return Rate(rate.money, rate.unit)
