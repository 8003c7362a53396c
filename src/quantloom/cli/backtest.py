"""`quantloom backtest`: run a strategy over a file or the catalog and show what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

import typer

from quantloom.backtest import BacktestResult, backtest
from quantloom.cli.instruments import (
    Calendar,
    CanShort,
    Currency,
    LotSize,
    Multiplier,
    TickSize,
    adjust_instrument,
)
from quantloom.cli.output import (
    AsJson,
    DataDir,
    Language,
    catalog_folder,
    print_json,
    say,
    user_code,
    warn,
)
from quantloom.cli.progress import progress_bar
from quantloom.cli.summary import print_results
from quantloom.data import OnBad, look_up, open_catalog, read_bars
from quantloom.errors import Invalid
from quantloom.market import Bars, Instrument, assume_instrument, resolve

app = typer.Typer(no_args_is_help=True, help="Run strategies over history.")


class BadParam(Invalid):
    """A --param that is not name=value."""

    code = "cli.bad_param"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"--param {self.text!r} is not name=value; write --param fast=10"


class OneSource(Invalid):
    """Neither or both of --data and --symbol were given."""

    code = "cli.one_source"

    def __str__(self) -> str:
        return (
            "give the bars by --data FILE or by --symbol SYMBOL from the catalog; "
            "`quantloom data list` shows what the catalog holds"
        )


@app.callback()
def group() -> None:
    """Run strategies over history."""


@app.command(
    epilog="Examples: "
    "[bold]quantloom backtest run sma-cross --symbol SPY.ARCA --timeframe 1d[/bold] · "
    "[bold]quantloom backtest run my_strategy.py --data bars.csv --param fast=10 --size 1 "
    "--cash 100000 --commission 0.001 --report report.html[/bold]"
)
def run(
    strategy: Annotated[
        str, typer.Argument(help="A preset, a file (my.py or my.py:Class) or module:Class.")
    ],
    *,
    data: Annotated[
        Path | None, typer.Option("--data", help="A CSV or Parquet file of bars.")
    ] = None,
    symbol: Annotated[
        str | None,
        typer.Option("--symbol", help="From the catalog; with --data, what the file holds."),
    ] = None,
    timeframe: Annotated[str | None, typer.Option(help="Such as 1m, 1h or 1d.")] = None,
    start: Annotated[str | None, typer.Option(help="First day or moment, inclusive.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day or moment, exclusive.")] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", help="name=value; may be repeated.")
    ] = None,
    size: Annotated[str | None, typer.Option(help="Quantity of each entry.")] = None,
    weight: Annotated[
        str | None, typer.Option(help="Share of equity of each entry. [default: 0.95]")
    ] = None,
    cash: Annotated[str, typer.Option(help="Initial cash.")] = "100000",
    commission: Annotated[
        str, typer.Option(help="Share of traded money on each side; 0.001 is 0.1 %.")
    ] = "0",
    margin: Annotated[
        str, typer.Option(help="Share of a position that equity must cover; 0.1 is 10x.")
    ] = "1",
    slippage: Annotated[str, typer.Option(help="Ticks lost by each market and stop order.")] = "0",
    tick: TickSize = None,
    lot: LotSize = None,
    multiplier: Multiplier = None,
    currency: Currency = None,
    calendar: Calendar = None,
    can_short: CanShort = None,
    seed: Annotated[int, typer.Option(help="Starts ctx.random.")] = 0,
    on_bad: Annotated[
        str, typer.Option(help="What to do with impossible rows of --data: error or drop.")
    ] = "error",
    report: Annotated[Path | None, typer.Option(help="Write the HTML report to this file.")] = None,
    language: Language = "en",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Backtest STRATEGY on a file or on a symbol of the catalog."""
    if report is not None:
        from quantloom.report import prepare_report  # noqa: PLC0415  only for a report

        prepare_report(language)
    source = _read_source(
        data, symbol=symbol, timeframe=timeframe, on_bad=on_bad, data_dir=data_dir
    )
    for note in source.notes:
        warn(f"note: {note}")
    instrument = adjust_instrument(
        source.instrument,
        tick=tick,
        lot=lot,
        multiplier=multiplier,
        currency=currency,
        calendar=calendar,
        can_short=can_short,
    )

    parameters = read_params(param or [])
    title = f"{strategy} on {source.bars.symbol}"
    with progress_bar(title, quiet=as_json) as progress, user_code(as_json=as_json):
        result = backtest(
            strategy,
            source.bars,
            parameters=parameters,
            instrument=instrument,
            start=start,
            end=end,
            cash=cash,
            commission=commission,
            margin=margin,
            slippage=slippage,
            size=size,
            weight=weight,
            seed=seed,
            progress=progress,
        )
    _show(result, report, language=language, as_json=as_json)


def read_params(texts: list[str]) -> Mapping[str, str]:
    """Read name=value pairs; the strategy gives them their types.

    Raises:
        BadParam: one is not name=value.
    """
    pairs = [text.partition("=") for text in texts]
    for text, (name, equals, _) in zip(texts, pairs, strict=True):
        if not name or not equals:
            raise BadParam(text)
    return {name.strip(): value.strip() for name, _, value in pairs}


@dataclass(frozen=True, slots=True)
class _Source:
    bars: Bars
    instrument: Instrument
    notes: tuple[str, ...] = ()


def _read_source(
    path: Path | None,
    *,
    symbol: str | None,
    timeframe: str | None,
    on_bad: str,
    data_dir: Path | None,
) -> _Source:
    if path is not None:
        name = resolve(symbol).symbol if symbol else None
        read = read_bars(path, symbol=name, timeframe=timeframe, on_bad=cast("OnBad", on_bad))
        dropped = tuple(f"left out {count} row(s): {problem}" for problem, count in read.dropped)
        instrument = assume_instrument(read.bars)
        return _Source(read.bars, instrument, (*read.notes, *dropped))
    if symbol is None:
        raise OneSource
    catalog = open_catalog(catalog_folder(data_dir))
    found, note = look_up(catalog, symbol)
    bars = catalog.read(found, timeframe)
    return _Source(bars, catalog.instrument(found), (note,) if note else ())


def _show(result: BacktestResult, report: Path | None, *, language: str, as_json: bool) -> None:
    written = None
    if report is not None:
        from quantloom.report import write_report  # noqa: PLC0415  only when a report is asked for

        written = write_report(result, report, language=language)
    if as_json:
        print_json(result.summary() | ({"report": str(written)} if written else {}))
        return
    print_results([result])
    if written is not None:
        say(f"report: {written}")
