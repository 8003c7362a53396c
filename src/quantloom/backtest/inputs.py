"""What a run is given in any of its forms, such as files and frames, as the run takes it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from quantloom.backtest.rates import Rates, read_fx
from quantloom.backtest.ready import OtherInstrument
from quantloom.backtest.spec import BacktestSpec, BadRunSetting
from quantloom.backtest.swap_facts import check_marks, only_swap
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
    get_calendar,
    trading_days_of,
)

if TYPE_CHECKING:
    from pandas import DataFrame

    AnyData = Bars | Continuous | DataFrame | str | Path
    AnyActions = Iterable[Action] | Mapping[str, Iterable[Action]] | str | Path


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


def to_all_bars(
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
        read = {name: to_bars(one, name) for name, one in data.items()}
        return {bars.symbol: bars for bars in read.values()}
    named = instrument.symbol if isinstance(instrument, Instrument) else None
    if isinstance(data, str | Path):
        bars = read_bars(Path(data), symbol=named).bars
    else:
        bars = to_bars(data, named or symbol)
    return {bars.symbol: bars}


def to_bars(data: "AnyData", symbol: str) -> Bars:
    """Read the bars of one instrument.

    Args:
        symbol: what they are called where they do not say.
    Raises:
        NotBars: they are something else.
    """
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


def find_chains(data: "AnyData | Mapping[str, AnyData]") -> dict[str, Continuous]:
    """The continuous series that are run on their contracts, by symbol."""
    given = data.values() if isinstance(data, Mapping) else [data]
    return {one.bars.symbol: one for one in given if isinstance(one, Continuous)}


def sort_marks(
    given: "AnyData | Mapping[str, AnyData]",
    instruments: tuple[Instrument, ...],
    finest: Mapping[str, Bars],
) -> dict[str, Bars]:
    """Mark prices by symbol; alone they are of the run's only swap."""
    if isinstance(given, Mapping):
        return check_marks(to_all_bars(given, None, ""), instruments, finest)
    symbol = only_swap("marks", instruments)
    return check_marks({symbol: to_bars(given, symbol)}, instruments, finest)


def sort_listings(
    given: Sequence[Listing] | str | Path,
    spec: BacktestSpec,
    bars: Mapping[str, Bars],
    *,
    has_rules: bool,
) -> dict[str, Listing]:
    """The listings of the run's instruments.

    Raises:
        BadRunSetting: there are no rules to use them, or none is of the run.
        OtherInstrument: one is of an instrument that the run does not have.
        BadListing: bars of the run's span reach beyond one, or two are of one instrument.
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
        one.symbol: _in_bounds(
            found[one.symbol], one, bars[one.symbol].between(spec.start, spec.end)
        )
        for one in spec.instruments
        if one.symbol in found
    }


def _in_bounds(listing: Listing, instrument: Instrument, bars: Bars) -> Listing:
    if len(bars):
        days = trading_days_of(bars, get_calendar(instrument.calendar))
        listing.check_days(days[0].item(), days[-1].item())
    return listing


def sort_actions(
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


def sort_rates(fx: "Mapping[str, AnyData | Number]", spec: BacktestSpec) -> dict[str, Rates]:
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
    return to_bars(value, name)
