"""`quantloom data compare`: whether two sources say the same of one instrument."""

from itertools import product
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.checking import WORSE
from quantloom.cli.data.named import Source, read_sources
from quantloom.cli.output import AsJson, print_json, print_table, say
from quantloom.cli.places import DataDir, open_own
from quantloom.data import Catalogs
from quantloom.data.quality import TOLERANCE, Agreement, compare_sources
from quantloom.market import Bars, BarsDoNotJoin

_EXAMPLE = (
    "Example: [bold]quantloom data compare 600000.SSE from-a-friend.csv --timeframe 1d[/bold]"
)


@app.command("compare", epilog=_EXAMPLE)
def compare_data(
    first: Annotated[str, typer.Argument(help="A symbol of the catalog, or a file.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    *,
    symbol: Annotated[str | None, typer.Option(help="What files hold.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Only bars of this length.")] = None,
    tolerance: Annotated[
        float, typer.Option(min=0.0, help="Relative difference that counts as none.")
    ] = TOLERANCE,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 8 unless the two agree.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare two sources of one instrument: bars, values, units, adjustment, a shift of time."""
    catalog = open_own(data_dir)
    one, other = (
        _read(catalog, given, symbol=symbol, timeframe=timeframe) for given in (first, second)
    )
    found = compare_sources(*_pair(one, other), tolerance=tolerance)
    if as_json:
        print_json(found.plain())
    else:
        _print(found)
    if strict and not found.agrees:
        raise typer.Exit(WORSE)


def _read(
    catalog: Catalogs, given: str, *, symbol: str | None, timeframe: str | None
) -> list[Bars]:
    found = read_sources(catalog, [given], symbol=symbol, timeframe=timeframe)
    return [one.bars for one in found if isinstance(one, Source)]


def _pair(one: list[Bars], other: list[Bars]) -> tuple[Bars, Bars]:
    """The first bars of a length and a symbol that both have; one symbol alone may be any."""
    if len(one) == len(other) == 1:
        return one[0], other[0]
    are_alone = all(len({bars.symbol for bars in some}) == 1 for some in (one, other))
    for mine, its in product(one, other):
        if mine.timeframe == its.timeframe and (are_alone or mine.symbol == its.symbol):
            return mine, its
    told = (", ".join(f"{bars.symbol} {bars.timeframe}" for bars in some) for some in (one, other))
    raise BarsDoNotJoin(" has nothing in common with ".join(text or "nothing" for text in told))


def _print(found: Agreement) -> None:
    first, second = found.symbols
    say(
        f"{first} and {second}, {found.timeframe}: {found.common:,} bars in common, "
        f"{found.start:%Y-%m-%d} .. {found.end:%Y-%m-%d}\n"
    )
    rows = [
        (
            one.name,
            f"{one.compared:,}",
            f"{one.differing:,}",
            f"{one.largest:.4g}",
            "" if one.worst is None or not one.differing else f"{one.worst:%Y-%m-%d %H:%M}",
            f"{one.ratio:.6g}",
        )
        for one in found.fields
    ]
    headings = ("Column", "Compared", "Differing", "Largest", "When", "Second / first")
    print_table("Where both have bars", headings, rows, right="lrrrlr", spare=("When",))
    for text in found.says():
        say(text)
    if found.agrees:
        say("the two agree")
