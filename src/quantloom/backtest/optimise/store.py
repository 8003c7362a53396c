"""A study's folder: what it is, and its trials in lines that are only ever added to."""

import fcntl
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec

from quantloom.backtest.optimise.trial import Trial, trial_of
from quantloom.data.atomic import replacing
from quantloom.errors import Conflict, Invalid, NotFound

FORMAT = 1
_STUDY, _TRIALS, _GUARD = "study.json", "trials.jsonl", ".lock"


class NoStudy(NotFound):
    """A folder without a study."""

    code = "optimise.no_study"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return (
            f"{self.folder} holds no study; `quantloom optimize run --save FOLDER` and "
            "optimise(..., folder=FOLDER) keep one there"
        )


class OtherStudy(Conflict):
    """A folder whose study is of other settings, data or code than those given."""

    code = "optimise.other_study"

    def __init__(self, folder: Path, differing: tuple[str, ...]) -> None:
        super().__init__(folder, differing)
        self.folder, self.differing = folder, differing

    def __str__(self) -> str:
        return (
            f"{self.folder} holds a study that differs in its {', '.join(self.differing)}; "
            "give back what it was begun with, or choose another folder"
        )


class StudyBusy(Conflict):
    """A study that another process is at work on."""

    code = "optimise.study_busy"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"another process is at work on {self.folder}; wait for it, or end it"


class CorruptStudy(Invalid):
    """A study's file that is not what was written."""

    code = "optimise.corrupt_study"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path} cannot be read: {self.problem}; remove the folder and run it again"


class Store:
    """Keeps trials as they come; a context manager that holds the folder for one process."""

    def __init__(self, folder: Path, identity: Mapping[str, str], study: Mapping[str, Any]) -> None:
        """Begin a study, or go on with one of the same identity.

        Args:
            identity: digests by what they are of, compared with those of a study that is there.
            study: what else is written down with them, for people and for `show`.
        Raises:
            OtherStudy: the folder's study is another one.
            StudyBusy: another process has it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._guard = _hold(folder)
        try:
            self.kept = self._begin(identity, study)
            self._file = self._opened()
        except BaseException:
            os.close(self._guard)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        os.close(self._guard)

    def add(self, trials: Iterable[Trial]) -> None:
        """Write trials down so that a killed process keeps them."""
        for trial in trials:
            self._file.write(msgspec.json.encode(trial.plain()) + b"\n")
        self._file.flush()

    def sync(self) -> None:
        """Make what was written last through a power cut."""
        os.fsync(self._file.fileno())

    def _begin(self, identity: Mapping[str, str], study: Mapping[str, Any]) -> list[Trial]:
        path = self.folder / _STUDY
        if not path.exists():
            record = {"format": FORMAT, "identity": dict(identity), **study}
            with replacing(path) as file:
                file.write(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
            return []
        known = read_study(self.folder)["identity"]
        differing = tuple(
            name for name in {**known, **identity} if known.get(name) != identity.get(name)
        )
        if differing:
            raise OtherStudy(self.folder, differing)
        return read_trials(self.folder)

    def _opened(self) -> BinaryIO:
        """Open the lines for more, without a last one that a crash has torn."""
        path = self.folder / _TRIALS
        raw = path.read_bytes() if path.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        file = path.open("ab")
        if len(whole) < len(raw):
            file.truncate(len(whole))
        return file


def _hold(folder: Path) -> int:
    """Keep other processes out until this one lets go or dies."""
    # A file of its own: `replacing` locks the folder itself while it writes.
    guard = os.open(folder / _GUARD, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(guard)
        raise StudyBusy(folder) from None
    return guard


def read_study(folder: Path) -> dict[str, Any]:
    """Read what a study is.

    Raises:
        NoStudy: the folder holds none.
        CorruptStudy: it cannot be read, or a later version wrote it.
    """
    path = folder / _STUDY
    try:
        record: dict[str, Any] = msgspec.json.decode(path.read_bytes(), type=dict)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoStudy(folder) from error
    except msgspec.MsgspecError as error:
        raise CorruptStudy(path, str(error)) from error
    if record.get("format") != FORMAT:
        raise CorruptStudy(path, f"its format is {record.get('format')}, not {FORMAT}")
    return record


def read_trials(folder: Path) -> list[Trial]:
    """Read the trials of a study; a last line that a crash has torn is left out.

    Raises:
        CorruptStudy: another line cannot be read, or trials are not in their order.
    """
    path = folder / _TRIALS
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    found = []
    for place, line in enumerate(lines):
        try:
            trial = trial_of(msgspec.json.decode(line))
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise CorruptStudy(path, f"line {place + 1}: {error}") from error
        if trial.number != place:
            raise CorruptStudy(path, f"line {place + 1} is trial {trial.number}")
        found.append(trial)
    return found


def list_studies(folder: Path) -> list[Path]:
    """Every folder below one that holds a study, but for those inside another study."""
    found: list[Path] = []
    for path in sorted(folder.rglob(_STUDY)):
        if not any(path.is_relative_to(one) for one in found):
            found.append(path.parent)
    return found
