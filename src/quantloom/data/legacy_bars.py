"""Bars of schema 1 in a place: a file each, read as they are until a change renews them."""

from pathlib import Path

from quantloom.data.atomic import remove
from quantloom.data.names import BARS, folder_of
from quantloom.data.store import CatalogUnwritable, CorruptDataset, Disk, Manifest, Place, Wanted
from quantloom.data.store.disk import LEGACY
from quantloom.data.store.legacy import read_legacy, read_manifest
from quantloom.market import Bars, Timeframe


class LegacyBars:
    """The files of schema 1 in a place; a bucket never had any."""

    def __init__(self, place: Place) -> None:
        self._root = place.root if isinstance(place, Disk) else None

    def where(self, symbol: str, timeframe: Timeframe) -> Path:
        """Where the file would lie.

        Raises:
            FileNotFoundError: in no place of this kind.
        """
        if self._root is None:
            raise FileNotFoundError(symbol)
        return self._root / f"{folder_of(BARS, symbol)}/{timeframe}{LEGACY}"

    def find(self, symbol: str, timeframe: Timeframe) -> Manifest | None:
        """Describe a file as a dataset; None where there is none.

        Raises:
            CorruptDataset, SchemaTooNew: it cannot be read.
        """
        try:
            path = self.where(symbol, timeframe)
            manifest = read_manifest(path)
        except FileNotFoundError:
            return None
        _check(path, (manifest.symbol, manifest.part), (symbol, str(timeframe)))
        return manifest

    def read(self, symbol: str, timeframe: Timeframe, wanted: Wanted) -> Bars:
        """Read the bars wanted.

        Raises:
            FileNotFoundError: there is no such file.
            EmptyRange: no bar lies there.
            CorruptDataset, SchemaTooNew: it cannot be read.
        """
        path = self.where(symbol, timeframe)
        bars = read_legacy(path, wanted)
        _check(path, (bars.symbol, str(bars.timeframe)), (symbol, str(timeframe)))
        return bars

    def drop(self, symbol: str, timeframe: Timeframe) -> bool:
        """Take a file away; tell whether there was one.

        Raises:
            CatalogUnwritable: the disk refuses.
        """
        if self._root is None:
            return False
        path = self.where(symbol, timeframe)
        try:
            remove(path)
        except FileNotFoundError:
            return False
        except OSError as problem:
            raise CatalogUnwritable(path, problem.strerror or str(problem)) from problem
        return True


def _check(path: Path, found: tuple[str, str], expected: tuple[str, str]) -> None:
    if found != expected:
        raise CorruptDataset(path, f"it holds {found[1]} bars of {found[0]}")
