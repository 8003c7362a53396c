"""One call for notebooks and scripts: a strategy, some data, a result."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from quantloom.backtest.event import Progress
from quantloom.backtest.exchange import Rates, read_fx
from quantloom.backtest.facts import Facts
from quantloom.backtest.regime import ruled_instrument
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.run import OtherInstrument, run_backtest
from quantloom.backtest.spec import PARTICIPATION, BacktestSpec, BadRunSetting, RulesSetting
from quantloom.backtest.swap_facts import (
    AnyFunding,
    check_marks,
    only_swap,
    read_rates,
    refuse_inverse,
)
from quantloom.data import read_actions, read_bars, read_listings
from quantloom.errors import Invalid, NotFound
from quantloom.market import (
    Action,
    BadAction,
    BadListing,
    Bars,
    Continuous,
    Instrument,
    Listing,
    Number,
    assume_instrument,
    exact,
    get_calendar,
    trading_days_of,
)
from quantloom.market.rulebook import RuleBook, rule_book
from quantloom.simulation import AnySlippage, Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    AnySizing,
    EquityShare,
    FixedSize,
    Strategy,
    Value,
    load_strategy,
)
from quantloom.trading import CarryRates, Commission, Margin, RightsChoice, RoutingOptions

if TYPE_CHECKING:
    from pandas import DataFrame

    AnyData = Bars | Continuous | DataFrame | str | Path
    AnyActions = Iterable[Action] | Mapping[str, Iterable[Action]] | str | Path


OffsetChoice = Literal["net", "close", "cheapest"]


class OneSizing(Invalid):
    """More than one way to size an entry was given."""

    code = "backtest.one_sizing"

    def __init__(self, given: tuple[str, ...]) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return f"give one of {', '.join(self.given)}, not several"


class BadMoment(Invalid):
    """A start or end that is no date."""

    code = "backtest.bad_moment"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is no date or time; write 2024-01-31 or 2024-01-31T09:30"


class ActionOfOther(NotFound):
    """Corporate actions of an instrument that the run does not hold."""

    code = "backtest.action_of_other"

    def __init__(self, symbol: str, known: tuple[str, ...]) -> None:
        super().__init__(symbol, known)
        self.symbol, self.known = symbol, known

    def __str__(self) -> str:
        return (
            f"actions are given of {self.symbol}, and the run has bars of "
            f"{', '.join(self.known)}; leave them out, or spell the symbol as the bars do"
        )


class NotBars(Invalid):
    """Something else than bars was given to run over."""

    code = "backtest.not_bars"

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return (
            f"a {self.given} is no bars; pass what open_catalog().read(symbol, timeframe) gives, a "
            "pandas frame, a file, or a mapping of such by symbol"
        )


def backtest(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    *,
    parameters: Mapping[str, Value] | None = None,
    symbol: str = "DATA.LOCAL",
    instrument: Instrument | Mapping[str, Instrument] | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    cash: Number = 100_000,
    commission: Commission | Number | None = None,
    margin: Margin | Number | None = None,
    slippage: AnySlippage | Number = 0,
    size: Number | None = None,
    weight: Number | None = None,
    sizing: AnySizing | None = None,
    participation: Number | None = PARTICIPATION,
    latency: int = 0,
    detail: "AnyData | Mapping[str, AnyData] | None" = None,
    benchmark: "AnyData | None" = None,
    state: Mapping[str, Any] | None = None,
    rules: RuleBook | bool = False,
    listings: Sequence[Listing] | str | Path = (),
    margin_addon: Number = 0,
    margin_mode: str = "cross",
    funding: AnyFunding | None = None,
    marks: "AnyData | Mapping[str, AnyData] | None" = None,
    offsets: RoutingOptions | OffsetChoice = "net",
    interest: Number = 0,
    borrow: Number = 0,
    currency: str | None = None,
    fx: "Mapping[str, AnyData | Number] | None" = None,
    fx_cost: Number = 0,
    actions: "AnyActions" = (),
    rights: RightsChoice | str = RightsChoice.TAKE,
    seed: int = 0,
    progress: Progress | None = None,
) -> BacktestResult:
    """Backtest a strategy.

    ```python
    result = backtest("sma-cross", "AAPL.csv", parameters={"fast": 10}, size=1, commission=0.001)
    ```

    Args:
        strategy: a class, or what `load_strategy` understands.
        data: bars, a pandas frame of them, or a CSV or Parquet file; for several instruments a
            mapping of such by symbol. A series of `chain_contracts` is run on its real
            contracts, with the costs of each roll.
        symbol: what a frame's bars are called where no instrument says it.
        instrument: tick, lot, multiplier; assumed from symbol and prices where not given. For
            several a mapping by symbol, of those that are not to be assumed.
        start, end: start <= open time < end; without a zone UTC is meant.
        commission: a scheme, or a share of traded money on both sides (0.001 is 0.1 %); nothing,
            or what the rules say, where not given.
        margin: ratios, or one for both sides; 1 needs the full value, as it does where not given
            and the rules say nothing.
        slippage: a model, or ticks against every market and stop order.
        size, weight, sizing: quantity of each entry, its share of equity (0.95 if none is given),
            or another way to size it.
        participation: share of a bar's volume that orders fill at most; None for any quantity.
        latency: bars that go by before an order arrives.
        detail: finer bars of the same instruments, to see what a bar reached first.
        benchmark: what the run is compared with, day by day.
        state: `state` of an earlier result, for the strategy to go on from.
        rules: True for the market rule book, or one with overlays: fees, margin, price limits,
            turnaround and settlement as they were on each day.
        listings: when shares were listed, delisted and under special treatment, for the rules; or
            a CSV file of it, as `read_listings` takes it, in which others may stand too.
        margin_mode: `cross`, where all cash stands behind perpetual swaps, or `isolated`, where
            each has the margin that opened it; for the rules.
        offsets: which lots of Chinese futures orders close, under rules: "net" closes all it can;
            "cheapest" asks the offset router, which may open the other side instead (a lock);
            "close" asks it without locks; or its own options.
        margin_addon: what a broker adds to the rules' margin ratios; 0.03 makes 7 % 10 %.
        funding: rates of perpetual swaps, for the rules: a series, a file as `read_funding` takes
            it, or a mapping of such by symbol.
        marks: bars of the mark price of perpetual swaps, for the rules; last prices stand in.
        interest, borrow: yearly rates, 0.02 for 2 %: earned on cash; paid on cash below zero and on
            what was sold short.
        currency: of the account, its cash and every figure; the first instrument's if not given.
        fx: what one unit of each other currency is worth in the account's, by currency or by pair
            such as EURUSD: bars, a frame, a file, or a number that never changes.
        fx_cost: share of what is exchanged that it costs, 0.0001 for a basis point.
        actions: what companies did, as a list, by symbol, or in a CSV file with the fields of
            `Action` as its columns: dividends, splits, new shares. Bars must be real prices then.
        rights: `take` subscribes what cash there is for, `sell` takes their worth, `ignore` lets
            them lapse.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    bars = _all_bars(data, instrument, symbol)
    loaded = load_strategy(strategy) if isinstance(strategy, str) else strategy
    book = rule_book() if rules is True else rules or None
    instruments = _instruments(instrument, bars)
    refuse_inverse(instruments)
    if book is not None:
        instruments = tuple(
            _ruled(book, one, bars[one.symbol], _moment(start)) for one in instruments
        )
    spec = BacktestSpec(
        strategy=strategy if isinstance(strategy, str) else getattr(strategy, "__name__", ""),
        instruments=instruments,
        timeframe=str(next((one.timeframe for one in bars.values()), "")),
        parameters=parameters or {},
        start=_moment(start),
        end=_moment(end),
        cash=exact(cash),
        commission=_commission(0 if commission is None else commission),
        margin=_margin(margin),
        slippage=_slippage(slippage),
        sizing=_sizing(size, weight, sizing),
        participation=None if participation is None else exact(participation),
        latency=latency,
        seed=seed,
        state=state or {},
        carry=CarryRates(exact(interest), exact(borrow)),
        currency=currency or "",
        fx_cost=exact(fx_cost),
        rights=_rights(rights),
        rules=_rules_setting(
            book,
            has_commission=commission is not None,
            has_margin=margin is not None,
            margin_addon=exact(margin_addon),
            margin_mode=margin_mode,
            offsets=offsets,
        ),
    )
    if book is None and (funding is not None or marks is not None):
        raise BadRunSetting("funding" if marks is None else "marks", "given", "with rules=True")
    fine = None if detail is None else _all_bars(detail, instrument, symbol)
    compared = None if benchmark is None else _bars(benchmark, "BENCHMARK.LOCAL")
    return run_backtest(
        spec,
        loaded,
        bars,
        progress,
        detail=fine,
        benchmark=compared,
        rules=book,
        facts=Facts(
            actions=_actions(actions, instruments),
            chains=_chains(data),
            listings=_listings(listings, instruments, bars, has_rules=book is not None),
            funding={} if funding is None else read_rates(funding, instruments),
            marks={} if marks is None else _marks(marks, instruments, {**bars, **(fine or {})}),
            rates=_rates(fx or {}, spec),
        ),
    )


def _marks(
    given: "AnyData | Mapping[str, AnyData]",
    instruments: tuple[Instrument, ...],
    finest: Mapping[str, Bars],
) -> dict[str, Bars]:
    """Mark prices by symbol; alone they are of the run's only swap."""
    if isinstance(given, Mapping):
        return check_marks(_all_bars(given, None, ""), instruments, finest)
    symbol = only_swap("marks", instruments)
    return check_marks({symbol: _bars(given, symbol)}, instruments, finest)


def _listings(
    given: Sequence[Listing] | str | Path,
    instruments: tuple[Instrument, ...],
    bars: Mapping[str, Bars],
    *,
    has_rules: bool,
) -> dict[str, Listing]:
    """The listings of the run's instruments.

    Raises:
        BadRunSetting: there are no rules to use them, or none is of the run.
        OtherInstrument: one is of an instrument that the run does not have.
        BadListing: bars reach beyond one, or two are of one instrument.
    """
    is_file = isinstance(given, str | Path)
    told = read_listings(Path(given)) if isinstance(given, str | Path) else tuple(given)
    if told and not has_rules:
        raise BadRunSetting("listings", f"given for {len(told)} instrument(s)", "with rules=True")
    found: dict[str, Listing] = {}
    for listing in told:
        if listing.symbol in found:
            raise BadListing(listing.symbol, "is given twice")
        if listing.symbol not in bars and not is_file:
            raise OtherInstrument(", ".join(bars), listing.symbol)
        found[listing.symbol] = listing
    if is_file and not found.keys() & bars.keys():
        raise BadRunSetting("listings", given, f"about one of {', '.join(bars)}")
    return {
        one.symbol: _checked(found[one.symbol], one, bars[one.symbol])
        for one in instruments
        if one.symbol in found
    }


def _checked(listing: Listing, instrument: Instrument, bars: Bars) -> Listing:
    if len(bars):
        days = trading_days_of(bars, get_calendar(instrument.calendar))
        listing.check_days(days[0].item(), days[-1].item())
    return listing


_ROUTINGS: dict[str, RoutingOptions | None] = {
    "net": None,
    "close": RoutingOptions(),
    "cheapest": RoutingOptions(allow_lock=True),
}


def _rules_setting(
    book: RuleBook | None,
    *,
    has_commission: bool,
    has_margin: bool,
    margin_addon: Decimal,
    margin_mode: str,
    offsets: RoutingOptions | str,
) -> RulesSetting | None:
    """How the run follows the rules, if it does.

    Raises:
        BadRunSetting: what is asked for needs rules, or is not known.
    """
    routing = offsets if isinstance(offsets, RoutingOptions) else _ROUTINGS.get(offsets)
    if routing is None and offsets not in _ROUTINGS:
        raise BadRunSetting("offsets", repr(offsets), f"one of {', '.join(map(repr, _ROUTINGS))}")
    if routing is not None and book is None:
        raise BadRunSetting("offsets", repr(offsets), "given with rules=True")
    if margin_addon and (book is None or has_margin):
        raise BadRunSetting("margin_addon", margin_addon, "given with rules and without margin")
    if book is None:
        if margin_mode != "cross":
            raise BadRunSetting("margin_mode", margin_mode, "given with rules=True")
        return None
    return RulesSetting(
        book.version, has_commission, has_margin, margin_addon, margin_mode, routing
    )


def _actions(
    given: "AnyActions", instruments: Iterable[Instrument]
) -> Mapping[str, tuple[Action, ...]]:
    """Sort actions by symbol; those of a file that are of other symbols are left out.

    Raises:
        ActionOfOther: the run does not hold their instrument; of a file, not one of them.
        BadAction: they stand under another symbol, or are of what is no share.
        BadRunSetting: they are no actions.
    """
    held = {instrument.symbol: instrument for instrument in instruments}
    listed = [*_listed(given)]
    if isinstance(given, str | Path):
        ours = [one for one in listed if one.symbol in held]
        listed = ours or listed
    found: dict[str, tuple[Action, ...]] = {}
    for one in listed:
        if one.symbol not in held:
            raise ActionOfOther(one.symbol, tuple(held))
        if held[one.symbol].is_margined:
            problem = f"is of a {held[one.symbol].kind}, and only shares have such; leave it out"
            raise BadAction(one.symbol, one.ex_day, problem)
        found[one.symbol] = (*found.get(one.symbol, ()), one)
    return found


def _listed(given: "AnyActions") -> list[Action]:
    if isinstance(given, str | Path):
        return [*read_actions(Path(given))]
    by_symbol = given if isinstance(given, Mapping) else {"": given}
    pairs = [(symbol, one) for symbol, ones in by_symbol.items() for one in ones]
    for symbol, one in pairs:
        if not isinstance(one, Action):
            raise BadRunSetting("actions", one, "quantloom.market.Action objects, or a CSV file")
        if symbol and one.symbol != symbol:
            raise BadAction(one.symbol, one.ex_day, f"stands under {symbol}; sort it out")
    return [one for _, one in pairs]


def _rights(given: RightsChoice | str) -> RightsChoice:
    try:
        return RightsChoice(given)
    except ValueError:
        wanted = " or ".join(choice.value for choice in RightsChoice)
        raise BadRunSetting("rights", given, wanted) from None


def _ruled(
    book: RuleBook, instrument: Instrument, bars: Bars, start: datetime | None
) -> Instrument:
    """The instrument as the book has it on the run's first day."""
    if not len(bars):
        return instrument
    first = bars.start if start is None else max(bars.start, start)
    return ruled_instrument(book, instrument, first.date())


def _sizing(size: Number | None, weight: Number | None, sizing: AnySizing | None) -> AnySizing:
    """The one that is given; a share of equity where none is.

    Raises:
        OneSizing: more than one is given.
        BadRunSetting: the sizing is none of the library's.
    """
    given = {"size": size, "weight": weight, "sizing": sizing}
    found = {name: value for name, value in given.items() if value is not None}
    if len(found) > 1:
        raise OneSizing(tuple(found))
    if sizing is not None:
        return _known_sizing(sizing)
    if size is not None:
        return FixedSize.of(size)
    return EquityShare() if weight is None else EquityShare.of(weight)


def _known_sizing(given: object) -> AnySizing:
    if isinstance(given, AnySizing):
        return given
    raise BadRunSetting("sizing", given, "such as EquityShare.of(0.5) or RiskPerTrade.of(0.01)")


def _moment(value: str | date | None) -> datetime | None:
    """Read a date or a time; UTC where it names no zone.

    Raises:
        BadMoment: the text is neither.
    """
    if value is None:
        return None
    if isinstance(value, str):
        value = _read_moment(value)
    if not isinstance(value, date):
        raise BadMoment(repr(value))
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if type(value) is not datetime:
        value = _plain_moment(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _plain_moment(value: datetime) -> datetime:
    """The datetime in a subclass of it, such as a pandas Timestamp, which nothing can store."""
    try:
        return datetime.combine(value.date(), value.timetz())
    except ValueError:  # not a time
        raise BadMoment(str(value)) from None


def _read_moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadMoment(text) from None


def _instruments(
    given: Instrument | Mapping[str, Instrument] | None, bars: Mapping[str, Bars]
) -> tuple[Instrument, ...]:
    """What was given, and what is assumed of the other symbols.

    Raises:
        OtherInstrument: an instrument of which there are no bars.
    """
    if isinstance(given, Instrument):
        return (given,)
    known = given or {}
    if not known.keys() <= bars.keys():
        raise OtherInstrument(", ".join(bars), ", ".join(known))
    return tuple(known.get(symbol) or assume_instrument(one) for symbol, one in bars.items())


def _all_bars(
    data: "AnyData | Mapping[str, AnyData]",
    instrument: Instrument | Mapping[str, Instrument] | None,
    symbol: str,
) -> dict[str, Bars]:
    """Read the bars of every instrument, by symbol."""
    if isinstance(data, Mapping):
        for name, one in data.items():
            held = one.bars if isinstance(one, Continuous) else one
            if isinstance(held, Bars) and held.symbol != name:
                raise OtherInstrument(held.symbol, name)
        read = {name: _bars(one, name) for name, one in data.items()}
        return {bars.symbol: bars for bars in read.values()}
    named = instrument.symbol if isinstance(instrument, Instrument) else None
    if isinstance(data, str | Path):
        bars = read_bars(Path(data), symbol=named).bars
    else:
        bars = _bars(data, named or symbol)
    return {bars.symbol: bars}


def _chains(data: "AnyData | Mapping[str, AnyData]") -> dict[str, Continuous]:
    """The continuous series that are run on their contracts, by symbol."""
    given = data.values() if isinstance(data, Mapping) else [data]
    return {one.bars.symbol: one for one in given if isinstance(one, Continuous)}


def _bars(data: "AnyData", symbol: str) -> Bars:
    if isinstance(data, Bars):
        return data
    if isinstance(data, Continuous):
        return data.bars
    if isinstance(data, str | Path):
        return read_bars(Path(data), symbol=symbol).bars
    given: object = data  # whatever its annotation says
    if not hasattr(given, "columns"):
        raise NotBars(type(given).__name__)
    return Bars.from_frame(data, symbol)


def _rates(fx: "Mapping[str, AnyData | Number]", spec: BacktestSpec) -> dict[str, Rates]:
    """Read what is known of currencies.

    Raises:
        RatesUnused: of one that no instrument is in.
    """
    held = {name: _rate(one, name) for name, one in fx.items()}
    wanted = (one.currency for one in spec.instruments)
    return read_fx(held, currency=spec.currency, wanted=wanted)


def _rate(value: "AnyData | Number", name: str) -> Bars | float:
    if isinstance(value, int | float | Decimal):
        return float(value)
    if isinstance(value, str | Path):
        return read_bars(Path(value)).bars
    return _bars(value, name)


def _commission(value: Commission | Number) -> Commission:
    return value if isinstance(value, Commission) else Commission.percent(value)


def _margin(value: Margin | Number | None) -> Margin:
    if value is None:
        return Margin()
    return value if isinstance(value, Margin) else Margin.ratio(value)


def _slippage(value: AnySlippage | Number) -> AnySlippage:
    if isinstance(value, Slippage | VolumeShareSlippage | SquareRootImpact):
        return value
    return Slippage.of(ticks=value)
