"""`quantloom data map`: what a file's columns mean, without reading all of it."""

from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.mapping_options import (
    Adjustment,
    ColumnOf,
    Day,
    KindOf,
    Label,
    Length,
    MappingFile,
    PriceScale,
    Symbol,
    TurnoverScale,
    VolumeLot,
    Zone,
    read_hints,
)
from quantloom.cli.data.preview import show_brief, show_mapping
from quantloom.cli.data.remembered import map_as_before
from quantloom.cli.output import AsJson, print_json, say
from quantloom.cli.places import DataDir, notes_folder

_SHOWN = 5


@app.command("map", epilog="Example: [bold]quantloom data map bars.csv --save vendor.toml[/bold]")
def map_one(
    file: Annotated[Path, typer.Argument(help="A file of bars or ticks.")],
    *,
    symbol: Symbol = None,
    timeframe: Length = None,
    kind: KindOf = None,
    label: Label = None,
    zone: Zone = None,
    day: Day = None,
    volume_lot: VolumeLot = None,
    turnover_scale: TurnoverScale = None,
    price_scale: PriceScale = None,
    adjustment: Adjustment = None,
    column: ColumnOf = None,
    mapping: MappingFile = None,
    save: Annotated[
        Path | None, typer.Option(help="Write it to a mapping file, to be changed and given.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what the columns of FILE mean, how sure that is, and how its rows would be stored."""
    said = read_hints(
        symbol=symbol,
        timeframe=timeframe,
        kind=kind,
        label=label,
        zone=zone,
        day=day,
        volume_lot=volume_lot,
        turnover_scale=turnover_scale,
        price_scale=price_scale,
        adjustment=adjustment,
        column=column,
        mapping=mapping,
    )
    parts, _, before = map_as_before(notes_folder(data_dir), file, said)
    if save is not None:
        save.write_text(parts[0].mapping.to_toml(), encoding="utf-8")
    if as_json:
        tables = [
            {"member": part.table.form.member, "mapping": part.mapping.to_json()} for part in parts
        ]
        print_json({"file": str(file), "tables": tables})
        return
    show_mapping(parts[0])
    for part in parts[1:_SHOWN]:
        show_brief(part)
    if len(parts) > _SHOWN:
        say(f"and {len(parts) - _SHOWN} more tables")
    if before:
        say(f"note: {before}")
    for question in parts[0].mapping.questions:
        say(f"to be said: {question.text} By {question.flag}")
    if save is not None:
        say(f"written to {save}; give it by --mapping {save}")
