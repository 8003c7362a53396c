"""`quantloom indicator`: what the catalog of indicators holds."""

from itertools import groupby
from typing import Annotated

import typer

from quantloom.cli.output import AsJson, print_json, print_table, say
from quantloom.indicators import (
    IndicatorDefinition,
    get_indicator,
    list_aliases,
    list_indicators,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="See the catalog of indicators.")

# Three screens of candles would bury the rest, so they are listed when asked for.
_ON_REQUEST = "pattern"


@app.callback()
def indicator() -> None:
    """See the catalog of indicators."""


@app.command("list", epilog="Example: [bold]quantloom indicator list --group momentum[/bold]")
def list_all(
    *,
    group: Annotated[str | None, typer.Option(help="One group, such as volume or pattern.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the indicators by group, with their parameters and outputs."""
    definitions = [item for item in list_indicators() if group in {None, item.group}]
    if not definitions:
        raise typer.BadParameter(f"there is no group {group!r}; there are {', '.join(_groups())}")
    if as_json:
        print_json({"indicators": [_plain(definition) for definition in definitions]})
        return
    for name, members in groupby(definitions, key=lambda item: item.group):
        _print_group(name, list(members), is_asked_for=name == group)


@app.command(epilog="Example: [bold]quantloom indicator show MACD[/bold]")
def show(
    name: Annotated[str, typer.Argument(help="Its name, such as RSI, or another one, as BOLL.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what an indicator reads and gives, and its parameters with their bounds."""
    definition = get_indicator(name)
    if as_json:
        print_json(_plain(definition))
        return
    aliases = _aliases(definition)
    known_as = f" Also called {', '.join(aliases)}." if aliases else ""
    say(f"{definition.name}: {definition.description}{known_as}")
    say(f"reads {', '.join(definition.inputs)}; gives {', '.join(definition.outputs)}")
    say(f"warm-up {definition.bind().warm_up} bars by default; source: {definition.source}\n")
    if not definition.parameters:
        say("no parameters")
        return
    rows = [
        (item.name, item.kind.__name__, item.default, item.low, item.high)
        for item in definition.parameters
    ]
    print_table("Parameters", ("Name", "Type", "Default", "Least", "Greatest"), rows, right="llrrr")


def _print_group(name: str, members: list[IndicatorDefinition], *, is_asked_for: bool) -> None:
    if name == _ON_REQUEST and not is_asked_for:
        say(f"{len(members)} candle patterns: quantloom indicator list --group {name}")
        return
    rows = [
        (item.name, _parameters(item), ", ".join(item.outputs), item.description)
        for item in members
    ]
    print_table(f"{name} ({len(rows)})", ("Name", "Parameters", "Outputs", "What it is"), rows)


def _groups() -> list[str]:
    return list(dict.fromkeys(item.group for item in list_indicators()))


def _aliases(definition: IndicatorDefinition) -> list[str]:
    return [alias for alias, name in list_aliases().items() if name == definition.name]


def _plain(definition: IndicatorDefinition) -> dict[str, object]:
    return {
        "name": definition.name,
        "aliases": _aliases(definition),
        "group": definition.group,
        "inputs": definition.inputs,
        "outputs": definition.outputs,
        "description": definition.description,
        "source": definition.source,
        "warm_up": definition.bind().warm_up,
        "parameters": [
            {"name": item.name, "default": item.default, "low": item.low, "high": item.high}
            for item in definition.parameters
        ],
    }


def _parameters(definition: IndicatorDefinition) -> str:
    return ", ".join(f"{item.name}={item.default}" for item in definition.parameters)
