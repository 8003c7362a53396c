"""`quantloom data export`: bars as a file for other programs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from quantloom.cli.data.app import app
from quantloom.cli.output import AsJson, print_json, say, warn
from quantloom.cli.places import DataDir, open_own
from quantloom.data import look_up


@app.command(
    epilog="Example: [bold]quantloom data export SPY.ARCA spy.csv --timeframe 1h "
    "--zone America/New_York[/bold]"
)
def export(
    symbol: Annotated[str, typer.Argument(help="In any usual spelling.")],
    output: Annotated[
        Path, typer.Argument(help="A .csv, .parquet, .feather, .json or .xlsx file.")
    ],
    *,
    timeframe: Annotated[str | None, typer.Option(help="Needed if there are several.")] = None,
    columns: Annotated[
        str, typer.Option(help="Such as close,volume. \\[default: all]", show_default=False)
    ] = "",
    zone: Annotated[
        str | None, typer.Option(help="Zone of the times. \\[default: UTC]", show_default=False)
    ] = None,
    label: Annotated[str, typer.Option(help="Which end of a bar its time is: open, close.")] = (
        "open"
    ),
    start: Annotated[datetime | None, typer.Option(help="First time, UTC.")] = None,
    end: Annotated[datetime | None, typer.Option(help="Time to stop before, UTC.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write the bars of SYMBOL to a file."""
    # Loaded late, with the rest of what only extracts need.
    from quantloom.data.extracts import bars_table, write_rows  # noqa: PLC0415

    _demand(label in {"open", "close"}, "--label", "write open or close")
    _demand(force or not output.exists(), "OUTPUT", f"{output} is there; --force replaces it")
    catalog = open_own(data_dir)
    found, note = look_up(catalog, symbol)
    if note:
        warn(f"note: {note}")
    bars = catalog.read(found, timeframe, start=_utc(start), end=_utc(end))
    names = tuple(name.strip() for name in columns.split(",") if name.strip())
    table = bars_table(bars, columns=names, zone=_zone(zone), label=label)
    rows = write_rows(output, table.schema, table.to_batches())
    if as_json:
        told = {"symbol": found, "timeframe": str(bars.timeframe), "rows": rows}
        print_json(told | {"columns": table.schema.names, "output": str(output)})
        return
    say(f"wrote {rows:,} bars of {found} {bars.timeframe} to {output}")


def _demand(is_met: object, option: str, what: str) -> None:
    if not is_met:
        raise typer.BadParameter(what, param_hint=option)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        what = f"{name} is no time zone; write one such as Asia/Shanghai"
        raise typer.BadParameter(what, param_hint="--zone") from None
