"""`quantloom data sql`: questions about everything the catalog holds."""

from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.output import AsJson, print_json, print_table, say, warn
from quantloom.cli.places import DataDir, open_own

_COMMA = ","


@app.command(
    epilog=(
        'Example: [bold]quantloom data sql "select symbol, max(close) from bars '
        "where timeframe = '1d' group by symbol\"[/bold]"
    )
)
def sql(
    query: Annotated[
        str, typer.Argument(help="One SELECT over the views bars, ticks and datasets.")
    ],
    *,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many rows.")] = 100,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated lines.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Write every row to a .csv, .parquet, .feather, .json or .xlsx."
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask the catalog by SQL (DuckDB's). It is only read; files and network are out of reach."""
    # DuckDB takes a while to load, and no other command needs it.
    from quantloom.data.extracts import answering, ask, plain_rows, write_rows  # noqa: PLC0415

    catalog = open_own(data_dir)
    if output is not None:
        with answering(catalog, query) as relation:
            reader = relation.to_arrow_reader()
            written = write_rows(output, reader.schema, reader)
        say(f"wrote {written:,} row(s) to {output}")
        return
    found = ask(catalog, query, limit=limit + 1)
    is_cut = found.num_rows > limit
    rows = [row for batch in found.slice(0, limit).to_batches() for row in plain_rows(batch)]
    names = found.schema.names
    if as_json:
        print_json({"columns": names, "rows": rows, "more": is_cut})
        return
    if as_csv:
        for line in ([*names], *([*row.values()] for row in rows)):
            say(_COMMA.join(map(_csv_cell, line)))
    else:
        cells = [["" if value is None else value for value in row.values()] for row in rows]
        right = "".join("r" if _is_number(found.schema.field(name).type) else "l" for name in names)
        print_table(f"{len(rows)} row(s)", names, cells, right=right)
    if is_cut:
        warn(f"note: only the first {limit} rows; --limit shows more, --output writes them all")


def _csv_cell(value: object) -> str:
    text = "" if value is None else str(value)
    is_plain = not set(text) & set(',"\n\r')
    return text if is_plain else '"' + text.replace('"', '""') + '"'


def _is_number(kind: object) -> bool:
    return any(word in str(kind) for word in ("int", "double", "float", "decimal"))
