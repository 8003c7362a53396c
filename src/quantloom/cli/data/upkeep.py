"""`quantloom data delete|compact`: keep the catalog in order."""

from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.described import plain, plain_ticks, span
from quantloom.cli.output import AsJson, print_json, say
from quantloom.cli.places import DataDir, own_catalog
from quantloom.data import Catalog, Compacted, CompactedTicks, CorruptDataset, SchemaTooNew


@app.command(epilog="Example: [bold]quantloom data delete rb2410.SHFE --timeframe 5m[/bold]")
def delete(
    symbol: Annotated[str, typer.Argument(help="As `data list` spells it.")],
    *,
    timeframe: Annotated[str | None, typer.Option(help="Of these bars. \\[default: all]")] = None,
    ticks: Annotated[
        str | None, typer.Option(help="A stream of ticks: trades, quotes or mixed.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Delete bars, or a stream of ticks, from your catalog for good."""
    catalog = own_catalog(data_dir)
    if ticks is not None:
        _confirm(f"Delete the {ticks} of {symbol}?", yes=yes)
        catalog.delete_ticks(symbol, ticks)
        deleted = [ticks]
    else:
        wanted = [timeframe] if timeframe else [str(one) for one in catalog.timeframes(symbol)]
        if not wanted:
            catalog.info(symbol)  # raises, and says what comes close
        for one in wanted:
            _confirm(_question(catalog, symbol, one), yes=yes)
        for one in wanted:
            catalog.delete(symbol, one)
        deleted = wanted
    if as_json:
        print_json({"symbol": symbol, "deleted": deleted})
        return
    say(f"deleted {', '.join(deleted)} of {symbol}")


@app.command(epilog="Example: [bold]quantloom data compact --match rb[/bold]")
def compact(
    symbol: Annotated[str | None, typer.Argument(help="As `data list` spells it.")] = None,
    *,
    timeframe: Annotated[str | None, typer.Option(help="Bars of this timeframe only.")] = None,
    ticks: Annotated[
        str | None, typer.Option(help="This stream of ticks only: trades, quotes or mixed.")
    ] = None,
    match: Annotated[str, typer.Option(help="Every symbol with this in it.")] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Join the small files that adding leaves, of bars and ticks; renew files of old formats."""
    catalog = own_catalog(data_dir)
    bars = [] if ticks else _compact_bars(catalog, symbol, timeframe, match)
    streams = [] if timeframe else _compact_ticks(catalog, symbol, ticks, match)
    done: list[Compacted | CompactedTicks] = [*bars, *streams]
    if symbol is not None and not done:
        # Raises, and says what comes close.
        catalog.compact_ticks(symbol, ticks) if ticks else catalog.info(symbol, timeframe)
    if as_json:
        told = {"datasets": [*map(_plain, bars)], "ticks": [*map(_plain_ticks, streams)]}
        print_json(told)
        return
    before = sum(one.pieces_before for one in done), sum(one.bytes_before for one in done)
    after = sum(one.info.pieces for one in done), sum(one.info.bytes for one in done)
    say(
        f"compacted {len(done)} dataset(s): {before[0]} file(s) of {before[1]:,} bytes became "
        f"{after[0]} of {after[1]:,}"
    )


def _compact_bars(
    catalog: Catalog, symbol: str | None, timeframe: str | None, match: str
) -> list[Compacted]:
    return [
        catalog.compact(one.symbol, one.timeframe)
        for one in catalog.there(symbol or match, timeframe)
        if symbol in (None, one.symbol)
    ]


def _compact_ticks(
    catalog: Catalog, symbol: str | None, stream: str | None, match: str
) -> list[CompactedTicks]:
    return [
        catalog.compact_ticks(one.symbol, one.stream)
        for one in catalog.list_ticks(symbol or match)
        if symbol in (None, one.symbol) and stream in (None, one.stream)
    ]


def _question(catalog: Catalog, symbol: str, timeframe: str) -> str:
    try:
        info = catalog.info(symbol, timeframe)
    except (CorruptDataset, SchemaTooNew) as problem:
        return f"{problem}\nDelete it?"
    return f"Delete {info.rows:,} bars of {symbol} {timeframe}, {span(info)}?"


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True)


def _plain(done: Compacted) -> dict[str, object]:
    told = {"pieces_before": done.pieces_before, "bytes_before": done.bytes_before}
    return plain(done.info) | told


def _plain_ticks(done: CompactedTicks) -> dict[str, object]:
    told = {"pieces_before": done.pieces_before, "bytes_before": done.bytes_before}
    return plain_ticks(done.info) | told
