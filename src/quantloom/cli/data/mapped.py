"""`quantloom data map`: what a file's columns mean, without reading all of it."""

from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.mapping_options import takes_hints
from quantloom.cli.data.preview import show_parts, told_parts
from quantloom.cli.data.remembered import map_as_before
from quantloom.cli.output import AsJson, print_json, say
from quantloom.cli.places import DataDir, notes_folder
from quantloom.data import Hints


@app.command("map", epilog="Example: [bold]quantloom data map bars.csv --save vendor.toml[/bold]")
@takes_hints
def map_one(
    file: Annotated[Path, typer.Argument(help="A file of bars or ticks.")],
    *,
    said: Hints,
    save: Annotated[
        Path | None, typer.Option(help="Write it to a mapping file, to be changed and given.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what the columns of FILE mean, how sure that is, and how its rows would be stored."""
    parts, _, before = map_as_before(notes_folder(data_dir), file, said)
    if save is not None:
        save.write_text(parts[0].mapping.to_toml(), encoding="utf-8")
    if as_json:
        print_json({"file": str(file), "tables": told_parts(parts)})
        return
    show_parts(parts)
    if before:
        say(f"note: {before}")
    for question in parts[0].mapping.questions:
        say(f"to be said: {question.text} By {question.flag}")
    if save is not None:
        say(f"written to {save}; give it by --mapping {save}")
