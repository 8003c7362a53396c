"""`quantloom data list|show`: what the catalog holds."""

from collections.abc import Sequence
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.described import plain, plain_ticks, span
from quantloom.cli.output import AsJson, print_json, print_table, say, warn
from quantloom.cli.places import DataDir, open_own
from quantloom.data import TicksInfo, look_up
from quantloom.kit import from_ns
from quantloom.market.bars import FIELDS


@app.command("list", epilog="Example: [bold]quantloom data list 'rb*' --timeframe 5m[/bold]")
def list_all(
    match: Annotated[
        str, typer.Argument(help="Symbols with this in them; * and ? stand for anything.")
    ] = "",
    *,
    timeframe: Annotated[str | None, typer.Option(help="Of this timeframe only.")] = None,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Datasets on a page. \\[default: all]")
    ] = None,
    ticks: Annotated[bool, typer.Option("--ticks", help="List ticks instead of bars.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List your datasets and the packaged demonstration set."""
    catalog = open_own(data_dir)
    if ticks:
        _list_ticks(catalog.list_ticks(match), as_json=as_json)
        return
    offset = 0 if limit is None else (page - 1) * limit
    total = len(catalog.there(match, timeframe))
    found, damaged = catalog.survey(match, timeframe=timeframe, offset=offset, limit=limit)
    for error in damaged:
        warn(f"note: {error}")
    if as_json:
        datasets = [plain(info) for info in found]
        errors = [str(error) for error in damaged]
        print_json({"datasets": datasets, "damaged": errors, "total": total})
        return
    rows = [
        (
            info.symbol,
            info.timeframe,
            f"{info.rows:,}",
            span(info),
            info.instrument.kind,
            info.grade or "",
            # The rest of it is in `data show`.
            info.source.partition(",")[0],
        )
        for info in found
    ]
    if not rows:
        say(f"no bars match {match!r}; `quantloom data list` shows all")
        return
    headings = ("Symbol", "Timeframe", "Bars", "Span", "Kind", "Grade", "Source")
    print_table("Datasets", headings, rows, right="llrllll")
    if limit is not None and total > offset + limit:
        say(f"{offset + 1} to {offset + len(found)} of {total}; --page {page + 1} shows more")


def _list_ticks(found: Sequence[TicksInfo], *, as_json: bool) -> None:
    if as_json:
        print_json({"ticks": [plain_ticks(info) for info in found], "total": len(found)})
        return
    rows = [
        (
            info.symbol,
            info.stream,
            f"{info.rows:,}",
            info.levels,
            f"{info.start:%Y-%m-%d} .. {info.end:%Y-%m-%d}",
            info.source.partition(",")[0],
        )
        for info in found
    ]
    headings = ("Symbol", "Stream", "Ticks", "Levels", "Span", "Source")
    print_table("Ticks", headings, rows, right="llrrll")


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
    catalog = open_own(data_dir)
    found, note = look_up(catalog, symbol)
    if note:
        warn(f"note: {note}")
    info = catalog.info(found, timeframe)
    bars = catalog.read(found, info.timeframe)[-rows:]
    columns = {name: getattr(bars, name).tolist() for name in FIELDS}
    times = [f"{moment:%Y-%m-%d %H:%M}" for moment in map(from_ns, bars.ts.tolist())]
    if as_json:
        print_json(plain(info) | {"bars": {"time": times} | columns})
        return
    instrument = info.instrument
    say(
        f"{info.symbol} {info.timeframe}: {info.rows:,} bars, {span(info)}\n"
        f"{instrument.kind} in {instrument.currency}, tick {instrument.tick_size}, "
        f"lot {instrument.lot}, multiplier {instrument.multiplier}, "
        f"calendar {instrument.calendar} ({instrument.source})\n"
        f"source: {info.source} {info.licence}\n"
    )
    cells = zip(times, *columns.values(), strict=True)
    print_table(f"Last {len(bars)} bars (UTC)", ("Time", *FIELDS), cells, right="lrrrrr")
