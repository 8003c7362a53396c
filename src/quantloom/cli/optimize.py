"""`quantloom optimize`: search for parameters, and see how far the winner is to be believed."""

import os
import sys
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from quantloom.backtest.optimise import (
    Limits,
    Method,
    OptimisationResult,
    Study,
    WalkForward,
    list_studies,
    load_any,
    make_study,
    read_study,
)
from quantloom.cli.given import read_given, read_params
from quantloom.cli.instruments import (
    Calendar,
    CanShort,
    Currency,
    LotSize,
    Multiplier,
    TickSize,
)
from quantloom.cli.optimised import (
    counted,
    print_optimisation,
    print_validation,
    print_walk,
    refuse_nothing,
    trial_bar,
)
from quantloom.cli.options import (
    AccountCurrency,
    Actions,
    BarLength,
    Borrow,
    ByTheBook,
    Cash,
    Data,
    Detail,
    End,
    Fee,
    FeeDiscount,
    Funding,
    Fx,
    FxCost,
    Interest,
    Latency,
    Listings,
    MarginAddon,
    MarginMode,
    MarginRatio,
    Marks,
    Offsets,
    OnBadRows,
    Overlays,
    Param,
    Participation,
    ReportFile,
    Rights,
    Rolled,
    RunBy,
    Seed,
    Size,
    SizedBy,
    Slipping,
    Start,
    Symbol,
    Weight,
)
from quantloom.cli.out_of_sample import Found, OutOfSample, carry_out
from quantloom.cli.output import AsJson, Language, print_json, print_table, say, user_code, warn
from quantloom.cli.places import DataDir, notes_folder
from quantloom.cli.search_options import (
    Anchored,
    Batch,
    CountedSets,
    Embargo,
    FoldsOption,
    MethodOption,
    ObjectiveOption,
    Purge,
    SaveStudy,
    Seconds,
    Spaces,
    StopEarly,
    StudyFolder,
    Test,
    Top,
    Train,
    TrialsOption,
    Where,
    Windows,
    Workers,
)
from quantloom.cli.spaces import read_space, read_stop
from quantloom.errors import Invalid
from quantloom.strategy import load_strategy

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Search for parameters of strategies."
)


class NotResumable(Invalid):
    """A study that the command line did not begin."""

    code = "cli.not_resumable"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return (
            f"{self.folder} was not begun by `quantloom optimize run`, so its data are not known "
            "here; call optimise(..., folder=...) again as before"
        )


@app.callback()
def group() -> None:
    """Search for parameters of strategies."""


@app.command(
    epilog="Examples: "
    "[bold]quantloom optimize run sma-cross --symbol SPY.ARCA --timeframe 1d --space fast=5:30:5 "
    "--space slow=40:120:20 --save studies/sma[/bold] · "
    "[bold]quantloom optimize run my.py --data bars.csv --where 'fast < slow' --method bayesian "
    "--trials 200 --objective sharpe_ratio --objective max_drawdown_ratio --report found.html"
    "[/bold] · "
    "[bold]quantloom optimize run rsi --symbol SPY.ARCA --timeframe 1d --train 2y --test 6m[/bold] "
    "· [bold]quantloom optimize run rsi --symbol SPY.ARCA --timeframe 1d --folds 6:2[/bold]"
)
def run(
    strategy: Annotated[
        str, typer.Argument(help="A preset, a file (my.py or my.py:Class) or module:Class.")
    ],
    *,
    space: Spaces = None,
    where: Where = None,
    objective: ObjectiveOption = None,
    method: MethodOption = "grid",
    trials: TrialsOption = None,
    seconds: Seconds = None,
    workers: Workers = None,
    batch: Batch = None,
    stop_early: StopEarly = None,
    train: Train = None,
    test: Test = None,
    windows: Windows = None,
    anchored: Anchored = False,
    embargo: Embargo = None,
    folds: FoldsOption = None,
    purge: Purge = 5,
    data: Data = None,
    symbol: Symbol = None,
    timeframe: BarLength = None,
    start: Start = None,
    end: End = None,
    roll: Rolled = None,
    param: Param = None,
    size: Size = None,
    weight: Weight = None,
    sizing: SizedBy = None,
    cash: Cash = "100000",
    commission: Fee = None,
    margin: MarginRatio = None,
    margin_addon: MarginAddon = "0",
    fee_discount: FeeDiscount = "0",
    margin_mode: MarginMode = "cross",
    funding: Funding = None,
    marks: Marks = None,
    offsets: Offsets = "net",
    rules: ByTheBook = False,
    overlay: Overlays = None,
    listings: Listings = None,
    interest: Interest = "0",
    borrow: Borrow = "0",
    account_currency: AccountCurrency = None,
    fx: Fx = None,
    fx_cost: FxCost = "0",
    actions: Actions = None,
    rights: Rights = "take",
    slippage: Slipping = "0",
    participation: Participation = "0.1",
    latency: Latency = 0,
    tick: TickSize = None,
    lot: LotSize = None,
    multiplier: Multiplier = None,
    currency: Currency = None,
    calendar: Calendar = None,
    can_short: CanShort = None,
    detail: Detail = None,
    seed: Seed = 0,
    engine: RunBy = "auto",
    on_bad: OnBadRows = "error",
    save: SaveStudy = None,
    report: ReportFile = None,
    language: Language = "en",
    top: Top = 10,
    count: CountedSets = True,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Search for the parameters that STRATEGY does best with, and go on where it was ended."""
    _prepare_report(report, language)
    outside = OutOfSample(
        train=train,
        test=test,
        windows=windows,
        folds=folds,
        anchored=anchored,
        embargo=embargo,
        purge=purge,
    )
    given = read_given(
        data=data,
        symbol=symbol,
        timeframe=timeframe,
        on_bad=on_bad,
        data_dir=data_dir,
        roll=roll,
        instrument={
            "tick": tick,
            "lot": lot,
            "multiplier": multiplier,
            "currency": currency,
            "calendar": calendar,
            "can_short": can_short,
        },
        detail=detail,
        sizing=sizing,
        slippage=slippage,
        participation=participation,
        fx=fx,
        funding=funding,
        marks=marks,
        rules=rules,
        overlay=overlay,
        parameters=read_params(param or []),
        offsets=offsets,
        margin_mode=margin_mode,
        start=start,
        end=end,
        cash=cash,
        commission=commission,
        margin=margin,
        margin_addon=margin_addon,
        fee_discount=fee_discount,
        size=size,
        weight=weight,
        listings=() if listings is None else listings,
        interest=interest,
        borrow=borrow,
        currency=account_currency,
        fx_cost=fx_cost,
        actions=actions or (),
        rights=rights,
        latency=latency,
        seed=seed,
        engine=engine,
    )
    with user_code(as_json=as_json):
        loaded = load_strategy(strategy)
        study = make_study(
            strategy,
            given.bars,
            read_space(space or [], loaded.parameters),
            objective=objective or ["sharpe_ratio"],
            method=cast("Method", method),
            constraints=where or [],
            batch=batch,
            early_stop=read_stop(stop_early),
            counted=notes_folder(data_dir) if count else False,
            **given.settings,
        )
        found = _carry_out(
            study,
            Limits(trials=trials, seconds=seconds, workers=workers),
            outside,
            save=save,
            quiet=as_json,
        )
    _tell(found, save=save, report=report, language=language, top=top, as_json=as_json)
    refuse_nothing(found)


@app.command(epilog="Example: [bold]quantloom optimize resume studies/sma --workers 4[/bold]")
def resume(
    folder: StudyFolder,
    *,
    trials: TrialsOption = None,
    workers: Workers = None,
    report: ReportFile = None,
    language: Annotated[
        str | None, typer.Option("--lang", help="Language of the report, if another one: en or zh.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Go on with a search that was ended, as it was begun."""
    record = read_study(folder)
    arguments = record.get("arguments")
    if not isinstance(arguments, list):
        raise NotResumable(folder)
    again = {
        "--trials": trials,
        "--workers": workers,
        "--report": report and report.resolve(),
        "--lang": language,
    }
    further = [str(part) for pair in again.items() if pair[1] is not None for part in pair]
    if as_json and "--json" not in arguments:
        further.append("--json")
    place = folder.resolve()
    # Files were named from the folder in which the search was begun.
    with chdir(record["working_folder"]):
        command = typer.main.get_command(app)
        code = command.main(
            ["run", *arguments, "--save", str(place), *further],
            prog_name="quantloom optimize",
            standalone_mode=False,
        )
    if code:
        raise typer.Exit(code)


@app.command(epilog="Example: [bold]quantloom optimize show studies/sma --top 20[/bold]")
def show(
    folder: StudyFolder,
    *,
    top: Top = 10,
    report: ReportFile = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Show a search as far as it has come."""
    _prepare_report(report, language)
    found = load_any(folder)
    _tell(found, save=folder, report=report, language=language, top=top, as_json=as_json)


@app.command("list", epilog="Example: [bold]quantloom optimize list studies[/bold]")
def list_command(
    folder: Annotated[Path, typer.Argument(help="Where to look.")] = Path(),
    *,
    as_json: AsJson = False,
) -> None:
    """List the searches below a folder."""
    lines = [_line(place) for place in list_studies(folder)]
    if as_json:
        print_json({"studies": lines})
        return
    print_table(
        "Searches",
        ("Folder", "Strategy", "Instruments", "Kind", "Method", "Sets"),
        [tuple(line.values()) for line in lines],
        right="lllllr",
    )


def _line(place: Path) -> dict[str, Any]:
    record = read_study(place)
    spec = record["spec"]
    files = [*place.glob("window-*/trials.jsonl"), *place.glob("trials.jsonl")]
    return {
        "folder": str(place),
        "strategy": spec["strategy"],
        "symbols": ", ".join(spec["symbols"]),
        "kind": record.get("kind", "search"),
        "method": spec["method"],
        "trials": sum(file.read_bytes().count(b"\n") for file in files),
    }


def _carry_out(
    study: Study, limits: Limits, outside: OutOfSample, *, save: Path | None, quiet: bool
) -> Found:
    note = None
    if save is not None:
        note = {"arguments": _arguments(), "working_folder": str(Path.cwd())}
    title = f"{study.spec.strategy} on {', '.join(study.spec.symbols)}"
    metric = study.objectives[0].metric
    is_watched = sys.stderr.isatty()
    with trial_bar(title, quiet=quiet, metric=metric, is_watched=is_watched) as notify:
        try:
            return carry_out(study, limits, outside, save=save, notify=notify, note=note)
        except KeyboardInterrupt:
            kept = f"quantloom optimize resume {save} goes on with the sets that are done"
            warn(kept if save is not None else "with --save FOLDER a search can be gone on with")
            raise


def _arguments() -> Sequence[str]:
    """What stood after `run`, for `resume`."""
    given = sys.argv[1:]
    return given[given.index("run") + 1 :] if "run" in given else []


def _prepare_report(report: Path | None, language: str) -> None:
    """Learn before a long search that its report cannot be written."""
    if report is not None:
        from quantloom.report.texts import Words  # noqa: PLC0415  only for a report

        Words(language)


def _tell(
    found: Found,
    *,
    save: Path | None,
    report: Path | None,
    language: str,
    top: int,
    as_json: bool,
) -> None:
    if report is not None:
        found.to_html(report, language=language)
    written = {"report": report, "saved": save}
    paths = {name: os.fspath(path) for name, path in written.items() if path is not None}
    if as_json:
        print_json(found.summary() | paths)
        return
    if isinstance(found, OptimisationResult):
        print_optimisation(found, top=top)
    elif isinstance(found, WalkForward):
        print_walk(found)
        for one in found.windows[:1]:
            say(f"each window: {counted(one.found)}")
    else:
        print_validation(found)
    for name, path in paths.items():
        say(f"{name}: {path}")
