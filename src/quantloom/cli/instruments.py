"""Options that say what an instrument is, where its data does not."""

import re
from dataclasses import replace
from typing import Annotated, Any

import typer

from quantloom.errors import Invalid
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


class BadCurrency(Invalid):
    """A `--currency` that is spelled as none is."""

    code = "cli.bad_currency"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"--currency {self.text!r} is no currency; write the code of one, such as CNY or USD, "
            "or of a coin, such as USDT: three to five capital letters and digits"
        )


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
        BadCurrency: a currency that is spelled as none is.
    """
    if calendar is not None:
        get_calendar(calendar)
    if currency is not None and not re.fullmatch(r"[A-Z0-9]{3,5}", currency):
        raise BadCurrency(currency)
    numbers = {"tick_size": tick, "lot": lot, "multiplier": multiplier}
    changes: dict[str, Any] = {
        name: exact(text) for name, text in numbers.items() if text is not None
    }
    others = {"currency": currency, "calendar": calendar, "can_short": can_short}
    changes |= {name: value for name, value in others.items() if value is not None}
    return replace(instrument, **changes, source="command line") if changes else instrument
