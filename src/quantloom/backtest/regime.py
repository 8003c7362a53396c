"""The rule book over the bars of a run: terms of each day, settlement prices, what was assumed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from quantloom.backtest.chain import Chain
from quantloom.backtest.dayprices import DayPrices
from quantloom.backtest.feed import Feed
from quantloom.backtest.marks import MarkPrices
from quantloom.backtest.rule_use import RuleUse
from quantloom.backtest.spec import BacktestSpec, BadRunSetting, RulesSetting
from quantloom.kit import from_day, to_day
from quantloom.market import (
    Bars,
    Calendar,
    Instrument,
    Kind,
    Listing,
    get_calendar,
    knows_holidays,
    product_calendar,
)
from quantloom.market.rulebook import RuleBook, Standing, subject_of, topics
from quantloom.trading import DayTerms, Fill, RuledDays, TradedVolume, ending_of

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
    "funding",
    "maintenance",
)
# What a commission of the user's own takes the place of.
_COSTS = ("fee", "maker_taker", "tax", "transfer")


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
        self._prices = {symbol: DayPrices.of(feed) for symbol, feed in ruled.items()}
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
                fee_discount=setting.fee_discount,
            )
            for symbol, feed in ruled.items()
        }
        self._feeds = feeds
        self._last_days = self._find_last_days()
        self._delisted_at_close: list[str] = []
        self._terms: dict[tuple[str, int], DayTerms] = {}

    def terms(self, symbol: str, day: int) -> DayTerms:
        """What holds for an instrument on a trading day, told as days since 1970."""
        if self._chains:
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


def ruled_instrument(book: RuleBook, instrument: Instrument, day: date) -> Instrument:
    """An instrument with the lot, multiplier and short selling that the book says of it on a day.

    Its tick stays: where it is not the book's, the prices have told so.

    Raises:
        BadRunSetting: a swap that the book has settled in another money.
    """
    grid = book.find(topics.Grid, instrument.symbol, day)
    turnaround = book.find(topics.Turnaround, instrument.symbol, day)
    if grid is not None and instrument.is_swap and grid.inverse is not instrument.is_inverse:
        kind = Kind.INVERSE if grid.inverse else Kind.PERPETUAL
        wanted = f"of kind {kind}, as the rules have {instrument.symbol}"
        raise BadRunSetting("instrument", f"of kind {instrument.kind}", wanted)
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
