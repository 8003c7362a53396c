"""What commands print: rich tables for people, one JSON object for programs."""

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

if TYPE_CHECKING:
    from rich.table import Table

# What is read by a file or a pager is not cut to the terminal's usual 80 columns.
_PIPE_WIDTH = 160
_NAME = 20
_ROOMY = 10_000

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Language = Annotated[str, typer.Option("--lang", help="Language of the report: en or zh.")]


def print_json(value: object) -> None:
    """Print a value as JSON; exact decimals become numbers with every digit they have."""
    encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
    text = msgspec.json.format(encoder.encode(value), indent=2).decode()
    print(text)  # noqa: T201  what was asked for


@contextmanager
def user_code(*, as_json: bool) -> Iterator[None]:
    """Send what a strategy prints to standard error where standard output is one JSON object."""
    with redirect_stdout(sys.stderr if as_json else sys.stdout):
        yield


def print_table(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: str = "",
    spare: Sequence[str] = (),
) -> None:
    """Print a table.

    Args:
        right: one letter a column; `r` aligns it right, anything else left.
        spare: headings of columns that a narrow terminal goes without, the first one first.
    """
    from rich.console import Console  # noqa: PLC0415  not needed for --json
    from rich.measure import Measurement  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    listed = [[str(cell) for cell in row] for row in rows]
    left_out: set[str] = set()
    table = _table(title, headings, listed, right=right, left_out=left_out)
    # Asked within the terminal's width, rich never admits to needing more.
    roomy = console.options.update(max_width=_ROOMY)
    for heading in spare:
        if Measurement.get(console, roomy, table).minimum <= console.width:
            break
        left_out.add(heading)
        table = _table(title, headings, listed, right=right, left_out=left_out)
    console.print(table)


def _table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: str,
    left_out: Collection[str],
) -> "Table":
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    # Four columns of a terminal that is too narrow are better spent on a name.
    table.show_edge = table.pad_edge = not left_out
    kept = [place for place, heading in enumerate(headings) if heading not in left_out]
    for place in kept:
        if right[place : place + 1] == "r":
            table.add_column(headings[place], justify="right", no_wrap=True)
            continue
        # Names stand first and are there to be copied: a narrow terminal cuts the others.
        longest = 0 if place else max((len(row[0]) for row in rows), default=0)
        table.add_column(headings[place], min_width=min(longest, _NAME), overflow="fold")
    for row in rows:
        # As text: in a string, rich takes what stands in brackets, such as an extra, for markup.
        table.add_row(*(Text(row[place]) for place in kept))
    return table


def say(text: str) -> None:
    """Print a line for people."""
    typer.echo(text)


def warn(text: str) -> None:
    """Print a line beside the result, to standard error."""
    typer.echo(text, err=True)
