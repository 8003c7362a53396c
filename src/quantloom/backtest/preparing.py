"""What a run is asked for, in any of the forms users give it, made ready to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

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
from quantloom.backtest.ready import OtherInstrument
from quantloom.backtest.regime import ruled_instrument
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What `backtest` is asked for besides strategy and data; it says what each means."""

    parameters: Mapping[str, Value] | None = None
    symbol: str = "DATA.LOCAL"
    instrument: Instrument | Mapping[str, Instrument] | None = None
    start: str | date | None = None
    end: str | date | None = None
    cash: Number = 100_000
    currency: str | None = None
    fx: "Mapping[str, AnyData | Number] | None" = None
    fx_cost: Number = 0
    interest: Number = 0
    borrow: Number = 0
    commission: Commission | Number | None = None
    margin: Margin | Number | None = None
    slippage: AnySlippage | Number = 0
    size: Number | None = None
    weight: Number | None = None
    sizing: AnySizing | None = None
    participation: Number | None = PARTICIPATION
    latency: int = 0
    detail: "AnyData | Mapping[str, AnyData] | None" = None
    actions: "AnyActions" = ()
    rights: RightsChoice | str = RightsChoice.TAKE
    rules: RuleBook | bool = False
    listings: Sequence[Listing] | str | Path = ()
    margin_addon: Number = 0
    fee_discount: Number = 0
    margin_mode: MarginMode = "cross"
    offsets: RoutingOptions | OffsetChoice = "net"
    funding: AnyFunding | None = None
    marks: "AnyData | Mapping[str, AnyData] | None" = None
    benchmark: "AnyData | None" = None
    state: Mapping[str, Any] | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A run that is ready: all that `run_backtest` takes.

    Attributes:
        bars: of the spec's instruments, by symbol. detail: finer ones of them.
        benchmark: what the run is compared with.
    """

    spec: BacktestSpec
    strategy: type[Strategy]
    bars: Mapping[str, Bars]
    detail: Mapping[str, Bars] | None = None
    benchmark: Bars | None = None
    rules: RuleBook | None = None
    facts: Facts = field(default_factory=Facts)


def prepare(
    strategy: type[Strategy] | str, data: "AnyData | Mapping[str, AnyData]", asked: RunSettings
) -> Prepared:
    """Read what a run is asked for.

    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    bars = to_all_bars(data, asked.instrument, asked.symbol)
    loaded = load_strategy(strategy) if isinstance(strategy, str) else strategy
    book = rule_book() if asked.rules is True else asked.rules or None
    instruments = _instruments(asked.instrument, bars)
    check_inverse(instruments, asked.currency)
    if book is not None:
        start = moment_of(asked.start)
        instruments = tuple(_ruled(book, one, bars[one.symbol], start) for one in instruments)
    timeframe = str(next((one.timeframe for one in bars.values()), ""))
    spec = _spec(strategy, asked, instruments, timeframe=timeframe, book=book)
    if book is None:
        _refuse_given(funding=asked.funding, marks=asked.marks)
    fine = None
    if asked.detail is not None:
        fine = to_all_bars(asked.detail, asked.instrument, asked.symbol)
    compared = None if asked.benchmark is None else to_bars(asked.benchmark, "BENCHMARK.LOCAL")
    return Prepared(
        spec=spec,
        strategy=loaded,
        bars=bars,
        detail=fine,
        benchmark=compared,
        rules=book,
        facts=_facts(asked, spec, data, bars=bars, finest={**bars, **(fine or {})}),
    )


def _spec(
    strategy: type[Strategy] | str,
    asked: RunSettings,
    instruments: tuple[Instrument, ...],
    *,
    timeframe: str,
    book: RuleBook | None,
) -> BacktestSpec:
    return BacktestSpec(
        strategy=strategy if isinstance(strategy, str) else getattr(strategy, "__name__", ""),
        instruments=instruments,
        timeframe=timeframe,
        parameters=asked.parameters or {},
        start=moment_of(asked.start),
        end=moment_of(asked.end),
        cash=exact(asked.cash),
        commission=_commission(0 if asked.commission is None else asked.commission),
        margin=_margin(asked.margin),
        slippage=_slippage(asked.slippage),
        sizing=_sizing(asked.size, asked.weight, asked.sizing),
        participation=None if asked.participation is None else exact(asked.participation),
        latency=asked.latency,
        seed=asked.seed,
        state=asked.state or {},
        carry=CarryRates(exact(asked.interest), exact(asked.borrow)),
        currency=asked.currency or "",
        fx_cost=exact(asked.fx_cost),
        rights=_rights(asked.rights),
        rules=_rules_setting(
            book,
            has_commission=asked.commission is not None,
            has_margin=asked.margin is not None,
            margin_addon=exact(asked.margin_addon),
            fee_discount=exact(asked.fee_discount),
            margin_mode=asked.margin_mode,
            offsets=asked.offsets,
        ),
    )


def _facts(
    asked: RunSettings,
    spec: BacktestSpec,
    data: "AnyData | Mapping[str, AnyData]",
    *,
    bars: Mapping[str, Bars],
    finest: Mapping[str, Bars],
) -> Facts:
    instruments, funding, marks = spec.instruments, asked.funding, asked.marks
    return Facts(
        actions=sort_actions(asked.actions, instruments),
        chains=find_chains(data),
        listings=sort_listings(asked.listings, spec, bars, has_rules=spec.rules is not None),
        funding={} if funding is None else sort_funding(funding, instruments),
        marks={} if marks is None else sort_marks(marks, instruments, finest),
        rates=sort_rates(asked.fx or {}, spec),
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


def moment_of(value: str | date | None) -> datetime | None:
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
