"""A provider over files that lie in a folder: what a vendor sent, or another program wrote."""

from datetime import datetime
from pathlib import Path

from quantloom.data.providers.errors import BadProviderSetting, NotSupported, SymbolNotFound
from quantloom.data.providers.offering import Offering
from quantloom.data.providers.provider import Abilities, Listed, ProvidedBars
from quantloom.data.readers import FileBars, read_bars
from quantloom.errors import QuantloomError
from quantloom.kit import Clock, SystemClock
from quantloom.market import Kind, Timeframe, UnknownSymbol, local_symbol, resolve

_NAME = "file"
_SUFFIXES = (".csv", ".csv.gz", ".txt", ".parquet", ".pq", ".feather")


class FileProvider(Offering):
    """Gives bars of the files in a folder, one symbol a file, named after it.

    A name is read as `resolve` reads it, up to a timeframe if there is one: 600519.SH.csv,
    AAPL.1d.parquet, rb2410.5m.csv; any other name is a symbol of the venue LOCAL.
    """

    name = _NAME
    abilities = Abilities(lists=True)

    def __init__(self, folder: Path | None, clock: Clock | None = None) -> None:
        if folder is None or not folder.is_dir():
            raise BadProviderSetting(_NAME, "--folder", "must name a folder of files")
        self.folder, self.clock = folder, clock or SystemClock()

    def list_instruments(self) -> tuple[Listed, ...]:
        """List the symbol of every file."""
        found = {_symbol_of(path): path.name for path in self._files()}
        return tuple(
            Listed(symbol=symbol, name=found[symbol], kind=_kind_of(symbol))
            for symbol in sorted(found)
        )

    def bars(
        self, symbol: str, timeframe: Timeframe | str, start: datetime, end: datetime
    ) -> ProvidedBars:
        """Give the bars of the file of this symbol whose bars are so long."""
        wanted, length = _canonical(symbol), Timeframe.parse(timeframe)
        named = [path for path in self._files() if _symbol_of(path) == wanted]
        for path in named:
            read = read_bars(path, symbol=wanted, on_bad="drop")
            if read.bars.timeframe == length:
                return self._provided(path, read, start, end)
        if not named:
            raise SymbolNotFound(_NAME, symbol)
        raise NotSupported(_NAME, f"{length} bars of {wanted}", f"those of {named[0].name}")

    def _files(self) -> list[Path]:
        every = sorted(self.folder.iterdir())
        return [path for path in every if path.name.lower().endswith(_SUFFIXES)]

    def _provided(self, path: Path, read: FileBars, start: datetime, end: datetime) -> ProvidedBars:
        return ProvidedBars(
            bars=read.bars.between(start, end),
            provider=_NAME,
            function=path.name,
            fetched_at=self.clock.now(),
            dropped=read.dropped,
            notes=read.notes,
        )


def _symbol_of(path: Path) -> str:
    name = path.name
    while (suffix := Path(name).suffix) and (suffix.lower() in _SUFFIXES or suffix == ".gz"):
        name = name.removesuffix(suffix)
    head, _, tail = name.rpartition(".")
    return _canonical(head if head and _is_timeframe(tail) else name)


def _is_timeframe(text: str) -> bool:
    try:
        Timeframe.parse(text)
    except QuantloomError:
        return False
    return True


def _canonical(text: str) -> str:
    try:
        return resolve(text).symbol
    except QuantloomError:  # not known, or a month of any decade
        return local_symbol(text.removesuffix(".LOCAL"))


def _kind_of(symbol: str) -> Kind:
    try:
        return resolve(symbol).kind
    except UnknownSymbol:
        return Kind.STOCK
