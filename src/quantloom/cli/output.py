"""What commands print: rich tables for people, one JSON object for programs."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

# What is read by a file or a pager is not cut to the terminal's usual 80 columns.
_PIPE_WIDTH = 160

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Your catalog. [default: ~/.local/share/quantloom]",
        envvar="QUANTLOOM_DATA_DIR",
        show_default=False,
        file_okay=False,
    ),
]
Language = Annotated[str, typer.Option("--lang", help="Language of the report: en or zh.")]


def print_json(value: object) -> None:
    """Print a value as JSON; exact decimals become numbers with every digit they have."""
    encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
    text = msgspec.json.format(encoder.encode(value), indent=2).decode()
    print(text)  # noqa: T201  what was asked for


def print_table(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: str = ""
) -> None:
    """Print a table.

    Args:
        right: one letter a column; `r` aligns it right, anything else left.
    """
    from rich.console import Console  # noqa: PLC0415  not needed for --json
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for place, heading in enumerate(headings):
        is_right = right[place : place + 1] == "r"
        table.add_column(heading, justify="right" if is_right else "left", no_wrap=is_right)
    for row in rows:
        # As text: in a string, rich takes what stands in brackets, such as an extra, for markup.
        table.add_row(*(Text(str(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)


def say(text: str) -> None:
    """Print a line for people."""
    typer.echo(text)


def warn(text: str) -> None:
    """Print a line beside the result, to standard error."""
    typer.echo(text, err=True)


def catalog_folder(data_dir: Path | None) -> Path:
    """Where the user's own data lives."""
    return data_dir or Path.home() / ".local" / "share" / "quantloom"
