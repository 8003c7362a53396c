"""Which bars a run is over: files, symbols of the catalog, finer bars, what it is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from quantloom.cli.places import open_own
from quantloom.data import Catalogs, OnBad, look_up, read_bars
from quantloom.errors import Invalid
from quantloom.market import (
    BadTimeframe,
    Bars,
    Continuous,
    Instrument,
    RollRule,
    Timeframe,
    assume_instrument,
    chain_contracts,
    resolve,
)

_FILES = {".csv", ".parquet"}
_DAILY = Timeframe.parse("1d")


class OneSource(Invalid):
    """Neither --data nor --symbol was given."""

    code = "cli.one_source"

    def __str__(self) -> str:
        return (
            "give the bars by --data FILE or by --symbol SYMBOL from the catalog; "
            "`quantloom data list` shows what the catalog holds"
        )


class UnevenNames(Invalid):
    """Several files, and another number of what belongs to each of them."""

    code = "cli.uneven_names"

    def __init__(self, option: str, given: int, wanted: int) -> None:
        super().__init__(option, given, wanted)
        self.option, self.given, self.wanted = option, given, wanted

    def __str__(self) -> str:
        return (
            f"{self.option} was given {self.given} time(s) for {self.wanted} instrument(s); "
            "give it once for each, in the same order"
        )


class SymbolTwice(Invalid):
    """Two sources of bars of one symbol."""

    code = "cli.symbol_twice"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return (
            f"{self.symbol} was given twice; name each file by --symbol, "
            "or leave one of the two out"
        )


@dataclass(frozen=True, slots=True)
class Source:
    """The bars of one instrument, and what was assumed about them."""

    bars: Bars
    instrument: Instrument
    notes: tuple[str, ...] = ()


def read_sources(
    files: Sequence[Path],
    symbols: Sequence[str],
    *,
    timeframe: str | None,
    on_bad: str,
    data_dir: str | None,
) -> list[Source]:
    """Read the bars of every instrument of a run.

    Args:
        files: what to read; none for the catalog.
        symbols: what the files hold, in their order, or what the catalog is asked for.
    Raises:
        OneSource: there is neither.
        UnevenNames: fewer or more symbols than files.
        SymbolTwice: two of them are one symbol.
    """
    if files:
        if symbols and len(symbols) != len(files):
            raise UnevenNames("--symbol", len(symbols), len(files))
        names: Sequence[str | None] = symbols or [None] * len(files)
        found = [
            _from_file(path, name, timeframe=timeframe, on_bad=on_bad)
            for path, name in zip(files, names, strict=True)
        ]
    elif symbols:
        catalog = open_own(data_dir)
        found = [_from_catalog(catalog, symbol, timeframe) for symbol in symbols]
    else:
        raise OneSource
    _refuse_doubles([source.bars.symbol for source in found])
    return found


def chained(sources: Sequence[Source], rule: str) -> tuple[Continuous, Instrument]:
    """Join contracts to one series that rolls by a rule: volume, open_interest or expiry.

    Raises:
        CannotSplice: another rule, or contracts that make no series.
    """
    bars = {source.bars.symbol: source.bars for source in sources}
    series = chain_contracts(bars, roll=cast("RollRule", rule.replace("-", "_")))
    return series, assume_instrument(series.bars)


def read_detail(
    given: Sequence[str], symbols: Sequence[str], data_dir: str | None
) -> Mapping[str, Bars] | None:
    """Read the finer bars of a run; None where none were asked for.

    Args:
        given: a timeframe of the catalog, or a file for each instrument.
        symbols: of the run's instruments, in order.
    Raises:
        UnevenNames: fewer or more files than instruments.
    """
    if not given:
        return None
    timeframe = _timeframe(given[0])
    if timeframe is not None:
        catalog = open_own(data_dir)
        return {symbol: catalog.read(symbol, timeframe) for symbol in symbols}
    if len(given) != len(symbols):
        raise UnevenNames("--detail", len(given), len(symbols))
    return {
        symbol: read_bars(Path(file), symbol=symbol).bars
        for symbol, file in zip(symbols, given, strict=True)
    }


def read_benchmark(given: str | None, timeframe: Timeframe, data_dir: str | None) -> Bars | None:
    """Read what a run is compared with, a file or a symbol of the catalog.

    Args:
        timeframe: of the run; the catalog's bars of it are preferred, then its daily ones.
    """
    return None if given is None else read_series(given, timeframe, data_dir)


def read_series(given: str, timeframe: Timeframe, data_dir: str | None) -> Bars:
    """Read a file, or a symbol of the catalog in the best timeframe that it has."""
    path = Path(given)
    if path.suffix.lower() in _FILES or path.is_file():
        return read_bars(path).bars
    catalog = open_own(data_dir)
    symbol, _ = look_up(catalog, given)
    held = catalog.timeframes(symbol)
    chosen = next((one for one in (timeframe, _DAILY) if one in held), None)
    return catalog.read(symbol, chosen)


def _from_file(path: Path, symbol: str | None, *, timeframe: str | None, on_bad: str) -> Source:
    name = resolve(symbol).symbol if symbol else None
    read = read_bars(path, symbol=name, timeframe=timeframe, on_bad=cast("OnBad", on_bad))
    dropped = tuple(f"left out {count} row(s): {problem}" for problem, count in read.dropped)
    return Source(read.bars, assume_instrument(read.bars), (*read.notes, *dropped))


def _from_catalog(catalog: Catalogs, symbol: str, timeframe: str | None) -> Source:
    found, note = look_up(catalog, symbol)
    bars = catalog.read(found, timeframe)
    return Source(bars, catalog.instrument(found), (note,) if note else ())


def _refuse_doubles(symbols: Sequence[str]) -> None:
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise SymbolTwice(symbol)


def _timeframe(text: str) -> Timeframe | None:
    try:
        return Timeframe.parse(text)
    except BadTimeframe:
        return None
