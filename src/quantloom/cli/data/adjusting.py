"""`quantloom data adjust`: keep adjustment factors with real bars, and read bars adjusted."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.output import AsJson, print_json, print_table, say, warn
from quantloom.cli.places import DataDir, open_own
from quantloom.data import Catalogs, DatasetInfo, look_up, read_actions, read_factors
from quantloom.kit import from_ns
from quantloom.market import (
    Anchor,
    Bars,
    Calendar,
    Factors,
    adjust_by,
    factors_in,
    get_calendar,
    with_factors,
)
from quantloom.market.bars import FIELDS


@app.command(
    epilog=(
        "Examples: [bold]quantloom data adjust 600519.SSE --actions dividends.csv[/bold]; "
        "[bold]quantloom data adjust 600519.SSE --anchor latest --as-of 2020-06-30[/bold]. The "
        "stored prices stay real; [bold]--anchor first[/bold] (backward) shows the oldest real "
        "and never changes as data grow, [bold]latest[/bold] (forward) the newest."
    ),
)
def adjust(
    symbol: Annotated[str, typer.Argument(help="In any usual spelling.")],
    *,
    timeframe: Annotated[str | None, typer.Option(help="Needed if there are several.")] = None,
    actions: Annotated[
        Path | None,
        typer.Option(help="CSV of corporate actions, of which factors are made and kept."),
    ] = None,
    factors: Annotated[
        Path | None,
        typer.Option(help="CSV of day,factor, or a factor file of LEAN, to be kept instead."),
    ] = None,
    anchor: Annotated[Anchor, typer.Option(help="Which end shows real prices.")] = Anchor.FIRST,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last trading day that is known. \\[default: all]"),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="Last bars to show.")] = 10,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, store nothing.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Keep adjustment factors with a dataset, and show its bars adjusted by them.

    Without --actions and --factors those that the bars carry are used, as a provider gave them.
    """
    catalog = open_own(data_dir)
    found, note = look_up(catalog, symbol)
    if note:
        warn(f"note: {note}")
    info = catalog.info(found, timeframe)
    bars, calendar = catalog.read(found, info.timeframe), get_calendar(info.instrument.calendar)
    given = _given(bars, calendar, actions=actions, factors=factors)
    used = given or factors_in(bars, calendar)
    if given is not None and not dry_run:
        _store(catalog, info, with_factors(bars, given, calendar))
    known = None if as_of is None else as_of.date()
    shown = adjust_by(bars, used, calendar, anchor=anchor, as_of=known)[-rows:]
    if as_json:
        print_json(_plain(info, used.until(known), shown, anchor))
        return
    if given is not None:
        done = "would keep" if dry_run else "kept"
        say(f"{done} {len(given)} factor(s) with the {info.timeframe} bars of {found}")
    _show(info, used.until(known), shown, anchor)


def _given(
    bars: Bars, calendar: Calendar, *, actions: Path | None, factors: Path | None
) -> Factors | None:
    """Factors of a file; None where none is given."""
    if actions is not None and factors is not None:
        raise typer.BadParameter("give --actions or --factors, not both")
    if factors is not None:
        return read_factors(factors, bars.symbol)
    if actions is None:
        return None
    listed = [one for one in read_actions(actions) if one.symbol == bars.symbol]
    return Factors.of_actions(bars, listed, calendar)


def _store(catalog: Catalogs, info: DatasetInfo, bars: Bars) -> None:
    catalog.write(
        bars,
        info.instrument,
        source=info.source,
        licence=info.licence,
        dropped_rows=info.dropped_rows,
        origin=info.origin,
        quality=info.quality,
    )


def _plain(info: DatasetInfo, factors: Factors, bars: Bars, anchor: Anchor) -> dict[str, object]:
    return {
        "symbol": info.symbol,
        "timeframe": str(info.timeframe),
        "anchor": str(anchor),
        "factors": [
            {"day": str(day), "factor": factor}
            for day, factor in zip(factors.day.tolist(), factors.factor.tolist(), strict=True)
        ],
        "bars": {"time": _times(bars)} | {name: getattr(bars, name).tolist() for name in FIELDS},
    }


def _show(info: DatasetInfo, factors: Factors, bars: Bars, anchor: Anchor) -> None:
    days: list[date] = factors.day.tolist()
    steps = [(day, f"{value:.8g}") for day, value in zip(days, factors.factor, strict=True)]
    print_table("Factors by their first day", ("Day", "Factor"), steps[-len(bars) :], right="lr")
    cells = zip(_times(bars), *(getattr(bars, name).tolist() for name in FIELDS), strict=True)
    rows = [(time, *(f"{value:.8g}" for value in values)) for time, *values in cells]
    which = "oldest" if anchor is Anchor.FIRST else "newest"
    title = f"{info.symbol} {info.timeframe}, the {which} prices real (UTC)"
    print_table(title, ("Time", *FIELDS), rows, right="lrrrrr")


def _times(bars: Bars) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in map(from_ns, bars.ts.tolist())]
