"""One call for notebooks and scripts: a strategy, some data, a result."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from quantloom.backtest.event import Progress
from quantloom.backtest.facts import Facts
from quantloom.backtest.inputs import (
    find_chains,
    sort_actions,
    sort_listings,
    sort_marks,
    sort_rates,
    to_all_bars,
    to_bars,
)
from quantloom.backtest.regime import ruled_instrument
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.run import OtherInstrument, run_backtest
from quantloom.backtest.spec import (
    PARTICIPATION,
    BacktestSpec,
    BadRunSetting,
    MarginMode,
    RulesSetting,
)
from quantloom.backtest.swap_facts import AnyFunding, check_inverse, sort_funding
from quantloom.errors import Invalid
from quantloom.market import (
    Bars,
    Instrument,
    Listing,
    Number,
    assume_instrument,
    exact,
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
    from quantloom.backtest.inputs import AnyActions, AnyData

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
    currency: str | None = None,
    fx: "Mapping[str, AnyData | Number] | None" = None,
    fx_cost: Number = 0,
    interest: Number = 0,
    borrow: Number = 0,
    commission: Commission | Number | None = None,
    margin: Margin | Number | None = None,
    slippage: AnySlippage | Number = 0,
    size: Number | None = None,
    weight: Number | None = None,
    sizing: AnySizing | None = None,
    participation: Number | None = PARTICIPATION,
    latency: int = 0,
    detail: "AnyData | Mapping[str, AnyData] | None" = None,
    actions: "AnyActions" = (),
    rights: RightsChoice | str = RightsChoice.TAKE,
    rules: RuleBook | bool = False,
    listings: Sequence[Listing] | str | Path = (),
    margin_addon: Number = 0,
    fee_discount: Number = 0,
    margin_mode: MarginMode = "cross",
    offsets: RoutingOptions | OffsetChoice = "net",
    funding: AnyFunding | None = None,
    marks: "AnyData | Mapping[str, AnyData] | None" = None,
    benchmark: "AnyData | None" = None,
    state: Mapping[str, Any] | None = None,
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
        parameters: of the strategy, by name; those not named keep their defaults.
        symbol: what a frame's bars are called where no instrument says it.
        instrument: tick, lot, multiplier; assumed from symbol and prices where not given. For
            several a mapping by symbol, of those that are not to be assumed.
        start, end: start <= open time < end; without a zone UTC is meant.
        cash: what the account begins with, in its currency.
        currency: of the account, its cash and every figure; the first instrument's if not given.
        fx: what one unit of each other currency is worth in the account's, by currency or by pair
            such as EURUSD: bars, a frame, a file, or a number that never changes.
        fx_cost: share of what is exchanged that it costs, 0.0001 for a basis point.
        interest, borrow: yearly rates, 0.02 for 2 %: earned on cash; paid on cash below zero and on
            what was sold short.
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
        actions: what companies did, as a list, by symbol, or in a CSV file with the fields of
            `Action` as its columns: dividends, splits, new shares. Bars must be real prices then.
        rights: `take` subscribes what cash there is for, `sell` takes their worth, `ignore` lets
            them lapse.
        rules: True for the market rule book, or one with overlays: fees, margin, price limits,
            turnaround and settlement as they were on each day.
        listings: when shares were listed, delisted and under special treatment, for the rules; or
            a CSV file of it, as `read_listings` takes it, in which others may stand too.
        margin_addon: what a broker adds to the rules' margin ratios; 0.03 makes 7 % 10 %.
        fee_discount: share that a crypto venue takes off the rules' fees where they are paid in its
            own coin, which is bought as they fall due; 0.25 for a quarter.
        margin_mode: `cross`, where all cash stands behind perpetual swaps, or `isolated`, where
            each has the margin that opened it; for the rules.
        offsets: which lots of Chinese futures orders close, under rules: "net" closes all it can;
            "cheapest" asks the offset router, which may open the other side instead (a lock);
            "close" asks it without locks; or its own options.
        funding: rates of perpetual swaps, for the rules: a series, a file as `read_funding` takes
            it, or a mapping of such by symbol.
        marks: bars of the mark price of perpetual swaps, for the rules; last prices stand in.
        benchmark: what the run is compared with, day by day.
        state: `state` of an earlier result, for the strategy to go on from.
        seed: starts `ctx.random`; the same seed, the same result.
        progress: called with steps done and steps in all; raising stops the run.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    bars = to_all_bars(data, instrument, symbol)
    loaded = load_strategy(strategy) if isinstance(strategy, str) else strategy
    book = rule_book() if rules is True else rules or None
    instruments = _instruments(instrument, bars)
    check_inverse(instruments, currency)
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
            fee_discount=exact(fee_discount),
            margin_mode=margin_mode,
            offsets=offsets,
        ),
    )
    if book is None:
        _refuse_given(funding=funding, marks=marks)
    fine = None if detail is None else to_all_bars(detail, instrument, symbol)
    compared = None if benchmark is None else to_bars(benchmark, "BENCHMARK.LOCAL")
    return run_backtest(
        spec,
        loaded,
        bars,
        progress,
        detail=fine,
        benchmark=compared,
        rules=book,
        facts=Facts(
            actions=sort_actions(actions, instruments),
            chains=find_chains(data),
            listings=sort_listings(listings, spec, bars, has_rules=book is not None),
            funding={} if funding is None else sort_funding(funding, instruments),
            marks={} if marks is None else sort_marks(marks, instruments, {**bars, **(fine or {})}),
            rates=sort_rates(fx or {}, spec),
        ),
    )


def _refuse_given(**facts: object) -> None:
    """Refuse what means nothing without rules."""
    for name, given in facts.items():
        if given is not None:
            raise BadRunSetting(name, "given", "given with rules=True")


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
    fee_discount: Decimal,
    margin_mode: MarginMode,
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
    if fee_discount and (book is None or has_commission):
        wanted = "given with rules and without commission"
        raise BadRunSetting("fee_discount", fee_discount, wanted)
    if book is None:
        if margin_mode != "cross":
            raise BadRunSetting("margin_mode", margin_mode, "given with rules=True")
        return None
    return RulesSetting(
        book.version,
        has_commission,
        has_margin,
        margin_addon,
        fee_discount,
        margin_mode,
        routing,
    )


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
