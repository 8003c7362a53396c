"""`quantloom data import`: read files of any kind that is known into the catalog."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.described import plain
from quantloom.cli.data.mapping_options import takes_hints
from quantloom.cli.data.preview import ask, show_parts, told_parts
from quantloom.cli.data.remembered import map_as_before
from quantloom.cli.data.stored import Read, say_all
from quantloom.cli.failure import describe_failure, exit_code, speaks_chinese
from quantloom.cli.instruments import (
    Calendar,
    CanShort,
    Currency,
    LotSize,
    Multiplier,
    TickSize,
    adjust_instrument,
)
from quantloom.cli.output import AsJson, print_json, say, warn
from quantloom.cli.places import DataDir, notes_folder, own_catalog
from quantloom.cli.progress import progress_bar
from quantloom.data import Catalog, DatasetInfo, FileBars, FileTicks, Hints, OnBad, TicksInfo
from quantloom.data.filing import Stored, file_digest, instrument_of, origin_of, store
from quantloom.data.importing import Streamed, Watched, stream_bars
from quantloom.data.quality import RowAccount
from quantloom.data.readers import (
    FileNotThere,
    Part,
    Question,
    map_file,
    read_file,
    remember,
)
from quantloom.data.readers.mapping import Role
from quantloom.data.tick_shelf import STREAMS, stream_of
from quantloom.errors import Invalid, QuantloomError
from quantloom.market import (
    AmbiguousMonth,
    Bars,
    Instrument,
    UnknownSymbol,
    assume_instrument,
    local_symbol,
    resolve,
)

_SHOWN_PARTS = 5
# Above it a file is read, graded and stored in blocks.
_LARGE_BYTES = 200_000_000
_EXAMPLES = (
    "Examples: [bold]quantloom data import bars.csv --symbol rb2410.SHFE[/bold]; "
    "[bold]quantloom data import exports/ --zone Asia/Shanghai --dry-run[/bold]; "
    "[bold]quantloom data import ticks.csv --mapping vendor.toml --yes --json[/bold]."
)


class Unanswered(Invalid):
    """A file that cannot be read without an answer, where nobody is there to give it."""

    code = "cli.unanswered"

    def __init__(self, path: Path, question: str, flag: str) -> None:
        super().__init__(path, question, flag)
        self.path, self.question, self.flag = path, question, flag

    def __str__(self) -> str:
        return f"{self.path}: {self.question} Say so by {self.flag}"


class MixedBars(Invalid):
    """Bars of quotes that would join bars of trades, or the other way round."""

    code = "cli.mixed_bars"

    def __init__(self, path: Path, symbol: str) -> None:
        super().__init__(path, symbol)
        self.path, self.symbol = path, symbol

    def __str__(self) -> str:
        return (
            f"{self.path} would mix bars of quotes with bars of trades of {self.symbol}; import it "
            "apart, under another --symbol"
        )


class NothingToImport(Invalid):
    """A folder without files."""

    code = "cli.nothing_to_import"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} has no files in it; name files, or a folder that has some"


@app.command("import", epilog=_EXAMPLES)
@takes_hints
def import_files(
    files: Annotated[list[Path], typer.Argument(help="Files, or folders of them.")],
    *,
    said: Hints,
    save_mapping: Annotated[
        Path | None, typer.Option(help="Write what the file was taken for to a mapping file.")
    ] = None,
    on_bad: Annotated[str, typer.Option(help="Impossible rows: error or drop.")] = "error",
    add: Annotated[
        bool, typer.Option("--add", help="Join rows to those stored instead of replacing them.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what files are taken for; write nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing; take what is likeliest.")
    ] = False,
    tick: TickSize = None,
    lot: LotSize = None,
    multiplier: Multiplier = None,
    currency: Currency = None,
    calendar: Calendar = None,
    can_short: CanShort = None,
    licence: Annotated[str, typer.Option(help="Licence of the data, kept with it.")] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Read FILES, show what their columns mean, check every row, and store it in your catalog."""
    terms = {
        "tick": tick,
        "lot": lot,
        "multiplier": multiplier,
        "currency": currency,
        "calendar": calendar,
        "can_short": can_short,
    }
    run = _Run(
        catalog=own_catalog(data_dir),
        root=notes_folder(data_dir),
        said=said,
        terms=terms,
        licence=licence,
        on_bad=cast("OnBad", on_bad),
        is_added=add,
        is_dry=dry_run,
        may_ask=not (yes or as_json) and sys.stdin.isatty(),
        is_quiet=as_json,
        save_mapping=save_mapping,
    )
    listed = [*_listed(files)]
    run.import_all(listed)
    run.tell(len(listed), as_json=as_json)


def _listed(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = [one for one in sorted(path.rglob("*")) if one.is_file() and one.name[0] != "."]
        if not found:
            raise NothingToImport(path)
        yield from found


@dataclass(slots=True)
class _Run:
    """One call of the command: its options, and what came of each file.

    Attributes:
        root: where what is said of files is kept for the next ones.
        stored: what was read and stored, or would be.
        failed: files that could not be, with the error of each.
        written: symbols and timeframes that this call has stored already, to be added to, and
            whether of quotes.
        accounts: what reading each file took, by symbol with timeframe or stream of ticks.
    """

    catalog: Catalog
    root: Path
    said: Hints
    terms: dict[str, Any]
    licence: str
    on_bad: OnBad
    is_added: bool
    is_dry: bool
    may_ask: bool
    is_quiet: bool
    save_mapping: Path | None
    stored: list[dict[str, Any]] = field(default_factory=list)
    failed: list[tuple[Path, Exception]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    written: dict[tuple[str, str], bool] = field(default_factory=dict)
    accounts: dict[tuple[str, str], list[RowAccount]] = field(default_factory=dict)

    def import_all(self, paths: Sequence[Path]) -> None:
        """Import one file after another; one that cannot be read stops the others no more.

        Raises:
            QuantloomError: the only file there is cannot be read.
        """
        for path in paths:
            try:
                self._import(path)
            except (QuantloomError, OSError) as error:
                if len(paths) == 1:
                    raise
                self.failed.append((path, error))
                warn(describe_failure(error, chinese=speaks_chinese()))
        self._grade_joined()

    def _grade_joined(self) -> None:
        """Grade what several files were joined in, once and not file by file."""
        for (symbol, part), accounts in self.accounts.items():
            if len(accounts) == 1:
                continue
            grade = self.catalog.check_ticks if part in STREAMS else self.catalog.check
            report = grade(symbol, part, raw=_summed(accounts))
            for one in self.stored:
                if (one["symbol"], one.get("stream") or one["timeframe"]) == (symbol, part):
                    one["grade"] = report.grade
            if not self.is_quiet:
                say(f"{symbol} {part} of all files: grade {report.grade}: {report.why()}")

    def tell(self, count: int, *, as_json: bool) -> None:
        """Say what came of all files, with an exit code that tells of failures."""
        if as_json:
            failed = [
                {"file": str(path), "message": describe_failure(error, chinese=False)}
                for path, error in self.failed
            ]
            print_json(
                {
                    "datasets": self.stored,
                    "failed": failed,
                    "skipped": self.skipped,
                    "is_dry_run": self.is_dry,
                }
            )
        elif count > 1 and not self.is_dry:
            say(f"{len(self.stored)} dataset(s) of {count - len(self.failed)} file(s) stored")
        if self.failed:
            raise typer.Exit(exit_code(self.failed[0][1]))

    def _import(self, path: Path) -> None:
        if not path.is_file():
            raise FileNotThere(path)
        parts, hints = self._understood(path)
        if self.save_mapping is not None:
            self.save_mapping.write_text(parts[0].mapping.to_toml(), encoding="utf-8")
        if self.is_dry:
            self.stored += [{"file": str(path)} | told for told in told_parts(parts)]
            return
        if _is_large(parts):
            self._stream(path, parts[0])
            remember(self.root, parts[0].table.columns, hints)
            return
        watched = Watched(path)
        with progress_bar(f"reading {path.name}", quiet=self.is_quiet) as progress:
            read = read_file(path, hints=hints, on_bad=self.on_bad, progress=progress)
        self.skipped += read.skipped
        for text in read.skipped[:_SHOWN_PARTS]:
            warn(f"left out: {text}")
        digest = file_digest(path)
        watched.demand_unchanged()
        wanted = self.said.symbol
        found: list[FileBars | FileTicks] = [*read.bars, *read.ticks]
        if len(found) > 1 and wanted is not None:
            found = [one for one in found if one.symbol == wanted]
        held = [(one, self._store(path, one, digest)) for one in found]
        if not self.is_quiet:
            say_all(held)
        remember(self.root, parts[0].table.columns, hints)

    def _stream(self, path: Path, part: Part) -> None:
        """Store a file that is too large to be held, block by block."""
        is_of_quotes = part.mapping.place(Role.BID_OPEN) is not None
        length = part.mapping.timeframe.value
        done: list[Streamed] = []
        try:
            with progress_bar(f"importing {path.name}", quiet=self.is_quiet) as progress:
                streamed = stream_bars(
                    part,
                    self.catalog,
                    on_bad=self.on_bad,
                    instrument_of=self._assumed,
                    source=str(path),
                    licence=self.licence,
                    origin=origin_of(part.mapping, file_digest(path)),
                    is_added=lambda symbol: self._joins(path, (symbol, length), is_of_quotes),
                    on_stored=done.append,
                    progress=progress,
                )
        except KeyboardInterrupt:
            names = ", ".join(one.info.symbol for one in done)
            told = f"{names} stored, nothing else" if done else "the catalog is as it was"
            warn(f"stopped: {told}")
            raise
        for problem in streamed.damage:
            warn(f"note: {problem}")
        for one in streamed.datasets:
            self.written[one.info.symbol, length] = is_of_quotes
            self.stored.append(_streamed(path, part, one))
        if not self.is_quiet:
            notes = tuple(part.mapping.notes)
            kept = streamed.datasets
            say_all([(Read(one.dropped, notes), Stored(one.info, one.report)) for one in kept])

    def _assumed(self, bars: Bars) -> Instrument:
        return adjust_instrument(assume_instrument(bars), **self.terms)

    def _joins(self, path: Path, key: tuple[str, str], is_of_quotes: bool) -> bool:  # noqa: FBT001
        """Whether what a file holds joins what is stored."""
        if self.written.get(key, is_of_quotes) != is_of_quotes:
            raise MixedBars(path, key[0])
        return self.is_added or key in self.written

    def _understood(self, path: Path) -> tuple[tuple[Part, ...], Hints]:
        """Map a file, show it, and have the question answered that it leaves."""
        parts, hints, before = map_as_before(self.root, path, self.said)
        if not self.is_quiet:
            show_parts(parts)
        if before and not self.is_quiet:
            say(f"note: {before}")
        questions = parts[0].mapping.questions
        if questions:
            answer = self._answer(path, questions[0])
            if answer:
                hints = _said(questions[0], answer).over(hints)
                parts = map_file(path, hints=hints)
        return parts, hints

    def _answer(self, path: Path, question: Question) -> str | None:
        if self.may_ask and not self.is_dry:
            answer = ask(question)
            if answer or question.default is not None:
                return answer or None
        if question.default is None and not self.is_dry:
            raise Unanswered(path, question.text, question.flag)
        return None

    def _store(self, path: Path, read: FileBars | FileTicks, digest: str) -> Stored:
        instrument: Instrument = adjust_instrument(instrument_of(read), **self.terms)
        length = str(read.bars.timeframe) if isinstance(read, FileBars) else "ticks"
        key = (read.symbol, length)
        of_quotes = isinstance(read, FileBars) and "bid_close" in read.bars.extras
        is_added = self._joins(path, key, of_quotes)
        part = length if isinstance(read, FileBars) else stream_of(read.ticks)
        accounts = self.accounts.setdefault((read.symbol, part), [])
        stored = store(
            self.catalog,
            read,
            instrument,
            source=path,
            licence=self.licence,
            digest=digest,
            is_added=is_added,
            is_graded=not accounts,
        )
        accounts.append(RowAccount(read=read.read, dropped=read.dropped, unsorted=read.unsorted))
        self.written[key] = of_quotes
        self.stored.append(_told(path, read, stored))
        return stored


def _summed(accounts: Sequence[RowAccount]) -> RowAccount:
    dropped: Counter[str] = Counter()
    for one in accounts:
        dropped.update(dict(one.dropped))
    return RowAccount(
        read=sum(one.read for one in accounts),
        dropped=tuple(dropped.items()),
        unsorted=sum(one.unsorted for one in accounts),
    )


def _is_large(parts: Sequence[Part]) -> bool:
    """One table of bars that is better not held whole."""
    is_bars = len(parts) == 1 and parts[0].mapping.kind.value == "bars"
    return is_bars and parts[0].table.path.stat().st_size > _LARGE_BYTES


def _streamed(path: Path, part: Part, one: Streamed) -> dict[str, Any]:
    return described(one.info) | {
        "file": str(path),
        "read": one.read,
        "kept": one.read - sum(count for _, count in one.dropped),
        "dropped": dict(one.dropped),
        "notes": list(part.mapping.notes),
        "grade": one.report.grade,
        "mapping": part.mapping.to_json(),
    }


def _said(question: Question, answer: str) -> Hints:
    match question.about:
        case "day":
            return Hints(day=answer)
        case "dates":
            return Hints(dates=answer.lower().replace(" ", "-"))
        case _:
            return Hints(symbol=_canonical(answer))


def _canonical(text: str) -> str:
    """What somebody typed as a symbol; a name that nobody knows is one of their own."""
    try:
        return resolve(text).symbol
    except (UnknownSymbol, AmbiguousMonth):
        return local_symbol(text)


def _told(path: Path, read: FileBars | FileTicks, stored: Stored) -> dict[str, Any]:
    told = described(stored.info)
    return told | {
        "file": str(path),
        "read": read.read,
        "kept": read.kept,
        "dropped": dict(read.dropped),
        "notes": read.notes,
        "grade": stored.report.grade,
        "mapping": read.mapping.to_json() if read.mapping else None,
    }


def described(info: DatasetInfo | TicksInfo) -> dict[str, Any]:
    """A stored dataset for JSON."""
    if isinstance(info, DatasetInfo):
        return plain(info)
    return {
        "symbol": info.symbol,
        "timeframe": "ticks",
        "stream": info.stream,
        "rows": info.rows,
        "start": info.start,
        "end": info.end,
        "source": info.source,
    }
