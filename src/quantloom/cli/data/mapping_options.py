"""Options that say what a file's columns mean, where that should not be worked out."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

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
Dates = Annotated[
    str | None,
    typer.Option(
        help="Of dates such as 03/04/2024: day-first or month-first.", rich_help_panel=_PANEL
    ),
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


@dataclass(frozen=True, slots=True)
class _Told:
    """The options, as typer reads them: their names, types and order."""

    symbol: Symbol = None
    timeframe: Length = None
    kind: KindOf = None
    label: Label = None
    zone: Zone = None
    day: Day = None
    dates: Dates = None
    volume_lot: VolumeLot = None
    turnover_scale: TurnoverScale = None
    price_scale: PriceScale = None
    adjustment: Adjustment = None
    column: ColumnOf = None
    mapping: MappingFile = None


def takes_hints(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option that says what columns mean, as hints in its argument `said`."""
    given = inspect.signature(command, eval_str=True)
    options = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)
        for one, hint in zip(
            fields(_Told), get_type_hints(_Told, include_extras=True).values(), strict=True
        )
    ]
    own = [one for one in given.parameters.values() if one.name != "said"]
    places = [one for one in own if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    listed = [*places, *options, *own[len(places) :]]

    @wraps(command)
    def read(*args: Any, **told: Any) -> None:
        said = _hints(_Told(**{one.name: told.pop(one.name) for one in options}))
        command(*args, said=said, **told)

    # What typer looks at.
    read.__signature__ = given.replace(parameters=listed)  # type: ignore[attr-defined]
    read.__annotations__ = {one.name: one.annotation for one in listed}
    return read


def _hints(told: _Told) -> Hints:
    """Put the flags over the mapping file.

    Raises:
        BadColumn: a column that is not NAME=ROLE.
        BadMapping: a value that cannot be.
        UnknownSymbol: a symbol in no spelling that is known.
    """
    flags = Hints(
        symbol=resolve(told.symbol).symbol if told.symbol else None,
        timeframe=told.timeframe,
        kind=told.kind,
        label=told.label,
        zone=told.zone,
        day=told.day,
        dates=told.dates,
        volume_lot=told.volume_lot,
        turnover_scale=told.turnover_scale,
        price_scale=told.price_scale,
        adjustment=told.adjustment,
        columns=dict(map(_column, told.column or [])),
    )
    # Written and read again, so that a flag is checked as the entry of a file is.
    checked = Hints.from_toml(flags.to_toml(), "the command line")
    return checked.over(read_mapping(told.mapping)) if told.mapping else checked


def _column(text: str) -> tuple[str, str]:
    name, sign, role = text.rpartition("=")
    if not sign or not name:
        raise BadColumn(text)
    return name.strip(), role.strip()
