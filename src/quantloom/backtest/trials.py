"""The trial ledger: how often a strategy was tried on the same instruments before this run.

The best of a hundred runs looks good by luck alone, and nobody remembers the ninety-nine. So each
run leaves a line in a file of its lineage, beside the catalog.
"""

import fcntl
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from math import nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from quantloom.backtest.trial_count import Lineage, TrialCount, TrialSums, digest_of
from quantloom.data import default_folder
from quantloom.errors import NotFound
from quantloom.strategy import Strategy

if TYPE_CHECKING:
    from quantloom.backtest.result import BacktestResult

FOLDER = "trials"
# Between the name of a search and how many of its trials are counted with a line.
_UP_TO = " up to "

Trials = bool | str | os.PathLike[str]
"""Whether a run is counted, or the data folder whose ledger counts it."""


class _Line(msgspec.Struct, array_like=True, frozen=True):
    """A line of a file: a key, and the fields of `TrialSums`.

    Without the last three it is of a time when a ledger did not know how long trials are, and its
    squares are those of plain ratios.
    """

    key: str
    count: int
    measured: int
    total: float
    squares: float
    weighted: float = 0.0
    weight: float = 0.0
    longest: int = 0

    @property
    def sums(self) -> TrialSums:
        if self.measured and not self.longest:
            return TrialSums.of_unknown_length(self.count, self.measured, self.total)
        return TrialSums(*msgspec.structs.astuple(self)[1:])


class NoLineage(NotFound):
    """A lineage that no run has left a line of."""

    code = "backtest.no_lineage"

    def __init__(self, lineage: str) -> None:
        super().__init__(lineage)
        self.lineage = lineage

    def __str__(self) -> str:
        return f"no trial of {self.lineage} was counted; `quantloom trials list` shows what was"


class TrialsNotCounted(UserWarning):
    """The ledger cannot be written, so nobody knows how many trials there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageTrials:
    """A lineage in the ledger.

    Attributes:
        last: when a trial of it was last counted, aware.
    """

    lineage: Lineage
    sums: TrialSums
    last: datetime


@dataclass(slots=True)
class _Book:
    """What was read of a file so far, so that the next run need read no more than is new.

    Attributes:
        file: its inode. read: bytes up to the end of the last whole line.
        is_torn: whether a line without an end follows, which a killed process left.
        searched: how many trials of each search that may go on are counted.
    """

    file: int = -1
    read: int = 0
    is_torn: bool = False
    lineage: Lineage | None = None
    keys: set[str] = field(default_factory=set)
    searched: dict[str, int] = field(default_factory=dict)
    sums: TrialSums = field(default_factory=TrialSums)

    def read_on(self, content: bytes) -> None:
        """Take in what was appended."""
        whole = content.rfind(b"\n") + 1
        self.read += whole
        self.is_torn = whole < len(content)
        for line in content[:whole].splitlines():
            # What is no line was left unfinished by a killed process.
            with suppress(msgspec.MsgspecError):
                self._take(_DECODER.decode(line))

    def _take(self, line: Lineage | _Line) -> None:
        if isinstance(line, Lineage):
            self.lineage = line
        elif line.key not in self.keys:
            self.keys.add(line.key)
            search, is_part, count = line.key.rpartition(_UP_TO)
            if is_part:
                self.searched[search] = max(int(count), self.searched.get(search, 0))
            self.sums += line.sums


class TrialLedger:
    """The trials of every lineage, in a data folder.

    Lines are appended under a lock and never changed, so two writers cannot harm each other, and a
    line that a killed process left unfinished is passed over.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Open the ledger of a data folder, that of the user's own catalog where None."""
        self.folder = (default_folder() if folder is None else Path(folder)) / FOLDER

    def count(self, lineage: Lineage, key: str, sums: TrialSums) -> TrialSums:
        """Count trials, unless those of the same key are counted already.

        Args:
            key: names what was run; equal runs have equal keys.
            sums: of the trials: one for a run, many for a sweep.
        Returns:
            All trials of the lineage, these included.
        Raises:
            OSError: the file cannot be written.
        """
        path = self.folder / lineage.file
        with _BUSY, _locked(path) as file:
            book = _caught_up(path, file)
            if key not in book.keys:
                book = _with_line(path, file, lineage, (key, sums))
            return book.sums

    def count_on(
        self, lineage: Lineage, search: str, *, sharpe: ArrayLike, days: ArrayLike
    ) -> TrialSums:
        """Count the trials that a search has by now more than when it was counted before.

        Args:
            search: names what was searched, the same when it goes on.
            sharpe: (n,) Sharpe ratios of one day of all its trials, in their order, NaN for none.
            days: (n,) trading days that each is of, or as many for all.
        Returns:
            All trials of the lineage, these included.
        Raises:
            OSError: the file cannot be written.
        """
        ratios = np.atleast_1d(np.asarray(sharpe, dtype=np.float64))
        spans = np.broadcast_to(np.asarray(days, dtype=np.float64), ratios.shape)
        path = self.folder / lineage.file
        with _BUSY, _locked(path) as file:
            book = _caught_up(path, file)
            first = book.searched.get(search, 0)
            if first < len(ratios):
                key = f"{search}{_UP_TO}{len(ratios)}"
                sums = TrialSums.of(ratios[first:], spans[first:])
                book = _with_line(path, file, lineage, (key, sums))
            return book.sums

    def find(self, lineage: Lineage) -> TrialSums:
        """All trials of a lineage; none where it is not known."""
        path = self.folder / lineage.file
        with suppress(FileNotFoundError):
            return _read(path).sums
        return TrialSums()

    def list(self) -> tuple[LineageTrials, ...]:
        """Every lineage, by name and instruments."""
        found = []
        for path in sorted(self.folder.glob("*.jsonl")):
            book = _read(path)
            if book.lineage is not None:
                last = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                found.append(LineageTrials(lineage=book.lineage, sums=book.sums, last=last))
        return tuple(sorted(found, key=lambda one: (one.lineage.name, one.lineage.symbols)))

    def forget(self, lineage: Lineage) -> TrialSums:
        """Delete the trials of a lineage.

        Returns:
            What was forgotten.
        Raises:
            NoLineage: it is not in the ledger.
            OSError: the file cannot be deleted.
        """
        path = self.folder / lineage.file
        if not path.is_file():
            raise NoLineage(str(lineage))
        with _BUSY, _locked(path):
            sums = _read(path).sums
            path.unlink()
            _BOOKS.pop(path, None)
        return sums


_BOOKS: dict[Path, _Book] = {}
# A lock on a file keeps other processes out, not other threads of this one.
_BUSY = threading.Lock()


def count_run(
    result: "BacktestResult", strategy: type[Strategy], trials: Trials
) -> "BacktestResult":
    """Count a finished run, and tell its result how many there were.

    Returns:
        The result with `trials` and the measures that hang on them; as it was where trials is
        False, or where the ledger cannot be written, of which it warns.
    """
    if trials is False:
        return result
    lineage = Lineage.of(strategy, result.spec.symbols)
    sharpe = daily_sharpe(result)
    one = TrialSums.of(sharpe, result.metrics.trading_days)
    sums = count_trials(lineage, _key_of(result, sharpe), one, trials=trials)
    return result if sums is None else judged(result, lineage, sums)


def judged(result: "BacktestResult", lineage: Lineage, sums: TrialSums) -> "BacktestResult":
    """The result as one of so many trials, itself among them."""
    metrics, count = TrialCount.of(result.metrics, lineage, sums, result.calendar.periods_per_year)
    return replace(result, metrics=metrics, trials=count)


def count_trials(
    lineage: Lineage, key: str, sums: TrialSums, *, trials: Trials = True
) -> TrialSums | None:
    """Count trials of a lineage, as a sweep does for all of its sets at once.

    Args:
        key: names what was run, for equal runs the same.
        sums: `TrialSums.of` the Sharpe ratios of one day, and the days.
        trials: False counts nothing; a folder is that of another catalog than the user's own.
    Returns:
        All trials of the lineage; None where they are not counted.
    """
    return _told(lambda ledger: ledger.count(lineage, key, sums), trials)


def count_search(
    lineage: Lineage,
    search: str,
    *,
    sharpe: ArrayLike,
    days: ArrayLike,
    trials: Trials = True,
) -> TrialSums | None:
    """Count the trials of a search, those of its earlier goes once.

    Args:
        search, sharpe, days: as `TrialLedger.count_on` takes them.
        trials: as `count_trials` takes it.
    Returns:
        All trials of the lineage; None where they are not counted.
    """
    return _told(lambda ledger: ledger.count_on(lineage, search, sharpe=sharpe, days=days), trials)


def find_trials(lineage: Lineage, trials: Trials) -> TrialSums | None:
    """What a ledger knows of a lineage, without counting; None where it knows nothing.

    Args:
        trials: as `count_trials` takes it.
    """
    if trials is False:
        return None
    with suppress(OSError):
        known = TrialLedger(None if trials is True else trials).find(lineage)
        return known if known.count else None
    return None


def _told(counting: Callable[[TrialLedger], TrialSums], trials: Trials) -> TrialSums | None:
    if trials is False:
        return None
    ledger = TrialLedger(None if trials is True else trials)
    try:
        return counting(ledger)
    except OSError as error:
        text = f"trials are not counted: {ledger.folder} cannot be written ({error.strerror})"
        warnings.warn(text, TrialsNotCounted, stacklevel=4)
        return None


def daily_sharpe(result: "BacktestResult") -> float:
    """The Sharpe ratio of one day of a result; NaN where it has none."""
    yearly = result.metrics.sharpe_ratio
    return nan if yearly is None else yearly / sqrt(result.calendar.periods_per_year)


def _key_of(result: "BacktestResult", sharpe: float) -> str:
    """A name for what was run: settings, code, the data's span and what came of them.

    Hashing a million bars would take longer than many a run. Other data of the same span gives
    another outcome, and where it does not the run is no other trial.
    """
    hashes = result.known_hashes
    spans = [f"{one.symbol} {len(one)} {one.ts[0]} {one.ts[-1]}" for one in result.data.values()]
    outcome = f"{result.final_equity} {sharpe!r}"
    return digest_of(hashes.spec, hashes.code, hashes.facts, hashes.rules, *spans, outcome)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open a file for appending while no other process reads or writes it."""
    file = _opened(path)
    # What was deleted while we waited takes no more lines.
    while not os.fstat(file).st_nlink:
        os.close(file)
        file = _opened(path)
    try:
        yield file
    finally:
        os.close(file)


def _opened(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    try:
        file = os.open(path, flags, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, flags, 0o644)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _caught_up(path: Path, file: int) -> _Book:
    """What the file holds by now."""
    there, book = os.fstat(file), _BOOKS.get(path)
    if book is None or book.file != there.st_ino or there.st_size < book.read:
        book = _BOOKS[path] = _Book(there.st_ino)
    book.read_on(os.pread(file, there.st_size - book.read, book.read))
    return book


def _with_line(path: Path, file: int, lineage: Lineage, told: tuple[str, TrialSums]) -> _Book:
    """Append what a key stands for, and read it back."""
    key, sums = told
    book = _caught_up(path, file)
    line = _Line(key, *astuple(sums))
    lines = (line,) if book.lineage else (lineage, line)
    # A line that a killed process left unfinished is ended, so that it stays alone.
    start = b"\n" if book.is_torn else b""
    os.write(file, start + b"".join(_ENCODER.encode(one) + b"\n" for one in lines))
    return _caught_up(path, file)


def _read(path: Path) -> _Book:
    book = _Book()
    book.read_on(path.read_bytes())
    return book


_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[Lineage | _Line] = msgspec.json.Decoder(Lineage | _Line)
