"""`quantloom data import`: read a file into the catalog."""

from pathlib import Path
from typing import Annotated, cast

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.described import plain, span
from quantloom.cli.instruments import (
    Calendar,
    CanShort,
    Currency,
    LotSize,
    Multiplier,
    TickSize,
    adjust_instrument,
)
from quantloom.cli.output import AsJson, DataDir, catalog_folder, print_json, say
from quantloom.data import OnBad, open_catalog, read_bars
from quantloom.market import assume_instrument, resolve


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
        print_json(plain(info) | {"notes": read.notes, "dropped": dict(read.dropped)})
        return
    for problem, count in read.dropped:
        say(f"left out {count} row(s): {problem}")
    for note in read.notes:
        say(f"note: {note}")
    say(f"stored {info.rows:,} bars of {info.symbol} {info.timeframe}, {span(info)}")
    say(
        f"next: quantloom backtest run sma-cross --symbol {info.symbol} "
        f"--timeframe {info.timeframe}"
    )
