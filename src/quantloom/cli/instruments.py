"""Options that say what an instrument is, where its data does not."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from quantloom.market import Instrument, exact, get_calendar

_PANEL = "Instrument"

TickSize = Annotated[
    str | None, typer.Option("--tick", help="Distance between two prices.", rich_help_panel=_PANEL)
]
LotSize = Annotated[
    str | None,
    typer.Option("--lot", help="Distance between two quantities.", rich_help_panel=_PANEL),
]
Multiplier = Annotated[
    str | None,
    typer.Option(
        "--multiplier", help="Money one unit is worth at a price of 1.", rich_help_panel=_PANEL
    ),
]
Currency = Annotated[
    str | None, typer.Option("--currency", help="Such as CNY, USD or USDT.", rich_help_panel=_PANEL)
]
Calendar = Annotated[
    str | None,
    typer.Option(
        "--calendar",
        help="24x7, us_stock, cn_stock, cn_futures, cffex or a product's, such as SHFE.rb.",
        rich_help_panel=_PANEL,
    ),
]
CanShort = Annotated[
    bool | None,
    typer.Option(
        "--can-short/--no-short", help="Whether it can be sold short.", rich_help_panel=_PANEL
    ),
]


def adjust_instrument(
    instrument: Instrument,
    *,
    tick: str | None,
    lot: str | None,
    multiplier: str | None,
    currency: str | None,
    calendar: str | None,
    can_short: bool | None,
) -> Instrument:
    """Replace what was given on the command line; the rest stays as it was known or assumed.

    Raises:
        NotFinite: a number that is none.
        UnknownCalendar: no calendar has this name.
    """
    if calendar is not None:
        get_calendar(calendar)
    numbers = {"tick_size": tick, "lot": lot, "multiplier": multiplier}
    changes: dict[str, Any] = {
        name: exact(text) for name, text in numbers.items() if text is not None
    }
    others = {"currency": currency, "calendar": calendar, "can_short": can_short}
    changes |= {name: value for name, value in others.items() if value is not None}
    return replace(instrument, **changes, source="command line") if changes else instrument
