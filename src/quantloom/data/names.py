"""From symbols to folders of the catalog and back, and what is said where one is missing."""

import difflib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import quote, unquote

from quantloom.data.store.disk import LEGACY
from quantloom.errors import Invalid, NotFound
from quantloom.market import BadTimeframe, Timeframe

_LONGEST_NAME = 200
_SUGGESTIONS = 3
BARS, TICKS = "bars", "ticks"
"""The two kinds of datasets, and the folders they lie in."""


class BadSymbol(Invalid):
    """A symbol that is not spelled `code.VENUE`."""

    code = "data.bad_symbol"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return f"{self.symbol!r} is no symbol; write code.VENUE, like rb2410.SHFE or AAPL.NASDAQ"


class DatasetNotFound(NotFound):
    """Bars that no catalog at hand holds."""

    code = "data.dataset_not_found"

    def __init__(
        self,
        symbol: str,
        timeframe: Timeframe | None,
        *,
        timeframes: tuple[str, ...] = (),
        similar: tuple[str, ...] = (),
    ) -> None:
        super().__init__(symbol, timeframe)
        self.symbol, self.timeframe = symbol, timeframe
        self.timeframes, self.similar = timeframes, similar

    def __str__(self) -> str:
        what = f"{self.timeframe} bars of {self.symbol}" if self.timeframe else self.symbol
        if self.timeframes:
            return f"no {what}; there are {', '.join(self.timeframes)} bars of it"
        guess = f"did you mean {' or '.join(self.similar)}? " if self.similar else ""
        return (
            f"no {what} in the catalog; {guess}`quantloom data list` shows what there is, "
            "`quantloom data import` adds more"
        )


class TimeframeNeeded(Invalid):
    """Bars asked for without a timeframe where there are several."""

    code = "data.timeframe_needed"

    def __init__(self, symbol: str, timeframes: tuple[str, ...]) -> None:
        super().__init__(symbol, timeframes)
        self.symbol, self.timeframes = symbol, timeframes

    def __str__(self) -> str:
        return (
            f"{self.symbol} has bars of {', '.join(self.timeframes)}; "
            f"say which, as by --timeframe {self.timeframes[-1]}"
        )


class InstrumentMismatch(Invalid):
    """Bars of one symbol offered with the instrument of another."""

    code = "data.instrument_mismatch"

    def __init__(self, symbol: str, instrument: str) -> None:
        super().__init__(symbol, instrument)
        self.symbol, self.instrument = symbol, instrument

    def __str__(self) -> str:
        return f"rows of {self.symbol} cannot be stored with the instrument {self.instrument}"


class InstrumentMissing(Invalid):
    """The first bars of a symbol offered without its instrument."""

    code = "data.instrument_missing"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return f"{self.symbol} is not in the catalog yet; give its instrument with its first rows"


@dataclass(frozen=True, slots=True)
class BarsAt:
    """Bars that a place holds, by where they lie there.

    Attributes:
        name: folder of the dataset, or its file where it is of schema 1.
    """

    symbol: str
    timeframe: Timeframe
    name: str

    @property
    def is_legacy(self) -> bool:
        return self.name.endswith(LEGACY)

    @property
    def key(self) -> tuple[str, int, str]:
        """What lists are sorted by; equal for the bars of one symbol and timeframe."""
        return self.symbol, self.timeframe.seconds, str(self.timeframe)


def bars_at(name: str) -> BarsAt | None:
    """Read the name of a dataset of bars; None where it is something else."""
    _, venue, code, part = name.split("/")
    try:
        timeframe = Timeframe.parse(part.removesuffix(LEGACY))
    except BadTimeframe:
        return None
    return BarsAt(f"{unquote(code)}.{unquote(venue)}", timeframe, name)


def matches(symbol: str, pattern: str) -> bool:
    """Whether a symbol has the pattern in it; with `*` or `?` the whole symbol must be like it."""
    name, wanted = symbol.casefold(), pattern.casefold()
    return fnmatchcase(name, wanted) if set(wanted) & set("*?") else wanted in name


def folder_of(kind: str, symbol: str) -> str:
    """The folder of a symbol's datasets.

    Raises:
        BadSymbol: the symbol is not spelled `code.VENUE`, or too long.
    """
    code, _, venue = symbol.rpartition(".")
    if not code or not venue:
        raise BadSymbol(symbol)
    parts = _safe(venue), _safe(code)
    if max(map(len, parts)) > _LONGEST_NAME:
        raise BadSymbol(symbol)
    return "/".join((kind, *parts))


def dataset_not_found(
    symbol: str,
    timeframe: Timeframe | None,
    *,
    timeframes: tuple[Timeframe, ...],
    symbols: tuple[str, ...],
) -> DatasetNotFound:
    """Say what is missing, and what comes close among `symbols`."""
    by_spelling = {name.casefold(): name for name in symbols if name != symbol}
    close = difflib.get_close_matches(symbol.casefold(), by_spelling, n=_SUGGESTIONS)
    return DatasetNotFound(
        symbol,
        timeframe,
        timeframes=tuple(map(str, timeframes)),
        similar=tuple(by_spelling[spelling] for spelling in close),
    )


def _safe(name: str) -> str:
    # A dot is left alone by quote, and would allow "..", or a hidden file.
    return quote(name, safe="").replace(".", "%2E")
