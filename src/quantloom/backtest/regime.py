"""The rule book over the bars of a run: terms of each day, settlement prices, what was assumed."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from quantloom.backtest.chain import Chain
from quantloom.backtest.feed import Feed
from quantloom.backtest.marks import MarkPrices
from quantloom.backtest.spec import BacktestSpec, RulesSetting
from quantloom.kit import FloatArray, IntArray, from_day, to_day
from quantloom.market import (
    Bars,
    Calendar,
    Instrument,
    Kind,
    Listing,
    ex_reference,
    exact,
    get_calendar,
    knows_holidays,
    product_calendar,
)
from quantloom.market.rulebook import RuleBook, Standing, subject_of, topics
from quantloom.trading import DayTerms, Fill, Reference, RuledDays, TradedVolume, ending_of

SETTLEMENT = "settlement"
# Topics that a run over bars reads.
_USED = (
    "grid",
    "hours",
    "limit",
    "fee",
    "maker_taker",
    "margin",
    "closing",
    "tax",
    "transfer",
    "turnaround",
    "cage",
)
# What a commission of the user's own takes the place of.
_COSTS = ("fee", "maker_taker", "tax", "transfer")
Grade = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """What a run took from the rule book.

    Attributes:
        version: of the book with its overlays. overlays: their names.
        assumed: "topic of symbol" for what no source is known of, on some day of the run.
        carried: likewise, where the source is older than the day.
        estimated: symbols whose settlement prices are estimates, the data having none.
        unlimited: days on which an instrument traded beyond its usual limits, by symbol.
        uncovered: "topic of symbol" that the market has and of which the book says nothing on some
            day of the run.
        unfunded: funding payments of an unknown rate that a position missed, by symbol.
        unmarked: symbols of swaps whose last prices stood in for mark prices.
        delisted: symbols whose last close was paid at delisting, no final price being known.
    """

    version: str
    overlays: tuple[str, ...]
    assumed: tuple[str, ...]
    carried: tuple[str, ...]
    estimated: tuple[str, ...]
    unlimited: Mapping[str, int]
    uncovered: tuple[str, ...] = ()
    delisted: tuple[str, ...] = ()
    unfunded: Mapping[str, int] = field(default_factory=dict)
    unmarked: tuple[str, ...] = ()

    @property
    def grade(self) -> Grade:
        """How well the rules of the run are known, by the weakest of them.

        A: all from sources that hold on its days, or from the user. B: some carried past their
        source's last day, or settled or marked at estimates. C: some assumed, or what was paid at
        a delisting. D: some not known at all, or what was due for funding.
        """
        if self.uncovered or self.unfunded:
            return "D"
        if self.assumed or self.unlimited or self.delisted:
            return "C"
        return "B" if self.carried or self.estimated or self.unmarked else "A"

    def plain(self) -> dict[str, Any]:
        """The grade and what it rests on, for JSON."""
        return {"grade": self.grade, **asdict(self)}


class Regime:
    """Terms and settlement prices of every instrument of a run, day by day."""

    def __init__(
        self,
        book: RuleBook,
        spec: BacktestSpec,
        feeds: Mapping[str, Feed],
        *,
        listings: Mapping[str, Listing] | None = None,
        marks: Mapping[str, Bars] | None = None,
        chains: Mapping[str, Chain] | None = None,
    ) -> None:
        self.marks = MarkPrices(feeds, marks or {})
        self.unfunded: dict[str, int] = {}
        setting = spec.rules or RulesSetting(book.version)
        self.book = book
        given: tuple[str, ...] = _COSTS if setting.has_commission else ()
        given += ("margin",) if setting.has_margin else ()
        self._used = [topic for topic in _USED if topic not in given]
        self._chains = chains or {}
        # Contracts of a series stand beside it by their own symbols.
        ruled = dict(feeds) | dict(_contract_feeds(feeds, self._chains))
        self._prices = {symbol: _DayPrices.of(feed) for symbol, feed in ruled.items()}
        self._listings = listings or {}
        self._delistings = {
            symbol: listing
            for symbol, listing in self._listings.items()
            if listing.delisted is not None
        }
        volumes: dict[str, TradedVolume] = {}
        self._traded = {
            symbol: volumes.setdefault(_market(book, symbol), TradedVolume())
            for symbol, feed in feeds.items()
            if feed.instrument.is_crypto
        }
        self._days = {
            symbol: RuledDays(
                book,
                feed.instrument,
                self._prices[symbol].reference,
                commission=spec.commission if setting.has_commission else None,
                margin=spec.margin if setting.has_margin else None,
                ending=ending_of(book, feed.instrument, feed.calendar),
                listing=self._listings.get(symbol),
                calendar=feed.calendar,
                traded=self._traded.get(symbol),
                margin_addon=setting.margin_addon,
            )
            for symbol, feed in ruled.items()
        }
        self._feeds = feeds
        self._last_days = self._find_last_days()
        self._delisted_at_close: list[str] = []
        self._terms: dict[tuple[str, int], DayTerms] = {}

    def terms(self, symbol: str, day: int) -> DayTerms:
        """What holds for an instrument on a trading day, told as days since 1970."""
        symbol = self._traded_as(symbol, day)
        found = self._terms.get((symbol, day))
        if found is None:
            found = self._days[symbol].on(from_day(day))
            self._terms[symbol, day] = found
        return found

    def _traded_as(self, symbol: str, day: int) -> str:
        """The contract in force of a continuous series; any other instrument is itself."""
        chain = self._chains.get(symbol)
        return symbol if chain is None else chain.contract(day)

    def ended_by(self, day: int) -> list[str]:
        """What has had its last trading day by the end of a day; each is told once."""
        ended = []
        while self._last_days and self._last_days[-1][0] <= day:
            ended.append(self._last_days.pop()[1])
        return ended

    def is_delisted(self, symbol: str) -> bool:
        """Whether what ends of an instrument is its listing, and not a contract."""
        return symbol in self._delistings

    def final_price(self, symbol: str, day: int) -> Decimal:
        """What a holder gets for one when the instrument has had its last day."""
        if not self.is_delisted(symbol):
            return self.settlement(symbol, day)
        given = self._delistings[symbol].final_price
        if given is None:
            self._delisted_at_close.append(symbol)
            return self._prices[symbol].last_close(day)
        return given

    def _find_last_days(self) -> list[tuple[int, str]]:
        """The last trading day of what is known to end, the next one to come last."""
        found = []
        for symbol in self._feeds:
            days = self._days[symbol]
            last = None if days.ending is None else days.ending.last
            if symbol in self._delistings:
                last = self._delistings[symbol].last_day(self._feeds[symbol].calendar)
            if last is not None:
                found.append((to_day(last), symbol))
        for symbol, chain in self._chains.items():
            for leg, next_begins in chain.spans():
                ending = self._days[leg.contract].ending
                if ending is not None and to_day(ending.last) < next_begins:
                    found.append((to_day(ending.last), symbol))
        return sorted(found, reverse=True)

    def note(self, fill: Fill, instrument: Instrument) -> None:
        """Count what a fill adds to the money that opens the fee tiers of crypto venues."""
        if instrument.is_swap and fill.symbol not in self.marks.given:
            self.marks.stood_in.add(fill.symbol)
        traded = self._traded.get(fill.symbol)
        if traded is not None:
            units = fill.quantity * instrument.multiplier
            traded.add(fill.day, units if instrument.is_inverse else units * fill.price)

    def must_be_flat(self, symbol: str, day: int) -> bool:
        """Whether natural persons may hold a contract no longer than to the end of a day."""
        ending = self._days[self._traded_as(symbol, day)].ending
        if ending is None or ending.persons_out is None or ending.last <= from_day(day):
            return False
        return ending.persons_out <= from_day(day)

    def settlement(self, symbol: str, day: int) -> Decimal:
        """The price at which a position is settled at the end of a day."""
        return self._prices[self._traded_as(symbol, day)].settlement(day)

    def dividend_tax(self, symbol: str, day: date) -> topics.DividendTax | None:
        """How a dividend of an ex-day is taxed; None where the book has no such tax."""
        return self.book.find(topics.DividendTax, symbol, day)

    def use(self) -> RuleUse:
        """What was taken from the book."""
        found: dict[Standing | None, dict[str, None]] = {one: {} for one in (*Standing, None)}
        for symbol in self._feeds:
            for topic, standing in self._standings(symbol):
                found[standing][f"{topic} of {symbol}"] = None
        assumed = (*found[Standing.ASSUMED],)
        return RuleUse(
            version=self.book.version,
            overlays=tuple(file.name for file in self.book.overlays),
            assumed=assumed,
            carried=tuple(one for one in found[Standing.CARRIED] if one not in assumed),
            estimated=tuple(
                symbol
                for symbol in self._feeds
                if self._prices[symbol].is_estimated
                and self._feeds[symbol].instrument.kind is Kind.FUTURE
            ),
            unlimited={
                symbol: len(days.unlimited_days)
                for symbol, days in self._days.items()
                if days.unlimited_days
            },
            uncovered=(*found[None],),
            unfunded=self.unfunded,
            unmarked=tuple(symbol for symbol in self._feeds if symbol in self.marks.stood_in),
            delisted=tuple(sorted(self._delisted_at_close)),
        )

    def _standings(self, symbol: str) -> Iterator[tuple[str, Standing | None]]:
        """How well each topic of an instrument is known; None where it is not on some day."""
        feed, needs = self._feeds[symbol], subject_of(self.book, symbol).needs
        if not needs:
            yield "every rule", None
        if not knows_holidays(feed.bars, feed.calendar):
            yield "trading days", None
        paid = ["dividend_tax"] if feed.ex_days else []
        for topic in (*self._used, *paid):
            for day in self._prices[symbol].ends_and_changes(self.book.changes(symbol, [topic])):
                for name in self._names(topic, symbol):
                    rule = self.book.rule(name, symbol, day)
                    if rule is not None or topic in needs:
                        yield topic, None if rule is None else rule.standing

    def _names(self, topic: str, symbol: str) -> list[str]:
        """What the book calls a topic: fees of makers and takers go by tier."""
        if topic != "maker_taker":
            return [topic]
        return [f"{topic}#{tier}" for tier in sorted(self._days[symbol].tiers or {"0"})]


@dataclass(frozen=True, slots=True)
class _DayPrices:
    """Prices of each trading day of an instrument, the days in order."""

    days: list[int]
    closes: list[float]
    settlements: list[float]
    highs: list[float]
    lows: list[float]
    is_estimated: bool
    instrument: Instrument
    references: Mapping[int, Decimal]

    @classmethod
    def of(cls, feed: Feed) -> "_DayPrices":
        bars, numbers = feed.bars, feed.day_numbers
        days, starts = np.unique(numbers, return_index=True)
        ends = np.append(starts[1:], len(bars)) - 1
        settlements, is_estimated = _settlements(bars, starts, ends)
        return cls(
            days=days.tolist(),
            closes=bars.close[ends].tolist(),
            settlements=settlements.tolist(),
            highs=np.maximum.reduceat(bars.high, starts).tolist(),
            lows=np.minimum.reduceat(bars.low, starts).tolist(),
            is_estimated=is_estimated,
            instrument=feed.instrument,
            references={
                int(numbers[row]): ex_reference(
                    met.previous_close, met.action, feed.instrument.tick_size
                )
                for row, met in feed.ex_days
            },
        )

    def reference(self, day: date) -> Reference:
        number = to_day(day)
        place = bisect_left(self.days, number)
        high, low = -math.inf, math.inf  # nothing traded on a day without bars
        if place < len(self.days) and self.days[place] == number:
            high, low = self.highs[place], self.lows[place]
        if not place:
            return Reference(None, high, low)
        if self.instrument.is_margined:
            return Reference(self._settled(place - 1), high, low)
        # On an ex-day the reference price takes the place of the close before.
        reference = self.references.get(number)
        return Reference(reference or exact(self.closes[place - 1]), high, low)

    def settlement(self, day: int) -> Decimal:
        """Of the day, or of the last one before it that has bars."""
        return self._settled(bisect_right(self.days, day) - 1)

    def last_close(self, day: int) -> Decimal:
        """Likewise its close."""
        return exact(self.closes[bisect_right(self.days, day) - 1])

    def _settled(self, place: int) -> Decimal:
        return self.instrument.round_nearest(exact(self.settlements[place]))

    def ends_and_changes(self, changes: tuple[date, ...]) -> list[date]:
        """The first and last day, and the days between on which a rule begins."""
        first, last = from_day(self.days[0]), from_day(self.days[-1])
        return [first, *(day for day in changes if first < day < last), last]


def _settlements(bars: Bars, starts: IntArray, ends: IntArray) -> tuple[FloatArray, bool]:
    """The settlement of each day, and whether it is an estimate.

    Where the data have none it is the mean of the day's typical prices by volume, or the close of
    a day's own bar.
    """
    known = bars.extras.get(SETTLEMENT)
    if known is not None:
        found: FloatArray = np.asarray(known[ends], dtype=np.float64)
        return np.where(np.isfinite(found), found, bars.close[ends]), bool(np.isnan(found).any())
    closes = bars.close[ends]
    if len(starts) == len(bars):
        return closes, True
    volume = np.nan_to_num(bars.volume)
    typical = (bars.high + bars.low + bars.close) / 3
    traded = np.add.reduceat(volume, starts)
    money = np.add.reduceat(volume * typical, starts)
    return np.where(traded > 0, money / np.maximum(traded, 1e-12), closes), True


def known_to(book: RuleBook, symbols: Iterable[str], day: date) -> tuple[str, ...]:
    """The symbols of whose fees a book knows on a day."""
    names = topics.Fee.topic, f"{topics.MakerTaker.topic}#0"
    return tuple(
        symbol
        for symbol in symbols
        if any(book.rule(name, symbol, day) is not None for name in names)
    )


def ruled_instrument(book: RuleBook, instrument: Instrument, day: date) -> Instrument:
    """An instrument with the lot, multiplier and short selling that the book says of it on a day.

    Its tick stays: where it is not the book's, the prices have told so.
    """
    grid = book.find(topics.Grid, instrument.symbol, day)
    turnaround = book.find(topics.Turnaround, instrument.symbol, day)
    if grid is not None:
        instrument = replace(instrument, lot=grid.step, multiplier=grid.multiplier)
    if turnaround is not None:
        instrument = replace(instrument, can_short=turnaround.can_short)
    return instrument


def ruled_calendar(book: RuleBook | None, instrument: Instrument) -> Calendar:
    """The calendar of an instrument, with the hours of a book's overlays if it is its product's."""
    usual = get_calendar(instrument.calendar)
    venue = instrument.symbol.rpartition(".")[2]
    if book is None or not book.overlays or not usual.name.startswith(f"{venue}."):
        return usual
    ruled = product_calendar(instrument.symbol, book)
    return ruled if ruled.name == usual.name else usual


def _market(book: RuleBook, symbol: str) -> str:
    """Whose money counts together: linear swaps, spot pairs or inverse ones of a venue."""
    return next((one for one in book.scopes(symbol)[2:]), symbol)


def _contract_feeds(
    feeds: Mapping[str, Feed], chains: Mapping[str, Chain]
) -> Iterator[tuple[str, Feed]]:
    """Every contract of a series with its own bars."""
    for symbol, chain in chains.items():
        feed = feeds[symbol]
        for contract, bars in chain.bars.items():
            instrument = replace(feed.instrument, symbol=contract)
            yield contract, Feed(instrument, bars, calendar=feed.calendar)
