"""`quantloom data`: put bars into the catalog and see what is there."""

from pathlib import Path
from typing import Annotated, cast

import typer

from quantloom.cli.instruments import (
    Calendar,
    CanShort,
    Currency,
    LotSize,
    Multiplier,
    TickSize,
    adjust_instrument,
)
from quantloom.cli.output import AsJson, DataDir, catalog_folder, print_json, print_table, say, warn
from quantloom.data import DatasetInfo, OnBad, look_up, open_catalog, read_bars
from quantloom.kit import from_ns
from quantloom.market import assume_instrument, resolve
from quantloom.market.bars import FIELDS

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Put bars into the catalog and see what is there.",
)


@app.command(
    "import",
    epilog="Example: [bold]quantloom data import bars.csv --symbol rb2410.SHFE[/bold]",
)
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV or Parquet file of bars.")],
    *,
    symbol: Annotated[
        str | None, typer.Option(help="What the file holds. [default: by its name]")
    ] = None,
    timeframe: Annotated[str | None, typer.Option(help="Such as 1m, 1h or 1d.")] = None,
    on_bad: Annotated[str, typer.Option(help="Impossible rows: error or drop.")] = "error",
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
    """Read FILE, check every row, and store it in your catalog."""
    name = resolve(symbol).symbol if symbol else None
    read = read_bars(file, symbol=name, timeframe=timeframe, on_bad=cast("OnBad", on_bad))
    instrument = adjust_instrument(
        assume_instrument(read.bars),
        tick=tick,
        lot=lot,
        multiplier=multiplier,
        currency=currency,
        calendar=calendar,
        can_short=can_short,
    )
    info = open_catalog(catalog_folder(data_dir)).write(
        read.bars,
        instrument,
        source=str(file),
        licence=licence,
        dropped_rows=read.dropped_rows,
    )
    if as_json:
        print_json(_plain(info) | {"notes": read.notes, "dropped": dict(read.dropped)})
        return
    for problem, count in read.dropped:
        say(f"left out {count} row(s): {problem}")
    for note in read.notes:
        say(f"note: {note}")
    say(f"stored {info.rows:,} bars of {info.symbol} {info.timeframe}, {_span(info)}")
    say(
        f"next: quantloom backtest run sma-cross --symbol {info.symbol} "
        f"--timeframe {info.timeframe}"
    )


@app.command("list", epilog="Example: [bold]quantloom data list --json[/bold]")
def list_all(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List your datasets and the packaged demonstration set."""
    catalog = open_catalog(catalog_folder(data_dir))
    found, damaged = catalog.list(), catalog.damaged()
    for error in damaged:
        warn(f"note: {error}")
    if as_json:
        datasets = [_plain(info) for info in found]
        print_json({"datasets": datasets, "damaged": [str(error) for error in damaged]})
        return
    rows = [
        (
            info.symbol,
            info.timeframe,
            f"{info.rows:,}",
            _span(info),
            info.instrument.kind,
            # The rest of it is in `data show`.
            info.source.partition(",")[0],
        )
        for info in found
    ]
    headings = ("Symbol", "Timeframe", "Bars", "Span", "Kind", "Source")
    print_table("Datasets", headings, rows, right="llrlll")


@app.command(epilog="Example: [bold]quantloom data show SPY.ARCA --timeframe 1d[/bold]")
def show(
    symbol: Annotated[str, typer.Argument(help="In any usual spelling.")],
    *,
    timeframe: Annotated[str | None, typer.Option(help="Needed if there are several.")] = None,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="Last bars to show.")] = 10,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show a dataset: instrument, source, span and its last bars."""
    catalog = open_catalog(catalog_folder(data_dir))
    found, note = look_up(catalog, symbol)
    if note:
        warn(f"note: {note}")
    info = catalog.info(found, timeframe)
    bars = catalog.read(found, info.timeframe)[-rows:]
    columns = {name: getattr(bars, name).tolist() for name in FIELDS}
    times = [f"{moment:%Y-%m-%d %H:%M}" for moment in map(from_ns, bars.ts.tolist())]
    if as_json:
        print_json(_plain(info) | {"bars": {"time": times} | columns})
        return
    instrument = info.instrument
    say(
        f"{info.symbol} {info.timeframe}: {info.rows:,} bars, {_span(info)}\n"
        f"{instrument.kind} in {instrument.currency}, tick {instrument.tick_size}, "
        f"lot {instrument.lot}, multiplier {instrument.multiplier}, "
        f"calendar {instrument.calendar} ({instrument.source})\n"
        f"source: {info.source} {info.licence}\n"
    )
    cells = zip(times, *columns.values(), strict=True)
    print_table(f"Last {len(bars)} bars (UTC)", ("Time", *FIELDS), cells, right="lrrrrr")


def _plain(info: DatasetInfo) -> dict[str, object]:
    return {
        "symbol": info.symbol,
        "timeframe": str(info.timeframe),
        "rows": info.rows,
        "start": info.start,
        "end": info.end,
        "bytes": info.bytes,
        "source": info.source,
        "licence": info.licence,
        "digest": info.digest,
        "instrument": info.instrument,
    }


def _span(info: DatasetInfo) -> str:
    return f"{info.start:%Y-%m-%d} .. {info.end:%Y-%m-%d}"
