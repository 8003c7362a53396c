"""Options that say what a file's columns mean, where that should not be worked out."""

from pathlib import Path
from typing import Annotated

import typer

from quantloom.data import Hints, read_mapping
from quantloom.errors import Invalid
from quantloom.market import resolve

_PANEL = "What the file means"

Symbol = Annotated[
    str | None,
    typer.Option(
        help="What it holds; of several instruments the one that is wanted.",
        rich_help_panel=_PANEL,
    ),
]
Length = Annotated[
    str | None, typer.Option("--timeframe", help="Such as 1m, 1h or 1d.", rich_help_panel=_PANEL)
]
KindOf = Annotated[
    str | None,
    typer.Option("--kind", help="bars, ticks, trades, quotes or book.", rich_help_panel=_PANEL),
]
Label = Annotated[
    str | None,
    typer.Option(
        help="The end of a bar that its time names: open or close.", rich_help_panel=_PANEL
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(help="Zone of its times, such as Asia/Shanghai.", rich_help_panel=_PANEL),
]
Day = Annotated[
    str | None,
    typer.Option(help="The day of times that have no date.", rich_help_panel=_PANEL),
]
VolumeLot = Annotated[
    float | None,
    typer.Option(help="Shares in one unit of volume, 100 for lots.", rich_help_panel=_PANEL),
]
TurnoverScale = Annotated[
    float | None,
    typer.Option(help="Money in one unit of turnover, 1000 for thousands.", rich_help_panel=_PANEL),
]
PriceScale = Annotated[
    float | None,
    typer.Option(help="What prices are divided by, 10000 for LEAN's.", rich_help_panel=_PANEL),
]
Adjustment = Annotated[
    str | None,
    typer.Option(help="none, forward or backward: how prices were moved.", rich_help_panel=_PANEL),
]
ColumnOf = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="NAME=ROLE, or #0=ROLE by place; repeatable.",
        rich_help_panel=_PANEL,
    ),
]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="A mapping file with any of these.", rich_help_panel=_PANEL),
]


class BadColumn(Invalid):
    """A `--column` that is not NAME=ROLE."""

    code = "cli.bad_column"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"--column {self.text!r} is not NAME=ROLE; write --column Last=close or #3=ignored"


def read_hints(
    *,
    symbol: str | None,
    timeframe: str | None,
    kind: str | None,
    label: str | None,
    zone: str | None,
    day: str | None,
    volume_lot: float | None,
    turnover_scale: float | None,
    price_scale: float | None,
    adjustment: str | None,
    column: list[str] | None,
    mapping: Path | None,
) -> Hints:
    """Put the flags over the mapping file.

    Raises:
        BadColumn: a column that is not NAME=ROLE.
        BadMapping: a value that cannot be.
        UnknownSymbol: a symbol in no spelling that is known.
    """
    flags = Hints(
        symbol=resolve(symbol).symbol if symbol else None,
        timeframe=timeframe,
        kind=kind,
        label=label,
        zone=zone,
        day=day,
        volume_lot=volume_lot,
        turnover_scale=turnover_scale,
        price_scale=price_scale,
        adjustment=adjustment,
        columns=dict(map(_column, column or [])),
    )
    # Written and read again, so that a flag is checked as the entry of a file is.
    checked = Hints.from_toml(flags.to_toml(), "the command line")
    return checked.over(read_mapping(mapping)) if mapping else checked


def _column(text: str) -> tuple[str, str]:
    name, sign, role = text.rpartition("=")
    if not sign or not name:
        raise BadColumn(text)
    return name.strip(), role.strip()
