"""`quantloom data resample`: bigger bars from smaller ones, or bars from ticks."""

from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.described import plain, span
from quantloom.cli.output import AsJson, print_json, say, warn
from quantloom.cli.places import DataDir, open_own
from quantloom.data import Catalogs, Origin, look_up
from quantloom.data.quality import check
from quantloom.errors import Conflict
from quantloom.market import (
    FILLED,
    Bars,
    Instrument,
    Timeframe,
    bars_of_ticks,
    fill_missing,
    get_calendar,
    resample,
)


class DatasetExists(Conflict):
    """Bars made of others where there are bars of that timeframe already."""

    code = "data.dataset_exists"

    def __init__(self, symbol: str, timeframe: str) -> None:
        super().__init__(symbol, timeframe)
        self.symbol, self.timeframe = symbol, timeframe

    def __str__(self) -> str:
        return (
            f"the catalog holds {self.timeframe} bars of {self.symbol} already; --replace puts "
            "these in their place"
        )


@app.command(
    "resample",
    epilog=(
        "Examples: [bold]quantloom data resample SPY.ARCA --timeframe 1d --to 1w[/bold]; "
        "[bold]quantloom data resample rb2410.SHFE --ticks --to 1000V --dry-run[/bold]. Bars of "
        "ticks may be of time (1m), trades (500T), volume (1000V), money (5000000A) or range (20R)."
    ),
)
def resample_bars(
    symbol: Annotated[str, typer.Argument(help="In any usual spelling.")],
    *,
    to: Annotated[str, typer.Option(help="Timeframe of the bars to make, such as 15m or 1d.")],
    timeframe: Annotated[
        str | None, typer.Option(help="Of the bars they are made of; needed if there are several.")
    ] = None,
    ticks: Annotated[
        bool, typer.Option("--ticks", help="Make them of the ticks in the catalog instead.")
    ] = False,
    fill: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Put flat bars into holes of at most so many, 0 for any. \\[default: leave holes]",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where there are such bars already.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Make them, store nothing.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make bars by the sessions and trading days of the instrument's calendar, and store them."""
    catalog, wanted = open_own(data_dir), Timeframe.parse(to)
    found, note = look_up(catalog, symbol)
    if note:
        warn(f"note: {note}")
    if not (replace or dry_run) and wanted in catalog.timeframes(found):
        raise DatasetExists(found, str(wanted))
    bars, instrument, made_of = _made(catalog, found, wanted, timeframe=timeframe, ticks=ticks)
    if fill is not None:
        bars = fill_missing(bars, get_calendar(instrument.calendar), most=fill or None)
    filled = int(bars.extras[FILLED].sum()) if FILLED in bars.extras else 0
    told = {"made_of": made_of, "rows": len(bars), "filled": filled}
    if dry_run:
        if as_json:
            print_json(told | {"symbol": found, "timeframe": str(wanted), "stored": False})
        else:
            say(f"would store {len(bars):,} bars of {found} {wanted} made of {made_of}")
        return
    info = catalog.write(
        bars,
        instrument,
        source=made_of,
        origin=Origin(changes=(f"made of {made_of}", *_fillings(filled))),
        quality=check(bars, instrument=instrument).short(),
    )
    if as_json:
        print_json(plain(info) | told | {"stored": True})
        return
    say(f"stored {info.rows:,} bars of {found} {wanted} made of {made_of}, {span(info)}")
    if filled:
        say(f"{filled:,} of them were made up where there was none")


def _made(
    catalog: Catalogs, symbol: str, wanted: Timeframe, *, timeframe: str | None, ticks: bool
) -> tuple[Bars, Instrument, str]:
    """The bars, what they are of, and what they were made of in words."""
    if ticks:
        held = catalog.read_ticks(symbol)
        instrument = catalog.list_ticks(symbol)[0].instrument
        calendar = get_calendar(instrument.calendar)
        return bars_of_ticks(held, wanted, instrument, calendar), instrument, "ticks"
    info = catalog.info(symbol, timeframe)
    calendar = get_calendar(info.instrument.calendar)
    small = catalog.read(symbol, info.timeframe)
    return resample(small, wanted, calendar), info.instrument, f"{info.timeframe} bars"


def _fillings(count: int) -> tuple[str, ...]:
    return (f"{count} bars made up where there was none",) if count else ()
